// Keys: their names, their states, their life.
#include "kms/kms.h"

#include <gtest/gtest.h>

#include "kms/policy.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

constexpr const char* kUnknownId = "1234abcd-12ab-34cd-56ef-1234567890ab";

TEST_F(KmsTest, ANewKmsHasNothingAndDrawsNoLuck) {
  EXPECT_TRUE(west.list_keys()->empty());
  EXPECT_TRUE(west.list_aliases()->empty());
  EXPECT_TRUE(environment.draws().empty());
}

TEST_F(KmsTest, ANewKeyIsEnabledAndDescribed) {
  const auto created = west.create_key({.description = "for replicas"});
  ASSERT_TRUE(created.has_value());
  EXPECT_TRUE(is_key_id(created->key_id));
  EXPECT_EQ(created->arn, "arn:aws:kms:us-west-2:111122223333:key/" + created->key_id);
  EXPECT_EQ(created->description, "for replicas");
  EXPECT_EQ(created->state, v1::Enabled);
  EXPECT_EQ(created->created_unix_ns, environment.now_unix_ns());
  EXPECT_EQ(created->deletion_unix_ns, 0);
  EXPECT_FALSE(created->aws_managed);
  EXPECT_EQ(created->current_key_material_id.size(), 64U);
}

TEST_F(KmsTest, AKeysLuckHangsOnItsNameAndNotOnItsTurn) {
  TestEnvironment other_environment;
  Kms other(kAccount, "us-west-2", other_environment);
  make_key("alias/one");
  const auto two = west.create_key({.alias = "alias/two"});
  EXPECT_EQ(other.create_key({.alias = "alias/two"})->key_id, two->key_id);
  EXPECT_EQ(other.describe_key("alias/two")->current_key_material_id, two->current_key_material_id);
}

TEST_F(KmsTest, KeysWithOneDescriptionAreDifferentKeys) {
  const auto first = west.create_key({.description = "same"});
  const auto second = west.create_key({.description = "same"});
  EXPECT_NE(first->key_id, second->key_id);
  EXPECT_NE(first->current_key_material_id, second->current_key_material_id);
  EXPECT_NE(make_key(), make_key());
}

TEST_F(KmsTest, AKeyIsFoundByIdArnAliasAndAliasArn) {
  const std::string key = make_key("alias/replica");
  for (const std::string& name :
       {key, arn_of(key), std::string("alias/replica"), west.place().alias_arn("alias/replica")}) {
    EXPECT_EQ(*west.resolve(name), arn_of(key)) << name;
    EXPECT_EQ(west.describe_key(name)->key_id, key) << name;
  }
}

TEST_F(KmsTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(outcome(west.resolve(kUnknownId)), no_such_key(kUnknownId));
  EXPECT_EQ(outcome(west.describe_key(arn_of(kUnknownId))), no_such_key(kUnknownId));
  EXPECT_EQ(outcome(west.resolve("alias/none")), no_such_alias("alias/none"));
  EXPECT_EQ(outcome(west.resolve("alias/aws/s3")), no_such_alias("alias/aws/s3"));
  EXPECT_EQ(outcome(west.resolve("none")), "NotFoundException: Invalid keyId 'none'");
}

TEST_F(KmsTest, AKeyLivesInOneRegion) {
  const std::string key = make_key("alias/replica");
  EXPECT_EQ(outcome(east.resolve(key)),
            "NotFoundException: Key '" + east.place().key_arn(key) + "' does not exist");
  EXPECT_EQ(outcome(east.resolve(arn_of(key))), "NotFoundException: Invalid arn us-west-2");
}

