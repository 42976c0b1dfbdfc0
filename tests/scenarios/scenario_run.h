// Scenarios from text, for tests: `run_text("region { … } …")` loads, checks and runs.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/trace.pb.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"

namespace faultline::regions {

inline LoadedScenario load_or_fail(std::string_view text) {
  auto loaded = load_scenario("test.textproto", text);
  if (loaded) return *std::move(loaded);
  for (const InputError& error : loaded.error()) ADD_FAILURE() << error.to_string();
  return {};
}

inline v1::RunReport run_text(std::string_view text, RunOptions options = {}) {
  const LoadedScenario loaded = load_or_fail(text);
  return ScenarioRun(loaded, std::move(options)).finish();
}

// Keeps every event.
struct Events : engine::TraceSink {
  std::vector<v1::TraceEvent> events;
  void on_event(const v1::TraceEvent& event) override { events.push_back(event); }
};

// The texts of a report's violations.
inline std::vector<std::string> found_in(const v1::RunReport& report) {
  std::vector<std::string> found;
  for (const auto& violation : report.violations()) found.push_back(violation.found());
  return found;
}

}  // namespace faultline::regions
