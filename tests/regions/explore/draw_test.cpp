// What a random scenario becomes: concrete steps that a person could have written.
#include "regions/explore/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "regions/explore/portfolio.h"
#include "regions/scenario_text.h"
#include "regions/scenario_writer.h"
#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using engine::Duration;
using testing::Each;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;

v1::Scenario drawn(const v1::Scenario& base, const Style& style, std::uint64_t seed = 1) {
  Luck luck(seed, "test");
  return draw(base, style, luck);
}

v1::Scenario two_regions() {
  return load_or_fail(R"(region { name: "us-west-2" } region { name: "us-east-1" })").scenario;
}

bool is_fault(const v1::Step& step) { return step.has_fault(); }

Duration time_of(const std::string& text) {
  return engine::parse_duration(text.empty() ? "0s" : text).value();
}

TEST(Draw, OneSeedIsOneScenario) {
  const v1::Scenario base = two_regions();
  const std::string once = drawn(base, {}).SerializeAsString();
  EXPECT_EQ(once, drawn(base, {}).SerializeAsString());
  EXPECT_NE(once, drawn(base, {}, 2).SerializeAsString());
}

// Of every strategy: a drawn scenario that the checker refuses could not be run, nor shrunk. And what
// is written of it is what is read again.
TEST(Draw, WhatIsDrawnIsAScenarioFile) {
  for (const LoadedScenario& base : {hello(), chaos()}) {
    for (const Arm& arm : portfolio()) {
      // Some count through kinds of faults and moments; long ones take their time.
      const bool counts = arm.name == "matrix" || arm.name == "crashpts";
      const std::uint64_t many = arm.name == "des" ? 15 : counts ? 200 : 80;
      for (std::uint64_t counter = 0; counter < many; ++counter) {
        const v1::Scenario scenario = arm.make(base.scenario, 1, counter);
        const auto adopted = adopt_scenario("drawn", scenario);
        ASSERT_TRUE(adopted.has_value()) << arm.name << "/" << counter << " of " << base.file
                                         << ": " << adopted.error().front().to_string();
        if (counter % 20 != 0) continue;
        const auto read = load_scenario("written", write_scenario(scenario));
        ASSERT_TRUE(read.has_value()) << read.error().front().to_string();
        ASSERT_EQ(read->scenario.SerializeAsString(), scenario.SerializeAsString())
            << arm.name << "/" << counter;
      }
    }
  }
}

TEST(Draw, ARandomRunIsTheRunOfItsSteps) {
  LoadedScenario random = small_chaos();
  random.scenario.set_seed(7);
  const LoadedScenario steps = with_steps_drawn(random, 7);
  EXPECT_TRUE(is_random(random.scenario));
  EXPECT_FALSE(is_random(steps.scenario));
  EXPECT_EQ(run_of(random).hash(), run_of(steps).hash());
}

TEST(Draw, AStyleSaysHowMuch) {
  const v1::Scenario calm = drawn(two_regions(), {.calls = 10, .faults = 0});
  EXPECT_EQ(count_steps(calm, is_fault), 0);
  // One that makes the secret; some calls come in pairs.
  EXPECT_THAT(calm.step_size(), Ge(11));
  EXPECT_EQ(count_steps(drawn(two_regions(), {.calls = 0, .faults = 7}), is_fault), 7);
  EXPECT_EQ(drawn(two_regions(), {.secrets = 3, .calls = 0, .faults = 0}).step_size(), 3);
}

TEST(Draw, FaultsComeAtEventsOrAtTimes) {
  const auto follows = [](const v1::Step& step) { return step.has_fault() && step.has_on(); };
  const v1::Scenario aimed = drawn(two_regions(), {.faults = 20, .aimed_percent = 100});
  EXPECT_EQ(count_steps(aimed, follows), 20);
  const v1::Scenario timed = drawn(two_regions(), {.faults = 20, .aimed_percent = 0});
  EXPECT_EQ(count_steps(timed, follows), 0);
}

TEST(Draw, TheMendingComesAfterWhatWasDrawn) {
  LoadedScenario base = small_chaos();
  base.scenario.mutable_settle()->set_at("1ms");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const v1::Scenario scenario = with_steps_drawn(base, seed).scenario;
    const Duration mended = time_of(scenario.settle().at());
    for (const v1::Step& step : scenario.step()) {
      EXPECT_THAT(time_of(step.at()), Le(mended)) << step_text(step);
    }
  }
}

TEST(Draw, StepsStandInTheOrderInWhichTheyHappen) {
  const v1::Scenario scenario = with_steps_drawn(chaos(), 3).scenario;
  EXPECT_TRUE(std::ranges::is_sorted(scenario.step(), {},
                                     [](const v1::Step& step) { return time_of(step.at()); }));
}

TEST(Draw, EveryWriteNamesItsVersion) {
  const v1::Scenario scenario = drawn(two_regions(), {.calls = 200, .faults = 0});
  std::set<std::string> tokens;
  for (const v1::Step& step : scenario.step()) {
    if (step.has_create_secret()) tokens.insert(step.create_secret().client_request_token());
    if (step.has_put_secret_value()) tokens.insert(step.put_secret_value().client_request_token());
  }
  EXPECT_FALSE(tokens.contains(""));
}

TEST(Draw, ACallMayComeToAnything) {
  const v1::Scenario scenario = drawn(hello().scenario, {.calls = 30});
  for (const v1::Step& step : scenario.step()) {
    EXPECT_EQ(is_call(step), step.want().anything()) << step_text(step);
  }
}

