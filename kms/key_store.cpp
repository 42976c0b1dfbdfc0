#include "kms/key_store.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"

namespace faultline::kms {
namespace {

tl::unexpected<Error> bad_snapshot(std::string_view what, std::string_view name) {
  return fail(code::kInternal, "The stored state of this KMS is damaged: " + std::string(what) +
                                   " (" + std::string(name) + ").");
}

Result<BackingKey> read_backing_key(const v1::BackingKey& stored, const Key& key) {
  if (stored.material_id().size() != kMaterialIdBytes || stored.material().size() != kKeyBytes) {
    return bad_snapshot("a backing key of the wrong length", key.key_id);
  }
  BackingKey backing;
  backing.material_id = stored.material_id();
  backing.material = SecretBytes::copy_of(stored.material());
  backing.created_unix_ns = stored.created_unix_ns();
  return backing;
}

Result<Key> read_key(const Place& place, const v1::StoredKey& stored) {
  Key key;
  key.key_id = stored.key_id();
  key.arn = stored.arn();
  key.description = stored.description();
  key.state = stored.state();
  key.created_unix_ns = stored.created_unix_ns();
  key.deletion_unix_ns = stored.deletion_unix_ns();
  key.aws_managed = stored.aws_managed();
  key.policy = stored.policy();
  if (!is_key_id(key.key_id)) return bad_snapshot("not a key id", key.key_id);
  if (key.arn != place.key_arn(key.key_id)) return bad_snapshot("a key of elsewhere", key.arn);
  if (key.state != v1::Enabled && key.state != v1::Disabled && key.state != v1::PendingDeletion) {
    return bad_snapshot("a key in no state", key.key_id);
  }
  if ((key.state == v1::PendingDeletion) != (key.deletion_unix_ns != 0)) {
    return bad_snapshot("state and deletion date disagree", key.key_id);
  }
  for (const v1::BackingKey& stored_backing : stored.backing_keys()) {
    FL_TRY(BackingKey backing, read_backing_key(stored_backing, key));
    key.backing_keys.push_back(std::move(backing));
  }
  if (key.backing_keys.empty()) return bad_snapshot("a key without material", key.key_id);
  return key;
}

}  // namespace

Key* KeyStore::find(std::string_view key_id) {
  const auto found = keys_.find(key_id);
  return found == keys_.end() ? nullptr : &found->second;
}

Key* KeyStore::find_by_alias(std::string_view alias) {
  const Alias* found = find_alias(alias);
  return found == nullptr ? nullptr : find(found->key_id);
}

const Alias* KeyStore::find_alias(std::string_view alias) const {
  const auto found = aliases_.find(alias);
  return found == aliases_.end() ? nullptr : &found->second;
}

std::size_t KeyStore::count_aliases_of(std::string_view key_id) const {
  return static_cast<std::size_t>(
      std::count_if(aliases_.begin(), aliases_.end(),
                    [&](const auto& entry) { return entry.second.key_id == key_id; }));
}

Key& KeyStore::add(Key key) {
  std::string key_id = key.key_id;
  const auto [at, added] = keys_.emplace(std::move(key_id), std::move(key));
  FL_CHECK(added) << "two keys with the id " << at->first;
  ++keys_made_;
  return at->second;
}

void KeyStore::set_deletion(Key& key, std::int64_t deletion_unix_ns) {
  key.deletion_unix_ns = deletion_unix_ns;
  find_next_deletion();
}

void KeyStore::remove_due(std::int64_t now_unix_ns) {
  if (now_unix_ns < next_deletion_unix_ns_) return;
  std::erase_if(keys_, [&](const auto& entry) {
    const std::int64_t date = entry.second.deletion_unix_ns;
    return date != 0 && date <= now_unix_ns;
  });
  std::erase_if(aliases_, [&](const auto& entry) { return !keys_.contains(entry.second.key_id); });
  find_next_deletion();
}

void KeyStore::set_alias(std::string_view alias, std::string_view key_id,
                         std::int64_t now_unix_ns) {
  FL_CHECK(keys_.contains(key_id)) << "an alias to no key: " << alias;
  const auto [at, added] = aliases_.try_emplace(std::string(alias));
  at->second.key_id = key_id;
  at->second.updated_unix_ns = now_unix_ns;
  if (added) at->second.created_unix_ns = now_unix_ns;
}

void KeyStore::remove_alias(std::string_view alias) {
  const auto found = aliases_.find(alias);
  FL_CHECK(found != aliases_.end()) << "no alias to remove: " << alias;
  aliases_.erase(found);
}

v1::KmsSnapshot KeyStore::snapshot() const {
  v1::KmsSnapshot snapshot;
  for (const auto& [key_id, key] : keys_) {
    v1::StoredKey& stored = *snapshot.add_keys();
    stored.set_key_id(key_id);
    stored.set_arn(key.arn);
    stored.set_description(key.description);
    stored.set_state(key.state);
    stored.set_created_unix_ns(key.created_unix_ns);
    stored.set_deletion_unix_ns(key.deletion_unix_ns);
    stored.set_aws_managed(key.aws_managed);
    *stored.mutable_policy() = key.policy;
    for (const BackingKey& backing : key.backing_keys) {
      v1::BackingKey& stored_backing = *stored.add_backing_keys();
      stored_backing.set_material_id(backing.material_id);
      stored_backing.set_material(std::string(backing.material.chars()));
      stored_backing.set_created_unix_ns(backing.created_unix_ns);
    }
  }
  for (const auto& [name, alias] : aliases_) {
    v1::StoredAlias& stored = *snapshot.add_aliases();
    stored.set_name(name);
    stored.set_key_id(alias.key_id);
    stored.set_created_unix_ns(alias.created_unix_ns);
    stored.set_updated_unix_ns(alias.updated_unix_ns);
  }
  snapshot.set_keys_made(keys_made_);
  return snapshot;
}

Result<void> KeyStore::restore(const Place& place, const v1::KmsSnapshot& snapshot) {
  KeyStore restored;
  for (const v1::StoredKey& stored : snapshot.keys()) {
    FL_TRY(Key key, read_key(place, stored));
    if (restored.keys_.contains(key.key_id)) return bad_snapshot("a key twice", key.key_id);
    restored.add(std::move(key));
  }
  for (const v1::StoredAlias& stored : snapshot.aliases()) {
    const Alias alias{stored.key_id(), stored.created_unix_ns(), stored.updated_unix_ns()};
    if (!restored.keys_.contains(alias.key_id)) {
      return bad_snapshot("an alias to no key", stored.name());
    }
    if (!restored.aliases_.emplace(stored.name(), alias).second) {
      return bad_snapshot("an alias twice", stored.name());
    }
  }
  if (snapshot.keys_made() < restored.keys_made_) {
    return bad_snapshot("more keys than were made", std::to_string(snapshot.keys_made()));
  }
  restored.keys_made_ = snapshot.keys_made();
  restored.find_next_deletion();
  *this = std::move(restored);
  return {};
}

void KeyStore::find_next_deletion() {
  next_deletion_unix_ns_ = kNever;
  for (const auto& [key_id, key] : keys_) {
    if (key.deletion_unix_ns != 0) {
      next_deletion_unix_ns_ = std::min(next_deletion_unix_ns_, key.deletion_unix_ns);
    }
  }
}

}  // namespace faultline::kms
