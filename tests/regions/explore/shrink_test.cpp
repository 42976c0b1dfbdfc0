// A long failing run becomes a short scenario that fails in the same way, wherever it is run.
#include "regions/explore/shrink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regions/explore/hunt.h"
#include "regions/explore/shrunk_text.h"
#include "regions/scenario_writer.h"
#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::StartsWith;

ShrinkOptions options() {
  ShrinkOptions options;
  options.shared = shared_parts();
  return options;
}

// Thirty calls of a client that has nothing to do with it, all over the run.
LoadedScenario with_noise(LoadedScenario loaded) {
  for (int i = 0; i < 30; ++i) {
    v1::Step& step = *loaded.scenario.add_step();
    step.set_at(std::to_string(200 + 431 * i) + "ms");
    step.set_region(i % 3 == 0 ? "us-east-1" : "us-west-2");
    step.mutable_want()->set_anything(true);
    switch (i % 4) {
      case 0:
        step.mutable_create_secret()->set_name("noise-" + std::to_string(i));
        step.mutable_create_secret()->set_secret_string("nothing but noise");
        break;
      case 1:
        step.mutable_get_secret_value()->set_secret_id("production/DBWest");
        break;
      case 2:
        step.mutable_describe_secret()->set_secret_id("production/DBWest");
        step.set_retries(3);
        break;
      default:
        step.mutable_list_secrets();
        break;
    }
  }
  loaded.scenario.set_seed(77);
  return loaded;
}

struct Known {
  const char* file;
  const char* property;
};
void PrintTo(const Known& known, std::ostream* out) { *out << known.property; }

class KnownDefects : public testing::TestWithParam<Known> {};

TEST_P(KnownDefects, AreShrunkToTheirStory) {
  const LoadedScenario failing = with_noise(library(GetParam().file));
  const Target target{GetParam().property, ""};
  const auto shrunk = shrink(failing, target, options());
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
  const std::string text = write_scenario(shrunk->scenario);
  EXPECT_EQ(shrunk->steps_before, failing.scenario.step_size());
  EXPECT_THAT(shrunk->scenario.step_size(), Le(6)) << text;
  EXPECT_TRUE(shrunk->minimal) << text;
  EXPECT_TRUE(shrunk->any_seed) << text;
  EXPECT_EQ(shrunk->scenario.seed(), 0U) << text;
  EXPECT_THAT(text, Not(HasSubstr("noise"))) << text;
  EXPECT_THAT(text, HasSubstr("network { jitter: \"0s\" }")) << text;
  EXPECT_THAT(text, Not(HasSubstr("at: \"0s\""))) << text;
  // It passes the check, and violates the same and nothing that somebody expected.
  const auto loaded = load_scenario("shrunk.textproto", text);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string() << "\n" << text;
  const v1::RunReport report = run_of(*loaded);
  EXPECT_TRUE(target.is_hit_by(report)) << text;
  EXPECT_THAT(violated_by(report), Each(Not(std::string()))) << text;
}

INSTANTIATE_TEST_SUITE_P(Shrink, KnownDefects,
                         testing::Values(Known{"defects/D05_promoted_still_follows.textproto",
                                               "S12"},
                                         Known{"defects/D08_no_tombstone.textproto", "S15"}),
                         [](const auto& test) { return std::string(test.param.property); });

TEST(Shrink, TheFileTellsItsStoryAndFailsAgain) {
  const LoadedScenario failing = library("defects/D08_no_tombstone.textproto");
  const Target target{"S15", ""};
  const auto shrunk = shrink(failing, target, options());
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
  const std::string text = shrunk_text(*shrunk, target, shared_parts());
  EXPECT_THAT(text, StartsWith("# Violates S15 "));
  EXPECT_THAT(text, HasSubstr("\n# Why it matters: "));
  EXPECT_THAT(text, HasSubstr("\n# Seen at "));
  EXPECT_THAT(text, HasSubstr(" of 3 steps are left, and no fewer of them do it"));
  EXPECT_THAT(text, HasSubstr("\n# What happens:\n"));
  const auto loaded = load_scenario("found.textproto", text);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string() << "\n" << text;
  EXPECT_EQ(loaded->scenario.violates(), "S15");
  EXPECT_EQ(loaded->scenario.expected_verdict(), v1::VIOLATED);
  EXPECT_TRUE(target.is_hit_by(run_of(*loaded))) << text;
}

constexpr std::string_view kHopeful = R"(
  region { name: "us-west-2" } region { name: "us-east-1" }
  step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
         add_replica_regions { region: "us-east-1" } } }
  step { at: "3s" region: "us-west-2" list_secrets {} }
  step { at: "4s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } }
  step { at: "5s" region: "us-east-1" list_secrets {} }
  expect { at_end: true value { secret_id: "db" region: "us-east-1" secret_string: "one" } }
  expect { at_end: true converged { secret_id: "db" } }
)";

TEST(Shrink, AnExpectationIsATarget) {
  const LoadedScenario failing = load_or_fail(kHopeful);
  const v1::RunReport report = run_of(failing);
  ASSERT_EQ(report.violations_size(), 1);
  const Target target = target_of(report);
  EXPECT_EQ(target.to_string(), "at the end, db in us-east-1 is \"one\"");
  const auto shrunk = shrink(failing, target, options());
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
  EXPECT_TRUE(shrunk->minimal);
  // Nothing need happen for a value not to be there.
  EXPECT_THAT(shrunk->scenario.step_size(), Le(1));
  EXPECT_EQ(shrunk->scenario.expect_size(), 1);
}

