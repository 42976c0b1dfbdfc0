#include "tools/report/event_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace faultline::tools {
namespace {

EventList three() {
  EventList events;
  for (const char* verb : {"a", "a verb that is longer than a short text", "c"}) {
    v1::TraceEvent& event = events.emplace_back();
    event.set_id(events.size());
    event.set_verb(verb);
  }
  return events;
}

TEST(EventListTest, ACopyIsAListOfItsOwn) {
  EventList events = three();
  EventList copy = events;
  copy[1].set_verb("changed");
  copy.push_back(copy.front());
  EXPECT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].verb(), "a verb that is longer than a short text");
  EXPECT_EQ(copy.size(), 4U);
  EXPECT_EQ(copy.back().verb(), "a");
  events = copy;
  copy.clear();
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(events.size(), 4U);
  copy.push_back(events[1]);
  EXPECT_EQ(copy.front().verb(), "changed");
}

TEST(EventListTest, EventsStayWhereTheyAreWhenTheListIsMoved) {
  EventList events = three();
  const v1::TraceEvent* const second = &events[1];
  EventList moved = std::move(events);
  EXPECT_EQ(&moved[1], second);
  EventList other = three();
  other = std::move(moved);
  EXPECT_EQ(&other[1], second);
  EXPECT_EQ(other[1].verb(), "a verb that is longer than a short text");
}

TEST(EventListTest, IsSearchedAndChangedLikeAnyOther) {
  EventList events = three();
  for (v1::TraceEvent& event : events) event.set_id(event.id() * 10);
  const EventList& all = events;
  const auto found = std::ranges::lower_bound(all, std::uint64_t{15}, {}, &v1::TraceEvent::id);
  ASSERT_NE(found, all.end());
  EXPECT_EQ(found->id(), 20U);
  EXPECT_EQ(found - all.begin(), 1);
}

}  // namespace
}  // namespace faultline::tools
