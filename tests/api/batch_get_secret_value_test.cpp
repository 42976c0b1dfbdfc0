#include <gtest/gtest.h>

#include <string>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class BatchGetSecretValueTest : public testing::Test {
 protected:
  void create(const std::string& name, const std::string& more = "") {
    api_.ok("create_secret { name: '" + name + "' client_request_token: 'v-" + name +
            "' secret_string: 'value of " + name + "' " + more + " }");
    api_.world().run_for(engine::Duration::seconds(1));  // so that each has a date of its own
  }
  v1::BatchGetSecretValueResponse batch(const std::string& request,
                                        std::string_view region = kWest) {
    return api_.ok("batch_get_secret_value { " + request + " }", region).batch_get_secret_value();
  }
  // "app/a app/b | gone: ResourceNotFoundException"
  static std::string shown(const v1::BatchGetSecretValueResponse& response) {
    std::string text;
    for (const auto& value : response.secret_values()) {
      text += (text.empty() ? "" : " ") + value.name();
    }
    for (const auto& error : response.errors()) {
      text += " | " + error.secret_id() + ": " + error.error_code();
    }
    return text;
  }
  std::string error(const std::string& request) {
    return api_.error("batch_get_secret_value { " + request + " }");
  }

  SecretsApi api_;
};

TEST_F(BatchGetSecretValueTest, ShowsEachSecretAsGetSecretValueDoes) {
  create("a");
  const v1::BatchGetSecretValueResponse response = batch("secret_id_list: 'a'");
  ASSERT_EQ(response.secret_values_size(), 1);
  EXPECT_EQ(response.errors_size(), 0);
  EXPECT_FALSE(response.has_next_token());
  const v1::SecretValueEntry& entry = response.secret_values(0);
  const v1::GetSecretValueResponse read =
      api_.ok("get_secret_value { secret_id: 'a' }").get_secret_value();
  EXPECT_EQ(entry.arn(), read.arn());
  EXPECT_EQ(entry.name(), "a");
  EXPECT_EQ(entry.version_id(), full_token("v-a"));
  EXPECT_EQ(entry.secret_string(), "value of a");
  EXPECT_FALSE(entry.has_secret_binary());
  ASSERT_EQ(entry.version_stages_size(), 1);
  EXPECT_EQ(entry.version_stages(0), "AWSCURRENT");
  EXPECT_EQ(entry.created_date(), read.created_date());
}

