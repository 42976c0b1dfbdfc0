#include "regions/replication/replica_copy.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

using Effect = ReplicaCopy::Effect;

void expect_effect(const ReplicaCopy::Outcome& outcome, Effect effect) {
  ASSERT_TRUE(outcome.has_effect);
  EXPECT_EQ(outcome.effect, effect);
}

TEST(ReplicaCopyTest, AppliesAnOfferInThreeSteps) {
  ReplicaCopy copy(CopyState::Absent);
  expect_effect(copy.offered(Verdict::Take, {1, 1}), Effect::AskForKeys);
  expect_effect(copy.keys_ready(), Effect::Commit);
  EXPECT_EQ(copy.state(), CopyState::Storing);
  expect_effect(copy.durable(), Effect::Acknowledge);
  EXPECT_EQ(copy.state(), CopyState::Following);
  EXPECT_TRUE(copy.at_rest());
}

TEST(ReplicaCopyTest, AcknowledgesAgainWhatItHolds) {
  ReplicaCopy copy(CopyState::Following);
  expect_effect(copy.offered(Verdict::Known, {1, 3}), Effect::Acknowledge);
  EXPECT_EQ(copy.state(), CopyState::Following);
}

TEST(ReplicaCopyTest, TakesTheNewerOfTwoOffers) {
  ReplicaCopy copy(CopyState::Following);
  copy.offered(Verdict::Take, {1, 3});
  EXPECT_EQ(copy.offered(Verdict::Take, {1, 2}).fired, Fired::Refused);
  EXPECT_EQ(copy.offered(Verdict::Take, {1, 3}).fired, Fired::Refused);
  expect_effect(copy.offered(Verdict::Take, {1, 4}), Effect::AskForKeys);
  expect_effect(copy.offered(Verdict::Take, {2, 1}), Effect::AskForKeys);
}

TEST(ReplicaCopyTest, GoesBackToWhatItWasWhenKeysAreRefused) {
  for (const CopyState before : {CopyState::Absent, CopyState::Following, CopyState::Independent}) {
    ReplicaCopy copy(before);
    copy.offered(Verdict::Take, {1, 1});
    expect_effect(copy.keys_refused(), Effect::Refuse);
    EXPECT_EQ(copy.state(), before);
  }
}

TEST(ReplicaCopyTest, DropsItsWorkWhenItIsPromotedOrRemoved) {
  ReplicaCopy promoted(CopyState::Following);
  promoted.offered(Verdict::Take, {1, 2});
  promoted.promoted();
  EXPECT_EQ(promoted.state(), CopyState::Independent);
  EXPECT_EQ(promoted.keys_ready().fired, Fired::Unexpected);

  ReplicaCopy removed(CopyState::Following);
  removed.offered(Verdict::Take, {1, 2});
  removed.keys_ready();
  removed.removed();
  EXPECT_EQ(removed.state(), CopyState::Absent);
  EXPECT_EQ(removed.durable().fired, Fired::Unexpected);
}

TEST(ReplicaCopyTest, RefusesWhatIsUnwelcomeInEveryState) {
  ReplicaCopy preparing(CopyState::Absent);
  preparing.offered(Verdict::Take, {1, 1});
  ReplicaCopy storing = preparing;
  storing.keys_ready();
  for (ReplicaCopy copy : {ReplicaCopy(CopyState::Absent), ReplicaCopy(CopyState::Following),
                           ReplicaCopy(CopyState::Independent), preparing, storing}) {
    const CopyState before = copy.state();
    expect_effect(copy.offered(Verdict::Refuse, {9, 9}), Effect::Refuse);
    EXPECT_EQ(copy.state(), before);
  }
}

}  // namespace
}  // namespace faultline::regions
