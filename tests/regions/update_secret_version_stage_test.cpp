#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class UpdateSecretVersionStageTest : public testing::Test {
 protected:
  UpdateSecretVersionStageTest() {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
    api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'two' }");
  }
  std::string update(const std::string& label, const std::string& more) {
    return api_.error("update_secret_version_stage { secret_id: 'db' version_stage: '" + label +
                      "' " + more + " }");
  }

  SecretsApi api_;
};

TEST_F(UpdateSecretVersionStageTest, MovesCurrentBack) {
  EXPECT_EQ(update("AWSCURRENT", "remove_from_version_id: 'v2' move_to_version_id: 'v1'"), "OK");
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT; v2: AWSPREVIOUS");
  EXPECT_EQ(api_.value(), "one");
}

TEST_F(UpdateSecretVersionStageTest, AddsMovesAndRemovesALabel) {
  EXPECT_EQ(update("blue", "move_to_version_id: 'v1'"), "OK");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS blue; v2: AWSCURRENT");
  EXPECT_EQ(update("blue", "move_to_version_id: 'v2' remove_from_version_id: 'v1'"), "OK");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT blue");
  EXPECT_EQ(update("blue", "remove_from_version_id: 'v2'"), "OK");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST_F(UpdateSecretVersionStageTest, WantsToBeToldWhereTheLabelIs) {
  EXPECT_EQ(update("AWSCURRENT", "move_to_version_id: 'v1'"),
            "InvalidParameterException: The parameter RemoveFromVersionId can't be empty. Staging "
            "label AWSCURRENT is currently attached to version " +
                full_token("v2") +
                ", so you must explicitly reference that version in RemoveFromVersionId.");
  EXPECT_TRUE(update("AWSCURRENT", "remove_from_version_id: 'v1' move_to_version_id: 'v1'")
                  .starts_with("InvalidParameterException: "));
  EXPECT_TRUE(update("blue", "remove_from_version_id: 'v1' move_to_version_id: 'v2'")
                  .starts_with("InvalidParameterException: "));
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST_F(UpdateSecretVersionStageTest, NeverTakesCurrentAway) {
  EXPECT_EQ(update("AWSCURRENT", "remove_from_version_id: 'v2'"),
            "InvalidParameterException: You can only move staging label AWSCURRENT to a different "
            "secret version. It can't be completely removed.");
}

TEST_F(UpdateSecretVersionStageTest, NeverPutsPreviousOnCurrent) {
  EXPECT_TRUE(update("AWSPREVIOUS", "remove_from_version_id: 'v1' move_to_version_id: 'v2'")
                  .starts_with("InvalidParameterException: "));
  EXPECT_EQ(update("AWSPREVIOUS", "remove_from_version_id: 'v1'"), "OK");
  EXPECT_EQ(api_.labels(), "v2: AWSCURRENT");
}

TEST_F(UpdateSecretVersionStageTest, DoesNotKnowAVersion) {
  EXPECT_EQ(update("blue", "move_to_version_id: 'v9'"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "VersionId: " +
                full_token("v9"));
}

TEST_F(UpdateSecretVersionStageTest, NeedsSomewhereToMove) {
  EXPECT_TRUE(update("blue", "").starts_with("InvalidParameterException: "));
  EXPECT_TRUE(api_.error("update_secret_version_stage { secret_id: 'db' }")
                  .starts_with("ValidationException: 1 validation error detected: Value null at "
                               "'versionStage'"));
}

TEST_F(UpdateSecretVersionStageTest, ToWhereTheLabelIsChangesNothing) {
  const double changed = api_.describe().last_changed_date();
  EXPECT_EQ(update("AWSCURRENT", "remove_from_version_id: 'v2' move_to_version_id: 'v2'"), "OK");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(api_.describe().last_changed_date(), changed);
}

TEST_F(UpdateSecretVersionStageTest, HasTwentyLabelsAtMost) {
  for (int i = 0; i < 18; ++i) {
    EXPECT_EQ(update("l" + std::to_string(i), "move_to_version_id: 'v1'"), "OK");
  }
  EXPECT_EQ(update("one-more", "move_to_version_id: 'v2'"),
            "LimitExceededException: You can't attach more than 20 staging labels to a secret.");
}

}  // namespace
}  // namespace faultline::regions
