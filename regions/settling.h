// Settling: the end of a run (`settle` in a scenario). What was broken is mended, or a part of the
// world is given up for dead; users ask again for what has Failed; and then the world must come to
// rest in time. Many bugs show only there.
//
// Mended   every fault; regions that are down start again; regions and keys are enabled as the
//          scenario declared them; keys whose deletion was scheduled are kept, and enabled. A
//          policy that a step has changed stays as it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/time.h"
#include "proto/scenario.pb.h"
#include "regions/world.h"

namespace faultline::regions {

class Settling {
 public:
  // All outlive this.
  Settling(World& world, const v1::Scenario& scenario) : world_(world), scenario_(scenario) {}

  // When it begins: at `settle.at`, or when the last step has happened.
  [[nodiscard]] engine::Instant begins_at() const;

  // Mends everything but the dead, now.
  void mend();
  // Asks again for every replica that a living primary lists as Failed. How many.
  int ask_again();
  // How long the world has after mend() until it must have come to rest.
  [[nodiscard]] engine::Duration bound();

  [[nodiscard]] std::vector<std::string> dead_regions() const {
    return {scenario_.settle().dead_region().begin(), scenario_.settle().dead_region().end()};
  }

 private:
  void mend_keys(const std::string& region);
  [[nodiscard]] bool is_dead(const std::string& region) const;

  World& world_;
  const v1::Scenario& scenario_;
};

}  // namespace faultline::regions
