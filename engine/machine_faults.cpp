// What faults do to machines: their processes, disks and clocks.
#include <algorithm>
#include <memory>

#include "engine/actor.h"
#include "engine/clock.h"
#include "engine/disk.h"
#include "engine/fault_fields.h"
#include "engine/fault_injector.h"
#include "engine/simulation.h"

namespace faultline::engine {
namespace {

__extension__ using Wide = __int128;

// What a clock gains in `elapsed`, rounded down, as the clock itself does.
int64_t gained_ns(Duration elapsed, int64_t ppm) {
  constexpr int64_t kMillion = 1'000'000;
  const Wide product = Wide{elapsed.ns()} * ppm;
  const Wide quotient = product / kMillion;
  return static_cast<int64_t>(product % kMillion < 0 ? quotient - 1 : quotient);
}

bool is_about_clock_of(const v1::Fault& fault, const std::string& region) {
  return fault.has_clock() && fault.clock().region() == region;
}

}  // namespace

bool FaultInjector::start_machine(const v1::Fault& fault, uint64_t id) {
  switch (fault.kind_case()) {
    case v1::Fault::kCrash:
      simulation_.crash(actor(fault.crash().region()), {.torn_tail = fault.crash().torn_tail()});
      return true;
    case v1::Fault::kPause:
      simulation_.pause(actor(fault.pause().region()));
      return true;
    case v1::Fault::kSlowRegion:
      simulation_.slow_down(actor(fault.slow_region().region()),
                            duration_or_die(fault.slow_region().delay()));
      return true;
    case v1::Fault::kDisk: {
      Disk& disk = simulation_.context(actor(fault.disk().region())).disk();
      disk.rot(id, fault.disk().bit_rot());
      disk.misdirect(id, fault.disk().misdirected_writes());
      refresh_disk(fault.disk().region());
      return true;
    }
    case v1::Fault::kClock:
      refresh_clock(fault.clock().region());
      return true;
    case v1::Fault::kClockSkew:
      refresh_skewed(fault.clock_skew());
      return true;
    default:
      return false;
  }
}

bool FaultInjector::stop_machine(const ActiveFault& active) {
  const v1::Fault& fault = active.fault;
  switch (fault.kind_case()) {
    case v1::Fault::kCrash:
      restart(fault.crash().region(), 0, fault.crash().recover_crashes());
      return true;
    case v1::Fault::kPause:
      simulation_.end_pause(actor(fault.pause().region()));
      return true;
    case v1::Fault::kSlowRegion:
      simulation_.slow_down(actor(fault.slow_region().region()),
                            Duration::zero() - duration_or_die(fault.slow_region().delay()));
      return true;
    case v1::Fault::kDisk:
      simulation_.context(actor(fault.disk().region())).disk().repair(active.id);
      refresh_disk(fault.disk().region());
      return true;
    case v1::Fault::kClock:
      refresh_clock(fault.clock().region());
      take_back_drift(active);
      return true;
    case v1::Fault::kClockSkew:
      refresh_skewed(fault.clock_skew());
      return true;
    default:
      return false;
  }
}

// ---- processes ----------------------------------------------------------------------------------

bool FaultInjector::holds_down(std::string_view region) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.active.fault.has_crash() && entry.active.fault.crash().region() == region;
  });
}

// The n-th recovery that is to fail dies before the n-th access to the disk that it makes, or at its
// end, if it makes fewer.
void FaultInjector::restart(const std::string& region, uint32_t failed, uint32_t failures) {
  if (holds_down(region)) return;
  const ActorId id = actor(region);
  if (failed >= failures || simulation_.is_up(id)) return simulation_.restart(id);
  const auto die = [this, region, id, failed, failures] {
    simulation_.crash(id);
    simulation_.after(
        Duration::seconds(1), [=, this] { restart(region, failed + 1, failures); }, "restart");
  };
  Disk& disk = simulation_.context(id).disk();
  disk.interrupt_after(failed, die);
  simulation_.restart(id);
  if (simulation_.is_up(id) && disk.cancel_interrupt()) die();
}

