// A world of two regions with principals that have policies, in JSON with single quotes:
//
//     AccessWorld world;
//     world.add("reader", {"{'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*'}"});
//     world.api.error("get_secret_value { secret_id: 'db' }", kWest, "reader");
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kms/policy_document.h"
#include "proto/policy.pb.h"
#include "regions/account.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {

inline constexpr std::string_view kOtherAccount = "444455556666";

// One statement or several, separated by commas, as a policy document.
[[nodiscard]] std::string document(std::string statements);
// The same, read. A mistake fails the test.
[[nodiscard]] v1::Policy policy(const std::string& statements,
                                kms::PolicyUse use = kms::PolicyUse::Identity);

struct AccessWorld {
  SecretsApi api;

  // Each text is the statements of one identity policy. `arn`: default as in Account.
  void add(const std::string& name, const std::vector<std::string>& policies,
           const std::string& boundary = {}, const std::string& arn = {});
  void organisation(const std::vector<std::string>& policies);
  // Puts a policy of a secret as admin; "OK" or the error.
  std::string put_policy(const std::string& statements, std::string_view secret_id = "db",
                         std::string_view principal = "admin");
  // "OK" or the error.
  std::string get(std::string_view principal, std::string_view secret_id = "db",
                  std::string_view region = kWest);
};

// "User: …/NAME is not authorized to perform: ACTION on resource: RESOURCE REST"
[[nodiscard]] std::string denial(std::string_view name, std::string_view action,
                                 std::string_view resource, std::string_view rest);

}  // namespace faultline::regions
