// RegionOptIn: enabling and disabling regions as AWS does it, which takes a while. Operators of a
// scenario, who do it at once, use World::enable_region instead.
//
// Time     service.region_opt_time from ENABLING to ENABLED and from DISABLING to DISABLED. A
//          region is not enabled in between. What was begun is not cancelled, but overtaken by an
//          operator.
// Trace    REGION_OPT_STATUS at each change.
// Source   AWS Account Management Reference, "Enable or disable AWS Regions in your account".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/time.h"
#include "regions/account.h"
#include "regions/error.h"

namespace faultline::regions {

class World;

class RegionOptIn {
 public:
  // The world outlives this.
  explicit RegionOptIn(World& world) : world_(world) {}

  // A region that is on its way there, or has arrived, stays so, and that is no error.
  // Errors  ConflictException on its way to the other; ValidationException for a region that every
  //         account has; TooManyRequestsException while 6 are under way.
  // REQUIRES: AWS has a region of that name, or the world.
  Result<void> enable(const std::string& region);
  Result<void> disable(const std::string& region);

  // See other_services.h.
  [[nodiscard]] engine::Duration busy_for() const;
  // What was under way goes on: for a world that was restored.
  void resume();

 private:
  Result<void> begin(const std::string& region, RegionOptStatus on_the_way);
  void schedule_end(const std::string& region, RegionOptStatus on_the_way);
  void change(const std::string& region, RegionOptStatus status);

  World& world_;
  std::size_t ends_pending_ = 0;
  // Numbers what was begun, by region: an end that was overtaken does nothing.
  std::map<std::string, std::uint64_t> begun_;
};

}  // namespace faultline::regions
