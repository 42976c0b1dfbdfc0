#include "kms/key.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"

namespace faultline::kms {
namespace {

v1::GrantConstraints to_stored(const GrantConstraints& constraints) {
  v1::GrantConstraints stored;
  for (const auto& [key, value] : constraints.equals) {
    (*stored.mutable_encryption_context_equals())[key] = value;
  }
  for (const auto& [key, value] : constraints.subset) {
    (*stored.mutable_encryption_context_subset())[key] = value;
  }
  if (!constraints.source_arn.empty()) stored.set_source_arn(constraints.source_arn);
  return stored;
}

GrantConstraints from_stored(const v1::GrantConstraints& stored) {
  GrantConstraints constraints;
  for (const auto& [key, value] : stored.encryption_context_equals()) {
    constraints.equals.emplace(key, value);
  }
  for (const auto& [key, value] : stored.encryption_context_subset()) {
    constraints.subset.emplace(key, value);
  }
  constraints.source_arn = stored.source_arn();
  return constraints;
}

void store_grant(const Grant& grant, v1::StoredGrant& stored) {
  stored.set_grant_id(grant.grant_id);
  stored.set_name(grant.name);
  stored.set_grantee_principal(grant.grantee_principal);
  stored.set_retiring_principal(grant.retiring_principal);
  stored.set_issuing_account(grant.issuing_account);
  stored.set_issuing_principal(grant.issuing_principal);
  stored.mutable_operations()->Add(grant.operations.begin(), grant.operations.end());
  *stored.mutable_constraints() = to_stored(grant.constraints);
  stored.set_created_unix_ns(grant.created_unix_ns);
  stored.set_effective_unix_ns(grant.effective_unix_ns);
  stored.set_ended_unix_ns(grant.ended_unix_ns);
  stored.mutable_tokens()->Add(grant.tokens.begin(), grant.tokens.end());
}

Grant read_grant(const v1::StoredGrant& stored) {
  return Grant{
      .grant_id = stored.grant_id(),
      .name = stored.name(),
      .grantee_principal = stored.grantee_principal(),
      .retiring_principal = stored.retiring_principal(),
      .issuing_account = stored.issuing_account(),
      .issuing_principal = stored.issuing_principal(),
      .operations = {stored.operations().begin(), stored.operations().end()},
      .constraints = from_stored(stored.constraints()),
      .created_unix_ns = stored.created_unix_ns(),
      .effective_unix_ns = stored.effective_unix_ns(),
      .ended_unix_ns = stored.ended_unix_ns(),
      .tokens = {stored.tokens().begin(),     stored.tokens().end()    }
  };
}

void store_backing_key(const BackingKey& backing, v1::BackingKey& stored) {
  stored.set_material_id(backing.material_id);
  stored.set_material(std::string(backing.material.chars()));
  stored.set_created_unix_ns(backing.created_unix_ns);
  stored.set_rotation_type(backing.rotation_type);
  stored.set_pending(backing.pending);
}

Result<BackingKey> read_backing_key(const v1::BackingKey& stored, std::string_view key_id) {
  if (stored.material_id().size() != kMaterialIdBytes || stored.material().size() != kKeyBytes) {
    return bad_snapshot("a backing key of the wrong length", key_id);
  }
  BackingKey backing;
  backing.material_id = stored.material_id();
  backing.material = SecretBytes::copy_of(stored.material());
  backing.created_unix_ns = stored.created_unix_ns();
  backing.rotation_type = stored.rotation_type();
  backing.pending = stored.pending();
  return backing;
}

bool is_state_of_a_key(v1::KeyState state) {
  // Not Deleted, which is no state to be kept, nor Unavailable, which only a fault makes of a key.
  return state == v1::Enabled || state == v1::Disabled || state == v1::PendingDeletion ||
         state == v1::PendingReplicaDeletion || state == v1::Creating || state == v1::Updating;
}

Result<void> check_consistency(const Key& key) {
  const bool has_key_that_encrypts =
      std::any_of(key.backing_keys.begin(), key.backing_keys.end(),
                  [](const BackingKey& each) { return !each.pending; });
  if (!has_key_that_encrypts) return bad_snapshot("a key without material", key.key_id);
  if ((key.state == v1::PendingDeletion) != (key.deletion_unix_ns != 0)) {
    return bad_snapshot("state and deletion date disagree", key.key_id);
  }
  if ((key.state == v1::PendingReplicaDeletion) != (key.pending_window_days != 0)) {
    return bad_snapshot("state and pending window disagree", key.key_id);
  }
  if (key.is_multi_region() != key.key_id.starts_with("mrk-")) {
    return bad_snapshot("id and regions disagree", key.key_id);
  }
  return {};
}

// What related keys share besides material and names.
void store_settings(const Key& key, v1::StoredKey& stored) {
  stored.set_rotation_enabled(key.rotation_enabled);
  stored.set_rotation_period_days(key.rotation_period_days);
  stored.set_next_rotation_unix_ns(key.next_rotation_unix_ns);
  stored.set_on_demand_rotations(key.on_demand_rotations);
  stored.set_multi_region(key.is_multi_region());
  stored.set_primary_region(key.primary_region);
  stored.mutable_replica_regions()->Add(key.replica_regions.begin(), key.replica_regions.end());
}

void read_settings(const v1::StoredKey& stored, Key& key) {
  key.rotation_enabled = stored.rotation_enabled();
  key.rotation_period_days = stored.rotation_period_days();
  key.next_rotation_unix_ns = stored.next_rotation_unix_ns();
  key.on_demand_rotations = stored.on_demand_rotations();
  key.primary_region = stored.multi_region() ? stored.primary_region() : std::string();
  key.replica_regions = {stored.replica_regions().begin(), stored.replica_regions().end()};
}

}  // namespace

BackingKey& Key::current() {
  const auto last = std::find_if(backing_keys.rbegin(), backing_keys.rend(),
                                 [](const BackingKey& each) { return !each.pending; });
  FL_CHECK(last != backing_keys.rend()) << "no material to encrypt with: " << key_id;
  return *last;
}

const BackingKey& Key::current() const { return const_cast<Key*>(this)->current(); }

BackingKey* Key::find_backing_key(std::string_view material_id) {
  const auto found =
      std::find_if(backing_keys.begin(), backing_keys.end(),
                   [&](const BackingKey& each) { return each.material_id == material_id; });
  return found == backing_keys.end() ? nullptr : &*found;
}

// AWS KMS Developer Guide, "Rotate AWS KMS keys": not while the key is disabled or pending deletion.
std::int64_t Key::rotation_due_unix_ns(std::string_view region) const {
  if (state != v1::Enabled || has_pending_material() || is_replica_in(region)) return kNever;
  if (aws_managed) return days_after(current().created_unix_ns, kManagedPeriodDays);
  return rotation_enabled ? next_rotation_unix_ns : kNever;
}

std::int64_t days_after(std::int64_t unix_ns, int days) {
  const std::int64_t span = days * kDayNs;
  return unix_ns > kNever - span ? kNever : unix_ns + span;
}

v1::StoredKey to_stored(const Key& key) {
  v1::StoredKey stored;
  stored.set_key_id(key.key_id);
  stored.set_arn(key.arn);
  stored.set_description(key.description);
  stored.set_state(key.state);
  stored.set_created_unix_ns(key.created_unix_ns);
  stored.set_deletion_unix_ns(key.deletion_unix_ns);
  stored.set_aws_managed(key.aws_managed);
  for (const BackingKey& backing : key.backing_keys) {
    store_backing_key(backing, *stored.add_backing_keys());
  }
  *stored.mutable_policy() = key.policy;
  for (const Tag& tag : key.tags) {
    v1::KmsTag& stored_tag = *stored.add_tags();
    stored_tag.set_tag_key(tag.key);
    stored_tag.set_tag_value(tag.value);
  }
  for (const auto& [id, grant] : key.grants.grants()) store_grant(grant, *stored.add_grants());
  store_settings(key, stored);
  stored.set_pending_window_days(key.pending_window_days);
  stored.set_state_until_unix_ns(key.state_until_unix_ns);
  return stored;
}

Result<Key> from_stored(const Place& place, const v1::StoredKey& stored) {
  Key key;
  key.key_id = stored.key_id();
  key.arn = stored.arn();
  key.description = stored.description();
  key.state = stored.state();
  key.created_unix_ns = stored.created_unix_ns();
  key.deletion_unix_ns = stored.deletion_unix_ns();
  key.aws_managed = stored.aws_managed();
  key.policy = stored.policy();
  for (const v1::KmsTag& tag : stored.tags()) key.tags.push_back({tag.tag_key(), tag.tag_value()});
  read_settings(stored, key);
  key.pending_window_days = stored.pending_window_days();
  key.state_until_unix_ns = stored.state_until_unix_ns();
  if (!is_key_id(key.key_id)) return bad_snapshot("not a key id", key.key_id);
  if (key.arn != place.key_arn(key.key_id)) return bad_snapshot("a key of elsewhere", key.arn);
  if (!is_state_of_a_key(key.state)) return bad_snapshot("a key in no state", key.key_id);
  for (const v1::BackingKey& stored_backing : stored.backing_keys()) {
    FL_TRY(BackingKey backing, read_backing_key(stored_backing, key.key_id));
    key.backing_keys.push_back(std::move(backing));
  }
  for (const v1::StoredGrant& grant : stored.grants()) {
    if (key.grants.find(grant.grant_id()) != nullptr) {
      return bad_snapshot("a grant twice", grant.grant_id());
    }
    key.grants.add(read_grant(grant));
  }
  FL_TRY_VOID(check_consistency(key));
  return key;
}

tl::unexpected<Error> bad_snapshot(std::string_view what, std::string_view name) {
  return fail(code::kInternal, "The stored state of this KMS is damaged: " + std::string(what) +
                                   " (" + std::string(name) + ").");
}

v1::StoredKey to_shared(const Key& key) {
  v1::StoredKey shared;
  shared.set_key_id(key.key_id);
  for (const BackingKey& backing : key.backing_keys) {
    store_backing_key(backing, *shared.add_backing_keys());
  }
  store_settings(key, shared);
  return shared;
}

// The history of a key only grows at its end, so that what is new here is newer than all that is
// known.
Result<void> merge_shared(Key& key, const v1::StoredKey& shared) {
  if (!shared.multi_region() || shared.primary_region().empty()) {
    return bad_snapshot("not of several regions", shared.key_id());
  }
  for (const v1::BackingKey& stored : shared.backing_keys()) {
    if (BackingKey* known = key.find_backing_key(stored.material_id())) {
      known->pending = known->pending && stored.pending();
      continue;
    }
    FL_TRY(BackingKey backing, read_backing_key(stored, key.key_id));
    key.backing_keys.push_back(std::move(backing));
  }
  read_settings(shared, key);
  return check_consistency(key);
}

}  // namespace faultline::kms