TEST(Shrink, WhatHoldsIsNoFailure) {
  const auto shrunk = shrink(hello(), {"S12", ""}, options());
  ASSERT_FALSE(shrunk.has_value());
  EXPECT_THAT(shrunk.error(), HasSubstr("this run does not violate S12"));
}

TEST(Shrink, WhatIsNoScenarioIsRefused) {
  LoadedScenario wrong = hello();
  wrong.scenario.mutable_step(0)->set_at("-1s");
  const auto shrunk = shrink(wrong, {"S12", ""}, options());
  ASSERT_FALSE(shrunk.has_value());
  EXPECT_THAT(shrunk.error(), HasSubstr("at cannot be negative"));
}

// A workload may be expected to replicate to a region that the steps of one run never name.
TEST(Shrink, OtherExpectationsNeedNotFitWhatWasDrawn) {
  LoadedScenario failing = library("defects/D08_no_tombstone.textproto");
  v1::ReplicaIs& replica = *failing.scenario.add_expect()->mutable_replica();
  failing.scenario.mutable_expect(1)->set_never(true);
  replica.set_secret_id("production/DBWest");
  replica.set_region("us-west-2");
  replica.set_status(v1::ReplicaIs::Failed);
  ASSERT_FALSE(adopt_scenario("failing", failing.scenario).has_value());
  const auto shrunk = shrink(failing, {"S15", ""}, options());
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
  EXPECT_EQ(shrunk->scenario.expect_size(), 0);
}

TEST(Shrink, WithoutABudgetItIsWhatItWas) {
  const LoadedScenario failing = with_noise(library("defects/D08_no_tombstone.textproto"));
  ShrinkOptions none = options();
  none.may_go_on = [] { return false; };
  ShrinkOptions one_replay = options();
  one_replay.most_replays = 1;
  for (const ShrinkOptions& limited : {none, one_replay}) {
    const auto shrunk = shrink(failing, {"S15", ""}, limited);
    ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
    EXPECT_EQ(shrunk->scenario.SerializeAsString(), failing.scenario.SerializeAsString());
    EXPECT_FALSE(shrunk->minimal);
  }
}

// A client whose call fails is not made to expect that it succeeds: the file would tell of a second
// violation, which is none.
TEST(Shrink, NothingElseIsViolatedInTheEnd) {
  const LoadedScenario failing = load_or_fail(R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    service { defect: "D10" }
    step { region: "us-west-2" retries: 3 want { anything: true }
           create_secret { name: "db" secret_string: "one" add_replica_regions { region: "us-east-1" } } }
    step { fault { for: "50ms" crash { region: "us-west-2" } }
           on { event: "STORE_COMMITTED" region: "us-west-2" } }
    settle { at: "60s" })");
  const Target target{"L02", ""};
  ASSERT_TRUE(target.is_hit_by(run_of(failing)));
  const auto shrunk = shrink(failing, target, options());
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
  EXPECT_THAT(violated_by(shrunk->report), Each(std::string("L02")));
}

// Steps that follow events stand last in what is drawn, and have no time of their own.
TEST(Shrink, StepsNeedNotStandInTheirOrder) {
  LoadedScenario failing = with_noise(library("defects/D08_no_tombstone.textproto"));
  auto& steps = *failing.scenario.mutable_step();
  std::reverse(steps.begin(), steps.end());
  v1::Step& late = *failing.scenario.add_step();
  late.mutable_on()->set_event("REPLICA_REMOVED");
  late.mutable_fault()->set_for_("1s");
  late.mutable_fault()->mutable_clients_cut()->set_region("us-east-1");
  const auto shrunk = shrink(failing, {"S15", ""}, options());
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error();
  EXPECT_THAT(shrunk->scenario.step_size(), Le(3));
}

TEST(Shrink, OneStoryHasOneFingerprint) {
  v1::Scenario one = library("defects/D08_no_tombstone.textproto").scenario;
  v1::Scenario same = one;
  same.mutable_step(2)->set_at("4s");
  same.mutable_step(1)->mutable_create_secret()->set_secret_string("another password");
  v1::Scenario other = one;
  other.mutable_step()->RemoveLast();
  const Target target{"S15", ""};
  EXPECT_EQ(fingerprint(target, one), fingerprint(target, same));
  EXPECT_NE(fingerprint(target, one), fingerprint(target, other));
  EXPECT_NE(fingerprint(target, one), fingerprint({"S12", ""}, one));
  EXPECT_EQ(fingerprint(target, one).size(), 8U);
}

// ---- from a campaign ----------------------------------------------------------------------------

TEST(Hunt, FindsShrinksAndTells) {
  HuntOptions hunting;
  hunting.base = small_chaos().scenario;
  hunting.base->mutable_service()->add_defect("D02");
  hunting.runs = 300;
  const auto found = hunt(hunting);
  ASSERT_TRUE(found.has_value());
  const auto loaded = load_scenario("found.textproto", found->scenario);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string() << found->scenario;
  EXPECT_TRUE((Target{found->target, ""}.is_hit_by(run_of(*loaded)))) << found->scenario;
  EXPECT_THAT(loaded->scenario.step_size(), Le(6)) << found->scenario;
  const auto again = hunt(hunting);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->scenario, found->scenario) << "the same options find the same";
  EXPECT_EQ(again->address, found->address);
}

TEST(Hunt, FindsNothingInASoundWorld) {
  HuntOptions hunting;
  hunting.base = small_chaos().scenario;
  hunting.runs = 10;
  EXPECT_FALSE(hunt(hunting).has_value());
}

}  // namespace
}  // namespace faultline::regions::explore
