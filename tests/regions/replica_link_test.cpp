#include "regions/replication/replica_link.h"

#include <gtest/gtest.h>

#include <vector>

namespace faultline::regions {
namespace {

using Effect = ReplicaLink::Effect;

std::vector<Effect> effects(const ReplicaLink::Outcome& outcome) {
  return {outcome.effects.begin(), outcome.effects.end()};
}

class ReplicaLinkTest : public testing::Test {
 protected:
  // A link that has sent the snapshot with this sequence once.
  static ReplicaLink waiting(std::uint64_t sequence, std::uint32_t max_attempts = 3) {
    ReplicaLink link(max_attempts);
    link.changed(sequence, 0);
    link.prepared();
    return link;
  }
  static ReplicaLink in_sync(std::uint64_t sequence) {
    ReplicaLink link = waiting(sequence);
    link.acked(sequence);
    return link;
  }
  static ReplicaLink failed(std::uint64_t sequence) {
    ReplicaLink link = waiting(sequence);
    link.refused(sequence, Refusal::Final, "name exists");
    return link;
  }
};

TEST_F(ReplicaLinkTest, PreparesSendsAndSettles) {
  ReplicaLink link(3);
  EXPECT_EQ(effects(link.changed(1, 0)), std::vector{Effect::Prepare});
  EXPECT_EQ(link.state(), LinkState::Preparing);
  EXPECT_EQ(effects(link.prepared()), std::vector{Effect::Send});
  EXPECT_EQ(link.state(), LinkState::Waiting);
  EXPECT_EQ(effects(link.acked(1)), std::vector{Effect::CommitInSync});
  EXPECT_EQ(link.state(), LinkState::InSync);
  EXPECT_EQ(link.acked_sequence(), 1U);
}

TEST_F(ReplicaLinkTest, DoesNotTakeAnOldAckForTheNewest) {
  ReplicaLink link = waiting(5);
  const auto outcome = link.acked(4);
  EXPECT_EQ(outcome.fired, Fired::Moved);
  EXPECT_TRUE(effects(outcome).empty());
  EXPECT_EQ(link.state(), LinkState::Waiting);
  EXPECT_EQ(link.acked_sequence(), 4U);
}

TEST_F(ReplicaLinkTest, StartsOverWhenTheSecretChangesOnTheWay) {
  ReplicaLink link = waiting(5);
  EXPECT_EQ(effects(link.changed(6, 0)), std::vector{Effect::Prepare});
  EXPECT_EQ(link.target(), 6U);
  link.prepared();
  link.acked(5);
  EXPECT_EQ(link.state(), LinkState::Waiting);
  link.acked(6);
  EXPECT_EQ(link.state(), LinkState::InSync);
}

TEST_F(ReplicaLinkTest, TriesAgainUntilItsAttemptsAreSpent) {
  ReplicaLink link = waiting(1, 3);
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(effects(link.timed_out()), std::vector{Effect::Prepare});
    EXPECT_EQ(effects(link.prepared()), std::vector{Effect::Send});
  }
  EXPECT_EQ(effects(link.timed_out()), std::vector{Effect::CommitFailed});
  EXPECT_EQ(link.state(), LinkState::Failed);
  EXPECT_EQ(link.reason(), "Replication failed: Secret replication failed due to a network error.");
}

TEST_F(ReplicaLinkTest, TellsTheLastTemporaryRefusalWhenItGivesUp) {
  ReplicaLink link = waiting(1, 1);
  EXPECT_TRUE(effects(link.refused(1, Refusal::Temporary, "Replication failed: busy")).empty());
  link.timed_out();
  EXPECT_EQ(link.state(), LinkState::Failed);
  EXPECT_EQ(link.reason(), "Replication failed: busy");
}

TEST_F(ReplicaLinkTest, CountsItsOwnKmsBeingDownAsAnAttempt) {
  ReplicaLink link(2);
  link.changed(1, 0);
  EXPECT_EQ(effects(link.refused(1, Refusal::Temporary, "kms is down")),
            std::vector{Effect::SetTimer});
  EXPECT_EQ(effects(link.timed_out()), std::vector{Effect::Prepare});
  link.refused(1, Refusal::Temporary, "kms is down");
  EXPECT_EQ(effects(link.timed_out()), std::vector{Effect::CommitFailed});
  EXPECT_EQ(link.reason(), "kms is down");
}

TEST_F(ReplicaLinkTest, IgnoresTheRefusalOfAnOlderSnapshot) {
  ReplicaLink link = waiting(5);
  EXPECT_EQ(link.refused(4, Refusal::Final, "old news").fired, Fired::Refused);
  EXPECT_EQ(link.state(), LinkState::Waiting);
}

TEST_F(ReplicaLinkTest, SendsEverythingWhenTheReplicaLacksAValue) {
  ReplicaLink link = in_sync(3);
  link.changed(4, 3);
  link.prepared();
  EXPECT_EQ(effects(link.refused(4, Refusal::NeedsEverything, "")), std::vector{Effect::Prepare});
  EXPECT_EQ(link.acked_sequence(), 0U);
}

TEST_F(ReplicaLinkTest, StaysFailedUntilAskedAgain) {
  ReplicaLink link = failed(2);
  EXPECT_EQ(link.timed_out().fired, Fired::Unexpected);
  EXPECT_EQ(link.prepared().fired, Fired::Unexpected);
  EXPECT_EQ(link.state(), LinkState::Failed);
  EXPECT_EQ(effects(link.retried()), std::vector{Effect::Prepare});
  EXPECT_EQ(link.state(), LinkState::Preparing);
  EXPECT_EQ(link.attempts(), 0U);
}

TEST_F(ReplicaLinkTest, BelievesALateAckAfterItGaveUp) {
  ReplicaLink link = failed(2);
  EXPECT_EQ(effects(link.acked(2)), std::vector{Effect::CommitInSync});
}

TEST_F(ReplicaLinkTest, ResumesWhereTheStoreSaysItStood) {
  ReplicaLink synced(3);
  synced.was_in_sync(7);
  EXPECT_EQ(synced.state(), LinkState::InSync);
  EXPECT_EQ(synced.acked_sequence(), 7U);
  ReplicaLink gave_up(3);
  gave_up.was_failed(7, 5);
  EXPECT_EQ(gave_up.state(), LinkState::Failed);
  EXPECT_EQ(effects(gave_up.retried()), std::vector{Effect::Prepare});
}

TEST_F(ReplicaLinkTest, EndsWhenTheReplicaWasPromoted) {
  ReplicaLink preparing(3);
  preparing.changed(1, 0);
  for (ReplicaLink link : {preparing, waiting(1), in_sync(1), failed(1)}) {
    EXPECT_EQ(effects(link.fenced()), std::vector{Effect::Erase});
    EXPECT_EQ(link.state(), LinkState::Gone);
    EXPECT_EQ(link.changed(9, 0).fired, Fired::Unexpected);
  }
}

TEST_F(ReplicaLinkTest, IsAValue) {
  ReplicaLink original = waiting(1);
  ReplicaLink copy = original;
  copy.acked(1);
  EXPECT_EQ(copy.state(), LinkState::InSync);
  EXPECT_EQ(original.state(), LinkState::Waiting);
}

}  // namespace
}  // namespace faultline::regions
