#include "engine/network.h"

#include <algorithm>
#include <map>

#include "engine/hash.h"
#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::add_probe;
using testing::at_ms;
using testing::exactly;
using testing::Log;
using testing::ms;
using testing::sec;

class NetworkTest : public testing::ThreeActors {
 protected:
  Network& network = sim.network();
};

TEST_F(NetworkTest, DeliversAfterTheLatencyOfTheLink) {
  network.set_link(a, c, exactly(ms(25)));
  send(a, b);
  send(a, c);
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms b:Ping", "25ms c:Ping"}));
  EXPECT_EQ(network.sent(), 2U);
  EXPECT_EQ(network.delivered(), 2U);
  EXPECT_EQ(network.in_flight(), 0U);
}

TEST_F(NetworkTest, JitterStaysInItsBoundsAndLinksStayInOrder) {
  network.set_default({.latency = ms(10), .jitter = ms(50)});
  std::vector<uint64_t> ids;
  const ActorId receiver =
      add_probe(sim, "receiver", {.on_message = [&](ActorContext& ctx, const Message& message) {
                  ids.push_back(message.id);
                  EXPECT_GE(ctx.now(), at_ms(10));
                  EXPECT_LE(ctx.now(), at_ms(60));
                }});
  std::vector<uint64_t> sent;
  for (int i = 0; i < 50; ++i) sent.push_back(send(a, receiver));
  sim.run_until_idle();
  EXPECT_EQ(ids, sent);
}

TEST_F(NetworkTest, ReorderedMessagesAreOvertaken) {
  network.set_default({
      .latency = ms(10), .jitter = ms(0), .reorder = {1, 2},
              .reorder_delay = ms(100)
  });
  std::vector<uint64_t> ids;
  const ActorId receiver = add_probe(
      sim, "receiver",
      {.on_message = [&](ActorContext&, const Message& message) { ids.push_back(message.id); }});
  for (int i = 0; i < 20; ++i) send(a, receiver);
  sim.run_until_idle();
  EXPECT_EQ(ids.size(), 20U);
  EXPECT_FALSE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(NetworkTest, LossDropsItsShare) {
  network.set_default({
      .latency = ms(10), .jitter = ms(0), .loss = {1, 4}
  });
  for (int i = 0; i < 400; ++i) send(a, b);
  sim.run_until_idle();
  EXPECT_NEAR(static_cast<double>(network.dropped()), 100, 30);
  EXPECT_EQ(network.delivered() + network.dropped(), 400U);
  EXPECT_EQ(drops().front(), "loss");
}

TEST_F(NetworkTest, DuplicatesShareOneBodyAndKeepTheirId) {
  network.set_default({
      .latency = ms(10), .jitter = ms(5), .duplicate = {1, 1}
  });
  std::vector<std::pair<uint64_t, std::string>> seen;
  const ActorId receiver =
      add_probe(sim, "receiver", {.on_message = [&](ActorContext&, const Message& message) {
                  seen.emplace_back(message.id, message.body);
                }});
  const std::string body(1'000, 'x');
  const uint64_t id = send(a, receiver, "Ping", body);
  EXPECT_EQ(network.in_flight(), 1U);
  sim.run_until_idle();
  EXPECT_EQ(seen, (std::vector<std::pair<uint64_t, std::string>>{
                      {id, body},
                      {id, body}
  }));
  EXPECT_EQ(network.in_flight(), 0U);
  EXPECT_EQ(sink.of_kind(v1::MESSAGE_SENT).size(), 1U);
  EXPECT_EQ(sink.of_kind(v1::MESSAGE_DELIVERED).size(), 2U);
}

TEST_F(NetworkTest, BytesTakeTheirTimeOneMessageAfterTheOther) {
  network.set_default({.latency = ms(10), .jitter = ms(0), .bytes_per_second = 1'000});
  send(a, b, "First", std::string(100, 'x'));  // occupies the link until 100 ms
  send(a, b, "Second", std::string(50, 'x'));  // until 150 ms
  send(b, a, "Other", std::string(10, 'x'));   // another direction, another link
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"20ms a:Other", "110ms b:First", "160ms b:Second"}));
}

TEST_F(NetworkTest, ArrivalsAreCausedByTheirSending) {
  const uint64_t id = send(a, b, "Ping", "body");
  sim.run_until_idle();
  const auto sent = sink.of_kind(v1::MESSAGE_SENT).at(0);
  const auto delivered = sink.of_kind(v1::MESSAGE_DELIVERED).at(0);
  EXPECT_EQ(delivered.cause(), sent.id());
  EXPECT_EQ(delivered.actor(), "b");
  EXPECT_EQ(delivered.peer(), "a");
  EXPECT_EQ(delivered.number(), id);
  EXPECT_EQ(delivered.verb(), "Ping");
  EXPECT_EQ(delivered.digest(), hash64("body"));
  EXPECT_EQ(sent.digest(), hash64("body"));
}

TEST_F(NetworkTest, MessagesToADownActorAreDroppedOnArrival) {
  send(a, b);
  at(at_ms(5), [&] { sim.crash(b); });
  sim.run_until_idle();
  EXPECT_EQ(log, Log{});
  EXPECT_EQ(drops(), Log{"down"});
  EXPECT_EQ(sink.of_kind(v1::MESSAGE_DROPPED)[0].cause(), sink.of_kind(v1::MESSAGE_SENT)[0].id());
  EXPECT_EQ(network.in_flight(), 0U);
}

TEST_F(NetworkTest, MessagesOfADeadSenderStillArrive) {
  send(a, b);
  sim.crash(a);
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"10ms b:Ping"});
}

