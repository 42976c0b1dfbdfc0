#include "regions/arn.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

constexpr std::string_view kAccount = "123456789012";

std::string arn(std::string_view resource, std::string_view region = "us-west-2") {
  return "arn:aws:secretsmanager:" + std::string(region) +
         ":123456789012:secret:" + std::string(resource);
}

// How a SecretId is looked up in us-west-2: "name" alone, "name = ARN", or "nothing".
std::string lookup(std::string_view secret_id) {
  const auto found = lookup_of(secret_id, "us-west-2", kAccount);
  if (!found) return "nothing";
  return found->any_arn ? found->name : found->name + " = " + found->arn;
}

TEST(SecretArnTest, IsMadeOfNameAndSuffixInThePartitionOfTheRegion) {
  EXPECT_EQ(make_secret_arn("us-west-2", kAccount, "production/DBWest", "wwCwfj"),
            "arn:aws:secretsmanager:us-west-2:123456789012:secret:production/DBWest-wwCwfj");
  EXPECT_EQ(make_secret_arn("cn-north-1", kAccount, "db", "AbCdEf"),
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-AbCdEf");
  EXPECT_EQ(make_secret_arn("us-gov-west-1", kAccount, "db", "AbCdEf"),
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:db-AbCdEf");
}

TEST(SecretArnTest, DiffersInTheRegionOnlyBetweenPrimaryAndReplica) {
  EXPECT_EQ(arn_in_region(arn("a/b-AbCdEf"), "us-east-1"), arn("a/b-AbCdEf", "us-east-1"));
}

TEST(SecretArnTest, IsTakenApart) {
  const auto parsed = parse_secret_arn(arn("a:b-AbCdEf"));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->partition, "aws");
  EXPECT_EQ(parsed->region, "us-west-2");
  EXPECT_EQ(parsed->account, kAccount);
  EXPECT_EQ(parsed->resource, "a:b-AbCdEf");
}

TEST(SecretArnTest, IsNotWhatOtherServicesHave) {
  for (const std::string_view text :
       {"", "db", "arn:", "arn:aws:secretsmanager:us-west-2:123456789012:secret",
        "arn:aws:secretsmanager:us-west-2:123456789012:secret:",
        "arn:aws:kms:us-west-2:123456789012:key:x", "arn:aws:secretsmanager::123456789012:secret:x",
        "urn:aws:secretsmanager:us-west-2:123456789012:secret:x"}) {
    EXPECT_FALSE(parse_secret_arn(text).has_value()) << text;
  }
}

TEST(RegionNameTest, HasWordsAndEndsInANumber) {
  for (const std::string_view text : {"us-east-1", "us-gov-west-1", "x-12", "ap-southeast-2"}) {
    EXPECT_TRUE(looks_like_a_region(text)) << text;
  }
  for (const std::string_view text : {"", "USEAST", "us-east", "us-east-", "-1", "us--east-1",
                                      "us-east-1a", "us-3ast-1", "1", "us_east-1"}) {
    EXPECT_FALSE(looks_like_a_region(text)) << text;
  }
}

TEST(SecretIdTest, NamesASecretByItsName) {
  EXPECT_EQ(lookup("production/DBWest"), "production/DBWest");
  EXPECT_EQ(lookup("X-a1b2c3"), "X-a1b2c3");
}

TEST(SecretIdTest, NamesASecretByItsWholeArn) {
  EXPECT_EQ(lookup(arn("db-AbCdEf")), "db = " + arn("db-AbCdEf"));
  EXPECT_EQ(lookup(arn("X-a1b2c3-AbCdEf")), "X-a1b2c3 = " + arn("X-a1b2c3-AbCdEf"));
}

// Recorded from the service: X, X-a1b2 and X-a1b2c3- are found by an ARN without suffix, X-a1b2c3
// is not, for its ending is taken for the suffix.
TEST(SecretIdTest, NamesASecretByAPartialArnUnlessItsNameEndsLikeASuffix) {
  EXPECT_EQ(lookup(arn("X")), "X");
  EXPECT_EQ(lookup(arn("X-a1b2")), "X-a1b2");
  EXPECT_EQ(lookup(arn("X-a1b2c3-")), "X-a1b2c3-");
  EXPECT_EQ(lookup(arn("X-a1b2c3")), "X = " + arn("X-a1b2c3"));
  EXPECT_EQ(lookup(arn("one-two-ab")), "one-two-ab");
}

TEST(SecretIdTest, OfAnotherPlaceNamesNothingHere) {
  EXPECT_EQ(lookup(arn("db-AbCdEf", "us-east-1")), "nothing");
  EXPECT_EQ(lookup("arn:aws:secretsmanager:us-west-2:999999999999:secret:db-AbCdEf"), "nothing");
  EXPECT_EQ(lookup("arn:aws-cn:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf"), "nothing");
  EXPECT_EQ(lookup("arn:aws:kms:us-west-2:123456789012:key/x"), "nothing");
}

}  // namespace
}  // namespace faultline::regions
