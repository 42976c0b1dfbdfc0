// Each way of writing a scenario more simply, by its examples.
#include "regions/explore/simplify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kTwo = R"(region { name: "us-west-2" } region { name: "us-east-1" })";

v1::Scenario scenario(std::string_view rest) {
  return load_or_fail(std::string(kTwo) + std::string(rest)).scenario;
}

std::vector<std::string> texts(const std::vector<v1::Scenario>& scenarios) {
  std::vector<std::string> out;
  for (const v1::Scenario& one : scenarios) out.push_back(one.ShortDebugString());
  return out;
}

// ---- fields -------------------------------------------------------------------------------------

std::vector<std::string> without_each_field(const v1::Scenario& whole) {
  std::vector<v1::Scenario> all;
  for (std::size_t i = 0;; ++i) {
    const auto without = without_field(whole, i);
    if (!without) return texts(all);
    EXPECT_NE(without->SerializeAsString(), whole.SerializeAsString());
    all.push_back(*without);
  }
}

TEST(WithoutField, TakesEachOutOnce) {
  const auto all = without_each_field(scenario(R"(
    seed: 5
    step { at: "1s" region: "us-west-2" retries: 3
           create_secret { name: "db" secret_string: "one" description: "d"
             add_replica_regions { region: "us-east-1" } } })"));
  // The seed, the retries, value, description and replica.
  EXPECT_EQ(all.size(), 5U);
  EXPECT_THAT(all, Contains(Not(HasSubstr("retries"))));
  EXPECT_THAT(all, Contains(Not(HasSubstr("description"))));
  EXPECT_THAT(all, Contains(Not(HasSubstr("add_replica_regions"))));
}

TEST(WithoutField, LeavesWhatAStepIs) {
  EXPECT_THAT(without_each_field(scenario(R"(
    step { at: "1s" region: "us-west-2" create_secret { name: "db" secret_string: "one" } }
    step { at: "2s" fault { for: "1s" cut { from: "us-west-2" to: "us-east-1" in_flight: DIE } } })")),
              Each(AllOf(HasSubstr("create_secret"), HasSubstr("cut"), HasSubstr("at: \"1s\""),
                         HasSubstr("us-east-1"))));
}

TEST(WithoutField, TakesEntriesOfListsOneByOne) {
  const auto all = without_each_field(scenario(R"(
    step { at: "1s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "one"
           version_stages: "BLUE" version_stages: "GREEN" } }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } })"));
  EXPECT_THAT(all, Contains(AllOf(HasSubstr("BLUE"), Not(HasSubstr("GREEN")))));
  EXPECT_THAT(all, Contains(AllOf(HasSubstr("GREEN"), Not(HasSubstr("BLUE")))));
}

TEST(WithoutField, LeavesANetworkWithoutLuck) {
  const auto all = without_each_field(scenario(R"(network { latency: "70ms" jitter: "0s" })"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0], AllOf(HasSubstr("jitter: \"0s\""), Not(HasSubstr("latency"))));
}

// ---- times --------------------------------------------------------------------------------------

TEST(RoundTimes, MovesWhatFollowsAlong) {
  const auto all = round_times(scenario(R"(
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } }
    step { at: "1234567us" region: "us-west-2" list_secrets {} }
    step { at: "2234567us" region: "us-west-2" list_secrets {} }
    settle { at: "3234567us" })"));
  ASSERT_FALSE(all.empty());
  // The boldest first: at once.
  EXPECT_EQ(all[0].step(1).at(), "");
  EXPECT_EQ(all[0].step(2).at(), "1s");
  EXPECT_EQ(all[0].settle().at(), "2s");
}

TEST(RoundTimes, LeavesWhatIsRoundAndShort) {
  EXPECT_THAT(round_times(scenario(R"(
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } }
    step { region: "us-west-2" list_secrets {} })")),
              IsEmpty());
}

