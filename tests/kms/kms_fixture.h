// KmsTest: two regions' KMS in one account, and words for what tests do with them.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "kms/kms.h"
#include "proto/kms.pb.h"
#include "tests/kms/test_environment.h"

namespace faultline::kms {

class KmsTest : public testing::Test {
 protected:
  static constexpr const char* kAccount = "111122223333";

  // Makes a key and returns its id.
  std::string make_key(const std::string& alias = {}) { return make_key_in(west, alias); }
  static std::string make_key_in(Kms& kms, const std::string& alias = {}) {
    return kms.create_key({.alias = alias})->key_id;
  }

  [[nodiscard]] std::string arn_of(std::string_view key_id) const {
    return west.place().key_arn(key_id);
  }

  std::string encrypt(std::string_view key, std::string_view plaintext = "hunter2") {
    auto sealed = west.encrypt(alice, key, context, plaintext);
    return sealed ? sealed->blob : "error: " + sealed.error().code;
  }

  // What a call answers, in one line: "ok" or "Code: text" ("Code" alone when AWS sends no text).
  template <class T>
  static std::string outcome(const Result<T>& result) {
    if (result.has_value()) return "ok";
    const Error& error = result.error();
    return error.message.empty() ? error.code : error.code + ": " + error.message;
  }
  std::string decrypt(std::string_view blob, std::string_view key = {}) {
    return outcome(west.decrypt(alice, blob, context, key));
  }
  v1::KeyState state(std::string_view key) { return west.describe_key(key)->state; }

  // The answers that many tests expect.
  [[nodiscard]] std::string disabled(std::string_view key_id) const {
    return "DisabledException: " + arn_of(key_id) + " is disabled.";
  }
  [[nodiscard]] std::string pending_deletion(std::string_view key_id) const {
    return "KMSInvalidStateException: " + arn_of(key_id) + " is pending deletion.";
  }
  [[nodiscard]] std::string no_such_key(std::string_view key_id) const {
    return "NotFoundException: Key '" + arn_of(key_id) + "' does not exist";
  }
  [[nodiscard]] std::string no_such_alias(std::string_view alias) const {
    return "NotFoundException: Alias " + west.place().alias_arn(alias) + " is not found.";
  }
  static constexpr const char* kKeyNotHere =
      "AccessDeniedException: The ciphertext refers to a customer master key that does not exist, "
      "does not exist in this region, or you are not allowed to access.";

  TestEnvironment environment;
  Kms west{kAccount, "us-west-2", environment};
  TestEnvironment east_environment{2};
  Kms east{kAccount, "us-east-1", east_environment};
  const Caller alice{.principal_arn = "arn:aws:iam::111122223333:user/alice"};
  const Caller bob{.principal_arn = "arn:aws:iam::111122223333:user/bob"};
  const EncryptionContext context{
      {"SecretARN",       "arn:secret"},
      {"SecretVersionId", "v1"        }
  };
};

}  // namespace faultline::kms
