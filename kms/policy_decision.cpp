#include "kms/policy_decision.h"

#include <algorithm>
#include <optional>

#include "kms/identifiers.h"
#include "proto/policy.pb.h"

namespace faultline::kms {
namespace {

using By = Ruling::By;
using Policies = std::vector<v1::Policy>;

Ruling implicit_deny(By by) { return {.allowed = false, .is_explicit = false, .by = by}; }
Ruling explicit_deny(By by) { return {.allowed = false, .is_explicit = true, .by = by}; }

bool is_none(const Policies* policies) { return policies == nullptr || policies->empty(); }

bool any_says(const Policies* policies, const AccessRequest& request, Decision decision) {
  return policies != nullptr &&
         std::any_of(policies->begin(), policies->end(), [&](const v1::Policy& policy) {
           return decide_for_holder(policy, request) == decision;
         });
}

// A service control policy that allows some things, and not this. One that only denies stands
// beside AWS's FullAWSAccess, without which an organisation would allow nothing.
bool holds_back(const v1::Policy& policy, const AccessRequest& request) {
  const bool allows_some =
      std::any_of(policy.statements().begin(), policy.statements().end(),
                  [](const auto& each) { return each.effect() == v1::Policy::Statement::Allow; });
  return allows_some && decide_for_holder(policy, request) == Decision::ImplicitDeny;
}

// A Deny of whomever, and what the organisation does not allow: before anything else.
std::optional<Ruling> forbidden(const CallerPolicies& own, bool resource_denies,
                                const AccessRequest& request) {
  if (any_says(own.service_control, request, Decision::ExplicitDeny)) {
    return explicit_deny(By::ServiceControl);
  }
  if (resource_denies) return explicit_deny(By::Resource);
  if (any_says(own.identity, request, Decision::ExplicitDeny)) return explicit_deny(By::Identity);
  if (own.boundary != nullptr &&
      decide_for_holder(*own.boundary, request) == Decision::ExplicitDeny) {
    return explicit_deny(By::Boundary);
  }
  if (own.service_control != nullptr &&
      std::any_of(own.service_control->begin(), own.service_control->end(),
                  [&](const v1::Policy& policy) { return holds_back(policy, request); })) {
    return implicit_deny(By::ServiceControl);
  }
  return std::nullopt;
}

Ruling rule_by_boundary(const CallerPolicies& own, const AccessRequest& request) {
  const bool is_within =
      own.boundary == nullptr || decide_for_holder(*own.boundary, request) == Decision::Allow;
  return is_within ? Ruling{} : implicit_deny(By::Boundary);
}

Ruling rule_by_own(const CallerPolicies& own, const AccessRequest& request) {
  const bool is_allowed = is_none(own.identity) || any_says(own.identity, request, Decision::Allow);
  return is_allowed ? rule_by_boundary(own, request) : implicit_deny(By::Identity);
}

bool is_other_account(const AccessRequest& request) {
  return !request.principal_arn.empty() && account_of_arn(request.principal_arn) != request.account;
}

// Within one account, what the resource's own policy has granted.
Ruling rule_by_reach(Reach reach, const CallerPolicies& own, const AccessRequest& request) {
  switch (reach) {
    case Reach::Caller:
      return {};
    case Reach::Role:
      return rule_by_boundary(own, request);
    case Reach::Account:
    case Reach::Nothing:
      break;
  }
  return rule_by_own(own, request);
}

std::string_view kind_of(By by) {
  switch (by) {
    case By::Identity:
      return "identity-based policy";
    case By::Resource:
      return "resource-based policy";
    case By::Boundary:
      return "permissions boundary";
    case By::ServiceControl:
      return "service control policy";
  }
  return "";
}

}  // namespace

Ruling rule_on_key(const v1::Policy& key_policy, const CallerPolicies* policies,
                   const AccessRequest& request, bool granted) {
  const CallerPolicies own = policies == nullptr ? CallerPolicies{} : *policies;
  const ResourceVerdict verdict = judge(key_policy, request);
  if (const auto denial = forbidden(own, verdict.denied, request)) return *denial;
  if (granted) return {};
  if (verdict.allowed == Reach::Nothing) return implicit_deny(By::Resource);
  if (is_other_account(request)) return rule_by_own(own, request);
  return rule_by_reach(verdict.allowed, own, request);
}

Ruling rule_on_resource(const v1::Policy* resource_policy, const CallerPolicies* policies,
                        const AccessRequest& request) {
  const CallerPolicies own = policies == nullptr ? CallerPolicies{} : *policies;
  const ResourceVerdict verdict =
      resource_policy == nullptr ? ResourceVerdict{} : judge(*resource_policy, request);
  if (const auto denial = forbidden(own, verdict.denied, request)) return *denial;
  if (is_other_account(request)) {
    if (verdict.allowed == Reach::Nothing) return implicit_deny(By::Resource);
    return rule_by_own(own, request);
  }
  return rule_by_reach(verdict.allowed, own, request);
}

std::string denial_text(std::string_view principal_arn, std::string_view action,
                        std::string_view resource, const Ruling& ruling) {
  std::string text = "User: ";
  text.append(principal_arn).append(" is not authorized to perform: ").append(action);
  text.append(" on resource: ").append(resource);
  const std::string_view kind = kind_of(ruling.by);
  if (ruling.is_explicit) {
    text.append(ruling.by == By::Identity ? " with an explicit deny in an "
                                          : " with an explicit deny in a ");
    return text.append(kind);
  }
  text.append(" because no ").append(kind).append(" allows the ");
  return text.append(action).append(" action");
}

}  // namespace faultline::kms