TEST_F(KmsTest, ManagementTakesNoAliases) {
  make_key("alias/replica");
  const std::string refused = "NotFoundException: Invalid keyId 'alias/replica'";
  EXPECT_EQ(outcome(west.enable_key("alias/replica")), refused);
  EXPECT_EQ(outcome(west.disable_key("alias/replica")), refused);
  EXPECT_EQ(outcome(west.schedule_key_deletion("alias/replica")), refused);
  EXPECT_EQ(outcome(west.cancel_key_deletion("alias/replica")), refused);
  EXPECT_EQ(outcome(west.rotate_key_on_demand("alias/replica")), refused);
  EXPECT_EQ(outcome(west.get_key_policy("alias/replica")), refused);
  EXPECT_EQ(outcome(west.put_key_policy("alias/replica", {})), refused);
  EXPECT_EQ(outcome(west.create_alias("alias/second", "alias/replica")), refused);
}

TEST_F(KmsTest, ListsKeysInTheOrderOfTheirIds) {
  for (int i = 0; i < 5; ++i) make_key();
  const auto keys = west.list_keys();
  ASSERT_EQ(keys->size(), 5U);
  for (std::size_t i = 1; i < keys->size(); ++i) {
    EXPECT_LT((*keys)[i - 1].key_id, (*keys)[i].key_id);
  }
}

TEST_F(KmsTest, ADescriptionHasALargestLength) {
  EXPECT_TRUE(west.create_key({.description = std::string(8192, 'x')}).has_value());
  EXPECT_EQ(outcome(west.create_key({.description = std::string(8193, 'x')})),
            "ValidationException: 1 validation error detected: Value at 'description' failed to "
            "satisfy constraint: Member must have length less than or equal to 8192");
}

// ---- states: AWS KMS Developer Guide, "Key states of AWS KMS keys" ------------------------------

TEST_F(KmsTest, ADisabledKeyDoesNothingUntilItIsEnabled) {
  const std::string key = make_key();
  const std::string blob = encrypt(key);
  EXPECT_EQ(outcome(west.disable_key(key)), "ok");
  EXPECT_EQ(outcome(west.disable_key(key)), "ok") << "idempotent";
  EXPECT_EQ(state(key), v1::Disabled);
  EXPECT_EQ(decrypt(blob), disabled(key));
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x")), disabled(key));
  EXPECT_EQ(outcome(west.generate_data_key(alice, key, context)), disabled(key));
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), disabled(key));
  EXPECT_EQ(outcome(west.enable_key(key)), "ok");
  EXPECT_EQ(outcome(west.enable_key(key)), "ok") << "idempotent";
  EXPECT_EQ(decrypt(blob), "ok");
}

TEST_F(KmsTest, AKeyThatWaitsForItsDeletionDoesNothing) {
  const std::string key = make_key("alias/replica");
  const std::string blob = encrypt(key);
  const auto scheduled = west.schedule_key_deletion(key, 7);
  ASSERT_TRUE(scheduled.has_value());
  EXPECT_EQ(scheduled->state, v1::PendingDeletion);
  EXPECT_EQ(scheduled->deletion_unix_ns,
            environment.now_unix_ns() + std::int64_t{7} * 24 * 3600 * 1'000'000'000);
  const std::string refused = pending_deletion(key);
  EXPECT_EQ(decrypt(blob), refused);
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x")), refused);
  EXPECT_EQ(outcome(west.generate_data_key(alice, key, context)), refused);
  EXPECT_EQ(outcome(west.enable_key(key)), refused);
  EXPECT_EQ(outcome(west.disable_key(key)), refused);
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), refused);
  EXPECT_EQ(outcome(west.schedule_key_deletion(key)), refused);
  EXPECT_EQ(outcome(west.create_alias("alias/second", key)), refused);
}

TEST_F(KmsTest, AKeyThatWaitsForItsDeletionCanStillBeReadAndItsAliasTaken) {
  const std::string key = make_key("alias/replica");
  (void)west.schedule_key_deletion(key);
  EXPECT_EQ(outcome(west.get_key_policy(key)), "ok");
  EXPECT_EQ(outcome(west.put_key_policy(key, *west.get_key_policy(key))), "ok");
  EXPECT_EQ(outcome(west.describe_key(key)), "ok");
  EXPECT_EQ(outcome(west.update_alias("alias/replica", make_key())), "ok");
  EXPECT_EQ(outcome(west.update_alias("alias/replica", key)), pending_deletion(key));
  EXPECT_EQ(outcome(west.delete_alias("alias/replica")), "ok");
}