// ---- disks --------------------------------------------------------------------------------------

void FaultInjector::refresh_disk(const std::string& region) {
  DiskFaults& faults = simulation_.context(actor(region)).disk().faults();
  // Some disks are like that, without any fault.
  const bool always_loses = loses_renames_.try_emplace(region, faults.lose_renames).first->second;
  faults = {};
  faults.lose_renames = always_loses;
  for (const Entry& entry : entries_) {
    if (!entry.active.fault.has_disk() || entry.active.fault.disk().region() != region) continue;
    const v1::DiskFault& disk = entry.active.fault.disk();
    faults.fail_writes |= disk.fail_writes();
    faults.fail_syncs |= disk.fail_syncs();
    faults.fail_reads |= disk.fail_reads();
    faults.full |= disk.full();
    faults.lying_sync |= disk.lying_sync();
    faults.lose_renames |= disk.lose_renames();
    faults.slow_sync += duration_or(disk.slow_sync(), Duration::zero());
  }
}

// ---- clocks -------------------------------------------------------------------------------------

std::vector<std::string> FaultInjector::skewed(const v1::ClockSkew& skew) const {
  std::vector<std::string> regions{skew.region().begin(), skew.region().end()};
  for (uint32_t i = 0; skew.region().empty() && i < simulation_.actors(); ++i) {
    regions.push_back(simulation_.context(ActorId{i}).name());
  }
  return regions;
}

void FaultInjector::refresh_skewed(const v1::ClockSkew& skew) {
  for (const std::string& region : skewed(skew)) refresh_clock(region);
}

// The n-th region of those that are set apart is wrong by n offsets, from zero.
Duration FaultInjector::skew_of(const v1::ClockSkew& skew, const std::string& region) const {
  const std::vector<std::string> regions = skewed(skew);
  const auto place = std::find(regions.begin(), regions.end(), region);
  if (place == regions.end()) return Duration::zero();
  return Duration::nanos(offset_of(skew.offset()).ns() * (place - regions.begin()));
}

// Offsets add up, and so do drifts, as far as a clock goes.
void FaultInjector::refresh_clock(const std::string& region) {
  Clock& clock = simulation_.context(actor(region)).clock();
  Duration offset = Duration::zero();
  int64_t ppm = 0;
  bool frozen = false;
  for (const Entry& entry : entries_) {
    const v1::Fault& fault = entry.active.fault;
    if (fault.has_clock_skew()) offset += skew_of(fault.clock_skew(), region);
    if (!is_about_clock_of(fault, region)) continue;
    offset += offset_of(fault.clock().offset());
    ppm += fault.clock().drift_ppm();
    frozen = frozen || fault.clock().frozen();
  }
  clock.set_offset(offset);
  Drift& drift = drifts_[region];
  const Instant now = simulation_.now();
  drift.gathered_ns += gained_ns(now - drift.since, drift.ppm);
  drift.since = now;
  drift.ppm = std::clamp(ppm, int64_t{-1'000'000}, int64_t{1'000'000'000});
  clock.set_drift_ppm(now, drift.ppm);
  frozen ? clock.freeze(now) : clock.thaw();
}

// What this fault gained the clock goes with it; the last one takes the rest, which rounding and
// clamping may have left.
void FaultInjector::take_back_drift(const ActiveFault& healed) {
  const std::string& region = healed.fault.clock().region();
  Drift& drift = drifts_[region];
  const bool is_last = std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return is_about_clock_of(entry.active.fault, region);
  });
  const Instant now = simulation_.now();
  const int64_t share =
      is_last ? drift.gathered_ns : gained_ns(now - healed.since, healed.fault.clock().drift_ppm());
  drift.gathered_ns -= share;
  simulation_.context(actor(region)).clock().jump(now, -share);
}

}  // namespace faultline::engine
