// A campaign: a sequence of runs that can be cut anywhere, and what it comes to.
#include "regions/explore/campaign.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<LoadedScenario> two_bases() {
  std::vector<LoadedScenario> bases = {hello(), small_chaos()};
  return bases;
}

Campaign campaign_of(CampaignOptions options = {}) {
  options.shared = shared_parts();
  return Campaign({small_chaos()}, options);
}

std::string name_of(const Case& made) {
  return made.loaded.file + " " + made.address.to_string() + " " + std::to_string(made.seed);
}

TEST(Campaign, ShardsAreTheWholeCutInParts) {
  const Campaign whole(two_bases(), {});
  constexpr std::uint64_t kShards = 3;
  for (std::uint64_t shard = 0; shard < kShards; ++shard) {
    const Campaign part(two_bases(), {.shard = shard, .shards = kShards});
    for (std::uint64_t i = 0; i < 10; ++i) {
      const Case mine = part.case_at(i);
      const Case same = whole.case_at(i * kShards + shard);
      ASSERT_EQ(name_of(mine), name_of(same));
      ASSERT_EQ(mine.loaded.scenario.SerializeAsString(), same.loaded.scenario.SerializeAsString());
    }
  }
}

TEST(Campaign, NoRunIsMadeTwice) {
  const Campaign campaign({hello()}, {});
  std::set<std::string> seen;
  std::map<std::string, std::uint64_t> next;
  for (std::uint64_t i = 0; i < 250; ++i) {
    const Case made = campaign.case_at(i);
    EXPECT_TRUE(seen.insert(made.address.to_string()).second) << made.address.to_string();
    // Nor is any left out.
    EXPECT_EQ(made.address.counter, next[made.address.arm]++) << made.address.arm;
  }
}

TEST(Campaign, EachStrategyHasItsShare) {
  std::uint64_t total = 0;
  for (const Arm& arm : portfolio()) total += arm.share;
  const Campaign campaign({small_chaos()}, {});
  std::map<std::string, std::uint64_t> made;
  for (std::uint64_t i = 0; i < total; ++i) ++made[campaign.case_at(i).address.arm];
  for (const Arm& arm : portfolio()) EXPECT_EQ(made[std::string(arm.name)], arm.share) << arm.name;
  // Named ones have equal shares.
  const Campaign two(
      {
          small_chaos()
  },
      {.arms = {"calm", "edge"}});
  made.clear();
  for (std::uint64_t i = 0; i < 10; ++i) ++made[two.case_at(i).address.arm];
  EXPECT_EQ(made, (std::map<std::string, std::uint64_t>{
                      {"calm", 5},
                      {"edge", 5}
  }));
}

TEST(Campaign, AnAddressMakesItsRunAgain) {
  const Campaign campaign({small_chaos()}, {.campaign = 9});
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Case made = campaign.case_at(i);
    const auto address = Address::parse(made.address.to_string());
    ASSERT_TRUE(address.has_value());
    const Case again = make_case(small_chaos(), *address);
    EXPECT_EQ(again.seed, made.seed);
    EXPECT_EQ(again.loaded.scenario.SerializeAsString(), made.loaded.scenario.SerializeAsString());
  }
}

TEST(Campaign, WhatIsNoAddressIsRefused) {
  for (const char* text :
       {"", "edge", "1/edge", "1/edge/", "/edge/1", "1//1", "1/edge/x", "x/edge/1", "1/hedge/1",
        "-1/edge/1", "1/edge/-1", "1/edge/1/", "1/edge/1 ", "99999999999999999999/edge/1"}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address.has_value()) << text;
    EXPECT_THAT(address.error(), HasSubstr("is not an address of a run"));
  }
}

TEST(Campaign, AnotherCampaignHasOtherRuns) {
  const Campaign one({small_chaos()}, {.campaign = 1});
  const Campaign other({small_chaos()}, {.campaign = 2});
  EXPECT_NE(one.case_at(0).seed, other.case_at(0).seed);
}

TEST(Campaign, ARunJudgedTwiceIsTheSame) {
  const Campaign campaign = campaign_of();
  for (std::uint64_t i = 0; i < 5; ++i) {
    const Judged once = campaign.judge(campaign.case_at(i));
    const Judged twice = campaign.judge(campaign.case_at(i));
    EXPECT_EQ(once.report.hash(), twice.report.hash());
    EXPECT_EQ(once.coverage.tally().SerializeAsString(),
              twice.coverage.tally().SerializeAsString());
    EXPECT_EQ(once.difference, "");
  }
}

