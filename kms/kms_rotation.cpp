// Rotation: new material for a key, when it is due or asked for.
//
// Source  AWS KMS Developer Guide, "Rotate AWS KMS keys".
#include <algorithm>
#include <utility>

#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/validation.h"
#include "proto/check.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "RotateKeyOnDemand", "EnableKeyRotation".
constexpr std::uint32_t kOnDemandMax = 25;
constexpr int kPeriodDaysMin = 90;
constexpr int kPeriodDaysMax = 2560;
constexpr std::int64_t kConflictNs = std::int64_t{20} * 60 * 1'000'000'000;

}  // namespace

void Kms::add_backing_key(Key& key, std::int64_t unix_ns, std::string_view rotation_type) {
  BackingKey backing;
  backing.material = SecretBytes(kKeyBytes);
  environment_->fill_random(
      "key-material/" + key.key_id + "/" + std::to_string(key.backing_keys.size() + 1),
      backing.material.bytes());
  backing.material_id = material_id_of(backing.material, key.key_id);
  backing.created_unix_ns = unix_ns;
  backing.rotation_type = rotation_type;
  // What seals here must open everywhere.
  backing.pending = !key.replica_regions.empty();
  key.backing_keys.push_back(std::move(backing));
}

void Kms::rotate_while_due(Key& key, std::int64_t now_unix_ns) {
  while (key.rotation_due_unix_ns(place_.region) <= now_unix_ns) {
    const std::int64_t due = key.rotation_due_unix_ns(place_.region);
    add_backing_key(key, due, kAutomatic);
    key.next_rotation_unix_ns = key.aws_managed ? 0 : days_after(due, key.rotation_period_days);
    store_->touch(key);
  }
}

Result<KeyMetadata> Kms::rotate_key_on_demand(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_primary_to_change(key_id, Operation::RotateKeyOnDemand));
  if (key->on_demand_rotations >= kOnDemandMax) {
    return fail(code::kLimitExceeded,
                "The on-demand rotations limit has been reached for the given keyId. No more "
                "on-demand rotations can be performed for this key: " +
                    key->arn);
  }
  // The texts are ours; AWS documents the code only.
  if (key->has_pending_material()) {
    return fail(code::kConflict, key->arn + " is being rotated.");
  }
  const std::int64_t now = environment_->now_unix_ns();
  const std::int64_t due = key->rotation_due_unix_ns(place_.region);
  if (due != kNever && due - now <= kConflictNs) {
    return fail(code::kConflict,
                key->arn + " is to be rotated automatically within the next 20 minutes.");
  }
  add_backing_key(*key, now, kOnDemand);
  ++key->on_demand_rotations;
  store_->touch(*key);
  return describe(*key);
}

Result<void> Kms::enable_key_rotation(std::string_view key_id, int period_days) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_value("rotationPeriodInDays", period_days, kPeriodDaysMin, kPeriodDaysMax));
  FL_TRY(Key * key, lookup_primary_to_change(key_id, Operation::EnableKeyRotation));
  if (key->rotation_enabled && key->rotation_period_days == period_days) return {};
  key->rotation_enabled = true;
  key->rotation_period_days = period_days;
  key->next_rotation_unix_ns = days_after(environment_->now_unix_ns(), period_days);
  store_->touch(*key);
  return {};
}

Result<void> Kms::disable_key_rotation(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_primary_to_change(key_id, Operation::DisableKeyRotation));
  if (!key->rotation_enabled) return {};
  key->rotation_enabled = false;
  key->rotation_period_days = 0;
  key->next_rotation_unix_ns = 0;
  store_->touch(*key);
  return {};
}

Result<RotationStatus> Kms::get_key_rotation_status(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_id, AcceptAliases::No));
  FL_TRY_VOID(check_state(*key, Operation::GetKeyRotationStatus));
  RotationStatus status{.key_arn = key->arn};
  const v1::KeyState state = state_of(*key);
  if (state == v1::PendingDeletion || state == v1::PendingReplicaDeletion) return status;
  if (key->aws_managed) {
    status.enabled = true;
    status.next_unix_ns = days_after(key->current().created_unix_ns, kManagedPeriodDays);
  } else if (key->rotation_enabled) {
    status.enabled = true;
    status.next_unix_ns = key->next_rotation_unix_ns;
  }
  if (status.enabled) status.period_days = key->period_days();
  const BackingKey& newest = key->backing_keys.back();
  if (newest.pending && newest.rotation_type == kOnDemand) {
    status.on_demand_started_unix_ns = newest.created_unix_ns;
  }
  return status;
}

Result<std::vector<Rotation>> Kms::list_key_rotations(std::string_view key_id,
                                                      bool all_key_material) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_id, AcceptAliases::No));
  FL_TRY_VOID(check_state(*key, Operation::ListKeyRotations));
  std::vector<Rotation> rotations;
  for (const BackingKey& backing : key->backing_keys) {
    const bool is_rotation = !backing.rotation_type.empty() && !backing.pending;
    if (!is_rotation && !all_key_material) continue;
    rotations.push_back({.key_arn = key->arn,
                         .key_material_id = to_hex(backing.material_id),
                         .state = backing.pending               ? "PENDING_ROTATION"
                                  : &backing == &key->current() ? "CURRENT"
                                                                : "NON_CURRENT",
                         .unix_ns = is_rotation ? backing.created_unix_ns : 0,
                         .type = is_rotation ? backing.rotation_type : std::string()});
  }
  return rotations;
}

}  // namespace faultline::kms
