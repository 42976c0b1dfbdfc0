// KeyStore: the keys and aliases of one KMS, and nothing else: no caller, no policy decision, no
// fault. Kms asks it, and decides.
//
// Lifetime   a Key stays where it is until it is deleted or the store is restored: pointers to it
//            hold that long.
// Invariant  every alias points to a key that is there; the rest is in kms/key.h.
// Changes    whoever changes a key through a pointer says so with touch().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "kms/error.h"
#include "kms/identifiers.h"
#include "kms/key.h"
#include "proto/kms.pb.h"

namespace faultline::kms {

struct Alias {
  std::string key_id;
  std::int64_t created_unix_ns = 0;
  std::int64_t updated_unix_ns = 0;
};

class KeyStore {
 public:
  using Keys = std::map<std::string, Key, std::less<>>;       // by key id
  using Aliases = std::map<std::string, Alias, std::less<>>;  // by name, with "alias/"

  explicit KeyStore(std::string region) : region_(std::move(region)) {}

  [[nodiscard]] const Keys& keys() const { return keys_; }
  // For changes to many; see touch().
  [[nodiscard]] Keys& keys() { return keys_; }
  [[nodiscard]] const Aliases& aliases() const { return aliases_; }
  // How many keys were ever made here.
  [[nodiscard]] std::uint64_t keys_made() const { return keys_made_; }
  // Moves with every change.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

  // Null when there is none.
  [[nodiscard]] Key* find(std::string_view key_id);
  [[nodiscard]] Key* find_by_alias(std::string_view alias);
  [[nodiscard]] const Alias* find_alias(std::string_view alias) const;
  [[nodiscard]] std::size_t count_aliases_of(std::string_view key_id) const;

  // The id must be new.
  Key& add(Key key);
  // The key has changed, perhaps also what is due of it.
  void touch(const Key& key);

  // A date before which nothing is due: neither a deletion, nor a rotation, nor the last effect of
  // a grant. One comparison for each call.
  [[nodiscard]] std::int64_t nothing_due_before() const { return due_unix_ns_; }
  // The first due date of what somebody has asked for: not the yearly rotation of the managed key.
  [[nodiscard]] std::int64_t next_due() const;
  // Removes keys whose date is not after `now`, with their aliases, and grants without effect; then
  // knows exactly when the next thing is due.
  void remove_due(std::int64_t now_unix_ns);

  // How long grants work after their end.
  [[nodiscard]] std::int64_t grant_propagation_ns() const { return grant_propagation_ns_; }
  void set_grant_propagation(std::int64_t ns);

  // Points an alias, new or not, to a key that is there.
  void set_alias(std::string_view alias, std::string_view key_id, std::int64_t now_unix_ns);
  void remove_alias(std::string_view alias);

  [[nodiscard]] v1::KmsSnapshot snapshot() const;
  // Errors  KMSInternalException when the snapshot breaks an invariant or is of another place; the
  //         store is as before then.
  [[nodiscard]] Result<void> restore(const Place& place, const v1::KmsSnapshot& snapshot);

 private:
  [[nodiscard]] std::int64_t due_of(const Key& key) const;
  void find_due();

  std::string region_;
  Keys keys_;
  Aliases aliases_;
  std::uint64_t keys_made_ = 0;
  std::uint64_t changes_ = 0;
  std::int64_t grant_propagation_ns_ = 0;
  std::int64_t due_unix_ns_ = kNever;
};

}  // namespace faultline::kms
