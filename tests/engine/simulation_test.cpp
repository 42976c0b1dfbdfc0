#include "engine/simulation.h"

#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::add_probe;
using testing::at_ms;
using testing::Behaviour;
using testing::exactly;
using testing::Log;
using testing::ms;
using testing::sec;

TEST(SimulationTest, ExecutesEventsInOrderOfTimeAndThenOfScheduling) {
  Simulation sim;
  Log log;
  sim.at(
      at_ms(20), [&] { log.push_back("third"); }, "3");
  sim.at(
      at_ms(10), [&] { log.push_back("first"); }, "1");
  sim.at(
      at_ms(10), [&] { log.push_back("second"); }, "2");
  EXPECT_EQ(sim.now(), Instant());
  EXPECT_TRUE(sim.step());
  EXPECT_EQ(sim.now(), at_ms(10));
  while (sim.step()) {
  }
  EXPECT_EQ(log, (Log{"first", "second", "third"}));
  EXPECT_EQ(sim.events(), 3U);
}

TEST(SimulationTest, RunUntilIncludesItsEndAndStandsThere) {
  Simulation sim;
  Log log;
  sim.at(
      at_ms(10), [&] { log.push_back("at the end"); }, "in");
  sim.at(
      at_ms(11), [&] { log.push_back("after it"); }, "out");
  sim.run_until(at_ms(10));
  EXPECT_EQ(log, Log{"at the end"});
  sim.run_until(at_ms(10));
  EXPECT_EQ(sim.now(), at_ms(10));
}

TEST(SimulationTest, IsIdleWhenOnlyBackgroundTimersAreLeft) {
  Simulation sim;
  int fired = 0;
  const ActorId id = add_probe(sim, "a", {.on_timer = [&](ActorContext&, uint64_t) { ++fired; }});
  sim.context(id).set_timer(ms(5), 1, TimerClass::Background);
  sim.context(id).set_timer(ms(10), 2);
  sim.context(id).set_timer(Duration::days(30), 3, TimerClass::Background);
  EXPECT_TRUE(sim.run_until_idle());
  EXPECT_EQ(fired, 2) << "a background timer fires when time passes it";
  EXPECT_EQ(sim.now(), at_ms(10));
  sim.run_until(Instant() + Duration::days(31));
  EXPECT_EQ(fired, 3);
}

TEST(SimulationTest, RunUntilIdleKeepsToItsLimit) {
  Simulation sim;
  sim.at(
      at_ms(50), [] {}, "late");
  EXPECT_FALSE(sim.run_until_idle(at_ms(20)));
  EXPECT_EQ(sim.now(), at_ms(20));
  EXPECT_TRUE(sim.run_until_idle(at_ms(50)));
}

TEST(SimulationTest, TheObserverComesAfterEveryEvent) {
  Simulation sim;
  Log log;
  sim.set_after_event([&] { log.push_back("observed at " + format_instant(sim.now())); });
  sim.at(
      at_ms(1), [&] { log.push_back("event"); }, "one");
  sim.at(
      at_ms(2), [&] { log.push_back("event"); }, "two");
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"event", "observed at 0.001s", "event", "observed at 0.002s"}));
}

TEST(SimulationTest, LifeCycleHookHearsOfCrashesAndRestarts) {
  Simulation sim;
  Log log;
  const ActorId id =
      add_probe(sim, "a", {.on_start = [&](ActorContext&) { log.push_back("on_start"); }});
  sim.run_until_idle();
  sim.set_life_cycle_hook([&](ActorId who, bool up) {
    EXPECT_EQ(who, id);
    log.push_back(up ? "up" : "down");
  });
  sim.crash(id);
  sim.crash(id);
  sim.restart(id);
  sim.restart(id);
  EXPECT_EQ(log, (Log{"on_start", "down", "up", "on_start"}));
}

