#include "kms/policy.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "kms/identifiers.h"
#include "kms/policy_conditions.h"
#include "proto/policy.pb.h"

namespace faultline::kms {
namespace {

using Statement = v1::Policy::Statement;
using Strings = google::protobuf::RepeatedPtrField<std::string>;

// AWS KMS Developer Guide, "Resource quotas": a key policy document has at most 32 KB.
constexpr std::size_t kPolicyBytesMax = 32 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char same(char c) { return c; }

// Greedy with one point to come back to: the last star and what it has eaten so far.
template <char (*Fold)(char)>
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t eaten = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      eaten = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || Fold(pattern[p]) == Fold(text[t]))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++eaten;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool is_account_number(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The account in "arn:<partition>:iam::<account>:root"; empty for anything else.
std::string_view account_of_root(std::string_view written) {
  if (!written.ends_with(":root") || written.find(":iam::") == std::string_view::npos) return {};
  return account_of_arn(written);
}

// Whether the principal is a session of this role. A session's ARN leaves out the role's path.
bool is_session_of(std::string_view role_arn, std::string_view principal_arn) {
  constexpr std::string_view kRole = ":role/";
  constexpr std::string_view kSession = ":assumed-role/";
  const std::size_t role = role_arn.find(kRole);
  const std::size_t session = principal_arn.find(kSession);
  if (role == std::string_view::npos || session == std::string_view::npos) return false;
  if (account_of_arn(role_arn) != account_of_arn(principal_arn)) return false;
  std::string_view name = role_arn.substr(role + kRole.size());
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 == 0: a role without a path
  const std::string_view rest = principal_arn.substr(session + kSession.size());
  return rest.size() > name.size() + 1 && rest.starts_with(name) && rest[name.size()] == '/';
}

// A statement names the caller in one of several ways; the closest counts.
Reach reach_of(std::string_view written, std::string_view principal_arn) {
  const bool is_role = principal_arn.find(":role/") != std::string_view::npos;
  if (written == "*") return Reach::Caller;
  if (written == principal_arn) return is_role ? Reach::Role : Reach::Caller;
  const std::string_view account = is_account_number(written) ? written : account_of_root(written);
  if (!account.empty()) {
    return account == account_of_arn(principal_arn) ? Reach::Account : Reach::Nothing;
  }
  return is_session_of(written, principal_arn) ? Reach::Role : Reach::Nothing;
}

Reach reach_of(const Statement& statement, std::string_view principal_arn) {
  if (!statement.not_principals().empty()) {
    const bool is_excepted = std::any_of(
        statement.not_principals().begin(), statement.not_principals().end(),
        [&](const std::string& written) { return principal_matches(written, principal_arn); });
    return is_excepted ? Reach::Nothing : Reach::Caller;
  }
  Reach closest = Reach::Nothing;
  for (const std::string& written : statement.principals()) {
    closest = std::max(closest, reach_of(written, principal_arn));
  }
  const Strings& services = statement.service_principals();
  if (std::find(services.begin(), services.end(), principal_arn) != services.end()) {
    closest = Reach::Caller;
  }
  return closest;
}

bool any_action(const Strings& patterns, std::string_view action) {
  return std::any_of(patterns.begin(), patterns.end(), [action](const std::string& pattern) {
    return action_matches(pattern, action);
  });
}

bool any_resource(const Strings& patterns, std::string_view resource) {
  return std::any_of(patterns.begin(), patterns.end(), [resource](const std::string& pattern) {
    return text_matches(pattern, resource);
  });
}

bool action_fits(const Statement& statement, std::string_view action) {
  if (!statement.not_actions().empty()) return !any_action(statement.not_actions(), action);
  return any_action(statement.actions(), action);
}

bool resource_fits(const Statement& statement, std::string_view resource) {
  if (!statement.not_resources().empty()) {
    return !any_resource(statement.not_resources(), resource);
  }
  return statement.resources().empty() || any_resource(statement.resources(), resource);
}

bool conditions_hold(const Statement& statement, const AccessRequest& request) {
  const auto& conditions = statement.conditions();
  return (statement.via_service().empty() || statement.via_service() == request.via_service) &&
         (statement.caller_account().empty() ||
          statement.caller_account() == account_of_arn(request.principal_arn)) &&
         std::all_of(conditions.begin(), conditions.end(),
                     [&](const auto& condition) { return condition_holds(condition, request); });
}

// All but the principal.
bool statement_fits(const Statement& statement, const AccessRequest& request) {
  return action_fits(statement, request.action) && resource_fits(statement, request.resource) &&
         conditions_hold(statement, request);
}

// One condition twice in a statement could not be written as JSON.
bool repeats_a_condition(const Statement& statement) {
  std::set<std::pair<std::string, std::string>> seen;
  if (!statement.via_service().empty()) seen.emplace("StringEquals", "kms:viaservice");
  if (!statement.caller_account().empty()) seen.emplace("StringEquals", "kms:calleraccount");
  return std::any_of(statement.conditions().begin(), statement.conditions().end(),
                     [&](const auto& condition) {
                       std::string key = condition.key();
                       std::transform(key.begin(), key.end(), key.begin(), lower);
                       return !seen.emplace(condition.operator_(), std::move(key)).second;
                     });
}

}  // namespace

ResourceVerdict judge(const v1::Policy& policy, const AccessRequest& request) {
  if (request.principal_arn.empty()) {
    const std::string root = "arn:aws:iam::" + std::string(request.account) + ":root";
    AccessRequest as_root = request;
    as_root.principal_arn = root;
    return judge(policy, as_root);
  }
  ResourceVerdict verdict;
  for (const Statement& statement : policy.statements()) {
    const Reach reach = reach_of(statement, request.principal_arn);
    if (reach == Reach::Nothing || !statement_fits(statement, request)) continue;
    if (statement.effect() == Statement::Deny) verdict.denied = true;
    if (statement.effect() == Statement::Allow) verdict.allowed = std::max(verdict.allowed, reach);
  }
  return verdict;
}

Decision decide(const v1::Policy& policy, const AccessRequest& request) {
  const ResourceVerdict verdict = judge(policy, request);
  if (verdict.denied) return Decision::ExplicitDeny;
  return verdict.allowed == Reach::Nothing ? Decision::ImplicitDeny : Decision::Allow;
}

Decision decide(const v1::Policy& policy, std::string_view principal_arn, std::string_view action,
                std::string_view account) {
  return decide(policy, AccessRequest{principal_arn, action, account});
}

Decision decide_for_holder(const v1::Policy& policy, const AccessRequest& request) {
  Decision decision = Decision::ImplicitDeny;
  for (const Statement& statement : policy.statements()) {
    if (!statement_fits(statement, request)) continue;
    if (statement.effect() == Statement::Deny) return Decision::ExplicitDeny;
    if (statement.effect() == Statement::Allow) decision = Decision::Allow;
  }
  return decision;
}

bool principal_matches(std::string_view written, std::string_view principal_arn) {
  return reach_of(written, principal_arn) != Reach::Nothing;
}

bool action_matches(std::string_view pattern, std::string_view action) {
  return matches<lower>(pattern, action);
}

bool text_matches(std::string_view pattern, std::string_view text) {
  return matches<same>(pattern, text);
}

Result<void> check_policy(const v1::Policy& policy) {
  // The texts are ours; AWS documents the codes only.
  if (policy.ByteSizeLong() > kPolicyBytesMax) {
    return fail(code::kLimitExceeded, "A key policy has at most 32768 bytes.");
  }
  for (const Statement& statement : policy.statements()) {
    if (statement.effect() != Statement::Allow && statement.effect() != Statement::Deny) {
      return fail(code::kMalformedPolicy,
                  "Statement '" + statement.sid() + "' says neither Allow nor Deny.");
    }
    for (const auto& condition : statement.conditions()) {
      if (is_condition_operator(condition.operator_())) continue;
      return fail(code::kMalformedPolicy, "Statement '" + statement.sid() +
                                              "' has an unknown condition operator '" +
                                              condition.operator_() + "'.");
    }
    if (repeats_a_condition(statement)) {
      return fail(code::kMalformedPolicy,
                  "Statement '" + statement.sid() + "' has one condition twice.");
    }
  }
  return {};
}

v1::Policy default_key_policy(std::string_view root_arn) {
  v1::Policy policy;
  policy.set_id("key-default-1");
  Statement& everything = *policy.add_statements();
  everything.set_sid("Enable IAM User Permissions");
  everything.set_effect(Statement::Allow);
  everything.add_principals(std::string(root_arn));
  everything.add_actions("kms:*");
  return policy;
}

v1::Policy managed_key_policy(std::string_view account, std::string_view region,
                              std::string_view root_arn) {
  v1::Policy policy;
  Statement& use = *policy.add_statements();
  use.set_sid(
      "Allow access through AWS Secrets Manager for all principals in the account that are "
      "authorized to use AWS Secrets Manager");
  use.set_effect(Statement::Allow);
  use.add_principals("*");
  for (const char* action : {"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                             "kms:CreateGrant", "kms:DescribeKey"}) {
    use.add_actions(action);
  }
  use.set_via_service("secretsmanager." + std::string(region) + ".amazonaws.com");
  use.set_caller_account(std::string(account));

  Statement& read = *policy.add_statements();
  read.set_sid("Allow direct access to key metadata to the account");
  read.set_effect(Statement::Allow);
  read.add_principals(std::string(root_arn));
  for (const char* action : {"kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"}) {
    read.add_actions(action);
  }
  return policy;
}

}  // namespace faultline::kms
