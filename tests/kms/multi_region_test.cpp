// Multi-Region keys, as the KMS Developer Guide describes them: "Multi-Region keys in AWS KMS". The
// test is the coordinator that carries news between regions, and it takes its time.
#include <gtest/gtest.h>

#include "proto/deterministic_bytes.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1'000'000'000;

class MultiRegionTest : public KmsTest {
 protected:
  MultiRegionTest() : key(west.create_key({.multi_region = true})->key_id) {}

  Result<KeyMetadata> replicate(Kms& to) {
    const auto shared = west.begin_replication(key, to.place().region);
    if (!shared) return tl::make_unexpected(shared.error());
    return to.create_replica({.shared = &*shared});
  }
  void finish(Kms& at) { EXPECT_EQ(outcome(at.finish_creating(key)), "ok"); }
  // A finished replica in the east.
  void with_replica() {
    ASSERT_EQ(outcome(replicate(east)), "ok");
    finish(east);
  }
  void sync(Kms& from, Kms& to) {
    const auto shared = from.shared_part(key);
    ASSERT_EQ(outcome(shared), "ok");
    ASSERT_EQ(outcome(to.apply_shared(*shared)), "ok");
  }
  std::string seal(Kms& at) { return at.encrypt(alice, key, context, "hunter2")->blob; }
  std::string open(Kms& at, const std::string& blob) {
    return outcome(at.decrypt(alice, blob, context));
  }
  std::string material(Kms& at) { return at.describe_key(key)->current_key_material_id; }
  std::string arn_in(const Kms& at) const { return at.place().key_arn(key); }

  TestEnvironment south_environment{3};
  Kms south{kAccount, "sa-east-1", south_environment};
  std::string key;
};

TEST_F(MultiRegionTest, AFreshKeyIsAPrimaryWithoutReplicas) {
  EXPECT_TRUE(is_key_id(key));
  EXPECT_TRUE(key.starts_with("mrk-"));
  const KeyMetadata metadata = *west.describe_key(key);
  EXPECT_EQ(metadata.multi_region, MultiRegionKeyType::Primary);
  EXPECT_EQ(metadata.primary_region, "us-west-2");
  EXPECT_TRUE(metadata.replica_regions.empty());
  EXPECT_EQ(west.describe_key(make_key())->multi_region, MultiRegionKeyType::None);
  EXPECT_EQ(outcome(east.describe_key(key)),
            "NotFoundException: Key '" + arn_in(east) + "' does not exist");
}

TEST_F(MultiRegionTest, AReplicaIsCreatingFirstAndThenHasTheSameMaterial) {
  const KeyMetadata creating = *replicate(east);
  EXPECT_EQ(creating.arn, arn_in(east));
  EXPECT_EQ(creating.state, v1::Creating);
  EXPECT_EQ(creating.current_key_material_id, "");
  EXPECT_EQ(creating.description, "");
  EXPECT_EQ(creating.multi_region, MultiRegionKeyType::Replica);
  EXPECT_EQ(west.describe_key(key)->replica_regions, std::vector<std::string>{"us-east-1"});
  EXPECT_EQ(east.encrypt(alice, key, context, "x").error().message, arn_in(east) + " is creating.");
  finish(east);
  EXPECT_EQ(east.describe_key(key)->state, v1::Enabled);
  EXPECT_EQ(material(east), material(west));
  EXPECT_EQ(east.describe_key(key)->primary_region, "us-west-2");
}

TEST_F(MultiRegionTest, ABlobOpensInEveryRelatedRegionAndInNoOther) {
  with_replica();
  const std::string western = seal(west);
  const std::string eastern = seal(east);
  for (Kms* at : {&west, &east}) {
    EXPECT_EQ(open(*at, western), "ok");
    EXPECT_EQ(open(*at, eastern), "ok");
  }
  EXPECT_EQ(open(south, western), kKeyNotHere);
  EXPECT_EQ(east.decrypt(alice, western, context)->key_arn, arn_in(east));
  const std::string ordinary = make_key();
  EXPECT_EQ(open(east, encrypt(ordinary)), kKeyNotHere);
}