TEST_F(NetworkTest, LateMessagesReachTheNextIncarnation) {
  send(a, b);
  at(at_ms(3), [&] { sim.crash(b); });
  at(at_ms(6), [&] { sim.restart(b); });
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"10ms b:Ping"});
}

// The n-th message of a link has its luck, whatever other links do and whatever was lost before it.
TEST(LinkLuckTest, OtherTrafficLeavesALinksLuckAlone) {
  const auto arrivals = [](bool other_traffic, bool cut_for_a_while) {
    Simulation sim({
        .seed = 7, .links = {.latency = ms(10), .jitter = ms(50), .reorder = {1, 3}}
    });
    std::map<uint64_t, int64_t> out;  // by the number in the body
    const ActorId a = add_probe(sim, "a");
    const ActorId c = add_probe(sim, "c");
    const ActorId b =
        add_probe(sim, "b", {.on_message = [&](ActorContext& ctx, const Message& message) {
                    if (message.from == a)
                      out[std::stoull(std::string(message.body))] = ctx.now().ns();
                  }});
    for (int i = 0; i < 30; ++i) {
      sim.at(
          Instant() + sec(i),
          [&sim, a, b, c, i, other_traffic] {
            if (other_traffic) sim.context(c).send(b, "Noise", "-");
            if (other_traffic) sim.context(a).send(c, "Noise", "-");
            sim.context(a).send(b, "Ping", std::to_string(i));
          },
          "send");
    }
    if (cut_for_a_while) {
      v1::Fault fault;
      fault.mutable_cut()->set_from("a");
      fault.mutable_cut()->set_to("b");
      fault.set_for_("4s");
      sim.at(
          Instant() + ms(9'500), [&sim, fault] { sim.faults().apply(fault); }, "cut");
    }
    sim.run_until_idle();
    return out;
  };
  const auto alone = arrivals(false, false);
  EXPECT_EQ(alone.size(), 30U);
  EXPECT_EQ(arrivals(true, false), alone);
  auto without_the_cut_ones = alone;
  for (uint64_t i = 10; i < 14; ++i) without_the_cut_ones.erase(i);
  EXPECT_EQ(arrivals(true, true), without_the_cut_ones);
}

TEST_F(NetworkTest, InternedTextLives) {
  std::string text = "Replicate";
  const std::string_view interned = network.intern(text);
  text = "overwritten";
  EXPECT_EQ(interned, "Replicate");
  EXPECT_EQ(network.intern("Replicate").data(), interned.data());
}

}  // namespace
}  // namespace faultline::engine
