// What a run comes to when things are as expected, and when they are not.
#include "regions/expectations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A secret in us-west-2 with a replica in us-east-1, changed at 10s.
std::string two_regions(std::string_view rest) {
  return R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    key { region: "us-east-1" alias: "alias/replica" }
    step { region: "us-west-2"
      create_secret { name: "db" secret_string: "one"
        add_replica_regions { region: "us-east-1" kms_key_id: "alias/replica" } } }
    step { at: "10s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } }
  )" + std::string(rest);
}

v1::RunReport run_two(std::string_view rest, RunOptions options = {}) {
  return run_text(two_regions(rest), std::move(options));
}

TEST(ExpectationsTest, WhatHoldsHolds) {
  const v1::RunReport report = run_two(R"(
    expect { at: "9s" value { secret_id: "db" region: "us-east-1" secret_string: "one" } }
    expect { within: "1s" replica { secret_id: "db" region: "us-east-1" status: InSync message: "succeeded" } }
    expect { after: "10s" within: "1s" value { secret_id: "db" region: "us-east-1" secret_string: "two" } }
    expect { always: true after: "1s" value { secret_id: "db" region: "us-east-1" one_of: "one" one_of: "two" } }
    expect { sometimes: true replica { secret_id: "db" region: "us-east-1" status: InProgress } }
    expect { secret { secret_id: "db" region: "us-west-2" role: Primary } }
    expect { secret { secret_id: "db" region: "us-east-1" role: Replica } }
    expect { at_end: true converged { secret_id: "db" } })");
  EXPECT_THAT(found_in(report), IsEmpty());
  EXPECT_EQ(report.verdict(), v1::HOLDS);
  EXPECT_EQ(report.expectations_met(), 8U);
  EXPECT_EQ(report.expectations_total(), 8U);
  EXPECT_EQ(report.calls(), 2U);
}

