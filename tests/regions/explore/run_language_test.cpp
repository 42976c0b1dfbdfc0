// What a scenario may ask of a run besides calls and faults: clients that ask again, an end in which
// all is mended, and expectations of what never is, of what follows, and of the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regions/settling.h"
#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Lt;
using testing::SizeIs;

constexpr std::int64_t kSecond = 1'000'000'000;

std::string with_replica(std::string_view rest) {
  return R"(
    region { name: "us-west-2" } region { name: "us-east-1" } network { jitter: "0s" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } } }
  )" + std::string(rest);
}

std::vector<v1::TraceEvent> events_of(std::string_view rest, v1::EventKind kind) {
  const LoadedScenario loaded = load_or_fail(with_replica(rest));
  Events sink;
  ScenarioRun run(loaded, {.sinks = {&sink}});
  run.finish();
  std::erase_if(sink.events, [&](const v1::TraceEvent& event) { return event.kind() != kind; });
  return sink.events;
}

// ---- clients that ask again ---------------------------------------------------------------------

std::vector<v1::TraceEvent> puts(std::string_view rest, v1::EventKind kind = v1::CALL_STARTED) {
  auto events = events_of(rest, kind);
  std::erase_if(events,
                [](const v1::TraceEvent& event) { return event.verb() != "PutSecretValue"; });
  return events;
}

TEST(Retries, AreASecondApartUntilOneIsServed) {
  const std::string_view rest = R"(
    step { at: "10s" fault { for: "2500ms" api_throttled { region: "us-west-2" } } }
    step { at: "10s" region: "us-west-2" retries: 9
           put_secret_value { secret_id: "db" secret_string: "two" } }
    expect { at_end: true value { secret_id: "db" region: "us-east-1" secret_string: "two" } })";
  EXPECT_THAT(found_in(run_text(with_replica(rest))), IsEmpty());
  const auto answers = puts(rest, v1::CALL_ENDED);
  ASSERT_THAT(answers, SizeIs(4));
  EXPECT_THAT(answers.back().outcome(), HasSubstr("OK"));
  const auto calls = puts(rest);
  ASSERT_THAT(calls, SizeIs(4));
  for (std::size_t i = 1; i < calls.size(); ++i) {
    // From the answer on.
    EXPECT_THAT(calls[i].at_ns() - calls[i - 1].at_ns(), AllOf(Ge(kSecond), Lt(2 * kSecond)));
  }
}

TEST(Retries, EndAndTheLastAnswerIsTheAnswer) {
  const std::string rest = R"(
    step { at: "10s" fault { for: "1h" api_throttled { region: "us-west-2" } } }
    step { at: "10s" region: "us-west-2" retries: 2 want { error: "ThrottlingException" }
           put_secret_value { secret_id: "db" secret_string: "two" } })";
  EXPECT_THAT(puts(rest), SizeIs(3));
  EXPECT_THAT(found_in(run_text(with_replica(rest))), IsEmpty());
}

// The first call took effect; with the same token the second one changes nothing and is told so.
TEST(Retries, BringTheSameToken) {
  const std::string rest = R"(
    step { at: "10s" fault { for: "500ms" reply_lost { region: "us-west-2" } } }
    step { at: "10s" region: "us-west-2" retries: 2
           put_secret_value { secret_id: "db" secret_string: "two" } }
    expect { at_end: true value { secret_id: "db" region: "us-west-2" secret_string: "two" } }
    expect { at_end: true value { secret_id: "db" region: "us-west-2" version_stage: "AWSPREVIOUS"
             secret_string: "one" } })";
  EXPECT_THAT(puts(rest), SizeIs(2));
  EXPECT_THAT(found_in(run_text(with_replica(rest))), IsEmpty());
}

TEST(Retries, AreNotForErrorsOfTheCaller) {
  EXPECT_THAT(puts(R"(
    step { at: "10s" region: "us-west-2" retries: 5 want { error: "ResourceNotFoundException" }
           put_secret_value { secret_id: "none" secret_string: "two" } })"),
              SizeIs(1));
}

// ---- the end in which all is mended -------------------------------------------------------------

