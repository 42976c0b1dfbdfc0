// Steps that follow events: where in a run they happen, and when they do not.
#include "regions/triggers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// "db" in us-west-2 with a replica in us-east-1, written at 10s and at 20s.
std::vector<v1::TraceEvent> events_of(std::string_view rest) {
  const LoadedScenario loaded = load_or_fail(R"(
    region { name: "us-west-2" } region { name: "us-east-1" } network { jitter: "0s" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } } }
    step { at: "10s" region: "us-west-2" want { anything: true }
           put_secret_value { secret_id: "db" secret_string: "two" } }
    step { at: "20s" region: "us-west-2" want { anything: true }
           put_secret_value { secret_id: "db" secret_string: "three" } }
  )" + std::string(rest));
  Events sink;
  ScenarioRun run(loaded, {.sinks = {&sink}});
  run.finish();
  return sink.events;
}

using Is = std::function<bool(const v1::TraceEvent&)>;

Is kind(v1::EventKind kind, std::string actor = "", std::string verb = "") {
  return [=](const v1::TraceEvent& event) {
    return event.kind() == kind && (actor.empty() || event.actor() == actor) &&
           (verb.empty() || event.verb() == verb);
  };
}

// Of the step under test: it lists secrets, which no other step does.
const Is kFollowed = kind(v1::STEP, "", "list_secrets");

std::vector<v1::TraceEvent> all(const std::vector<v1::TraceEvent>& events, const Is& is) {
  std::vector<v1::TraceEvent> out;
  std::ranges::copy_if(events, std::back_inserter(out), is);
  return out;
}

std::vector<std::int64_t> times(const std::vector<v1::TraceEvent>& events, const Is& is) {
  std::vector<std::int64_t> out;
  for (const auto& event : all(events, is)) out.push_back(event.at_ns());
  return out;
}

// A step that lists secrets after such an event.
std::vector<v1::TraceEvent> followed(const std::string& on, const std::string& at = "") {
  return events_of("step { " + at + R"( region: "us-east-1" list_secrets {} on { )" + on + " } }");
}

TEST(Triggers, AStepFollowsTheFirstEventOfItsKind) {
  const auto events = followed(R"(event: "REPLICA_APPLIED")");
  const auto applied = times(events, kind(v1::REPLICA_APPLIED));
  ASSERT_THAT(applied, SizeIs(3));
  EXPECT_THAT(times(events, kFollowed), ElementsAre(applied[0]));
}

TEST(Triggers, OrTheSoManieth) {
  for (const std::size_t nth : {1U, 2U, 3U}) {
    const auto events = followed(R"(event: "REPLICA_APPLIED" nth: )" + std::to_string(nth));
    const auto applied = times(events, kind(v1::REPLICA_APPLIED));
    EXPECT_THAT(times(events, kFollowed), ElementsAre(applied.at(nth - 1)));
  }
  EXPECT_THAT(times(followed(R"(event: "REPLICA_APPLIED" nth: 4)"), kFollowed), IsEmpty());
}

TEST(Triggers, OrTheFirstFromATimeOn) {
  const auto events = followed(R"(event: "REPLICA_APPLIED" nth: 2)", R"(at: "10s")");
  EXPECT_THAT(times(events, kFollowed),
              ElementsAre(times(events, kind(v1::REPLICA_APPLIED)).at(2)));
}

