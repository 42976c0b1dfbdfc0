// Policies: who may do what, said in statements; one language for identities, keys, secrets and
// accounts. What one policy says of a request is decided here; what several together mean is
// decided in kms/policy_decision.h.
//
// Rules   (1) A Deny that matches wins over every Allow.  (2) An Allow that matches allows.
//         (3) Nothing said is a deny.  (4) A statement matches when its principals, actions,
//         resources and conditions all do; one without actions matches nothing, nor does one
//         without principals in a policy of a key or secret.
// Forms   Only statements are judged: a policy that is given as a JSON document is parsed first
//         (kms/policy_document.h).
// Source  IAM User Guide, "IAM JSON policy elements reference", "Policy evaluation logic"; AWS KMS
//         Developer Guide, "Key policies in AWS KMS", "Default key policy".
#pragma once

#include <string>
#include <string_view>

#include "kms/error.h"
#include "kms/policy_context.h"

namespace faultline::v1 {
class Policy;
}  // namespace faultline::v1

namespace faultline::kms {

enum class Decision { Allow, ExplicitDeny, ImplicitDeny };

// A question to a policy.
struct AccessRequest {
  // The caller's ARN: a user, a role, a role session, or the account's root; or the name of an AWS
  // service, "secretsmanager.amazonaws.com". Empty: the root of `account`.
  std::string_view principal_arn;
  std::string_view action;   // "kms:Decrypt"
  std::string_view account;  // the account that owns what is asked for
  // The service that calls for the principal, such as "secretsmanager.us-west-2.amazonaws.com".
  // Empty: the principal itself.
  std::string_view via_service = {};
  // The ARN of what is asked for. Empty: there is none, and only the resource "*" means it.
  std::string_view resource = {};
  // kms:ViaService, kms:CallerAccount, aws:PrincipalArn and aws:PrincipalAccount need not be there:
  // they are what the request says. nullptr: nothing else is known.
  const PolicyContext* context = nullptr;
};

// What a policy of a key or secret says: the principals of its statements count.
[[nodiscard]] Decision decide(const v1::Policy& policy, const AccessRequest& request);
[[nodiscard]] Decision decide(const v1::Policy& policy, std::string_view principal_arn,
                              std::string_view action, std::string_view account);
// What a policy of the caller says, an identity policy, a boundary or a service control policy:
// there are no principals in it.
[[nodiscard]] Decision decide_for_holder(const v1::Policy& policy, const AccessRequest& request);

// How closely a resource's policy names the caller whom it allows.
enum class Reach {
  Nothing,  // it does not allow
  Account,  // as one of an account: whether he may is for his own policies to say
  Role,     // as a session of a role: his boundary still limits him
  Caller,   // by his very ARN, or as everyone
};
struct ResourceVerdict {
  bool denied = false;
  Reach allowed = Reach::Nothing;
};
[[nodiscard]] ResourceVerdict judge(const v1::Policy& policy, const AccessRequest& request);

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
// Whether a text matches a pattern with wildcards * and ?; case matters.
[[nodiscard]] bool text_matches(std::string_view pattern, std::string_view text);

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
