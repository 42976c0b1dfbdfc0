#include <gmock/gmock.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using testing::HasSubstr;

constexpr const char* kAlice = "arn:aws:iam::123456789012:user/alice";

class KmsGrantsTest : public testing::Test {
 protected:
  KmsGrantsTest() { calls.world().account().add_principal("alice"); }

  v1::KmsCreateGrantResponse grant(std::string_view more = "") {
    return calls
        .kms_ok("create_grant { key_id: '" + id + "' grantee_principal: '" + kAlice +
                "' operations: 'Encrypt' operations: 'Decrypt' " + std::string(more) + " }")
        .create_grant();
  }

  OtherCalls calls;
  const std::string id = calls.create_key();
};

TEST_F(KmsGrantsTest, AreListedWithoutTheirTokens) {
  const auto made = grant(
      "name: 'db' constraints { encryption_context_subset { key: 'a' value: "
      "'b' } }");
  const auto listed = calls.kms_ok("list_grants { key_id: '" + id + "' }").list_grants();
  ASSERT_EQ(listed.grants_size(), 1);
  const v1::GrantListEntry& entry = listed.grants(0);
  EXPECT_EQ(entry.key_id(), calls.arn(id));
  EXPECT_EQ(entry.grant_id(), made.grant_id());
  EXPECT_EQ(entry.name(), "db");
  EXPECT_EQ(entry.grantee_principal(), kAlice);
  EXPECT_EQ(entry.operations_size(), 2);
  EXPECT_EQ(entry.constraints().encryption_context_subset().at("a"), "b");
  EXPECT_FALSE(entry.has_retiring_principal());
  EXPECT_THAT(listed.ShortDebugString(), testing::Not(HasSubstr(made.grant_token())));
}

TEST_F(KmsGrantsTest, ANameMakesThemIdempotent) {
  const auto one = grant("name: 'db'");
  const auto two = grant("name: 'db'");
  EXPECT_EQ(one.grant_id(), two.grant_id());
  EXPECT_NE(one.grant_token(), two.grant_token());
  EXPECT_NE(grant().grant_id(), grant().grant_id());
}

TEST_F(KmsGrantsTest, EndByRevokingAndRetiring) {
  const auto made = grant();
  calls.kms_ok("revoke_grant { key_id: '" + id + "' grant_id: '" + made.grant_id() + "' }");
  EXPECT_THAT(
      calls.kms_error("revoke_grant { key_id: '" + id + "' grant_id: '" + made.grant_id() + "' }"),
      HasSubstr("InvalidGrantIdException"));
  const auto retirable = grant("retiring_principal: '" + std::string(kAlice) + "'");
  const auto listed =
      calls.kms_ok("list_retirable_grants { retiring_principal: '" + std::string(kAlice) + "' }")
          .list_retirable_grants();
  ASSERT_EQ(listed.grants_size(), 1);
  calls.kms_ok("retire_grant { grant_token: '" + retirable.grant_token() + "' }", kWest, "alice");
  EXPECT_EQ(calls.kms_ok("list_grants { key_id: '" + id + "' }").list_grants().grants_size(), 0);
}

TEST_F(KmsGrantsTest, NeedExactlyOneGrantee) {
  EXPECT_THAT(calls.kms_error("create_grant { key_id: '" + id + "' operations: 'Encrypt' }"),
              HasSubstr("ValidationException"));
  EXPECT_THAT(calls.kms_error("create_grant { key_id: '" + id +
                              "' operations: 'Encrypt' grantee_service_principal: "
                              "'secretsmanager.amazonaws.com' }"),
              HasSubstr("SourceArn"));
}

}  // namespace
}  // namespace faultline::regions
