// The texts of the checks that come before anything is looked up.
#include "regions/api/validate.h"

#include <gtest/gtest.h>

namespace faultline::regions::api {
namespace {

std::string text_of(const Result<void>& result) {
  return result.has_value() ? "" : result.error().code + ": " + result.error().message;
}

std::string text_of(const Validation& members) { return text_of(members.result()); }

TEST(ValidationTest, SaysNothingWhenAllIsWell) {
  Validation members;
  members.required("name", true);
  members.length("name", "db", kNameLength);
  EXPECT_EQ(text_of(members), "");
}

TEST(ValidationTest, NamesAMemberThatIsMissing) {
  Validation members;
  members.required("name", false);
  EXPECT_EQ(text_of(members),
            "ValidationException: 1 validation error detected: Value null at 'name' failed to "
            "satisfy constraint: Member must not be null");
}

TEST(ValidationTest, QuotesAValueThatIsTooShortOrTooLong) {
  Validation members;
  members.length("clientRequestToken", "abc", kTokenLength);
  EXPECT_EQ(text_of(members),
            "ValidationException: 1 validation error detected: Value 'abc' at "
            "'clientRequestToken' failed to satisfy constraint: Member must have length greater "
            "than or equal to 32");
}

TEST(ValidationTest, CollectsEverything) {
  Validation members;
  members.required("secretId", false);
  members.range("maxResults", 101, kPageSize);
  members.range("maxResults", 0, kPageSize);
  EXPECT_EQ(text_of(members),
            "ValidationException: 3 validation errors detected: Value null at 'secretId' failed "
            "to satisfy constraint: Member must not be null; Value '101' at 'maxResults' failed "
            "to satisfy constraint: Member must have value less than or equal to 100; Value '0' "
            "at 'maxResults' failed to satisfy constraint: Member must have value greater than or "
            "equal to 1");
}

TEST(ValidationTest, NeverQuotesASecret) {
  v1::PutSecretValueRequest request;
  request.set_secret_string(std::string(65'537, 'x'));
  Validation members;
  members.value(request);
  EXPECT_EQ(text_of(members),
            "ValidationException: 1 validation error detected: Value at 'secretString' failed to "
            "satisfy constraint: Member must have length less than or equal to 65536");
  request.clear_secret_string();
  request.set_secret_binary("");
  Validation empty;
  empty.value(request);
  EXPECT_EQ(text_of(empty),
            "ValidationException: 1 validation error detected: Value at 'secretBinary' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1");
}

TEST(ValidationTest, AllowsTheLargestSecret) {
  v1::PutSecretValueRequest request;
  request.set_secret_string(std::string(65'536, 'x'));
  Validation members;
  members.value(request);
  EXPECT_EQ(text_of(members), "");
}

TEST(ValidationTest, CountsCharactersAndNotBytes) {
  EXPECT_EQ(characters("für"), 3U);
  Validation members;
  std::string umlauts;
  for (int i = 0; i < 2'048; ++i) umlauts += "ü";
  members.length("description", umlauts, {0, 2'048});
  EXPECT_EQ(text_of(members), "");
}

TEST(ValidationTest, ChecksListsAndWhatIsInThem) {
  Validation members;
  members.list("versionStages", std::vector<std::string>{"a", ""}, {1, 20}, kLabelLength);
  EXPECT_EQ(text_of(members),
            "ValidationException: 1 validation error detected: Value '[a, ]' at 'versionStages' "
            "failed to satisfy constraint: Member must satisfy constraint: [Member must have "
            "length less than or equal to 256, Member must have length greater than or equal to "
            "1]");
  Validation many;
  many.list("versionStages", std::vector<std::string>(21, "a"), {1, 20}, kLabelLength);
  EXPECT_NE(text_of(many).find("Member must have length less than or equal to 20"),
            std::string::npos);
}

TEST(ValidationTest, ListsWhatAnEnumMayBe) {
  Validation members;
  members.one_of("sortOrder", "up", {"asc", "desc"});
  EXPECT_EQ(text_of(members),
            "ValidationException: 1 validation error detected: Value 'up' at 'sortOrder' failed "
            "to satisfy constraint: Member must satisfy enum value set: [asc, desc]");
}

TEST(ValidationTest, CountsTheMembersOfAList) {
  v1::TagResourceRequest request;
  request.add_tags()->set_key("team");
  request.add_tags()->set_key(std::string(129, 'k'));
  Validation members;
  members.tags(request.tags());
  EXPECT_NE(text_of(members).find("at 'tags.2.member.key' failed to satisfy constraint: Member "
                                  "must have length less than or equal to 128"),
            std::string::npos);
}

// ---- names --------------------------------------------------------------------------------------

constexpr std::string_view kInvalidName =
    "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, "
    "or any of the following: -/_+=.@!";

TEST(NameTest, HasLettersDigitsAndAFewOthers) {
  EXPECT_EQ(text_of(check_new_name("Az09/_+=.@-")), "");
  for (const std::string_view name : {"a b", "a!b", "rds!cluster", "a:b", "ü", "a*"}) {
    EXPECT_EQ(text_of(check_new_name(name)), kInvalidName) << name;
  }
}

TEST(NameTest, OfAServicesSecretMayBeAskedFor) {
  EXPECT_EQ(text_of(check_secret_id("rds!cluster")), "");
  EXPECT_EQ(text_of(check_secret_id("a b")), kInvalidName);
}

TEST(NameTest, IsNotCheckedInsideAnArn) {
  EXPECT_EQ(text_of(check_secret_id("arn:aws:secretsmanager:us-west-2:1:secret:a b")), "");
}

// ---- combinations -------------------------------------------------------------------------------

TEST(CombinationTest, NeedsAToken) {
  EXPECT_EQ(text_of(check_token_present(true)), "");
  EXPECT_EQ(text_of(check_token_present(false)),
            "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a "
            "UUID-type value.");
}

TEST(CombinationTest, AllowsOneKindOfValue) {
  EXPECT_EQ(text_of(check_one_value(true, false)), "");
  EXPECT_EQ(text_of(check_one_value(true, true)),
            "InvalidParameterException: You can't specify both a binary secret value and a string "
            "secret value in the same secret.");
}

TEST(CombinationTest, KeepsReservedTags) {
  v1::TagResourceRequest request;
  request.add_tags()->set_key("awsome");
  EXPECT_EQ(text_of(check_tag_keys(request.tags())), "");
  request.add_tags()->set_key("AWS:team");
  EXPECT_EQ(text_of(check_tag_keys(request.tags())),
            "InvalidParameterException: Tag keys that start with aws: are reserved for use by "
            "AWS.");
}

std::string check_regions(const std::vector<std::string>& regions) {
  v1::ReplicateSecretToRegionsRequest request;
  for (const std::string& region : regions) request.add_add_replica_regions()->set_region(region);
  return text_of(check_replica_regions(request.add_replica_regions(), "us-west-2"));
}

TEST(CombinationTest, RefusesRegionsThatCannotHoldAReplica) {
  EXPECT_EQ(check_regions({"us-east-1", "eu-west-1", "xx-nowhere-9"}), "");
  for (const char* region : {"us-west-2", "USEAST", "", "cn-north-1", "us-gov-west-1"}) {
    EXPECT_EQ(check_regions({"us-east-1", region}),
              "InvalidParameterException: Invalid replica region.")
        << region;
  }
  EXPECT_EQ(check_regions({"us-east-1", "us-east-1"}),
            "InvalidParameterException: Invalid replica region.");
}

}  // namespace
}  // namespace faultline::regions::api