TEST_F(MultiRegionTest, WhatIsNotSharedStaysInItsRegion) {
  (void)west.update_key_description(key, "of the west");
  (void)west.tag_resource(key, {
                                   {"a", "b"}
  });
  with_replica();
  EXPECT_EQ(east.describe_key(key)->description, "");
  EXPECT_TRUE(east.list_resource_tags(key)->empty());
  (void)west.disable_key(key);
  sync(west, east);
  EXPECT_EQ(east.describe_key(key)->state, v1::Enabled);
  EXPECT_EQ(outcome(east.encrypt(alice, key, context, "x")), "ok");
}

TEST_F(MultiRegionTest, OnlyThePrimaryReplicatesAndRotates) {
  with_replica();
  const std::string no =
      "UnsupportedOperationException: " + arn_in(east) + " is not a multi-region primary key.";
  EXPECT_EQ(outcome(east.begin_replication(key, "eu-west-1")), no);
  EXPECT_EQ(outcome(east.enable_key_rotation(key)), no);
  EXPECT_EQ(outcome(east.disable_key_rotation(key)), no);
  EXPECT_EQ(outcome(east.rotate_key_on_demand(key)), no);
  const std::string ordinary = make_key();
  EXPECT_EQ(
      outcome(west.begin_replication(ordinary, "us-east-1")),
      "UnsupportedOperationException: " + arn_of(ordinary) + " is not a multi-region primary key.");
}

TEST_F(MultiRegionTest, ThereIsOneRelatedKeyARegion) {
  with_replica();
  EXPECT_EQ(west.begin_replication(key, "us-east-1").error().code, "AlreadyExistsException");
  EXPECT_EQ(west.begin_replication(key, "us-west-2").error().code, "AlreadyExistsException");
  (void)east.schedule_key_deletion(key, 7);
  const auto shared = west.shared_part(key);
  EXPECT_EQ(east.create_replica({.shared = &*shared}).error().code, "AlreadyExistsException")
      << "also one that waits for its deletion";
}

TEST_F(MultiRegionTest, AReplicaThatNeverCameIsTakenBack) {
  EXPECT_EQ(outcome(west.begin_replication(key, "us-east-1")), "ok");
  EXPECT_EQ(outcome(west.replica_deleted(key, "us-east-1")), "ok");
  EXPECT_TRUE(west.describe_key(key)->replica_regions.empty());
  with_replica();
}

// "New key material is used only after it exists in the primary and every replica."
TEST_F(MultiRegionTest, NewMaterialIsUsedWhenItIsEverywhere) {
  with_replica();
  const std::string old = material(west);
  const std::string old_blob = seal(west);
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
  EXPECT_EQ(material(west), old);
  EXPECT_EQ(key_material_id_of(seal(west)), old) << "the replica could not open anything else";
  EXPECT_EQ(west.get_key_rotation_status(key)->on_demand_started_unix_ns,
            environment.now_unix_ns());
  EXPECT_EQ(west.rotate_key_on_demand(key).error().code, "ConflictException");
  EXPECT_EQ(west.list_key_rotations(key, true)->back().state, "PENDING_ROTATION");
  ASSERT_EQ(west.primaries().size(), 1U);
  EXPECT_TRUE(west.primaries()[0].needs_activation);
  EXPECT_EQ(west.primaries()[0].replica_regions, std::vector<std::string>{"us-east-1"});

  sync(west, east);
  EXPECT_EQ(material(east), old) << "it has it, and does not use it";
  EXPECT_EQ(outcome(west.activate_material(key)), "ok");
  EXPECT_NE(material(west), old);
  const std::string new_blob = seal(west);
  EXPECT_EQ(open(east, new_blob), "ok") << "before it is told";
  EXPECT_EQ(open(west, seal(east)), "ok");
  EXPECT_EQ(key_material_id_of(seal(east)), old);
  EXPECT_EQ(outcome(east.activate_material(key)), "ok");
  EXPECT_EQ(material(east), material(west));
  EXPECT_EQ(open(east, old_blob), "ok");
  EXPECT_FALSE(west.primaries()[0].needs_activation);
  EXPECT_EQ(west.get_key_rotation_status(key)->on_demand_started_unix_ns, 0);
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
}

TEST_F(MultiRegionTest, AReplicaMadeDuringARotationHasAllOfIt) {
  with_replica();
  (void)west.rotate_key_on_demand(key);
  ASSERT_EQ(outcome(replicate(south)), "ok");
  finish(south);
  EXPECT_EQ(material(south), material(west));
  sync(west, east);
  (void)west.activate_material(key);
  const std::string blob = seal(west);
  EXPECT_EQ(open(south, blob), "ok");
  EXPECT_EQ(open(east, blob), "ok");
}

