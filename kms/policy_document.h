// Policies as JSON documents, the form in which AWS's clients write and read them.
//
//   FL_TRY(const v1::Policy policy, parse_policy_document(text, PolicyUse::Secret));
//   policy.statements();                 // what is judged
//   policy_document(policy) == text;     // what was written comes back unchanged
//
// Size     at most `bytes_max` bytes, 32 levels deep.
// Errors   MalformedPolicyDocumentException, for any bytes at all; LimitExceededException for what
//          is too long. AWS documents few of its texts; those are used where they are known.
// Source   IAM User Guide, "Grammar of the IAM JSON policy language"; AWS KMS Developer Guide, "Key
//          policies in AWS KMS"; Secrets Manager User Guide, "Resource-based policies".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kms/error.h"
#include "proto/policy.pb.h"

namespace faultline::kms {

// What a policy is attached to decides what it must and must not say.
enum class PolicyUse {
  Identity,  // no principals; resources
  Key,       // principals; a statement without actions or resources is accepted and has no effect
  Secret,    // principals, actions and resources
};

// What is wrong with a document: for people, and for whoever sorts mistakes.
struct PolicyProblem {
  enum class Kind { TooLong, Syntax, Principal, ServicePrincipal };
  Kind kind = Kind::Syntax;
  std::string detail;  // "statement 2: unknown condition operator 'StringEqual'"
};
[[nodiscard]] Expected<v1::Policy, PolicyProblem> read_policy_document(std::string_view json,
                                                                       PolicyUse use,
                                                                       std::size_t bytes_max);
// In the words that a client of AWS gets.
[[nodiscard]] Error to_error(const PolicyProblem& problem, PolicyUse use);

// Statements, and the document as it was.
[[nodiscard]] Result<v1::Policy> parse_policy_document(std::string_view json, PolicyUse use,
                                                       std::size_t bytes_max = 32 * 1024);
// The policy with statements, whichever way it was given.
[[nodiscard]] Result<v1::Policy> with_statements(v1::Policy policy, PolicyUse use);

// The document that was given, or the one that says the same as the statements: compact, in one
// fixed order, equal for equal policies.
[[nodiscard]] std::string policy_document(const v1::Policy& policy);

}  // namespace faultline::kms
