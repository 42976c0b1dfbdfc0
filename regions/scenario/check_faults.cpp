// Faults: what they hit, and with what.
#include <google/protobuf/descriptor.h>

#include "engine/fault_injector.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// What the built-in replication sends (proto/replication.proto).
const std::vector<std::string>& wire_messages() {
  static const std::vector<std::string> kMessages = {"Replicate",        "ReplicateAck",
                                                     "ReplicateNack",    "RemoveReplica",
                                                     "RemoveReplicaAck", "ReplicaDetached"};
  return kMessages;
}

// Fields that may stay away, though most faults have them: "everywhere", "every key".
bool may_be_absent(const v1::Fault& fault, std::string_view field) {
  return (fault.has_degrade() && field == "to") || (fault.has_key_denied() && field == "key");
}

bool says_something(const v1::DiskFault& disk) {
  return disk.fail_writes() || disk.fail_syncs() || disk.fail_reads() || disk.full() ||
         !disk.slow_sync().empty() || disk.lying_sync();
}

bool says_something(const v1::Degrade& degrade) {
  return !degrade.latency().empty() || !degrade.jitter().empty() || !degrade.loss().empty() ||
         !degrade.duplicate().empty() || !degrade.reorder().empty() ||
         degrade.bytes_per_second() > 0;
}

}  // namespace

void ScenarioChecker::check_fault(const v1::Step& step, const Spot& spot) {
  const v1::Fault& fault = step.fault();
  duration(spot, "for", Zero::Refused);
  int of_that_name = 0;
  for (const auto& name : names_.faults) of_that_name += name == fault.name() ? 1 : 0;
  if (!fault.name().empty() && of_that_name > 1) {
    complain(spot, "name", "two faults are named " + quoted(fault.name()));
  }
  const std::string kind = engine::fault_kind(fault);
  if (kind.empty()) {
    complaints_.add(spot.place(),
                    "the fault breaks nothing: give it a kind such as cut, crash or key_disabled");
    return;
  }
  const Spot kind_spot = spot.child(kind);
  for (const char* field : {"region", "from", "to", "key"}) {
    if (!has_field(kind_spot, field)) continue;
    if (may_be_absent(fault, field) && count_of(kind_spot, field) == 0) continue;
    if (std::string_view(field) != "key") {
      declared_region(kind_spot, field);
    } else if (required(kind_spot, field, "the key")) {
      known_key(kind_spot, field, text_of(kind_spot, "region"), KeyUse::Any);
    }
  }
  if (fault.has_disk() && !says_something(fault.disk())) {
    complaints_.add(kind_spot.place(),
                    "the disk fault breaks nothing: fail_syncs: true, for example");
  }
  if (fault.has_degrade() && !says_something(fault.degrade())) {
    complaints_.add(kind_spot.place(),
                    "the link is not made worse: latency: \"500ms\", for example");
  }
  check_fault_kind(kind_spot);
}

void ScenarioChecker::check_fault_kind(const Spot& kind) {
  for (const char* field : {"latency", "jitter", "reorder_delay", "slow_sync"}) {
    if (has_field(kind, field)) duration(kind, field);
  }
  for (const char* field : {"loss", "duplicate", "reorder"}) {
    if (has_field(kind, field)) ratio(kind, field);
  }
  if (has_field(kind, "delay") && required(kind, "delay", "the delay")) {
    duration(kind, "delay", Zero::Refused);
  }
  if (has_field(kind, "from") && has_field(kind, "to") && !text_of(kind, "from").empty() &&
      text_of(kind, "from") == text_of(kind, "to")) {
    complain(kind, "to", "a link leads from one region to another");
  }
  if (has_field(kind, "message") && count_of(kind, "message") > 0) {
    const bool built_in =
        scenario_.service().protocol().empty() || scenario_.service().protocol() == "aws";
    if (built_in) one_of(kind, "message", -1, "message between regions", wire_messages());
  }
  if (has_field(kind, "principal")) known_principal(kind, "principal");
  if (has_field(kind, "actions")) known_actions(kind, "actions");
  if (!has_field(kind, "drift_ppm")) return;
  const auto& clock = static_cast<const v1::ClockFault&>(kind.message());
  if (!clock.offset().empty()) {
    const auto offset = engine::parse_signed_duration(clock.offset());
    constexpr auto kMost = engine::Duration::days(3'650);
    if (!offset) {
      complain(kind, "offset", "offset: " + offset.error());
    } else if (*offset > kMost || *offset < -kMost) {
      complain(kind, "offset", "a clock is wrong by at most 3650d");
    }
  } else if (clock.drift_ppm() == 0) {
    complaints_.add(kind.place(), "the clock is right: give it an offset or a drift_ppm");
  }
  if (clock.drift_ppm() < -1'000'000 || clock.drift_ppm() > 1'000'000) {
    complain(kind, "drift_ppm",
             "drift_ppm is from -1000000 (a clock that stands still) to 1000000");
  }
}

}  // namespace faultline::regions
