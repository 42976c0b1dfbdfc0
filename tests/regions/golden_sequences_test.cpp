// Sequences of calls whose answers were recorded from the service, through the whole of a region.
#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class GoldenSequencesTest : public testing::Test {
 protected:
  void create(const std::string& version = "v1") {
    api_.ok("create_secret { name: 'db' client_request_token: '" + version + "' secret_string: '" +
            version + "' }");
  }
  // The labels that the answer shows.
  std::string put(const std::string& version, const std::vector<std::string>& stages = {}) {
    std::string request = "put_secret_value { secret_id: 'db' client_request_token: '" + version +
                          "' secret_string: '" + version + "'";
    for (const std::string& stage : stages) request += " version_stages: '" + stage + "'";
    const v1::ApiResponse answer = api_.ok(request + " }");
    std::string text;
    for (const std::string& stage : answer.put_secret_value().version_stages()) {
      text += (text.empty() ? "" : " ") + stage;
    }
    return text;
  }
  void move_current(const std::string& from, const std::string& to) {
    api_.ok(
        "update_secret_version_stage { secret_id: 'db' version_stage: 'AWSCURRENT' "
        "remove_from_version_id: '" +
        from + "' move_to_version_id: '" + to + "' }");
  }

  SecretsApi api_;
};

TEST_F(GoldenSequencesTest, ARotationByHandAndAPut) {
  create();
  EXPECT_EQ(put("v2", {"AWSPENDING"}), "AWSPENDING");
  move_current("v1", "v2");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT AWSPENDING");
  EXPECT_EQ(put("v3"), "AWSCURRENT");
  EXPECT_EQ(api_.labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT");
}

TEST_F(GoldenSequencesTest, TwoRotationsByHand) {
  create();
  put("v2", {"AWSPENDING"});
  move_current("v1", "v2");
  put("v3", {"AWSPENDING"});
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT; v3: AWSPENDING");
  move_current("v2", "v3");
  EXPECT_EQ(api_.labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT AWSPENDING");
}

TEST_F(GoldenSequencesTest, RotationsWithLabelsOfTheCaller) {
  create();
  put("v2", {"AWSPENDING", "AWSSOMETHING", "PUT1"});
  move_current("v1", "v2");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT AWSPENDING AWSSOMETHING PUT1");
  put("v3", {"AWSPENDING", "PUT2"});
  EXPECT_EQ(api_.labels(),
            "v1: AWSPREVIOUS; v2: AWSCURRENT AWSSOMETHING PUT1; v3: AWSPENDING PUT2");
  move_current("v2", "v3");
  EXPECT_EQ(api_.labels(), "v2: AWSPREVIOUS AWSSOMETHING PUT1; v3: AWSCURRENT AWSPENDING PUT2");
}

TEST_F(GoldenSequencesTest, RotationsAfterAPutWithALabel) {
  create();
  put("v2", {"AWSCURRENT", "PUT0"});
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT PUT0");
  put("v3", {"AWSPENDING", "PUT1"});
  move_current("v2", "v3");
  EXPECT_EQ(api_.labels(), "v2: AWSPREVIOUS PUT0; v3: AWSCURRENT AWSPENDING PUT1");
  put("v4", {"AWSPENDING", "PUT2"});
  EXPECT_EQ(api_.labels(), "v2: AWSPREVIOUS PUT0; v3: AWSCURRENT PUT1; v4: AWSPENDING PUT2");
  move_current("v3", "v4");
  EXPECT_EQ(api_.labels(), "v2: PUT0; v3: AWSPREVIOUS PUT1; v4: AWSCURRENT AWSPENDING PUT2");
}

TEST_F(GoldenSequencesTest, LabelsThatMoveOn) {
  create();
  put("v2", {"one", "two", "three"});
  EXPECT_EQ(put("v3", {"one", "two", "four"}), "four one two");
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT; v2: three; v3: four one two");
}

TEST_F(GoldenSequencesTest, LabelsThatAllMoveOn) {
  create();
  put("v2", {"one", "two", "three"});
  put("v3", {"one", "two", "three", "four"});
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT; v3: four one three two");
}

TEST_F(GoldenSequencesTest, DeprecatedVersionsAreListedOnRequest) {
  create();
  for (const char* version : {"v2", "v3", "v4"}) put(version);
  const auto listed = [this](const std::string& more) {
    const v1::ApiResponse answer =
        api_.ok("list_secret_version_ids { secret_id: 'db' " + more + " }");
    std::string text;
    for (const auto& entry : answer.list_secret_version_ids().versions()) {
      text += short_token(entry.version_id());
      for (const std::string& stage : entry.version_stages()) text += " " + stage;
      text += ";";
    }
    return text;
  };
  EXPECT_EQ(listed(""), "v3 AWSPREVIOUS;v4 AWSCURRENT;");
  EXPECT_EQ(listed("include_deprecated: true"), "v1;v2;v3 AWSPREVIOUS;v4 AWSCURRENT;");
}

TEST_F(GoldenSequencesTest, ASecretWithoutAValueGetsOne) {
  const v1::CreateSecretResponse made = api_.ok("create_secret { name: 'db' }").create_secret();
  EXPECT_FALSE(made.has_version_id());
  EXPECT_EQ(api_.describe().version_ids_to_stages_size(), 0);
  EXPECT_EQ(api_.error("get_secret_value { secret_id: 'db' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "staging label: AWSCURRENT");
  EXPECT_EQ(put("v1"), "AWSCURRENT");
  EXPECT_EQ(api_.value(), "v1");
}

TEST_F(GoldenSequencesTest, DeletedWithAndWithoutAWindowAndMadeAgain) {
  create();
  const std::string arn = api_.arn();
  api_.ok("delete_secret { secret_id: 'db' recovery_window_in_days: 7 }");
  EXPECT_TRUE(api_.describe().has_deleted_date());
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT");
  api_.ok("delete_secret { secret_id: 'db' force_delete_without_recovery: true }");
  create();
  EXPECT_NE(api_.arn(), arn);
  EXPECT_EQ(api_.arn().size(), arn.size());
}

}  // namespace
}  // namespace faultline::regions