TEST_F(MultiRegionTest, NewMaterialDoesNotWaitForAReplicaThatIsGone) {
  with_replica();
  const std::string old = material(west);
  (void)west.rotate_key_on_demand(key);
  (void)west.replica_deleted(key, "us-east-1");
  EXPECT_NE(material(west), old);
  EXPECT_TRUE(west.primaries().empty());
}

TEST_F(MultiRegionTest, OldNewsDoesNotTakeMaterialOutOfUse) {
  with_replica();
  (void)west.rotate_key_on_demand(key);
  const auto old_news = *west.shared_part(key);
  sync(west, east);
  (void)west.activate_material(key);
  (void)east.activate_material(key);
  const std::string current = material(east);
  EXPECT_EQ(outcome(east.apply_shared(old_news)), "ok");
  EXPECT_EQ(material(east), current);
}

TEST_F(MultiRegionTest, TheRotationSettingIsShared) {
  with_replica();
  (void)west.enable_key_rotation(key, 90);
  EXPECT_FALSE(east.get_key_rotation_status(key)->enabled);
  sync(west, east);
  EXPECT_EQ(east.get_key_rotation_status(key)->next_unix_ns,
            west.get_key_rotation_status(key)->next_unix_ns);
  east_environment.advance_days(100);
  EXPECT_EQ(east.list_key_rotations(key, true)->size(), 1U) << "the primary does it";
  environment.advance_days(300);
  EXPECT_EQ(west.list_key_rotations(key, true)->size(), 2U)
      << "no second one while the first is on its way";
  sync(west, east);
  (void)west.activate_material(key);
  EXPECT_EQ(west.list_key_rotations(key, true)->size(), 3U);
}

TEST_F(MultiRegionTest, PrimaryAndReplicaChangeRoles) {
  with_replica();
  ASSERT_EQ(outcome(replicate(south)), "ok");
  finish(south);
  const std::string blob = seal(west);
  const Place nowhere{kAccount, "eu-west-1"};
  EXPECT_EQ(outcome(west.begin_update_primary(key, "eu-west-1")),
            "NotFoundException: Key '" + nowhere.key_arn(key) + "' does not exist");
  EXPECT_EQ(
      outcome(west.begin_update_primary(key, "us-west-2")),
      "UnsupportedOperationException: " + arn_of(key) + " is not a multi-region primary key.");
  (void)east.disable_key(key);
  EXPECT_EQ(outcome(east.begin_update_primary(key, "us-east-1")),
            "DisabledException: " + arn_in(east) + " is disabled.");
  (void)east.enable_key(key);
  EXPECT_EQ(outcome(west.begin_update_primary(key, "us-east-1", 17)), "ok");
  EXPECT_EQ(outcome(east.begin_update_primary(key, "us-east-1", 17)), "ok");
  EXPECT_EQ(west.describe_key(key)->state, v1::Updating);
  EXPECT_EQ(west.describe_key(key)->state_until_unix_ns, 17);
  EXPECT_TRUE(west.describe_key(key)->is_usable());
  EXPECT_EQ(open(west, blob), "ok");
  EXPECT_EQ(open(east, blob), "ok");
  sync(west, east);
  EXPECT_EQ(outcome(west.finish_update_primary(key, "us-east-1")), "ok");
  EXPECT_EQ(outcome(east.finish_update_primary(key, "us-east-1")), "ok");
  sync(east, south);
  for (Kms* at : {&west, &east, &south}) {
    const KeyMetadata metadata = *at->describe_key(key);
    EXPECT_EQ(metadata.state, v1::Enabled);
    EXPECT_EQ(metadata.state_until_unix_ns, 0);
    EXPECT_EQ(metadata.primary_region, "us-east-1");
    EXPECT_EQ(metadata.replica_regions, (std::vector<std::string>{"us-west-2", "sa-east-1"}));
  }
  EXPECT_EQ(outcome(east.rotate_key_on_demand(key)), "ok");
  EXPECT_EQ(west.rotate_key_on_demand(key).error().code, "UnsupportedOperationException");
}

