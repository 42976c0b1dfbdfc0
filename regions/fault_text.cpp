#include "regions/fault_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace faultline::regions {
namespace {

std::string joined(const auto& list) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ", ") + std::string(item);
  return out;
}

std::string between(const std::string& from, const std::string& to, bool one_way) {
  if (to.empty())
    return one_way ? "from " + from + " to everywhere" : "between " + from + " and everywhere";
  return one_way ? "from " + from + " to " + to : "between " + from + " and " + to;
}

std::string degrade_text(const v1::Degrade& degrade) {
  std::string how;
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty()) how += fmt::format("{}{} {}", how.empty() ? "" : ", ", what, value);
  };
  add("latency", degrade.latency());
  add("jitter", degrade.jitter());
  add("loss", degrade.loss());
  add("duplicates", degrade.duplicate());
  add("reordering", degrade.reorder());
  if (degrade.bytes_per_second() > 0) add("bytes/s", std::to_string(degrade.bytes_per_second()));
  return fmt::format("the network {} is worse: {}",
                     between(degrade.from(), degrade.to(), degrade.one_way()), how);
}

// "the next Replicate", "the next 3 messages"
template <class Shot>
std::string next_messages(const Shot& shot) {
  const std::string what = shot.message().empty() ? "message" : shot.message();
  const std::string path = fmt::format("from {} to {}", shot.from(), shot.to());
  if (shot.count() <= 1) return fmt::format("the next {} {} is", what, path);
  const std::string plural = shot.message().empty() ? "messages" : what + " messages";
  return fmt::format("the next {} {} {} are", shot.count(), plural, path);
}

// "a bit rots", "3 bits rot"
std::string count_text(std::uint32_t count, const std::string& thing, const std::string& does,
                       const std::string& do_so) {
  return count == 1 ? fmt::format("a {} {}", thing, does)
                    : fmt::format("{} {}s {}", count, thing, do_so);
}

std::string disk_text(const v1::DiskFault& disk) {
  std::string how;
  const auto add = [&](bool on, const std::string& what) {
    if (on) how += (how.empty() ? "" : ", ") + what;
  };
  add(disk.fail_writes(), "writes fail");
  add(disk.fail_syncs(), "syncs fail");
  add(disk.fail_reads(), "reads fail");
  add(disk.full(), "no space left");
  add(!disk.slow_sync().empty(), "syncs take " + disk.slow_sync() + " longer");
  add(disk.lying_sync(), "syncs lie");
  add(disk.lose_renames(), "crashes undo unsynced names");
  add(disk.bit_rot() > 0, count_text(disk.bit_rot(), "bit", "rots", "rot"));
  add(disk.misdirected_writes() > 0,
      count_text(disk.misdirected_writes(), "write", "goes astray", "go astray"));
  return fmt::format("the disk of {}: {}", disk.region(), how);
}

std::string clock_text(const v1::ClockFault& clock) {
  std::string how = clock.offset().empty() ? "" : "is off by " + clock.offset();
  if (clock.drift_ppm() != 0) {
    how += fmt::format("{}drifts by {} ppm", how.empty() ? "" : " and ", clock.drift_ppm());
  }
  if (clock.frozen()) how += how.empty() ? "stands still" : " and stands still";
  return fmt::format("the clock of {} {}", clock.region(), how);
}

std::string denied_text(const v1::KeyDenied& denied) {
  return fmt::format("KMS in {} denies {} {} {}", denied.region(),
                     denied.principal().empty() ? "everyone" : denied.principal(),
                     denied.actions().empty() ? "the use of" : joined(denied.actions()) + " on",
                     denied.key().empty() ? "every key" : denied.key());
}

std::string of_key(const std::string& key) { return key.empty() ? "every key" : "key " + key; }

// "PutSecretValue", "calls"
std::string calls(const std::string& operation) { return operation.empty() ? "calls" : operation; }