TEST(Draw, WhatAFaultMayRightlyBreakIsNotExpected) {
  const v1::Scenario base = load_or_fail(R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } } }
    expect { at: "5s" converged { secret_id: "db" } }
    expect { within: "5s" converged { secret_id: "db" } }
    expect { eventually_after_heal: true converged { secret_id: "db" } }
    expect { sometimes: true replica { secret_id: "db" region: "us-east-1" status: Failed } }
    settle {})")
                                .scenario;
  const auto kept = [&](const Style& style) {
    std::vector<v1::Expect::WhenCase> when;
    const v1::Scenario scenario = drawn(base, style);
    for (const v1::Expect& expect : scenario.expect()) when.push_back(expect.when_case());
    return when;
  };
  EXPECT_THAT(kept({}), IsEmpty());
  EXPECT_THAT(kept({.keeps_expectations = true}),
              testing::ElementsAre(v1::Expect::kEventuallyAfterHeal, v1::Expect::kSometimes));
  EXPECT_THAT(kept({.loses_a_region = true, .keeps_expectations = true}),
              testing::ElementsAre(v1::Expect::kSometimes));
  EXPECT_EQ(kept({.calls = 0, .faults = 0, .keeps_expectations = true}).size(), 4U);
}

TEST(Draw, AWorldOfOneRegionHasNobodyToBeCutFrom) {
  const v1::Scenario alone = load_or_fail(R"(region { name: "us-west-2" })").scenario;
  for (const Arm& arm : portfolio()) {
    for (std::uint64_t counter = 0; counter < 5; ++counter) {
      const auto adopted = adopt_scenario("alone", arm.make(alone, 1, counter));
      EXPECT_TRUE(adopted.has_value()) << arm.name;
    }
  }
}

TEST(Draw, AWorkloadSaysWhatIsCalledAndWhere) {
  LoadedScenario base = load_or_fail(R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    workload { secrets: 2 calls: 40 mix { operation: "promote" weight: 1 } primary_region: "us-east-1" }
  )");
  const v1::Scenario scenario = with_steps_drawn(base, 1).scenario;
  EXPECT_EQ(count_steps(scenario, [](const v1::Step& step) { return step.has_create_secret(); }),
            2);
  EXPECT_EQ(
      count_steps(scenario,
                  [](const v1::Step& step) { return step.has_stop_replication_to_replica(); }),
      40);
  for (const v1::Step& step : scenario.step()) {
    if (step.has_create_secret()) {
      EXPECT_EQ(step.region(), "us-east-1");
    }
  }
}

// By every strategy: who says which faults does not get others, who says none gets none. An uneven
// link is not a fault but a slow link, which some strategies write as one.
TEST(Draw, ChaosSaysWhatBreaks) {
  LoadedScenario cuts = small_chaos();
  cuts.scenario.mutable_chaos()->add_mix()->set_kind("cut");
  cuts.scenario.mutable_chaos()->mutable_mix(0)->set_weight(1);
  LoadedScenario none = small_chaos();
  none.scenario.clear_chaos();
  none.scenario.mutable_chaos()->set_none(true);
  for (const Arm& arm : portfolio()) {
    for (std::uint64_t counter = 0; counter < 15; ++counter) {
      const v1::Scenario cut = arm.make(cuts.scenario, 1, counter);
      const v1::Scenario calm = arm.make(none.scenario, 1, counter);
      const auto others = [](const v1::Scenario& scenario, bool may_cut) {
        std::vector<std::string> steps;
        for (const v1::Step& step : scenario.step()) {
          const bool is_pace = step.fault().has_degrade() && step.fault().degrade().loss().empty();
          const bool is_fine = !step.has_fault() || is_pace || (may_cut && step.fault().has_cut());
          if (!is_fine) steps.push_back(step_text(step));
        }
        return steps;
      };
      EXPECT_THAT(others(cut, true), IsEmpty()) << arm.name << "/" << counter;
      EXPECT_THAT(others(calm, false), IsEmpty()) << arm.name << "/" << counter;
      EXPECT_EQ(calm.settle().dead_region_size(), 0);
    }
  }
}

TEST(Draw, EveryOperationAndEveryFaultIsDrawnSometime) {
  std::set<std::string> verbs;
  std::set<int> kinds;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const v1::Scenario scenario = drawn(chaos().scenario, {.calls = 100, .faults = 100}, seed);
    for (const v1::Step& step : scenario.step()) {
      verbs.insert(verb_name(step));
      if (step.has_fault()) kinds.insert(step.fault().kind_case());
    }
  }
  for (const char* verb : {"create_secret", "put_secret_value", "get_secret_value", "update_secret",
                           "update_secret_version_stage", "stop_replication_to_replica",
                           "remove_regions_from_replication", "replicate_secret_to_regions",
                           "delete_secret", "restore_secret", "tag_resource", "untag_resource",
                           "describe_secret", "list_secrets", "list_secret_version_ids"}) {
    EXPECT_TRUE(verbs.contains(verb)) << verb;
  }
  std::set<int> all;
  for (const FaultChoice& choice : all_fault_choices()) {
    const v1::Scenario scenario =
        drawn(two_regions(), {.calls = 0, .faults = 1, .fault_mix = {choice}});
    for (const v1::Step& step : scenario.step()) {
      if (step.has_fault()) all.insert(step.fault().kind_case());
    }
  }
  EXPECT_THAT(all.size(), Ge(30U));
  for (const int kind : all) EXPECT_TRUE(kinds.contains(kind)) << kind;
}

}  // namespace
}  // namespace faultline::regions::explore
