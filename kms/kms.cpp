// Keys: finding, making, reading them. What is done with them is in the other kms_*.cpp.
#include "kms/kms.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kms/fault_overlays.h"
#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms_access.h"
#include "kms/policy.h"
#include "kms/validation.h"
#include "proto/check.h"
#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

// AWS KMS Developer Guide, "Resource quotas".
constexpr std::size_t kKeysMax = 100'000;
// AWS KMS API Reference, "CreateKey".
constexpr std::size_t kDescriptionMax = 8192;
// The description of the real key, as the console and DescribeKey show it.
constexpr std::string_view kManagedDescription =
    "Default key that protects my Secrets Manager data when no other key is defined";

tl::unexpected<Error> no_such_key(const Place& place, std::string_view key_id) {
  return fail(code::kNotFound, "Key '" + place.key_arn(key_id) + "' does not exist");
}

}  // namespace

bool KeyMetadata::is_usable() const { return state == v1::Enabled || state == v1::Updating; }

Kms::Kms(std::string account, std::string region, Environment& environment, WrapSuite suite)
    : place_{std::move(account), std::move(region)},
      environment_(&environment),
      suite_(suite),
      store_(std::make_unique<KeyStore>(place_.region)) {}

Kms::~Kms() = default;
Kms::Kms(Kms&&) noexcept = default;
Kms& Kms::operator=(Kms&&) noexcept = default;

// ---- what every call does first -----------------------------------------------------------------

Result<void> Kms::begin_call() {
  if (const Error* failure = overlays_ ? overlays_->failure() : nullptr) {
    return tl::make_unexpected(*failure);
  }
  settle();
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
Result<Key*> Kms::lookup_to_change(std::string_view text, Operation operation) {
  FL_TRY(Key * key, lookup(text, AcceptAliases::No));
  if (key->aws_managed) {
    FL_TRY_VOID(may({.caller = Caller{}, .action = action_of(operation), .named = text}, *key));
  }
  FL_TRY_VOID(check_state(*key, operation));
  return key;
}

// As above, where of a multi-Region key only the primary can be changed.
Result<Key*> Kms::lookup_primary_to_change(std::string_view text, Operation operation) {
  FL_TRY(Key * key, lookup_to_change(text, operation));
  if (key->is_replica_in(place_.region)) {
    return fail(code::kUnsupported, key->arn + " is not a multi-region primary key.");
  }
  return key;
}

Result<void> Kms::check_state(const Key& key, Operation operation) const {
  return check_key_state(operation, state_of(key), key.arn);
}

// ---- making keys --------------------------------------------------------------------------------

std::string Kms::draw_key_id(std::string_view luck, bool multi_region) {
  std::array<std::byte, 16> random{};
  environment_->fill_random("key-id/" + std::string(luck), random);
  std::string key_id =
      multi_region ? "mrk-" + to_hex({reinterpret_cast<const char*>(random.data()), random.size()})
                   : format_uuid(random);
  FL_CHECK(store_->find(key_id) == nullptr)
      << "the environment gave the same luck twice: key-id/" << luck;
  return key_id;
}

Key& Kms::add_key(std::string key_id, const CreateKey& request, v1::Policy policy) {
  Key key;
  key.arn = place_.key_arn(key_id);
  key.key_id = std::move(key_id);
  key.description = request.description;
  key.created_unix_ns = environment_->now_unix_ns();
  key.policy = std::move(policy);
  key.tags = request.tags;
  if (request.multi_region) key.primary_region = place_.region;
  add_backing_key(key, key.created_unix_ns, {});
  return store_->add(std::move(key));
}

void Kms::make_managed_key() {
  Key& key =
      add_key(draw_key_id(kManagedAlias, false), {.description = std::string(kManagedDescription)},
              managed_key_policy(place_.account, place_.region, place_.root_arn()));
  key.aws_managed = true;
  store_->touch(key);
  point_alias(kManagedAlias, key);
}

Result<KeyMetadata> Kms::create_key(const CreateKey& request) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("description", characters(request.description), 0, kDescriptionMax));
  FL_TRY_VOID(check_tags(request.tags, {}));
  FL_TRY(v1::Policy policy, policy_of(request.policy, request.keeper, place_.key_arn("*")));
  if (!request.alias.empty()) {
    FL_TRY_VOID(check_alias_name(request.alias));
    if (store_->find_alias(request.alias) != nullptr) {
      return alias_exists(place_, request.alias);
    }
  }
  // The text is ours; AWS documents the code only.
  if (store_->keys().size() >= kKeysMax) {
    return fail(code::kLimitExceeded, "There are 100000 keys in this account and region.");
  }
  const std::string ordinal = std::to_string(store_->keys_made() + 1);
  const std::string& luck = !request.alias.empty()         ? request.alias
                            : !request.description.empty() ? request.description
                                                           : ordinal;
  const Key& key = add_key(draw_key_id(luck, request.multi_region), request, std::move(policy));
  if (!request.alias.empty()) point_alias(request.alias, key);
  return describe(key);
}

// ---- reading keys -------------------------------------------------------------------------------

KeyMetadata Kms::describe(const Key& key) const {
  const v1::KeyState state = state_of(key);
  KeyMetadata metadata{.key_id = key.key_id,
                       .arn = key.arn,
                       .description = key.description,
                       .state = state,
                       .created_unix_ns = key.created_unix_ns,
                       .deletion_unix_ns = key.deletion_unix_ns,
                       .aws_managed = key.aws_managed,
                       .current_key_material_id = {},
                       .pending_window_days = key.pending_window_days,
                       .multi_region = MultiRegionKeyType::None,
                       .primary_region = key.primary_region,
                       .replica_regions = key.replica_regions,
                       .state_until_unix_ns = key.state_until_unix_ns};
  if (state != v1::Creating) {
    metadata.current_key_material_id = to_hex(key.current().material_id);
  }
  if (key.is_multi_region()) {
    metadata.multi_region = key.is_replica_in(place_.region) ? MultiRegionKeyType::Replica
                                                             : MultiRegionKeyType::Primary;
  }
  return metadata;
}

Result<KeyMetadata> Kms::describe_key(std::string_view key_or_alias) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_or_alias, AcceptAliases::Yes));
  return describe(*key);
}

Result<std::vector<KeyMetadata>> Kms::list_keys() {
  FL_TRY_VOID(begin_call());
  std::vector<KeyMetadata> keys;
  for (const auto& [key_id, key] : std::as_const(*store_).keys()) {
    if (state_of(key) != v1::Deleted) keys.push_back(describe(key));
  }
  return keys;
}

Result<std::string> Kms::resolve(std::string_view key_or_alias) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_or_alias, AcceptAliases::Yes));
  return key->arn;
}

Result<void> Kms::update_key_description(std::string_view key_id, std::string_view description) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("description", characters(description), 0, kDescriptionMax));
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::UpdateKeyDescription));
  key->description = description;
  store_->touch(*key);
  return {};
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

std::uint64_t Kms::changes() const { return store_->changes(); }

std::int64_t Kms::next_due_unix_ns() const { return store_->next_due(); }

void Kms::settle() {
  const std::int64_t now = environment_->now_unix_ns();
  if (now < store_->nothing_due_before()) return;
  for (auto& [key_id, key] : store_->keys()) rotate_while_due(key, now);
  store_->remove_due(now);
}

}  // namespace faultline::kms