std::string or_all(const google::protobuf::RepeatedPtrField<std::string>& regions) {
  return regions.empty() ? "all regions" : joined(regions);
}

std::string flap_text(const v1::Flap& flap) {
  return fmt::format("the network {} flaps: {} down, {} up", between(flap.from(), flap.to(), false),
                     flap.down().empty() ? "1s" : flap.down(),
                     flap.up().empty() ? "1s" : flap.up());
}

std::string network_text(const v1::Fault& fault) {
  switch (fault.kind_case()) {
    case v1::Fault::kCut:
      return fmt::format("the network {} is cut",
                         between(fault.cut().from(), fault.cut().to(), fault.cut().one_way()));
    case v1::Fault::kIsolate:
      return fault.isolate().region() + " is cut off from every region";
    case v1::Fault::kDegrade:
      return degrade_text(fault.degrade());
    case v1::Fault::kDropNext:
      return next_messages(fault.drop_next()) + " lost";
    case v1::Fault::kDelayNext:
      return next_messages(fault.delay_next()) + " held back by " + fault.delay_next().delay();
    case v1::Fault::kClog:
      return fmt::format("the network {} is clogged",
                         between(fault.clog().from(), fault.clog().to(), fault.clog().one_way()));
    case v1::Fault::kSwizzleClog:
      return fmt::format("the links of {} clog one after the other, and clear in another order",
                         or_all(fault.swizzle_clog().region()));
    case v1::Fault::kFlap:
      return flap_text(fault.flap());
    case v1::Fault::kResetConnection:
      return fmt::format(
          "the connection {} is reset",
          between(fault.reset_connection().from(), fault.reset_connection().to(), false));
    case v1::Fault::kCorruptNext:
      return next_messages(fault.corrupt_next()) +
             (fault.corrupt_next().truncate() ? " cut short" : " damaged");
    case v1::Fault::kDuplicateNext:
      return next_messages(fault.duplicate_next()) + " delivered twice" +
             (fault.duplicate_next().delay().empty()
                  ? ""
                  : ", the second time " + fault.duplicate_next().delay() + " later");
    case v1::Fault::kLateGhost: {
      const v1::LateGhost& ghost = fault.late_ghost();
      return fmt::format("a copy of the next {} from {} to {} comes {} later",
                         ghost.message().empty() ? "message" : ghost.message(), ghost.from(),
                         ghost.to(), ghost.delay().empty() ? "30s" : ghost.delay());
    }
    default:
      return "";
  }
}

std::string machine_text(const v1::Fault& fault) {
  switch (fault.kind_case()) {
    case v1::Fault::kCrash:
      return crash_text(fault.crash());
    case v1::Fault::kPause:
      return fault.pause().region() + " hangs";
    case v1::Fault::kSlowRegion:
      return fmt::format("everything in {} takes {} longer", fault.slow_region().region(),
                         fault.slow_region().delay());
    case v1::Fault::kOldBinary:
      return fault.old_binary().region() + " starts with a binary that is too old for its store";
    case v1::Fault::kWipe:
      return fault.wipe().region() + " loses its disk and starts on an empty one";
    case v1::Fault::kOldBackup:
      return fault.old_backup().region() + " is backed up, and gets that back in the end";
    case v1::Fault::kDisk:
      return disk_text(fault.disk());
    case v1::Fault::kClock:
      return clock_text(fault.clock());
    case v1::Fault::kClockSkew:
      return fmt::format("the clocks of {} are set apart by {} each",
                         or_all(fault.clock_skew().region()), fault.clock_skew().offset());
    default:
      return "";
  }
}

