#include "regions/invariants/bound.h"

#include <algorithm>

#include "engine/simulation.h"
#include "regions/other_services.h"
#include "regions/rotation/functions.h"
#include "regions/services.h"
#include "regions/staging_labels.h"
#include "regions/world.h"

namespace faultline::regions {

using engine::Duration;

namespace {

Duration times(Duration duration, std::int64_t count) {
  return Duration::nanos(duration.ns() * count);
}

}  // namespace

Duration pauses(const ServiceConfig& config, std::uint32_t attempts) {
  Duration sum;
  Duration pause = std::min(config.retry_base, config.retry_cap);
  for (std::uint32_t attempt = 0; attempt < attempts; ++attempt) {
    sum = sum + pause + Duration::nanos(pause.ns() / 4);
    pause = std::min(pause + pause, config.retry_cap);
  }
  return sum;
}

Duration round_trip(World& world) {
  engine::Simulation& simulation = world.simulation();
  Duration slowest;
  for (const std::string& from : world.regions()) {
    for (const std::string& to : world.regions()) {
      if (from == to) continue;
      const engine::LinkConditions link =
          simulation.network().effective(*simulation.find(from), *simulation.find(to));
      const Duration late = link.reorder.is_never() ? Duration() : link.reorder_delay;
      slowest = std::max(slowest, link.latency + link.jitter + late);
    }
  }
  return slowest + slowest;
}

Duration resolution_bound(World& world, std::size_t values, Duration extra) {
  const ServiceConfig& config = world.service();
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(values, 1));
  const Duration kms = times(config.kms_latency + config.kms_latency + extra, 2 * count);
  const Duration attempt = kms + round_trip(world) + times(config.sync_latency, 2);
  const std::uint32_t attempts = std::max(config.max_attempts, 1U);
  return times(pauses(config, attempts) + times(attempt, attempts), 2);
}

// From a rotation's first attempt to the end of its last: every step takes its time and makes up to
// four calls, each of which may ask KMS and sync.
Duration rotation_bound(World& world) {
  const ServiceConfig& config = world.service();
  Duration slowest = Duration::nanos(-1);
  for (const std::string& name : world.regions()) {
    Region* const region = world.region(name);
    if (region == nullptr || !region->secret_store().is_open()) continue;
    const auto secrets = region->secret_store().secrets();
    if (!secrets.has_value()) continue;
    for (const v1::StoredSecret& secret : *secrets) {
      if (secret.role() == v1::Replica || !secret.has_rotation()) continue;
      const std::string& function = secret.rotation().lambda_arn();
      slowest = std::max(slowest, world.rotation_functions().step_time(name, function));
    }
  }
  if (slowest < Duration::zero()) return Duration::zero();
  const Duration call = times(config.kms_latency, 2) + config.sync_latency;
  const Duration attempt = times(slowest + times(call, 4) + config.sync_latency, 4);
  const std::uint32_t attempts = std::max(config.max_attempts, 1U);
  return times(pauses(config, attempts) + times(attempt, attempts), 2);
}

Duration settle_bound(World& world) {
  return kReopeningMost + times(resolution_bound(world, kLabelsMax), 2) + rotation_bound(world) +
         world.other_services().busy_for();
}

}  // namespace faultline::regions
