#include "engine/event_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "engine/keyed_random.h"

namespace faultline::engine {
namespace {

QueuedEvent timer(uint64_t key, TimerClass urgency = TimerClass::Foreground) {
  return {.kind = EventClass::Timer, .urgency = urgency, .actor = ActorId{0}, .number = key};
}

Instant at(int64_t ns) { return Instant::from_ns(ns); }

std::vector<uint64_t> drain(EventQueue& queue) {
  std::vector<uint64_t> keys;
  while (!queue.empty()) keys.push_back(queue.pop().number);
  return keys;
}

TEST(EventQueueTest, OrdersByTimeThenByTheOrderOfPushing) {
  EventQueue queue;
  queue.push(at(20), timer(1));
  queue.push(at(10), timer(2));
  queue.push(at(20), timer(3));
  queue.push(at(10), timer(4));
  EXPECT_EQ(queue.next_at(), at(10));
  EXPECT_EQ(drain(queue), (std::vector<uint64_t>{2, 4, 1, 3}));
}

TEST(EventQueueTest, CancelledEntriesNeverComeAndTheirIdsNameNothing) {
  EventQueue queue;
  const EventId first = queue.push(at(1), timer(1));
  queue.push(at(2), timer(2));
  EXPECT_TRUE(queue.cancel(first));
  EXPECT_FALSE(queue.cancel(first));
  EXPECT_EQ(queue.find(first), nullptr);
  EXPECT_EQ(queue.next_at(), at(2));
  EXPECT_EQ(drain(queue), std::vector<uint64_t>{2});
  // The slot is used again, under another id.
  const EventId second = queue.push(at(3), timer(3));
  EXPECT_NE(first, second);
  EXPECT_FALSE(queue.cancel(first));
  EXPECT_EQ(queue.find(second)->number, 3U);
  EXPECT_FALSE(queue.cancel(0));
  EXPECT_FALSE(queue.cancel(UINT64_MAX));
}

TEST(EventQueueTest, CountsWhatKeepsARunGoing) {
  EventQueue queue;
  const EventId soon = queue.push(at(1), timer(1));
  queue.push(at(2), timer(2, TimerClass::Background));
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.foreground(), 1U);
  queue.cancel(soon);
  EXPECT_EQ(queue.foreground(), 0U);
  EXPECT_FALSE(queue.empty());
}

TEST(EventQueueTest, KeepsAndDestroysClosures) {
  EventQueue queue;
  const auto witness = std::make_shared<int>(0);
  queue.push_call(
      at(1), kNoActor, 0, [witness] { ++*witness; }, "counted");
  const EventId cancelled = queue.push_call(
      at(2), kNoActor, 0, [witness] {}, "cancelled");
  EXPECT_EQ(witness.use_count(), 3);
  queue.cancel(cancelled);
  EXPECT_EQ(witness.use_count(), 2);
  const QueuedEvent event = queue.pop();
  {
    const QueuedCall call = queue.take_call(event.slot);
    EXPECT_EQ(call.label, "counted");
    call.run();
  }
  EXPECT_EQ(*witness, 1);
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(EventQueueTest, ListsWhatIsPendingInOrder) {
  EventQueue queue;
  queue.push(at(5), timer(1));
  queue.push_call(
      at(3), kNoActor, 9, [] {}, "a step");
  queue.cancel(queue.push(at(1), timer(2)));
  const auto pending = queue.pending();
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].label, "a step");
  EXPECT_EQ(pending[0].event.cause, 9U);
  EXPECT_EQ(pending[1].event.number, 1U);
  EXPECT_EQ(pending[1].at, at(5));
  EXPECT_TRUE(queue.cancel(pending[1].id));
}

TEST(EventQueueTest, AnActorsEntriesGoButItsMessagesStay) {
  EventQueue queue;
  const ActorId dead{3};
  queue.push(at(1), {.kind = EventClass::Timer, .actor = dead});
  queue.push(at(2), {.kind = EventClass::Deliver, .actor = dead});
  queue.push_call(
      at(3), dead, 0, [] {}, "after");
  queue.push(at(4), {.kind = EventClass::Timer, .actor = ActorId{4}});
  queue.cancel_all_of(dead);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.pop().kind, EventClass::Deliver);
  EXPECT_EQ(queue.pop().actor, ActorId{4});
}

// A destructor that runs in the middle of a cancellation may cancel in its turn.
TEST(EventQueueTest, ClosuresMayCancelOthersAsTheyGo) {
  EventQueue queue;
  const EventId other = queue.push(at(9), timer(9));
  struct Canceller {
    EventQueue* queue;
    EventId victim;
    ~Canceller() { queue->cancel(victim); }
  };
  const EventId id = queue.push_call(
      at(1), kNoActor, 0, [canceller = std::make_shared<Canceller>(Canceller{&queue, other})] {},
      "cancels");
  queue.cancel(id);
  EXPECT_TRUE(queue.empty());
}

// Against the simplest thing that could be right, through growth, cancellation and sweeping.
TEST(EventQueueTest, AgreesWithASortedMap) {
  EventQueue queue;
  std::map<std::pair<int64_t, uint64_t>, EventId> model;
  const RandomStream luck = KeyedRandom(7).stream("queue");
  int64_t now = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const uint64_t dice = luck.below(4 * i, 100);
    if (dice < 50 || model.empty()) {
      const int64_t when = now + static_cast<int64_t>(luck.below(4 * i + 1, 50));
      model[{when, i}] = queue.push(at(when), timer(i));
    } else if (dice < 75) {
      const auto victim = std::next(
          model.begin(), static_cast<std::ptrdiff_t>(luck.below(4 * i + 2, model.size())));
      ASSERT_TRUE(queue.cancel(victim->second));
      model.erase(victim);
    } else {
      now = model.begin()->first.first;
      ASSERT_EQ(queue.next_at(), at(now));
      ASSERT_EQ(queue.pop().number, model.begin()->first.second);
      model.erase(model.begin());
    }
    ASSERT_EQ(queue.size(), model.size());
  }
  for (const auto& [place, id] : model) ASSERT_EQ(queue.pop().number, place.second);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace faultline::engine