TEST_F(BatchGetSecretValueTest, KeepsTheOrderOfTheListAndTellsWhatItCouldNotRead) {
  create("a");
  create("b");
  create("c");
  api_.ok("create_secret { name: 'empty' }");
  api_.ok("delete_secret { secret_id: 'b' }");
  const std::string arn = api_.arn("c");
  const auto response = batch("secret_id_list: '" + arn +
                              "' secret_id_list: 'a' secret_id_list: 'b' secret_id_list: 'none' "
                              "secret_id_list: 'empty'");
  EXPECT_EQ(shown(response),
            "c a | b: InvalidRequestException | none: ResourceNotFoundException | "
            "empty: ResourceNotFoundException");
  EXPECT_EQ(response.errors(0).message(),
            "You can't perform this operation on the secret because it was marked for deletion.");
  EXPECT_EQ(response.errors(1).message(), "Secrets Manager can't find the specified secret.");
  EXPECT_EQ(response.errors(2).message(),
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
}

TEST_F(BatchGetSecretValueTest, TellsOfADeadKey) {
  api_.make_key("alias/app");
  create("a", "kms_key_id: 'alias/app'");
  create("b");
  api_.fault("key_disabled { region: 'us-west-2' key: 'alias/app' }");
  const auto response = batch("secret_id_list: 'a' secret_id_list: 'b'");
  EXPECT_EQ(shown(response), "b | a: DecryptionFailure");
}

TEST_F(BatchGetSecretValueTest, AlwaysReadsTheCurrentVersion) {
  create("a");
  api_.ok("put_secret_value { secret_id: 'a' secret_string: 'new' version_stages: 'AWSPENDING' }");
  EXPECT_EQ(batch("secret_id_list: 'a'").secret_values(0).secret_string(), "value of a");
}

TEST_F(BatchGetSecretValueTest, NotesTheDayOfReading) {
  create("a");
  EXPECT_FALSE(api_.describe("a").has_last_accessed_date());
  batch("secret_id_list: 'a'");
  EXPECT_TRUE(api_.describe("a").has_last_accessed_date());
}

TEST_F(BatchGetSecretValueTest, FindsByFiltersInOrderOfCreationWithoutWhatWaitsForItsDeletion) {
  for (const char* name : {"app/z", "app/y", "other", "app/x", "app/w"}) create(name);
  api_.ok("delete_secret { secret_id: 'app/y' }");
  EXPECT_EQ(shown(batch("filters { key: 'name' values: 'app/' }")), "app/z app/x app/w");
  EXPECT_EQ(shown(batch("filters { key: 'name' values: 'nothing' }")), "");
}

TEST_F(BatchGetSecretValueTest, ComesInPages) {
  for (const char* name : {"app/1", "app/2", "app/3", "app/4", "app/5"}) create(name);
  const std::string question = "filters { key: 'name' values: 'app/' } max_results: 2";
  const auto first = batch(question);
  EXPECT_EQ(shown(first), "app/1 app/2");
  ASSERT_TRUE(first.has_next_token());
  const auto second = batch(question + " next_token: '" + first.next_token() + "'");
  EXPECT_EQ(shown(second), "app/3 app/4");
  const auto third =
      batch("filters { key: 'name' values: 'app/' } next_token: '" + second.next_token() + "'");
  EXPECT_EQ(shown(third), "app/5");
  EXPECT_FALSE(third.has_next_token());
  EXPECT_EQ(
      error("filters { key: 'name' values: 'other/' } next_token: '" + first.next_token() + "'"),
      "InvalidNextTokenException: The NextToken value is invalid.");
  EXPECT_EQ(error("secret_id_list: 'app/1' next_token: '" + first.next_token() + "'"),
            "InvalidNextTokenException: The NextToken value is invalid.");
}

TEST_F(BatchGetSecretValueTest, ShowsTwentyAtATimeUnlessToldOtherwise) {
  for (int i = 0; i < 21; ++i) api_.ok("create_secret { name: 'n" + std::to_string(i) + "' }");
  const auto response = batch("filters { key: 'name' values: 'n' }");
  EXPECT_EQ(response.errors_size(), 20);
  EXPECT_TRUE(response.has_next_token());
  EXPECT_TRUE(response.errors(0).secret_id().starts_with("arn:aws:secretsmanager:us-west-2:"));
}

TEST_F(BatchGetSecretValueTest, ChecksItsParameters) {
  const std::string either =
      "InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but not "
      "both.";
  EXPECT_EQ(error(""), either);
  EXPECT_EQ(error("max_results: 5"), either);
  EXPECT_EQ(error("secret_id_list: 'a' filters { key: 'name' values: 'a' }"), either);
  EXPECT_EQ(error("secret_id_list: 'a' max_results: 5"),
            "InvalidParameterException: 'Filters' not specified. 'Filters' must also be specified "
            "when 'MaxResults' is provided.");
  EXPECT_EQ(error("filters { key: 'name' values: 'a' } max_results: 21"),
            "ValidationException: 1 validation error detected: Value '21' at 'maxResults' failed "
            "to satisfy constraint: Member must have value less than or equal to 20");
  EXPECT_EQ(error("filters { key: 'nme' values: 'a' }"),
            "ValidationException: 1 validation error detected: Value 'nme' at "
            "'filters.1.member.key' failed to satisfy constraint: Member must satisfy enum value "
            "set: [description, name, tag-key, tag-value, primary-region, owning-service, all]");
  std::string many;
  for (int i = 0; i < 21; ++i) many += " secret_id_list: 'a'";
  EXPECT_TRUE(error(many).ends_with("Member must have length less than or equal to 20"));
}

TEST_F(BatchGetSecretValueTest, ReadsReplicasWithTheirOwnArn) {
  create("a", "add_replica_regions { region: 'us-east-1' }");
  api_.world().run_until_idle();
  const auto response = batch("filters { key: 'primary-region' values: 'us-west' }", kEast);
  ASSERT_EQ(shown(response), "a");
  EXPECT_EQ(response.secret_values(0).arn(), api_.arn("a", kEast));
  EXPECT_EQ(response.secret_values(0).secret_string(), "value of a");
}

TEST_F(BatchGetSecretValueTest, IsAReadWhileTheControlPlaneIsDown) {
  create("a");
  api_.fault("control_plane_down { region: 'us-west-2' }");
  EXPECT_EQ(shown(batch("secret_id_list: 'a'")), "a");
  EXPECT_EQ(api_.error("put_secret_value { secret_id: 'a' secret_string: 'b' }"),
            "InternalServiceError: An error occurred on the server side.");
}

TEST_F(BatchGetSecretValueTest, FailsAsAWholeWhenTheRegionIsInTrouble) {
  create("a");
  api_.fault("kms_unavailable { region: 'us-west-2' }");
  EXPECT_EQ(error("secret_id_list: 'a'"),
            "InternalServiceError: An error occurred on the server side.");
}

}  // namespace
}  // namespace faultline::regions
