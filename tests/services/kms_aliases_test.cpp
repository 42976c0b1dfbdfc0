#include <gmock/gmock.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using testing::HasSubstr;

std::string alias_for(std::string_view operation, std::string_view alias, std::string_view key) {
  return std::string(operation) + " { alias_name: '" + std::string(alias) + "' target_key_id: '" +
         std::string(key) + "' }";
}

TEST(KmsAliasesTest, PointToKeysAndAreListed) {
  OtherCalls calls;
  const std::string one = calls.create_key();
  const std::string other = calls.create_key();
  calls.kms_ok(alias_for("create_alias", "alias/db", one));
  EXPECT_EQ(calls.kms_error(alias_for("create_alias", "alias/db", other)),
            "AlreadyExistsException: An alias with the name " + calls.alias_arn("alias/db") +
                " already exists");
  calls.kms_ok(alias_for("update_alias", "alias/db", other));
  EXPECT_EQ(calls.describe("alias/db").key_id(), other);
  const auto listed = calls.kms_ok("list_aliases { }").list_aliases();
  ASSERT_EQ(listed.aliases_size(), 1);
  EXPECT_EQ(listed.aliases(0).alias_name(), "alias/db");
  EXPECT_EQ(listed.aliases(0).alias_arn(), calls.alias_arn("alias/db"));
  EXPECT_EQ(listed.aliases(0).target_key_id(), other);
  EXPECT_GT(listed.aliases(0).last_updated_date(), listed.aliases(0).creation_date());
  EXPECT_EQ(calls.kms_ok("list_aliases { key_id: '" + one + "' }").list_aliases().aliases_size(),
            0);
  calls.kms_ok("delete_alias { alias_name: 'alias/db' }");
  EXPECT_EQ(calls.kms_error("delete_alias { alias_name: 'alias/db' }"),
            "NotFoundException: Alias " + calls.alias_arn("alias/db") + " is not found.");
  EXPECT_EQ(calls.kms_error(alias_for("update_alias", "alias/db", one)),
            "NotFoundException: Alias " + calls.alias_arn("alias/db") + " is not found.");
}

TEST(KmsAliasesTest, HaveNamesThatAwsTakes) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  EXPECT_EQ(calls.kms_error(alias_for("create_alias", "db", id)),
            "ValidationException: Alias must start with the prefix \"alias/\". Please see "
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  EXPECT_EQ(calls.kms_error(alias_for("create_alias", "alias/aws/x", id)),
            "NotAuthorizedException");
  EXPECT_EQ(calls.kms_error(alias_for("create_alias", "alias/a b", id)),
            "ValidationException: 1 validation error detected: Value 'alias/a b' at 'aliasName' "
            "failed to satisfy constraint: Member must satisfy regular expression pattern: "
            "^[a-zA-Z0-9:/_-]+$");
}

TEST(KmsAliasesTest, OldBlobsOpenWhenTheirAliasPointsElsewhere) {
  OtherCalls calls;
  const std::string one = calls.create_key();
  const std::string other = calls.create_key();
  calls.kms_ok(alias_for("create_alias", "alias/db", one));
  v1::KmsRequest request;
  request.mutable_decrypt()->set_ciphertext_blob(
      calls.kms_ok("encrypt { key_id: 'alias/db' plaintext: 'hunter2' }")
          .encrypt()
          .ciphertext_blob());
  calls.kms_ok(alias_for("update_alias", "alias/db", other));
  EXPECT_EQ(calls.kms_ok(request.ShortDebugString()).decrypt().plaintext(), "hunter2");
  request.mutable_decrypt()->set_key_id("alias/db");
  EXPECT_THAT(calls.kms_error(request.ShortDebugString()), HasSubstr("IncorrectKeyException"));
}

}  // namespace
}  // namespace faultline::regions
