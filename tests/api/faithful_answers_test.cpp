// What a review of the operations against AWS's documentation and recorded answers found to differ,
// each as a test.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "proto/trace.pb.h"
#include "regions/api/list_filters.h"
#include "regions/inspector.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class FaithfulAnswersTest : public testing::Test {
 protected:
  void create(const std::string& more = "") {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' " + more +
            " }");
  }

  SecretsApi api_;
};

// ---- Type ---------------------------------------------------------------------------------------

TEST_F(FaithfulAnswersTest, TypeIsKeptAndShown) {
  create("type: 'SalesforceClientSecret'");
  EXPECT_EQ(api_.describe().type(), "SalesforceClientSecret");
  EXPECT_EQ(api_.ok("list_secrets {}").list_secrets().secret_list(0).type(),
            "SalesforceClientSecret");
  api_.ok("update_secret { secret_id: 'db' type: 'BigIDClientSecret' }");
  EXPECT_EQ(api_.describe().type(), "BigIDClientSecret");
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT");
}

TEST_F(FaithfulAnswersTest, TypeIsAbsentWithoutOne) {
  create();
  EXPECT_FALSE(api_.describe().has_type());
}

TEST_F(FaithfulAnswersTest, TypeReachesReplicasAndIsNotChangedThere) {
  create("type: 'first' add_replica_regions { region: 'us-east-1' }");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.describe("db", kEast).type(), "first");
  EXPECT_EQ(api_.error("update_secret { secret_id: 'db' type: 'other' }", kEast),
            "InvalidParameterException: Operation not permitted on a replica secret. Call must be "
            "made in primary secret's region.");
  api_.ok("update_secret { secret_id: 'db' type: 'second' }");
  EXPECT_NE(api_.world().convergence_gap("db"), "");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.describe("db", kEast).type(), "second");
  EXPECT_EQ(api_.world().convergence_gap("db"), "");
}

TEST_F(FaithfulAnswersTest, TypeHasAtMost256Characters) {
  const std::string longest(256, 't');
  create("type: '" + longest + "'");
  const std::string refused =
      "ValidationException: 1 validation error detected: Value '" + longest + "t" +
      "' at 'type' failed to satisfy constraint: Member must have length less than or equal to "
      "256";
  EXPECT_EQ(api_.error("update_secret { secret_id: 'db' type: '" + longest + "t' }"), refused);
  EXPECT_EQ(api_.error("create_secret { name: 'other' type: '" + longest + "t' }"), refused);
}

// ---- a call that loses its secret half-way ------------------------------------------------------

// Answers what a write is told while its secret is deleted under it.
class LostHalfwayTest : public FaithfulAnswersTest {
 protected:
  std::string told(const std::string& write, bool made_again) {
    create();
    std::optional<Result<v1::ApiResponse>> answer;
    api_.world().call(kWest, "admin", parse_request(write),
                      [&answer](Result<v1::ApiResponse> result) { answer = std::move(result); });
    // It waits for KMS now, which takes milliseconds; the deletion takes the time of one sync.
    EXPECT_FALSE(answer.has_value());
    api_.ok("delete_secret { secret_id: 'db' force_delete_without_recovery: true }");
    EXPECT_FALSE(answer.has_value());
    if (made_again) api_.ok("create_secret { name: 'db' }");
    api_.world().run_until_idle();
    if (!answer) return "nothing";
    return answer->has_value() ? "OK" : answer->error().code + ": " + answer->error().message;
  }
};

TEST_F(LostHalfwayTest, IsToldThatItWasDeleted) {
  EXPECT_EQ(told("put_secret_value { secret_id: 'db' client_request_token: 'v2' "
                 "secret_string: 'two' }",
                 false),
            "InvalidRequestException: You can't perform this operation on the secret because it "
            "was deleted.");
}

TEST_F(LostHalfwayTest, WritesToTheSecretThatHasTakenItsName) {
  EXPECT_EQ(told("put_secret_value { secret_id: 'db' client_request_token: 'v2' "
                 "secret_string: 'two' }",
                 true),
            "OK");
  EXPECT_EQ(api_.labels(), "v2: AWSCURRENT");
}

