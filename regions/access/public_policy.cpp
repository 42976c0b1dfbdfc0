#include "regions/access/public_policy.h"

#include <algorithm>
#include <array>
#include <string>

#include "kms/policy.h"
#include "proto/policy.pb.h"

namespace faultline::regions::access {
namespace {

using Statement = v1::Policy::Statement;

// Conditions that say who calls, or from where.
constexpr std::array<std::string_view, 13> kNarrowing = {
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
    "aws:SourceAccount",    "aws:SourceArn",    "aws:SourceIp",       "aws:SourceOrgID",
    "aws:SourceVpc",        "aws:SourceVpce",   "aws:userid",         "aws:VpcSourceIp",
    "kms:CallerAccount",
};

// A condition that holds for anything, or that holds when the key is not there, narrows nothing.
bool narrows(const v1::Policy::Condition& condition) {
  const std::string& op = condition.operator_();
  const bool is_positive = op.find("Not") == std::string::npos && op != "Null" &&
                           !op.ends_with("IfExists") && !op.starts_with("ForAllValues:");
  const bool is_about_who =
      std::any_of(kNarrowing.begin(), kNarrowing.end(),
                  [&](std::string_view key) { return kms::action_matches(key, condition.key()); });
  return is_positive && is_about_who &&
         std::none_of(condition.values().begin(), condition.values().end(),
                      [](const std::string& value) {
                        return value == "*" || value == "0.0.0.0/0" || value == "::/0";
                      });
}

bool is_for_everyone(const Statement& statement) {
  const auto& principals = statement.principals();
  return !statement.not_principals().empty() ||
         std::find(principals.begin(), principals.end(), "*") != principals.end();
}

}  // namespace

bool is_public(const v1::Policy& policy) {
  return std::any_of(
      policy.statements().begin(), policy.statements().end(), [](const Statement& statement) {
        return statement.effect() == Statement::Allow && is_for_everyone(statement) &&
               statement.caller_account().empty() &&
               std::none_of(statement.conditions().begin(), statement.conditions().end(), narrows);
      });
}

}  // namespace faultline::regions::access
