// What clients see of policies at a region's front door: AWS's texts, word for word.
// Source  IAM User Guide, "Troubleshoot access denied error messages"; Secrets Manager User Guide,
//         "Permissions policy examples".
#include <string>

#include <gtest/gtest.h>

#include "tests/access/access_fixture.h"

namespace faultline::regions {
namespace {

constexpr std::string_view kGet = "secretsmanager:GetSecretValue";

const char* const kNoIdentityGet =
    "because no identity-based policy allows the secretsmanager:GetSecretValue action";

std::string allow(const std::string& actions, const std::string& more = {}) {
  return "{'Effect': 'Allow', 'Action': " + actions + ", 'Resource': '*'" + more + "}";
}
std::string deny(const std::string& actions, const std::string& more = {}) {
  return "{'Effect': 'Deny', 'Action': " + actions + ", 'Resource': '*'" + more + "}";
}
std::string when(const std::string& condition) { return ", 'Condition': {" + condition + "}"; }

class FrontDoorTest : public ::testing::Test {
 protected:
  FrontDoorTest() { api.ok("create_secret { name: 'db' secret_string: 'hunter2' }"); }

  std::string as(std::string_view who, const std::string& request,
                 std::string_view region = kWest) {
    return api.error(request, region, who);
  }

  AccessWorld world;
  SecretsApi& api = world.api;
};

TEST_F(FrontDoorTest, WhoHasNoPoliciesMayDoEverything) {
  world.add("anybody", {});
  EXPECT_EQ(world.get("anybody"), "OK");
  EXPECT_EQ(as("anybody", "delete_secret { secret_id: 'db' }"), "OK");
}

TEST_F(FrontDoorTest, AnIdentityPolicyAllowsWhatItNames) {
  world.add("reader", {allow("'secretsmanager:GetSecretValue'")});
  EXPECT_EQ(world.get("reader"), "OK");
  EXPECT_EQ(as("reader", "put_secret_value { secret_id: 'db' secret_string: 'x' }"),
            denial("reader", "secretsmanager:PutSecretValue", "db",
                   "because no identity-based policy allows the secretsmanager:PutSecretValue "
                   "action"));
}

// The resource is named as the caller named it.
TEST_F(FrontDoorTest, ADenialNamesTheResourceAsItWasSent) {
  world.add("nobody", {allow("'kms:*'")});
  const std::string arn = api.arn();
  EXPECT_EQ(world.get("nobody"), denial("nobody", kGet, "db", kNoIdentityGet));
  EXPECT_EQ(world.get("nobody", arn), denial("nobody", kGet, arn, kNoIdentityGet));
  EXPECT_EQ(as("nobody", "list_secrets {}"),
            denial("nobody", "secretsmanager:ListSecrets", "*",
                   "because no identity-based policy allows the secretsmanager:ListSecrets "
                   "action"));
}

TEST_F(FrontDoorTest, EachKindOfPolicySaysNoInItsOwnWords) {
  world.add("denied", {allow("'*'"), deny("'secretsmanager:Get*'")});
  EXPECT_EQ(world.get("denied"),
            denial("denied", kGet, "db", "with an explicit deny in an identity-based policy"));
  world.add("bounded", {allow("'*'")}, allow("'secretsmanager:List*'"));
  EXPECT_EQ(world.get("bounded"),
            denial("bounded", kGet, "db",
                   "because no permissions boundary allows the secretsmanager:GetSecretValue "
                   "action"));
  world.add("fenced", {allow("'*'")}, allow("'*'") + "," + deny("'secretsmanager:Get*'"));
  EXPECT_EQ(world.get("fenced"),
            denial("fenced", kGet, "db", "with an explicit deny in a permissions boundary"));
  world.organisation({allow("'kms:*'")});
  EXPECT_EQ(world.get("admin"),
            denial("admin", kGet, "db",
                   "because no service control policy allows the secretsmanager:GetSecretValue "
                   "action"));
  world.organisation({allow("'*'"), deny("'secretsmanager:GetSecretValue'")});
  EXPECT_EQ(world.get("admin"),
            denial("admin", kGet, "db", "with an explicit deny in a service control policy"));
}

// Denied comes before not found: who may not read learns nothing of what there is.
TEST_F(FrontDoorTest, ADenialComesBeforeTheLookup) {
  world.add("nobody", {allow("'kms:*'")});
  EXPECT_EQ(world.get("nobody", "missing"), denial("nobody", kGet, "missing", kNoIdentityGet));
  EXPECT_EQ(as("nobody", "get_secret_value {}").substr(0, 19), "ValidationException");
}

// IAM User Guide, "AWS: Denies access to AWS based on the requested Region".
TEST_F(FrontDoorTest, AnOrganisationDeniesRegions) {
  world.organisation(
      {allow("'*'"),
       "{'Effect': 'Deny', 'NotAction': ['iam:*', 'sts:*', 'organizations:*', 'route53:*', "
       "'cloudfront:*', 'support:*'], 'Resource': '*'" +
           when("'StringNotEquals': {'aws:RequestedRegion': ['us-west-2', 'eu-west-1']}") + "}"});
  EXPECT_EQ(world.get("admin"), "OK");
  EXPECT_EQ(world.get("admin", "db", kEast),
            denial("admin", kGet, "db", "with an explicit deny in a service control policy"));
  // The destinations of a replication are not what is requested: it is let through here, and KMS
  // denies it there.
  EXPECT_EQ(as("admin",
               "replicate_secret_to_regions { secret_id: 'db' add_replica_regions { "
               "region: 'us-east-1' } }"),
            "OK");
  api.world().run_for(engine::Duration::seconds(5));
  EXPECT_NE(api.world().client(kWest).replica_status("db", std::string(kEast)), "InSync");
}

// Secrets Manager User Guide, "Prevent replication": the key that polices destinations.
TEST_F(FrontDoorTest, AddReplicaRegionsPolicesDestinations) {
  world.add("maker", {allow("'secretsmanager:*'",
                            when("'ForAllValues:StringLike': {'secretsmanager:AddReplicaRegions': "
                                 "['us-*', 'ca-*']}"))});
  world.add("alone", {allow("'secretsmanager:*'",
                            when("'Null': {'secretsmanager:AddReplicaRegions': 'true'}"))});
  const auto create = [&](std::string_view who, const std::string& name, const std::string& to) {
    return as(who, "create_secret { name: '" + name + "' secret_string: 'x' " +
                       (to.empty() ? "" : "add_replica_regions { region: '" + to + "' }") + " }");
  };
  EXPECT_EQ(create("maker", "a", "us-east-1"), "OK");
  EXPECT_EQ(create("maker", "b", ""), "OK");
  EXPECT_EQ(create("maker", "c", "eu-west-1"),
            denial("maker", "secretsmanager:CreateSecret", "c",
                   "because no identity-based policy allows the secretsmanager:CreateSecret "
                   "action"));
  EXPECT_EQ(create("alone", "d", ""), "OK");
  EXPECT_EQ(create("alone", "e", "us-east-1").substr(0, 21), "AccessDeniedException");
}

TEST_F(FrontDoorTest, OneCallMayNeedSeveralActions) {
  world.add("maker", {allow("'secretsmanager:CreateSecret'")});
  EXPECT_EQ(as("maker", "create_secret { name: 'a' secret_string: 'x' }"), "OK");
  EXPECT_EQ(as("maker", "create_secret { name: 'b' tags { key: 'k' value: 'v' } }"),
            denial("maker", "secretsmanager:TagResource", "b",
                   "because no identity-based policy allows the secretsmanager:TagResource "
                   "action"));
  EXPECT_EQ(as("maker", "create_secret { name: 'c' add_replica_regions { region: 'us-east-1' } }"),
            denial("maker", "secretsmanager:ReplicateSecretToRegions", "c",
                   "because no identity-based policy allows the "
                   "secretsmanager:ReplicateSecretToRegions action"));
  world.add("batcher", {allow("'secretsmanager:BatchGetSecretValue'")});
  EXPECT_EQ(as("batcher", "batch_get_secret_value { filters { key: 'name' values: 'db' } }"),
            denial("batcher", "secretsmanager:ListSecrets", "*",
                   "because no identity-based policy allows the secretsmanager:ListSecrets "
                   "action"));
  // What may not be read is told in the batch, and the batch succeeds.
  const auto batch = api.ok("batch_get_secret_value { secret_id_list: 'db' }", kWest, "batcher");
  ASSERT_EQ(batch.batch_get_secret_value().errors_size(), 1);
  EXPECT_EQ(batch.batch_get_secret_value().errors(0).error_code(), "AccessDeniedException");
}

TEST_F(FrontDoorTest, ResourcesAreSecretsByArn) {
  const std::string arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:";
  const auto of = [&](const std::string& resource) {
    return std::string("{'Effect': 'Allow', 'Action': 'secretsmanager:*', 'Resource': '") + arn +
           resource + "'}";
  };
  world.add("app", {of("app/*"), of("db-??????")});
  EXPECT_EQ(world.get("app"), "OK");
  EXPECT_EQ(as("app", "create_secret { name: 'app/key' secret_string: 'x' }"), "OK");
  EXPECT_EQ(as("app", "create_secret { name: 'other' secret_string: 'x' }").substr(0, 21),
            "AccessDeniedException");
  // A secret of another name that begins alike is not meant.
  api.ok("create_secret { name: 'db-backup' secret_string: 'x' }");
  EXPECT_EQ(world.get("app", "db-backup"), denial("app", kGet, "db-backup", kNoIdentityGet));
}

TEST_F(FrontDoorTest, ConditionsAskForTheRequestAndTheSecret) {
  world.add("current", {allow("'secretsmanager:GetSecretValue'",
                              when("'ForAnyValue:StringEquals': {'secretsmanager:VersionStage': "
                                   "'AWSCURRENT'}"))});
  EXPECT_EQ(world.get("current"), "OK");
  EXPECT_EQ(as("current", "get_secret_value { secret_id: 'db' version_stage: 'AWSPREVIOUS' }"),
            denial("current", kGet, "db", kNoIdentityGet));

  world.add("team", {allow("'secretsmanager:*'",
                           when("'StringEquals': {'aws:ResourceTag/team': 'blue'}"))});
  EXPECT_EQ(world.get("team"), denial("team", kGet, "db", kNoIdentityGet));
  api.ok("tag_resource { secret_id: 'db' tags { key: 'team' value: 'blue' } }");
  EXPECT_EQ(world.get("team"), "OK");

  world.add("careful", {allow("'secretsmanager:DeleteSecret'",
                              when("'NumericGreaterThanEquals': "
                                   "{'secretsmanager:RecoveryWindowInDays': '14'}"))});
  EXPECT_EQ(
      as("careful", "delete_secret { secret_id: 'db' recovery_window_in_days: 7 }").substr(0, 21),
      "AccessDeniedException");
  EXPECT_EQ(as("careful", "delete_secret { secret_id: 'db' recovery_window_in_days: 14 }"), "OK");
}

// The clock of conditions is the simulated one.
TEST_F(FrontDoorTest, PermissionsMayEnd) {
  world.add("guest", {allow("'secretsmanager:*'",
                            when("'DateLessThan': {'aws:CurrentTime': '2026-01-02T00:00:00Z'}"))});
  EXPECT_EQ(world.get("guest"), "OK");
  api.world().run_for(engine::Duration::days(1));
  EXPECT_EQ(world.get("guest"), denial("guest", kGet, "db", kNoIdentityGet));
}

// AWS Secrets Manager API Reference, "UntagResource": who would lock himself out is refused.
TEST_F(FrontDoorTest, ATagChangeThatWouldLockTheCallerOutIsRefused) {
  api.ok("tag_resource { secret_id: 'db' tags { key: 'team' value: 'blue' } }");
  world.add("blue", {allow("'secretsmanager:*'",
                           when("'StringEquals': {'aws:ResourceTag/team': 'blue'}"))});
  EXPECT_EQ(as("blue", "untag_resource { secret_id: 'db' tag_keys: 'team' }"),
            denial("blue", "secretsmanager:UntagResource", "db",
                   "because no identity-based policy allows the secretsmanager:UntagResource "
                   "action"));
  EXPECT_EQ(as("blue", "tag_resource { secret_id: 'db' tags { key: 'team' value: 'red' } }")
                .substr(0, 21),
            "AccessDeniedException");
  EXPECT_EQ(as("blue", "tag_resource { secret_id: 'db' tags { key: 'stage' value: 'x' } }"), "OK");
  EXPECT_EQ(world.get("blue"), "OK");
}

}  // namespace
}  // namespace faultline::regions