TEST(RoundTimes, MakesFaultsAndDelaysRound) {
  const auto all = texts(round_times(scenario(R"(
    step { on { event: "PROMOTED" delay: "1234us" }
           fault { for: "4321ms" cut { from: "us-west-2" to: "us-east-1" } } })")));
  EXPECT_THAT(all, Contains(HasSubstr("for: \"1s\"")));
  EXPECT_THAT(all, Contains(HasSubstr("delay: \"1ms\"")));
  EXPECT_THAT(all, Each(Not(HasSubstr("for: \"0s\""))));
}

// Each candidate is better than what it came from, so that simplifying comes to an end.
TEST(RoundTimes, ComesToAnEnd) {
  v1::Scenario now = scenario(R"(
    step { at: "17ms" region: "us-west-2" create_secret { name: "db" secret_string: "one" } }
    step { at: "1234567us" region: "us-west-2" list_secrets {} }
    step { at: "777s" fault { for: "4321ms" cut { from: "us-west-2" to: "us-east-1" } } })");
  int rounds = 0;
  for (auto next = round_times(now); !next.empty() && rounds < 100; next = round_times(now)) {
    now = next.back();
    ++rounds;
  }
  EXPECT_LT(rounds, 100);
}

// ---- names --------------------------------------------------------------------------------------

TEST(CanonicalNames, AreTheSameWhereTheyWereTheSame) {
  const auto all = texts(canonical_names(scenario(R"(
    step { region: "us-west-2" create_secret { name: "db" secret_string: "secret-1 value 17 0badcafe"
           client_request_token: "0f0e0d0c-0b0a-4908-8706-050403020100" } }
    step { at: "1s" region: "us-west-2" get_secret_value { secret_id: "db"
           version_id: "0f0e0d0c-0b0a-4908-8706-050403020100" }
           want { secret_string: "secret-1 value 17 0badcafe" } }
    expect { always: true value { secret_id: "db" region: "us-west-2"
             one_of: "secret-1 value 17 0badcafe" } })")));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_THAT(all[0], AllOf(HasSubstr("the value number 1"), Not(HasSubstr("0badcafe"))));
  EXPECT_THAT(all[1],
              AllOf(HasSubstr("00000001-0000-4000-8000-000000000000"), Not(HasSubstr("0f0e0d0c"))));
}

TEST(CanonicalNames, AreNotRenamedAgain) {
  v1::Scenario now = scenario(R"(
    step { region: "us-west-2" create_secret { name: "db" secret_string: "x" description: "long" } })");
  for (int i = 0; i < 2; ++i) {
    const auto next = canonical_names(now);
    ASSERT_FALSE(next.empty());
    now = next.front();
  }
  EXPECT_THAT(canonical_names(now), IsEmpty());
}

// ---- luck and regions ---------------------------------------------------------------------------

TEST(WithoutLuck, TakesJitterAndSeed) {
  const auto all = without_luck(scenario("seed: 5"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].network().jitter(), "0s");
  EXPECT_EQ(all[0].seed(), 0U);
  EXPECT_FALSE(all[1].has_network());
  EXPECT_EQ(all[1].seed(), 0U);
  EXPECT_THAT(without_luck(all[0]), IsEmpty());
}

TEST(WithoutRegion, TakesWhatNamesItAndNothingElse) {
  const v1::Scenario whole = load_or_fail(R"(
    region { name: "us-west-2" } region { name: "us-east-1" } region { name: "eu-west-1" }
    key { region: "eu-west-1" alias: "alias/app" } key { region: "us-east-1" alias: "alias/app" }
    link { from: "us-west-2" to: "eu-west-1" latency: "70ms" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } add_replica_regions { region: "eu-west-1" } } }
    step { at: "1s" region: "eu-west-1" list_secrets {} }
    step { at: "2s" fault { for: "1s" cut { from: "us-west-2" to: "eu-west-1" } } }
    step { at: "3s" fault { for: "1s" cut { from: "us-west-2" to: "us-east-1" } } }
    expect { value { secret_id: "db" region: "eu-west-1" secret_string: "one" } }
    expect { value { secret_id: "db" region: "us-east-1" secret_string: "one" } }
    settle { dead_region: "eu-west-1" })")
                                 .scenario;
  const v1::Scenario left = without_region(whole, "eu-west-1");
  EXPECT_THAT(left.ShortDebugString(), Not(HasSubstr("eu-west-1")));
  EXPECT_EQ(left.region_size(), 2);
  EXPECT_EQ(left.key_size(), 1);
  EXPECT_EQ(left.link_size(), 0);
  EXPECT_EQ(left.step_size(), 2);
  EXPECT_EQ(left.step(0).create_secret().add_replica_regions_size(), 1);
  EXPECT_EQ(left.expect_size(), 1);
  EXPECT_TRUE(left.has_settle());
  EXPECT_TRUE(adopt_scenario("left", left).has_value());
}

}  // namespace
}  // namespace faultline::regions::explore
