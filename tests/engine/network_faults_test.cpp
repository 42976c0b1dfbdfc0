// Faults of links and of single messages. (engine/network_faults.cpp)
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::at_ms;
using ::testing::Each;
using testing::exactly;
using testing::Log;
using testing::ms;
using testing::sec;

v1::Fault parsed(const std::string& text) {
  v1::Fault fault;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &fault)) << text;
  return fault;
}

class NetworkFaultsTest : public testing::ThreeActors {
 protected:
  uint64_t apply(const std::string& text) { return sim.faults().apply(parsed(text)); }
  Network& network = sim.network();
};

// ---- clogs --------------------------------------------------------------------------------------

TEST_F(NetworkFaultsTest, AClogHoldsAndThenDeliversInOrder) {
  send(a, b, "Before");
  apply("for: '100ms' clog { from: 'a' to: 'b' }");
  send(a, b, "First");
  send(b, a, "Back");
  send(a, c, "Aside");
  at(at_ms(50), [&] { send(a, b, "Second"); });
  at(at_ms(95), [&] { send(a, b, "Late"); });
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms c:Aside", "100ms b:Before", "100ms b:First", "100ms a:Back",
                      "100ms b:Second", "105ms b:Late"}));
  EXPECT_EQ(network.in_flight(), 0U);
}

TEST_F(NetworkFaultsTest, AOneWayClogLeavesTheOtherWayOpen) {
  apply("for: '1s' clog { from: 'a' to: 'b' one_way: true }");
  send(a, b, "There");
  send(b, a, "Back");
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms a:Back", "1000ms b:There"}));
}

TEST_F(NetworkFaultsTest, TwoClogsHoldUntilBothAreHealed) {
  const uint64_t first = apply("clog { from: 'a' to: 'b' }");
  const uint64_t second = apply("clog { from: 'b' to: 'a' one_way: true }");
  send(b, a, "Held");
  sim.run_until(at_ms(100));
  sim.faults().heal(first);
  sim.run_until(at_ms(200));
  EXPECT_EQ(log, Log{});
  sim.faults().heal(second);
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"200ms a:Held"}));
}

TEST_F(NetworkFaultsTest, WhatAClogHoldsDiesWithTheCut) {
  apply("clog { from: 'a' to: 'b' }");
  send(a, b);
  sim.run_until(at_ms(50));
  apply("for: '10ms' cut { from: 'a' to: 'b' }");
  sim.faults().heal_all();
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
  EXPECT_EQ(drops(), (Log{"cut"}));
}

