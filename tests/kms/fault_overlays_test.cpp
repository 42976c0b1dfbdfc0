// Faults over a KMS: what they do while they last, and that nothing of them is left afterwards.
#include "kms/fault_overlays.h"

#include <gtest/gtest.h>

#include "kms/kms.h"
#include "proto/deterministic_bytes.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

class FaultOverlaysTest : public KmsTest {
 protected:
  std::string key = make_key("alias/replica");
  std::string blob = encrypt(key);
  std::string bytes_before = deterministic_bytes(west.snapshot());

  [[nodiscard]] std::string denied(const Caller& caller, std::string_view action) const {
    return "AccessDeniedException: User: " + caller.principal_arn +
           " is not authorized to perform: " + std::string(action) +
           " on resource: " + arn_of(key) + " with an explicit deny in a resource-based policy";
  }
  void expect_as_before() {
    EXPECT_EQ(deterministic_bytes(west.snapshot()), bytes_before);
    EXPECT_EQ(state(key), v1::Enabled);
    EXPECT_EQ(decrypt(blob), "ok");
    EXPECT_EQ(outcome(west.encrypt(bob, "alias/replica", context, "x")), "ok");
  }
};

TEST_F(FaultOverlaysTest, ADenialIsForAPrincipalAndSomeActions) {
  west.deny(1, key, bob.principal_arn, {"kms:decrypt", "kms:Generate*"});
  EXPECT_EQ(outcome(west.decrypt(bob, blob, context)), denied(bob, "kms:Decrypt"));
  EXPECT_EQ(outcome(west.generate_data_key(bob, key, context)), denied(bob, "kms:GenerateDataKey"));
  EXPECT_EQ(outcome(west.encrypt(bob, key, context, "x")), "ok");
  EXPECT_EQ(decrypt(blob), "ok");
  west.lift(1);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, ADenialWithoutNamesIsForEverybodyAndEverything) {
  const std::string other = make_key();
  west.deny(1, "", "", {});
  EXPECT_EQ(decrypt(blob), denied(alice, "kms:Decrypt"));
  EXPECT_EQ(west.encrypt(bob, other, context, "x").error().code, "AccessDeniedException");
  Caller service = alice;
  service.via_service = "secretsmanager.us-west-2.amazonaws.com";
  EXPECT_EQ(west.generate_data_key(service, kManagedAlias, context).error().code,
            "AccessDeniedException");
}

TEST_F(FaultOverlaysTest, ATargetMayBeNamedInFourWays) {
  for (const std::string& target :
       {key, arn_of(key), std::string("alias/replica"), west.place().alias_arn("alias/replica")}) {
    west.force_state(1, target, v1::Disabled);
    EXPECT_EQ(decrypt(blob), disabled(key)) << target;
    west.lift(1);
    expect_as_before();
  }
}

TEST_F(FaultOverlaysTest, ATargetOfElsewhereIsNoTarget) {
  west.force_state(1, east.place().key_arn(key), v1::Disabled);
  west.deny(1, "alias/none", "", {});
  west.deny(1, "no name at all", "", {});
  expect_as_before();
}

TEST_F(FaultOverlaysTest, EachForcedStateSpeaksAsAwsDoes) {
  west.force_state(1, key, v1::Disabled);
  EXPECT_EQ(decrypt(blob), disabled(key));
  EXPECT_EQ(state(key), v1::Disabled);
  west.lift(1);
  west.force_state(2, key, v1::PendingDeletion);
  EXPECT_EQ(decrypt(blob), pending_deletion(key));
  EXPECT_EQ(outcome(west.enable_key(key)), pending_deletion(key));
  west.lift(2);
  west.force_state(3, key, v1::Deleted);
  EXPECT_EQ(decrypt(blob), kKeyNotHere);
  EXPECT_EQ(outcome(west.describe_key(key)), no_such_key(key));
  EXPECT_EQ(outcome(west.encrypt(alice, "alias/replica", context, "x")),
            no_such_alias("alias/replica"));
  EXPECT_TRUE(west.list_keys()->empty());
  EXPECT_TRUE(west.list_aliases()->empty());
  west.lift(3);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, OverlapsEndInAnyOrder) {
  west.force_state(1, key, v1::Disabled);
  west.force_state(2, key, v1::Deleted);
  west.force_state(3, key, v1::PendingDeletion);
  west.deny(4, key, "", {"kms:Decrypt"});
  EXPECT_EQ(decrypt(blob), kKeyNotHere);
  west.lift(2);
  EXPECT_EQ(decrypt(blob), denied(alice, "kms:Decrypt"));
  west.lift(4);
  EXPECT_EQ(decrypt(blob), pending_deletion(key));
  west.lift(3);
  EXPECT_EQ(decrypt(blob), disabled(key));
  west.lift(1);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, TheSameFaultTwiceIsLiftedTwice) {
  west.force_state(1, key, v1::Disabled);
  west.force_state(2, key, v1::Disabled);
  west.lift(1);
  EXPECT_EQ(decrypt(blob), disabled(key));
  west.lift(2);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, OneIdMayCarrySeveralFaults) {
  west.deny(1, key, "", {});
  west.force_state(1, key, v1::Disabled);
  west.fail_all(1, {"ThrottlingException", "slow down"});
  west.lift(1);
  expect_as_before();
  west.lift(1);
  west.lift(99);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, WhatTheUserDoesMeanwhileStays) {
  west.force_state(1, key, v1::Disabled);
  EXPECT_EQ(outcome(west.enable_key(key)), "ok");
  EXPECT_EQ(decrypt(blob), disabled(key)) << "the fault lasts";
  west.lift(1);
  EXPECT_EQ(decrypt(blob), "ok");

  west.force_state(2, key, v1::Disabled);
  (void)west.disable_key(key);
  west.lift(2);
  EXPECT_EQ(decrypt(blob), disabled(key)) << "the user has disabled it";
  (void)west.enable_key(key);

  west.force_state(3, key, v1::PendingDeletion);
  EXPECT_EQ(west.cancel_key_deletion(key)->state, v1::PendingDeletion);
  west.lift(3);
  EXPECT_EQ(state(key), v1::Disabled) << "as CancelKeyDeletion leaves it";
}