TEST(SimulationTest, FindsActorsByName) {
  Simulation sim;
  const ActorId east = add_probe(sim, "us-east-1");
  const ActorId west = add_probe(sim, "us-west-2");
  EXPECT_EQ(sim.find("us-east-1"), east);
  EXPECT_EQ(sim.find("us-west-2"), west);
  EXPECT_FALSE(sim.find("us-west-").has_value());
  EXPECT_EQ(sim.actors(), 2U);
}

TEST(SimulationTest, ActorsMayBeAddedWhileItRuns) {
  Simulation sim({.links = exactly(ms(1))});
  Log log;
  const ActorId first =
      add_probe(sim, "first",
                {.on_message = [&](ActorContext&, const Message& m) { log.emplace_back(m.type); }});
  sim.at(
      at_ms(5),
      [&] {
        for (int i = 0; i < 100; ++i) {
          add_probe(sim, "child" + std::to_string(i), {.on_start = [&](ActorContext& ctx) {
                      if (ctx.name() == "child99") ctx.send(first, "Born", "");
                    }});
        }
      },
      "add");
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"Born"});
}

Task<void> client(Simulation& sim, ActorId server, Log& log) {
  for (int i = 0; i < 2; ++i) {
    co_await sim.sleep(ms(10));
    log.push_back(format_instant(sim.now()));
    sim.crash(server);
  }
}

TEST(SimulationTest, TheWorldHasCoroutinesOfItsOwn) {
  Simulation sim;
  Log log;
  const ActorId server = add_probe(sim, "server");
  sim.spawn(client(sim, server, log));
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"0.010s", "0.020s"}));
  EXPECT_FALSE(sim.is_up(server));
}

// What the world's closures hold may use the simulation once more as it goes.
TEST(SimulationTest, ClosuresThatNeverRanGoBeforeTheirSimulation) {
  int canceled = 0;
  {
    Simulation sim;
    const ActorId id = add_probe(sim, "a");
    const TimerId timer = sim.context(id).set_timer(Duration::max(), 1);
    const std::shared_ptr<void> last_use(nullptr, [&sim, &canceled, id, timer](void*) {
      canceled += sim.context(id).cancel_timer(timer);
    });
    sim.at(
        at_ms(5), [last_use] {}, "never");
  }
  EXPECT_EQ(canceled, 1);
}

// ---- causes -------------------------------------------------------------------------------------

class CausesTest : public testing::ThreeActors {
 protected:
  // The event that caused the only event of a kind.
  uint64_t cause_of(v1::EventKind kind) { return sink.of_kind(kind).at(0).cause(); }
};

Task<void> send_later(ActorContext& ctx, ActorId to) {
  co_await ctx.sleep(ms(5));
  co_await ctx.sleep(ms(5));
  ctx.send(to, "Later", "");
}

TEST_F(CausesTest, ARequestIsTracedThroughTimersCoroutinesAndClosures) {
  Behaviour relay;
  relay.on_message = [&](ActorContext& ctx, const Message& message) {
    if (message.type == "Timer") ctx.set_timer(ms(5), 1);
    if (message.type == "Coroutine") ctx.spawn(send_later(ctx, c));
    if (message.type == "Closure") ctx.after(ms(5), [&] { ctx.send(c, "Later", ""); });
  };
  relay.on_timer = [&](ActorContext& ctx, uint64_t) { ctx.send(c, "Later", ""); };
  const ActorId r = add_probe(sim, "relay", relay);
  for (const std::string_view way : {"Timer", "Coroutine", "Closure"}) {
    MemorySink story;
    sim.trace().add_sink(&story);
    send(a, r, way);
    sim.run_until_idle();
    sim.trace().remove_sink(&story);
    uint64_t cause = 0;
    std::string kinds;
    for (const v1::TraceEvent& event : story.events()) {
      EXPECT_EQ(event.cause(), cause) << way << ": " << to_line(event);
      cause = event.id();
      kinds += v1::EventKind_Name(event.kind()) + " ";
    }
    const std::string timer = way == "Timer" ? "TIMER_FIRED " : "";
    EXPECT_EQ(kinds, "MESSAGE_SENT MESSAGE_DELIVERED " + timer + "MESSAGE_SENT MESSAGE_DELIVERED ")
        << way;
  }
}

