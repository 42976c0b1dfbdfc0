#include "engine/trace.h"

#include <gtest/gtest.h>

#include "engine/hash.h"
#include "engine/trace_sinks.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

class TraceTest : public ::testing::Test {
 protected:
  TraceTest() { name_actors(trace); }
  static void name_actors(Trace& trace) {
    trace.add_name("west");
    trace.add_name("east");
  }

  const TraceRecord record{.kind = v1::MESSAGE_SENT,
                           .actor = ActorId{0},
                           .peer = ActorId{1},
                           .cause = 0,
                           .number = 7,
                           .digest = 99,
                           .subject = "s",
                           .verb = "Ping",
                           .outcome = "o",
                           .text = "t"};
  Instant now = Instant::from_ns(35'000'000);
  Trace trace{now};
};

TEST_F(TraceTest, NumbersEventsFromOne) {
  EXPECT_EQ(trace.count(), 0U);
  EXPECT_EQ(trace.record(record), 1U);
  EXPECT_EQ(trace.record(record), 2U);
  EXPECT_EQ(trace.count(), 2U);
}

TEST_F(TraceTest, TellsSinksEverything) {
  MemorySink sink;
  trace.add_sink(&sink);
  trace.set_current_cause(trace.record(record));
  trace.record(record);
  trace.remove_sink(&sink);
  trace.record(record);

  ASSERT_EQ(sink.events().size(), 2U);
  const v1::TraceEvent& event = sink.events()[1];
  EXPECT_EQ(event.id(), 2U);
  EXPECT_EQ(event.at_ns(), 35'000'000);
  EXPECT_EQ(event.kind(), v1::MESSAGE_SENT);
  EXPECT_EQ(event.actor(), "west");
  EXPECT_EQ(event.peer(), "east");
  EXPECT_EQ(event.cause(), 1U);
  EXPECT_EQ(event.number(), 7U);
  EXPECT_EQ(event.digest(), 99U);
  EXPECT_EQ(event.subject() + event.verb() + event.outcome() + event.text(), "sPingot");
  EXPECT_EQ(event.chain().size(), 16U);
}

TEST_F(TraceTest, HashDoesNotDependOnBeingWatched) {
  Trace watched(now);
  name_actors(watched);
  MemorySink sink;
  watched.add_sink(&sink);
  for (int i = 0; i < 3; ++i) {
    trace.record(record);
    watched.record(record);
  }
  EXPECT_EQ(trace.hash(), watched.hash());
  EXPECT_EQ(sink.events().back().chain(), trace.hash().to_bytes());
}

TEST_F(TraceTest, HashCoversEveryField) {
  trace.record(record);
  const auto differs = [&](auto change) {
    TraceRecord changed = record;
    change(changed);
    Trace other(now);
    name_actors(other);
    other.record(changed);
    return !(other.hash() == trace.hash());
  };
  EXPECT_FALSE(differs([](TraceRecord&) {}));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.kind = v1::MESSAGE_DROPPED; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.actor = ActorId{1}; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.actor = kNoActor; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.peer = ActorId{0}; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.cause = 1; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.number = 8; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.digest = 98; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.subject = "S"; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.verb = "Pong"; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.outcome = ""; }));
  EXPECT_TRUE(differs([](TraceRecord& r) { r.text = "tt"; }));
  // The same letters, in other fields.
  EXPECT_TRUE(differs([](TraceRecord& r) { r.subject = "sP", r.verb = "ing"; }));
  EXPECT_TRUE(differs([&](TraceRecord&) { now += Duration::nanos(1); }));
}

// What is hashed is a format: were this to change, every recorded trace would be broken.
TEST_F(TraceTest, HashStaysWhatItIs) {
  trace.record(record);
  EXPECT_EQ(trace.hash().to_hex(), "9915bddce33cee81d96749f575e35e5d");
}

TEST_F(TraceTest, HashIsOfTheFrameThatTheHeaderDescribes) {
  const auto little_endian = [](uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const auto word = [&](uint64_t value) { return little_endian(value, 8); };
  const auto half = [&](uint64_t value) { return little_endian(value, 4); };
  const std::string frame = word(1) + word(35'000'000) + word(5) + word(7) + word(99) +
                            word(hash64("west")) + word(hash64("east")) + half(v1::MESSAGE_SENT) +
                            half(1) + half(4) + half(1) + half(1) + half(0) + "sPingot" +
                            std::string(1, '\0');
  trace.set_current_cause(5);
  trace.record(record);
  EXPECT_EQ(trace.hash(), hash128(std::string(16, '\0') + frame));
}

TEST_F(TraceTest, ChainCanBeComputedAgainFromTheEvents) {
  MemorySink sink;
  trace.add_sink(&sink);
  const std::string long_text(3'000, 'x');
  trace.record(record);
  trace.record({.kind = v1::VIOLATION, .subject = "long", .text = long_text});
  trace.record({.kind = v1::TIMER_FIRED, .actor = ActorId{1}});
  Hash128 chain;
  for (const v1::TraceEvent& event : sink.events()) {
    chain = chain_after(chain, event);
    EXPECT_EQ(chain.to_bytes(), event.chain()) << to_line(event);
  }
  EXPECT_EQ(chain, trace.hash());
}

TEST_F(TraceTest, CauseScopePutsTheCauseBack) {
  trace.set_current_cause(4);
  {
    const CauseScope scope(trace, 5);
    EXPECT_EQ(trace.current_cause(), 5U);
  }
  EXPECT_EQ(trace.current_cause(), 4U);
}

TEST_F(TraceTest, LinesAreForPeople) {
  MemorySink sink;
  trace.add_sink(&sink);
  trace.record({.kind = v1::MESSAGE_DROPPED,
                .actor = ActorId{1},
                .peer = ActorId{0},
                .cause = 3,
                .number = 7,
                .digest = 255,
                .verb = "Ping",
                .outcome = "loss"});
  EXPECT_EQ(to_line(sink.events()[0]),
            "#1 0.035s MESSAGE_DROPPED east <- west Ping outcome=loss number=7 "
            "digest=00000000000000ff cause=#3");
}

TEST_F(TraceTest, FirstDifferenceNamesTheEvent) {
  MemorySink first;
  MemorySink second;
  trace.add_sink(&first);
  trace.record(record);
  trace.record(record);
  EXPECT_FALSE(first_difference(first.events(), first.events()).has_value());

  Trace other(now);
  name_actors(other);
  other.add_sink(&second);
  other.record(record);
  const auto shorter = first_difference(first.events(), second.events());
  ASSERT_TRUE(shorter.has_value());
  EXPECT_EQ(shorter->index, 1U);
  EXPECT_FALSE(shorter->actual.has_value());

  other.record({.kind = v1::TIMER_FIRED, .actor = ActorId{0}});
  const auto difference = first_difference(first.events(), second.events());
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->to_string(),
            "expected #2 0.035s MESSAGE_SENT west -> east Ping s outcome=o number=7 "
            "digest=0000000000000063 text=t\n"
            "but saw  #2 0.035s TIMER_FIRED west");
}

}  // namespace
}  // namespace faultline::engine
