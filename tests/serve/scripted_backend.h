// A backend whose answers a test spells out, and which remembers what it was asked.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "tools/serve/aws_front.h"

namespace faultline::tools {

class ScriptedBackend : public AwsBackend {
 public:
  void call(std::string_view region, std::string_view principal, v1::ApiRequest request,
            SecretsReply reply) override {
    note(region, principal);
    secrets_request = std::move(request);
    if (on_secrets) return on_secrets(secrets_request, std::move(reply));
    reply(secrets_answer);
  }
  void call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                KmsReply reply) override {
    note(region, principal);
    kms_request = std::move(request);
    reply(kms_answer);
  }
  void call_account(std::string_view principal, v1::AccountRequest request,
                    AccountReply reply) override {
    note("", principal);
    account_request = std::move(request);
    reply(account_answer);
  }
  std::optional<AccessKey> find_access_key(std::string_view id) const override {
    if (id != "AKIDEXAMPLE" && id != "AKIAIOSFODNN7EXAMPLE") return std::nullopt;
    return AccessKey{"ada", kms::SecretBytes::copy_of(
                                std::string_view("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))};
  }
  bool knows_region(std::string_view region) const override {
    return region == "us-east-1" || region == "eu-west-1";
  }
  std::int64_t wall_unix_ns() const override { return unix_seconds * 1'000'000'000; }

  regions::Result<v1::ApiResponse> secrets_answer;
  regions::Result<v1::KmsResponse> kms_answer;
  regions::Result<v1::AccountResponse> account_answer;
  std::function<void(const v1::ApiRequest&, SecretsReply)> on_secrets;
  std::int64_t unix_seconds = 1'440'938'160;  // 2015-08-30T12:36:00Z

  int calls = 0;
  std::string last_region;
  std::string last_principal;
  v1::ApiRequest secrets_request;
  v1::KmsRequest kms_request;
  v1::AccountRequest account_request;

 private:
  void note(std::string_view region, std::string_view principal) {
    ++calls;
    last_region = region;
    last_principal = principal;
  }
};

}  // namespace faultline::tools
