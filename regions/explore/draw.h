// Drawing: a scenario with random parts becomes one of concrete steps. Nothing is left to luck
// afterwards but what the simulated world itself draws, so that a random run can be written down,
// read, cut down and replayed like any other.
//
//     const v1::Scenario drawn = draw(base, Style{.calls = 40, .faults = 3}, luck);
//
// What is drawn      secrets are made where the base makes none; then calls in the mix of the style,
//                    by a client that remembers what it has done, so that most of them make sense
//                    (and some on purpose do not); faults at times, or at events ("when us-east-1
//                    has committed for the third time"); and `settle`.
// What stays         regions, keys, principals, network, service and the base's own steps. Their
//                    wanted results, and expectations that a fault may rightly break, are dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"
#include "proto/scenario.pb.h"
#include "regions/explore/luck.h"
#include "regions/scenario_loader.h"

namespace faultline::regions::explore {

// Operations that a workload may mix, by the names of v1::OperationWeight.
struct OperationKind {
  std::string_view name;
  std::uint32_t weight;  // in the default mix
};
[[nodiscard]] const std::vector<OperationKind>& operation_kinds();

struct FaultChoice {
  std::string id;  // of the catalogue, "NET-09"
  std::uint32_t weight = 1;
};
// The default: every fault that can be drawn.
[[nodiscard]] const std::vector<FaultChoice>& all_fault_choices();

struct Style {
  std::uint32_t secrets = 1;
  std::uint32_t calls = 20;
  // Between one call and the next: from a hundredth of this up to this.
  engine::Duration longest_gap = engine::Duration::seconds(1);
  // By operation_kinds(); empty: the default.
  std::vector<std::uint32_t> mix{};
  std::vector<std::string> primary_regions{};  // empty: any

  std::uint32_t faults = 2;
  std::vector<FaultChoice> fault_mix{};  // empty: the default
  engine::Duration longest_fault = engine::Duration::seconds(10);
  // Of a hundred faults so many come at an event instead of at a time.
  std::uint32_t aimed_percent = 50;
  // Every link has a latency of its own, some of them very long.
  bool uneven_links = false;
  // Every link loses, doubles and reorders a little.
  bool noisy_links = false;
  // One region dies for good when the rest is mended.
  bool loses_a_region = false;
  // The base's expectations are kept, but for those that a fault may break.
  bool keeps_expectations = false;
};

[[nodiscard]] v1::Scenario draw(const v1::Scenario& base, const Style& style, Luck& luck);

// Whether a scenario has a workload or chaos.
[[nodiscard]] bool is_random(const v1::Scenario& scenario);
// What its `workload` and `chaos` say.
[[nodiscard]] Style style_of(const v1::Scenario& scenario);
// The scenario that this seed draws. REQUIRES: is_random.
[[nodiscard]] LoadedScenario with_steps_drawn(const LoadedScenario& loaded, std::uint64_t seed);

}  // namespace faultline::regions::explore