TEST(Settle, MendsWhatIsBrokenAndTheWorldComesToRest) {
  const v1::RunReport report = run_text(with_replica(R"(
    key { region: "us-east-1" alias: "alias/app" }
    step { at: "5s" disable_key { region: "us-east-1" key: "alias/app" } }
    step { at: "5s" disable_region { region: "us-east-1" } }
    step { at: "6s" crash { region: "us-west-2" } }
    step { at: "7s" fault { cut { from: "us-west-2" to: "us-east-1" } } }
    settle {}
    expect { eventually_after_heal: true converged { secret_id: "db" } })"));
  EXPECT_THAT(found_in(report), IsEmpty());
  EXPECT_EQ(report.verdict(), v1::HOLDS);
}

TEST(Settle, ComesWhenTheLastStepHasHappenedOrAtItsTime) {
  const auto settled_at = [](std::string_view rest) {
    auto steps = events_of(rest, v1::STEP);
    std::erase_if(steps, [](const v1::TraceEvent& event) { return event.verb() != "settle"; });
    EXPECT_THAT(steps, SizeIs(1));
    return steps.empty() ? -1 : steps[0].at_ns();
  };
  EXPECT_EQ(settled_at("settle {}"), 0);
  EXPECT_EQ(settled_at(R"(step { at: "7s" region: "us-west-2" list_secrets {} } settle {})"),
            7 * kSecond);
  EXPECT_EQ(settled_at(R"(settle { at: "9s" })"), 9 * kSecond);
}

TEST(Settle, UsersAskAgainForWhatHasFailed) {
  // Virginia is out of reach until the primary has given up.
  const std::string rest = R"(
    step { fault { for: "100s" cut { from: "us-west-2" to: "us-east-1" } } }
    step { at: "1s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } }
    expect { at: "99s" replica { secret_id: "db" region: "us-east-1" status: Failed } })";
  EXPECT_THAT(found_in(run_text(with_replica(rest + R"(
    expect { at_end: true replica { secret_id: "db" region: "us-east-1" status: Failed } })"))),
              IsEmpty())
      << "without settling it stays so";
  EXPECT_THAT(found_in(run_text(with_replica(rest + R"( settle { at: "200s" }
    expect { eventually_after_heal: true converged { secret_id: "db" } })"))),
              IsEmpty());
}

TEST(Settle, ADeadRegionStaysDown) {
  const std::string rest = R"(settle { at: "5s" dead_region: "us-east-1" }
    expect { at_end: true value { secret_id: "db" region: "us-west-2" secret_string: "one" } }
    expect { at_end: true value { secret_id: "db" region: "us-east-1" secret_string: "one" } })";
  const v1::RunReport report = run_text(with_replica(rest));
  ASSERT_EQ(report.violations_size(), 1) << "only what the dead cannot answer";
  EXPECT_THAT(report.violations(0).expectation(), HasSubstr("us-east-1"));
  EXPECT_THAT(events_of(rest, v1::ACTOR_STARTED), IsEmpty()) << "it does not start again";
}

TEST(Settle, AllMayBeDead) {
  EXPECT_THAT(found_in(run_text(with_replica(
                  R"(settle { at: "5s" dead_region: "us-east-1" dead_region: "us-west-2" })"))),
              IsEmpty());
}

TEST(Settle, IsNotReachedByARunThatIsEndedBefore) {
  const v1::RunReport report = run_text(with_replica(R"(settle { at: "5s" }
    expect { eventually_after_heal: true converged { secret_id: "db" } })"),
                                        {.until = engine::Duration::seconds(4)});
  EXPECT_EQ(report.verdict(), v1::INCONCLUSIVE);
  EXPECT_EQ(report.ended_at_ns(), 4 * kSecond);
}

// ---- expectations -------------------------------------------------------------------------------

constexpr std::string_view kSecondValue = R"(
  step { at: "10s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } })";

v1::RunReport with_second(std::string_view rest) {
  return run_text(with_replica(std::string(kSecondValue) + std::string(rest)));
}

TEST(Never, IsMetByWhatNeverWas) {
  const v1::RunReport report = with_second(
      R"(expect { never: true replica { secret_id: "db" region: "us-east-1" status: Failed } })");
  EXPECT_EQ(report.verdict(), v1::HOLDS);
  EXPECT_EQ(report.expectations_met(), 1U);
}

TEST(Never, IsViolatedAtOnceAndOnce) {
  const v1::RunReport report = with_second(
      R"(expect { never: true value { secret_id: "db" region: "us-east-1" secret_string: "two" } })");
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_THAT(report.violations(0).found(), HasSubstr("it was"));
  EXPECT_THAT(report.violations(0).at_ns(), AllOf(Ge(10 * kSecond), Lt(11 * kSecond)));
}

TEST(Never, CountsFromAfterOn) {
  EXPECT_EQ(with_second(R"(expect { never: true after: "11s" value { secret_id: "db"
                           region: "us-west-2" secret_string: "one" } })")
                .verdict(),
            v1::HOLDS);
  // It has been so all the time: that is so at `after`, too.
  const v1::RunReport report = with_second(R"(expect { never: true after: "5s" value {
                           secret_id: "db" region: "us-west-2" secret_string: "one" } })");
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_EQ(report.violations(0).at_ns(), 5 * kSecond);
}

const std::string kSecondIn = R"(value { secret_string: "two" secret_id: "db" region: )";
const std::string kFailed = R"(replica { secret_id: "db" region: "us-east-1" status: Failed })";

std::string leads_to(const std::string& within,
                     const std::string& when = kSecondIn + "\"us-west-2\" }",
                     const std::string& then = kSecondIn + "\"us-east-1\" }") {
  return "expect { leads_to { within: \"" + within + "\" when { " + when + " } then { " + then +
         " } } }";
}

TEST(LeadsTo, IsMetInTimeOrWhereTheFirstNeverIs) {
  EXPECT_EQ(with_second(leads_to("1s")).verdict(), v1::HOLDS);
  EXPECT_EQ(with_second(leads_to("1ms", kFailed)).verdict(), v1::HOLDS) << "nothing is owed";
}

TEST(LeadsTo, IsViolatedByWhatComesTooLate) {
  const v1::RunReport report = with_second(leads_to("1ms"));
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_THAT(report.violations(0).at_ns(), AllOf(Ge(10 * kSecond), Lt(11 * kSecond)));
  EXPECT_THAT(report.violations(0).expectation(), HasSubstr("within 1ms"));
}

// Nothing happens between the cut and its healing but the primary's giving up: that what comes then
// comes too late is seen when it comes.
TEST(LeadsTo, IsViolatedByWhatComesTooLateInAWorldThatStoodStill) {
  const v1::RunReport report = with_second(R"(
    step { at: "9s" fault { for: "100s" cut { from: "us-west-2" to: "us-east-1" } } }
    step { at: "200s" region: "us-west-2"
           replicate_secret_to_regions { secret_id: "db" add_replica_regions { region: "us-east-1" } } }
  )" + leads_to("150s"));
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_THAT(report.violations(0).at_ns(), Ge(160 * kSecond));
}

TEST(LeadsTo, IsViolatedByWhatNeverComes) {
  const v1::RunReport report = with_second(leads_to("1h", kSecondIn + "\"us-west-2\" }", kFailed));
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_EQ(report.violations(0).found(), "it is InSync (\"Replication succeeded\")");
}

// The run is cut, by the scenario itself, before the time is over: nobody knows.
TEST(LeadsTo, OfARunThatEndsBeforeIsNotJudged) {
  const std::string cut = R"(
    step { at: "9s" fault { for: "5s" cut { from: "us-west-2" to: "us-east-1" } } } run_for: "11s")";
  const v1::RunReport report = with_second(cut + leads_to("5s"));
  EXPECT_THAT(found_in(report), IsEmpty());
  EXPECT_EQ(report.verdict(), v1::INCONCLUSIVE);
  EXPECT_EQ(with_second(cut + leads_to("500ms")).verdict(), v1::BROKEN);
}

TEST(EventuallyAfterHeal, IsJudgedWhenTheWorldHasComeToRest) {
  const std::string broken = R"(
    step { at: "9s" fault { cut { from: "us-west-2" to: "us-east-1" } } })";
  EXPECT_EQ(with_second(broken + R"(settle { at: "10s" }
    expect { eventually_after_heal: true converged { secret_id: "db" } })")
                .verdict(),
            v1::HOLDS);
  const v1::RunReport report = with_second(broken + R"(settle { at: "10s" }
    expect { eventually_after_heal: true value { secret_id: "db" region: "us-east-1"
             secret_string: "one" } })");
  ASSERT_EQ(report.violations_size(), 1);
  EXPECT_EQ(report.violations(0).found(), "it is \"two\"");
}

}  // namespace
}  // namespace faultline::regions::explore
