#include "engine/actor.h"

#include "engine/clock.h"
#include "engine/disk.h"
#include "engine/disk_env.h"
#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::add_probe;
using testing::at_ms;
using testing::Behaviour;
using testing::Log;
using testing::ms;

// One actor that a test gives things to do, and a log that outlives it.
class ActorTest : public ::testing::Test {
 protected:
  ActorTest() {
    sim.trace().add_sink(&sink);
    id = add_probe(sim, "actor", {.on_timer = [this](ActorContext& context, uint64_t key) {
                     note(context, "timer " + std::to_string(key));
                   }});
    peer = add_probe(sim, "peer");
    sim.run_until_idle();
  }
  void note(ActorContext& context, const std::string& what) {
    log.push_back(std::to_string(context.now().ns() / 1'000'000) + "ms " + what);
  }
  ActorContext& ctx() { return sim.context(id); }

  Log log;
  MemorySink sink;
  Simulation sim{{.seed = 7}};
  ActorId id, peer;
};

TEST_F(ActorTest, TimersFireOnceWithTheirKey) {
  ctx().set_timer(ms(20), 2);
  ctx().set_timer(ms(10), 1);
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms timer 1", "20ms timer 2"}));
  const auto fired = sink.of_kind(v1::TIMER_FIRED);
  ASSERT_EQ(fired.size(), 2U);
  EXPECT_EQ(fired[0].number(), 1U);
  EXPECT_EQ(fired[0].actor(), "actor");
}

TEST_F(ActorTest, CancelledTimersDoNotFire) {
  const TimerId timer = ctx().set_timer(ms(10), 1);
  EXPECT_FALSE(sim.context(peer).cancel_timer(timer)) << "it is somebody else's";
  EXPECT_TRUE(ctx().cancel_timer(timer));
  EXPECT_FALSE(ctx().cancel_timer(timer));
  EXPECT_FALSE(ctx().cancel_timer(0));
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
}

Task<void> sleeper(ActorContext& ctx, Log& log, Duration duration) {
  log.push_back("sleeps");
  co_await ctx.sleep(duration);
  log.push_back("woke at " + format_instant(ctx.now()));
}

TEST_F(ActorTest, SleepersWakeInTime) {
  ctx().spawn(sleeper(ctx(), log, ms(10)));
  EXPECT_EQ(log, Log{"sleeps"});
  EXPECT_EQ(ctx().tasks_alive(), 1U);
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"sleeps", "woke at 0.010s"}));
  EXPECT_EQ(ctx().tasks_alive(), 0U);
}

TEST_F(ActorTest, ClosuresRunAsTurnsOfTheActor) {
  ctx().after(ms(5), [this] { note(ctx(), "closure"); });
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"5ms closure"});
}

// ---- crash --------------------------------------------------------------------------------------

Task<int> inner(ActorContext& ctx, std::shared_ptr<int> witness) {
  co_await ctx.sleep(ms(50));
  co_return *witness;
}
Task<void> outer(ActorContext& ctx, Log& log, std::shared_ptr<int> witness) {
  const int value = co_await inner(ctx, witness);
  log.push_back("never " + std::to_string(value));
}

TEST_F(ActorTest, ACrashTakesTimersClosuresAndNestedFramesWithIt) {
  const auto witness = std::make_shared<int>(1);
  ctx().set_timer(ms(40), 1);
  ctx().after(ms(40), [this, witness] { log.push_back("never"); });
  ctx().spawn(outer(ctx(), log, witness));
  ctx().spawn(outer(ctx(), log, witness));
  EXPECT_GT(witness.use_count(), 5);
  sim.after(
      ms(20), [this] { sim.crash(id); }, "crash");
  sim.run_until(at_ms(30));
  EXPECT_EQ(witness.use_count(), 1) << "something of the dead actor is alive";
  EXPECT_TRUE(sim.queue().empty()) << "something would wake a dead actor";
  EXPECT_EQ(ctx().tasks_alive(), 0U);
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
}

