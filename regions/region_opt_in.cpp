#include "regions/region_opt_in.h"

#include <algorithm>

#include "engine/simulation.h"
#include "proto/trace.pb.h"
#include "regions/region_list.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

// AWS Account Management Reference, "Quotas for AWS Account Management".
constexpr std::ptrdiff_t kMostUnderWay = 6;

bool is_under_way(RegionOptStatus status) {
  return status == RegionOptStatus::Enabling || status == RegionOptStatus::Disabling;
}

// AWS documents these codes, not their texts.
Result<void> refuse(std::string_view code, std::string text) {
  return tl::make_unexpected(Error{std::string(code), std::move(text)});
}

}  // namespace

Result<void> RegionOptIn::enable(const std::string& region) {
  switch (world_.account().opt_status(region)) {
    case RegionOptStatus::Enabled:
    case RegionOptStatus::EnabledByDefault:
    case RegionOptStatus::Enabling:
      return {};
    case RegionOptStatus::Disabling:
      return refuse("ConflictException",
                    "The Region " + region + " is being disabled. Try again when it is DISABLED.");
    case RegionOptStatus::Disabled:
      break;
  }
  return begin(region, RegionOptStatus::Enabling);
}

Result<void> RegionOptIn::disable(const std::string& region) {
  switch (world_.account().opt_status(region)) {
    case RegionOptStatus::Disabled:
    case RegionOptStatus::Disabling:
      return {};
    case RegionOptStatus::EnabledByDefault:
      return refuse("ValidationException",
                    "The Region " + region + " is enabled by default and cannot be disabled.");
    case RegionOptStatus::Enabling:
      return refuse("ConflictException",
                    "The Region " + region + " is being enabled. Try again when it is ENABLED.");
    case RegionOptStatus::Enabled:
      break;
  }
  return begin(region, RegionOptStatus::Disabling);
}

Result<void> RegionOptIn::begin(const std::string& region, RegionOptStatus on_the_way) {
  const auto statuses = world_.account().opt_statuses();
  const auto under_way =
      std::ranges::count_if(statuses, [](const auto& entry) { return is_under_way(entry.second); });
  if (under_way >= kMostUnderWay) {
    return refuse("TooManyRequestsException",
                  "Too many Region opt-in or opt-out requests are in progress.");
  }
  change(region, on_the_way);
  schedule_end(region, on_the_way);
  return {};
}

engine::Duration RegionOptIn::busy_for() const {
  return ends_pending_ > 0 ? world_.service().region_opt_time : engine::Duration::zero();
}

void RegionOptIn::resume() {
  for (const auto& [region, status] : world_.account().opt_statuses()) {
    if (is_under_way(status)) schedule_end(region, status);
  }
}

void RegionOptIn::schedule_end(const std::string& region, RegionOptStatus on_the_way) {
  const std::uint64_t number = ++begun_[region];
  ++ends_pending_;
  const auto end = [this, region, on_the_way, number] {
    --ends_pending_;
    const bool is_overtaken =
        begun_[region] != number || world_.account().opt_status(region) != on_the_way;
    if (is_overtaken) return;
    if (on_the_way == RegionOptStatus::Disabling) return change(region, RegionOptStatus::Disabled);
    // One that every account has, and that only an operator can have disabled, is what it was.
    change(region, is_default_region(region) ? RegionOptStatus::EnabledByDefault
                                             : RegionOptStatus::Enabled);
  };
  world_.simulation().after(world_.service().region_opt_time, end, "region opt status");
}

void RegionOptIn::change(const std::string& region, RegionOptStatus status) {
  world_.account().set_opt_status(region, status);
  engine::Simulation& simulation = world_.simulation();
  simulation.trace().record({.kind = v1::REGION_OPT_STATUS,
                             .actor = simulation.find(region).value_or(engine::kNoActor),
                             .subject = region,
                             .outcome = to_text(status)});
}

}  // namespace faultline::regions
