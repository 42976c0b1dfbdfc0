#include "kms/policy_document.h"

#include <string>

#include <gtest/gtest.h>

#include "kms/policy.h"
#include "tests/access/access_fixture.h"

namespace faultline::kms {
namespace {

using regions::document;

// What is wrong, or "".
std::string problem(const std::string& json, PolicyUse use = PolicyUse::Secret) {
  const auto read = read_policy_document(json, use, 32 * 1024);
  return read ? std::string() : read.error().detail;
}
std::string problem_of(const std::string& statements, PolicyUse use = PolicyUse::Secret) {
  return problem(document(statements), use);
}
std::string text_of(const std::string& json, PolicyUse use) {
  const auto read = parse_policy_document(json, use);
  return read ? "OK" : read.error().code + ": " + read.error().message;
}

const char* const kFine =
    "{'Effect': 'Allow', 'Principal': '*', 'Action': 'secretsmanager:*', 'Resource': '*'}";

TEST(PolicyDocumentTest, WhatWasWrittenComesBackToTheLetter) {
  const std::string json =
      "  {\n \"Statement\" : " + document(kFine).substr(document(kFine).find('[')) + "\n";
  const auto policy = parse_policy_document(json, PolicyUse::Secret);
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(policy_document(*policy), json);
}

TEST(PolicyDocumentTest, EveryElementIsRead) {
  const auto policy = parse_policy_document(
      R"({"Version":"2012-10-17","Id":"doors","Statement":[{"Sid":"1","Effect":"Deny",
          "NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/r"],
                          "Service":"lambda.amazonaws.com"},
          "NotAction":["kms:Decrypt","kms:Encrypt"],"NotResource":"arn:aws:kms:*:*:key/*",
          "Condition":{"Bool":{"aws:SecureTransport":false},
                       "NumericLessThan":{"secretsmanager:RecoveryWindowInDays":[7,"8"]}}}]})",
      PolicyUse::Key);
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(policy->id(), "doors");
  const auto& statement = policy->statements(0);
  EXPECT_EQ(statement.sid(), "1");
  EXPECT_EQ(statement.effect(), v1::Policy::Statement::Deny);
  EXPECT_EQ(statement.not_principals_size(), 3);
  EXPECT_EQ(statement.not_actions(1), "kms:Encrypt");
  EXPECT_EQ(statement.not_resources(0), "arn:aws:kms:*:*:key/*");
  ASSERT_EQ(statement.conditions_size(), 2);
  EXPECT_EQ(statement.conditions(0).values(0), "false");
  EXPECT_EQ(statement.conditions(1).values(0), "7");
  EXPECT_EQ(statement.conditions(1).values(1), "8");
}

// AWS KMS Developer Guide, "Default key policy".
TEST(PolicyDocumentTest, StatementsAreWrittenAsAwsWritesThem) {
  EXPECT_EQ(policy_document(default_key_policy("arn:aws:iam::111122223333:root")),
            R"({"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User )"
            R"(Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},)"
            R"("Action":"kms:*","Resource":"*"}]})");
}

TEST(PolicyDocumentTest, ConditionsOfOneOperatorStandTogether) {
  const v1::Policy managed =
      managed_key_policy("111122223333", "us-west-2", "arn:aws:iam::111122223333:root");
  const std::string json = policy_document(managed);
  EXPECT_NE(
      json.find(R"("Condition":{"StringEquals":{"kms:ViaService":)"
                R"("secretsmanager.us-west-2.amazonaws.com","kms:CallerAccount":"111122223333"}})"),
      std::string::npos)
      << json;
}

TEST(PolicyDocumentTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(problem_of(kFine), "");
  EXPECT_EQ(problem("[]"), "a policy must be a JSON object");
  EXPECT_EQ(problem("{}"), "no Statement");
  EXPECT_EQ(problem(R"({"Version":"2012-10-18"})"), "Version must be 2012-10-17 or 2008-10-17");
  EXPECT_EQ(problem(R"({"Statements":[]})"), "unknown element 'Statements'");
  EXPECT_EQ(problem_of(std::string(kFine) + ",{'Effect': 'allow'}"),
            "statement 2: Effect must be Allow or Deny");
  EXPECT_EQ(problem_of("{'Effect': 'Allow', 'Principal': '*', 'Resource': '*'}"),
            "statement 1: neither Action and NotAction");
  EXPECT_EQ(problem_of("{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'}"),
            "statement 1: neither Principal and NotPrincipal");
  EXPECT_EQ(problem_of(kFine, PolicyUse::Identity),
            "statement 1: a policy of an identity has no Principal");
  EXPECT_EQ(problem_of("{'Effect': 'Allow', 'Principal': '*', 'Action': 'Get', 'Resource': '*'}"),
            "statement 1: an action is written service:Name, not 'Get'");
  EXPECT_EQ(
      problem_of("{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': 'db'}", PolicyUse::Identity),
      "statement 1: a resource is an ARN or \"*\", not 'db'");
  EXPECT_EQ(problem_of("{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*', 'Condition': "
                       "{'StringEqual': {'aws:RequestedRegion': 'us-west-2'}}}",
                       PolicyUse::Identity),
            "statement 1: unknown condition operator 'StringEqual'");
}

// Secrets Manager User Guide, "Troubleshoot resource-based policies".
TEST(PolicyDocumentTest, ClientsGetTheTextsOfAws) {
  const auto with = [](const char* principal) {
    return document("{'Effect': 'Allow', 'Principal': " + std::string(principal) +
                    ", 'Action': 'secretsmanager:*', 'Resource': '*'}");
  };
  EXPECT_EQ(text_of("{", PolicyUse::Secret),
            "MalformedPolicyDocumentException: This resource policy contains a syntax error.");
  for (const char* wrong :
       {"'reader'", "{'AWS': 'reader'}", "{'AWS': 'arn:aws:iam::111122223333:user/*'}",
        "{'AWS': 'arn:aws:iam::111122223333:group/g'}", "{'Nobody': '*'}"}) {
    EXPECT_EQ(text_of(with(wrong), PolicyUse::Secret),
              "MalformedPolicyDocumentException: This resource policy contains an unsupported "
              "principal.")
        << wrong;
  }
  EXPECT_EQ(text_of(with("{'Service': 'lambda'}"), PolicyUse::Secret),
            "MalformedPolicyDocumentException: This resource policy contains an unsupported "
            "service principal.");
  EXPECT_EQ(text_of(std::string(33'000, ' '), PolicyUse::Key).substr(0, 22),
            "LimitExceededException");
}

// AWS KMS Developer Guide, "Key policies": accepted, and without effect.
TEST(PolicyDocumentTest, AKeysStatementWithoutAResourceHasNoEffect) {
  const std::string json = document("{'Effect': 'Deny', 'Principal': '*', 'Action': 'kms:*'}");
  const auto policy = parse_policy_document(json, PolicyUse::Key);
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(decide(*policy, "arn:aws:iam::111122223333:user/a", "kms:Decrypt", "111122223333"),
            Decision::ImplicitDeny);
  EXPECT_EQ(policy_document(*policy), json);
}

TEST(PolicyDocumentTest, WhatIsDeepOrLongIsRefused) {
  EXPECT_NE(problem(std::string(10'000, '[')), "");
  EXPECT_NE(problem("{\"Statement\":" + std::string(100, '[') + std::string(100, ']') + "}"), "");
  EXPECT_NE(problem(std::string("\0\xff{", 3)), "");
}

}  // namespace
}  // namespace faultline::kms
