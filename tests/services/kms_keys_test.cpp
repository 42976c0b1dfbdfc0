#include <gmock/gmock.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using testing::HasSubstr;

std::string about(std::string_view operation, std::string_view key) {
  return std::string(operation) + " { key_id: '" + std::string(key) + "' }";
}

TEST(KmsKeysTest, ShowsANewSymmetricKeyAsAwsDoes) {
  OtherCalls calls;
  const auto made = calls.kms_ok("create_key { description: 'for secrets' }").create_key();
  const v1::KeyMetadata& key = made.key_metadata();
  EXPECT_EQ(key.aws_account_id(), "123456789012");
  EXPECT_EQ(key.key_id().size(), 36U);
  EXPECT_EQ(key.arn(), calls.arn(key.key_id()));
  EXPECT_TRUE(key.enabled());
  EXPECT_EQ(key.description(), "for secrets");
  EXPECT_EQ(key.key_usage(), "ENCRYPT_DECRYPT");
  EXPECT_EQ(key.key_state(), "Enabled");
  EXPECT_FALSE(key.has_deletion_date());
  EXPECT_EQ(key.origin(), "AWS_KMS");
  EXPECT_EQ(key.key_manager(), "CUSTOMER");
  EXPECT_EQ(key.customer_master_key_spec(), "SYMMETRIC_DEFAULT");
  EXPECT_EQ(key.key_spec(), "SYMMETRIC_DEFAULT");
  ASSERT_EQ(key.encryption_algorithms_size(), 1);
  EXPECT_EQ(key.encryption_algorithms(0), "SYMMETRIC_DEFAULT");
  EXPECT_TRUE(key.has_multi_region());
  EXPECT_FALSE(key.multi_region());
  EXPECT_FALSE(key.has_multi_region_configuration());
  EXPECT_EQ(key.current_key_material_id().size(), 64U);
  EXPECT_GE(key.creation_date(), 1'767'225'600.0);
}

TEST(KmsKeysTest, RefusesKindsOfKeysThatAreNotEmulated) {
  OtherCalls calls;
  EXPECT_EQ(calls.kms_error("create_key { key_spec: 'HMAC_256' }"),
            "ValidationException: You must specify a KeyUsage value for all KMS keys except for "
            "symmetric encryption keys.");
  EXPECT_THAT(calls.kms_error("create_key { key_spec: 'RSA_2048' key_usage: 'SIGN_VERIFY' }"),
              HasSubstr("UnsupportedOperationException"));
  EXPECT_THAT(calls.kms_error("create_key { origin: 'EXTERNAL' }"),
              HasSubstr("UnsupportedOperationException"));
  EXPECT_THAT(calls.kms_error("create_key { key_usage: 'SIGN_VERIFY' }"),
              HasSubstr("ValidationException"));
  EXPECT_THAT(calls.kms_error("create_key { key_spec: 'SYMMETRIC_DEFAULT' "
                              "customer_master_key_spec: 'SYMMETRIC_DEFAULT' }"),
              HasSubstr("You cannot specify KeySpec and CustomerMasterKeySpec"));
}

TEST(KmsKeysTest, NamesWhatIsNotThere) {
  OtherCalls calls;
  const std::string id = "11111111-2222-3333-4444-555555555555";
  EXPECT_EQ(calls.kms_error(about("describe_key", id)),
            "NotFoundException: Key '" + calls.arn(id) + "' does not exist");
  EXPECT_EQ(calls.kms_error(about("describe_key", "mrk-fake")),
            "NotFoundException: Invalid keyId 'mrk-fake'");
  EXPECT_EQ(calls.kms_error(about("describe_key", "alias/no")),
            "NotFoundException: Alias " + calls.alias_arn("alias/no") + " is not found.");
  const std::string key = calls.create_key();
  EXPECT_EQ(calls.kms_error(about("describe_key", calls.arn(key)), kEast),
            "NotFoundException: Invalid arn us-west-2");
}

TEST(KmsKeysTest, DescribingTheManagedAliasMakesTheManagedKey) {
  OtherCalls calls;
  const v1::KeyMetadata key = calls.describe("alias/aws/secretsmanager");
  EXPECT_EQ(key.key_manager(), "AWS");
  EXPECT_THAT(calls.kms_error(about("disable_key", key.key_id())),
              HasSubstr("AccessDeniedException"));
}

TEST(KmsKeysTest, ManagementTakesNoAlias) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  calls.kms_ok("create_alias { alias_name: 'alias/db' target_key_id: '" + id + "' }");
  for (const char* operation :
       {"enable_key", "disable_key", "schedule_key_deletion", "get_key_policy", "list_grants",
        "enable_key_rotation", "rotate_key_on_demand", "list_resource_tags"}) {
    EXPECT_EQ(calls.kms_error(about(operation, "alias/db")),
              "NotFoundException: Invalid keyId 'alias/db'")
        << operation;
  }
  EXPECT_EQ(calls.describe("alias/db").key_id(), id);
}

