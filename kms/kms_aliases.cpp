// Aliases: names for keys that can be pointed elsewhere.
#include <utility>

#include "kms/fault_overlays.h"
#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/validation.h"

namespace faultline::kms {
namespace {

// AWS KMS Developer Guide, "Resource quotas".
constexpr std::size_t kAliasesOfKeyMax = 50;

}  // namespace

void Kms::point_alias(std::string_view alias, const Key& key) {
  store_->set_alias(alias, key.key_id, environment_->now_unix_ns());
  if (overlays_) overlays_->bind(place_, *store_);
}

Result<void> Kms::create_alias(std::string_view alias, std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_alias_name(alias));
  FL_TRY(const Key* key, lookup_to_change(key_id, Operation::CreateAlias));
  // Also when a fault hides the key that it points to: the fault's end must find it in place.
  if (store_->find_alias(alias) != nullptr) return alias_exists(place_, alias);
  FL_TRY_VOID(check_room_for_alias(*key));
  point_alias(alias, *key);
  return {};
}

Result<void> Kms::update_alias(std::string_view alias, std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_alias_name(alias));
  FL_TRY(const Key* key, lookup_to_change(key_id, Operation::UpdateAlias));
  const Alias* old = store_->find_alias(alias);
  if (old == nullptr || find(old->key_id) == nullptr) return no_such_alias(place_, alias);
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

}  // namespace faultline::kms
