// Chaos, twice: actors that do everything an actor can do, hit by every fault the engine has. Two
// runs of a seed are the same to the bit, watched or not; another seed is another run.
#include <gtest/gtest.h>

#include "engine/disk.h"
#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::at_ms;
using testing::ms;

constexpr uint64_t kActors = 6;
constexpr Instant kEnd = at_ms(20'000);

// Sends, sleeps, sets and cancels timers, writes to its disk and sometimes crashes itself; which of
// it comes next is a matter of its own luck.
class Restless : public Actor {
 public:
  explicit Restless(ActorContext& ctx) : ctx_(ctx), luck_(ctx.random("restless")) {}

  void on_start() override {
    ctx_.set_timer(ms(10), 1);
    ctx_.set_timer(Duration::days(30), 2, TimerClass::Background);
  }
  void on_timer(uint64_t) override {
    act();
    timer_ = ctx_.set_timer(ms(40), 1);
  }
  void on_message(const Message& message) override {
    if (message.body.size() < 60 && dice(3) > 0) {
      ctx_.send(message.from, "Reply", std::string(message.body) + "x");
    }
    if (dice(4) == 0) act();
  }

 private:
  uint64_t dice(uint64_t sides) { return luck_.below(ctx_.next_index("restless"), sides); }
  ActorId somebody() { return ActorId{static_cast<uint32_t>(dice(kActors))}; }

  void act() {
    switch (dice(8)) {
      case 0:
        ctx_.spawn(wander(3));
        break;
      case 1:
        ctx_.after(ms(static_cast<int64_t>(dice(50))),
                   [this] { ctx_.send(somebody(), "After", "a"); });
        break;
      case 2:
        if (ctx_.cancel_timer(timer_)) timer_ = ctx_.set_timer(ms(5), 1);
        break;
      case 3:
        write();
        break;
      case 4:
        if (dice(10) == 0) ctx_.simulation().crash(ctx_.id(), {.torn_tail = v1::TEAR});
        ctx_.send(somebody(), "LastWords", "");
        break;
      default:
        ctx_.send(somebody(), "Hello", std::to_string(ctx_.wall_unix_ns()));
    }
  }
  Task<void> wander(int depth) {
    const Duration nap = ms(static_cast<int64_t>(dice(20)));
    co_await ctx_.sleep(nap);
    ctx_.send(somebody(), "Wandered", "");
    if (depth > 0) co_await wander(depth - 1);
    ctx_.record({.kind = v1::PROMOTED, .number = static_cast<uint64_t>(depth)});
  }
  void write() {
    auto file = ctx_.disk().create("file" + std::to_string(dice(3)));
    if (!file || !file->append(std::string(dice(100), 'x'))) return;
    if (dice(2) == 0 && !file->sync()) ctx_.send(somebody(), "SyncFailed", "");
  }

  ActorContext& ctx_;
  RandomStream luck_;
  TimerId timer_ = 0;
};

std::string name_of(uint64_t actor) { return "actor" + std::to_string(actor); }

// A random fault of a random kind.
v1::Fault random_fault(const RandomStream& luck, uint64_t index) {
  const auto dice = [&](uint64_t question, uint64_t sides) {
    return luck.below(index * 16 + question, sides);
  };
  const std::string one = name_of(dice(0, kActors));
  const std::string other = name_of(dice(1, kActors));
  v1::Fault fault;
  if (dice(2, 4) > 0) fault.set_for_(std::to_string(dice(3, 900) + 1) + "ms");
  if (dice(4, 2) == 0) fault.set_name(one);
  switch (dice(5, 16)) {
    case 0:
      fault.mutable_cut()->set_from(one);
      fault.mutable_cut()->set_to(other);
      fault.mutable_cut()->set_one_way(dice(6, 2) == 0);
      fault.mutable_cut()->set_in_flight(static_cast<v1::InFlight>(dice(7, 3)));
      break;
    case 1:
      fault.mutable_isolate()->set_region(one);
      break;
    case 2:
      fault.mutable_degrade()->set_from(one);
      if (dice(6, 2) == 0) fault.mutable_degrade()->set_to(other);
      fault.mutable_degrade()->set_latency(std::to_string(dice(7, 200)) + "ms");
      fault.mutable_degrade()->set_loss("1/" + std::to_string(dice(8, 9) + 2));
      fault.mutable_degrade()->set_duplicate("1/3");
      fault.mutable_degrade()->set_reorder("1/4");
      fault.mutable_degrade()->set_bytes_per_second(dice(9, 2) * 5'000);
      break;
    case 3:
      fault.mutable_drop_next()->set_from(one);
      fault.mutable_drop_next()->set_to(other);
      fault.mutable_drop_next()->set_count(static_cast<uint32_t>(dice(6, 4)));
      break;
    case 4:
      fault.mutable_delay_next()->set_from(one);
      fault.mutable_delay_next()->set_to(other);
      fault.mutable_delay_next()->set_delay("150ms");
      break;
    case 5:
      fault.mutable_crash()->set_region(one);
      fault.mutable_crash()->set_torn_tail(static_cast<v1::TornTail>(dice(6, 4)));
      break;
    case 6:
      fault.mutable_disk()->set_region(one);
      fault.mutable_disk()->set_fail_syncs(dice(6, 2) == 0);
      fault.mutable_disk()->set_fail_writes(dice(7, 2) == 0);
      break;
    case 7:
      fault.mutable_pause()->set_region(one);
      fault.set_for_("300ms");
      break;
    case 8:
      fault.mutable_slow_region()->set_region(one);
      fault.mutable_slow_region()->set_delay(std::to_string(dice(6, 30) + 1) + "ms");
      break;
    case 9:
      fault.mutable_clog()->set_from(one);
      fault.mutable_clog()->set_to(other);
      break;
    case 10:
      fault.mutable_flap()->set_from(one);
      fault.mutable_flap()->set_to(other);
      fault.mutable_flap()->set_up("70ms");
      break;
    case 11:
      if (dice(6, 2) == 0) {
        fault.mutable_corrupt_next()->set_from(one);
        fault.mutable_corrupt_next()->set_to(other);
        fault.mutable_corrupt_next()->set_truncate(dice(7, 2) == 0);
      } else {
        fault.mutable_late_ghost()->set_from(one);
        fault.mutable_late_ghost()->set_to(other);
        fault.mutable_late_ghost()->set_delay("400ms");
      }
      break;
    case 12:
      fault.mutable_crash()->set_region(one);
      fault.mutable_crash()->set_recover_crashes(static_cast<uint32_t>(dice(6, 3)));
      break;
    case 13:
      fault.mutable_swizzle_clog();
      fault.set_for_("2s");
      break;
    case 14:
      fault.mutable_disk()->set_region(one);
      fault.mutable_disk()->set_bit_rot(static_cast<uint32_t>(dice(6, 5)));
      fault.mutable_disk()->set_misdirected_writes(static_cast<uint32_t>(dice(7, 3)));
      break;
    default:
      fault.mutable_clock()->set_region(one);
      fault.mutable_clock()->set_offset(dice(6, 2) == 0 ? "1h" : "-5m");
      fault.mutable_clock()->set_drift_ppm(static_cast<int64_t>(dice(7, 2'000)) - 1'000);
  }
  return fault;
}

struct Outcome {
  Hash128 hash;
  uint64_t events = 0;
  uint64_t delivered = 0;
  uint64_t dropped = 0;
  std::size_t crashes = 0;
};

Outcome run(uint64_t seed, TraceSink* sink) {
  Simulation sim({
      .seed = seed, .links = {.latency = ms(5), .jitter = ms(20)}
  });
  if (sink != nullptr) sim.trace().add_sink(sink);
  Outcome outcome;
  sim.set_life_cycle_hook([&](ActorId, bool up) { outcome.crashes += !up; });
  for (uint64_t i = 0; i < kActors; ++i) {
    sim.add_actor(name_of(i), [](ActorContext& ctx) { return std::make_unique<Restless>(ctx); });
  }
  const RandomStream luck = sim.random().stream("chaos");
  for (uint64_t i = 0; i < 60; ++i) {
    sim.at(
        at_ms(static_cast<int64_t>(luck.below(i, 18'000))),
        [&sim, luck, i] {
          sim.faults().apply(random_fault(luck, 1'000 + i));
          if (i % 5 == 0) sim.faults().heal(name_of(i % kActors));
          if (i % 7 == 0) sim.restart(ActorId{static_cast<uint32_t>(i % kActors)});
        },
        "chaos");
  }
  sim.at(
      at_ms(18'500), [&sim] { sim.faults().heal_all(); }, "heal");
  sim.run_until(kEnd);
  outcome.hash = sim.trace().hash();
  outcome.events = sim.events();
  outcome.delivered = sim.network().delivered();
  outcome.dropped = sim.network().dropped();
  EXPECT_TRUE(sim.faults().active().empty());
  return outcome;
}

TEST(DeterminismTest, ASeedIsARunWatchedOrNot) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    MemorySink first;
    MemorySink second;
    const Outcome watched = run(seed, &first);
    run(seed, &second);
    const auto difference = first_difference(first.events(), second.events());
    EXPECT_FALSE(difference.has_value()) << "seed " << seed << "\n" << difference->to_string();
    EXPECT_EQ(run(seed, nullptr).hash, watched.hash) << "seed " << seed;
    EXPECT_NE(run(seed + 100, nullptr).hash, watched.hash) << "seed " << seed;
    // It was chaos indeed.
    EXPECT_GT(watched.events, 2'000U);
    EXPECT_GT(watched.delivered, 500U);
    EXPECT_GT(watched.dropped, 50U);
    EXPECT_GT(watched.crashes, 2U);
  }
}

// The same on every compiler, build type and machine.
TEST(DeterminismTest, TheRunOfSeedSevenStaysWhatItIs) {
  EXPECT_EQ(run(7, nullptr).hash.to_hex(), "898749a1330a3c302c48b32d41b4af1e");
}

}  // namespace
}  // namespace faultline::engine
