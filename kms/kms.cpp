// Keys and aliases; what is done with them is in kms_cryptography.cpp.
#include "kms/kms.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kms/fault_overlays.h"
#include "kms/key_policy.h"
#include "kms/key_store.h"
#include "kms/validation.h"
#include "proto/check.h"
#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "RotateKeyOnDemand".
constexpr std::size_t kRotationsMax = 25;
// AWS KMS Developer Guide, "Resource quotas".
constexpr std::size_t kAliasesOfKeyMax = 50;
constexpr std::int64_t kDayNs = std::int64_t{24} * 3600 * 1'000'000'000;
// The description of the real key, as the console and DescribeKey show it.
constexpr std::string_view kManagedDescription =
    "Default key that protects my Secrets Manager data when no other key is defined";

tl::unexpected<Error> no_such_key(const Place& place, std::string_view key_id) {
  return fail(code::kNotFound, "Key '" + place.key_arn(key_id) + "' does not exist");
}

tl::unexpected<Error> no_such_alias(const Place& place, std::string_view alias) {
  return fail(code::kNotFound, "Alias " + place.alias_arn(alias) + " is not found.");
}

}  // namespace

Kms::Kms(std::string account, std::string region, Environment& environment, WrapSuite suite)
    : place_{std::move(account), std::move(region)},
      environment_(&environment),
      suite_(suite),
      store_(std::make_unique<KeyStore>()) {}

Kms::~Kms() = default;
Kms::Kms(Kms&&) noexcept = default;
Kms& Kms::operator=(Kms&&) noexcept = default;

// ---- what every call does first -----------------------------------------------------------------

Result<void> Kms::begin_call() {
  if (const Error* failure = overlays_ ? overlays_->failure() : nullptr) {
    return tl::make_unexpected(*failure);
  }
  store_->remove_due(environment_->now_unix_ns());
  return {};
}

v1::KeyState Kms::state_of(const Key& key) const {
  return overlays_ ? overlays_->state_of(key) : key.state;
}

// Null also for a key that a fault has deleted.
Key* Kms::find(std::string_view key_id) {
  Key* key = store_->find(key_id);
  return key != nullptr && state_of(*key) != v1::Deleted ? key : nullptr;
}

// AWS KMS Developer Guide, "Key identifiers (KeyId)"; the texts are those that AWS sends.
Result<Key*> Kms::lookup(std::string_view text, AcceptAliases aliases) {
  FL_TRY(const KeyReference reference, parse_key_reference(place_, text, aliases));
  if (reference.kind == KeyReference::Kind::KeyId) {
    Key* key = find(reference.name);
    if (key == nullptr || (overlays_ && overlays_->hides(*key)))
      return no_such_key(place_, reference.name);
    return key;
  }
  const Alias* alias = store_->find_alias(reference.name);
  if (alias == nullptr && reference.name == kManagedAlias) {
    make_managed_key();
    alias = store_->find_alias(reference.name);
  }
  Key* key = alias == nullptr ? nullptr : find(alias->key_id);
  if (key == nullptr || (overlays_ && overlays_->hides(*key)))
    return no_such_alias(place_, reference.name);
  return key;
}

// The managed key's own policy is what keeps it from being changed, even by the account's root.
Result<Key*> Kms::lookup_to_change(std::string_view text, std::string_view action) {
  FL_TRY(Key * key, lookup(text, AcceptAliases::No));
  if (key->aws_managed) FL_TRY_VOID(may(Caller{}, *key, action));
  return key;
}

Result<Key*> Kms::lookup_to_use(const Caller& caller, std::string_view text,
                                std::string_view action) {
  FL_TRY(Key * key, lookup(text, AcceptAliases::Yes));
  FL_TRY_VOID(may_use(caller, *key, action));
  FL_TRY_VOID(require_enabled(*key));
  return key;
}

