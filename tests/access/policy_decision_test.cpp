// What several policies together mean.
// Source  IAM User Guide, "Policy evaluation logic"; AWS KMS Developer Guide, "Determining access
//         to AWS KMS keys".
#include "kms/policy_decision.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/access/access_fixture.h"

namespace faultline::kms {
namespace {

using regions::policy;

constexpr std::string_view kAlice = "arn:aws:iam::111122223333:user/alice";
constexpr std::string_view kReader = "arn:aws:iam::111122223333:role/reader";
constexpr std::string_view kSession = "arn:aws:sts::111122223333:assumed-role/reader/me";
constexpr std::string_view kBob = "arn:aws:iam::444455556666:user/bob";

const char* const kAllowGet =
    "{'Effect': 'Allow', 'Action': 'secretsmanager:GetSecretValue', 'Resource': '*'}";
const char* const kAllowAll = "{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}";
const char* const kDenyGet = "{'Effect': 'Deny', 'Action': 'secretsmanager:Get*', 'Resource': '*'}";
const char* const kAllowPut =
    "{'Effect': 'Allow', 'Action': 'secretsmanager:PutSecretValue', 'Resource': '*'}";

// All policies that have a word; absent where nothing is said.
struct Policies {
  std::vector<std::string> identity{};
  std::string boundary{};
  std::vector<std::string> organisation{};
  std::string resource{};  // statements with a Principal
};

struct Read {
  explicit Read(const Policies& given) {
    for (const auto& each : given.identity) identity.push_back(policy(each));
    for (const auto& each : given.organisation) organisation.push_back(policy(each));
    if (!given.boundary.empty()) boundary = policy(given.boundary);
    if (!given.resource.empty()) resource = policy(given.resource, PolicyUse::Secret);
    own = {&identity, boundary ? &*boundary : nullptr, &organisation};
  }
  std::vector<v1::Policy> identity;
  std::vector<v1::Policy> organisation;
  std::optional<v1::Policy> boundary;
  std::optional<v1::Policy> resource;
  CallerPolicies own;
};

std::string in_words(const Ruling& ruling) {
  if (ruling.allowed) return "allowed";
  const std::string text = denial_text("me", "a:B", "it", ruling);
  return text.substr(text.find("it") + 3);
}

AccessRequest question(std::string_view principal) {
  return {.principal_arn = principal,
          .action = "secretsmanager:GetSecretValue",
          .account = "111122223333",
          .resource = "arn:aws:secretsmanager:us-west-2:111122223333:secret:db-AbCdEf"};
}

std::string secret(std::string_view principal, const Policies& given) {
  const Read read(given);
  return in_words(
      rule_on_resource(read.resource ? &*read.resource : nullptr, &read.own, question(principal)));
}

std::string key(std::string_view principal, const Policies& given, bool granted = false) {
  const Read read(given);
  return in_words(
      rule_on_key(read.resource.value_or(v1::Policy()), &read.own, question(principal), granted));
}

std::string allow(std::string_view principal) {
  return "{'Effect': 'Allow', 'Principal': {'AWS': '" + std::string(principal) +
         "'}, 'Action': '*', 'Resource': '*'}";
}
std::string deny(std::string_view principal) {
  return "{'Effect': 'Deny', 'Principal': {'AWS': '" + std::string(principal) +
         "'}, 'Action': '*', 'Resource': '*'}";
}

const char* const kNoIdentity = "because no identity-based policy allows the a:B action";
const char* const kNoResource = "because no resource-based policy allows the a:B action";
const char* const kNoBoundary = "because no permissions boundary allows the a:B action";
const char* const kNoOrganisation = "because no service control policy allows the a:B action";

TEST(PolicyDecisionTest, WhoHasNoPoliciesMayDoWhatNobodyDenies) {
  EXPECT_EQ(secret(kAlice, {}), "allowed");
  EXPECT_EQ(in_words(rule_on_resource(nullptr, nullptr, question(kAlice))), "allowed");
  EXPECT_EQ(secret(kAlice, {.resource = deny(kAlice)}),
            "with an explicit deny in a resource-based policy");
}

TEST(PolicyDecisionTest, OneOfTwoIsEnoughInOneAccount) {
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowGet}}), "allowed");
  EXPECT_EQ(secret(kAlice,
                   {
                       .identity = {kAllowPut, kAllowGet}
  }),
            "allowed");
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowPut}}), kNoIdentity);
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowPut}, .resource = allow(kAlice)}), "allowed");
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowPut}, .resource = allow("*")}), "allowed");
}

