// Scenarios as RapidCheck's values, and a protocol under chaos in one line.
#include "regions/testing/generators.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "regions/testing/survives.h"
#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

LoadedScenario adopted(const v1::Scenario& scenario) {
  auto loaded = adopt_scenario("random", scenario);
  if (!loaded) RC_FAIL(loaded.error().front().to_string());
  return *std::move(loaded);
}

std::string shown(const v1::Scenario& scenario) {
  std::ostringstream out;
  rc::show(scenario, out);
  return out.str();
}

// A counterexample can be pasted into a file.
RC_GTEST_PROP(ScenarioGenerator, ShowsAScenarioFile, (const v1::Scenario& scenario)) {
  const auto loaded = load_scenario("shown", shown(scenario));
  if (!loaded) RC_FAIL(loaded.error().front().to_string());
  RC_ASSERT(loaded->scenario.SerializeAsString() == scenario.SerializeAsString());
}

RC_GTEST_PROP(ScenarioGenerator, ShrinksByTakingStepsOut, (const v1::Scenario& scenario)) {
  auto fewer = faultline::chaos::with_fewer_steps(scenario);
  int seen = 0;
  while (const auto less = fewer.next()) {
    RC_ASSERT(less->step_size() < scenario.step_size());
    ++seen;
  }
  RC_ASSERT(seen >= scenario.step_size());
}

RC_GTEST_PROP(ScenarioGenerator, RandomWorldsHold, (const v1::Scenario& scenario)) {
  const v1::RunReport report = run_of(adopted(scenario));
  if (report.violations_size() > 0) {
    RC_FAIL(report.violations(0).expectation() + ": " + report.violations(0).found());
  }
}

TEST(Survives, ASoundProtocolDoes) {
  HuntOptions options;
  options.base = small_chaos().scenario;
  options.runs = 5;
  EXPECT_TRUE(faultline::chaos::survives(options));
}

TEST(Survives, ABrokenOneIsToldWithItsScenario) {
  HuntOptions options;
  options.base = small_chaos().scenario;
  options.base->mutable_service()->add_defect("D02");
  options.runs = 300;
  const auto result = faultline::chaos::survives(options);
  ASSERT_FALSE(result);
  const std::string message = result.message();
  EXPECT_NE(message.find("found by run 1/"), std::string::npos) << message;
  EXPECT_NE(message.find("create_secret"), std::string::npos) << message;
}

}  // namespace
}  // namespace faultline::regions::explore
