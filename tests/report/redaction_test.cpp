#include "tools/report/redaction.h"

#include <gtest/gtest.h>

#include "tests/report/library.h"

namespace faultline {
namespace {

using tools::Redaction;

v1::Scenario scenario_with(const std::vector<std::string>& values) {
  v1::Scenario scenario;
  for (const std::string& value : values) {
    scenario.add_step()->mutable_create_secret()->set_secret_string(value);
  }
  return scenario;
}

TEST(RedactionTest, ValuesHaveNumbersInTheOrderOfTheScenario) {
  const Redaction redaction(scenario_with({"first-password", "second-password", "first-password"}));
  EXPECT_EQ(redaction.text("is \"second-password\", was first-password"),
            "is ‹value 2›, was ‹value 1›");
}

TEST(RedactionTest, AValueInsideAnotherDoesNotSpoilIt) {
  const Redaction redaction(scenario_with({"password", "old-password"}));
  EXPECT_EQ(redaction.text("old-password and password"), "‹value 2› and ‹value 1›");
}

TEST(RedactionTest, ShortValuesGoOnlyWhereTheyAreQuoted) {
  const Redaction redaction(scenario_with({"a"}));
  EXPECT_EQ(redaction.text("a replica is \"a\""), "a replica is ‹value 1›");
}

TEST(RedactionTest, AJudgeMaySpeakOfAValueThatNoScenarioNames) {
  const Redaction redaction(scenario_with({"first-password"}));
  EXPECT_EQ(redaction.judgement("it is \"xK\"9?q\""), "it is ‹another value›");
  EXPECT_EQ(redaction.judgement("it is \"first-password\""), "it is ‹value 1›");
  EXPECT_EQ(redaction.judgement("it is InSync (\"Replication succeeded\")"),
            "it is InSync (\"Replication succeeded\")");
}

TEST(RedactionTest, ARotatedPasswordIsNotInTheViolationThatFoundIt) {
  const auto run = run_of(R"(
    region { name: "us-west-2" }
    rotation_function { name: "rotator" region: "us-west-2" behavior: SUCCEEDS }
    step { at: "0s" region: "us-west-2"
           create_secret { name: "s" secret_string: "the-first-one" } }
    step { at: "1s" region: "us-west-2"
           rotate_secret { secret_id: "s" rotation_lambda_arn: "arn:aws:lambda:us-west-2:123456789012:function:rotator"
                           rotation_rules { automatically_after_days: 30 } } }
    expect { at_end: true
             value { secret_id: "s" region: "us-west-2" secret_string: "the-first-one" } }
  )");
  ASSERT_EQ(run.report.violations_size(), 1);
  EXPECT_EQ(run.report.violations(0).found(), "it is ‹another value›");
  EXPECT_EQ(run.events.back().text(), "it is ‹another value›");
}

}  // namespace
}  // namespace faultline
