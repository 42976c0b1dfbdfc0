// Aliases. Texts: AWS KMS API Reference, "CreateAlias", "UpdateAlias", "DeleteAlias".
#include <gtest/gtest.h>

#include "kms/kms.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

using KmsAliasesTest = KmsTest;

TEST_F(KmsAliasesTest, AnAliasNamesItsKey) {
  const std::string key = make_key();
  EXPECT_EQ(outcome(west.create_alias("alias/replica", key)), "ok");
  EXPECT_EQ(*west.resolve("alias/replica"), arn_of(key));
  const auto aliases = west.list_aliases();
  ASSERT_EQ(aliases->size(), 1U);
  EXPECT_EQ(aliases->front().name, "alias/replica");
  EXPECT_EQ(aliases->front().arn, "arn:aws:kms:us-west-2:111122223333:alias/replica");
  EXPECT_EQ(aliases->front().target_key_id, key);
  EXPECT_EQ(aliases->front().created_unix_ns, environment.now_unix_ns());
}

TEST_F(KmsAliasesTest, ANameIsTakenOnce) {
  const std::string key = make_key("alias/replica");
  const std::string taken =
      "AlreadyExistsException: An alias with the name "
      "arn:aws:kms:us-west-2:111122223333:alias/replica already exists";
  EXPECT_EQ(outcome(west.create_alias("alias/replica", key)), taken);
  EXPECT_EQ(outcome(west.create_key({.alias = "alias/replica"})), taken);
  EXPECT_EQ(west.list_keys()->size(), 1U) << "no key without its alias stays behind";
  EXPECT_EQ(outcome(east.create_key({.alias = "alias/replica"})), "ok");
}

TEST_F(KmsAliasesTest, NamesHaveAPrefixAndFewCharacters) {
  const std::string key = make_key();
  const std::string prefix =
      "ValidationException: Alias must start with the prefix \"alias/\". Please see "
      "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
  EXPECT_EQ(outcome(west.create_alias("replica", key)), prefix);
  EXPECT_EQ(outcome(west.create_alias("alias/", key)), prefix);
  EXPECT_EQ(outcome(west.create_alias("", key)), prefix);
  EXPECT_EQ(outcome(west.create_alias("alias/a b", key)),
            "ValidationException: 1 validation error detected: Value 'alias/a b' at 'aliasName' "
            "failed to satisfy constraint: Member must satisfy regular expression pattern: "
            "^[a-zA-Z0-9:/_-]+$");
  EXPECT_EQ(outcome(west.create_alias("alias/" + std::string(250, 'x'), key)), "ok");
  EXPECT_EQ(west.create_alias("alias/" + std::string(251, 'x'), key).error().code,
            "ValidationException");
  EXPECT_EQ(outcome(west.create_alias("alias/Team:A/b_c-9", key)), "ok");
}

TEST_F(KmsAliasesTest, NamesOfAmazonAreNotTheUsers) {
  const std::string key = make_key();
  EXPECT_EQ(outcome(west.create_alias("alias/aws/mine", key)), "NotAuthorizedException");
  EXPECT_EQ(outcome(west.create_key({.alias = "alias/aws/mine"})), "NotAuthorizedException");
  (void)west.resolve(kManagedAlias);
  EXPECT_EQ(outcome(west.update_alias(kManagedAlias, key)), "NotAuthorizedException");
  EXPECT_EQ(outcome(west.delete_alias(kManagedAlias)), "NotAuthorizedException");
}

TEST_F(KmsAliasesTest, ARepointedAliasLeavesOldCiphertextReadable) {
  const std::string old_key = make_key("alias/replica");
  const std::string new_key = make_key();
  const std::string blob = encrypt("alias/replica");
  environment.advance_days(1);
  EXPECT_EQ(outcome(west.update_alias("alias/replica", new_key)), "ok");
  EXPECT_EQ(*west.resolve("alias/replica"), arn_of(new_key));
  EXPECT_EQ(decrypt(blob), "ok") << "the blob names its key";
  EXPECT_EQ(decrypt(blob, "alias/replica"),
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can "
            "perform this operation.");
  EXPECT_EQ(decrypt(blob, old_key), "ok");
  const AliasEntry entry = west.list_aliases()->front();
  EXPECT_LT(entry.created_unix_ns, entry.updated_unix_ns);
}

TEST_F(KmsAliasesTest, WhatIsNotThereCannotBeUpdatedOrDeleted) {
  const std::string key = make_key();
  EXPECT_EQ(outcome(west.update_alias("alias/none", key)), no_such_alias("alias/none"));
  EXPECT_EQ(outcome(west.delete_alias("alias/none")), no_such_alias("alias/none"));
}

TEST_F(KmsAliasesTest, ADeletedAliasIsFreeAgain) {
  const std::string key = make_key("alias/replica");
  EXPECT_EQ(outcome(west.delete_alias("alias/replica")), "ok");
  EXPECT_EQ(outcome(west.resolve("alias/replica")), no_such_alias("alias/replica"));
  EXPECT_EQ(outcome(west.describe_key(key)), "ok");
  EXPECT_EQ(outcome(west.create_alias("alias/replica", key)), "ok");
}

TEST_F(KmsAliasesTest, AKeyHasAtMostFiftyAliases) {
  const std::string key = make_key();
  const std::string other = make_key("alias/other");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(outcome(west.create_alias("alias/a" + std::to_string(i), key)), "ok");
  }
  EXPECT_EQ(west.create_alias("alias/a50", key).error().code, "LimitExceededException");
  EXPECT_EQ(west.update_alias("alias/other", key).error().code, "LimitExceededException");
  EXPECT_EQ(outcome(west.update_alias("alias/a0", key)), "ok") << "it is one of the fifty";
  EXPECT_EQ(*west.resolve("alias/other"), arn_of(other));
}

TEST_F(KmsAliasesTest, ListsByNameAndByKey) {
  const std::string one = make_key("alias/b");
  const std::string two = make_key("alias/a");
  ASSERT_EQ(west.list_aliases()->size(), 2U);
  EXPECT_EQ(west.list_aliases()->front().name, "alias/a");
  ASSERT_EQ(west.list_aliases(one)->size(), 1U);
  EXPECT_EQ(west.list_aliases(arn_of(two))->front().name, "alias/a");
  EXPECT_EQ(outcome(west.list_aliases("alias/a")), "NotFoundException: Invalid keyId 'alias/a'");
}

}  // namespace
}  // namespace faultline::kms
