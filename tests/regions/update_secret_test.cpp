#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class UpdateSecretTest : public testing::Test {
 protected:
  UpdateSecretTest() {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
  }
  v1::UpdateSecretResponse update(const std::string& more) {
    return api_.ok("update_secret { secret_id: 'db' " + more + " }").update_secret();
  }
  std::string error(const std::string& more) {
    return api_.error("update_secret { secret_id: 'db' " + more + " }");
  }
  void put(const std::string& version, const std::string& more = "") {
    api_.ok("put_secret_value { secret_id: 'db' client_request_token: '" + version +
            "' secret_string: '" + version + "' " + more + " }");
  }
  v1::StoredSecret stored() {
    return api_.world().region(kWest)->secret_store().secret("db")->value();
  }

  SecretsApi api_;
};

TEST_F(UpdateSecretTest, WithAValueMakesAVersionCurrent) {
  const v1::UpdateSecretResponse answer =
      update("client_request_token: 'v2' secret_string: 'two' description: 'new'");
  EXPECT_EQ(answer.version_id(), full_token("v2"));
  EXPECT_EQ(answer.name(), "db");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(api_.describe().description(), "new");
}

TEST_F(UpdateSecretTest, WithoutAValueMakesNone) {
  const v1::UpdateSecretResponse answer = update("client_request_token: 'v2' description: 'new'");
  EXPECT_FALSE(answer.has_version_id());
  EXPECT_EQ(api_.labels(), "v1: AWSCURRENT");
  // The token was not used up.
  EXPECT_EQ(update("client_request_token: 'v2' secret_string: 'two'").version_id(),
            full_token("v2"));
}

TEST_F(UpdateSecretTest, WithNothingChangesNothing) {
  const std::string before = stored().SerializeAsString();
  EXPECT_FALSE(update("").has_version_id());
  EXPECT_EQ(stored().SerializeAsString(), before);
}

TEST_F(UpdateSecretTest, NeedsATokenAlways) {
  EXPECT_EQ(
      api_.call(parse_request("update_secret { secret_id: 'db' description: 'x' }")).error().code,
      "InvalidRequestException");
}

TEST_F(UpdateSecretTest, RepeatedAnswersTheVersionAndChangesNothing) {
  update("client_request_token: 'v2' secret_string: 'two'");
  const std::string before = stored().SerializeAsString();
  EXPECT_EQ(update("client_request_token: 'v2' secret_string: 'two'").version_id(),
            full_token("v2"));
  EXPECT_EQ(stored().SerializeAsString(), before);
}

TEST_F(UpdateSecretTest, RefusesATokenThatHasAnotherValue) {
  EXPECT_EQ(error("client_request_token: 'v1' secret_string: 'two'"),
            "ResourceExistsException: You can't use ClientRequestToken " + full_token("v1") +
                " because that value is already in use for a version of secret " + api_.arn() +
                ".");
}

TEST_F(UpdateSecretTest, AbandonsARotation) {
  put("v2", "version_stages: 'AWSPENDING'");
  update("client_request_token: 'v3' secret_string: 'three'");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v3: AWSCURRENT");
}

// ---- another key --------------------------------------------------------------------------------

class KeyChangeTest : public UpdateSecretTest {
 protected:
  KeyChangeTest() {
    new_key_ = api_.make_key("alias/new");
    api_.kms_calls();
  }
  // The keys that open each version, newest first: "v1: DefaultEncryptionKey".
  std::string keys() {
    std::string text;
    const v1::ListSecretVersionIdsResponse listed =
        api_.ok("list_secret_version_ids { secret_id: 'db' include_deprecated: true }")
            .list_secret_version_ids();
    for (const v1::SecretVersionsListEntry& entry : listed.versions()) {
      text += (text.empty() ? "" : "; ") + short_token(entry.version_id()) + ":";
      for (const std::string& key : entry.kms_key_ids()) {
        text += key == new_key_ ? " new" : key == "DefaultEncryptionKey" ? " default" : " " + key;
      }
    }
    return text;
  }
  void disable_managed_key() {
    const auto key = api_.world().kms(kWest).resolve("alias/aws/secretsmanager");
    api_.fault("key_disabled { region: 'us-west-2' key: 'alias/aws/secretsmanager' }");
  }

  std::string new_key_;
};

TEST_F(KeyChangeTest, WrapsTheLabelledVersionsForEitherKey) {
  put("v2");
  put("v3", "version_stages: 'AWSPENDING'");
  api_.kms_calls();
  update("kms_key_id: 'alias/new'");
  EXPECT_EQ(api_.kms_calls(),
            "GenerateDataKey Decrypt Decrypt Encrypt Decrypt Encrypt Decrypt Encrypt");
  EXPECT_EQ(keys(), "v1: new default; v2: new default; v3: new default");
  disable_managed_key();
  EXPECT_EQ(api_.value(), "v2");
  EXPECT_EQ(api_.value("db", kWest, "version_stage: 'AWSPREVIOUS'"), "one");
}