TEST(ExpectationsTest, AViolationSaysWhatWasFoundWhenAndWhere) {
  const v1::RunReport report = run_two(
      "expect { at: \"9s\" because: \"it should\" value { secret_id: \"db\" region: \"us-east-1\" "
      "secret_string: \"two\" } }");
  ASSERT_EQ(report.violations_size(), 1);
  const v1::Violation& violation = report.violations(0);
  EXPECT_EQ(report.verdict(), v1::BROKEN);
  EXPECT_EQ(violation.expectation(), "at 9s, db in us-east-1 is \"two\"");
  EXPECT_EQ(violation.found(), "it is \"one\"");
  EXPECT_EQ(violation.at_ns(), 9'000'000'000);
  EXPECT_EQ(violation.where(), "test.textproto:8");
  EXPECT_EQ(violation.because(), "it should");
  EXPECT_GT(violation.event(), 0U);
}

TEST(ExpectationsTest, WithinIsViolatedAtItsDeadline) {
  const v1::RunReport report = run_two(
      "expect { after: \"1s\" within: \"3s\" replica { secret_id: \"db\" region: \"us-east-1\" "
      "status: Failed } }");
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_EQ(report.violations(0).at_ns(), 4'000'000'000);
  EXPECT_EQ(report.violations(0).found(), "it is InSync (\"Replication succeeded\")");
}

TEST(ExpectationsTest, WithinIsMetByWhatHeldBefore) {
  EXPECT_EQ(run_two("expect { after: \"5s\" within: \"1ms\" replica { secret_id: \"db\" region: "
                    "\"us-east-1\" status: InSync } }")
                .verdict(),
            v1::HOLDS);
}

TEST(ExpectationsTest, AlwaysIsViolatedAtOnceAndOnce) {
  const v1::RunReport report = run_two(
      "expect { always: true after: \"1s\" value { secret_id: \"db\" region: \"us-west-2\" "
      "secret_string: \"one\" } }");
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_GE(report.violations(0).at_ns(), 10'000'000'000);
  EXPECT_LT(report.violations(0).at_ns(), 10'100'000'000);
}

TEST(ExpectationsTest, SometimesThatNeverWasIsInconclusive) {
  const LoadedScenario loaded =
      load_or_fail(two_regions("expect { sometimes: true replica { secret_id: \"db\" region: "
                               "\"us-east-1\" status: Failed } }"));
  ScenarioRun run(loaded, {});
  EXPECT_EQ(run.finish().verdict(), v1::INCONCLUSIVE);
  EXPECT_THAT(run.left_open(),
              ElementsAre("at some time, replica us-east-1 of db is Failed: it never was"));
}

TEST(ExpectationsTest, AReaderMeetsTheStateOfTheKey) {
  const v1::RunReport report = run_two(R"(
    step { at: "20s" disable_key { region: "us-east-1" key: "alias/replica" } }
    expect { at: "21s" value { secret_id: "db" region: "us-east-1" error: "DecryptionFailure" } }
    expect { at: "21s" value { secret_id: "db" region: "us-west-2" secret_string: "two" } }
    step { at: "22s" enable_key { region: "us-east-1" key: "alias/replica" } }
    step { at: "23s" fault { for: "1s" key_denied { region: "us-east-1" key: "alias/replica" } } }
    expect { at: "22500ms" value { secret_id: "db" region: "us-east-1" secret_string: "two" } }
    expect { at: "23500ms" value { secret_id: "db" region: "us-east-1" error: "AccessDeniedException" } }
    expect { always: true after: "24500ms" value { secret_id: "db" region: "us-east-1" secret_string: "two" } })");
  EXPECT_THAT(found_in(report), IsEmpty());
}

TEST(ExpectationsTest, AReaderInARegionThatIsNotEnabledIsTurnedAway) {
  const v1::RunReport report = run_two(R"(
    step { at: "20s" disable_region { region: "us-east-1" } }
    step { at: "22s" enable_region { region: "us-east-1" } }
    expect { at: "21s" value { secret_id: "db" region: "us-east-1" error: "UnrecognizedClientException" } }
    expect { at: "23s" value { secret_id: "db" region: "us-east-1" secret_string: "two" } })");
  EXPECT_THAT(found_in(report), IsEmpty());
}

TEST(ExpectationsTest, NothingIsKnownOfARegionThatIsDown) {
  const v1::RunReport report = run_two(R"(
    step { at: "20s" crash { region: "us-west-2" } }
    expect { at: "21s" value { secret_id: "db" region: "us-west-2" error: "ConnectionClosed" } }
    expect { at: "21s" secret { secret_id: "db" region: "us-west-2" absent: true } }
    expect { at: "21s" replica { secret_id: "db" region: "us-east-1" absent: true } }
    expect { at: "21s" converged { secret_id: "db" } })");
  EXPECT_THAT(found_in(report),
              ElementsAre("us-west-2 is down", "us-west-2 is down", "us-west-2 is down"));
}

TEST(ExpectationsTest, APrimaryCanBeNamed) {
  const v1::RunReport report = run_two(R"(
    expect { at: "5s" replica { secret_id: "db" region: "us-east-1" primary: "us-west-2" status: InSync } }
    expect { at: "5s" replica { secret_id: "db" region: "us-east-1" primary: "us-east-1" absent: true } }
    expect { at: "5s" replica { secret_id: "db" region: "us-east-1" absent: true } })");
  EXPECT_THAT(found_in(report), ElementsAre("it is listed as InSync (\"Replication succeeded\")"));
}

TEST(ExpectationsTest, JudgingCostsNoVirtualTimeAndTouchesNothing) {
  // Reading marks a secret as accessed; judging must not.
  const std::string read =
      "step { at: \"30s\" region: \"us-east-1\" describe_secret { secret_id: \"db\" } }";
  const std::string watch =
      "expect { always: true after: \"1s\" value { secret_id: \"db\" region: \"us-east-1\" one_of: "
      "\"one\" one_of: \"two\" } }";
  const auto deeds = [&](const std::string& text) {
    Events events;
    run_two(text, {.sinks = {&events}});
    std::vector<std::string> out;
    for (const auto& event : events.events) {
      if (event.kind() == v1::EXPECTATION_MET) continue;
      out.push_back(std::to_string(event.at_ns()) + event.verb() + std::to_string(event.digest()));
    }
    return out;
  };
  EXPECT_EQ(deeds(read), deeds(read + watch));
}

TEST(StepResultsTest, ACallThatFailsIsAViolationUnlessItIsWanted) {
  const v1::RunReport report = run_two(R"(
    step { at: "1s" region: "us-east-1" put_secret_value { secret_id: "db" secret_string: "x" } }
    step { at: "2s" region: "us-east-1" put_secret_value { secret_id: "db" secret_string: "x" }
           want { error: "InvalidParameterException" message: "replica secret" } }
    step { at: "3s" region: "us-east-1" put_secret_value { secret_id: "db" secret_string: "x" } want { anything: true } }
    step { at: "4s" region: "us-west-2" get_secret_value { secret_id: "db" } want { error: "DecryptionFailure" } }
    step { at: "5s" region: "us-west-2" get_secret_value { secret_id: "db" } want { secret_string: "two" } }
    step { at: "6s" region: "us-west-2" get_secret_value { secret_id: "db" } want { version_stages: "AWSPREVIOUS" } }
    step { at: "7s" region: "us-west-2" get_secret_value { secret_id: "db" } want { secret_string: "one" version_stages: "AWSCURRENT" } })");
  EXPECT_THAT(
      found_in(report),
      ElementsAre(
          HasSubstr("InvalidParameterException: Operation not permitted on a replica secret"), "OK",
          "OK with \"one\"", "OK with AWSCURRENT"));
  EXPECT_EQ(report.violations(1).expectation(),
            "GetSecretValue db in us-west-2 comes to DecryptionFailure");
}

TEST(RunTest, UntilCutsTheRunAndLeavesTheRestOpen) {
  const std::string expectations =
      "expect { within: \"1s\" replica { secret_id: \"db\" region: \"us-east-1\" status: InSync } }"
      "expect { at_end: true converged { secret_id: \"db\" } }";
  const LoadedScenario loaded = load_or_fail(two_regions(expectations));
  ScenarioRun cut(loaded, {.until = engine::Duration::seconds(5)});
  const v1::RunReport report = cut.finish();
  EXPECT_EQ(report.verdict(), v1::INCONCLUSIVE);
  EXPECT_EQ(report.ended_at_ns(), 5'000'000'000);
  EXPECT_EQ(report.expectations_met(), 1U);
  EXPECT_THAT(cut.left_open(), ElementsAre("at the end, db has converged: not judged"));
  // A limit that lies after the end changes nothing.
  const v1::RunReport whole = ScenarioRun(loaded, {}).finish();
  const v1::RunReport far = ScenarioRun(loaded, {.until = engine::Duration::hours(5)}).finish();
  EXPECT_EQ(whole.verdict(), v1::HOLDS);
  EXPECT_EQ(far.hash(), whole.hash());
  EXPECT_EQ(far.ended_at_ns(), whole.ended_at_ns());
}

TEST(RunTest, RunForIsTheScenariosOwnEnd) {
  const v1::RunReport report =
      run_two("run_for: \"20s\" expect { at_end: true converged { secret_id: \"db\" } }");
  EXPECT_EQ(report.verdict(), v1::HOLDS);
  EXPECT_EQ(report.ended_at_ns(), 20'000'000'000);
}

TEST(RunTest, ARunThatDoesNotComeToRestIsEnded) {
  const LoadedScenario loaded = load_or_fail(two_regions(""));
  ScenarioRun run(loaded, {.most_events = 5});
  EXPECT_EQ(run.finish().verdict(), v1::INCONCLUSIVE);
  EXPECT_THAT(run.left_open(), testing::Contains(HasSubstr("does not come to rest")));
}

TEST(RunTest, TakingAStepOutLeavesTheLuckOfTheOthersAlone) {
  const auto versions = [](std::string_view middle) {
    Events events;
    run_text(R"(
      region { name: "us-west-2" }
      step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } } )" +
                 std::string(middle) + R"(
      step { at: "9s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "three" } })",
             {.sinks = {&events}});
    std::vector<std::string> texts;
    for (const auto& event : events.events) {
      if (event.kind() == v1::CALL_ENDED) texts.push_back(event.text());
    }
    return texts;
  };
  const auto with = versions(
      R"(step { at: "5s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } })");
  const auto without = versions("");
  ASSERT_EQ(with.size(), 3U);
  ASSERT_EQ(without.size(), 2U);
  EXPECT_EQ(with[0], without[0]);
  EXPECT_EQ(with[2], without[1]);
}

TEST(RunTest, EqualStepsHaveTokensOfTheirOwn) {
  const v1::RunReport report = run_text(R"(
    region { name: "us-west-2" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } }
    step { at: "1s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } }
    step { at: "2s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } }
    step { at: "3s" region: "us-west-2" get_secret_value { secret_id: "db" version_stage: "AWSPREVIOUS" } want { secret_string: "two" } })");
  EXPECT_THAT(found_in(report), IsEmpty());
}

TEST(RunTest, AnotherSeedIsAnotherRun) {
  const LoadedScenario loaded = load_or_fail(two_regions(""));
  const std::string one = ScenarioRun(loaded, {.seed = 1}).finish().hash();
  EXPECT_EQ(one, ScenarioRun(loaded, {}).finish().hash());
  EXPECT_NE(one, ScenarioRun(loaded, {.seed = 2}).finish().hash());
}

TEST(RunTest, OperatorsOfKeysAreHeard) {
  const v1::RunReport report = run_two(R"(
    step { at: "1s" rotate_key { region: "us-east-1" key: "alias/replica" } }
    step { at: "2s" put_key_policy { region: "us-east-1" key: "alias/replica"
      policy { statements { effect: Allow principals: "admin" actions: "kms:Decrypt" } } } }
    step { at: "3s" region: "us-east-1" get_secret_value { secret_id: "db" } want { secret_string: "one" } }
    expect { after: "10s" within: "9s" replica { secret_id: "db" region: "us-east-1" status: Failed message: "Access to KMS is not allowed" } })");
  EXPECT_THAT(found_in(report), IsEmpty());
}

}  // namespace
}  // namespace faultline::regions
