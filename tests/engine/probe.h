// Probe: an actor whose behaviour a test spells out, and a fixture with a few of them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/fault_injector.h"
#include "engine/simulation.h"
#include "engine/trace_sinks.h"
#include "proto/trace.pb.h"

namespace faultline::engine::testing {

struct Behaviour {
  std::function<void(ActorContext&)> on_start = {};
  std::function<void(ActorContext&, const Message&)> on_message = {};
  std::function<void(ActorContext&, uint64_t key)> on_timer = {};
  std::function<void(ActorContext&)> on_destruction = {};
};

class Probe : public Actor {
 public:
  Probe(ActorContext& ctx, Behaviour behaviour) : ctx_(ctx), behaviour_(std::move(behaviour)) {}
  ~Probe() override {
    if (behaviour_.on_destruction) behaviour_.on_destruction(ctx_);
  }
  void on_start() override {
    if (behaviour_.on_start) behaviour_.on_start(ctx_);
  }
  void on_message(const Message& message) override {
    if (behaviour_.on_message) behaviour_.on_message(ctx_, message);
  }
  void on_timer(uint64_t key) override {
    if (behaviour_.on_timer) behaviour_.on_timer(ctx_, key);
  }

 private:
  ActorContext& ctx_;
  Behaviour behaviour_;
};

inline ActorId add_probe(Simulation& sim, std::string name, Behaviour behaviour = {}) {
  return sim.add_actor(std::move(name), [behaviour = std::move(behaviour)](ActorContext& ctx) {
    return std::make_unique<Probe>(ctx, behaviour);
  });
}

inline constexpr Duration ms(int64_t count) { return Duration::millis(count); }
inline constexpr Duration sec(int64_t count) { return Duration::seconds(count); }
inline constexpr Instant at_ms(int64_t count) { return Instant() + ms(count); }

// Links that take exactly `latency`.
inline LinkConditions exactly(Duration latency) {
  return {.latency = latency, .jitter = Duration::zero()};
}

// Three actors a, b and c, 10 ms apart without jitter, that note what they receive as "10ms
// b:Ping".
class ThreeActors : public ::testing::Test {
 protected:
  ThreeActors() {
    sim.trace().add_sink(&sink);
    a = add_probe(sim, "a", noting());
    b = add_probe(sim, "b", noting());
    c = add_probe(sim, "c", noting());
    sim.run_until_idle();  // on_start of all
  }

  Behaviour noting() {
    return {.on_message = [this](ActorContext& ctx, const Message& message) {
      log.push_back(std::to_string(ctx.now().ns() / 1'000'000) + "ms " + ctx.name() + ":" +
                    std::string(message.type));
    }};
  }
  uint64_t send(ActorId from, ActorId to, std::string_view type = "Ping", std::string body = {}) {
    return sim.context(from).send(to, type, std::move(body));
  }
  void at(Instant when, std::function<void()> run) { sim.at(when, std::move(run), "test"); }
  // Outcomes of the messages that were dropped.
  std::vector<std::string> drops() const {
    std::vector<std::string> out;
    for (const auto& event : sink.of_kind(v1::MESSAGE_DROPPED)) out.push_back(event.outcome());
    return out;
  }
  std::vector<std::string> take_log() { return std::exchange(log, {}); }

  std::vector<std::string> log;
  MemorySink sink;
  Simulation sim{
      {.seed = 7, .links = exactly(ms(10))}
  };
  ActorId a, b, c;
};

using Log = std::vector<std::string>;

}  // namespace faultline::engine::testing