std::string kms_text(const v1::Fault& fault) {
  const auto key_in = [](const auto& kind, std::string_view what) {
    return fmt::format("{} in {} {}", of_key(kind.key()), kind.region(), what);
  };
  switch (fault.kind_case()) {
    case v1::Fault::kKeyDenied:
      return denied_text(fault.key_denied());
    case v1::Fault::kKeyDisabled:
      return key_in(fault.key_disabled(), "is disabled");
    case v1::Fault::kKeyPendingDeletion:
      return key_in(fault.key_pending_deletion(), "is pending deletion");
    case v1::Fault::kKeyDeleted:
      return key_in(fault.key_deleted(), "is deleted");
    case v1::Fault::kKmsUnavailable:
      return "KMS in " + fault.kms_unavailable().region() + " is down";
    case v1::Fault::kKmsThrottled:
      return "KMS in " + fault.kms_throttled().region() + " throttles every call";
    case v1::Fault::kKmsSlow:
      return fmt::format("KMS in {} takes {} longer", fault.kms_slow().region(),
                         fault.kms_slow().delay());
    case v1::Fault::kGrantRevoked:
      return key_in(fault.grant_revoked(), "loses its grants while calls are on their way");
    case v1::Fault::kKmsTimeout:
      return "KMS in " + fault.kms_timeout().region() + " does what it is asked, and times out";
    case v1::Fault::kWrongKey:
      return key_in(fault.wrong_key(), "goes by a name that does not exist");
    case v1::Fault::kKeyRotated:
      return key_in(fault.key_rotated(), "is rotated");
    case v1::Fault::kContextMismatch:
      return fault.context_mismatch().region() + " decrypts with another encryption context";
    case v1::Fault::kReplicaKeyMissing:
      return key_in(fault.replica_key_missing(), "has not been created");
    default:
      return "";
  }
}

std::string service_text(const v1::Fault& fault) {
  const auto calls_to = [](const auto& kind, std::string_view what) {
    return fmt::format("{} to {} {}", calls(kind.operation()), kind.region(), what);
  };
  switch (fault.kind_case()) {
    case v1::Fault::kRegionDisabled:
      return fault.region_disabled().region() + " is disabled for the account";
    case v1::Fault::kClientsCut:
      return fault.clients_cut().region() + " is out of the reach of clients";
    case v1::Fault::kControlPlaneDown:
      return "the control plane of " + fault.control_plane_down().region() + " is down";
    case v1::Fault::kApiThrottled:
      return calls_to(fault.api_throttled(), "are throttled");
    case v1::Fault::kApiFails:
      return calls_to(fault.api_fails(), "fail before they do anything");
    case v1::Fault::kApiFailsAfter:
      return calls_to(fault.api_fails_after(), "fail after they have done everything");
    case v1::Fault::kReplyLost:
      return calls_to(fault.reply_lost(), "lose their answers");
    case v1::Fault::kDuplicateRequests:
      return calls_to(fault.duplicate_requests(), "arrive twice");
    case v1::Fault::kReplicaLag:
      return fmt::format("what is replicated to {} comes {} later", fault.replica_lag().region(),
                         fault.replica_lag().by());
    default:
      return "";
  }
}

std::string kind_text(const v1::Fault& fault) {
  for (const auto& words : {network_text, machine_text, kms_text, service_text}) {
    if (std::string text = words(fault); !text.empty()) return text;
  }
  return "nothing";
}

}  // namespace

std::string crash_text(const v1::Crash& crash) {
  std::string out = crash.region() + " crashes";
  if (crash.torn_tail() == v1::TEAR) out += ", and its disk tears what was not synced";
  if (crash.torn_tail() == v1::KEEP_ALL) out += ", and its disk keeps what was written";
  if (crash.recover_crashes() == 1) out += ", and again as it recovers";
  if (crash.recover_crashes() > 1)
    out += fmt::format(", and {} times as it recovers", crash.recover_crashes());
  return out;
}

std::string fault_text(const v1::Fault& fault) {
  std::string details = fault.name();
  if (!fault.for_().empty()) details += (details.empty() ? "for " : ", for ") + fault.for_();
  return details.empty() ? kind_text(fault) : fmt::format("{} ({})", kind_text(fault), details);
}

}  // namespace faultline::regions