// It is made twice: what is not the same twice cannot be shrunk.
TEST(Campaign, AFailureIsComparedAlways) {
  LoadedScenario broken = small_chaos();
  broken.scenario.mutable_service()->add_defect("D02");
  broken.scenario.mutable_service()->add_defect("D15");
  CampaignOptions options;
  options.shared = shared_parts();
  const Campaign campaign({broken}, options);
  int failures = 0;
  for (std::uint64_t i = 0; i < 30 && failures == 0; ++i) {
    const Judged judged = campaign.judge(campaign.case_at(i));
    if (judged.report.violations_size() == 0) continue;
    ++failures;
    EXPECT_TRUE(judged.compared);
    EXPECT_EQ(judged.difference, "");
  }
  EXPECT_EQ(failures, 1);
}

// ---- tallies ------------------------------------------------------------------------------------

std::vector<Judged> some_runs() {
  const Campaign campaign = campaign_of();
  std::vector<Judged> runs;
  for (std::uint64_t i = 0; i < 6; ++i) runs.push_back(campaign.judge(campaign.case_at(i)));
  // One that expected something sometimes, and one that was not the same twice.
  runs[1].made.loaded.scenario.add_expect()->set_sometimes(true);
  runs[1].made.loaded.scenario.mutable_expect(0)->mutable_converged()->set_secret_id("db");
  runs[2].difference = "event 7: it was otherwise";
  return runs;
}

TEST(Tally, MergingDoesNotDependOnTheOrder) {
  const std::vector<Judged> runs = some_runs();
  Tally all;
  Tally first;
  Tally second;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    all.add(runs[i]);
    (i % 2 == 0 ? first : second).add(runs[runs.size() - 1 - i]);
  }
  Tally one = first;
  one.merge(second);
  Tally other = second;
  other.merge(first);
  EXPECT_EQ(one.summary().DebugString(), all.summary().DebugString());
  EXPECT_EQ(other.summary().DebugString(), all.summary().DebugString());
  EXPECT_EQ(all.runs(), 6U);
  EXPECT_EQ(all.summary().nondeterminism_size(), 1);
  EXPECT_EQ(all.summary().sometimes_met_size(), 1);
}

TEST(Tally, ASummaryIsReadAgainAsItWas) {
  Tally tally;
  for (const Judged& judged : some_runs()) tally.add(judged);
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(tally.summary(), &json).ok());
  v1::SweepSummary read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read).ok());
  Tally again;
  again.merge(read);
  EXPECT_EQ(again.summary().DebugString(), tally.summary().DebugString());
  // Twice the same is twice as much.
  again.merge(read);
  EXPECT_EQ(again.runs(), 2 * tally.runs());
}

TEST(Tally, WhatOneRunHasMetIsMet) {
  Judged judged = some_runs()[1];
  Judged unmet = judged;
  unmet.report.add_left_open("at some time, db has converged: it never was");
  Tally tally;
  tally.add(unmet);
  EXPECT_THAT(tally.summary().sometimes_unmet(), ElementsAre("at some time, db has converged"));
  tally.add(judged);
  EXPECT_EQ(tally.summary().sometimes_unmet_size(), 0);
  EXPECT_THAT(tally.summary().sometimes_met(), ElementsAre("at some time, db has converged"));
}

TEST(Tally, PropertiesThatWereNeverPutToTheTestAreNamed) {
  Tally tally;
  EXPECT_THAT(tally.vacuous(), Contains("S01"));
  for (const Judged& judged : some_runs()) tally.add(judged);
  EXPECT_THAT(tally.vacuous(), Not(Contains("S01")));
  EXPECT_THAT(tally.vacuous(), Contains("S33"));
}

TEST(Tally, TheWorstVerdictCounts) {
  v1::SweepSummary summary;
  EXPECT_EQ(verdict_of(summary), "INCONCLUSIVE") << "nothing was run";
  summary.set_runs(1);
  summary.add_properties()->set_held(1);
  EXPECT_EQ(verdict_of(summary), "HOLDS");
  summary.add_properties()->set_id("S33");
  EXPECT_EQ(verdict_of(summary), "INCONCLUSIVE");
  summary.mutable_properties(1)->set_held(1);
  summary.add_sometimes_unmet("never");
  EXPECT_EQ(verdict_of(summary), "INCONCLUSIVE");
  summary.add_failures();
  EXPECT_EQ(verdict_of(summary), "BROKEN");
  summary.add_nondeterminism("1/edge/1: event 7");
  EXPECT_EQ(verdict_of(summary), "NONDETERMINISTIC");
}

}  // namespace
}  // namespace faultline::regions::explore