TEST_F(CausesTest, WhoeverBeginsAStoryIsTheCauseOfWhatFollows) {
  at(at_ms(5), [&] {
    const uint64_t call =
        sim.context(a).record({.kind = v1::CALL_STARTED, .verb = "PutSecretValue"});
    sim.trace().set_current_cause(call);
    send(a, b);
  });
  at(at_ms(6), [&] { send(a, b, "Unrelated"); });
  sim.run_until_idle();
  const auto sent = sink.of_kind(v1::MESSAGE_SENT);
  EXPECT_EQ(sent[0].cause(), sink.of_kind(v1::CALL_STARTED)[0].id());
  EXPECT_EQ(sent[1].cause(), 0U);
}

// ---- describing ---------------------------------------------------------------------------------

TEST_F(CausesTest, WhatIsPendingCanBeDescribed) {
  send(a, b, "Ping", "body");
  sim.context(b).set_timer(ms(1), 42, TimerClass::Background);
  sim.context(c).spawn(send_later(sim.context(c), a));
  at(at_ms(20), [] {});
  const auto pending = sim.pending();
  ASSERT_EQ(pending.size(), 4U);
  EXPECT_EQ(pending[0].kind, EventClass::Timer);
  EXPECT_EQ(pending[0].actor, b);
  EXPECT_EQ(pending[0].number, 42U);
  EXPECT_EQ(pending[0].urgency, TimerClass::Background);
  EXPECT_EQ(pending[1].kind, EventClass::Resume);
  EXPECT_EQ(pending[1].actor, c);
  EXPECT_EQ(pending[2].kind, EventClass::Deliver);
  EXPECT_EQ(pending[2].actor, b);
  EXPECT_EQ(pending[2].peer, a);
  EXPECT_EQ(pending[2].label, "Ping");
  EXPECT_EQ(pending[2].digest, hash64("body"));
  EXPECT_EQ(pending[3].kind, EventClass::Call);
  EXPECT_EQ(pending[3].label, "test");
  EXPECT_EQ(pending[3].actor, kNoActor);
}

// ---- our own mistakes ---------------------------------------------------------------------------

TEST(SimulationDeathTest, AFailedCheckSaysWhereTheRunStands) {
  Simulation sim({.seed = 7});
  sim.at(
      at_ms(3'214),
      [&] {
        sim.at(
            at_ms(1), [] {}, "yesterday");
      },
      "mistake");
  EXPECT_DEATH(sim.run_until_idle(),
               "scheduled in the past: yesterday\n.*seed 7, at 3.214s, event 1");
}

TEST(SimulationDeathTest, ARunInsideARunIsAMistake) {
  Simulation sim;
  sim.at(
      at_ms(1), [&] { sim.run_until_idle(); }, "nested");
  EXPECT_DEATH(sim.run_until_idle(), "an event that runs the simulation it is part of");
}

TEST(SimulationDeathTest, NamesAreUniqueAndIdsExist) {
  Simulation sim;
  const ActorId a = add_probe(sim, "a");
  EXPECT_DEATH(sim.context(a).send(ActorId{5}, "Ping", ""), "no actor has the number 5");
  EXPECT_DEATH(sim.context(a).send(kNoActor, "Ping", ""), "from or to nobody");
  EXPECT_DEATH(add_probe(sim, "a"), "two actors of the name a");
  EXPECT_DEATH(static_cast<void>(sim.is_up(ActorId{5})), "no actor has the number 5");
}

}  // namespace
}  // namespace faultline::engine
