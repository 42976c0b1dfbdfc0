// The faults of the emulated service: what the World does when the injector says so.
#include <utility>

#include "engine/disk.h"
#include "engine/fault_fields.h"
#include "proto/check.h"
#include "regions/other_services.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

using engine::Duration;

// Adds or takes back.
void count(std::uint32_t& counter, bool begins) { begins ? ++counter : --counter; }

}  // namespace

bool World::apply(const v1::Fault& fault, std::uint64_t fault_id) {
  return front_door_.apply(fault, fault_id) || apply_to_kms(fault, fault_id) ||
         change_troubles(fault, true) || apply_to_region(fault, fault_id);
}

bool World::apply_to_kms(const v1::Fault& fault, std::uint64_t fault_id) {
  const auto force = [&](const auto& kind, v1::KeyState state) {
    kms(kind.region()).force_state(fault_id, kind.key(), state);
    return true;
  };
  switch (fault.kind_case()) {
    case v1::Fault::kKeyDenied: {
      const v1::KeyDenied& denied = fault.key_denied();
      const auto principal =
          denied.principal().empty()
              ? std::string()
              : account_.principal_arn(denied.principal()).value_or(denied.principal());
      kms(denied.region())
          .deny(fault_id, denied.key(), principal,
                {denied.actions().begin(), denied.actions().end()});
      return true;
    }
    case v1::Fault::kKeyDisabled:
      return force(fault.key_disabled(), v1::Disabled);
    case v1::Fault::kKeyPendingDeletion:
      return force(fault.key_pending_deletion(), v1::PendingDeletion);
    case v1::Fault::kKeyDeleted:
      return force(fault.key_deleted(), v1::Deleted);
    case v1::Fault::kReplicaKeyMissing:
      return force(fault.replica_key_missing(), v1::Deleted);
    case v1::Fault::kGrantRevoked:
      kms(fault.grant_revoked().region()).revoke(fault_id, fault.grant_revoked().key());
      return true;
    case v1::Fault::kWrongKey:
      kms(fault.wrong_key().region()).hide_name(fault_id, fault.wrong_key().key());
      return true;
    case v1::Fault::kKeyRotated:
      rotate(fault.key_rotated());
      return true;
    case v1::Fault::kKmsUnavailable:
      kms(fault.kms_unavailable().region())
          .fail_all(fault_id, {"KMSInternalException", "KMS is not available."});
      return true;
    case v1::Fault::kKmsThrottled:
      // AWS KMS Developer Guide, "Throttling AWS KMS requests".
      kms(fault.kms_throttled().region())
          .fail_all(fault_id, {"ThrottlingException",
                               "You have exceeded the rate at which you may call KMS. Reduce the "
                               "frequency of your calls."});
      return true;
    default:
      return false;
  }
}

// A key that cannot be rotated at the moment, because it is disabled or gone, stays as it is.
void World::rotate(const v1::KeyRotated& rotated) {
  kms::Kms& kms = this->kms(rotated.region());
  const auto arn = kms.resolve(rotated.key());
  if (arn) static_cast<void>(kms.rotate_key_on_demand(*arn));
  other_services_->keys_changed(rotated.region());
}

// They add up, and each call asks for the sum.
bool World::change_troubles(const v1::Fault& fault, bool begins) {
  const auto change_slowness = [&](KmsTroubles& troubles, Duration by) {
    troubles.slowness = begins ? troubles.slowness + by : troubles.slowness - by;
  };
  switch (fault.kind_case()) {
    case v1::Fault::kKmsSlow:
      change_slowness(place(fault.kms_slow().region()).troubles,
                      engine::duration_or_die(fault.kms_slow().delay()));
      return true;
    case v1::Fault::kKmsTimeout: {
      KmsTroubles& troubles = place(fault.kms_timeout().region()).troubles;
      change_slowness(troubles,
                      engine::duration_or(fault.kms_timeout().delay(), Duration::seconds(10)));
      count(troubles.timeouts, begins);
      return true;
    }
    case v1::Fault::kContextMismatch:
      count(place(fault.context_mismatch().region()).troubles.mismatches, begins);
      return true;
    default:
      return false;
  }
}

bool World::apply_to_region(const v1::Fault& fault, std::uint64_t fault_id) {
  switch (fault.kind_case()) {
    case v1::Fault::kRegionDisabled:
      account_.add_disable_fault(fault.region_disabled().region());
      return true;
    case v1::Fault::kReplicaLag: {
      engine::OneShot lag;
      lag.to = place(fault.replica_lag().region()).actor;
      lag.type = "Replicate";
      lag.count = 0;
      lag.deed = engine::OneShot::Deed::Lag;
      lag.delay = engine::duration_or_die(fault.replica_lag().by());
      simulation_.network().add_one_shot(fault_id, lag);
      return true;
    }
    case v1::Fault::kOldBinary: {
      Place& target = place(fault.old_binary().region());
      ++target.old_binaries;
      replace_process(target, std::nullopt);
      return true;
    }
    case v1::Fault::kWipe:
      replace_process(place(fault.wipe().region()), empty_database_);
      return true;
    case v1::Fault::kOldBackup: {
      Place& target = place(fault.old_backup().region());
      target.backups[fault_id] = simulation_.context(target.actor).disk().image();
      return true;
    }
    default:
      return false;
  }
}

void World::heal(const v1::Fault& fault, std::uint64_t fault_id) {
  front_door_.heal(fault_id);
  if (change_troubles(fault, false)) return;
  switch (fault.kind_case()) {
    case v1::Fault::kRegionDisabled:
      return account_.lift_disable_fault(fault.region_disabled().region());
    case v1::Fault::kOldBinary: {
      Place& target = place(fault.old_binary().region());
      if (--target.old_binaries == 0) replace_process(target, std::nullopt);
      return;
    }
    case v1::Fault::kOldBackup: {
      Place& target = place(fault.old_backup().region());
      const auto backup = target.backups.extract(fault_id);
      FL_CHECK(!backup.empty()) << "fault " << fault_id << " has no backup of "
                                << fault.old_backup().region();
      return replace_process(target, backup.mapped());
    }
    default:
      for (const auto& place : places_) place->kms.lift(fault_id);
  }
}

// The process dies, and another one starts at once, if need be on another disk. A region that is
// down stays down: whatever keeps it so will start it.
void World::replace_process(Place& place, std::optional<engine::DiskImage> disk) {
  if (!simulation_.is_up(place.actor)) {
    if (disk) simulation_.context(place.actor).disk().load_image(*disk);
    return;
  }
  engine::CrashOptions options;
  options.torn_tail = v1::KEEP_ALL;
  if (disk) options.new_disk = std::make_shared<const engine::DiskImage>(*std::move(disk));
  simulation_.crash(place.actor, std::move(options));
  simulation_.restart(place.actor);
}

}  // namespace faultline::regions
