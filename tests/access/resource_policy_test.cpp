// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy, ValidateResourcePolicy; and what a
// policy of a secret decides.
#include <string>

#include <gtest/gtest.h>

#include "tests/access/access_fixture.h"

namespace faultline::regions {
namespace {

constexpr std::string_view kGet = "secretsmanager:GetSecretValue";

std::string statement(const std::string& effect, const std::string& name,
                      const std::string& action = "secretsmanager:GetSecretValue") {
  return "{'Effect': '" + effect + "', 'Principal': {'AWS': 'arn:aws:iam::123456789012:user/" +
         name + "'}, 'Action': '" + action + "', 'Resource': '*'}";
}

class ResourcePolicyTest : public ::testing::Test {
 protected:
  ResourcePolicyTest() { api.ok("create_secret { name: 'db' secret_string: 'hunter2' }"); }

  // The policy as GetResourcePolicy tells it; "none"; or the error.
  std::string stored(std::string_view region = kWest) {
    const auto answer = api.call(parse_request("get_resource_policy { secret_id: 'db' }"), region);
    if (!answer) return answer.error().code + ": " + answer.error().message;
    const auto& response = answer->get_resource_policy();
    return response.has_resource_policy() ? response.resource_policy() : "none";
  }
  v1::ValidateResourcePolicyResponse validated(const std::string& text, bool named = true) {
    v1::ApiRequest request;
    if (named) request.mutable_validate_resource_policy()->set_secret_id("db");
    request.mutable_validate_resource_policy()->set_resource_policy(text);
    const auto answer = api.call(request);
    EXPECT_TRUE(answer.has_value());
    return answer ? answer->validate_resource_policy() : v1::ValidateResourcePolicyResponse();
  }
  void replicate() {
    api.ok(
        "replicate_secret_to_regions { secret_id: 'db' add_replica_regions { region: "
        "'us-east-1' } }");
    api.world().run_for(engine::Duration::seconds(5));
  }

