// The AWS managed key for secrets: made when it is first named, used only through Secrets Manager.
// Source  AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets
// Manager".
#include <gtest/gtest.h>

#include "kms/kms.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

class ManagedKeyTest : public KmsTest {
 protected:
  const Caller through_west{.principal_arn = alice.principal_arn,
                            .via_service = "secretsmanager.us-west-2.amazonaws.com"};
};

TEST_F(ManagedKeyTest, ExistsFromTheFirstTimeItIsNamed) {
  EXPECT_TRUE(west.list_keys()->empty());
  const auto arn = west.resolve(kManagedAlias);
  ASSERT_TRUE(arn.has_value());
  EXPECT_EQ(*west.resolve(kManagedAlias), *arn);
  EXPECT_EQ(*west.resolve(west.place().alias_arn(kManagedAlias)), *arn);
  EXPECT_EQ(west.list_keys()->size(), 1U);
  EXPECT_TRUE(west.describe_key(*arn)->aws_managed);
  EXPECT_EQ(west.list_aliases()->front().name, kManagedAlias);
}

TEST_F(ManagedKeyTest, IsMadeByTheFirstUseToo) {
  EXPECT_EQ(outcome(west.generate_data_key(through_west, kManagedAlias, context)), "ok");
  EXPECT_EQ(west.list_keys()->size(), 1U);
}

TEST_F(ManagedKeyTest, EachRegionHasItsOwn) {
  EXPECT_NE(west.describe_key(kManagedAlias)->key_id, east.describe_key(kManagedAlias)->key_id);
}

TEST_F(ManagedKeyTest, WorksThroughSecretsManagerOfItsRegionOnly) {
  const auto data_key = west.generate_data_key(through_west, kManagedAlias, context);
  ASSERT_TRUE(data_key.has_value());
  const std::string denied =
      "AccessDeniedException: User: arn:aws:iam::111122223333:user/alice is not authorized to "
      "perform: kms:Decrypt on resource: " +
      data_key->key_arn + " because no resource-based policy allows the kms:Decrypt action";
  EXPECT_EQ(outcome(west.decrypt(through_west, data_key->blob, context)), "ok");
  EXPECT_EQ(outcome(west.decrypt(alice, data_key->blob, context)), denied);
  Caller through_east = through_west;
  through_east.via_service = "secretsmanager.us-east-1.amazonaws.com";
  EXPECT_EQ(outcome(west.decrypt(through_east, data_key->blob, context)), denied);
}

TEST_F(ManagedKeyTest, ServesTheAccountOnly) {
  Caller stranger = through_west;
  stranger.principal_arn = "arn:aws:iam::444455556666:user/mallory";
  EXPECT_EQ(west.generate_data_key(stranger, kManagedAlias, context).error().code,
            "AccessDeniedException");
}

TEST_F(ManagedKeyTest, IsNotTheUsersToChange) {
  const std::string key = west.describe_key(kManagedAlias)->key_id;
  const auto denied = [&](std::string_view action) {
    return "AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized to "
           "perform: " +
           std::string(action) + " on resource: " + arn_of(key) +
           " because no resource-based policy allows the " + std::string(action) + " action";
  };
  EXPECT_EQ(outcome(west.disable_key(key)), denied("kms:DisableKey"));
  EXPECT_EQ(outcome(west.enable_key(key)), denied("kms:EnableKey"));
  EXPECT_EQ(outcome(west.schedule_key_deletion(key)), denied("kms:ScheduleKeyDeletion"));
  EXPECT_EQ(outcome(west.cancel_key_deletion(key)), denied("kms:CancelKeyDeletion"));
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), denied("kms:RotateKeyOnDemand"));
  EXPECT_EQ(outcome(west.put_key_policy(key, {})), denied("kms:PutKeyPolicy"));
  EXPECT_EQ(outcome(west.create_alias("alias/mine", key)), denied("kms:CreateAlias"));
  make_key("alias/replica");
  EXPECT_EQ(outcome(west.update_alias("alias/replica", key)), denied("kms:UpdateAlias"));
}

TEST_F(ManagedKeyTest, CanBeRead) {
  const std::string key = west.describe_key(kManagedAlias)->key_id;
  EXPECT_EQ(outcome(west.get_key_policy(key)), "ok");
  EXPECT_EQ(outcome(west.authorize(alice, key, "kms:DescribeKey")), "ok");
  EXPECT_EQ(west.authorize(alice, key, "kms:Decrypt").error().code, "AccessDeniedException");
}

TEST_F(ManagedKeyTest, IsRememberedAndNotMadeTwice) {
  const std::string key = west.describe_key(kManagedAlias)->key_id;
  Kms again(kAccount, "us-west-2", environment);
  ASSERT_TRUE(again.restore(west.snapshot()).has_value());
  EXPECT_EQ(again.describe_key(kManagedAlias)->key_id, key);
  EXPECT_EQ(again.list_keys()->size(), 1U);
}

}  // namespace
}  // namespace faultline::kms