// Waits in the frame of a function whose own awaiter is not the engine's.
struct Forever {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};
Task<void> stuck(std::shared_ptr<int> witness) {
  co_await Forever{};
  ++*witness;
}

TEST_F(ActorTest, ACrashDestroysFramesWhateverTheyWaitFor) {
  const auto witness = std::make_shared<int>(1);
  ctx().spawn(stuck(witness));
  sim.crash(id);
  EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(ActorTest, RestartBuildsAFreshActorThatStarts) {
  int built = 0;
  const ActorId probe = sim.add_actor("probe", [&](ActorContext& context) {
    ++built;
    return std::make_unique<testing::Probe>(
        context, Behaviour{.on_start = [this](ActorContext& c) { note(c, "start"); }});
  });
  EXPECT_EQ(log, Log{}) << "on_start is an event, not a part of add_actor";
  sim.run_until_idle();
  sim.crash(probe);
  EXPECT_EQ(sim.actor(probe), nullptr);
  EXPECT_FALSE(sim.is_up(probe));
  sim.restart(probe);
  EXPECT_NE(sim.actor(probe), nullptr);
  EXPECT_EQ(built, 2);
  EXPECT_EQ(log, (Log{"0ms start", "0ms start"}));
  const auto started = sink.of_kind(v1::ACTOR_STARTED);
  EXPECT_EQ(started[started.size() - 2].verb(), "start");
  EXPECT_EQ(started.back().verb(), "restart");
}

// From the statement that asks for the crash on, nothing has an effect; the actor goes after the
// turn.
TEST_F(ActorTest, ACrashInTheMiddleOfATurnHoldsFromThatStatementOn) {
  bool destroyed = false;
  Behaviour behaviour;
  behaviour.on_timer = [&](ActorContext& context, uint64_t) {
    context.send(peer, "Before", "");
    sim.crash(context.id());
    EXPECT_FALSE(destroyed);
    EXPECT_FALSE(sim.is_up(context.id()));
    EXPECT_EQ(sim.actor(context.id()), nullptr);
    EXPECT_EQ(context.send(peer, "After", ""), 0U);
    EXPECT_EQ(context.set_timer(ms(1), 9), 0U);
    EXPECT_EQ(context.record({.kind = v1::PROMOTED}), 0U);
    context.after(ms(1), [&] { log.push_back("never"); });
    context.spawn(sleeper(context, log, ms(1)));
    EXPECT_TRUE(context.disk().is_frozen());
  };
  behaviour.on_destruction = [&](ActorContext& context) {
    destroyed = true;
    EXPECT_EQ(context.send(peer, "FromTheGrave", ""), 0U);
    context.spawn(sleeper(context, log, ms(1)));
  };
  const ActorId victim = add_probe(sim, "victim", behaviour);
  sim.context(victim).set_timer(ms(5), 1);
  while (sim.step() && !destroyed) {
  }
  EXPECT_TRUE(destroyed);
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
  ASSERT_EQ(sink.of_kind(v1::MESSAGE_SENT).size(), 1U);
  EXPECT_EQ(sink.of_kind(v1::MESSAGE_SENT)[0].verb(), "Before");
  const auto crashed = sink.of_kind(v1::ACTOR_CRASHED);
  ASSERT_EQ(crashed.size(), 1U);
  EXPECT_EQ(crashed[0].cause(), sink.of_kind(v1::TIMER_FIRED)[0].id());
  EXPECT_FALSE(sim.context(victim).disk().is_frozen());
}

Task<void> crashes_itself(Simulation& sim, ActorContext& ctx, Log& log) {
  co_await ctx.sleep(ms(1));
  sim.crash(ctx.id());
  log.push_back("still on the stack");
  co_await ctx.sleep(ms(1));
  log.push_back("never");
}

TEST_F(ActorTest, ACoroutineMayCrashItsOwnActor) {
  ctx().spawn(crashes_itself(sim, ctx(), log));
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"still on the stack"});
  EXPECT_FALSE(sim.is_up(id));
}

