#include "tools/report/causality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using testing::ElementsAre;
using tools::Causality;

struct Event {
  v1::EventKind kind;
  std::string actor;
  std::uint64_t cause = 0;
  std::string peer{};
  std::uint64_t number = 0;
  std::string subject{};
  std::string verb{};
};

tools::RunRecord record_of(const std::vector<Event>& events) {
  tools::RunRecord record;
  std::uint64_t id = 2;
  for (const Event& event : events) {
    v1::TraceEvent& traced = record.events.emplace_back();
    traced.set_id(++id);
    traced.set_kind(event.kind);
    traced.set_actor(event.actor);
    traced.set_cause(event.cause);
    traced.set_peer(event.peer);
    traced.set_number(event.number);
    traced.set_subject(event.subject);
    traced.set_verb(event.verb);
  }
  return record;
}

TEST(CausalityTest, FollowsCausesAndForgetsOthers) {
  const auto record = record_of({
      {v1::STEP, "a"},
      {                v1::STEP,     "b"   },
      { v1::CALL_STARTED,       "a",          3},
  });
  const Causality causes(record);
  EXPECT_THAT(causes.past({5}), ElementsAre(true, false, true));
  EXPECT_EQ(causes.place_of(5), 2U);
  EXPECT_EQ(causes.place_of(2), causes.size());
}

TEST(CausalityTest, AFaultIsWhyItsMessageIsLateOrLost) {
  const auto record = record_of({
      {v1::FAULT_APPLIED,     "",  0,  "",  1, "a->b",  "delay_next"  },
      {v1::FAULT_APPLIED,     "",  0,  "",  2, "a<->c", "cut"         },
      {v1::MESSAGE_SENT,      "a", 0,  "b", 7, "",      "Replicate"   },
      {v1::FAULT_HEALED,      "",  5,  "",  1, "a->b",  "delay_next"  },
      {v1::MESSAGE_SENT,      "a", 0,  "b", 8, "",      "Replicate"   },
      {v1::MESSAGE_DELIVERED, "b", 5,  "a", 7, "",      "Replicate"   },
      {v1::MESSAGE_DROPPED,   "b", 7,  "a", 8, "",      "Replicate"   },
      {v1::MESSAGE_SENT,      "c", 0,  "a", 9, "",      "ReplicateAck"},
      {v1::MESSAGE_DROPPED,   "a", 10, "c", 9, "",      "ReplicateAck"},
  });
  const Causality causes(record);
  EXPECT_THAT(causes.influences(5), ElementsAre(0, 2));
  EXPECT_THAT(causes.influences(6), ElementsAre(4)) << "the cut is elsewhere";
  EXPECT_THAT(causes.influences(8), ElementsAre(1, 7)) << "both ways";
}

TEST(CausalityTest, WhatHadBecomeOfTheRegionInfluencesWhatItDoes) {
  const auto record = record_of({
      {v1::ACTOR_CRASHED, "a"},
      { v1::ACTOR_STARTED, "a", 0,                                "", 0, "", "restart"},
      {        v1::PROMOTED,                         "a",         0,              "", 0, "s"},
      {              v1::STORE_COMMITTED,                               "a",  0,"", 1, "s"},
      {              v1::STORE_COMMITTED,                               "b",  0,              "", 1, "s"},
  });
  const Causality causes(record);
  EXPECT_THAT(causes.influences(3), ElementsAre(1, 2));
  EXPECT_THAT(causes.influences(4), ElementsAre());
}

}  // namespace
}  // namespace faultline
