// Multi-Region keys: what one region does when a coordinator brings news from another.
//
// Source  AWS KMS Developer Guide, "Multi-Region keys in AWS KMS"; AWS KMS API Reference,
//         "ReplicateKey", "UpdatePrimaryRegion".
#include <algorithm>
#include <utility>

#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/policy.h"
#include "kms/validation.h"

namespace faultline::kms {
namespace {

constexpr std::size_t kDescriptionMax = 8192;

bool contains(const std::vector<std::string>& regions, std::string_view region) {
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

void activate(Key& key) {
  for (BackingKey& backing : key.backing_keys) backing.pending = false;
}

tl::unexpected<Error> not_primary(const Key& key) {
  return fail(code::kUnsupported, key.arn + " is not a multi-region primary key.");
}

}  // namespace

std::vector<Kms::Primary> Kms::primaries() const {
  std::vector<Primary> found;
  for (const auto& [key_id, key] : std::as_const(*store_).keys()) {
    if (!key.is_multi_region() || key.is_replica_in(place_.region)) continue;
    if (key.replica_regions.empty()) continue;
    found.push_back({key_id, key.replica_regions, key.has_pending_material()});
  }
  return found;
}

Result<v1::StoredKey> Kms::shared_part(std::string_view key_id) const {
  FL_TRY(const KeyReference reference, parse_key_reference(place_, key_id, AcceptAliases::No));
  const auto& keys = std::as_const(*store_).keys();
  const auto found = keys.find(reference.name);
  if (found == keys.end()) {
    return fail(code::kNotFound, "Key '" + place_.key_arn(reference.name) + "' does not exist");
  }
  if (!found->second.is_multi_region()) return not_primary(found->second);
  return to_shared(found->second);
}

Result<v1::StoredKey> Kms::begin_replication(std::string_view key_id,
                                             std::string_view replica_region) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::ReplicateKey));
  if (!key->is_multi_region() || key->is_replica_in(place_.region)) return not_primary(*key);
  if (replica_region == place_.region || contains(key->replica_regions, replica_region)) {
    return key_exists({place_.account, std::string(replica_region)}, key->key_id);
  }
  key->replica_regions.emplace_back(replica_region);
  store_->touch(*key);
  return to_shared(*key);
}

Result<KeyMetadata> Kms::create_replica(const CreateReplica& request) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("description", characters(request.description), 0, kDescriptionMax));
  FL_TRY_VOID(check_tags(request.tags, {}));
  const v1::StoredKey& shared = *request.shared;
  Key key;
  key.key_id = shared.key_id();
  key.arn = place_.key_arn(key.key_id);
  FL_TRY(key.policy, policy_of(request.policy, request.keeper, key.arn));
  if (store_->find(key.key_id) != nullptr) return key_exists(place_, key.key_id);
  key.description = request.description;
  key.state = v1::Creating;
  key.created_unix_ns = environment_->now_unix_ns();
  key.tags = request.tags;
  key.state_until_unix_ns = request.until_unix_ns;
  FL_TRY_VOID(merge_shared(key, shared));
  return describe(store_->add(std::move(key)));
}

Result<void> Kms::finish_creating(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  if (key->state != v1::Creating) return {};
  key->state = v1::Enabled;
  key->state_until_unix_ns = 0;
  store_->touch(*key);
  return {};
}

// In a region that is already updating, the same again is no error and anything else waits.
Result<void> Kms::begin_update_primary(std::string_view key_id, std::string_view new_primary_region,
                                       std::int64_t until_unix_ns) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::UpdatePrimaryRegion));
  if (!key->is_multi_region()) return not_primary(*key);
  const bool is_target = new_primary_region == place_.region;
  if (is_target != key->is_replica_in(place_.region)) return not_primary(*key);
  if (!is_target && !contains(key->replica_regions, new_primary_region)) {
    const Place there{place_.account, std::string(new_primary_region)};
    return fail(code::kNotFound, "Key '" + there.key_arn(key->key_id) + "' does not exist");
  }
  key->state = v1::Updating;
  key->state_until_unix_ns = until_unix_ns;
  store_->touch(*key);
  return {};
}

Result<void> Kms::finish_update_primary(std::string_view key_id,
                                        std::string_view new_primary_region) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  if (!key->is_multi_region()) return not_primary(*key);
  // The old primary takes the place of the new one among the replicas.
  std::replace(key->replica_regions.begin(), key->replica_regions.end(),
               std::string(new_primary_region), key->primary_region);
  key->primary_region = new_primary_region;
  if (key->state == v1::Updating) key->state = v1::Enabled;
  key->state_until_unix_ns = 0;
  store_->touch(*key);
  return {};
}

Result<void> Kms::cancel_update_primary(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  if (key->state != v1::Updating) return {};
  key->state = v1::Enabled;
  key->state_until_unix_ns = 0;
  store_->touch(*key);
  return {};
}

Result<void> Kms::apply_shared(const v1::StoredKey& shared) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup(shared.key_id(), AcceptAliases::No));
  if (!key->is_multi_region()) return not_primary(*key);
  FL_TRY_VOID(merge_shared(*key, shared));
  store_->touch(*key);
  return {};
}

Result<void> Kms::activate_material(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  if (!key->has_pending_material()) return {};
  activate(*key);
  store_->touch(*key);
  return {};
}

Result<void> Kms::replica_deleted(std::string_view key_id, std::string_view region) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  if (std::erase(key->replica_regions, std::string(region)) == 0) return {};
  if (key->replica_regions.empty()) {
    activate(*key);  // there is nobody left to wait for
    if (key->state == v1::PendingReplicaDeletion) {
      key->state = v1::PendingDeletion;
      key->deletion_unix_ns = days_after(environment_->now_unix_ns(), key->pending_window_days);
      key->pending_window_days = 0;
    }
  }
  store_->touch(*key);
  return {};
}

}  // namespace faultline::kms
