// What changes is told to who listens: not too often, and only the latest.
#include "tools/console/event_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/serve/captured_reply.h"

namespace faultline::tools {
namespace {

using namespace std::chrono_literals;

class EventHubTest : public testing::Test {
 protected:
  std::shared_ptr<CapturedStream> join() {
    auto client = std::make_shared<CapturedStream>();
    hub_.add(HttpStream(client));
    return client;
  }
  // What was said since the last time.
  static std::string heard(CapturedStream& client) { return std::exchange(client.text, {}); }

  EventHub::Time now_{};
  std::uint64_t world_ = 1;
  int made_ = 0;
  std::chrono::milliseconds making_takes_{0};
  std::string make_world() {
    ++made_;
    now_ += making_takes_;
    return std::to_string(world_);
  }
  std::vector<EventHub::Topic> topics() {
    EventHub::Topic hello{"hello", [] { return std::uint64_t{0}; }, [] { return "{}"; }};
    EventHub::Topic world{"world", [this] { return world_; }, [this] { return make_world(); }};
    return {std::move(hello), std::move(world)};
  }
  EventHub hub_{
      topics(), {.pause = 100ms, .heartbeat = 15s, .now = [this] { return now_; }}
  };
};

TEST_F(EventHubTest, TellsEverythingToWhoJoins) {
  const auto first = join();
  EXPECT_EQ(heard(*first), "event: hello\ndata: {}\n\nevent: world\ndata: 1\n\n");
  world_ = 2;
  const auto second = join();
  EXPECT_EQ(heard(*second), "event: hello\ndata: {}\n\nevent: world\ndata: 2\n\n");
  EXPECT_EQ(heard(*first), "event: world\ndata: 2\n\n");
}

TEST_F(EventHubTest, TellsOnlyWhatHasChanged) {
  const auto client = join();
  heard(*client);
  now_ += 1s;
  hub_.look();
  hub_.tell_now();
  EXPECT_EQ(heard(*client), "");
  EXPECT_EQ(made_, 1);
}

TEST_F(EventHubTest, TellsTheLatestAfterAPause) {
  const auto client = join();
  heard(*client);
  for (world_ = 2; world_ < 50; ++world_) hub_.look();
  EXPECT_EQ(heard(*client), "");
  EXPECT_EQ(hub_.next_due(), now_ + 100ms);
  now_ += 100ms;
  hub_.look();
  EXPECT_EQ(heard(*client), "event: world\ndata: 50\n\n");
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(hub_.next_due(), now_ + 14'900ms) << "nothing but the heartbeat";
}

TEST_F(EventHubTest, TellsAtOnceWhenItIsAsked) {
  const auto client = join();
  heard(*client);
  world_ = 2;
  hub_.tell_now();
  EXPECT_EQ(heard(*client), "event: world\ndata: 2\n\n");
}

TEST_F(EventHubTest, WaitsLongerWhereMakingTakesLong) {
  const auto client = join();
  heard(*client);
  making_takes_ = 500ms;
  world_ = 2;
  hub_.tell_now();
  world_ = 3;
  EXPECT_EQ(hub_.next_due(), now_ + 2s);
}

TEST_F(EventHubTest, SaysThatItIsStillThere) {
  const auto client = join();
  heard(*client);
  now_ += 14s;
  hub_.look();
  EXPECT_EQ(heard(*client), "");
  now_ += 1s;
  hub_.look();
  EXPECT_EQ(heard(*client), ": still here\n\n");
  EXPECT_EQ(hub_.next_due(), now_ + 15s);
}

TEST_F(EventHubTest, TellsWhoIsBehindTheLatestWhenItHasCaughtUp) {
  const auto slow = join();
  const auto fast = join();
  heard(*slow);
  heard(*fast);
  slow->backlog = 1;
  for (int i = 0; i < 5; ++i) {
    ++world_;
    hub_.tell_now();
  }
  EXPECT_EQ(heard(*slow), "");
  EXPECT_NE(heard(*fast), "");
  ASSERT_EQ(hub_.next_due(), now_ + 100ms);
  slow->backlog = 0;
  now_ += 100ms;
  hub_.look();
  EXPECT_EQ(heard(*slow), "event: world\ndata: 6\n\n");
  EXPECT_EQ(heard(*fast), "");
}

TEST_F(EventHubTest, MakesNothingWhenNobodyListens) {
  EXPECT_EQ(hub_.next_due(), std::nullopt);
  const auto client = join();
  EXPECT_EQ(hub_.clients(), 1U);
  client->open = false;
  ++world_;
  now_ += 1s;
  hub_.look();
  EXPECT_EQ(hub_.clients(), 0U);
  EXPECT_EQ(hub_.next_due(), std::nullopt);
  EXPECT_EQ(made_, 1);
}

TEST(ServerSentEventTest, KeepsLineBreaksInsideTheData) {
  EXPECT_EQ(server_sent_event("x", "a\nb"), "event: x\ndata: a\ndata: b\n\n");
}

}  // namespace
}  // namespace faultline::tools
