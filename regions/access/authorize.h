// Who may: the decision about a call of Secrets Manager at a region's front door, and what a call
// of KMS brings along so that KMS can decide.
//
//   FL_CO_TRY_VOID(access::authorize(region, caller, request));     // in an operation
//
//   const access::KmsCall call(account, region, principal_arn, "", now);        // a call of KMS
//   kms.describe_key(call.caller(), key);
//   FL_TRY_VOID(access::authorize_kms(call, account, "kms:CreateKey", "*"));    // without a key
//
// Decided  by kms/policy_decision.h: policies of the principal, of the organisation and of the
//          secret or key. Where none of them is there, nothing is looked up or allocated.
// Errors   AccessDeniedException with IAM's texts; the resource is named as the request named it.
// Source   Service Authorization Reference, "AWS Secrets Manager"; Secrets Manager User Guide,
//          "Authentication and access control"; IAM User Guide, "Troubleshoot access denied error
//          messages".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kms/kms.h"
#include "kms/policy_context.h"
#include "kms/policy_decision.h"
#include "proto/storage.pb.h"
#include "regions/account.h"
#include "regions/error.h"
#include "regions/services.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace faultline::regions::access {

// ---- who calls ----------------------------------------------------------------------------------

// The policies of a principal as the account has them; none for one that it does not know. Valid
// until the principal is replaced.
[[nodiscard]] kms::CallerPolicies policies_of(const Account& account,
                                              std::string_view principal_arn);

// One call of a region's KMS by a principal of the account. `caller()` refers to this object, so
// that it is neither copied nor moved. `region` outlives it, as does what `more` refers to.
class KmsCall {
 public:
  // `via_service`: "" for a direct call. `more` adds what else conditions may ask about, such as
  // kms:RequestAlias.
  KmsCall(const Account& account, const std::string& region, std::string principal_arn,
          std::string via_service, std::int64_t wall_unix_ns, kms::PolicyContext::Fill more = {});
  KmsCall(const KmsCall&) = delete;
  KmsCall& operator=(const KmsCall&) = delete;

  [[nodiscard]] const kms::Caller& caller() const { return caller_; }

 private:
  kms::CallerPolicies policies_;
  kms::PolicyContext global_;
  kms::PolicyContext context_;
  kms::Caller caller_;
};

// What no key's policy decides: CreateKey, ListKeys, ListAliases, GenerateRandom on "*", and what
// aliases need besides (kms:CreateAlias on the alias's ARN). Also the Account API's actions.
[[nodiscard]] kms::Result<void> authorize_kms(const KmsCall& call, const Account& account,
                                              std::string_view action, std::string_view resource);

// aws:RequestedRegion, aws:CurrentTime, aws:EpochTime, aws:SecureTransport. `region` outlives it.
[[nodiscard]] kms::PolicyContext global_context(const std::string& region,
                                                std::int64_t wall_unix_ns);

// ---- Secrets Manager ----------------------------------------------------------------------------

// Whether any policy has a word in what this caller asks of this secret; nullptr: of none.
// InternalServiceError when the store fails.
[[nodiscard]] Result<bool> is_judged(RegionServices& region, const Caller& caller,
                                     const std::string* secret_id);
// All the actions that the request needs.
[[nodiscard]] Result<void> authorize_message(RegionServices& region, const Caller& caller,
                                             const google::protobuf::Message& request);

template <class Request>
[[nodiscard]] Result<void> authorize(RegionServices& region, const Caller& caller,
                                     const Request& request) {
  const std::string* secret_id = nullptr;
  if constexpr (requires { request.secret_id(); }) secret_id = &request.secret_id();
  FL_TRY(const bool judged, is_judged(region, caller, secret_id));
  if (!judged) return {};
  return authorize_message(region, caller, request);
}

// Whether the caller may still do what he does here, once the secret is as `changed` says: a change
// of tags or of the policy that would lock him out is refused. AccessDeniedException.
[[nodiscard]] Result<void> authorize_after(RegionServices& region, const Caller& caller,
                                           const google::protobuf::Message& request,
                                           const v1::StoredSecret& changed);

}  // namespace faultline::regions::access
