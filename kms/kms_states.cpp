// The life of a key: enabled, disabled, waiting for its end.
#include <utility>

#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/validation.h"

namespace faultline::kms {

// AWS KMS Developer Guide, "Rotate AWS KMS keys": a rotation that fell due meanwhile is made up for.
Result<void> Kms::enable_key(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::EnableKey));
  if (key->state == v1::Enabled) return {};
  key->state = v1::Enabled;
  const std::int64_t now = environment_->now_unix_ns();
  if (key->rotation_due_unix_ns(place_.region) <= now) {
    add_backing_key(*key, now, kAutomatic);
    key->next_rotation_unix_ns = days_after(now, key->rotation_period_days);
  }
  store_->touch(*key);
  return {};
}

Result<void> Kms::disable_key(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::DisableKey));
  if (key->state == v1::Disabled) return {};
  key->state = v1::Disabled;
  store_->touch(*key);
  return {};
}

Result<KeyMetadata> Kms::schedule_key_deletion(std::string_view key_id, int days) {
  FL_TRY_VOID(begin_call());
  // AWS KMS API Reference, "ScheduleKeyDeletion": 7 to 30 days.
  FL_TRY_VOID(check_value("pendingWindowInDays", days, 7, 30));
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::ScheduleKeyDeletion));
  key->state_until_unix_ns = 0;
  if (key->is_multi_region() && !key->is_replica_in(place_.region) &&
      !key->replica_regions.empty()) {
    key->state = v1::PendingReplicaDeletion;
    key->pending_window_days = days;
  } else {
    key->state = v1::PendingDeletion;
    key->deletion_unix_ns = days_after(environment_->now_unix_ns(), days);
  }
  store_->touch(*key);
  return describe(*key);
}

Result<KeyMetadata> Kms::cancel_key_deletion(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::CancelKeyDeletion));
  key->state = v1::Disabled;
  key->deletion_unix_ns = 0;
  key->pending_window_days = 0;
  key->state_until_unix_ns = 0;
  store_->touch(*key);
  return describe(*key);
}

}  // namespace faultline::kms
