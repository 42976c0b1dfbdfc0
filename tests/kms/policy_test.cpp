#include "kms/policy.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

using Statement = v1::Policy::Statement;

constexpr std::string_view kAccount = "111122223333";
constexpr std::string_view kRoot = "arn:aws:iam::111122223333:root";
constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/alice";
constexpr std::string_view kStranger = "arn:aws:iam::444455556666:user/mallory";

void add(v1::Policy& policy, Statement::Effect effect, const std::vector<std::string>& who,
         const std::vector<std::string>& what) {
  Statement& statement = *policy.add_statements();
  statement.set_effect(effect);
  for (const std::string& principal : who) statement.add_principals(principal);
  for (const std::string& action : what) statement.add_actions(action);
}

v1::Policy policy_of(Statement::Effect effect, const std::vector<std::string>& who,
                     const std::vector<std::string>& what) {
  v1::Policy policy;
  add(policy, effect, who, what);
  return policy;
}

TEST(PolicyTest, NothingSaidIsADeny) {
  EXPECT_EQ(decide({}, kAlice, "kms:Decrypt", kAccount), Decision::ImplicitDeny);
}

TEST(PolicyTest, AnAllowThatMatchesAllows) {
  const auto policy = policy_of(Statement::Allow, {std::string(kAlice)}, {"kms:Decrypt"});
  EXPECT_EQ(decide(policy, kAlice, "kms:Decrypt", kAccount), Decision::Allow);
  EXPECT_EQ(decide(policy, kAlice, "kms:Encrypt", kAccount), Decision::ImplicitDeny);
  EXPECT_EQ(decide(policy, kStranger, "kms:Decrypt", kAccount), Decision::ImplicitDeny);
}

TEST(PolicyTest, AnExplicitDenyWinsInEitherOrder) {
  auto deny_last = policy_of(Statement::Allow, {"*"}, {"kms:*"});
  add(deny_last, Statement::Deny, {std::string(kAlice)}, {"kms:Decrypt"});
  auto deny_first = policy_of(Statement::Deny, {std::string(kAlice)}, {"kms:Decrypt"});
  add(deny_first, Statement::Allow, {"*"}, {"kms:*"});
  for (const auto& policy : {deny_last, deny_first}) {
    EXPECT_EQ(decide(policy, kAlice, "kms:Decrypt", kAccount), Decision::ExplicitDeny);
    EXPECT_EQ(decide(policy, kAlice, "kms:Encrypt", kAccount), Decision::Allow);
    EXPECT_EQ(decide(policy, kStranger, "kms:Decrypt", kAccount), Decision::Allow);
  }
}

// AWS KMS Developer Guide, "Key policies": such a statement is accepted and has no effect.
TEST(PolicyTest, AStatementWithoutActionsOrPrincipalsMatchesNothing) {
  EXPECT_EQ(decide(policy_of(Statement::Allow, {"*"}, {}), kAlice, "kms:Decrypt", kAccount),
            Decision::ImplicitDeny);
  EXPECT_EQ(decide(policy_of(Statement::Deny, {}, {"kms:*"}), kAlice, "kms:Decrypt", kAccount),
            Decision::ImplicitDeny);
}

TEST(PolicyTest, TheDefaultPolicyAllowsEverybodyInTheAccount) {
  const v1::Policy policy = default_key_policy(kRoot);
  EXPECT_EQ(decide(policy, kAlice, "kms:Decrypt", kAccount), Decision::Allow);
  EXPECT_EQ(decide(policy, kRoot, "kms:PutKeyPolicy", kAccount), Decision::Allow);
  EXPECT_EQ(decide(policy, "arn:aws:sts::111122223333:assumed-role/R/S", "kms:Encrypt", kAccount),
            Decision::Allow);
  EXPECT_EQ(decide(policy, kStranger, "kms:Decrypt", kAccount), Decision::ImplicitDeny);
}

TEST(PolicyTest, WhoIsNobodyIsTheRootOfTheAccount) {
  EXPECT_EQ(decide(default_key_policy(kRoot), "", "kms:Decrypt", kAccount), Decision::Allow);
  EXPECT_EQ(decide(default_key_policy(kRoot), "", "kms:Decrypt", "444455556666"),
            Decision::ImplicitDeny);
}

TEST(PolicyTest, PrincipalsAreWrittenInFourForms) {
  EXPECT_TRUE(principal_matches("*", kStranger));
  EXPECT_TRUE(principal_matches(kAccount, kAlice));
  EXPECT_FALSE(principal_matches(kAccount, kStranger));
  EXPECT_TRUE(principal_matches(kRoot, kAlice));
  EXPECT_FALSE(principal_matches(kRoot, kStranger));
  EXPECT_TRUE(principal_matches(kAlice, kAlice));
  EXPECT_FALSE(principal_matches(kAlice, "arn:aws:iam::111122223333:user/alice2"));
}

