// Key: one key as a KMS keeps it, and how it is stored.
//
// Invariant  (1) there is a backing key that is not pending, and the last such one encrypts; (2) the
//            state is PendingDeletion exactly when there is a deletion date; (3) it is
//            PendingReplicaDeletion exactly when there is a pending window; (4) a key is of several
//            regions exactly when its id begins with "mrk-".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kms/envelope.h"
#include "kms/error.h"
#include "kms/grants.h"
#include "kms/identifiers.h"
#include "kms/kms_types.h"
#include "kms/secret_bytes.h"
#include "proto/kms.pb.h"

namespace faultline::kms {

inline constexpr std::int64_t kDayNs = std::int64_t{24} * 3600 * 1'000'000'000;
// AWS KMS Developer Guide, "Rotate AWS KMS keys".
inline constexpr int kManagedPeriodDays = 365;
inline constexpr std::string_view kAutomatic = "AUTOMATIC";
inline constexpr std::string_view kOnDemand = "ON_DEMAND";

// One version of a key's material.
struct BackingKey {
  std::string material_id;  // 32 bytes
  SecretBytes material;     // 32 bytes
  std::int64_t created_unix_ns = 0;
  std::string rotation_type{};            // empty: the first one
  bool pending = false;                   // not yet everywhere, so that it does not encrypt
  std::optional<BackingCipher> cipher{};  // made at the first use, then kept
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
  v1::Policy policy;                     // with statements
  std::vector<Tag> tags;
  GrantTable grants;
  bool rotation_enabled = false;  // by the user; the AWS managed key rotates anyway
  int rotation_period_days = 0;
  std::int64_t next_rotation_unix_ns = 0;
  std::uint32_t on_demand_rotations = 0;
  int pending_window_days = 0;
  std::string primary_region;  // empty: no multi-Region key
  std::vector<std::string> replica_regions;
  std::int64_t state_until_unix_ns = 0;

  [[nodiscard]] bool is_multi_region() const { return !primary_region.empty(); }
  [[nodiscard]] bool is_replica_in(std::string_view region) const {
    return is_multi_region() && primary_region != region;
  }
  // The one that encrypts.
  [[nodiscard]] const BackingKey& current() const;
  [[nodiscard]] BackingKey& current();
  // Null when there is none.
  [[nodiscard]] BackingKey* find_backing_key(std::string_view material_id);
  [[nodiscard]] bool has_pending_material() const { return backing_keys.back().pending; }
  // When its material is to be rotated; kNever while that cannot be. `region` is where it is.
  [[nodiscard]] std::int64_t rotation_due_unix_ns(std::string_view region) const;
  [[nodiscard]] int period_days() const {
    return aws_managed ? kManagedPeriodDays : rotation_period_days;
  }
};

inline constexpr std::int64_t kNever = INT64_MAX;

// When it is `days` later; at the end of time it stays there.
[[nodiscard]] std::int64_t days_after(std::int64_t unix_ns, int days);

[[nodiscard]] v1::StoredKey to_stored(const Key& key);
// KMSInternalException when it breaks an invariant or is of another place.
[[nodiscard]] Result<Key> from_stored(const Place& place, const v1::StoredKey& stored);
[[nodiscard]] tl::unexpected<Error> bad_snapshot(std::string_view what, std::string_view name);

// The part that related keys have in common.
[[nodiscard]] v1::StoredKey to_shared(const Key& key);
// Takes that part over; what the key knows of its own is kept. The same errors.
[[nodiscard]] Result<void> merge_shared(Key& key, const v1::StoredKey& shared);

}  // namespace faultline::kms
