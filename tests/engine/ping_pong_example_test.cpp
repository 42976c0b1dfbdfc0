// An example of the engine on its own, without secrets: two actors, one fault, one seed, one run.
//
// Ping sends a ball every second and counts the ones that come back. The link between the two is
// cut for three seconds in the middle. Copy this file to start a protocol of your own.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/fault_injector.h"
#include "engine/simulation.h"

namespace {

using namespace faultline;
using engine::ActorContext, engine::Duration, engine::Instant, engine::Message;

struct Pong : engine::Actor {
  explicit Pong(ActorContext& context) : ctx(context) {}
  void on_message(const Message& ball) override {
    ctx.send(ball.from, "Pong", std::string(ball.body));
  }
  ActorContext& ctx;
};

struct Ping : engine::Actor {
  explicit Ping(ActorContext& context) : ctx(context) {}
  void on_start() override { ctx.spawn(play()); }
  engine::Task<void> play() {
    const engine::ActorId pong = *ctx.simulation().find("pong");
    for (; sent < 10; ++sent) {
      ctx.send(pong, "Ping", std::to_string(sent));
      co_await ctx.sleep(Duration::seconds(1));
    }
  }
  void on_message(const Message&) override { ++returned; }
  ActorContext& ctx;
  int sent = 0, returned = 0;
};

// Plays a match and says how many balls came back; `hash` is what happened, in 128 bits.
int play_match(uint64_t seed, engine::Hash128& hash) {
  engine::Simulation sim({.seed = seed, .links = {.latency = Duration::millis(30)}});
  const auto ping = sim.add_actor("ping", [](auto& ctx) { return std::make_unique<Ping>(ctx); });
  sim.add_actor("pong", [](auto& ctx) { return std::make_unique<Pong>(ctx); });
  v1::Fault partition;
  partition.mutable_cut()->set_from("ping");
  partition.mutable_cut()->set_to("pong");
  partition.set_for_("3s");
  sim.at(
      Instant() + Duration::millis(3'500), [&] { sim.faults().apply(partition); }, "cut");
  sim.run_until_idle();
  hash = sim.trace().hash();
  return static_cast<Ping*>(sim.actor(ping))->returned;
}

TEST(PingPongExample, LosesTheBallsOfThePartitionAndNoOthers) {
  engine::Hash128 hash;
  EXPECT_EQ(play_match(7, hash), 7);  // the balls of seconds 4, 5 and 6 are lost
}

TEST(PingPongExample, OneSeedIsOneRun) {
  engine::Hash128 first, again, other;
  play_match(7, first);
  play_match(7, again);
  play_match(8, other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

}  // namespace
