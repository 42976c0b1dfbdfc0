// Portfolio: the strategies of a sweep, each with its share of the runs. One table; the figures that
// decided the shares are in tests/bench/README.md (`faultline bench defects --ablate`).
//
// A strategy ("arm") makes a scenario of concrete steps from a base, for a counter. Every run of a
// campaign is addressable: the same campaign, base, arm and counter make the same run, on any
// machine and in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/result.h"
#include "proto/scenario.pb.h"
#include "regions/scenario_loader.h"

namespace faultline::regions::explore {

struct Arm {
  std::string_view name;
  // Of the runs of a default campaign, relative to the others.
  std::uint32_t share;
  // One sentence.
  std::string_view what;
  v1::Scenario (*make)(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter);
};

// In the order of the table.
[[nodiscard]] const std::vector<Arm>& portfolio();
[[nodiscard]] const Arm* find_arm(std::string_view name);

struct Address {
  std::uint64_t campaign = 1;
  std::string arm;
  std::uint64_t counter = 0;

  // "1/edge/173"
  [[nodiscard]] std::string to_string() const;
  // Errors: a sentence.
  [[nodiscard]] static Expected<Address, std::string> parse(std::string_view text);
};

struct Case {
  Address address;
  // The base's file, and the concrete scenario.
  LoadedScenario loaded;
  std::uint64_t seed = 1;
};

// REQUIRES: an arm of the portfolio.
[[nodiscard]] Case make_case(const LoadedScenario& base, const Address& address);

}  // namespace faultline::regions::explore
