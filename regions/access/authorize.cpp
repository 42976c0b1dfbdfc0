#include "regions/access/authorize.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "kms/identifiers.h"
#include "kms/policy_document.h"
#include "proto/check.h"
#include "proto/secrets_manager.pb.h"
#include "regions/access/request_context.h"
#include "regions/api/lookup.h"
#include "regions/arn.h"
#include "regions/scenario/epoch.h"

namespace faultline::regions::access {
namespace {

using google::protobuf::Message;
using kms::AccessRequest;
using kms::CallerPolicies;
using kms::PolicyContext;
using kms::Ruling;
using SecretPtr = std::shared_ptr<const v1::StoredSecret>;

Error access_denied(std::string message) { return {"AccessDeniedException", std::move(message)}; }

bool is_judged(const CallerPolicies& own) {
  return (own.identity != nullptr && !own.identity->empty()) || own.boundary != nullptr ||
         (own.service_control != nullptr && !own.service_control->empty());
}

bool is_stranger(const Account& account, std::string_view principal_arn) {
  return kms::account_of_arn(principal_arn) != account.id();
}

// ---- what a request needs -----------------------------------------------------------------------

// One action, and what it is done to: as an ARN for policies, and in the words of the request for
// the answer.
struct Need {
  std::string action;
  std::string resource;
  std::string named;
};

// The members that are called so, where a request has them.
std::string member(const Message& request, const char* name) {
  const auto* field = request.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? std::string() : request.GetReflection()->GetString(request, field);
}

bool has_any(const Message& request, const char* name) {
  const auto* field = request.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && request.GetReflection()->FieldSize(request, field) > 0;
}

// "GetSecretValue"
std::string operation_of(const Message& request) {
  constexpr std::string_view kEnding = "Request";
  const std::string& name = request.GetDescriptor()->name();
  return name.substr(0, name.size() - kEnding.size());
}

// The ARN of a secret that is not there: its last six characters are anybody's guess, and policies
// that are to mean it say name-??????.
std::string arn_to_be(const RegionServices& region, const std::string& name_or_arn) {
  if (parse_secret_arn(name_or_arn)) return name_or_arn;
  return make_secret_arn(region.region, region.account.id(), name_or_arn, "??????");
}

// Source  Service Authorization Reference, "Actions defined by AWS Secrets Manager": what has no
//         resource, and which actions depend on others.
std::vector<Need> needs_of(const RegionServices& region, const Message& request,
                           const v1::StoredSecret* secret) {
  const std::string operation = operation_of(request);
  std::string named = member(request, "secret_id");
  if (operation == "CreateSecret") named = member(request, "name");
  std::string resource = "*";
  if (named.empty()) {
    named = resource;
  } else {
    resource = secret != nullptr ? secret->arn() : arn_to_be(region, named);
  }
  std::vector<Need> needs;
  const auto need = [&](std::string_view action) {
    needs.push_back({"secretsmanager:" + std::string(action), resource, named});
  };
  need(operation);
  if (operation == "CreateSecret") {
    if (has_any(request, "tags")) need("TagResource");
    if (has_any(request, "add_replica_regions")) need("ReplicateSecretToRegions");
  } else if (operation == "BatchGetSecretValue") {
    // GetSecretValue is asked for each secret by itself.
    if (has_any(request, "filters")) need("ListSecrets");
  } else if (operation == "ValidateResourcePolicy") {
    need("PutResourcePolicy");
  } else if (operation == "RotateSecret") {
    std::string function = member(request, "rotation_lambda_arn");
    if (function.empty() && secret != nullptr) function = secret->rotation().lambda_arn();
    if (!function.empty()) needs.push_back({"lambda:InvokeFunction", function, function});
  }
  return needs;
}

// ---- deciding -----------------------------------------------------------------------------------

// The secret that a request names; nullptr: none.
Result<SecretPtr> look(RegionServices& region, const std::string& secret_id) {
  const auto lookup = lookup_of(secret_id, region.region, region.account.id());
  if (!lookup) return nullptr;
  FL_TRY(SecretPtr secret, api::checked(region, region.store.look(lookup->name)));
  if (secret == nullptr || (!lookup->any_arn && secret->arn() != lookup->arn)) return nullptr;
  return secret;
}

// The secret's own policy. What was put was checked.
std::optional<v1::Policy> policy_of(const v1::StoredSecret* secret) {
  if (secret == nullptr || !secret->has_resource_policy()) return std::nullopt;
  auto policy = kms::parse_policy_document(secret->resource_policy(), kms::PolicyUse::Secret);
  FL_CHECK(policy.has_value()) << "a stored policy of " << secret->name() << " cannot be read";
  return *std::move(policy);
}

// All that must be known to judge one call.
struct Question {
  RegionServices& region;
  const Caller& caller;
  const Message& request;
  const v1::StoredSecret* secret;
};

// The first action that is not allowed, and why.
std::optional<std::pair<Need, Ruling>> denied(const Question& question) {
  RegionServices& region = question.region;
  const std::string& principal = question.caller.principal_arn;
  const CallerPolicies own = policies_of(region.account, principal);
  const std::optional<v1::Policy> policy = policy_of(question.secret);
  const PolicyContext global = global_context(region.region, region.wall_unix_ns());
  const PolicyContext context(
      [&question](PolicyContext& to) {
        add_request_keys(question.region, question.request, to);
        if (question.secret != nullptr) {
          add_secret_keys(question.region, *question.secret, to);
        } else if (std::string id = member(question.request, "secret_id"); !id.empty()) {
          to.add("secretsmanager:SecretId", std::move(id));
        }
      },
      &global);
  for (Need& need : needs_of(region, question.request, question.secret)) {
    const AccessRequest request{.principal_arn = principal,
                                .action = need.action,
                                .account = region.account.id(),
                                .resource = need.resource,
                                .context = &context};
    // The secret's policy speaks of the secret alone.
    const bool is_about_secret = need.action.starts_with("secretsmanager:");
    const Ruling ruling =
        kms::rule_on_resource(policy && is_about_secret ? &*policy : nullptr, &own, request);
    if (!ruling.allowed) return std::pair(std::move(need), ruling);
  }
  return std::nullopt;
}

// Source  Secrets Manager User Guide, "Access secrets from a different account": the AWS managed
//         key is its own account's alone.
Result<void> check_key_for_stranger(const Message& request, const v1::StoredSecret* secret) {
  const bool is_about_value = dynamic_cast<const v1::GetSecretValueRequest*>(&request) != nullptr ||
                              dynamic_cast<const v1::PutSecretValueRequest*>(&request) != nullptr;
  if (!is_about_value || secret == nullptr) return {};
  const std::string& key = secret->kms_key_id();
  if (!key.empty() && !key.ends_with(kms::kManagedAlias)) return {};
  return tl::make_unexpected(
      invalid_request("You can't access a secret from a different AWS account if you encrypt the "
                      "secret with the default KMS service key."));
}

}  // namespace

// ---- who calls ----------------------------------------------------------------------------------

CallerPolicies policies_of(const Account& account, std::string_view principal_arn) {
  CallerPolicies own;
  if (!is_stranger(account, principal_arn)) {
    own.service_control = &account.service_control_policies();
  }
  const Principal* const principal = account.find_principal(principal_arn);
  if (principal == nullptr) return own;
  own.identity = &principal->policies;
  if (principal->permissions_boundary) own.boundary = &*principal->permissions_boundary;
  return own;
}

PolicyContext global_context(const std::string& region, std::int64_t wall_unix_ns) {
  // Two words, so that the function needs no memory of its own.
  return PolicyContext([&region, wall_unix_ns](PolicyContext& context) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::int64_t seconds = wall_unix_ns / kSecond;
    context.add("aws:RequestedRegion", region);
    context.add("aws:CurrentTime", format_epoch(seconds * kSecond));
    context.add("aws:EpochTime", std::to_string(seconds));
    context.add("aws:SecureTransport", "true");
  });
}