TEST_F(KmsTest, ACancelledDeletionLeavesTheKeyDisabled) {
  const std::string key = make_key();
  const std::string blob = encrypt(key);
  const std::string not_pending =
      "KMSInvalidStateException: " + arn_of(key) + " is not pending deletion.";
  EXPECT_EQ(outcome(west.cancel_key_deletion(key)), not_pending);
  (void)west.schedule_key_deletion(key, 7);
  EXPECT_EQ(west.cancel_key_deletion(key)->state, v1::Disabled);
  EXPECT_EQ(west.describe_key(key)->deletion_unix_ns, 0);
  EXPECT_EQ(outcome(west.cancel_key_deletion(key)), not_pending);
  environment.advance_days(400);
  EXPECT_EQ(decrypt(blob), disabled(key));
  EXPECT_EQ(outcome(west.enable_key(key)), "ok");
  EXPECT_EQ(decrypt(blob), "ok");
}

TEST_F(KmsTest, AKeyIsGoneWhenItsDateHasComeAndNotBefore) {
  const std::string key = make_key("alias/replica");
  const std::string blob = encrypt(key);
  (void)west.schedule_key_deletion(key, 30);
  environment.advance_days(30);
  environment.advance_ns(-1);
  EXPECT_EQ(state(key), v1::PendingDeletion);
  environment.advance_ns(1);
  EXPECT_EQ(outcome(west.describe_key(key)), no_such_key(key));
  EXPECT_EQ(outcome(west.resolve("alias/replica")), no_such_alias("alias/replica"));
  EXPECT_EQ(decrypt(blob), kKeyNotHere);
  EXPECT_TRUE(west.list_keys()->empty());
  EXPECT_TRUE(west.list_aliases()->empty());
}

TEST_F(KmsTest, EachDeletionHasItsOwnDate) {
  const std::string late = make_key();
  const std::string soon = make_key();
  (void)west.schedule_key_deletion(late, 30);
  (void)west.schedule_key_deletion(soon, 7);
  environment.advance_days(7);
  EXPECT_EQ(outcome(west.describe_key(soon)), no_such_key(soon));
  EXPECT_EQ(outcome(west.describe_key(late)), "ok");
  environment.advance_days(23);
  EXPECT_EQ(outcome(west.describe_key(late)), no_such_key(late));
}

// A deleted key is not brought back by a clock that goes back, nor its id by a key of its name.
TEST_F(KmsTest, ADeletedKeyStaysDeleted) {
  const std::string key = make_key("alias/replica");
  const std::string blob = encrypt(key);
  (void)west.schedule_key_deletion(key, 7);
  environment.advance_days(7);
  EXPECT_EQ(outcome(west.describe_key(key)), no_such_key(key));
  environment.advance_days(-7);
  EXPECT_EQ(outcome(west.describe_key(key)), no_such_key(key));
  EXPECT_NE(make_key("alias/replica"), key);
  EXPECT_EQ(decrypt(blob), kKeyNotHere);
}

TEST_F(KmsTest, DeletionWindowsAreSevenToThirtyDays) {
  const std::string key = make_key();
  const std::string start = "ValidationException: 1 validation error detected: Value '";
  const std::string middle =
      "' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value ";
  EXPECT_EQ(outcome(west.schedule_key_deletion(key, 6)),
            start + "6" + middle + "greater than or equal to 7");
  EXPECT_EQ(outcome(west.schedule_key_deletion(key, 31)),
            start + "31" + middle + "less than or equal to 30");
  EXPECT_EQ(state(key), v1::Enabled);
  EXPECT_EQ(outcome(west.schedule_key_deletion(key, 30)), "ok");
}

// ---- rotation: AWS KMS Developer Guide, "Rotate AWS KMS keys" -----------------------------------

