// The least that callers need: with the AWS managed key nothing of KMS; with a customer's key
// GenerateDataKey, Decrypt and Encrypt, in the region of the key. Each is taken away in turn.
// Source  Secrets Manager User Guide, "Secret encryption and decryption", "Permissions for the KMS
//         key"; "Replicate AWS Secrets Manager secrets across Regions".
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/access/access_fixture.h"

namespace faultline::regions {
namespace {

const char* const kSecrets = "{'Effect': 'Allow', 'Action': 'secretsmanager:*', 'Resource': '*'}";
const char* const kKmsDenied = "AccessDeniedException: Access to KMS is not allowed";

// Actions on the keys of one region.
std::string keys(std::string_view region, const std::vector<std::string>& actions) {
  std::string list;
  for (const std::string& each : actions) list += (list.empty() ? "'" : ", '") + each + "'";
  return "{'Effect': 'Allow', 'Action': [" + list +
         "], 'Resource': 'arn:aws:kms:" + std::string(region) + ":123456789012:key/*'}";
}

const std::vector<std::string> kAll = {"kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt"};

std::vector<std::string> all_but(const std::string& action) {
  std::vector<std::string> rest;
  for (const std::string& each : kAll) {
    if (each != action) rest.push_back(each);
  }
  return rest;
}

class MinimumPermissionsTest : public ::testing::Test {
 protected:
  MinimumPermissionsTest() {
    api.make_key("alias/west", kWest);
    api.make_key("alias/replica", kEast);
  }

  std::string create(const std::string& more) {
    return api.error("create_secret { name: 'db" + std::to_string(++made_) +
                         "' secret_string: 'hunter2' " + more + " }",
                     kWest, "app");
  }
  std::string status() {
    api.world().run_for(engine::Duration::seconds(60));
    return api.world().client(kWest).replica_status("db" + std::to_string(made_),
                                                    std::string(kEast));
  }

  AccessWorld world;
  SecretsApi& api = world.api;
  int made_ = 0;
};

TEST_F(MinimumPermissionsTest, TheManagedKeyNeedsNothingOfKms) {
  world.add("app", {kSecrets});
  EXPECT_EQ(create("add_replica_regions { region: 'us-east-1' }"), "OK");
  EXPECT_EQ(status(), "InSync");
  EXPECT_EQ(world.get("app", "db1"), "OK");
  EXPECT_EQ(world.get("app", "db1", kEast), "OK");
}

TEST_F(MinimumPermissionsTest, ACustomersKeyIsNotUsedWithoutPermission) {
  world.add("app", {kSecrets});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), kKmsDenied);
  world.add("app", {kSecrets, keys(kWest, kAll)});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), "OK");
  EXPECT_EQ(world.get("app", "db2"), "OK");
}

TEST_F(MinimumPermissionsTest, MakingNeedsGenerateDataKeyAndDecrypt) {
  for (const char* missing : {"kms:GenerateDataKey", "kms:Decrypt"}) {
    world.add("app", {kSecrets, keys(kWest, all_but(missing))});
    EXPECT_EQ(create("kms_key_id: 'alias/west'"), kKmsDenied) << missing;
  }
  world.add("app", {kSecrets, keys(kWest, all_but("kms:Encrypt"))});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), "OK");
}

TEST_F(MinimumPermissionsTest, ReadingNeedsDecrypt) {
  world.add("app", {kSecrets, keys(kWest, kAll)});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), "OK");
  world.add("app", {kSecrets, keys(kWest, all_but("kms:Decrypt"))});
  EXPECT_EQ(world.get("app", "db1"), kKmsDenied);
  world.add("app", {kSecrets, keys(kWest, {"kms:Decrypt"})});
  EXPECT_EQ(world.get("app", "db1"), "OK");
}

// Without Encrypt on the new key the old versions stay under the old one: the call succeeds.
TEST_F(MinimumPermissionsTest, ReEncryptingNeedsEncrypt) {
  for (const bool may_encrypt : {false, true}) {
    world.add("app", {kSecrets, keys(kWest, kAll)});
    EXPECT_EQ(create(""), "OK");
    const std::string name = "db" + std::to_string(made_);
    world.add("app", {kSecrets, keys(kWest, may_encrypt ? kAll : all_but("kms:Encrypt"))});
    EXPECT_EQ(api.error("update_secret { secret_id: '" + name + "' kms_key_id: 'alias/west' }",
                        kWest, "app"),
              "OK");
    const auto listed = api.ok("list_secret_version_ids { secret_id: '" + name + "' }");
    const auto& ids = listed.list_secret_version_ids().versions(0).kms_key_ids();
    const bool is_under_new =
        std::find(ids.begin(), ids.end(), "alias/west") != ids.end() || ids.size() == 2;
    EXPECT_EQ(is_under_new, may_encrypt) << name;
  }
}

// The replica's key is one of the replica's region, and so are the permissions for it.
TEST_F(MinimumPermissionsTest, AReplicasKeyNeedsGenerateDataKeyInItsRegion) {
  const std::string replica =
      "add_replica_regions { region: 'us-east-1' kms_key_id: 'alias/replica' }";
  world.add("app", {kSecrets, keys(kEast, kAll)});
  EXPECT_EQ(create(replica), "OK");
  EXPECT_EQ(status(), "InSync");
  for (const auto& policy : {keys(kEast, all_but("kms:GenerateDataKey")), keys(kWest, kAll)}) {
    world.add("app", {kSecrets, policy});
    EXPECT_EQ(create(replica), "OK");
    EXPECT_EQ(status().substr(0, 6), "Failed") << policy;
  }
}

TEST_F(MinimumPermissionsTest, ReplicatingFromACustomersKeyNeedsDecryptThere) {
  const std::string replicate = "add_replica_regions { region: 'us-east-1' }";
  world.add("app", {kSecrets, keys(kWest, kAll)});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), "OK");
  world.add("app", {kSecrets, keys(kWest, all_but("kms:Decrypt"))});
  EXPECT_EQ(
      api.error("replicate_secret_to_regions { secret_id: 'db1' " + replicate + " }", kWest, "app"),
      "OK");
  EXPECT_EQ(status().substr(0, 6), "Failed");
}

// kms:ViaService: a key may be used through Secrets Manager alone, and for these secrets alone.
TEST_F(MinimumPermissionsTest, AKeysUseCanBeNarrowedToSecretsManager) {
  const auto through = [](const std::string& service, const std::string& context) {
    return "{'Effect': 'Allow', 'Action': ['kms:GenerateDataKey', 'kms:Decrypt'], 'Resource': '*', "
           "'Condition': {'StringEquals': {'kms:ViaService': '" +
           service + "'}, 'StringLike': {'kms:EncryptionContext:SecretARN': '" + context + "'}}}";
  };
  const std::string here = "secretsmanager.us-west-2.amazonaws.com";
  world.add("app", {kSecrets, through(here, "arn:aws:secretsmanager:*:secret:db*")});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), "OK");
  world.add("app", {kSecrets, through("s3.us-west-2.amazonaws.com", "*")});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), kKmsDenied);
  world.add("app", {kSecrets, through(here, "arn:aws:secretsmanager:*:secret:other*")});
  EXPECT_EQ(create("kms_key_id: 'alias/west'"), kKmsDenied);
}

}  // namespace
}  // namespace faultline::regions
