#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class GetSecretValueTest : public testing::Test {
 protected:
  GetSecretValueTest() {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
    api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'two' }");
  }
  std::string get(const std::string& more) { return api_.value("db", kWest, more); }
  std::string error(const std::string& more) {
    return api_.error("get_secret_value { secret_id: 'db' " + more + " }");
  }

  SecretsApi api_;
};

TEST_F(GetSecretValueTest, SelectsByLabelByIdOrByBoth) {
  EXPECT_EQ(get(""), "two");
  EXPECT_EQ(get("version_stage: 'AWSPREVIOUS'"), "one");
  EXPECT_EQ(get("version_id: 'v1'"), "one");
  EXPECT_EQ(get("version_id: 'v1' version_stage: 'AWSPREVIOUS'"), "one");
}

TEST_F(GetSecretValueTest, ReadsAVersionThatLostItsLabels) {
  api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v3' secret_string: 'three' }");
  EXPECT_EQ(api_.labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT");
  EXPECT_EQ(get("version_id: 'v1'"), "one");
  EXPECT_TRUE(api_.ok("get_secret_value { secret_id: 'db' version_id: 'v1' }")
                  .get_secret_value()
                  .version_stages()
                  .empty());
}

TEST_F(GetSecretValueTest, SaysWhatItDidNotFind) {
  EXPECT_EQ(error("version_stage: 'blue'"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "staging label: blue");
  EXPECT_EQ(error("version_id: 'v9'"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "VersionId: " +
                full_token("v9"));
  EXPECT_EQ(error("version_id: 'v1' version_stage: 'AWSCURRENT'"),
            "InvalidRequestException: You provided a VersionStage that is not associated to the "
            "provided VersionId.");
  EXPECT_EQ(api_.error("get_secret_value { secret_id: 'no' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

TEST_F(GetSecretValueTest, DatesTheVersionAndNotTheSecret) {
  api_.world().run_for(engine::Duration::hours(1));
  const double now = api_.now_seconds();
  api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v3' secret_string: 'three' }");
  const v1::GetSecretValueResponse got =
      api_.ok("get_secret_value { secret_id: 'db' }").get_secret_value();
  EXPECT_GE(got.created_date(), now);
  EXPECT_LT(got.created_date(), now + 1);
}

TEST_F(GetSecretValueTest, NotesTheDayOfTheFirstReading) {
  EXPECT_FALSE(api_.describe().has_last_accessed_date());
  const double changed = api_.describe().last_changed_date();
  api_.value();
  EXPECT_EQ(api_.describe().last_accessed_date(), 1'767'225'600.0);  // 2026-01-01
  EXPECT_EQ(api_.describe().last_changed_date(), changed);
  api_.world().run_for(engine::Duration::hours(30));
  EXPECT_EQ(api_.describe().last_accessed_date(), 1'767'225'600.0);
  api_.value();
  EXPECT_EQ(api_.describe().last_accessed_date(), 1'767'312'000.0);  // 2026-01-02
}

TEST_F(GetSecretValueTest, WritesOnceADayAndVersion) {
  const auto sequence_of = [this] {
    return api_.world().region(kWest)->secret_store().secret("db")->value();
  };
  api_.value();
  const v1::StoredSecret first = sequence_of();
  api_.value();
  EXPECT_EQ(sequence_of().revision(), first.revision());
  get("version_id: 'v1'");
  EXPECT_EQ(sequence_of().revision(), first.revision() + 1);
  EXPECT_EQ(sequence_of().sequence(), 2U);  // replicas have nothing to do with it
}

TEST_F(GetSecretValueTest, DoesNotReadWhatWaitsForItsDeletion) {
  api_.ok("delete_secret { secret_id: 'db' }");
  EXPECT_EQ(error(""),
            "InvalidRequestException: You can't perform this operation on the secret because it "
            "was marked for deletion.");
}

TEST_F(GetSecretValueTest, ChecksItsParameters) {
  EXPECT_TRUE(api_.error("get_secret_value {}")
                  .starts_with("ValidationException: 1 validation error detected: Value null at "
                               "'secretId'"));
  EXPECT_EQ(api_.error("get_secret_value { secret_id: 'a b' }"),
            "ValidationException: Invalid name. Must be a valid name containing alphanumeric "
            "characters, or any of the following: -/_+=.@!");
  EXPECT_TRUE(error("version_stage: ''").starts_with("ValidationException"));
}

TEST_F(GetSecretValueTest, FindsNothingByTheArnOfAnotherRegion) {
  EXPECT_EQ(api_.value(api_.arn(), kEast), "<ResourceNotFoundException>");
}

}  // namespace
}  // namespace faultline::regions