TEST_F(KmsTest, ARotatedKeyOpensOldAndNew) {
  const std::string key = make_key();
  const auto before = west.describe_key(key);
  const std::string old_blob = encrypt(key);
  const auto after = west.rotate_key_on_demand(key);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->arn, before->arn);
  EXPECT_NE(after->current_key_material_id, before->current_key_material_id);
  const std::string new_blob = encrypt(key);
  EXPECT_NE(new_blob, old_blob);
  EXPECT_EQ(to_hex(parse_blob(old_blob)->material_id), before->current_key_material_id);
  EXPECT_EQ(to_hex(parse_blob(new_blob)->material_id), after->current_key_material_id);
  EXPECT_EQ(decrypt(old_blob), "ok");
  EXPECT_EQ(decrypt(new_blob), "ok");
}

TEST_F(KmsTest, AKeyRotatesTwentyFiveTimes) {
  const std::string key = make_key();
  const std::string blob = encrypt(key);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)),
            "LimitExceededException: The on-demand rotations limit has been reached for the given "
            "keyId. No more on-demand rotations can be performed for this key: " +
                arn_of(key));
  EXPECT_EQ(decrypt(blob), "ok");
}

// ---- policies -----------------------------------------------------------------------------------

TEST_F(KmsTest, ANewKeyServesItsAccountOnly) {
  const std::string key = make_key();
  const Caller stranger{.principal_arn = "arn:aws:iam::444455556666:user/mallory"};
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x")), "ok");
  EXPECT_EQ(outcome(west.encrypt(Caller{}, key, context, "x")), "ok") << "the account's root";
  EXPECT_EQ(outcome(west.encrypt(stranger, key, context, "x")),
            "AccessDeniedException: User: arn:aws:iam::444455556666:user/mallory is not authorized "
            "to perform: kms:Encrypt on resource: " +
                arn_of(key) + " because no resource-based policy allows the kms:Encrypt action");
}

TEST_F(KmsTest, AKeyPolicyIsPutReadAndObeyed) {
  const std::string key = make_key();
  v1::Policy policy = *west.get_key_policy(key);
  EXPECT_EQ(policy.SerializeAsString(),
            default_key_policy("arn:aws:iam::111122223333:root").SerializeAsString());
  auto& deny = *policy.add_statements();
  deny.set_effect(v1::Policy::Statement::Deny);
  deny.add_principals(bob.principal_arn);
  deny.add_actions("kms:Decrypt");
  EXPECT_EQ(outcome(west.put_key_policy(key, policy)), "ok");
  EXPECT_EQ(west.get_key_policy(key)->SerializeAsString(), policy.SerializeAsString());
  const std::string blob = encrypt(key);
  EXPECT_EQ(decrypt(blob), "ok");
  EXPECT_EQ(outcome(west.decrypt(bob, blob, context)),
            "AccessDeniedException: User: arn:aws:iam::111122223333:user/bob is not authorized to "
            "perform: kms:Decrypt on resource: " +
                arn_of(key) + " with an explicit deny in a resource-based policy");
  EXPECT_EQ(outcome(west.encrypt(bob, key, context, "x")), "ok");
  EXPECT_EQ(outcome(west.authorize(bob, key, "kms:DescribeKey")), "ok");
  EXPECT_EQ(west.authorize(bob, key, "kms:Decrypt").error().code, "AccessDeniedException");
}

TEST_F(KmsTest, AKeyMayBeMadeWithAPolicy) {
  v1::Policy nobody;
  const auto key = west.create_key({.policy = &nobody});
  EXPECT_EQ(west.encrypt(alice, key->key_id, context, "x").error().code, "AccessDeniedException");
  v1::Policy malformed;
  malformed.add_statements();
  EXPECT_EQ(west.create_key({.policy = &malformed}).error().code,
            "MalformedPolicyDocumentException");
  EXPECT_EQ(west.put_key_policy(key->key_id, malformed).error().code,
            "MalformedPolicyDocumentException");
  EXPECT_EQ(west.list_keys()->size(), 1U);
}

}  // namespace
}  // namespace faultline::kms