Result<void> Kms::may_use(const Caller& caller, const Key& key, std::string_view action) const {
  FL_TRY_VOID(may(caller, key, action));
  if (!overlays_ || !overlays_->revokes(key)) return {};
  return fail(code::kAccessDenied, "User: " + caller.principal_arn +
                                       " is not authorized to perform: " + std::string(action) +
                                       " on resource: " + key.arn);
}

// IAM User Guide, "Troubleshoot access denied error messages".
Result<void> Kms::may(const Caller& caller, const Key& key, std::string_view action) const {
  const std::string root = caller.principal_arn.empty() ? place_.root_arn() : std::string();
  const std::string& principal = caller.principal_arn.empty() ? root : caller.principal_arn;
  const AccessRequest request{principal, action, place_.account, caller.via_service};
  Decision decision = decide(key.policy, request);
  if (overlays_ && overlays_->denies(key, request)) decision = Decision::ExplicitDeny;
  if (decision == Decision::Allow) return {};
  std::string text = "User: " + principal + " is not authorized to perform: ";
  text.append(action).append(" on resource: ").append(key.arn);
  if (decision == Decision::ExplicitDeny) {
    text += " with an explicit deny in a resource-based policy";
  } else {
    text.append(" because no resource-based policy allows the ").append(action).append(" action");
  }
  return fail(code::kAccessDenied, std::move(text));
}

// AWS KMS Developer Guide, "Key states of AWS KMS keys", here and below.
Result<void> Kms::require_enabled(const Key& key) const {
  if (state_of(key) == v1::Disabled) return fail(code::kDisabled, key.arn + " is disabled.");
  return require_not_pending(key);
}

Result<void> Kms::require_not_pending(const Key& key) const {
  if (state_of(key) != v1::PendingDeletion) return {};
  return fail(code::kInvalidState, key.arn + " is pending deletion.");
}

// ---- making keys --------------------------------------------------------------------------------

Key& Kms::make_key(std::string_view luck, std::string_view description, v1::Policy policy,
                   bool aws_managed) {
  std::array<std::byte, 16> random{};
  environment_->fill_random("key-id/" + std::string(luck), random);
  Key key;
  key.key_id = format_uuid(random);
  key.arn = place_.key_arn(key.key_id);
  key.description = description;
  key.created_unix_ns = environment_->now_unix_ns();
  key.aws_managed = aws_managed;
  key.policy = std::move(policy);
  add_backing_key(key);
  FL_CHECK(store_->find(key.key_id) == nullptr)
      << "the environment gave the same luck twice: key-id/" << luck;
  return store_->add(std::move(key));
}

void Kms::make_managed_key() {
  const Key& key =
      make_key(kManagedAlias, kManagedDescription,
               managed_key_policy(place_.account, place_.region, place_.root_arn()), true);
  point_alias(kManagedAlias, key);
}

void Kms::add_backing_key(Key& key) {
  BackingKey backing;
  backing.material = SecretBytes(kKeyBytes);
  environment_->fill_random(
      "key-material/" + key.key_id + "/" + std::to_string(key.backing_keys.size() + 1),
      backing.material.bytes());
  backing.material_id = material_id_of(backing.material, key.key_id);
  backing.created_unix_ns = environment_->now_unix_ns();
  key.backing_keys.push_back(std::move(backing));
}

Result<KeyMetadata> Kms::create_key(const CreateKey& request) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("description", request.description.size(), 0, 8192));
  if (request.policy != nullptr) FL_TRY_VOID(check_policy(*request.policy));
  if (!request.alias.empty()) {
    FL_TRY_VOID(check_alias_name(request.alias));
    if (store_->find_alias(request.alias) != nullptr) {
      return alias_exists(place_, request.alias);
    }
  }
  const std::string ordinal = std::to_string(store_->keys_made() + 1);
  const std::string& luck = !request.alias.empty()         ? request.alias
                            : !request.description.empty() ? request.description
                                                           : ordinal;
  const Key& key = make_key(
      luck, request.description,
      request.policy != nullptr ? *request.policy : default_key_policy(place_.root_arn()), false);
  if (!request.alias.empty()) point_alias(request.alias, key);
  return describe(key);
}

