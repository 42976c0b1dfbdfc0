#include "regions/replication/judgement.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

constexpr const char* kPrimaryArn =
    "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf";
constexpr const char* kReplicaArn =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
constexpr const char* kOtherArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-ZzZzZz";

class JudgementTest : public testing::Test {
 protected:
  static v1::Replicate offer(std::uint64_t generation, std::uint64_t sequence, bool force = false) {
    v1::Replicate offer;
    offer.mutable_link()->set_secret_arn(kPrimaryArn);
    offer.mutable_link()->set_secret_name("db");
    offer.mutable_link()->set_generation(generation);
    offer.set_sequence(sequence);
    offer.set_force_overwrite(force);
    return offer;
  }
  static v1::StoredSecret replica(std::uint64_t generation, std::uint64_t sequence,
                                  const char* arn = kReplicaArn) {
    v1::StoredSecret secret;
    secret.set_name("db");
    secret.set_arn(arn);
    secret.set_role(v1::Replica);
    secret.set_primary_region("us-west-2");
    secret.set_generation(generation);
    secret.set_sequence(sequence);
    return secret;
  }
  static v1::StoredSecret standalone(const char* arn, std::uint64_t fenced_generation = 0) {
    v1::StoredSecret secret;
    secret.set_name("db");
    secret.set_arn(arn);
    secret.set_role(v1::Standalone);
    secret.set_fenced_generation(fenced_generation);
    return secret;
  }
  static v1::StoredTombstone tombstone(std::uint64_t generation) {
    v1::StoredTombstone tombstone;
    tombstone.set_secret_arn(kPrimaryArn);
    tombstone.set_generation(generation);
    return tombstone;
  }
  static Judgement judged(const v1::Replicate& offer, const std::optional<v1::StoredSecret>& held,
                          const std::optional<v1::StoredTombstone>& tombstone = {},
                          bool enabled = true, bool has_replicas = false) {
    return judge(offer, "us-east-1", enabled, held ? &*held : nullptr, has_replicas, tombstone);
  }
};

TEST_F(JudgementTest, TakesWhatIsNewWhereNothingIs) {
  EXPECT_EQ(judged(offer(1, 1), {}).verdict, Verdict::Take);
}

TEST_F(JudgementTest, OrdersByGenerationThenSequenceAndNeverByArrival) {
  EXPECT_EQ(judged(offer(2, 6), replica(2, 5)).verdict, Verdict::Take);
  EXPECT_EQ(judged(offer(2, 5), replica(2, 5)).verdict, Verdict::Known);
  EXPECT_EQ(judged(offer(2, 4), replica(2, 5)).verdict, Verdict::Known);
  EXPECT_EQ(judged(offer(3, 1), replica(2, 5)).verdict, Verdict::Take);
  EXPECT_EQ(judged(offer(1, 9), replica(2, 5)).reason, v1::LINK_REMOVED);
}

TEST_F(JudgementTest, DoesNotRaiseTheDead) {
  EXPECT_EQ(judged(offer(2, 9), {}, tombstone(2)).reason, v1::LINK_REMOVED);
  EXPECT_EQ(judged(offer(3, 1), {}, tombstone(2)).verdict, Verdict::Take);
}

TEST_F(JudgementTest, FencesThePromotedSecretFromTheLinkThatItHad) {
  EXPECT_EQ(judged(offer(2, 9), standalone(kReplicaArn, 2)).reason, v1::FENCED);
  EXPECT_EQ(judged(offer(2, 9, true), standalone(kReplicaArn, 2)).reason, v1::FENCED);
  EXPECT_EQ(judged(offer(3, 9), standalone(kReplicaArn, 2)).reason, v1::NAME_EXISTS);
  EXPECT_EQ(judged(offer(3, 9, true), standalone(kReplicaArn, 2)).verdict, Verdict::Take);
}

TEST_F(JudgementTest, FencesEvenWhenThePromotedSecretIsGone) {
  EXPECT_EQ(judged(offer(2, 9), standalone(kReplicaArn, 2), tombstone(2)).reason, v1::FENCED);
  EXPECT_EQ(judged(offer(2, 9, true), {}, tombstone(2)).reason, v1::LINK_REMOVED);
  EXPECT_EQ(judged(offer(2, 9, true), standalone(kOtherArn), tombstone(2)).reason,
            v1::LINK_REMOVED);
}

TEST_F(JudgementTest, OverwritesOnlyAnOrdinarySecretAndOnlyWhenAsked) {
  const Judgement clash = judged(offer(1, 1), standalone(kOtherArn));
  EXPECT_EQ(clash.reason, v1::NAME_EXISTS);
  EXPECT_EQ(clash.message,
            "Replication failed: Secret name db already exists in region us-east-1.");
  EXPECT_EQ(judged(offer(1, 1, true), standalone(kOtherArn)).verdict, Verdict::Take);
  EXPECT_EQ(judged(offer(1, 1, true), standalone(kOtherArn), {}, true, true).reason,
            v1::NAME_EXISTS);
  v1::StoredSecret scheduled = standalone(kOtherArn);
  scheduled.set_deletion_unix_ns(1);
  EXPECT_EQ(judged(offer(1, 1, true), scheduled).reason, v1::NAME_EXISTS);
}

TEST_F(JudgementTest, NeverOverwritesAnotherPrimarysReplica) {
  const Judgement refused = judged(offer(1, 1, true), replica(1, 1, kOtherArn));
  EXPECT_EQ(refused.reason, v1::OTHER_LINEAGE);
  EXPECT_EQ(refused.message,
            "Replication failed: Secret name db is currently replicated to us-east-1 with a "
            "different arn");
}

TEST_F(JudgementTest, TakesNothingInARegionThatIsNotEnabled) {
  const Judgement refused = judged(offer(1, 1), {}, {}, false);
  EXPECT_EQ(refused.reason, v1::REGION_NOT_ENABLED);
  EXPECT_EQ(refused.message,
            "Replication failed: Region us-east-1 is not enabled for this account.");
}

}  // namespace
}  // namespace faultline::regions