TEST_F(FaultOverlaysTest, AKeysOwnWorseStateShowsThrough) {
  (void)west.schedule_key_deletion(key, 7);
  west.force_state(1, key, v1::Disabled);
  EXPECT_EQ(decrypt(blob), pending_deletion(key));
}

TEST_F(FaultOverlaysTest, AFaultMayComeBeforeItsKey) {
  west.force_state(1, "alias/later", v1::Disabled);
  const std::string later = make_key("alias/later");
  EXPECT_EQ(outcome(west.encrypt(alice, later, context, "x")), disabled(later));
  west.force_state(2, kManagedAlias, v1::Deleted);
  EXPECT_EQ(outcome(west.resolve(kManagedAlias)), no_such_alias(kManagedAlias));
  EXPECT_EQ(outcome(west.resolve(kManagedAlias)), no_such_alias(kManagedAlias));
  west.lift(2);
  EXPECT_EQ(west.describe_key(kManagedAlias)->state, v1::Enabled);
  EXPECT_EQ(west.list_keys()->size(), 3U);
}

TEST_F(FaultOverlaysTest, ARepointedAliasIsAWayOut) {
  west.force_state(1, "alias/replica", v1::Disabled);
  const std::string healthy = make_key();
  EXPECT_EQ(outcome(west.update_alias("alias/replica", healthy)), "ok");
  EXPECT_EQ(outcome(west.encrypt(alice, "alias/replica", context, "x")), "ok");
  EXPECT_EQ(decrypt(blob), disabled(key)) << "the fault stays with its key";
}

TEST_F(FaultOverlaysTest, TheNameOfADeletedKeyStaysTaken) {
  west.force_state(1, key, v1::Deleted);
  EXPECT_EQ(west.create_key({.alias = "alias/replica"}).error().code, "AlreadyExistsException");
  EXPECT_EQ(outcome(west.update_alias("alias/replica", make_key())),
            no_such_alias("alias/replica"));
  EXPECT_EQ(outcome(west.delete_alias("alias/replica")), no_such_alias("alias/replica"));
  west.lift(1);
  EXPECT_EQ(*west.resolve("alias/replica"), arn_of(key));
}

TEST_F(FaultOverlaysTest, ARevokedKeyIsStillGrantedAndCannotBeUsed) {
  west.revoke(1, "alias/replica");
  EXPECT_EQ(outcome(west.authorize(alice, key, "kms:Decrypt")), "ok");
  EXPECT_EQ(decrypt(blob),
            "AccessDeniedException: User: " + alice.principal_arn +
                " is not authorized to perform: kms:Decrypt on resource: " + arn_of(key));
  EXPECT_EQ(west.generate_data_key(alice, key, context).error().code, "AccessDeniedException");
  EXPECT_EQ(outcome(west.encrypt(alice, make_key(), context, "x")), "ok") << "another key";
  west.revoke(2, "");
  west.lift(1);
  EXPECT_EQ(west.encrypt(alice, key, context, "x").error().code, "AccessDeniedException");
  west.lift(2);
  EXPECT_EQ(decrypt(blob), "ok");
}

