// Keys that fail, as the users of secrets see it: what is refused, with which text, and that
// nothing has changed. (regions/api/value_vault.h)
#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

constexpr const char* kDenied = "AccessDeniedException: Access to KMS is not allowed";

class KmsFailuresTest : public testing::Test {
 protected:
  KmsFailuresTest() {
    key_ = api_.make_key("alias/mine");
    api_.ok(
        "create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' "
        "kms_key_id: 'alias/mine' }");
  }
  std::string read() { return api_.error("get_secret_value { secret_id: 'db' }"); }
  std::string write() {
    return api_.error("put_secret_value { secret_id: 'db' secret_string: 'two' }");
  }
  std::string create() {
    return api_.error(
        "create_secret { name: 'other' secret_string: 'x' kms_key_id: 'alias/mine' }");
  }
  [[nodiscard]] static std::string quoted(const std::string& verb, const std::string& text,
                                          const std::string& code) {
    return (verb == "decrypt" ? "DecryptionFailure" : "EncryptionFailure") +
           std::string(": Secrets Manager can't ") + verb + " the secret value: " + text +
           " (Service: AWSKMS; Status Code: 400; Error Code: " + code +
           "; Request ID: 00000000-0000-0000-0000-000000000000; Proxy: null)";
  }

  SecretsApi api_;
  std::string key_;
};

TEST_F(KmsFailuresTest, DeniedIsDeniedEverywhere) {
  api_.fault("key_denied { region: 'us-west-2' key: 'alias/mine' }");
  EXPECT_EQ(read(), kDenied);
  EXPECT_EQ(write(), kDenied);
  EXPECT_EQ(create(), kDenied);
}

TEST_F(KmsFailuresTest, OnePrincipalIsDeniedAndAnotherIsNot) {
  api_.world().account().add_principal("alice");
  api_.fault("key_denied { region: 'us-west-2' key: 'alias/mine' principal: 'alice' }");
  EXPECT_EQ(api_.error("get_secret_value { secret_id: 'db' }", kWest, "alice"), kDenied);
  EXPECT_EQ(read(), "OK");
}

TEST_F(KmsFailuresTest, ADisabledKeyFailsWithItsText) {
  api_.fault("key_disabled { region: 'us-west-2' key: 'alias/mine' }");
  EXPECT_EQ(read(), quoted("decrypt", key_ + " is disabled.", "DisabledException"));
  EXPECT_EQ(write(), quoted("encrypt", key_ + " is disabled.", "DisabledException"));
  EXPECT_EQ(create(), quoted("encrypt", key_ + " is disabled.", "DisabledException"));
}

TEST_F(KmsFailuresTest, AKeyPendingDeletionFailsWithItsText) {
  api_.fault("key_pending_deletion { region: 'us-west-2' key: 'alias/mine' }");
  EXPECT_EQ(read(), quoted("decrypt", key_ + " is pending deletion.", "KMSInvalidStateException"));
  EXPECT_EQ(write(), quoted("encrypt", key_ + " is pending deletion.", "KMSInvalidStateException"));
}

TEST_F(KmsFailuresTest, ADeletedKeyCannotBeSetAndNoLongerOpens) {
  api_.fault("key_deleted { region: 'us-west-2' key: 'alias/mine' }");
  EXPECT_TRUE(
      read().starts_with("DecryptionFailure: Secrets Manager can't decrypt the secret "
                         "value: The ciphertext refers to"));
  EXPECT_TRUE(write().starts_with("EncryptionFailure: "));
  EXPECT_EQ(create(),
            "InvalidParameterException: The operation failed because of an invalid KMS "
            "key: Invalid keyId");
}

TEST_F(KmsFailuresTest, WhatMayPassSaysSo) {
  const std::uint64_t throttled = api_.fault("kms_throttled { region: 'us-west-2' }");
  EXPECT_EQ(read(), "ThrottlingException: Rate exceeded");
  EXPECT_EQ(write(), "ThrottlingException: Rate exceeded");
  api_.world().heal(throttled);
  api_.fault("kms_unavailable { region: 'us-west-2' }");
  EXPECT_TRUE(read().starts_with("InternalServiceError"));
  EXPECT_TRUE(write().starts_with("InternalServiceError"));
}

TEST_F(KmsFailuresTest, ChangeNothing) {
  const auto secret = [this] {
    return api_.world().region(kWest)->secret_store().secret("db")->value().SerializeAsString();
  };
  const std::string before = secret();
  for (const char* fault : {"key_denied { region: 'us-west-2' }",
                            "key_disabled { region: 'us-west-2' key: 'alias/mine' }",
                            "kms_throttled { region: 'us-west-2' }"}) {
    const std::uint64_t id = api_.fault(fault);
    EXPECT_NE(read(), "OK") << fault;
    EXPECT_NE(write(), "OK") << fault;
    EXPECT_NE(create(), "OK") << fault;
    api_.world().heal(id);
    EXPECT_EQ(secret(), before) << fault;
    EXPECT_EQ(api_.value("other"), "<ResourceNotFoundException>") << fault;
  }
  EXPECT_EQ(api_.value(), "one");
}

TEST_F(KmsFailuresTest, LeaveMetadataUsable) {
  api_.fault("key_deleted { region: 'us-west-2' key: 'alias/mine' }");
  for (const char* request : {
           "describe_secret { secret_id: 'db' }",
           "list_secrets {}",
           "tag_resource { secret_id: 'db' tags { key: 'team' } }",
           "update_secret { secret_id: 'db' description: 'x' }",
           "update_secret_version_stage { secret_id: 'db' version_stage: 'x' "
           "move_to_version_id: 'v1' }",
       }) {
    EXPECT_EQ(api_.error(request), "OK") << request;
  }
}

// The key's state counts when KMS answers, not when it was asked.
TEST_F(KmsFailuresTest, AKeyIsLostWhileItIsAsked) {
  std::string answer;
  api_.world().call(
      kWest, "admin", parse_request("get_secret_value { secret_id: 'db' }"),
      [&answer](Result<v1::ApiResponse> result) { answer = result ? "OK" : result.error().code; });
  api_.world().run_for(engine::Duration::millis(1));
  EXPECT_EQ(answer, "");
  api_.fault("key_disabled { region: 'us-west-2' key: 'alias/mine' }");
  api_.world().run_until_idle();
  EXPECT_EQ(answer, "DecryptionFailure");
}

TEST_F(KmsFailuresTest, NoErrorTellsASecret) {
  api_.fault("key_deleted { region: 'us-west-2' key: 'alias/mine' }");
  for (const std::string& text :
       {api_.error("put_secret_value { secret_id: 'db' secret_string: 'hunter2' }"),
        api_.error("put_secret_value { secret_id: 'no' secret_string: 'hunter2' }"),
        api_.error("put_secret_value { secret_id: 'db' client_request_token: 'v1' "
                   "secret_string: 'hunter2' }"),
        api_.error("create_secret { name: 'db' client_request_token: 'v1' "
                   "secret_string: 'hunter2' secret_binary: 'hunter2' }")}) {
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace faultline::regions