TEST_F(ActorTest, ACrashAndARestartInOneTurnHappenInThatOrder) {
  int starts = 0;
  Behaviour behaviour;
  behaviour.on_start = [&](ActorContext&) { ++starts; };
  behaviour.on_timer = [&](ActorContext& context, uint64_t) {
    sim.crash(context.id());
    sim.restart(context.id());
    sim.crash(context.id());
    sim.restart(context.id());
    EXPECT_EQ(starts, 1);
  };
  const ActorId phoenix = add_probe(sim, "phoenix", behaviour);
  sim.context(phoenix).set_timer(ms(5), 1);
  sim.run_until_idle();
  EXPECT_EQ(starts, 3);
  EXPECT_TRUE(sim.is_up(phoenix));
}

TEST_F(ActorTest, AnActorMayDieWhileItIsBuilt) {
  int built = 0;
  const ActorId stillborn = sim.add_actor("stillborn", [&](ActorContext& context) {
    if (++built == 1) sim.crash(context.id());
    return std::make_unique<testing::Probe>(
        context, Behaviour{.on_start = [this](ActorContext& c) { note(c, "start"); }});
  });
  EXPECT_FALSE(sim.is_up(stillborn));
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
  sim.restart(stillborn);
  EXPECT_EQ(log, Log{"0ms start"});
}

// ---- what survives ------------------------------------------------------------------------------

TEST_F(ActorTest, LuckIsKeyedBySeedActorAndPurposeAndSurvivesCrashes) {
  const uint64_t luck = ctx().random("retry").at(0);
  EXPECT_NE(luck, ctx().random("other").at(0));
  EXPECT_NE(luck, sim.context(peer).random("retry").at(0));
  EXPECT_EQ(luck, KeyedRandom(7).stream("actor/actor/retry").at(0));
  EXPECT_EQ(ctx().next_index("retry"), 0U);
  EXPECT_EQ(ctx().next_index("retry"), 1U);
  EXPECT_EQ(ctx().next_index("other"), 0U);
  sim.crash(id);
  sim.restart(id);
  EXPECT_EQ(ctx().next_index("retry"), 2U);
  EXPECT_EQ(ctx().random("retry").at(0), luck);
}

TEST_F(ActorTest, WallClockIsTheEpochAndTheActorsOwnError) {
  const int64_t epoch = 1'767'225'600'000'000'000;
  sim.run_until(at_ms(1'000));
  EXPECT_EQ(ctx().wall_unix_ns(), epoch + 1'000'000'000);
  ctx().clock().set_offset(-Duration::seconds(3));
  EXPECT_EQ(ctx().wall_unix_ns(), epoch - 2'000'000'000);
  EXPECT_EQ(sim.context(peer).wall_unix_ns(), epoch + 1'000'000'000);
}

TEST_F(ActorTest, DiskSurvivesACrashAsItsModelSaysAndSyncsAreTraced) {
  auto file = ctx().disk().create("log").value();
  ASSERT_TRUE(file.append("durable"));
  ASSERT_TRUE(file.sync());
  ASSERT_TRUE(file.append(" and not"));
  const DiskEnv* const env = &ctx().disk_env();
  EXPECT_EQ(env, &ctx().disk_env());
  sim.crash(id, {.torn_tail = v1::LOSE_ALL});
  sim.restart(id);
  EXPECT_EQ(ctx().disk().contents("log"), "durable");

  const auto synced = sink.of_kind(v1::DISK_SYNCED);
  ASSERT_EQ(synced.size(), 1U);
  EXPECT_EQ(synced[0].actor(), "actor");
  EXPECT_EQ(synced[0].subject(), "log");
  EXPECT_EQ(synced[0].number(), 7U);
  EXPECT_EQ(synced[0].digest(), hash64("durable"));
  const auto crashed = sink.of_kind(v1::ACTOR_CRASHED);
  ASSERT_EQ(crashed.size(), 1U);
  EXPECT_EQ(crashed[0].number(), 8U);
  EXPECT_EQ(crashed[0].outcome(), "LOSE_ALL");
}

}  // namespace
}  // namespace faultline::engine