// ---- reading keys -------------------------------------------------------------------------------

KeyMetadata Kms::describe(const Key& key) const {
  return KeyMetadata{.key_id = key.key_id,
                     .arn = key.arn,
                     .description = key.description,
                     .state = state_of(key),
                     .created_unix_ns = key.created_unix_ns,
                     .deletion_unix_ns = key.deletion_unix_ns,
                     .aws_managed = key.aws_managed,
                     .current_key_material_id = to_hex(key.backing_keys.back().material_id)};
}

Result<KeyMetadata> Kms::describe_key(std::string_view key_or_alias) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_or_alias, AcceptAliases::Yes));
  return describe(*key);
}

Result<std::vector<KeyMetadata>> Kms::list_keys() {
  FL_TRY_VOID(begin_call());
  std::vector<KeyMetadata> keys;
  for (const auto& [key_id, key] : store_->keys()) {
    if (state_of(key) != v1::Deleted) keys.push_back(describe(key));
  }
  return keys;
}

Result<std::string> Kms::resolve(std::string_view key_or_alias) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_or_alias, AcceptAliases::Yes));
  return key->arn;
}

Result<void> Kms::authorize(const Caller& caller, std::string_view key_or_alias,
                            std::string_view action) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_or_alias, AcceptAliases::Yes));
  return may(caller, *key, action);
}

// ---- changing keys ------------------------------------------------------------------------------

Result<void> Kms::enable_key(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, "kms:EnableKey"));
  FL_TRY_VOID(require_not_pending(*key));
  key->state = v1::Enabled;
  return {};
}

Result<void> Kms::disable_key(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, "kms:DisableKey"));
  FL_TRY_VOID(require_not_pending(*key));
  key->state = v1::Disabled;
  return {};
}

Result<KeyMetadata> Kms::schedule_key_deletion(std::string_view key_id, int days) {
  FL_TRY_VOID(begin_call());
  // AWS KMS API Reference, "ScheduleKeyDeletion": 7 to 30 days.
  FL_TRY_VOID(check_value("pendingWindowInDays", days, 7, 30));
  FL_TRY(Key * key, lookup_to_change(key_id, "kms:ScheduleKeyDeletion"));
  FL_TRY_VOID(require_not_pending(*key));
  key->state = v1::PendingDeletion;
  store_->set_deletion(*key, environment_->now_unix_ns() + days * kDayNs);
  return describe(*key);
}

Result<KeyMetadata> Kms::cancel_key_deletion(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, "kms:CancelKeyDeletion"));
  if (state_of(*key) != v1::PendingDeletion) {
    return fail(code::kInvalidState, key->arn + " is not pending deletion.");
  }
  key->state = v1::Disabled;
  store_->set_deletion(*key, 0);
  return describe(*key);
}

Result<KeyMetadata> Kms::rotate_key_on_demand(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, "kms:RotateKeyOnDemand"));
  FL_TRY_VOID(require_enabled(*key));
  if (key->backing_keys.size() > kRotationsMax) {
    return fail(code::kLimitExceeded,
                "The on-demand rotations limit has been reached for the given keyId. No more "
                "on-demand rotations can be performed for this key: " +
                    key->arn);
  }
  add_backing_key(*key);
  return describe(*key);
}

Result<void> Kms::put_key_policy(std::string_view key_id, const v1::Policy& policy) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_policy(policy));
  FL_TRY(Key * key, lookup_to_change(key_id, "kms:PutKeyPolicy"));
  key->policy = policy;
  return {};
}

Result<v1::Policy> Kms::get_key_policy(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_id, AcceptAliases::No));
  return key->policy;
}

// ---- aliases ------------------------------------------------------------------------------------

void Kms::point_alias(std::string_view alias, const Key& key) {
  store_->set_alias(alias, key.key_id, environment_->now_unix_ns());
  if (overlays_) overlays_->bind(place_, *store_);
}

