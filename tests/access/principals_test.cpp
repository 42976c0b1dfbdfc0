// Principals of an account, and how a scenario declares them.
#include <string>

#include <gtest/gtest.h>

#include "regions/account.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_world.h"

namespace faultline::regions {
namespace {

TEST(PrincipalsTest, AccessKeysAreMadeFromSeedAndName) {
  Account one("123456789012", 7);
  Account same("123456789012", 7);
  Account other("123456789012", 8);
  for (Account* account : {&one, &same, &other}) {
    account->add_principal("alice");
    account->add_principal("bob");
  }
  const Principal& alice = *one.find_principal("alice");
  EXPECT_EQ(alice.access_key_id.size(), 20U);
  EXPECT_EQ(alice.access_key_id.substr(0, 4), "AKIA");
  EXPECT_EQ(alice.access_key_id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            std::string::npos);
  EXPECT_EQ(alice.secret_access_key.size(), 40U);
  EXPECT_EQ(same.find_principal("alice")->access_key_id, alice.access_key_id);
  EXPECT_EQ(same.find_principal("alice")->secret_access_key, alice.secret_access_key);
  EXPECT_NE(other.find_principal("alice")->access_key_id, alice.access_key_id);
  EXPECT_NE(one.find_principal("bob")->access_key_id, alice.access_key_id);
}

TEST(PrincipalsTest, AreFoundByNameArnAndAccessKey) {
  Account account("123456789012");
  Principal given{.name = "deployer", .arn = "arn:aws:iam::123456789012:role/deployer"};
  given.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  account.add_principal(given);
  const Principal* const deployer = account.find_principal("deployer");
  ASSERT_NE(deployer, nullptr);
  EXPECT_EQ(account.find_principal("arn:aws:iam::123456789012:role/deployer"), deployer);
  EXPECT_EQ(account.find_by_access_key("AKIAIOSFODNN7EXAMPLE"), deployer);
  EXPECT_EQ(account.find_by_access_key("AKIAIOSFODNN7EXAMPLF"), nullptr);

  given.access_key_id = "AKIAI44QH8DHBEXAMPLE";
  given.arn.clear();
  account.add_principal(given);
  EXPECT_EQ(account.find_by_access_key("AKIAIOSFODNN7EXAMPLE"), nullptr);
  EXPECT_EQ(account.find_principal("arn:aws:iam::123456789012:role/deployer"), nullptr);
  EXPECT_EQ(account.find_by_access_key("AKIAI44QH8DHBEXAMPLE")->arn,
            "arn:aws:iam::123456789012:user/deployer");
}

constexpr const char* kWorld = R"(
region { name: "us-west-2" }
principal {
  name: "reader"
  policy { statements { effect: Allow actions: "secretsmanager:GetSecretValue" } }
  policy { document: '{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}' }
  permissions_boundary { statements { effect: Allow not_actions: "iam:*" } }
  access_key_id: "AKIAIOSFODNN7EXAMPLE"
  secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
}
service_control_policy { statements { effect: Allow actions: "*" } }
)";

TEST(PrincipalsTest, AScenarioDeclaresThem) {
  const auto loaded = load_scenario("world.textproto", kWorld);
  ASSERT_TRUE(loaded.has_value());
  const auto world = make_world(loaded->scenario, 1, {});
  const Account& account = world->account();
  const Principal* const reader = account.find_by_access_key("AKIAIOSFODNN7EXAMPLE");
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->name, "reader");
  ASSERT_EQ(reader->policies.size(), 2U);
  EXPECT_EQ(reader->policies[1].statements_size(), 1);
  EXPECT_TRUE(reader->permissions_boundary.has_value());
  EXPECT_EQ(account.service_control_policies().size(), 1U);
  EXPECT_NE(account.find_principal("admin"), nullptr);
}

// Every mistake, in one line each.
std::string mistakes(const std::string& text) {
  const auto loaded = load_scenario("f", "region { name: \"us-west-2\" }\n" + text);
  std::string out;
  if (loaded) return out;
  for (const InputError& error : loaded.error()) out += error.to_string() + "\n";
  return out;
}

TEST(PrincipalsTest, MistakesInPoliciesAreFoundBeforeTheRun) {
  EXPECT_EQ(mistakes("principal { name: \"a\" policy { statements { effect: Allow\n"
                     "  actions: \"secretmanager:GetSecretValue\" } } }"),
            "f:3:3: \"secretmanager\" is no service that has actions here; did you mean "
            "\"secretsmanager\"?\n");
  EXPECT_EQ(mistakes("principal { name: \"a\" policy { statements { effect: Allow\n"
                     "  actions: \"secretsmanager:GetSecretvalues\" } } }"),
            "f:3:3: \"secretsmanager:GetSecretvalues\" is no action of Secrets Manager; did you "
            "mean \"secretsmanager:GetSecretValue\"?\n");
  EXPECT_EQ(mistakes("service_control_policy { statements { effect: Deny actions: \"*\"\n"
                     "  conditions { operator: \"StringNotEqual\" key: \"aws:RequestedRegion\"\n"
                     "               values: \"us-west-2\" } } }"),
            "f:3:16: \"StringNotEqual\" is no condition operator; did you mean "
            "\"StringNotEquals\"?\n");
  EXPECT_EQ(mistakes("principal { name: \"a\"\n"
                     "  policy { document: '{\"Statement\": [{\"Effect\": \"Alow\"}]}' } }"),
            "f:3:12: document: statement 1: Effect must be Allow or Deny\n");
  EXPECT_EQ(mistakes("principal { name: \"a\" policy { statements { effect: Allow actions: \"*\"\n"
                     "  resources: \"db\" } } }"),
            "f:3:3: \"db\" is no resource: an ARN, with wildcards, or \"*\"\n");
  EXPECT_EQ(mistakes("principal { name: \"a\" policy {} }"),
            "f:2:23: a policy needs statements, or a document\n");
}

}  // namespace
}  // namespace faultline::regions
