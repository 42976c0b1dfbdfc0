// Faults: what they hit, and with what.
#include <cstdint>

#include "engine/fault_injector.h"
#include "regions/fault_catalogue.h"
#include "regions/scenario/check.h"
#include "regions/scenario/choices.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// Fields that may stay away, though most faults have them: "everywhere", "every key".
bool may_be_absent(const v1::Fault& fault, std::string_view field) {
  return (fault.has_degrade() && field == "to") ||
         ((fault.has_key_denied() || fault.has_grant_revoked()) && field == "key");
}

// A delay that has a default.
bool has_usual_delay(const v1::Fault& fault) {
  return fault.has_duplicate_next() || fault.has_late_ghost() || fault.has_kms_timeout();
}

bool says_something(const v1::DiskFault& disk) {
  return disk.fail_writes() || disk.fail_syncs() || disk.fail_reads() || disk.full() ||
         !disk.slow_sync().empty() || disk.lying_sync() || disk.lose_renames() ||
         disk.bit_rot() > 0 || disk.misdirected_writes() > 0;
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
  if (is_over_at_once(fault) && !fault.for_().empty()) {
    complain(spot, "for", "a " + kind + " is over as soon as it has happened: it takes no `for`");
  }
  const Spot kind_spot = spot.child(kind);
  check_fault_target(fault, kind_spot);
  check_fault_kind(fault, kind_spot);
  check_fault_effect(fault, kind_spot);
}

void ScenarioChecker::check_fault_target(const v1::Fault& fault, const Spot& kind) {
  if (fault.has_swizzle_clog()) return check_regions_apart(kind, 2);
  if (fault.has_clock_skew()) return check_regions_apart(kind, 1);
  for (const char* field : {"region", "from", "to", "key"}) {
    if (!has_field(kind, field)) continue;
    if (may_be_absent(fault, field) && count_of(kind, field) == 0) continue;
    if (std::string_view(field) != "key") {
      declared_region(kind, field);
    } else if (required(kind, field, "the key")) {
      known_key(kind, field, text_of(kind, "region"),
                fault.has_key_rotated() ? KeyUse::Change : KeyUse::Any);
    }
  }
  if (has_field(kind, "from") && has_field(kind, "to") && !text_of(kind, "from").empty() &&
      text_of(kind, "from") == text_of(kind, "to")) {
    complain(kind, "to", "a link leads from one region to another");
  }
}

// A list of regions; an empty one means all.
void ScenarioChecker::check_regions_apart(const Spot& kind, int least) {
  const int count = count_of(kind, "region");
  if (count > 0 && count < least) {
    complain(kind, "region", "there are no links within one region: name two or more, or none", 0);
  }
  for (int i = 0; i < count; ++i) {
    const std::string name = text_of(kind, "region", i);
    if (!holds(names_.regions, name) && names_.has_all("region")) {
      complain(kind, "region",
               "region " + quoted(name) + " is not declared" + did_you_mean(name, names_.regions),
               i);
    }
    for (int earlier = 0; earlier < i; ++earlier) {
      if (text_of(kind, "region", earlier) != name) continue;
      complain(kind, "region", "region " + quoted(name) + " is named twice", i);
    }
  }
}

void ScenarioChecker::check_fault_kind(const v1::Fault& fault, const Spot& kind) {
  for (const char* field : {"latency", "jitter", "reorder_delay", "slow_sync"}) {
    if (has_field(kind, field)) duration(kind, field);
  }
  for (const char* field : {"up", "down"}) {
    if (has_field(kind, field)) duration(kind, field, Zero::Refused);
  }
  for (const char* field : {"loss", "duplicate", "reorder"}) {
    if (has_field(kind, field)) ratio(kind, field);
  }
  for (const char* field : {"delay", "by"}) {
    if (!has_field(kind, field)) continue;
    const bool usual = has_usual_delay(fault);
    if (!usual && !required(kind, field, "the delay")) continue;
    duration(kind, field, fault.has_duplicate_next() ? Zero::Allowed : Zero::Refused);
  }
  if (has_field(kind, "message") && count_of(kind, "message") > 0) {
    const bool built_in =
        scenario_.service().protocol().empty() || scenario_.service().protocol() == "aws";
    if (built_in) one_of(kind, "message", -1, "message between regions", wire_messages());
  }
  if (has_field(kind, "operation") && count_of(kind, "operation") > 0) {
    one_of(kind, "operation", -1, "operation of the API", api_operations());
  }
  if (has_field(kind, "principal")) known_principal(kind, "principal");
  if (has_field(kind, "actions")) known_actions(kind, "actions");
}

void ScenarioChecker::check_fault_effect(const v1::Fault& fault, const Spot& kind) {
  constexpr std::uint32_t kMostRecoveries = 100;
  constexpr std::uint32_t kMostDamage = 10'000;
  if (fault.has_disk() && !says_something(fault.disk())) {
    complaints_.add(kind.place(), "the disk fault breaks nothing: fail_syncs: true, for example");
  }
  if (fault.disk().bit_rot() > kMostDamage) complain(kind, "bit_rot", "at most 10000 bits rot");
  if (fault.disk().misdirected_writes() > kMostDamage) {
    complain(kind, "misdirected_writes", "at most 10000 writes go astray");
  }
  if (fault.has_degrade() && !says_something(fault.degrade())) {
    complaints_.add(kind.place(), "the link is not made worse: latency: \"500ms\", for example");
  }
  if (fault.crash().recover_crashes() > kMostRecoveries) {
    complain(kind, "recover_crashes", "a region dies in at most 100 recoveries");
  }
  if (fault.has_clock()) check_clock(fault.clock(), kind);
  if (fault.has_clock_skew() && required(kind, "offset", "the offset")) check_clock_offset(kind);
}

void ScenarioChecker::check_clock_offset(const Spot& kind) {
  constexpr auto kMost = engine::Duration::days(3'650);
  const auto offset = engine::parse_signed_duration(text_of(kind, "offset"));
  if (!offset) {
    complain(kind, "offset", "offset: " + offset.error());
  } else if (*offset > kMost || *offset < -kMost) {
    complain(kind, "offset", "a clock is wrong by at most 3650d");
  }
}

void ScenarioChecker::check_clock(const v1::ClockFault& clock, const Spot& kind) {
  if (!clock.offset().empty()) {
    check_clock_offset(kind);
  } else if (clock.drift_ppm() == 0 && !clock.frozen()) {
    complaints_.add(kind.place(), "the clock is right: give it an offset or a drift_ppm");
  }
  if (clock.drift_ppm() < -1'000'000 || clock.drift_ppm() > 1'000'000) {
    complain(kind, "drift_ppm",
             "drift_ppm is from -1000000 (a clock that stands still) to 1000000");
  }
}

}  // namespace faultline::regions
