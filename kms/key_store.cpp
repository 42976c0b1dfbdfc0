#include "kms/key_store.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"

namespace faultline::kms {
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
  touch(at->second);
  return at->second;
}

void KeyStore::touch(const Key& key) {
  ++changes_;
  due_unix_ns_ = std::min(due_unix_ns_, due_of(key));
}

std::int64_t KeyStore::due_of(const Key& key) const {
  std::int64_t due = key.rotation_due_unix_ns(region_);
  if (key.deletion_unix_ns != 0) due = std::min(due, key.deletion_unix_ns);
  if (const std::int64_t end = key.grants.first_end(); end != 0) {
    due = std::min(due, end + grant_propagation_ns_);
  }
  return due;
}

void KeyStore::find_due() {
  due_unix_ns_ = kNever;
  for (const auto& [key_id, key] : keys_) due_unix_ns_ = std::min(due_unix_ns_, due_of(key));
}

std::int64_t KeyStore::next_due() const {
  std::int64_t due = kNever;
  for (const auto& [key_id, key] : keys_) {
    if (!key.aws_managed) due = std::min(due, due_of(key));
  }
  return due;
}

void KeyStore::remove_due(std::int64_t now_unix_ns) {
  const auto is_gone = [&](const auto& entry) {
    const std::int64_t date = entry.second.deletion_unix_ns;
    return date != 0 && date <= now_unix_ns;
  };
  if (std::erase_if(keys_, is_gone) != 0) {
    ++changes_;
    std::erase_if(aliases_,
                  [&](const auto& entry) { return !keys_.contains(entry.second.key_id); });
  }
  for (auto& [key_id, key] : keys_) {
    if (key.grants.remove_ended(now_unix_ns - grant_propagation_ns_)) ++changes_;
  }
  find_due();
}

void KeyStore::set_grant_propagation(std::int64_t ns) {
  FL_CHECK(ns >= 0) << "a propagation time of " << ns << " ns";
  grant_propagation_ns_ = ns;
  find_due();
}

void KeyStore::set_alias(std::string_view alias, std::string_view key_id,
                         std::int64_t now_unix_ns) {
  FL_CHECK(keys_.contains(key_id)) << "an alias to no key: " << alias;
  const auto [at, added] = aliases_.try_emplace(std::string(alias));
  at->second.key_id = key_id;
  at->second.updated_unix_ns = now_unix_ns;
  if (added) at->second.created_unix_ns = now_unix_ns;
  ++changes_;
}

void KeyStore::remove_alias(std::string_view alias) {
  const auto found = aliases_.find(alias);
  FL_CHECK(found != aliases_.end()) << "no alias to remove: " << alias;
  aliases_.erase(found);
  ++changes_;
}

v1::KmsSnapshot KeyStore::snapshot() const {
  v1::KmsSnapshot snapshot;
  for (const auto& [key_id, key] : keys_) *snapshot.add_keys() = to_stored(key);
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
  KeyStore restored(region_);
  restored.grant_propagation_ns_ = grant_propagation_ns_;
  for (const v1::StoredKey& stored : snapshot.keys()) {
    FL_TRY(Key key, from_stored(place, stored));
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
  restored.changes_ = changes_ + 1;
  restored.find_due();
  *this = std::move(restored);
  return {};
}

}  // namespace faultline::kms
