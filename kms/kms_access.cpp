// Who may: the key's policy, its grants, the caller's own policies, and what faults deny.
#include "kms/kms_access.h"

#include <utility>

#include "kms/fault_overlays.h"
#include "kms/identifiers.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/policy.h"
#include "kms/policy_context.h"
#include "kms/policy_decision.h"
#include "kms/validation.h"
#include "proto/check.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "CreateGrant": GrantTokens.
constexpr std::size_t kTokensMax = 10;

std::vector<std::string> keys_of(const EncryptionContext& context) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : context) keys.push_back(key);
  return keys;
}

// AWS KMS Developer Guide, "Condition keys for AWS KMS": what the call says.
void tell_call(const AccessQuestion& question, const Place& place, PolicyContext& to) {
  if (question.context != nullptr) {
    for (const auto& [key, value] : *question.context) {
      to.add("kms:EncryptionContext:" + key, value);
    }
    if (!question.context->empty()) {
      to.add_list("kms:EncryptionContextKeys", keys_of(*question.context));
    }
  }
  const auto named = parse_key_reference(place, question.named, AcceptAliases::Yes);
  if (named && named->kind == KeyReference::Kind::Alias) {
    to.add("kms:RequestAlias", std::string(named->name));
  }
  if (question.action == action_of(Operation::CreateGrant) ||
      question.action == action_of(Operation::ListGrants) ||
      question.action == action_of(Operation::RevokeGrant)) {
    to.add("kms:GrantIsForAWSResource", question.caller.via_service.empty() ? "false" : "true");
  }
  if (question.grant == nullptr) return;
  const CreateGrant& grant = *question.grant;
  to.add("kms:GranteePrincipal", grant.grantee_principal);
  if (!grant.retiring_principal.empty()) to.add("kms:RetiringPrincipal", grant.retiring_principal);
  to.add_list("kms:GrantOperations", grant.operations);
  if (!grant.constraints.equals.empty()) {
    to.add("kms:GrantConstraintType", "EncryptionContextEquals");
  } else if (!grant.constraints.subset.empty()) {
    to.add("kms:GrantConstraintType", "EncryptionContextSubset");
  }
}

// What the key is.
void tell_key(const Key& key, const KeyStore& store, const Place& place, PolicyContext& to) {
  to.add("kms:KeySpec", "SYMMETRIC_DEFAULT");
  to.add("kms:KeyUsage", "ENCRYPT_DECRYPT");
  to.add("kms:KeyOrigin", "AWS_KMS");
  to.add("kms:MultiRegion", key.is_multi_region() ? "true" : "false");
  if (key.is_multi_region()) {
    to.add("kms:MultiRegionKeyType", key.is_replica_in(place.region) ? "REPLICA" : "PRIMARY");
  }
  std::vector<std::string> aliases;
  for (const auto& [name, alias] : store.aliases()) {
    if (alias.key_id == key.key_id) aliases.push_back(name);
  }
  if (!aliases.empty()) to.add_list("kms:ResourceAliases", std::move(aliases));
  for (const Tag& tag : key.tags) to.add("aws:ResourceTag/" + tag.key, tag.value);
}

std::string_view operation_of(std::string_view action) {
  constexpr std::string_view kPrefix = "kms:";
  return action.starts_with(kPrefix) ? action.substr(kPrefix.size()) : action;
}

}  // namespace

Result<void> check_options(const CallOptions& options) {
  FL_TRY_VOID(check_length("grantTokens", options.grant_tokens.size(), 0, kTokensMax));
  for (const std::string& token : options.grant_tokens) {
    if (!parse_grant_token(token)) return fail(code::kInvalidGrantToken);
  }
  return {};
}

// AWS KMS Developer Guide, "Testing your permissions".
Result<void> end_dry_run(const CallOptions& options) {
  if (!options.dry_run) return {};
  return fail(code::kDryRun, "The request would have succeeded, but the DryRun option is set.");
}

// A grant is asked only when nothing else allows: what has no grants pays nothing.
Result<Basis> Kms::may(const AccessQuestion& question, const Key& key) const {
  const Caller& caller = question.caller;
  const std::string root = caller.principal_arn.empty() ? place_.root_arn() : std::string();
  const std::string_view principal = root.empty() ? caller.principal_arn : root;
  const auto add_all = [&](PolicyContext& to) {
    tell_call(question, place_, to);
    tell_key(key, *store_, place_, to);
  };
  // One reference, so that the function is small and nothing is allocated.
  const PolicyContext context([&add_all](PolicyContext& to) { add_all(to); }, caller.context);
  const AccessRequest request{.principal_arn = principal,
                              .action = question.action,
                              .account = place_.account,
                              .via_service = caller.via_service,
                              .resource = key.arn,
                              .context = &context};
  Ruling ruling = rule_on_key(key.policy, caller.policies, request);
  Basis basis = Basis::KeyPolicy;
  if (!ruling.allowed && !ruling.is_explicit && !key.grants.empty()) {
    const GrantQuestion asked{
        .principal_arn = principal,
        .operation = operation_of(question.action),
        .context = question.context,
        .source_arns = caller.context != nullptr ? caller.context->find("aws:SourceArn") : nullptr,
        .tokens = question.grant_tokens,
        .now_unix_ns = environment_->now_unix_ns(),
        .propagation_ns = store_->grant_propagation_ns(),
        .child = question.grant};
    if (key.grants.allows(asked)) {
      ruling = rule_on_key(key.policy, caller.policies, request, true);
      basis = Basis::Grant;
    }
  }
  if (overlays_ && overlays_->denies(key, request)) {
    ruling = {.allowed = false, .is_explicit = true, .by = Ruling::By::Resource};
  }
  if (!ruling.allowed) {
    return fail(code::kAccessDenied, denial_text(principal, question.action, key.arn, ruling));
  }
  if (question.wants_basis && basis == Basis::KeyPolicy &&
      judge(key.policy, request).allowed == Reach::Account) {
    basis = Basis::Account;
  }
  return basis;
}

Result<void> Kms::may_use(const AccessQuestion& question, const Key& key) const {
  FL_TRY_VOID(may(question, key));
  if (!overlays_ || !overlays_->revokes(key)) return {};
  return fail(code::kAccessDenied, "User: " + question.caller.principal_arn +
                                       " is not authorized to perform: " +
                                       std::string(question.action) + " on resource: " + key.arn);
}

Result<Basis> Kms::authorize(const Caller& caller, std::string_view key_or_alias,
                             std::string_view action) {
  return authorize(caller, key_or_alias, action, Question{});
}

Result<Basis> Kms::authorize(const Caller& caller, std::string_view key_or_alias,
                             std::string_view action, const Question& question) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_or_alias, AcceptAliases::Yes));
  return may({.caller = caller,
              .action = action,
              .context = question.context,
              .grant_tokens = question.grant_tokens,
              .named = key_or_alias,
              .wants_basis = true},
             *key);
}

}  // namespace faultline::kms