  AccessWorld world;
  SecretsApi& api = world.api;
};

TEST_F(ResourcePolicyTest, IsKeptAsItWasPut) {
  EXPECT_EQ(stored(), "none");
  EXPECT_EQ(world.put_policy(statement("Allow", "reader")), "OK");
  EXPECT_EQ(stored(), document(statement("Allow", "reader")));
  EXPECT_EQ(world.put_policy(statement("Allow", "other")), "OK");
  EXPECT_EQ(stored(), document(statement("Allow", "other")));
  for (int i = 0; i < 2; ++i) {
    const auto gone = api.ok("delete_resource_policy { secret_id: 'db' }");
    EXPECT_EQ(gone.delete_resource_policy().name(), "db");
    EXPECT_EQ(gone.delete_resource_policy().arn(), api.arn());
    EXPECT_EQ(stored(), "none");
  }
}

TEST_F(ResourcePolicyTest, AnAllowIsEnoughAndADenyWins) {
  world.add("reader", {"{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'}"});
  EXPECT_EQ(world.get("reader"),
            denial("reader", kGet, "db",
                   "because no identity-based policy allows the secretsmanager:GetSecretValue "
                   "action"));
  EXPECT_EQ(world.put_policy(statement("Allow", "reader")), "OK");
  EXPECT_EQ(world.get("reader"), "OK");
  EXPECT_EQ(world.put_policy(statement("Allow", "reader") + "," + statement("Deny", "reader")),
            "OK");
  EXPECT_EQ(world.get("reader"),
            denial("reader", kGet, "db", "with an explicit deny in a resource-based policy"));
  // Also for one who has no policies of his own.
  world.add("anybody", {});
  EXPECT_EQ(world.put_policy(statement("Deny", "anybody")), "OK");
  EXPECT_EQ(world.get("anybody"),
            denial("anybody", kGet, "db", "with an explicit deny in a resource-based policy"));
}

TEST_F(ResourcePolicyTest, ErrorsHaveTheTextsOfAws) {
  const auto put = [&](const std::string& text) {
    v1::ApiRequest request;
    request.mutable_put_resource_policy()->set_secret_id("db");
    request.mutable_put_resource_policy()->set_resource_policy(text);
    const auto answer = api.call(request);
    return answer ? "OK" : answer.error().code + ": " + answer.error().message;
  };
  EXPECT_EQ(put("{'Version'"),
            "MalformedPolicyDocumentException: This resource policy contains a syntax error.");
  EXPECT_EQ(put(document("{'Effect': 'Allow', 'Principal': {'AWS': 'reader'}, 'Action': "
                         "'secretsmanager:*', 'Resource': '*'}")),
            "MalformedPolicyDocumentException: This resource policy contains an unsupported "
            "principal.");
  EXPECT_EQ(put("").substr(0, 19), "ValidationException");
  EXPECT_EQ(put(std::string(20'481, ' ')).substr(0, 19), "ValidationException");
  EXPECT_EQ(api.error("put_resource_policy { secret_id: 'db' }").substr(0, 19),
            "ValidationException");
  EXPECT_EQ(world.put_policy(statement("Allow", "reader"), "missing"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
  api.ok("delete_secret { secret_id: 'db' }");
  const std::string deleted =
      "InvalidRequestException: You can't perform this operation on the secret because it was "
      "marked for deletion.";
  EXPECT_EQ(world.put_policy(statement("Allow", "reader")), deleted);
  EXPECT_EQ(stored(), deleted);
  EXPECT_EQ(api.error("delete_resource_policy { secret_id: 'db' }"), deleted);
}

TEST_F(ResourcePolicyTest, BroadAccessCanBeBlocked) {
  const auto put = [&](const std::string& more) {
    v1::ApiRequest request;
    request.mutable_put_resource_policy()->set_secret_id("db");
    request.mutable_put_resource_policy()->set_block_public_policy(true);
    request.mutable_put_resource_policy()->set_resource_policy(
        document("{'Effect': 'Allow', 'Action': '*', 'Resource': '*', " + more + "}"));
    const auto answer = api.call(request);
    return answer ? "OK" : answer.error().code;
  };
  EXPECT_EQ(put("'Principal': '*'"), "PublicPolicyException");
  EXPECT_EQ(put("'Principal': {'AWS': ['111122223333', '*']}"), "PublicPolicyException");
  EXPECT_EQ(put("'NotPrincipal': {'AWS': '111122223333'}"), "PublicPolicyException");
  EXPECT_EQ(put("'Principal': '*', 'Condition': {'Bool': {'aws:SecureTransport': 'true'}}"),
            "PublicPolicyException");
  EXPECT_EQ(put("'Principal': '*', 'Condition': {'StringNotEquals': {'aws:PrincipalAccount': "
                "'1'}}"),
            "PublicPolicyException");
  EXPECT_EQ(stored(), "none");
  EXPECT_EQ(put("'Principal': '*', 'Condition': {'StringEquals': {'aws:PrincipalAccount': "
                "'123456789012'}}"),
            "OK");
  EXPECT_EQ(put("'Principal': {'AWS': '123456789012'}"), "OK");
}

TEST_F(ResourcePolicyTest, NobodyLocksHimselfOut) {
  const std::string everybody =
      "{'Effect': 'Deny', 'Principal': '*', 'Action': 'secretsmanager:*', 'Resource': '*'}";
  EXPECT_EQ(world.put_policy(everybody),
            "AccessDeniedException: This resource policy will not allow you to manage this secret "
            "in the future.");
  EXPECT_EQ(stored(), "none");
  EXPECT_EQ(world.put_policy("{'Effect': 'Deny', 'NotPrincipal': {'AWS': "
                             "'arn:aws:iam::123456789012:user/admin'}, 'Action': "
                             "'secretsmanager:*', 'Resource': '*'}"),
            "OK");
  world.add("anybody", {});
  EXPECT_EQ(world.get("anybody"),
            denial("anybody", kGet, "db", "with an explicit deny in a resource-based policy"));
}

TEST_F(ResourcePolicyTest, ValidatingChangesNothing) {
  const auto fine = validated(document(statement("Allow", "reader")));
  EXPECT_TRUE(fine.policy_validation_passed());
  EXPECT_EQ(fine.validation_errors_size(), 0);
  EXPECT_FALSE(validated("{").policy_validation_passed());
  EXPECT_EQ(validated("{", false).validation_errors(0).error_message(),
            "This resource policy contains a syntax error.");
  const auto open =
      validated(document("{'Effect': 'Allow', 'Principal': '*', 'Action': '*', 'Resource': '*'}"));
  ASSERT_EQ(open.validation_errors_size(), 1);
  const auto shut =
      validated(document("{'Effect': 'Deny', 'Principal': '*', 'Action': '*', 'Resource': '*'}"));
  ASSERT_EQ(shut.validation_errors_size(), 1);
  EXPECT_EQ(shut.validation_errors(0).error_message(),
            "This resource policy will not allow you to manage this secret in the future.");
  EXPECT_EQ(stored(), "none");
  world.add("checker", {"{'Effect': 'Allow', 'Action': 'secretsmanager:ValidateResourcePolicy', "
                        "'Resource': '*'}"});
  EXPECT_EQ(api.error("validate_resource_policy { secret_id: 'db' resource_policy: '{}' }", kWest,
                      "checker"),
            denial("checker", "secretsmanager:PutResourcePolicy", "db",
                   "because no identity-based policy allows the secretsmanager:PutResourcePolicy "
                   "action"));
}

TEST_F(ResourcePolicyTest, TravelsToReplicasAndDecidesThere) {
  world.add("reader", {"{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'}"});
  replicate();
  EXPECT_EQ(world.put_policy(statement("Allow", "reader")), "OK");
  api.world().run_for(engine::Duration::seconds(5));
  EXPECT_EQ(stored(kEast), document(statement("Allow", "reader")));
  EXPECT_EQ(world.get("reader", "db", kEast), "OK");
  EXPECT_EQ(api.world().convergence_gap("db"), "");
  const std::string guard =
      "InvalidParameterException: Operation not permitted on a replica secret. Call must be made "
      "in primary secret's region.";
  EXPECT_EQ(api.error("delete_resource_policy { secret_id: 'db' }", kEast), guard);
  v1::ApiRequest put;
  put.mutable_put_resource_policy()->set_secret_id("db");
  put.mutable_put_resource_policy()->set_resource_policy(document(statement("Allow", "other")));
  const auto refused = api.call(put, kEast);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code + ": " + refused.error().message, guard);
  api.ok("delete_resource_policy { secret_id: 'db' }");
  api.world().run_for(engine::Duration::seconds(5));
  EXPECT_EQ(stored(kEast), "none");
  EXPECT_EQ(world.get("reader", "db", kEast).substr(0, 21), "AccessDeniedException");
}

// Secrets Manager User Guide, "Access AWS Secrets Manager secrets from a different account".
TEST_F(ResourcePolicyTest, AnotherAccountNeedsBothPoliciesAnArnAndAKeyOfOurs) {
  const std::string bob = "arn:aws:iam::444455556666:user/bob";
  const std::string let_in = "{'Effect': 'Allow', 'Principal': {'AWS': '" + bob +
                             "'}, 'Action': 'secretsmanager:*', 'Resource': '*'}";
  world.add("bob", {"{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}"}, {}, bob);
  const std::string arn = api.arn();
  EXPECT_EQ(world.get("bob"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
  EXPECT_EQ(world.get("bob", arn),
            "AccessDeniedException: User: " + bob +
                " is not authorized to perform: secretsmanager:GetSecretValue on resource: " + arn +
                " because no resource-based policy allows the secretsmanager:GetSecretValue "
                "action");
  EXPECT_EQ(world.put_policy(let_in), "OK");
  EXPECT_EQ(world.get("bob", arn),
            "InvalidRequestException: You can't access a secret from a different AWS account if "
            "you encrypt the secret with the default KMS service key.");
  EXPECT_EQ(api.error("describe_secret { secret_id: '" + arn + "' }", kWest, "bob"), "OK");

  api.make_key("alias/ours");
  api.ok("update_secret { secret_id: 'db' kms_key_id: 'alias/ours' secret_string: 'x' }");
  EXPECT_EQ(world.get("bob", arn), "AccessDeniedException: Access to KMS is not allowed");
  kms::Kms& kms = api.world().kms(kWest);
  const v1::Policy key_policy = policy(
      "{'Effect': 'Allow', 'Principal': {'AWS': ['123456789012', '444455556666']}, 'Action': "
      "'kms:*', 'Resource': '*'}",
      kms::PolicyUse::Key);
  ASSERT_TRUE(kms.put_key_policy(*kms.resolve("alias/ours"), key_policy).has_value());
  EXPECT_EQ(world.get("bob", arn), "OK");
}

}  // namespace
}  // namespace faultline::regions
