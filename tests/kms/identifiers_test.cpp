#include "kms/identifiers.h"

#include <array>

#include <gtest/gtest.h>

namespace faultline::kms {
namespace {

constexpr std::string_view kId = "1234abcd-12ab-34cd-56ef-1234567890ab";
const Place kWest{"111122223333", "us-west-2"};

Error error_of(std::string_view text, AcceptAliases aliases = AcceptAliases::Yes) {
  const auto reference = parse_key_reference(kWest, text, aliases);
  return reference ? Error{"OK", ""} : reference.error();
}

TEST(IdentifiersTest, AUuidIsOfVersionFour) {
  std::array<std::byte, 16> random{};
  EXPECT_EQ(format_uuid(random), "00000000-0000-4000-8000-000000000000");
  random.fill(std::byte{0xff});
  EXPECT_EQ(format_uuid(random), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<std::byte>(i);
  EXPECT_EQ(format_uuid(random), "00010203-0405-4607-8809-0a0b0c0d0e0f");
  EXPECT_TRUE(is_key_id(format_uuid(random)));
}

TEST(IdentifiersTest, KeyIdsAreUuidsOrMultiRegionIds) {
  EXPECT_TRUE(is_key_id(kId));
  EXPECT_TRUE(is_key_id("mrk-1234abcd12ab34cd56ef1234567890ab"));
  for (const char* wrong :
       {"", "mrk-fake", "1234abcd12ab34cd56ef1234567890ab", "1234ABCD-12ab-34cd-56ef-1234567890ab",
        "mrk-1234ABCD12ab34cd56ef1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890abc",
        "1234abcd-12ab-34cd-56ef_1234567890ab", "alias/replica"}) {
    EXPECT_FALSE(is_key_id(wrong)) << wrong;
  }
}

TEST(IdentifiersTest, ArnsNameThePlace) {
  EXPECT_EQ(kWest.key_arn(kId), "arn:aws:kms:us-west-2:111122223333:key/" + std::string(kId));
  EXPECT_EQ(kWest.alias_arn("alias/a"), "arn:aws:kms:us-west-2:111122223333:alias/a");
  EXPECT_EQ(kWest.root_arn(), "arn:aws:iam::111122223333:root");
  EXPECT_EQ((Place{"1", "cn-north-1"}).key_arn("k"), "arn:aws-cn:kms:cn-north-1:1:key/k");
  EXPECT_EQ((Place{"1", "us-gov-west-1"}).root_arn(), "arn:aws-us-gov:iam::1:root");
}

TEST(IdentifiersTest, TheAccountOfAnArn) {
  EXPECT_EQ(account_of_arn("arn:aws:iam::111122223333:user/alice"), "111122223333");
  EXPECT_EQ(account_of_arn("arn:aws:sts::1:assumed-role/R/S"), "1");
  EXPECT_EQ(account_of_arn("alice"), "");
  EXPECT_EQ(account_of_arn("arn:aws:iam"), "");
}

TEST(IdentifiersTest, AKeyIdMayBeSaidInFourWays) {
  const std::string arn = kWest.key_arn(kId);
  for (const std::string& text : {std::string(kId), arn}) {
    const auto reference = parse_key_reference(kWest, text, AcceptAliases::No);
    ASSERT_TRUE(reference.has_value()) << text;
    EXPECT_EQ(reference->kind, KeyReference::Kind::KeyId);
    EXPECT_EQ(reference->name, kId);
  }
  const std::string alias_arn = kWest.alias_arn("alias/team/replica");
  for (const std::string& text : {std::string("alias/team/replica"), alias_arn}) {
    const auto reference = parse_key_reference(kWest, text, AcceptAliases::Yes);
    ASSERT_TRUE(reference.has_value()) << text;
    EXPECT_EQ(reference->kind, KeyReference::Kind::Alias);
    EXPECT_EQ(reference->name, "alias/team/replica");
  }
}

// AWS KMS Developer Guide, "Key identifiers (KeyId)"; the texts are those of AWS.
TEST(IdentifiersTest, WhatIsNoKeyIdIsNotFound) {
  for (const std::string wrong : {"mrk-fake", "1234abcd12ab34cd56ef1234567890ab", "replica"}) {
    EXPECT_EQ(error_of(wrong), (Error{"NotFoundException", "Invalid keyId '" + wrong + "'"}));
  }
  EXPECT_EQ(error_of(kWest.key_arn("mrk-fake")),
            (Error{"NotFoundException", "Invalid keyId 'mrk-fake'"}));
  EXPECT_EQ(error_of("alias/replica", AcceptAliases::No),
            (Error{"NotFoundException", "Invalid keyId 'alias/replica'"}));
  const std::string alias_arn = kWest.alias_arn("alias/replica");
  EXPECT_EQ(error_of(alias_arn, AcceptAliases::No),
            (Error{"NotFoundException", "Invalid keyId '" + alias_arn + "'"}));
}

TEST(IdentifiersTest, AnArnOfAnotherRegionIsInvalidHere) {
  const Place east{"111122223333", "us-east-1"};
  EXPECT_EQ(error_of(east.key_arn(kId)), (Error{"NotFoundException", "Invalid arn us-east-1"}));
  EXPECT_EQ(error_of(east.alias_arn("alias/replica")),
            (Error{"NotFoundException", "Invalid arn us-east-1"}));
}

TEST(IdentifiersTest, KeysOfAnotherAccountAreNotThere) {
  const Place other{"444455556666", "us-west-2"};
  EXPECT_EQ(error_of(other.key_arn(kId)),
            (Error{"NotFoundException", "Key '" + other.key_arn(kId) + "' does not exist"}));
  EXPECT_EQ(error_of(other.alias_arn("alias/a")),
            (Error{"NotFoundException", "Alias " + other.alias_arn("alias/a") + " is not found."}));
}

TEST(IdentifiersTest, MalformedArnsSaySo) {
  for (const char* wrong :
       {"arn:", "arn:aws:kms:us-west-2:111122223333", "arn:aws:s3:us-west-2:111122223333:key/x",
        "arn:aws:kms:us-west-2:111122223333:grant/x", "arn:aws-cn:kms:us-west-2:1:key/x"}) {
    EXPECT_EQ(error_of(wrong).code, "InvalidArnException") << wrong;
  }
}

TEST(IdentifiersTest, LengthsAreOneTo2048) {
  EXPECT_EQ(error_of("").message,
            "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member "
            "must have length greater than or equal to 1");
  EXPECT_EQ(error_of(std::string(2049, 'x')).code, "ValidationException");
  EXPECT_EQ(error_of(std::string(2048, 'x')).code, "NotFoundException");
}

}  // namespace
}  // namespace faultline::kms
