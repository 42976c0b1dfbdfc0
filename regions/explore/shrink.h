// Shrinking: a run that violates something becomes the smallest scenario that still violates the
// same: a few steps at round times, on a network without luck, without a seed.
//
//     const auto shrunk = shrink(failing, target_of(report), {});
//     write_file(write_scenario(shrunk->scenario));
//
// Passes   (1) what comes after the violation goes; (2) whole kinds of faults and calls, regions and
//          secrets go; (3) delta debugging over the steps; (4) every field that may be absent is
//          taken out where that changes nothing: replicas, retries, labels, delays, link settings;
//          (5) times become round and gaps short, tokens and values canonical, luck leaves the
//          network; (6) of at most ten steps every subset is tried: then the result is marked as
//          minimal. All of it again until nothing moves.
// Verified each accepted step of the way passes the check of scenario files (scenario/check.h), and
//          is a run on the real engine that violates the same property, and no expectation that the
//          run before it did not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "proto/report.pb.h"
#include "proto/result.h"
#include "proto/scenario.pb.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_world.h"

namespace faultline::regions::explore {

// What must be violated: a property by its id, or an expectation by its text.
struct Target {
  std::string property;
  std::string expectation;

  [[nodiscard]] bool is_hit_by(const v1::RunReport& report) const;
  [[nodiscard]] std::string to_string() const { return property.empty() ? expectation : property; }
};
// The first violation of a run. REQUIRES: it has one.
[[nodiscard]] Target target_of(const v1::RunReport& report);

struct ShrinkOptions {
  SharedParts shared{};
  CheckOptions check{};
  // False: time is over, take what there is. Default: never.
  std::function<bool()> may_go_on = [] { return true; };
  std::uint64_t most_replays = 20'000;
};

struct Shrunk {
  v1::Scenario scenario;
  v1::RunReport report;
  int steps_before = 0;
  std::uint64_t replays = 0;
  // No proper subset of its steps violates the target.
  bool minimal = false;
  // It violates the target under every one of several seeds.
  bool any_seed = false;
};

// Errors: the scenario does not violate the target, or does not pass the check.
[[nodiscard]] Expected<Shrunk, std::string> shrink(const LoadedScenario& failing,
                                                   const Target& target,
                                                   const ShrinkOptions& options);

// What tells failures apart: the target and the kinds of steps, without times and names.
[[nodiscard]] std::string fingerprint(const Target& target, const v1::Scenario& shrunk);

}  // namespace faultline::regions::explore
