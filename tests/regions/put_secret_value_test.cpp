#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class PutSecretValueTest : public testing::Test {
 protected:
  PutSecretValueTest() {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
    api_.kms_calls();
  }
  std::string put(const std::string& more) {
    return api_.error("put_secret_value { secret_id: 'db' " + more + " }");
  }
  [[nodiscard]] std::string in_use(const std::string& token) {
    return "ResourceExistsException: You can't use ClientRequestToken " + full_token(token) +
           " because that value is already in use for a version of secret " + api_.arn() + ".";
  }

  SecretsApi api_;
};

TEST_F(PutSecretValueTest, MakesAVersionCurrent) {
  const v1::PutSecretValueResponse answer =
      api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v2' "
              "secret_string: 'two' }")
          .put_secret_value();
  EXPECT_EQ(answer.arn(), api_.arn());
  EXPECT_EQ(answer.name(), "db");
  EXPECT_EQ(answer.version_id(), full_token("v2"));
  EXPECT_EQ(api_.value(), "two");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(api_.value("db", kWest, "version_stage: 'AWSPREVIOUS'"), "one");
}

TEST_F(PutSecretValueTest, FindsTheSecretByNameArnAndPartialArn) {
  const std::string arn = api_.arn();
  for (const std::string& id : {std::string("db"), arn, arn.substr(0, arn.size() - 7)}) {
    EXPECT_EQ(api_.error("put_secret_value { secret_id: '" + id + "' secret_string: 'x' }"), "OK");
  }
  std::string wrong = arn;
  wrong.back() = wrong.back() == 'x' ? 'y' : 'x';
  EXPECT_EQ(api_.error("put_secret_value { secret_id: '" + wrong + "' secret_string: 'x' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

TEST_F(PutSecretValueTest, ChecksItsParametersInOrder) {
  EXPECT_TRUE(api_.error("put_secret_value { secret_string: 'x' }")
                  .starts_with("ValidationException: 1 validation error detected: Value null at "
                               "'secretId'"));
  EXPECT_EQ(put("secret_string: 'x' secret_binary: 'x'"),
            "InvalidParameterException: You can't specify both a binary secret value and a string "
            "secret value in the same secret.");
  EXPECT_EQ(put(""),
            "InvalidRequestException: You must provide either SecretString or "
            "SecretBinary.");
  // Before anything is looked up.
  EXPECT_EQ(
      api_.call(parse_request("put_secret_value { secret_id: 'no' secret_string: 'x' }")).error(),
      invalid_request("You must provide a ClientRequestToken value. We recommend a "
                      "UUID-type value."));
  EXPECT_EQ(api_.error("put_secret_value { secret_id: 'no' secret_string: 'x' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

// ---- the same call again ------------------------------------------------------------------------

TEST_F(PutSecretValueTest, RepeatedChangesNothing) {
  const char* request =
      "put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'two' "
      "version_stages: 'AWSPENDING' }";
  const std::string first = api_.ok(request).SerializeAsString();
  const double changed = api_.describe().last_changed_date();
  EXPECT_EQ(api_.kms_calls(), "GenerateDataKey");
  EXPECT_EQ(api_.ok(request).SerializeAsString(), first);
  EXPECT_EQ(api_.kms_calls(), "Decrypt");
  EXPECT_EQ(api_.describe().last_changed_date(), changed);
}

TEST_F(PutSecretValueTest, RepeatedShowsTheLabelsOfNow) {
  put("client_request_token: 'v2' secret_string: 'two' version_stages: 'AWSPENDING'");
  api_.ok(
      "update_secret_version_stage { secret_id: 'db' version_stage: 'AWSCURRENT' "
      "remove_from_version_id: 'v1' move_to_version_id: 'v2' }");
  const v1::ApiResponse again = api_.ok(
      "put_secret_value { secret_id: 'db' client_request_token: 'v2' "
      "secret_string: 'two' version_stages: 'AWSPENDING' }");
  ASSERT_EQ(again.put_secret_value().version_stages_size(), 2);
  EXPECT_EQ(again.put_secret_value().version_stages(0), "AWSCURRENT");
}

TEST_F(PutSecretValueTest, RefusesATokenThatHasAnotherValue) {
  EXPECT_EQ(put("client_request_token: 'v1' secret_string: 'two'"), in_use("v1"));
  EXPECT_EQ(put("client_request_token: 'v1' secret_binary: 'one'"), in_use("v1"));
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT");
}

TEST_F(PutSecretValueTest, CannotCompareWithoutTheKey) {
  api_.fault("key_denied { region: 'us-west-2' actions: 'kms:Decrypt' }");
  EXPECT_EQ(put("client_request_token: 'v1' secret_string: 'one'"),
            "AccessDeniedException: Access to KMS is not allowed");
}

// ---- labels and quotas --------------------------------------------------------------------------

TEST_F(PutSecretValueTest, AllowsTwentyLabelsOverAllVersions) {
  std::string labels;
  for (int i = 0; i < 19; ++i) labels += " version_stages: 'l" + std::to_string(i) + "'";
  EXPECT_EQ(put("secret_string: 'x'" + labels), "OK");
  EXPECT_EQ(put("secret_string: 'y' version_stages: 'one-more'"),
            "LimitExceededException: You can't attach more than 20 staging labels to a secret.");
  EXPECT_EQ(put("secret_string: 'y' version_stages: 'l0'"), "OK");
}

TEST_F(PutSecretValueTest, PrunesUnlabelledVersionsWhenADayHasPassed) {
  for (int i = 0; i < 104; ++i) put("secret_string: 'x'");
  const auto listed = [this] {
    return api_
        .ok("list_secret_version_ids { secret_id: 'db' include_deprecated: true max_results: 100 }")
        .list_secret_version_ids();
  };
  EXPECT_TRUE(listed().has_next_token());
  EXPECT_EQ(short_token(listed().versions(0).version_id()), "v1");
  api_.world().run_for(engine::Duration::hours(25));
  put("secret_string: 'x'");
  EXPECT_FALSE(listed().has_next_token());
  EXPECT_EQ(listed().versions_size(), 100);
  EXPECT_EQ(api_.value("db", kWest, "version_id: 'v1'"), "<ResourceNotFoundException>");
}

}  // namespace
}  // namespace faultline::regions
