// Key policies: who may do what with a key. In AWS no identity policy helps where the key policy
// does not allow; here the key policy is the whole decision, and an Allow to the account's root is
// an Allow to every principal of the account. What the identity policies of a principal add is
// decided before the KMS is asked.
//
// Rules  (1) An explicit Deny that matches wins over every Allow.  (2) An Allow that matches
//        allows.  (3) Nothing said is a deny. (4) A statement without actions or without principals
//        is accepted and matches nothing.
// Source  AWS KMS Developer Guide, "Key policies in AWS KMS", "Default key policy"; IAM User Guide,
//         "Policy evaluation logic", "AWS JSON policy elements: Principal", "… Action".
#pragma once

#include <string>
#include <string_view>

#include "kms/error.h"

namespace faultline::v1 {
class Policy;
}  // namespace faultline::v1

namespace faultline::kms {

enum class Decision { Allow, ExplicitDeny, ImplicitDeny };

// A question to a policy.
struct AccessRequest {
  // The caller's ARN: a user, a role, a role session, or the account's root. Empty: the root of
  // `account`.
  std::string_view principal_arn;
  std::string_view action;   // "kms:Decrypt"
  std::string_view account;  // the account that owns the key
  // The service that calls for the principal, such as "secretsmanager.us-west-2.amazonaws.com".
  // Empty: the principal itself.
  std::string_view via_service;
};

[[nodiscard]] Decision decide(const v1::Policy& policy, const AccessRequest& request);
[[nodiscard]] Decision decide(const v1::Policy& policy, std::string_view principal_arn,
                              std::string_view action, std::string_view account);

// Whether a principal as written in a policy means this caller:
//   "*"                                       everyone
//   "111122223333", "arn:aws:iam::A:root"     every principal of that account
//   a role's ARN                              the role, and each of its sessions
//                                             (arn:aws:sts::A:assumed-role/<role>/<session>)
//   anything else                             that ARN exactly; there are no partial wildcards in
//                                             principals
[[nodiscard]] bool principal_matches(std::string_view written, std::string_view principal_arn);

// Whether an action pattern with wildcards * and ? means this action; case does not matter.
[[nodiscard]] bool action_matches(std::string_view pattern, std::string_view action);

// MalformedPolicyDocumentException when a statement has no effect; LimitExceededException beyond 32
// KiB.
[[nodiscard]] Result<void> check_policy(const v1::Policy& policy);

// What a key gets when its maker names no policy: everything to the account's root. `root_arn` as
// in Place::root_arn.
[[nodiscard]] v1::Policy default_key_policy(std::string_view root_arn);

// The policy of aws/secretsmanager: every principal of the account may use the key through Secrets
// Manager of this region, and only so; the account may read what is said about it.
// Source  AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets
//         Manager", key policy of the AWS managed key.
[[nodiscard]] v1::Policy managed_key_policy(std::string_view account, std::string_view region,
                                               std::string_view root_arn);

}  // namespace faultline::kms