TEST_F(FaithfulAnswersTest, ASecretThatWasNeverThereIsNotFound) {
  EXPECT_EQ(api_.error("put_secret_value { secret_id: 'db' secret_string: 'two' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

// ---- members that were not looked at ------------------------------------------------------------

TEST_F(FaithfulAnswersTest, RotationTokensHaveALengthAndAreNotQuoted) {
  create();
  EXPECT_EQ(api_.error("put_secret_value { secret_id: 'db' secret_string: 'two' "
                       "rotation_token: 'short-and-secret' }"),
            "ValidationException: 1 validation error detected: Value at 'rotationToken' failed to "
            "satisfy constraint: Member must have length greater than or equal to 36");
  api_.ok("put_secret_value { secret_id: 'db' secret_string: 'two' rotation_token: '" +
          std::string(36, 'r') + "' }");
}

TEST_F(FaithfulAnswersTest, KeysOfReplicasHaveALength) {
  const std::string key(2'049, 'k');
  const std::string replica =
      "add_replica_regions { region: 'us-east-1' kms_key_id: '" + key + "' }";
  const std::string refused =
      "ValidationException: 1 validation error detected: Value '" + key +
      "' at 'addReplicaRegions.1.member.kmsKeyId' failed to satisfy constraint: Member must have "
      "length less than or equal to 2048";
  EXPECT_EQ(api_.error("create_secret { name: 'db' " + replica + " }"), refused);
  create();
  EXPECT_EQ(api_.error("replicate_secret_to_regions { secret_id: 'db' " + replica + " }"), refused);
}

// ---- filters ------------------------------------------------------------------------------------

TEST_F(FaithfulAnswersTest, OwningServiceIsAPrefixInEitherCase) {
  api::Listed listed;
  listed.secret.set_name("rds!cluster-1");
  v1::Filter filter;
  filter.set_key("owning-service");
  filter.add_values("RDS");
  EXPECT_FALSE(api::matches(filter, listed)) << "nobody owns it";
  listed.secret.set_owning_service("rds");
  EXPECT_TRUE(api::matches(filter, listed));
  filter.set_values(0, "ds");
  EXPECT_FALSE(api::matches(filter, listed));
  filter.set_values(0, "!rds");
  EXPECT_FALSE(api::matches(filter, listed));
}

// ---- what was right already, and had no test ----------------------------------------------------

TEST_F(FaithfulAnswersTest, PartialArnsFindNamesThatDoNotLookComplete) {
  for (const char* name : {"X", "X-a1b2", "X-a1b2c3-", "X-a1b2c3"}) {
    api_.ok("create_secret { name: '" + std::string(name) + "' }");
  }
  const std::string base = "arn:aws:secretsmanager:us-west-2:123456789012:secret:";
  for (const char* name : {"X", "X-a1b2", "X-a1b2c3-"}) {
    EXPECT_EQ(api_.describe(base + name).name(), name);
  }
  EXPECT_EQ(api_.error("describe_secret { secret_id: '" + base + "X-a1b2c3' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

TEST_F(FaithfulAnswersTest, InvalidNamesAreRefusedBeforeAnythingIsLookedUp) {
  const std::string invalid =
      "ValidationException: Invalid name. Must be a valid name containing alphanumeric "
      "characters, or any of the following: -/_+=.@!";
  const std::string id = "{ secret_id: 'no such name' ";
  EXPECT_EQ(api_.error("create_secret { name: 'no such name' }"), invalid);
  for (const char* request :
       {"delete_secret", "describe_secret", "get_secret_value", "list_secret_version_ids",
        "restore_secret", "stop_replication_to_replica"}) {
    EXPECT_EQ(api_.error(request + (" " + id) + "}"), invalid) << request;
  }
  EXPECT_EQ(api_.error("put_secret_value " + id + "secret_string: 'x' }"), invalid);
  EXPECT_EQ(api_.error("update_secret " + id + "}"), invalid);
  EXPECT_EQ(api_.error("tag_resource " + id + "tags { key: 'k' } }"), invalid);
  EXPECT_EQ(api_.error("untag_resource " + id + "tag_keys: 'k' }"), invalid);
  EXPECT_EQ(api_.error("update_secret_version_stage " + id +
                       "version_stage: 'A' move_to_version_id: 'v1' }"),
            invalid);
}

TEST_F(FaithfulAnswersTest, AMissingTokenIsToldBeforeAMissingSecret) {
  const auto without_token = [this](std::string_view text) {
    const auto answer = api_.call(parse_request(text));
    return answer ? "OK" : answer.error().code + ": " + answer.error().message;
  };
  const std::string missing =
      "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a "
      "UUID-type value.";
  EXPECT_EQ(without_token("create_secret { name: 'db' secret_string: 'x' }"), missing);
  EXPECT_EQ(without_token("put_secret_value { secret_id: 'none' secret_string: 'x' }"), missing);
  EXPECT_EQ(without_token("update_secret { secret_id: 'none' }"), missing);
}

TEST_F(FaithfulAnswersTest, AWindowBesideForceThatIsOffIsAccepted) {
  create();
  api_.ok(
      "delete_secret { secret_id: 'db' recovery_window_in_days: 7 "
      "force_delete_without_recovery: false }");
  EXPECT_NEAR(api_.describe().deleted_date(), api_.now_seconds() + 7 * 86'400.0, 1.0);
}

TEST_F(FaithfulAnswersTest, LastChangedMovesWithWritesOfTheSameValueAndNotWithReads) {
  create();
  const double made = api_.describe().last_changed_date();
  api_.world().run_for(engine::Duration::seconds(5));
  api_.value();
  EXPECT_EQ(api_.describe().last_changed_date(), made);
  api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v1' secret_string: 'one' }");
  EXPECT_EQ(api_.describe().last_changed_date(), made) << "a repeated call changes nothing";
  api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'one' }");
  EXPECT_GE(api_.describe().last_changed_date(), made + 5.0);
}

TEST_F(FaithfulAnswersTest, ReplicasTellOfThePrimaryAndNotOfOtherReplicas) {
  create("add_replica_regions { region: 'us-east-1' }");
  api_.world().run_until_idle();
  const v1::DescribeSecretResponse replica = api_.describe("db", kEast);
  EXPECT_EQ(replica.primary_region(), "us-west-2");
  EXPECT_EQ(replica.replication_status_size(), 0);
  EXPECT_EQ(api_.describe("db", kWest).primary_region(), "us-west-2");
  const auto listed = api_.ok("list_secrets {}", kEast).list_secrets();
  EXPECT_EQ(listed.secret_list(0).primary_region(), "us-west-2");
}

TEST_F(FaithfulAnswersTest, VersionsNameTheirKeysNewestFirst) {
  const std::string key = api_.make_key("alias/app");
  create();
  const auto keys = [this] {
    const v1::ApiResponse answer = api_.ok("list_secret_version_ids { secret_id: 'db' }");
    std::string text;
    for (const std::string& id : answer.list_secret_version_ids().versions(0).kms_key_ids()) {
      text += id + ";";
    }
    return text;
  };
  EXPECT_EQ(keys(), "DefaultEncryptionKey;");
  api_.ok("update_secret { secret_id: 'db' kms_key_id: 'alias/app' }");
  EXPECT_EQ(keys(), key + ";DefaultEncryptionKey;");
}

}  // namespace
}  // namespace faultline::regions