// The account's root in a policy of a secret means: whoever his own policies allow it.
TEST(PolicyDecisionTest, TheAccountOnlyDelegates) {
  for (const char* account : {"111122223333", "arn:aws:iam::111122223333:root"}) {
    EXPECT_EQ(secret(kAlice, {.identity = {kAllowPut}, .resource = allow(account)}), kNoIdentity);
    EXPECT_EQ(secret(kAlice, {.identity = {kAllowGet}, .resource = allow(account)}), "allowed");
  }
}

TEST(PolicyDecisionTest, ADenyAnywhereWins) {
  const std::string all = allow(kAlice);
  EXPECT_EQ(secret(kAlice,
                   {
                       .identity = {kAllowAll, kDenyGet},
                         .resource = all
  }),
            "with an explicit deny in an identity-based policy");
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowAll}, .boundary = kDenyGet, .resource = all}),
            "with an explicit deny in a permissions boundary");
  EXPECT_EQ(secret(kAlice,
                   {
                       .identity = {kAllowAll},
                         .organisation = { kAllowAll, kDenyGet}
  }),
            "with an explicit deny in a service control policy");
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowAll}, .resource = deny("*")}),
            "with an explicit deny in a resource-based policy");
}

TEST(PolicyDecisionTest, EveryServiceControlPolicyMustAllow) {
  EXPECT_EQ(secret(kAlice, {.organisation = {kAllowAll}}), "allowed");
  EXPECT_EQ(secret(kAlice,
                   {
                       .organisation = {kAllowAll, kAllowPut}
  }),
            kNoOrganisation);
  EXPECT_EQ(secret(kAlice, {.organisation = {kAllowPut}, .resource = allow(kAlice)}),
            kNoOrganisation);
}

// AWS Organizations User Guide, "SCP evaluation": such a policy stands beside FullAWSAccess.
TEST(PolicyDecisionTest, AServiceControlPolicyThatOnlyDeniesNeedNotAllow) {
  EXPECT_EQ(secret(kAlice, {.organisation = {"{'Effect': 'Deny', 'Action': 'kms:*', 'Resource': "
                                             "'*'}"}}),
            "allowed");
  EXPECT_EQ(secret(kAlice, {.organisation = {kDenyGet}}),
            "with an explicit deny in a service control policy");
}

TEST(PolicyDecisionTest, ABoundaryLimitsWhatWasNotAllowedByName) {
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowAll}, .boundary = kAllowPut}), kNoBoundary);
  EXPECT_EQ(secret(kAlice, {.identity = {kAllowAll}, .boundary = kAllowGet}), "allowed");
  EXPECT_EQ(secret(kAlice, {.boundary = kAllowPut, .resource = allow(kAlice)}), "allowed");
  EXPECT_EQ(secret(kSession, {.boundary = kAllowPut, .resource = allow(kReader)}), kNoBoundary);
  EXPECT_EQ(secret(kSession, {.boundary = kAllowPut, .resource = allow(kSession)}), "allowed");
}

TEST(PolicyDecisionTest, AcrossAccountsBothAreNeeded) {
  EXPECT_EQ(secret(kBob, {.identity = {kAllowGet}}), kNoResource);
  EXPECT_EQ(secret(kBob, {.identity = {kAllowPut}, .resource = allow(kBob)}), kNoIdentity);
  EXPECT_EQ(secret(kBob, {.identity = {kAllowGet}, .resource = allow(kBob)}), "allowed");
  EXPECT_EQ(secret(kBob, {.identity = {kAllowGet}, .resource = allow("444455556666")}), "allowed");
  EXPECT_EQ(secret(kBob, {.identity = {kAllowGet}, .resource = allow("111122223333")}),
            kNoResource);
}