TEST_F(MultiRegionTest, AnUpdateCanBeTakenBack) {
  with_replica();
  (void)west.begin_update_primary(key, "us-east-1");
  EXPECT_EQ(outcome(west.cancel_update_primary(key)), "ok");
  EXPECT_EQ(west.describe_key(key)->state, v1::Enabled);
  EXPECT_EQ(west.describe_key(key)->multi_region, MultiRegionKeyType::Primary);
}

TEST_F(MultiRegionTest, APrimaryWaitsForItsReplicasBeforeItIsDeleted) {
  with_replica();
  ASSERT_EQ(outcome(replicate(south)), "ok");
  const KeyMetadata waiting = *west.schedule_key_deletion(key, 10);
  EXPECT_EQ(waiting.state, v1::PendingReplicaDeletion);
  EXPECT_EQ(waiting.pending_window_days, 10);
  EXPECT_EQ(waiting.deletion_unix_ns, 0);
  environment.advance_days(50);
  EXPECT_EQ(west.describe_key(key)->state, v1::PendingReplicaDeletion);
  (void)west.replica_deleted(key, "us-east-1");
  EXPECT_EQ(west.describe_key(key)->state, v1::PendingReplicaDeletion);
  (void)west.replica_deleted(key, "sa-east-1");
  const KeyMetadata dated = *west.describe_key(key);
  EXPECT_EQ(dated.state, v1::PendingDeletion);
  EXPECT_EQ(dated.deletion_unix_ns, environment.now_unix_ns() + 10 * kDay);
  EXPECT_EQ(dated.pending_window_days, 0);
  environment.advance_days(10);
  EXPECT_EQ(west.describe_key(key).error().code, "NotFoundException");
}

TEST_F(MultiRegionTest, ADeletedReplicaCanBeMadeAgain) {
  with_replica();
  const std::string blob = seal(east);
  (void)east.schedule_key_deletion(key, 7);
  EXPECT_EQ(east.describe_key(key)->state, v1::PendingDeletion);
  east_environment.advance_days(7);
  EXPECT_EQ(open(east, blob), kKeyNotHere);
  EXPECT_EQ(open(west, blob), "ok");
  (void)west.replica_deleted(key, "us-east-1");
  with_replica();
  EXPECT_EQ(open(east, blob), "ok");
}

TEST_F(MultiRegionTest, AReplicaScheduledForDeletionIsNotFinished) {
  ASSERT_EQ(outcome(replicate(east)), "ok");
  (void)east.schedule_key_deletion(key, 7);
  finish(east);
  EXPECT_EQ(east.describe_key(key)->state, v1::PendingDeletion);
}

TEST_F(MultiRegionTest, EveryStateIsRemembered) {
  const auto is_remembered = [&](Kms& kms) {
    Kms restored(kAccount, kms.place().region, environment);
    EXPECT_EQ(outcome(restored.restore(kms.snapshot())), "ok");
    EXPECT_EQ(deterministic_bytes(restored.snapshot()), deterministic_bytes(kms.snapshot()));
  };
  ASSERT_EQ(outcome(replicate(east)), "ok");
  is_remembered(east);
  finish(east);
  (void)west.rotate_key_on_demand(key);
  is_remembered(west);
  (void)west.begin_update_primary(key, "us-east-1", 17);
  is_remembered(west);
  (void)west.cancel_update_primary(key);
  (void)west.schedule_key_deletion(key, 9);
  is_remembered(west);
}

TEST_F(MultiRegionTest, WhatContradictsItselfIsNotRestored) {
  v1::KmsSnapshot snapshot = west.snapshot();
  snapshot.mutable_keys(0)->mutable_backing_keys(0)->set_pending(true);
  EXPECT_EQ(west.restore(snapshot).error().code, "KMSInternalException");
  snapshot = west.snapshot();
  snapshot.mutable_keys(0)->set_multi_region(false);
  EXPECT_EQ(west.restore(snapshot).error().code, "KMSInternalException");
  snapshot = west.snapshot();
  snapshot.mutable_keys(0)->set_pending_window_days(7);
  EXPECT_EQ(west.restore(snapshot).error().code, "KMSInternalException");
  snapshot = west.snapshot();
  snapshot.mutable_keys(0)->set_state(v1::Unavailable);
  EXPECT_EQ(west.restore(snapshot).error().code, "KMSInternalException");
}

}  // namespace
}  // namespace faultline::kms
