// Policies: those of keys, of principals and of the organisation, as statements and as JSON.
#include <algorithm>
#include <array>

#include "kms/policy_conditions.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Source  AWS Service Authorization Reference, "Actions, resources, and condition keys for AWS
//         Secrets Manager".
const std::vector<std::string>& secret_actions() {
  static const std::vector<std::string> kActions = [] {
    constexpr std::array kNames = {"BatchGetSecretValue",
                                   "CancelRotateSecret",
                                   "CreateSecret",
                                   "DeleteResourcePolicy",
                                   "DeleteSecret",
                                   "DescribeSecret",
                                   "GetRandomPassword",
                                   "GetResourcePolicy",
                                   "GetSecretValue",
                                   "ListSecretVersionIds",
                                   "ListSecrets",
                                   "PutResourcePolicy",
                                   "PutSecretValue",
                                   "RemoveRegionsFromReplication",
                                   "ReplicateSecretToRegions",
                                   "RestoreSecret",
                                   "RotateSecret",
                                   "StopReplicationToReplica",
                                   "TagResource",
                                   "UntagResource",
                                   "UpdateSecret",
                                   "UpdateSecretVersionStage",
                                   "ValidateResourcePolicy"};
    std::vector<std::string> actions;
    for (const char* name : kNames) actions.push_back(std::string("secretsmanager:") + name);
    return actions;
  }();
  return kActions;
}

// The services that this world has, and those that region denials usually spare.
const std::vector<std::string>& services() {
  static const std::vector<std::string> kServices = {
      "account",    "aws-portal", "budgets",        "ce",     "cloudfront",    "cloudtrail",
      "cloudwatch", "config",     "dynamodb",       "ec2",    "events",        "globalaccelerator",
      "iam",        "kms",        "lambda",         "logs",   "organizations", "rds",
      "route53",    "s3",         "secretsmanager", "shield", "sns",           "sqs",
      "sts",        "support",    "trustedadvisor", "waf",    "wafv2"};
  return kServices;
}

// What is wrong with an action of a policy; empty: nothing.
std::string why_no_action(const std::string& action) {
  if (action == "*") return {};
  const std::size_t colon = action.find(':');
  if (colon == std::string::npos) return quoted(action) + " is no action, such as \"kms:Decrypt\"";
  const std::string service = lower(action.substr(0, colon));
  if (!holds(services(), service)) {
    return quoted(service) + " is no service that has actions here" +
           did_you_mean(service, services());
  }
  if (action.find_first_of("*?") != std::string::npos) return {};
  if (service != "kms" && service != "secretsmanager") return {};
  const auto& known = service == "kms" ? kms_actions() : secret_actions();
  const bool is_known = std::any_of(known.begin(), known.end(), [&](const std::string& each) {
    return lower(each) == lower(action);
  });
  if (is_known) return {};
  return quoted(action) + " is no action of " + (service == "kms" ? "KMS" : "Secrets Manager") +
         did_you_mean(action, known);
}

}  // namespace

// Source  AWS Service Authorization Reference, "Actions, resources, and condition keys for AWS Key
//         Management Service": those that concern a symmetric key.
const std::vector<std::string>& kms_actions() {
  static const std::vector<std::string> kActions = {"kms:CancelKeyDeletion",
                                                    "kms:CreateAlias",
                                                    "kms:CreateGrant",
                                                    "kms:CreateKey",
                                                    "kms:Decrypt",
                                                    "kms:DeleteAlias",
                                                    "kms:DescribeKey",
                                                    "kms:DisableKey",
                                                    "kms:DisableKeyRotation",
                                                    "kms:EnableKey",
                                                    "kms:EnableKeyRotation",
                                                    "kms:Encrypt",
                                                    "kms:GenerateDataKey",
                                                    "kms:GenerateDataKeyWithoutPlaintext",
                                                    "kms:GenerateRandom",
                                                    "kms:GetKeyPolicy",
                                                    "kms:GetKeyRotationStatus",
                                                    "kms:ListAliases",
                                                    "kms:ListGrants",
                                                    "kms:ListKeyPolicies",
                                                    "kms:ListKeyRotations",
                                                    "kms:ListKeys",
                                                    "kms:ListResourceTags",
                                                    "kms:ListRetirableGrants",
                                                    "kms:PutKeyPolicy",
                                                    "kms:ReEncryptFrom",
                                                    "kms:ReEncryptTo",
                                                    "kms:ReplicateKey",
                                                    "kms:RetireGrant",
                                                    "kms:RevokeGrant",
                                                    "kms:RotateKeyOnDemand",
                                                    "kms:ScheduleKeyDeletion",
                                                    "kms:TagResource",
                                                    "kms:UntagResource",
                                                    "kms:UpdateAlias",
                                                    "kms:UpdateKeyDescription",
                                                    "kms:UpdatePrimaryRegion"};
  return kActions;
}

void ScenarioChecker::check_policy(const Spot& spot, kms::PolicyUse use) {
  const bool has_statements = count_of(spot, "statements") > 0;
  if (count_of(spot, "document") > 0 && !text_of(spot, "document").empty()) {
    if (has_statements) {
      complain(spot, "document", "a policy has statements or a document, not both");
    }
    return check_document(spot, "document", use);
  }
  if (!has_statements && use == kms::PolicyUse::Identity) {
    complaints_.add(spot.place(), "a policy needs statements, or a document");
  }
  for (int i = 0; i < count_of(spot, "statements"); ++i) {
    check_statement(spot.child("statements", i), use);
  }
}