KmsCall::KmsCall(const Account& account, const std::string& region, std::string principal_arn,
                 std::string via_service, std::int64_t wall_unix_ns, PolicyContext::Fill more)
    : policies_(policies_of(account, principal_arn)),
      global_(global_context(region, wall_unix_ns)),
      context_(std::move(more), &global_),
      caller_{std::move(principal_arn), std::move(via_service), &policies_, &context_} {}

kms::Result<void> authorize_kms(const KmsCall& call, const Account& account,
                                std::string_view action, std::string_view resource) {
  const kms::Caller& caller = call.caller();
  const AccessRequest request{.principal_arn = caller.principal_arn,
                              .action = action,
                              .account = account.id(),
                              .via_service = caller.via_service,
                              .resource = resource,
                              .context = caller.context};
  const Ruling ruling = kms::rule_on_resource(nullptr, caller.policies, request);
  if (ruling.allowed) return {};
  return kms::fail(kms::code::kAccessDenied,
                   kms::denial_text(caller.principal_arn, action, resource, ruling));
}

// ---- Secrets Manager ----------------------------------------------------------------------------

Result<bool> is_judged(RegionServices& region, const Caller& caller, const std::string* secret_id) {
  if (is_judged(policies_of(region.account, caller.principal_arn)) ||
      is_stranger(region.account, caller.principal_arn)) {
    return true;
  }
  if (secret_id == nullptr) return false;
  FL_TRY(const SecretPtr secret, look(region, *secret_id));
  return secret != nullptr && secret->has_resource_policy();
}

Result<void> authorize_message(RegionServices& region, const Caller& caller,
                               const Message& request) {
  const std::string secret_id = member(request, "secret_id");
  FL_TRY(const SecretPtr secret, look(region, secret_id));
  const bool is_by_stranger = is_stranger(region.account, caller.principal_arn);
  // A bare name means a secret of the caller's own account, which is not in this world.
  if (is_by_stranger && !secret_id.empty() && !parse_secret_arn(secret_id)) {
    return tl::make_unexpected(secret_not_found());
  }
  if (const auto denial = denied({region, caller, request, secret.get()})) {
    const auto& [need, ruling] = *denial;
    return tl::make_unexpected(
        access_denied(kms::denial_text(caller.principal_arn, need.action, need.named, ruling)));
  }
  return is_by_stranger ? check_key_for_stranger(request, secret.get()) : Result<void>();
}

// Source  AWS Secrets Manager API Reference, "TagResource": "If you use tags as part of your
//         security strategy …"; the console's text for policies.
Result<void> authorize_after(RegionServices& region, const Caller& caller, const Message& request,
                             const v1::StoredSecret& changed) {
  if (!changed.has_resource_policy() && !is_stranger(region.account, caller.principal_arn) &&
      !is_judged(policies_of(region.account, caller.principal_arn))) {
    return {};
  }
  const auto denial = denied({region, caller, request, &changed});
  if (!denial) return {};
  const auto& [need, ruling] = *denial;
  if (dynamic_cast<const v1::PutResourcePolicyRequest*>(&request) != nullptr) {
    return tl::make_unexpected(access_denied(
        "This resource policy will not allow you to manage this secret in the future."));
  }
  return tl::make_unexpected(
      access_denied(kms::denial_text(caller.principal_arn, need.action, need.named, ruling)));
}

}  // namespace faultline::regions::access