// IAM User Guide, "AWS JSON policy elements: Principal".
TEST(PolicyTest, PrincipalsHaveNoPartialWildcards) {
  EXPECT_FALSE(principal_matches("arn:aws:iam::111122223333:user/*", kAlice));
  EXPECT_FALSE(principal_matches("arn:aws:iam::111122223333:*", kAlice));
}

TEST(PolicyTest, ARoleMeansItsSessions) {
  constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/path/to/Reader";
  EXPECT_TRUE(principal_matches(kRole, kRole));
  EXPECT_TRUE(principal_matches(kRole, "arn:aws:sts::111122223333:assumed-role/Reader/session"));
  EXPECT_FALSE(principal_matches(kRole, "arn:aws:sts::111122223333:assumed-role/Reader2/session"));
  EXPECT_FALSE(principal_matches(kRole, "arn:aws:sts::111122223333:assumed-role/Read/session"));
  EXPECT_FALSE(principal_matches(kRole, "arn:aws:sts::111122223333:assumed-role/Reader/"));
  EXPECT_FALSE(principal_matches(kRole, "arn:aws:sts::444455556666:assumed-role/Reader/session"));
  EXPECT_TRUE(
      principal_matches("arn:aws:iam::1:role/Plain", "arn:aws:sts::1:assumed-role/Plain/s"));
}

TEST(PolicyTest, ActionsMatchWithWildcardsAndWithoutCase) {
  EXPECT_TRUE(action_matches("kms:Decrypt", "kms:Decrypt"));
  EXPECT_TRUE(action_matches("KMS:decrypt", "kms:Decrypt"));
  EXPECT_TRUE(action_matches("*", "kms:Decrypt"));
  EXPECT_TRUE(action_matches("kms:*", "kms:Decrypt"));
  EXPECT_TRUE(action_matches("kms:ReEncrypt*", "kms:ReEncryptFrom"));
  EXPECT_TRUE(action_matches("kms:ReEncrypt*", "kms:ReEncrypt"));
  EXPECT_TRUE(action_matches("kms:?ecrypt", "kms:Decrypt"));
  EXPECT_TRUE(action_matches("k*:*crypt", "kms:Decrypt"));
  EXPECT_TRUE(action_matches("*a*b*", "xxaybz"));
  EXPECT_FALSE(action_matches("*a*b*", "xxbya"));
  EXPECT_FALSE(action_matches("kms:?ecrypt", "kms:ecrypt"));
  EXPECT_FALSE(action_matches("kms:Decrypt", "kms:DecryptAll"));
  EXPECT_FALSE(action_matches("kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"));
  EXPECT_FALSE(action_matches("", "kms:Decrypt"));
}

TEST(PolicyTest, ConditionsNarrowAStatement) {
  auto policy = policy_of(Statement::Allow, {"*"}, {"kms:*"});
  policy.mutable_statements(0)->set_via_service("secretsmanager.us-west-2.amazonaws.com");
  policy.mutable_statements(0)->set_caller_account(std::string(kAccount));
  const auto ask = [&](std::string_view who, std::string_view via) {
    return decide(policy, AccessRequest{who, "kms:Decrypt", kAccount, via});
  };
  EXPECT_EQ(ask(kAlice, "secretsmanager.us-west-2.amazonaws.com"), Decision::Allow);
  EXPECT_EQ(ask(kAlice, "secretsmanager.us-east-1.amazonaws.com"), Decision::ImplicitDeny);
  EXPECT_EQ(ask(kAlice, ""), Decision::ImplicitDeny);
  EXPECT_EQ(ask(kStranger, "secretsmanager.us-west-2.amazonaws.com"), Decision::ImplicitDeny);
}

TEST(PolicyTest, AStatementMustSayAllowOrDeny) {
  EXPECT_TRUE(check_policy(default_key_policy(kRoot)).has_value());
  EXPECT_EQ(check_policy(policy_of(Statement::EFFECT_UNSPECIFIED, {"*"}, {"*"})).error().code,
            "MalformedPolicyDocumentException");
}

TEST(PolicyTest, APolicyHasALargestSize) {
  auto policy = default_key_policy(kRoot);
  policy.mutable_statements(0)->set_sid(std::string(33'000, 'x'));
  EXPECT_EQ(check_policy(policy).error().code, "LimitExceededException");
}

}  // namespace
}  // namespace faultline::kms
