// What all policies together mean: those of the caller, of his organisation, and of what he asks
// for.
//
//   const PolicyContext context([&](PolicyContext& c) { add_what_we_know(c); }, caller.context);
//   const AccessRequest request{principal, "kms:Decrypt", account, via, key.arn, &context};
//   const Ruling ruling = rule_on_key(key.policy, caller.policies, request, granted);
//   if (!ruling.allowed) return fail(code::kAccessDenied, denial_text(…));
//
// Order   (1) A Deny anywhere denies. (2) Each service control policy must allow, but for those
//         that only deny. (3) Of a secret: an Allow in its own policy or in the caller's is enough
//         in one account; across accounts both are needed. (4) Of a key: its policy must allow the
//         caller, or the caller's account, and then the caller's policies must allow too; or a
//         grant does. Without the key's policy no other policy helps. (5) A boundary limits
//         whatever the policy of a secret or key did not allow to the caller by his very ARN or as
//         everyone.
// Cost    Nothing is allocated where there are no policies.
// Source  IAM User Guide, "Policy evaluation logic", "Permissions boundaries for IAM entities",
//         "Cross-account policy evaluation logic"; AWS KMS Developer Guide, "Determining access to
//         AWS KMS keys"; Secrets Manager User Guide, "Authentication and access control".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kms/policy.h"

namespace faultline::kms {

// What a caller brings along. Not owned; statements only (kms/policy_document.h parses documents).
struct CallerPolicies {
  // nullptr or none at all: he may do everything that nobody denies.
  const std::vector<v1::Policy>* identity = nullptr;
  // nullptr: no boundary.
  const v1::Policy* boundary = nullptr;
  // nullptr or none: no organisation.
  const std::vector<v1::Policy>* service_control = nullptr;
};

struct Ruling {
  enum class By { Identity, Resource, Boundary, ServiceControl };
  bool allowed = true;
  // Of a denial: whether somebody said Deny or nobody said Allow; and in which kind of policy.
  bool is_explicit = false;
  By by = By::Identity;
};

// About a key. `granted`: whether a grant lets him. `policies` may be nullptr: as without any.
[[nodiscard]] Ruling rule_on_key(const v1::Policy& key_policy, const CallerPolicies* policies,
                                 const AccessRequest& request, bool granted = false);
// About a secret, or about something that has no policy (nullptr), such as the right to make a key.
[[nodiscard]] Ruling rule_on_resource(const v1::Policy* resource_policy,
                                      const CallerPolicies* policies, const AccessRequest& request);

// "User: <arn> is not authorized to perform: <action> on resource: <resource> because no
// identity-based policy allows the <action> action". REQUIRES: the ruling is a denial.
// Source  IAM User Guide, "Troubleshoot access denied error messages".
[[nodiscard]] std::string denial_text(std::string_view principal_arn, std::string_view action,
                                      std::string_view resource, const Ruling& ruling);

}  // namespace faultline::kms
