#include <gmock/gmock.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using testing::HasSubstr;

// As text for a request; single quotes surround it.
std::string escaped(const std::string& document) {
  std::string out;
  for (const char c : document) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

const std::string kAdminOnly =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
    R"({"AWS":"arn:aws:iam::123456789012:user/admin"},"Action":"kms:*","Resource":"*"}]})";

class KmsPoliciesTest : public testing::Test {
 protected:
  KmsPoliciesTest() { calls.world().account().add_principal("alice"); }
  std::string put(const std::string& document, std::string_view more = "") {
    return calls.kms_error("put_key_policy { key_id: '" + id + "' policy: '" + escaped(document) +
                           "' " + std::string(more) + " }");
  }

  OtherCalls calls;
  const std::string id = calls.create_key();
};

TEST_F(KmsPoliciesTest, ADocumentComesBackToTheLetter) {
  EXPECT_EQ(put(kAdminOnly), "OK");
  const auto got = calls.kms_ok("get_key_policy { key_id: '" + id + "' }").get_key_policy();
  EXPECT_EQ(got.policy(), kAdminOnly);
  EXPECT_EQ(got.policy_name(), "default");
  const auto names = calls.kms_ok("list_key_policies { key_id: '" + id + "' }").list_key_policies();
  ASSERT_EQ(names.policy_names_size(), 1);
  EXPECT_EQ(names.policy_names(0), "default");
}

TEST_F(KmsPoliciesTest, TheDefaultLetsTheAccountDecide) {
  const auto got = calls.kms_ok("get_key_policy { key_id: '" + id + "' }").get_key_policy();
  EXPECT_THAT(got.policy(), HasSubstr("arn:aws:iam::123456789012:root"));
  EXPECT_EQ(calls.kms_error("encrypt { key_id: '" + id + "' plaintext: 'x' }", kWest, "alice"),
            "OK");
}

TEST_F(KmsPoliciesTest, WhoIsNotNamedMayNot) {
  ASSERT_EQ(put(kAdminOnly), "OK");
  for (const char* request : {"disable_key { key_id: '", "get_key_policy { key_id: '",
                              "describe_key { key_id: '", "list_grants { key_id: '"}) {
    const std::string error = calls.kms_error(request + id + "' }", kWest, "alice");
    EXPECT_THAT(error, HasSubstr("AccessDeniedException: User: "
                                 "arn:aws:iam::123456789012:user/alice is not authorized to "
                                 "perform: kms:"));
    EXPECT_THAT(error, HasSubstr("on resource: " + calls.arn(id)));
  }
}

TEST_F(KmsPoliciesTest, NobodyLocksHimselfOutUnlessHeSaysSo) {
  const std::string nobody =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
      R"({"AWS":"arn:aws:iam::123456789012:user/alice"},"Action":"kms:Decrypt","Resource":"*"}]})";
  EXPECT_THAT(put(nobody), HasSubstr("MalformedPolicyDocumentException"));
  EXPECT_EQ(put(nobody, "bypass_policy_lockout_safety_check: true"), "OK");
  EXPECT_THAT(put(kAdminOnly), HasSubstr("AccessDeniedException"));
}

TEST_F(KmsPoliciesTest, ThereIsOnePolicy) {
  EXPECT_EQ(calls.kms_error("get_key_policy { key_id: '" + id + "' policy_name: 'other' }"),
            "NotFoundException: No such policy exists");
  EXPECT_THAT(put(kAdminOnly, "policy_name: 'other'"), HasSubstr("UnsupportedOperationException"));
  EXPECT_THAT(put("{"), HasSubstr("MalformedPolicyDocumentException"));
}

}  // namespace
}  // namespace faultline::regions
