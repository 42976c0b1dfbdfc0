#include "kms/key_policy.h"

#include <algorithm>
#include <cstddef>

#include "kms/identifiers.h"
#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

using Statement = v1::Policy::Statement;

// AWS KMS Developer Guide, "Resource quotas": a key policy document has at most 32 KB.
constexpr std::size_t kPolicyBytesMax = 32 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

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

bool statement_matches(const Statement& statement, const AccessRequest& request) {
  const auto& principals = statement.principals();
  const auto& actions = statement.actions();
  return std::any_of(
             actions.begin(), actions.end(),
             [&](const std::string& pattern) { return action_matches(pattern, request.action); }) &&
         std::any_of(principals.begin(), principals.end(),
                     [&](const std::string& written) {
                       return principal_matches(written, request.principal_arn);
                     }) &&
         (statement.via_service().empty() || statement.via_service() == request.via_service) &&
         (statement.caller_account().empty() ||
          statement.caller_account() == account_of_arn(request.principal_arn));
}

}  // namespace

Decision decide(const v1::Policy& policy, const AccessRequest& request) {
  if (request.principal_arn.empty()) {
    const std::string root = "arn:aws:iam::" + std::string(request.account) + ":root";
    AccessRequest as_root = request;
    as_root.principal_arn = root;
    return decide(policy, as_root);
  }
  Decision decision = Decision::ImplicitDeny;
  for (const Statement& statement : policy.statements()) {
    if (!statement_matches(statement, request)) continue;
    if (statement.effect() == Statement::Deny) return Decision::ExplicitDeny;
    if (statement.effect() == Statement::Allow) decision = Decision::Allow;
  }
  return decision;
}

Decision decide(const v1::Policy& policy, std::string_view principal_arn,
                std::string_view action, std::string_view account) {
  return decide(policy, AccessRequest{principal_arn, action, account, {}});
}

bool principal_matches(std::string_view written, std::string_view principal_arn) {
  if (written == "*" || written == principal_arn) return true;
  const std::string_view account = is_account_number(written) ? written : account_of_root(written);
  if (!account.empty()) return account == account_of_arn(principal_arn);
  return is_session_of(written, principal_arn);
}

bool action_matches(std::string_view pattern, std::string_view action) {
  // Greedy with one point to come back to: the last star and what it has eaten so far.
  std::size_t p = 0;
  std::size_t a = 0;
  std::size_t star = std::string_view::npos;
  std::size_t eaten = 0;
  while (a < action.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      eaten = a;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(action[a]))) {
      ++p;
      ++a;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      a = ++eaten;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
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
  }
  return {};
}

v1::Policy default_key_policy(std::string_view root_arn) {
  v1::Policy policy;
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