Result<void> Kms::create_alias(std::string_view alias, std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_alias_name(alias));
  FL_TRY(const Key* key, lookup_to_change(key_id, "kms:CreateAlias"));
  // Also when a fault hides the key that it points to: the fault's end must find it in place.
  if (store_->find_alias(alias) != nullptr) return alias_exists(place_, alias);
  FL_TRY_VOID(require_not_pending(*key));
  FL_TRY_VOID(check_room_for_alias(*key));
  point_alias(alias, *key);
  return {};
}

Result<void> Kms::update_alias(std::string_view alias, std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_alias_name(alias));
  FL_TRY(const Key* key, lookup_to_change(key_id, "kms:UpdateAlias"));
  const Alias* old = store_->find_alias(alias);
  if (old == nullptr || find(old->key_id) == nullptr) return no_such_alias(place_, alias);
  FL_TRY_VOID(require_not_pending(*key));
  if (old->key_id != key->key_id) FL_TRY_VOID(check_room_for_alias(*key));
  point_alias(alias, *key);
  return {};
}

Result<void> Kms::delete_alias(std::string_view alias) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_alias_name(alias));
  const Alias* old = store_->find_alias(alias);
  if (old == nullptr || find(old->key_id) == nullptr) return no_such_alias(place_, alias);
  store_->remove_alias(alias);
  return {};
}

Result<void> Kms::check_room_for_alias(const Key& key) const {
  if (store_->count_aliases_of(key.key_id) < kAliasesOfKeyMax) return {};
  // The text is ours; AWS documents the code only.
  return fail(code::kLimitExceeded, key.arn + " has 50 aliases; no more can be added.");
}

Result<std::vector<AliasEntry>> Kms::list_aliases(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  const Key* only = nullptr;
  if (!key_id.empty()) {
    FL_TRY(only, lookup(key_id, AcceptAliases::No));
  }
  std::vector<AliasEntry> entries;
  for (const auto& [name, alias] : store_->aliases()) {
    if (only != nullptr && alias.key_id != only->key_id) continue;
    if (find(alias.key_id) == nullptr) continue;
    entries.push_back(
        {name, place_.alias_arn(name), alias.key_id, alias.created_unix_ns, alias.updated_unix_ns});
  }
  return entries;
}

// ---- faults and state ---------------------------------------------------------------------------

FaultOverlays& Kms::overlays() {
  if (!overlays_) overlays_ = std::make_unique<FaultOverlays>();
  return *overlays_;
}

void Kms::deny(std::uint64_t overlay_id, std::string_view target, std::string_view principal,
               const std::vector<std::string>& actions) {
  overlays().deny(overlay_id, target, principal, actions);
  overlays().bind(place_, *store_);
}

void Kms::force_state(std::uint64_t overlay_id, std::string_view target, v1::KeyState state) {
  overlays().force_state(overlay_id, target, state);
  overlays().bind(place_, *store_);
}

void Kms::revoke(std::uint64_t overlay_id, std::string_view target) {
  overlays().revoke(overlay_id, target);
  overlays().bind(place_, *store_);
}

void Kms::hide_name(std::uint64_t overlay_id, std::string_view target) {
  overlays().hide_name(overlay_id, target);
  overlays().bind(place_, *store_);
}

void Kms::fail_all(std::uint64_t overlay_id, Error error) {
  overlays().fail_all(overlay_id, std::move(error));
}

void Kms::lift(std::uint64_t overlay_id) {
  if (!overlays_) return;
  overlays_->lift(overlay_id);
  if (overlays_->empty()) overlays_.reset();
}

v1::KmsSnapshot Kms::snapshot() const { return store_->snapshot(); }

Result<void> Kms::restore(const v1::KmsSnapshot& snapshot) {
  FL_TRY_VOID(store_->restore(place_, snapshot));
  if (overlays_) overlays_->bind(place_, *store_);
  return {};
}

}  // namespace faultline::kms
