#include "engine/completion.h"

#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::add_probe;
using testing::Log;
using testing::ms;

class CompletionTest : public ::testing::Test {
 protected:
  ActorContext& ctx() { return sim.context(id); }

  Log log;
  Simulation sim{{.seed = 7}};
  ActorId id = add_probe(sim, "actor");
};

Task<void> wait(ActorContext& ctx, Completion<std::string>& reply, Log& log,
                std::optional<Duration> most) {
  const std::optional<std::string> value = co_await reply.wait(most);
  log.push_back(format_instant(ctx.now()) + " " + value.value_or("nothing"));
}

TEST_F(CompletionTest, TheWaitingCoroutineGoesOnAtTheInstantOfTheValue) {
  Completion<std::string> reply(ctx());
  ctx().spawn(wait(ctx(), reply, log, ms(100)));
  ctx().after(ms(20), [&] {
    EXPECT_TRUE(reply.set("yes"));
    EXPECT_TRUE(log.empty()) << "it goes on as an event of its own";
    EXPECT_FALSE(reply.set("too late"));
  });
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"0.020s yes"});
  EXPECT_EQ(sim.now(), testing::at_ms(20)) << "the time limit is out of the queue";
}

TEST_F(CompletionTest, AValueThatIsThereIsTakenAtOnce) {
  Completion<std::string> reply(ctx());
  reply.set("early");
  ctx().spawn(wait(ctx(), reply, log, {}));
  EXPECT_EQ(log, Log{"0.000s early"});
}

TEST_F(CompletionTest, NothingComesWhenTimeRunsOut) {
  Completion<std::string> reply(ctx());
  ctx().spawn(wait(ctx(), reply, log, ms(100)));
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"0.100s nothing"});
  EXPECT_FALSE(reply.set("too late"));
}

TEST_F(CompletionTest, TheValueSurvivesItsCompletion) {
  auto reply = std::make_unique<Completion<std::string>>(ctx());
  ctx().spawn(wait(ctx(), *reply, log, {}));
  ctx().after(ms(5), [&] {
    reply->set("kept");
    reply.reset();
  });
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"0.005s kept"});
}

TEST_F(CompletionTest, AnAbandonedCoroutineWaitsForItsTimeToRunOut) {
  auto reply = std::make_unique<Completion<std::string>>(ctx());
  ctx().spawn(wait(ctx(), *reply, log, ms(50)));
  reply.reset();
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"0.050s nothing"});
}

TEST_F(CompletionTest, ACrashEndsTheWait) {
  Completion<std::string> reply(ctx());
  ctx().spawn(wait(ctx(), reply, log, ms(50)));
  sim.crash(id);
  EXPECT_TRUE(sim.queue().empty());
  sim.restart(id);
  EXPECT_TRUE(reply.set("nobody listens") || true);
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
}

}  // namespace
}  // namespace faultline::engine