void ScenarioChecker::check_statement(const Spot& spot, kms::PolicyUse use) {
  const auto& statement = static_cast<const v1::Policy::Statement&>(spot.message());
  if (statement.effect() == v1::Policy::Statement::EFFECT_UNSPECIFIED) {
    complain(spot, "effect", "the statement's effect is missing: Allow or Deny");
  }
  const bool has_principals = !statement.principals().empty() ||
                              !statement.not_principals().empty() ||
                              !statement.service_principals().empty();
  if (use == kms::PolicyUse::Identity) {
    if (has_principals) {
      complaints_.add(
          spot.place(),
          "a policy of a principal names no principals: it is about the one that has it");
    }
  } else if (!has_principals) {
    complain(spot, "principals", "the statement names no principals; \"*\" is everyone");
  }
  if (!statement.principals().empty() && !statement.not_principals().empty()) {
    complain(spot, "not_principals", "principals or not_principals, not both");
  }
  check_principals_of(spot, "principals");
  check_principals_of(spot, "not_principals");
  if (statement.actions().empty() && statement.not_actions().empty()) {
    complain(spot, "actions", "the statement names no actions, such as \"kms:*\"");
  }
  if (!statement.actions().empty() && !statement.not_actions().empty()) {
    complain(spot, "not_actions", "actions or not_actions, not both");
  }
  check_policy_actions(spot, "actions");
  check_policy_actions(spot, "not_actions");
  if (!statement.resources().empty() && !statement.not_resources().empty()) {
    complain(spot, "not_resources", "resources or not_resources, not both");
  }
  for (const char* field : {"resources", "not_resources"}) {
    for (int i = 0; i < count_of(spot, field); ++i) {
      const std::string resource = text_of(spot, field, i);
      if (resource == "*" || resource.starts_with("arn:")) continue;
      complain(spot, field, quoted(resource) + " is no resource: an ARN, with wildcards, or \"*\"",
               i);
    }
  }
  for (int i = 0; i < statement.conditions_size(); ++i) {
    check_policy_condition(spot.child("conditions", i));
  }
}

void ScenarioChecker::check_principals_of(const Spot& statement, std::string_view field) {
  for (int i = 0; i < count_of(statement, field); ++i) {
    const std::string name = text_of(statement, field, i);
    const bool is_account =
        name.size() == 12 && name.find_first_not_of("0123456789") == std::string::npos;
    if (name == "*" || is_account || name.starts_with("arn:") || holds(names_.principals, name)) {
      continue;
    }
    if (!names_.has_all("principal")) continue;
    complain(
        statement, field,
        "principal " + quoted(name) + " is not declared" + did_you_mean(name, names_.principals),
        i);
  }
}

void ScenarioChecker::check_policy_actions(const Spot& statement, std::string_view field) {
  for (int i = 0; i < count_of(statement, field); ++i) {
    std::string why = why_no_action(text_of(statement, field, i));
    if (!why.empty()) complain(statement, field, std::move(why), i);
  }
}

void ScenarioChecker::check_policy_condition(const Spot& spot) {
  const auto& condition = static_cast<const v1::Policy::Condition&>(spot.message());
  if (required(spot, "operator", "the condition's operator") &&
      !kms::is_condition_operator(condition.operator_())) {
    complain(spot, "operator",
             quoted(condition.operator_()) + " is no condition operator" +
                 did_you_mean(condition.operator_(), kms::condition_operators()));
  }
  if (required(spot, "key", "the condition's key") &&
      condition.key().find(':') == std::string::npos) {
    complain(spot, "key",
             quoted(condition.key()) + " is no condition key, such as \"aws:RequestedRegion\"");
  }
  if (condition.values().empty()) complain(spot, "values", "the condition has no values");
}

void ScenarioChecker::check_document(const Spot& spot, std::string_view field, kms::PolicyUse use) {
  constexpr std::size_t kBytesMax = 128 * 1024;
  const auto policy = kms::read_policy_document(text_of(spot, field), use, kBytesMax);
  if (!policy) return complain(spot, field, std::string(field) + ": " + policy.error().detail);
  for (const auto& statement : policy->statements()) {
    for (const auto* actions : {&statement.actions(), &statement.not_actions()}) {
      for (const std::string& action : *actions) {
        const std::string why = why_no_action(action);
        if (!why.empty()) complain(spot, field, std::string(field) + ": " + why);
      }
    }
  }
}

void ScenarioChecker::check_principal_policies(const v1::PrincipalSpec& principal,
                                               const Spot& spot) {
  for (int i = 0; i < principal.policy_size(); ++i) {
    check_policy(spot.child("policy", i), kms::PolicyUse::Identity);
  }
  if (principal.has_permissions_boundary()) {
    check_policy(spot.child("permissions_boundary"), kms::PolicyUse::Identity);
  }
  // Source  AWS Security Token Service API Reference, "Credentials".
  constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const std::string& id = principal.access_key_id();
  if (!id.empty() && (id.size() < 16 || id.size() > 128 ||
                      id.find_first_not_of(kCharacters) != std::string::npos)) {
    complain(spot, "access_key_id",
             quoted(id) + " is no access key id: 16 to 128 capital letters and digits");
  }
  for (const v1::PrincipalSpec& other : scenario_.principal()) {
    if (&other == &principal) break;
    if (id.empty() || other.access_key_id() != id) continue;
    complain(spot, "access_key_id", "principal " + quoted(other.name()) + " has this access key");
    break;
  }
}

}  // namespace faultline::regions
