#include <gtest/gtest.h>

#include "regions/arn.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class CreateSecretTest : public testing::Test {
 protected:
  SecretsApi api_;
};

TEST_F(CreateSecretTest, AnswersWithArnNameAndVersion) {
  const v1::CreateSecretResponse made =
      api_.ok("create_secret { name: 'production/DBWest' client_request_token: 'v1' "
              "secret_string: 'hunter2' }")
          .create_secret();
  EXPECT_EQ(made.name(), "production/DBWest");
  EXPECT_EQ(made.version_id(), full_token("v1"));
  EXPECT_TRUE(made.replication_status().empty());
  const auto arn = parse_secret_arn(made.arn());
  ASSERT_TRUE(arn.has_value());
  EXPECT_EQ(arn->region, kWest);
  EXPECT_EQ(arn->account, "123456789012");
  EXPECT_EQ(arn->resource.size(), std::string("production/DBWest-AbCdEf").size());
  EXPECT_EQ(api_.value("production/DBWest"), "hunter2");
}

TEST_F(CreateSecretTest, KeepsBinaryAsItIs) {
  api_.ok(R"(create_secret { name: 'db' secret_binary: '\000\001\377' })");
  const v1::GetSecretValueResponse got =
      api_.ok("get_secret_value { secret_id: 'db' }").get_secret_value();
  EXPECT_EQ(got.secret_binary(), std::string("\0\1\377", 3));
  EXPECT_FALSE(got.has_secret_string());
}

TEST_F(CreateSecretTest, DrawsTheSuffixByNameAndSeed) {
  api_.ok("create_secret { name: 'one' }");
  SecretsApi other;
  other.ok("create_secret { name: 'two' }");
  other.ok("create_secret { name: 'one' }");
  EXPECT_EQ(api_.arn("one"), other.arn("one"));
  EXPECT_NE(other.arn("one").substr(other.arn("one").size() - 6),
            other.arn("two").substr(other.arn("two").size() - 6));
}

TEST_F(CreateSecretTest, PutsTheReplicasInProgress) {
  const v1::CreateSecretResponse made =
      api_.ok("create_secret { name: 'db' secret_string: 'x' "
              "add_replica_regions { region: 'us-east-1' } "
              "add_replica_regions { region: 'ap-south-1' kms_key_id: 'alias/r' } }")
          .create_secret();
  ASSERT_EQ(made.replication_status_size(), 2);
  const v1::ReplicationStatusType& first = made.replication_status(0);
  EXPECT_EQ(first.region(), "us-east-1");
  EXPECT_EQ(first.kms_key_id(), "alias/aws/secretsmanager");
  EXPECT_EQ(first.status(), "InProgress");
  EXPECT_FALSE(first.has_status_message());
  EXPECT_EQ(made.replication_status(1).kms_key_id(), "alias/r");
}

TEST_F(CreateSecretTest, ChecksItsParametersInOrder) {
  EXPECT_EQ(api_.error("create_secret {}"),
            "ValidationException: 1 validation error detected: Value null at 'name' failed to "
            "satisfy constraint: Member must not be null");
  EXPECT_EQ(api_.error("create_secret { name: 'a b' secret_string: 'x' secret_binary: 'x' }"),
            "ValidationException: Invalid name. Must be a valid name containing alphanumeric "
            "characters, or any of the following: -/_+=.@!");
  v1::ApiRequest request =
      parse_request("create_secret { name: 'db' secret_string: 'x' secret_binary: 'x' }");
  EXPECT_EQ(api_.call(request).error().code, "InvalidParameterException");
  request.mutable_create_secret()->clear_secret_binary();
  EXPECT_EQ(api_.call(request).error(),
            invalid_request("You must provide a ClientRequestToken value. We recommend a "
                            "UUID-type value."));
}

