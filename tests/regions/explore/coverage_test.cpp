// What a run is said to have met.
#include "regions/explore/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/simulation.h"
#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Key;
using testing::Not;

Coverage coverage_of(std::string_view text) {
  const LoadedScenario loaded = load_or_fail(text);
  Coverage coverage;
  ScenarioRun run(loaded, {});
  CoverageListener listener(run.world(), loaded.scenario, coverage);
  run.world().simulation().trace().add_listener(&listener);
  run.finish();
  run.world().simulation().trace().remove_listener(&listener);
  return coverage;
}

std::string with_replica(std::string_view rest) {
  return R"(
    region { name: "us-west-2" } region { name: "us-east-1" } network { jitter: "0s" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } } }
  )" + std::string(rest);
}

TEST(Coverage, ARunWithoutFaultsHasMetTransitionsOnly) {
  const Coverage coverage = coverage_of(with_replica(""));
  EXPECT_TRUE(coverage.faults.empty());
  EXPECT_TRUE(coverage.crossings.empty());
  EXPECT_THAT(coverage.transitions, testing::IsSupersetOf(std::map<std::string, std::uint64_t>{
                                        {"ReplicaLink Changed -> Preparing", 1},
                                        {"ReplicaLink Acked -> InSync",      1},
                                        {"ReplicaCopy Durable -> Following", 1}
  }));
}

TEST(Coverage, AFaultInForceWhileReplicationIsUnderWayIsInFlight) {
  const Coverage coverage = coverage_of(with_replica(
      R"(step { at: "1ms" fault { for: "2s" cut { from: "us-west-2" to: "us-east-1" } } })"));
  ASSERT_THAT(coverage.faults, Contains(Key("NET-09")));
  EXPECT_EQ(coverage.faults.at("NET-09").applied, 1U);
  EXPECT_EQ(coverage.faults.at("NET-09").in_flight, 1U);
  EXPECT_THAT(coverage.crossings,
              Contains(Key("ReplicaLink TimedOut -> Preparing | NET-09 | InProgress")));
}

TEST(Coverage, AFaultOfAWorldAtRestIsNot) {
  const Coverage coverage = coverage_of(with_replica(
      R"(step { at: "60s" fault { for: "2s" cut { from: "us-west-2" to: "us-east-1" } } })"));
  EXPECT_EQ(coverage.faults.at("NET-09").applied, 1U);
  EXPECT_EQ(coverage.faults.at("NET-09").in_flight, 0U);
}

TEST(Coverage, AFaultThatBeganBeforeAndIsStillThereIsInFlight) {
  const Coverage coverage = coverage_of(with_replica(R"(
    step { at: "60s" fault { for: "9s" cut { from: "us-west-2" to: "us-east-1" } } }
    step { at: "61s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } })"));
  EXPECT_EQ(coverage.faults.at("NET-09").in_flight, 1U);
}

TEST(Coverage, WhatOperatorsDoCounts) {
  const Coverage coverage = coverage_of(with_replica(
      R"(step { at: "10ms" region: "us-east-1" want { anything: true }
               stop_replication_to_replica { secret_id: "db" } })"));
  EXPECT_FALSE(coverage.faults.empty());
}

// A copy learns what the store holds as it is made, which no run tells of: what can never be seen is
// not asked for. What a run tells of is.
TEST(Coverage, OnlyWhatCanBeSeenIsAskedFor) {
  const std::vector<std::string> known = transitions_never_taken({});
  for (const std::string& row : known) EXPECT_THAT(row, Not(HasSubstr(" Found")));
  EXPECT_THAT(known, Contains("ReplicaLink WasInSync -> InSync"));
  const Coverage coverage = coverage_of(with_replica(R"(
    step { at: "5s" fault { for: "1s" crash { region: "us-west-2" } } }
    step { at: "7s" fault { for: "1s" crash { region: "us-east-1" } } }
    step { at: "9s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } })"));
  for (const auto& [row, count] : coverage.transitions) EXPECT_THAT(known, Contains(row));
  EXPECT_THAT(coverage.transitions, Contains(Key("ReplicaLink WasInSync -> InSync")));
}

// The rarest row: another primary's offer comes while one is becoming durable. A slow disk shows it.
TEST(Coverage, AnOfferMayMeetOneThatIsBecomingDurable) {
  const Coverage coverage = coverage_of(R"(
    region { name: "us-west-2" } region { name: "us-east-1" } region { name: "eu-west-1" }
    network { jitter: "0s" } service { sync_latency: "200ms" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } } }
    step { at: "100ms" region: "eu-west-1" create_secret { name: "db" secret_string: "other"
           add_replica_regions { region: "us-east-1" } } })");
  EXPECT_THAT(coverage.transitions, Contains(Key("ReplicaCopy Offered -> Storing")));
}

TEST(Coverage, ATallyIsReadAgainAsItWas) {
  const Coverage coverage = coverage_of(with_replica(
      R"(step { at: "1ms" fault { for: "2s" cut { from: "us-west-2" to: "us-east-1" } } })"));
  Coverage read;
  read.merge(coverage.tally());
  EXPECT_EQ(read.tally().DebugString(), coverage.tally().DebugString());
  EXPECT_EQ(faults_never_met(read), faults_never_met(coverage));
  EXPECT_EQ(transitions_never_taken(read), transitions_never_taken(coverage));
  Coverage twice = coverage;
  twice.merge(coverage);
  EXPECT_EQ(twice.faults.at("NET-09").applied, 2U);
}

TEST(Coverage, ATableSaysWhatWasNeverMet) {
  const Coverage coverage = coverage_of(with_replica(
      R"(step { at: "1ms" fault { for: "2s" cut { from: "us-west-2" to: "us-east-1" } } })"));
  const std::string table = coverage_table(coverage);
  EXPECT_THAT(table, HasSubstr("of 65 met, 1 of them while replication was under way"));
  EXPECT_THAT(table, HasSubstr("never      ReplicaLink Acked -> Failed\n"));
  EXPECT_THAT(faults_never_met(coverage), Not(Contains("NET-09")));
}

}  // namespace
}  // namespace faultline::regions::explore
