// Scenarios that the tests of exploration draw from, search and shrink.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/report.pb.h"
#include "regions/level_kv_store.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_world.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions::explore {

// A file of scenarios/.
inline LoadedScenario library(const std::string& name) {
  auto loaded = load_scenario_file(FAULTLINE_SOURCE_DIR "/scenarios/" + name);
  if (loaded) return *std::move(loaded);
  for (const InputError& error : loaded.error()) ADD_FAILURE() << error.to_string();
  return {};
}

// Steps only; and one that is drawn.
inline LoadedScenario hello() { return library("01_hello_replica.textproto"); }
inline LoadedScenario chaos() { return library("chaos/three_regions.textproto"); }

// Two regions and a few calls: cheap to run.
inline LoadedScenario small_chaos() {
  return load_or_fail(R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    workload { secrets: 1 calls: 4 duration: "4s" }
    chaos { faults: 1 longest: "2s" }
    settle {}
  )");
}

// What all runs of a test share: an empty store need not be made for each.
inline const SharedParts& shared_parts() {
  static const SharedParts parts = {.protocols = std::make_shared<const ProtocolRegistry>(),
                                    .empty_database = make_empty_database_image()};
  return parts;
}

inline v1::RunReport run_of(const LoadedScenario& loaded) {
  RunOptions options;
  options.shared = shared_parts();
  return ScenarioRun(loaded, options).finish();
}
inline v1::RunReport run_of(const v1::Scenario& scenario) {
  return run_of(LoadedScenario{scenario, "test", {}, {}});
}

// Ids of the properties that a run violates, "" for an expectation.
inline std::vector<std::string> violated_by(const v1::RunReport& report) {
  std::vector<std::string> ids;
  for (const auto& violation : report.violations()) ids.push_back(violation.property());
  return ids;
}

// How often a step of some kind stands in a scenario.
template <class Is>
int count_steps(const v1::Scenario& scenario, Is is) {
  return static_cast<int>(std::ranges::count_if(scenario.step(), is));
}

}  // namespace faultline::regions::explore
