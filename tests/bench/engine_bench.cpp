// How fast the simulator goes on one core: events and messages per second (items_per_second).
//
// Everything is on that a run has: keyed latency with jitter, first-in-first-out links, causes, the
// hash over every event. Nobody listens to the trace, as in a sweep.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/simulation.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

constexpr LinkConditions kLinks{.latency = Duration::millis(30), .jitter = Duration::millis(5)};

// Two timers in turn, until `left` have fired.
class Ticker : public Actor {
 public:
  Ticker(ActorContext& ctx, int64_t& left) : ctx_(ctx), left_(left) {}
  void on_start() override { tick(); }
  void on_message(const Message&) override {}
  void on_timer(uint64_t) override {
    if (--left_ > 0) tick();
  }

 private:
  void tick() { ctx_.set_timer(Duration::millis(1), 1); }
  ActorContext& ctx_;
  int64_t& left_;
};

void timers(benchmark::State& state) {
  int64_t left = 0;
  Simulation sim({.links = kLinks});
  for (int64_t i = 0; i < state.range(0); ++i) {
    sim.add_actor("actor" + std::to_string(i),
                  [&left](ActorContext& ctx) { return std::make_unique<Ticker>(ctx, left); });
  }
  left = INT64_MAX;
  for (auto _ : state) sim.step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(timers)->Arg(2)->Arg(10)->Arg(1'000);

// Passes every message on to the next of a random walk over all actors, as long as there is time.
class Relay : public Actor {
 public:
  Relay(ActorContext& ctx, uint32_t actors) : ctx_(ctx), actors_(actors) {}
  void on_start() override {
    if (actors_ > 1) pass_on("12345678");
  }
  void on_message(const Message& message) override { pass_on(message.body); }

 private:
  // A cheap walk: its luck is not what is measured.
  void pass_on(std::string_view body) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U + ctx_.id().value;
    auto to = static_cast<uint32_t>((state_ >> 33) % (actors_ - 1));
    if (to >= ctx_.id().value) ++to;
    ctx_.send(ActorId{to}, "Ping", std::string(body));
  }
  ActorContext& ctx_;
  uint32_t actors_;
  uint64_t state_ = 1;
};

std::unique_ptr<Simulation> relays(uint32_t actors) {
  auto sim = std::make_unique<Simulation>(SimulationOptions{.links = kLinks});
  for (uint32_t i = 0; i < actors; ++i) {
    sim->add_actor("actor" + std::to_string(i),
                   [actors](ActorContext& ctx) { return std::make_unique<Relay>(ctx, actors); });
  }
  return sim;
}

void messages(benchmark::State& state) {
  const auto sim = relays(static_cast<uint32_t>(state.range(0)));
  sim->run_until(Instant() + Duration::seconds(1));  // links exist, slabs have grown
  const uint64_t before = sim->network().delivered();
  Instant end = sim->now();
  for (auto _ : state) sim->run_until(end += Duration::millis(10));
  state.SetItemsProcessed(static_cast<int64_t>(sim->network().delivered() - before));
}
BENCHMARK(messages)->Arg(2)->Arg(10)->Arg(100)->Arg(1'000);

// A whole run of that many messages, from nothing: the time for one must not grow with their
// number.
void messages_of_a_run(benchmark::State& state) {
  int64_t delivered = 0;
  for (auto _ : state) {
    const auto sim = relays(10);
    while (sim->network().delivered() < static_cast<uint64_t>(state.range(0))) sim->step();
    delivered += static_cast<int64_t>(sim->network().delivered());
  }
  state.SetItemsProcessed(delivered);
}
BENCHMARK(messages_of_a_run)->RangeMultiplier(10)->Range(1'000, 1'000'000);

// Messages as users have them: a protobuf message of ten fields and 256 bytes, built and serialised
// by the sender, parsed by the receiver.
class Mailbox : public Actor {
 public:
  explicit Mailbox(ActorContext& ctx) : ctx_(ctx) {}
  void on_start() override { send(1); }
  void on_message(const Message& message) override {
    in_.ParseFromArray(message.body.data(), static_cast<int>(message.body.size()));
    send(in_.number() + 1);
  }

 private:
  void send(uint64_t number) {
    out_.set_id(number);
    out_.set_at_ns(ctx_.now().ns());
    out_.set_kind(v1::CALL_STARTED);
    out_.set_actor("us-west-2");
    out_.set_peer("us-east-1");
    out_.set_number(number);
    out_.set_digest(number * 7);
    out_.set_subject("production/DBWest");
    out_.set_verb("PutSecretValue");
    out_.set_text(std::string(160, 'x'));
    ctx_.send(ActorId{(ctx_.id().value + 1) % 10}, "Event", out_.SerializeAsString());
  }
  ActorContext& ctx_;
  v1::TraceEvent out_, in_;
};

void protobuf_messages(benchmark::State& state) {
  Simulation sim({.links = kLinks});
  for (int i = 0; i < 10; ++i) {
    sim.add_actor("actor" + std::to_string(i),
                  [](ActorContext& ctx) { return std::make_unique<Mailbox>(ctx); });
  }
  Instant end;
  for (auto _ : state) sim.run_until(end += Duration::millis(10));
  state.SetItemsProcessed(static_cast<int64_t>(sim.network().delivered()));
}
BENCHMARK(protobuf_messages);

// A nested task that sleeps: a suspension, an entry in the queue, a resumption, a frame on the
// heap.
Task<void> nap(ActorContext& ctx) { co_await ctx.sleep(Duration::millis(1)); }
Task<void> naps(ActorContext& ctx) {
  for (;;) co_await nap(ctx);
}

class Sleeper : public Actor {
 public:
  explicit Sleeper(ActorContext& ctx) : ctx_(ctx) {}
  void on_start() override { ctx_.spawn(naps(ctx_)); }
  void on_message(const Message&) override {}

 private:
  ActorContext& ctx_;
};

void coroutine_sleeps(benchmark::State& state) {
  Simulation sim;
  for (int i = 0; i < 10; ++i) {
    sim.add_actor("actor" + std::to_string(i),
                  [](ActorContext& ctx) { return std::make_unique<Sleeper>(ctx); });
  }
  for (auto _ : state) sim.step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(coroutine_sleeps);

void world_of_three_built_and_torn_down(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(relays(3));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(world_of_three_built_and_torn_down);

}  // namespace
}  // namespace faultline::engine