TEST_F(KeyChangeTest, LeavesOtherVersionsWithTheOldKey) {
  put("v2", "version_stages: 'blue'");
  put("v3");
  put("v4");
  EXPECT_EQ(api_.labels(), "v2: blue; v3: AWSPREVIOUS; v4: AWSCURRENT");
  update("kms_key_id: 'alias/new'");
  EXPECT_EQ(keys(), "v1: default; v2: default; v3: new default; v4: new default");
  disable_managed_key();
  EXPECT_EQ(api_.value("db", kWest, "version_stage: 'blue'"), "<DecryptionFailure>");
}

TEST_F(KeyChangeTest, GivesNewVersionsTheNewKeyOnly) {
  update("kms_key_id: 'alias/new'");
  put("v2");
  EXPECT_EQ(keys(), "v1: new default; v2: new");
}

TEST_F(KeyChangeTest, ComesWithAValueThatHasTheNewKeyOnly) {
  update("kms_key_id: 'alias/new' client_request_token: 'v2' secret_string: 'two'");
  EXPECT_EQ(api_.kms_calls(), "GenerateDataKey Decrypt Decrypt Encrypt GenerateDataKey");
  EXPECT_EQ(keys(), "v1: new default; v2: new");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST_F(KeyChangeTest, GoesOnWithoutTheOldKey) {
  api_.fault("key_denied { region: 'us-west-2' key: 'alias/aws/secretsmanager' }");
  update("kms_key_id: 'alias/new'");
  EXPECT_EQ(keys(), "v1: default");
  EXPECT_EQ(api_.describe().kms_key_id(), "alias/new");
  EXPECT_EQ(api_.value(), "<AccessDeniedException>");
  put("v2");
  EXPECT_EQ(api_.value(), "v2");
}

TEST_F(KeyChangeTest, GoesOnWithoutEncryptOnTheNewKey) {
  api_.fault("key_denied { region: 'us-west-2' key: 'alias/new' actions: 'kms:Encrypt' }");
  update("kms_key_id: 'alias/new'");
  EXPECT_EQ(keys(), "v1: default");
  put("v2");
  EXPECT_EQ(keys(), "v1: default; v2: new");
}

TEST_F(KeyChangeTest, NeedsTheNewKeyToBeUsable) {
  EXPECT_EQ(error("kms_key_id: 'alias/no'"),
            "InvalidParameterException: The operation failed because of an invalid KMS key: "
            "Invalid keyId");
  api_.fault("key_denied { region: 'us-west-2' key: 'alias/new' actions: 'kms:Decrypt' }");
  EXPECT_EQ(error("kms_key_id: 'alias/new' description: 'never'"),
            "AccessDeniedException: Access to KMS is not allowed");
  EXPECT_FALSE(api_.describe().has_description());
  EXPECT_FALSE(api_.describe().has_kms_key_id());
}

TEST_F(KeyChangeTest, BackAndForthUsesTheWrappingsThatAreThere) {
  update("kms_key_id: 'alias/new'");
  update("kms_key_id: ''");
  EXPECT_EQ(keys(), "v1: default new");
  api_.kms_calls();
  update("kms_key_id: 'alias/new'");
  EXPECT_EQ(api_.kms_calls(), "GenerateDataKey Decrypt");
  EXPECT_EQ(keys(), "v1: new default");
}

TEST_F(KeyChangeTest, IsNoneOfTheReplicasBusiness) {
  api_.ok(
      "replicate_secret_to_regions { secret_id: 'db' "
      "add_replica_regions { region: 'us-east-1' } }");
  api_.world().run_until_idle();
  const std::uint64_t sequence = stored().sequence();
  const std::uint64_t sent = api_.world().simulation().network().sent();
  update("kms_key_id: 'alias/new'");
  EXPECT_EQ(stored().sequence(), sequence);
  EXPECT_EQ(api_.describe().replication_status(0).status(), "InSync");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.world().simulation().network().sent(), sent);
}

TEST_F(KeyChangeTest, FailsWhileKmsIsDownAndNothingHasChanged) {
  const std::string before = stored().SerializeAsString();
  api_.fault("kms_unavailable { region: 'us-west-2' }");
  EXPECT_TRUE(error("kms_key_id: 'alias/new'").starts_with("InternalServiceError"));
  EXPECT_EQ(stored().SerializeAsString(), before);
}

}  // namespace
}  // namespace faultline::regions