TEST(KmsKeysTest, DisablingAndEnablingAreIdempotent) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  calls.kms_ok(about("disable_key", id));
  calls.kms_ok(about("disable_key", id));
  EXPECT_EQ(calls.describe(id).key_state(), "Disabled");
  EXPECT_FALSE(calls.describe(id).enabled());
  EXPECT_EQ(calls.kms_error("encrypt { key_id: '" + id + "' plaintext: 'x' }"),
            "DisabledException: " + calls.arn(id) + " is disabled.");
  calls.kms_ok(about("enable_key", id));
  calls.kms_ok(about("enable_key", id));
  EXPECT_TRUE(calls.describe(id).enabled());
}

TEST(KmsKeysTest, AKeyWaitsForItsDeletionAndIsGoneOnItsDay) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  const auto scheduled =
      calls.kms_ok("schedule_key_deletion { key_id: '" + id + "' pending_window_in_days: 7 }")
          .schedule_key_deletion();
  EXPECT_EQ(scheduled.key_id(), calls.arn(id));
  EXPECT_EQ(scheduled.key_state(), "PendingDeletion");
  EXPECT_EQ(scheduled.pending_window_in_days(), 7);
  EXPECT_TRUE(scheduled.has_deletion_date());
  EXPECT_EQ(calls.describe(id).deletion_date(), scheduled.deletion_date());
  EXPECT_EQ(calls.kms_error(about("enable_key", id)),
            "KMSInvalidStateException: " + calls.arn(id) + " is pending deletion.");
  // The wait is in the background: the world is at rest.
  calls.world().run_until_idle();
  EXPECT_EQ(calls.describe(id).key_state(), "PendingDeletion");
  calls.run_for(Duration::days(8));
  EXPECT_THAT(calls.told(v1::KEY_CHANGED), testing::ElementsAre("us-west-2 Deleted"));
  EXPECT_THAT(calls.kms_error(about("describe_key", id)), HasSubstr("does not exist"));
}

TEST(KmsKeysTest, ACancelledDeletionLeavesTheKeyDisabled) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  EXPECT_EQ(calls.kms_error(about("cancel_key_deletion", id)),
            "KMSInvalidStateException: " + calls.arn(id) + " is not pending deletion.");
  calls.kms_ok(about("schedule_key_deletion", id));
  EXPECT_EQ(calls.kms_ok(about("cancel_key_deletion", id)).cancel_key_deletion().key_id(),
            calls.arn(id));
  EXPECT_EQ(calls.describe(id).key_state(), "Disabled");
  calls.run_for(Duration::days(60));
  EXPECT_EQ(calls.describe(id).key_state(), "Disabled");
}

TEST(KmsKeysTest, TheWindowHasSevenToThirtyDays) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  EXPECT_EQ(
      calls.kms_error("schedule_key_deletion { key_id: '" + id + "' pending_window_in_days: 6 }"),
      "ValidationException: 1 validation error detected: Value '6' at 'pendingWindowInDays' failed "
      "to satisfy constraint: Member must have value greater than or equal to 7");
  const auto scheduled = calls.kms_ok(about("schedule_key_deletion", id)).schedule_key_deletion();
  EXPECT_EQ(scheduled.pending_window_in_days(), 30);
}