TEST_F(FaultOverlaysTest, AHiddenKeyCannotBeNamedAndStillDecrypts) {
  west.hide_name(1, "alias/replica");
  for (const std::string& name : {key, arn_of(key), std::string("alias/replica")}) {
    EXPECT_EQ(west.encrypt(alice, name, context, "x").error().code, "NotFoundException") << name;
    EXPECT_EQ(west.describe_key(name).error().code, "NotFoundException") << name;
  }
  EXPECT_EQ(decrypt(blob), "ok");
  west.lift(1);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, AFailureIsTheAnswerToEveryCall) {
  west.fail_all(1, {"KMSInternalException", "down"});
  const std::string down = "KMSInternalException: down";
  EXPECT_EQ(decrypt(blob), down);
  EXPECT_EQ(decrypt(""), down) << "before the shape of the request";
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x")), down);
  EXPECT_EQ(outcome(west.generate_data_key(alice, key, context)), down);
  EXPECT_EQ(outcome(west.re_encrypt(alice, blob, context, key, context)), down);
  EXPECT_EQ(outcome(west.create_key({})), down);
  EXPECT_EQ(outcome(west.describe_key(key)), down);
  EXPECT_EQ(outcome(west.list_keys()), down);
  EXPECT_EQ(outcome(west.resolve(key)), down);
  EXPECT_EQ(outcome(west.authorize(alice, key, "kms:Decrypt")), down);
  EXPECT_EQ(outcome(west.enable_key(key)), down);
  EXPECT_EQ(outcome(west.disable_key(key)), down);
  EXPECT_EQ(outcome(west.schedule_key_deletion(key)), down);
  EXPECT_EQ(outcome(west.cancel_key_deletion(key)), down);
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), down);
  EXPECT_EQ(outcome(west.put_key_policy(key, {})), down);
  EXPECT_EQ(outcome(west.get_key_policy(key)), down);
  EXPECT_EQ(outcome(west.create_alias("alias/a", key)), down);
  EXPECT_EQ(outcome(west.update_alias("alias/a", key)), down);
  EXPECT_EQ(outcome(west.delete_alias("alias/a")), down);
  EXPECT_EQ(outcome(west.list_aliases()), down);
  EXPECT_EQ(outcome(west.key_of_blob(blob)), down);
  EXPECT_EQ(outcome(west.update_key_description(key, "")), down);
  EXPECT_EQ(outcome(west.get_key_policy_document(key)), down);
  EXPECT_EQ(outcome(west.list_key_policies(key)), down);
  EXPECT_EQ(outcome(west.tag_resource(key, {})), down);
  EXPECT_EQ(outcome(west.untag_resource(key, {})), down);
  EXPECT_EQ(outcome(west.list_resource_tags(key)), down);
  EXPECT_EQ(outcome(west.create_grant(alice, key, {})), down);
  EXPECT_EQ(outcome(west.list_grants(key)), down);
  EXPECT_EQ(outcome(west.list_retirable_grants("x")), down);
  EXPECT_EQ(outcome(west.retire_grant(alice, {})), down);
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, "x")), down);
  EXPECT_EQ(outcome(west.enable_key_rotation(key)), down);
  EXPECT_EQ(outcome(west.disable_key_rotation(key)), down);
  EXPECT_EQ(outcome(west.get_key_rotation_status(key)), down);
  EXPECT_EQ(outcome(west.list_key_rotations(key)), down);
  EXPECT_EQ(outcome(west.generate_data_key_without_plaintext(alice, key, context)), down);
  EXPECT_EQ(outcome(west.generate_random(1)), down);
  EXPECT_EQ(outcome(west.begin_replication(key, "us-east-1")), down);
  EXPECT_EQ(outcome(west.begin_update_primary(key, "us-east-1")), down);
  west.lift(1);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, OfSeveralFailuresTheFirstSpeaks) {
  west.fail_all(2, {"ThrottlingException", ""});
  west.fail_all(1, {"KMSInternalException", ""});
  EXPECT_EQ(decrypt(blob), "KMSInternalException");
  west.lift(1);
  EXPECT_EQ(decrypt(blob), "ThrottlingException");
  west.lift(2);
  expect_as_before();
}

TEST_F(FaultOverlaysTest, FaultsAreNotRememberedAndOutliveARestore) {
  west.force_state(1, key, v1::Disabled);
  EXPECT_EQ(deterministic_bytes(west.snapshot()), bytes_before);
  ASSERT_TRUE(west.restore(west.snapshot()).has_value());
  EXPECT_EQ(decrypt(blob), disabled(key));
  Kms fresh(kAccount, "us-west-2", environment);
  ASSERT_TRUE(fresh.restore(west.snapshot()).has_value());
  EXPECT_EQ(outcome(fresh.decrypt(alice, blob, context)), "ok");
  west.lift(1);
  expect_as_before();
}

using FaultOverlaysDeathTest = FaultOverlaysTest;

TEST_F(FaultOverlaysDeathTest, AFaultCannotMakeAKeyBetter) {
  EXPECT_DEATH(west.force_state(1, key, v1::Enabled), "a fault makes a key's state worse");
}

}  // namespace
}  // namespace faultline::kms
