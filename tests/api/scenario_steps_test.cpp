// The operations as steps of a scenario: what their text is, that they are written as they were
// read, that they run, and that workloads draw them when asked to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "regions/explore/draw.h"
#include "regions/explore/luck.h"
#include "regions/scenario_text.h"
#include "regions/scenario_writer.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

constexpr std::string_view kSteps = R"(
region { name: "us-west-2" } region { name: "us-east-1" }
step { region: "us-west-2" create_secret { name: "app/db" secret_string: "hunter2" } }
step { at: "1s" region: "us-west-2"
  batch_get_secret_value { secret_id_list: "app/db" secret_id_list: "unknown" } }
step { at: "2s" region: "us-west-2"
  batch_get_secret_value { filters { key: "name" values: "app/" values: "!tmp" } max_results: 5 } }
step { at: "3s" region: "us-west-2"
  get_random_password { password_length: 24 exclude_punctuation: true } }
step { at: "4s" region: "us-west-2" get_random_password {} }
step { at: "5s" region: "us-east-1" get_random_password { password_length: 2 }
  want { error: "InvalidParameterException" message: "Password length is too short" } }
)";

TEST(ScenarioStepsTest, RunAsTheyShould) {
  const v1::RunReport report = run_text(kSteps);
  EXPECT_EQ(report.verdict(), v1::HOLDS) << testing::PrintToString(found_in(report));
  EXPECT_EQ(report.calls(), 6U);
}

TEST(ScenarioStepsTest, SayWhatTheyDo) {
  const v1::Scenario scenario = load_or_fail(kSteps).scenario;
  ASSERT_EQ(scenario.step_size(), 6);
  EXPECT_EQ(step_text(scenario.step(1)), "BatchGetSecretValue, of app/db, unknown");
  EXPECT_EQ(step_text(scenario.step(2)), "BatchGetSecretValue, name app/ or !tmp, at most 5");
  EXPECT_EQ(step_text(scenario.step(3)), "GetRandomPassword, 24 characters");
  EXPECT_EQ(step_text(scenario.step(4)), "GetRandomPassword");
}

TEST(ScenarioStepsTest, AreWrittenAsTheyWereRead) {
  const v1::Scenario scenario = load_or_fail(kSteps).scenario;
  const v1::Scenario again = load_or_fail(write_scenario(scenario)).scenario;
  EXPECT_EQ(again.SerializeAsString(), scenario.SerializeAsString());
}

TEST(ScenarioStepsTest, ThrottleWhenTheServiceHasQuotas) {
  std::string text = R"(region { name: "us-west-2" } service { request_quotas: true })";
  for (int i = 0; i < 51; ++i) {
    text += R"( step { region: "us-west-2" get_random_password {} )";
    text += i < 50 ? "}" : R"(want { error: "ThrottlingException" message: "Rate exceeded" } })";
  }
  const v1::RunReport report = run_text(text);
  EXPECT_EQ(report.verdict(), v1::HOLDS) << testing::PrintToString(found_in(report));
}

// ---- workloads ----------------------------------------------------------------------------------

std::map<std::string, int> drawn_by(const std::string& mix) {
  const v1::Scenario base = load_or_fail(
                                "region { name: \"us-west-2\" } region { name: \"us-east-1\" }\n"
                                "workload { secrets: 2 calls: 200 " +
                                mix + " }")
                                .scenario;
  explore::Luck luck(3, "test");
  const v1::Scenario drawn = explore::draw(base, explore::style_of(base), luck);
  std::map<std::string, int> counts;
  for (const v1::Step& step : drawn.step()) ++counts[verb_name(step)];
  return counts;
}

TEST(WorkloadTest, DrawsBatchesAndPasswordsWhenTheyAreNamed) {
  const auto counts = drawn_by(
      "mix { operation: \"batch_get\" weight: 2 } mix { operation: \"random_password\" weight: 1 } "
      "mix { operation: \"put_policy\" weight: 1 }");
  EXPECT_GT(counts.at("batch_get_secret_value"), 40);
  EXPECT_GT(counts.at("get_random_password"), 20);
  EXPECT_GT(counts.at("put_resource_policy"), 20);
  EXPECT_FALSE(counts.contains("put_secret_value"));
}

TEST(WorkloadTest, DrawsNoneOfThemOtherwise) {
  const auto counts = drawn_by("");
  EXPECT_GT(counts.at("put_secret_value"), 0);
  for (const char* verb :
       {"batch_get_secret_value", "get_random_password", "put_resource_policy"}) {
    EXPECT_FALSE(counts.contains(verb)) << verb;
  }
}

TEST(WorkloadTest, OfBatchesHoldsUnderChaos) {
  for (int seed = 1; seed <= 20; ++seed) {
    const std::string text = "seed: " + std::to_string(seed) +
                             R"( region { name: "us-west-2" } region { name: "us-east-1" }
        workload { secrets: 2 calls: 40 duration: "20s"
          mix { operation: "batch_get" weight: 4 } mix { operation: "put_secret_value" weight: 3 }
          mix { operation: "move_label" weight: 1 } mix { operation: "promote" weight: 1 }
          mix { operation: "add_region" weight: 2 } mix { operation: "delete" weight: 1 }
          mix { operation: "restore" weight: 1 } mix { operation: "random_password" weight: 1 } }
        chaos { faults: 4 longest: "5s" }
        settle {})";
    const v1::RunReport report = run_text(text);
    EXPECT_EQ(report.verdict(), v1::HOLDS)
        << "seed " << seed << testing::PrintToString(found_in(report));
  }
}

}  // namespace
}  // namespace faultline::regions