TEST(KmsKeysTest, KeepsADescription) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  calls.kms_ok("update_key_description { key_id: '" + id + "' description: 'new' }");
  EXPECT_EQ(calls.describe(id).description(), "new");
}

TEST(KmsKeysTest, KeepsTagsAndRefusesAmazons) {
  OtherCalls calls;
  const std::string id = calls.create_key("tags { tag_key: 'team' tag_value: 'db' }");
  calls.kms_ok("tag_resource { key_id: '" + id + "' tags { tag_key: 'env' tag_value: '' } }");
  const auto listed = calls.kms_ok(about("list_resource_tags", id)).list_resource_tags();
  ASSERT_EQ(listed.tags_size(), 2);
  EXPECT_EQ(listed.tags(0).tag_key(), "env");
  EXPECT_FALSE(listed.truncated());
  EXPECT_EQ(calls.kms_error("tag_resource { key_id: '" + id +
                            "' tags { tag_key: 'AWS:x' tag_value: '' } }"),
            "TagException: Tags beginning with aws: are reserved");
  EXPECT_EQ(calls.kms_error("create_key { tags { tag_key: 'a' tag_value: '1' } tags { tag_key: 'a' "
                            "tag_value: '2' } }"),
            "TagException: Duplicate tag keys");
  calls.kms_ok("untag_resource { key_id: '" + id + "' tag_keys: 'team' tag_keys: 'env' }");
  EXPECT_EQ(calls.kms_ok(about("list_resource_tags", id)).list_resource_tags().tags_size(), 0);
}

TEST(KmsKeysTest, RotatesOnDemandAndByTheCalendar) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  const std::string first = calls.describe(id).current_key_material_id();
  const auto off = calls.kms_ok(about("get_key_rotation_status", id)).get_key_rotation_status();
  EXPECT_FALSE(off.key_rotation_enabled());
  EXPECT_FALSE(off.has_rotation_period_in_days());
  EXPECT_FALSE(off.has_next_rotation_date());
  EXPECT_EQ(calls.kms_ok(about("rotate_key_on_demand", id)).rotate_key_on_demand().key_id(),
            calls.arn(id));
  const std::string second = calls.describe(id).current_key_material_id();
  EXPECT_NE(second, first);
  calls.kms_ok("enable_key_rotation { key_id: '" + id + "' rotation_period_in_days: 90 }");
  const auto on = calls.kms_ok(about("get_key_rotation_status", id)).get_key_rotation_status();
  EXPECT_EQ(on.rotation_period_in_days(), 90);
  EXPECT_TRUE(on.has_next_rotation_date());
  calls.run_for(Duration::days(91));
  EXPECT_NE(calls.describe(id).current_key_material_id(), second);
  EXPECT_THAT(calls.told(v1::KEY_CHANGED),
              testing::ElementsAre("us-west-2 MaterialRotated", "us-west-2 MaterialRotated"));
  const auto rotations = calls.kms_ok(about("list_key_rotations", id)).list_key_rotations();
  ASSERT_EQ(rotations.rotations_size(), 2);
  EXPECT_EQ(rotations.rotations(0).rotation_type(), "ON_DEMAND");
  EXPECT_EQ(rotations.rotations(1).rotation_type(), "AUTOMATIC");
  calls.kms_ok(about("disable_key_rotation", id));
}

TEST(KmsKeysTest, ACallTakesAsLongAsKmsSays) {
  OtherCalls calls(ServiceConfig{.kms_latency = Duration::millis(10)});
  const engine::Instant before = calls.world().now();
  calls.create_key();
  const Duration took = calls.world().now() - before;
  EXPECT_GE(took, Duration::millis(10));
  EXPECT_LE(took, Duration::millis(20));
}

}  // namespace
}  // namespace faultline::regions