TEST_F(CreateSecretTest, RefusesItsOwnRegionAndCreatesNothing) {
  EXPECT_EQ(api_.error("create_secret { name: 'db' add_replica_regions { region: 'us-east-1' } "
                       "add_replica_regions { region: 'us-west-2' } }"),
            "InvalidParameterException: Invalid replica region.");
  EXPECT_EQ(api_.error("describe_secret { secret_id: 'db' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

// ---- the same call again ------------------------------------------------------------------------

constexpr const char* kFirst =
    "create_secret { name: 'db' client_request_token: 'v1' secret_string: 'x' }";

TEST_F(CreateSecretTest, RepeatedWithTokenAndValueAnswersTheSame) {
  const std::string first = api_.ok(kFirst).SerializeAsString();
  EXPECT_EQ(api_.ok(kFirst).SerializeAsString(), first);
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT");
}

TEST_F(CreateSecretTest, RepeatedWithAnotherValueIsRefused) {
  api_.ok(kFirst);
  const std::string in_use =
      "ResourceExistsException: You can't use ClientRequestToken " + full_token("v1") +
      " because that value is already in use for a version of secret " + api_.arn() + ".";
  EXPECT_EQ(
      api_.error("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'y' }"),
      in_use);
  EXPECT_EQ(
      api_.error("create_secret { name: 'db' client_request_token: 'v1' secret_binary: 'x' }"),
      in_use);
  EXPECT_EQ(api_.error("create_secret { name: 'db' client_request_token: 'v1' }"), in_use);
}

TEST_F(CreateSecretTest, OfANameThatExistsIsRefused) {
  api_.ok(kFirst);
  EXPECT_EQ(
      api_.error("create_secret { name: 'db' client_request_token: 'v2' secret_string: 'x' }"),
      "ResourceExistsException: The operation failed because the secret db already exists.");
}

TEST_F(CreateSecretTest, OfANameThatWaitsForItsDeletionIsRefused) {
  api_.ok(kFirst);
  api_.ok("delete_secret { secret_id: 'db' }");
  EXPECT_EQ(api_.error(kFirst),
            "InvalidRequestException: You can't create this secret because a secret with this "
            "name is already scheduled for deletion.");
}

TEST_F(CreateSecretTest, OfANameThatAReplicaHasIsRefused) {
  api_.ok(
      "create_secret { name: 'db' client_request_token: 'v1' secret_string: 'x' "
      "add_replica_regions { region: 'us-east-1' } }");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.error(kFirst, kEast),
            "ResourceExistsException: The operation failed because the secret db already exists.");
}

// ---- keys ---------------------------------------------------------------------------------------

TEST_F(CreateSecretTest, ValidatesAKeyOfItsOwnAndNotTheManagedOne) {
  api_.make_key("alias/mine");
  api_.ok("create_secret { name: 'one' secret_string: 'x' }");
  EXPECT_EQ(api_.kms_calls(), "GenerateDataKey");
  api_.ok("create_secret { name: 'two' secret_string: 'x' kms_key_id: 'alias/mine' }");
  EXPECT_EQ(api_.kms_calls(), "GenerateDataKey Decrypt GenerateDataKey");
  api_.ok("create_secret { name: 'three' kms_key_id: 'alias/mine' }");
  EXPECT_EQ(api_.kms_calls(), "GenerateDataKey Decrypt");
}

TEST_F(CreateSecretTest, RefusesAKeyThatIsNotThere) {
  EXPECT_EQ(api_.error("create_secret { name: 'db' kms_key_id: 'alias/no' }"),
            "InvalidParameterException: The operation failed because of an invalid KMS key: "
            "Invalid keyId");
  EXPECT_EQ(api_.value(), "<ResourceNotFoundException>");
}

TEST_F(CreateSecretTest, RefusesAKeyOfAnotherRegion) {
  const std::string key = api_.make_key("alias/mine", kEast);
  EXPECT_EQ(api_.error("create_secret { name: 'db' kms_key_id: '" + key + "' }"),
            "InvalidParameterException: The operation failed because of an invalid KMS key: "
            "Invalid keyId");
}

TEST_F(CreateSecretTest, ForgetsTheNameOfTheManagedKey) {
  api_.ok("create_secret { name: 'db' secret_string: 'x' kms_key_id: 'alias/aws/secretsmanager' }");
  EXPECT_FALSE(api_.describe().has_kms_key_id());
}

}  // namespace
}  // namespace faultline::regions