TEST(PolicyDecisionTest, WithoutTheKeysPolicyNothingHelpsButAGrant) {
  EXPECT_EQ(key(kAlice, {.identity = {kAllowAll}}), kNoResource);
  EXPECT_EQ(key(kAlice, {.identity = {kAllowAll}}, true), "allowed");
  EXPECT_EQ(key(kAlice, {.identity = {kDenyGet}}, true),
            "with an explicit deny in an identity-based policy");
}

TEST(PolicyDecisionTest, TheKeysPolicyAllowsTheCallerOrLeavesItToHisAccount) {
  EXPECT_EQ(key(kAlice, {.identity = {kAllowPut}, .resource = allow(kAlice)}), "allowed");
  EXPECT_EQ(key(kAlice, {.identity = {kAllowPut}, .resource = allow("*")}), "allowed");
  EXPECT_EQ(key(kAlice, {.identity = {kAllowPut}, .resource = allow("111122223333")}), kNoIdentity);
  EXPECT_EQ(key(kAlice, {.identity = {kAllowGet}, .resource = allow("111122223333")}), "allowed");
  EXPECT_EQ(key(kAlice, {.resource = allow("111122223333")}), "allowed");
}

TEST(PolicyDecisionTest, AKeyOfAnotherAccountNeedsBoth) {
  EXPECT_EQ(key(kBob, {.identity = {kAllowPut}, .resource = allow(kBob)}), kNoIdentity);
  EXPECT_EQ(key(kBob, {.identity = {kAllowGet}, .resource = allow(kBob)}), "allowed");
  EXPECT_EQ(key(kBob, {.identity = {kAllowGet}, .resource = allow("111122223333")}), kNoResource);
}

TEST(PolicyDecisionTest, EveryoneButSome) {
  const std::string others =
      "{'Effect': 'Deny', 'NotPrincipal': {'AWS': 'arn:aws:iam::111122223333:user/alice'}, "
      "'Action': '*', 'Resource': '*'}";
  EXPECT_EQ(secret(kAlice, {.resource = others}), "allowed");
  EXPECT_EQ(secret(kSession, {.resource = others}),
            "with an explicit deny in a resource-based policy");
  const std::string all_but_reading =
      "{'Effect': 'Deny', 'NotAction': 'secretsmanager:GetSecretValue', 'Resource': '*'}";
  EXPECT_EQ(secret(kAlice,
                   {
                       .identity = {kAllowGet, all_but_reading}
  }),
            "allowed");
  const std::string all_but_this =
      "{'Effect': 'Deny', 'Action': '*', 'NotResource': "
      "'arn:aws:secretsmanager:*:*:secret:db-*'}";
  EXPECT_EQ(secret(kAlice,
                   {
                       .identity = {kAllowGet, all_but_this}
  }),
            "allowed");
}

TEST(PolicyDecisionTest, AServiceIsAPrincipalByItsName) {
  const std::string service =
      "{'Effect': 'Allow', 'Principal': {'Service': 'secretsmanager.amazonaws.com'}, 'Action': "
      "'*', 'Resource': '*'}";
  const v1::Policy read = policy(service, PolicyUse::Key);
  EXPECT_EQ(decide(read, question("secretsmanager.amazonaws.com")), Decision::Allow);
  EXPECT_EQ(decide(read, question("lambda.amazonaws.com")), Decision::ImplicitDeny);
  EXPECT_EQ(decide(read, question(kAlice)), Decision::ImplicitDeny);
}

TEST(PolicyDecisionTest, ResourcesHaveWildcards) {
  const auto with = [](const char* resource) {
    return secret(kAlice, {.identity = {"{'Effect': 'Allow', 'Action': '*', 'Resource': '" +
                                        std::string(resource) + "'}"}});
  };
  EXPECT_EQ(with("arn:aws:secretsmanager:us-west-2:111122223333:secret:db-??????"), "allowed");
  EXPECT_EQ(with("arn:aws:secretsmanager:us-west-2:111122223333:secret:d*"), "allowed");
  EXPECT_EQ(with("arn:aws:secretsmanager:us-west-2:111122223333:secret:db"), kNoIdentity);
  EXPECT_EQ(with("arn:aws:secretsmanager:us-east-1:*"), kNoIdentity);
  EXPECT_EQ(with("arn:aws:secretsmanager:us-west-2:111122223333:secret:DB-??????"), kNoIdentity);
}

}  // namespace
}  // namespace faultline::kms