TEST(Triggers, ADelayCountsFromTheEvent) {
  const auto events = followed(R"(event: "REPLICA_APPLIED" delay: "3s")");
  EXPECT_THAT(times(events, kFollowed),
              ElementsAre(times(events, kind(v1::REPLICA_APPLIED)).at(0) + 3'000'000'000));
}

TEST(Triggers, RegionPeerVerbAndOutcomeNarrowIt) {
  const auto matches = [](const std::string& on, const Is& is) {
    const auto events = followed(on);
    const auto expected = times(events, is);
    ASSERT_FALSE(expected.empty()) << on;
    EXPECT_THAT(times(events, kFollowed), ElementsAre(expected.front())) << on;
  };
  matches(R"(event: "MESSAGE_DELIVERED" region: "us-west-2")",
          kind(v1::MESSAGE_DELIVERED, "us-west-2"));
  matches(R"(event: "MESSAGE_DELIVERED" region: "us-east-1" peer: "us-west-2")",
          kind(v1::MESSAGE_DELIVERED, "us-east-1"));
  matches(R"(event: "MESSAGE_SENT" verb: "ReplicateAck")",
          kind(v1::MESSAGE_SENT, "", "ReplicateAck"));
  matches(R"(event: "REPLICATION_STATUS" outcome: "InSync")", [](const v1::TraceEvent& event) {
    return event.kind() == v1::REPLICATION_STATUS && event.outcome() == "InSync";
  });
  // A region is not its own peer.
  EXPECT_THAT(
      times(followed(R"(event: "MESSAGE_SENT" region: "us-west-2" peer: "us-west-2")"), kFollowed),
      IsEmpty());
}

TEST(Triggers, AStepHappensOnce) {
  EXPECT_THAT(times(followed(R"(event: "STORE_COMMITTED")"), kFollowed), SizeIs(1));
}

// A crash comes upon a region in the middle of its work: nothing of the turn that it follows comes
// after it. A cut link is no such thing: the turn ends first.
TEST(Triggers, ACrashComesInTheMiddleOfATurn) {
  const auto events = events_of(R"(
    step { crash { region: "us-west-2" } on { event: "STORE_COMMITTED" region: "us-west-2" nth: 2 } })");
  const auto crashed = all(events, kind(v1::ACTOR_CRASHED));
  ASSERT_THAT(crashed, SizeIs(1));
  const auto commits = all(events, kind(v1::STORE_COMMITTED, "us-west-2"));
  ASSERT_THAT(commits, SizeIs(2));
  // The commit, the step, the crash.
  EXPECT_EQ(crashed[0].id(), commits[1].id() + 2);
  EXPECT_EQ(crashed[0].at_ns(), commits[1].at_ns());
}

TEST(Triggers, EverythingElseComesWhenTheTurnIsOver) {
  const auto events = events_of(R"(
    step { fault { for: "1s" cut { from: "us-west-2" to: "us-east-1" } }
           on { event: "REPLICA_APPLIED" region: "us-east-1" } })");
  const auto applied = all(events, kind(v1::REPLICA_APPLIED));
  const auto cut = all(events, kind(v1::FAULT_APPLIED));
  ASSERT_THAT(cut, SizeIs(1));
  EXPECT_EQ(cut[0].at_ns(), applied[0].at_ns());
  // The machine has told that it moved before.
  const auto moved = all(events, [&](const v1::TraceEvent& event) {
    return event.kind() == v1::MACHINE_MOVED && event.at_ns() == applied[0].at_ns() &&
           event.id() > applied[0].id();
  });
  ASSERT_FALSE(moved.empty());
  EXPECT_GT(cut[0].id(), moved.front().id());
}

// One crash for each event of a run, whichever it is: none of them is more than the run can take.
TEST(Triggers, ACrashMayFollowAnything) {
  for (const std::string& event : triggering_events()) {
    const v1::RunReport report = run_text(R"(
      region { name: "us-west-2" } region { name: "us-east-1" }
      step { region: "us-west-2" retries: 3 create_secret { name: "db" secret_string: "one"
             add_replica_regions { region: "us-east-1" } } }
      step { fault { for: "1s" crash { region: "us-east-1" } } on { event: ")" +
                                          event + R"(" } }
      expect { eventually_after_heal: true converged { secret_id: "db" } }
      settle { at: "10s" })");
    EXPECT_THAT(found_in(report), IsEmpty()) << event;
  }
}

TEST(Triggers, WhatHasNotHappenedWhenTheWorldIsMendedDoesNot) {
  // The mending itself starts the region again, which is what the first step waits for; the second
  // one's event is over, but not its delay.
  const auto events = events_of(R"(
    step { at: "21s" fault { crash { region: "us-east-1" } } }
    step { at: "22s" region: "us-west-2" list_secrets {} on { event: "ACTOR_STARTED" } }
    step { at: "21s" region: "us-west-2" list_secrets {} on { event: "ACTOR_CRASHED" delay: "1h" } }
    settle { at: "30s" })");
  EXPECT_THAT(all(events, kind(v1::ACTOR_STARTED)), SizeIs(1));
  EXPECT_THAT(times(events, kFollowed), IsEmpty());
}

}  // namespace
}  // namespace faultline::regions::explore
