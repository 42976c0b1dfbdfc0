// KeyStore: the keys and aliases of one KMS, and nothing else: no caller, no policy decision, no
// fault. Kms asks it, and decides.
//
// Lifetime   a Key stays where it is until it is deleted or the store is restored: pointers to it
//            hold that long.
// Invariant  (1) every alias points to a key that is there; (2) every key has a backing key, and
// the
//            last one encrypts; (3) a key is PendingDeletion exactly when it has a deletion date.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kms/envelope.h"
#include "kms/error.h"
#include "kms/identifiers.h"
#include "kms/secret_bytes.h"
#include "proto/kms.pb.h"

namespace faultline::kms {

// One version of a key's material.
struct BackingKey {
  std::string material_id;  // 32 bytes
  SecretBytes material;     // 32 bytes
  std::int64_t created_unix_ns = 0;
  std::optional<BackingCipher> cipher;  // made at the first use, then kept
};

struct Key {
  std::string key_id;
  std::string arn;
  std::string description;
  v1::KeyState state = v1::Enabled;  // its own, whatever faults make it look like
  std::int64_t created_unix_ns = 0;
  std::int64_t deletion_unix_ns = 0;  // 0: none
  bool aws_managed = false;
  std::vector<BackingKey> backing_keys;  // oldest first
  v1::Policy policy;
};

struct Alias {
  std::string key_id;
  std::int64_t created_unix_ns = 0;
  std::int64_t updated_unix_ns = 0;
};

class KeyStore {
 public:
  using Keys = std::map<std::string, Key, std::less<>>;       // by key id
  using Aliases = std::map<std::string, Alias, std::less<>>;  // by name, with "alias/"

  [[nodiscard]] const Keys& keys() const { return keys_; }
  [[nodiscard]] const Aliases& aliases() const { return aliases_; }
  // How many keys were ever made here.
  [[nodiscard]] std::uint64_t keys_made() const { return keys_made_; }

  // Null when there is none.
  [[nodiscard]] Key* find(std::string_view key_id);
  [[nodiscard]] Key* find_by_alias(std::string_view alias);
  [[nodiscard]] const Alias* find_alias(std::string_view alias) const;
  [[nodiscard]] std::size_t count_aliases_of(std::string_view key_id) const;

  // The id must be new.
  Key& add(Key key);
  // Sets or clears (0) the date at which remove_due takes the key.
  void set_deletion(Key& key, std::int64_t deletion_unix_ns);
  // Removes keys whose date is not after `now`, with their aliases.
  void remove_due(std::int64_t now_unix_ns);

  // Points an alias, new or not, to a key that is there.
  void set_alias(std::string_view alias, std::string_view key_id, std::int64_t now_unix_ns);
  void remove_alias(std::string_view alias);

  [[nodiscard]] v1::KmsSnapshot snapshot() const;
  // Errors  KMSInternalException when the snapshot breaks an invariant or is of another place; the
  //         store is as before then.
  [[nodiscard]] Result<void> restore(const Place& place, const v1::KmsSnapshot& snapshot);

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  void find_next_deletion();

  Keys keys_;
  Aliases aliases_;
  std::uint64_t keys_made_ = 0;
  std::int64_t next_deletion_unix_ns_ = kNever;  // so that remove_due is one comparison
};

}  // namespace faultline::kms