TEST_F(NetworkFaultsTest, ASwizzleClogsEveryLinkAndClearsThemAll) {
  apply("for: '8s' swizzle_clog {}");
  const std::vector<std::pair<ActorId, ActorId>> links = {
      {a, b},
      {b, c},
      {c, a}
  };
  std::size_t most_held = 0;
  for (int i = 0; i < 80; ++i) {
    at(at_ms(100 * i), [&] {
      for (const auto& [from, to] : links) send(from, to);
    });
    at(at_ms(100 * i + 50), [&] { most_held = std::max(most_held, network.in_flight()); });
  }
  sim.run_until_idle();
  EXPECT_EQ(log.size(), 240U) << "nothing is lost";
  EXPECT_GT(most_held, 60U) << "all three links were clogged at once";
  EXPECT_EQ(sim.now(), at_ms(8'000));
  EXPECT_TRUE(sim.faults().active().empty());
}

TEST_F(NetworkFaultsTest, ASwizzleWithoutATimeLastsTenSeconds) {
  apply("swizzle_clog { region: 'a' region: 'b' }");
  send(b, c, "Aside");
  at(at_ms(1), [&] { send(a, b, "Held"); });
  sim.run_until_idle();
  EXPECT_EQ(sim.now(), at_ms(10'000));
  EXPECT_EQ(log, (Log{"10ms c:Aside", "10000ms b:Held"}));
}

TEST_F(NetworkFaultsTest, ASwizzleThatIsHealedEarlyClearsEverythingAtOnce) {
  const uint64_t id = apply("for: '10s' swizzle_clog {}");
  at(at_ms(4'900), [&] { send(a, b); });
  at(at_ms(5'000), [&] { sim.faults().heal(id); });
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"5000ms b:Ping"}));
  EXPECT_EQ(sim.now(), at_ms(5'000)) << "its plans went with it";
}

// ---- flapping -----------------------------------------------------------------------------------

TEST_F(NetworkFaultsTest, AFlappingLinkIsDownFirstAndThenUpInTurns) {
  const uint64_t id = apply("flap { from: 'a' to: 'b' up: '30ms' down: '20ms' }");
  std::string seen;
  for (int t = 5; t < 100; t += 10) {
    sim.run_until(at_ms(t));
    seen += network.is_cut(a, b) ? 'x' : '-';
    EXPECT_EQ(network.is_cut(a, b), network.is_cut(b, a));
  }
  EXPECT_EQ(seen, "xx---xx---");
  EXPECT_TRUE(sim.run_until_idle()) << "a flapping link does not keep a run going";
  sim.faults().heal(id);
  sim.run_until(at_ms(1'000));
  EXPECT_FALSE(network.is_cut(a, b));
}

// ---- single messages ----------------------------------------------------------------------------

TEST_F(NetworkFaultsTest, AResetKillsWhatIsBetweenTheTwoAndIsOver) {
  send(a, b, "Lost");
  send(b, a, "LostToo");
  send(a, c, "Aside");
  apply("reset_connection { from: 'a' to: 'b' }");
  send(a, b, "After");
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms c:Aside", "10ms b:After"}));
  EXPECT_EQ(drops(), (Log{"reset", "reset"}));
  EXPECT_TRUE(sim.faults().active().empty());
  EXPECT_EQ(sink.of_kind(v1::FAULT_HEALED).size(), 1U);
}

class DamageTest : public NetworkFaultsTest {
 protected:
  DamageTest() {
    receiver = testing::add_probe(sim, "receiver",
                                  {.on_message = [this](ActorContext&, const Message& message) {
                                    bodies.emplace_back(message.body);
                                  }});
  }
  ActorId receiver;
  std::vector<std::string> bodies;
};

TEST_F(DamageTest, ExactlyOneBitOfTheNextMessageFlips) {
  apply("corrupt_next { from: 'a' to: 'receiver' message: 'Data' }");
  const std::string body = "the quick brown fox";
  send(a, receiver, "Other", body);
  send(a, receiver, "Data", body);
  send(a, receiver, "Data", body);
  sim.run_until_idle();
  ASSERT_EQ(bodies.size(), 3U);
  EXPECT_EQ(bodies[0], body);
  EXPECT_EQ(bodies[2], body);
  int flipped = 0;
  ASSERT_EQ(bodies[1].size(), body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) flipped += ((bodies[1][i] ^ body[i]) >> bit) & 1;
  }
  EXPECT_EQ(flipped, 1);
  EXPECT_TRUE(sim.faults().active().empty()) << "used up";
  const auto delivered = sink.of_kind(v1::MESSAGE_DELIVERED);
  EXPECT_NE(delivered[0].digest(), delivered[1].digest()) << "the trace shows what arrived";
}

TEST_F(DamageTest, ATruncatedMessageIsABeginningOfIt) {
  apply("corrupt_next { from: 'a' to: 'receiver' truncate: true count: 20 }");
  const std::string body = "the quick brown fox";
  for (int i = 0; i < 20; ++i) send(a, receiver, "Data", body);
  sim.run_until_idle();
  ASSERT_EQ(bodies.size(), 20U);
  for (const std::string& got : bodies) {
    EXPECT_LT(got.size(), body.size());
    EXPECT_TRUE(body.starts_with(got));
  }
}

TEST_F(DamageTest, AMessageWithoutABodyIsDamagedToo) {
  apply("corrupt_next { from: 'a' to: 'receiver' }");
  send(a, receiver);
  sim.run_until_idle();
  EXPECT_EQ(bodies.at(0).size(), 1U);
}

TEST_F(NetworkFaultsTest, ADuplicateComesAfterItsDelay) {
  apply("duplicate_next { from: 'a' to: 'b' message: 'Ping' count: 2 delay: '5ms' }");
  send(a, b, "Other");
  send(a, b);
  at(at_ms(100), [&] { send(a, b); });
  at(at_ms(200), [&] { send(a, b); });
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms b:Other", "10ms b:Ping", "15ms b:Ping", "110ms b:Ping", "115ms b:Ping",
                      "210ms b:Ping"}));
  EXPECT_EQ(network.in_flight(), 0U);
}

TEST_F(NetworkFaultsTest, AGhostComesLongAfterItsMessage) {
  apply("late_ghost { from: 'a' to: 'b' }");
  send(a, b);
  sim.run_until(at_ms(1));
  EXPECT_TRUE(sim.faults().active().empty());
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms b:Ping", "30010ms b:Ping"}));
}

// What ReplicaLag is made of.
TEST_F(NetworkFaultsTest, ALagHoldsBackAllOfOneTypeInOrder) {
  network.set_default({.latency = ms(10), .jitter = ms(40)});
  std::vector<uint64_t> ids;
  std::vector<int64_t> times;
  const ActorId receiver = testing::add_probe(
      sim, "receiver", {.on_message = [&](ActorContext& ctx, const Message& message) {
        if (message.type != "Data") return;
        ids.push_back(message.id);
        times.push_back(ctx.now().ns() / 1'000'000);
      }});
  OneShot lag;
  lag.to = receiver;
  lag.type = "Data";
  lag.count = 0;
  lag.deed = OneShot::Deed::Lag;
  lag.delay = sec(2);
  network.add_one_shot(99, lag);
  std::vector<uint64_t> sent;
  for (int i = 0; i < 20; ++i) sent.push_back(send(a, receiver, "Data"));
  send(a, receiver, "Other");
  sim.run_until_idle();
  EXPECT_EQ(ids, sent);
  EXPECT_THAT(times, Each(::testing::AllOf(::testing::Ge(2'010), ::testing::Le(2'050))));
  network.remove_fault(99);
  send(a, receiver, "Data");
  const Instant before = sim.now();
  sim.run_until_idle();
  EXPECT_LE(sim.now() - before, ms(50));
}

TEST_F(NetworkFaultsTest, TargetsAreReadable) {
  EXPECT_EQ(fault_target(parsed("flap { from: 'a' to: 'b' }")), "a<->b");
  EXPECT_EQ(fault_target(parsed("reset_connection { from: 'a' to: 'b' }")), "a<->b");
  EXPECT_EQ(fault_target(parsed("clog { from: 'a' to: 'b' one_way: true }")), "a->b");
  EXPECT_EQ(fault_target(parsed("late_ghost { from: 'a' to: 'b' }")), "a->b");
  EXPECT_EQ(fault_target(parsed("swizzle_clog {}")), "*");
  EXPECT_EQ(fault_target(parsed("clock_skew { region: 'a' region: 'c' offset: '1s' }")), "a,c");
}

}  // namespace
}  // namespace faultline::engine
