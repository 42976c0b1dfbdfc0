// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy and ValidateResourcePolicy.
//
// Source  AWS Secrets Manager API Reference, the operations' pages; Secrets Manager User Guide,
//         "Resource-based policies".
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "kms/policy_document.h"
#include "regions/access/authorize.h"
#include "regions/access/public_policy.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

using PutRequest = v1::PutResourcePolicyRequest;
using PutResponse = v1::PutResourcePolicyResponse;
using DeleteRequest = v1::DeleteResourcePolicyRequest;
using DeleteResponse = v1::DeleteResourcePolicyResponse;
using ValidateResponse = v1::ValidateResourcePolicyResponse;

constexpr Limits kPolicyLength{1, 20'480};
// Characters of four bytes at most.
constexpr std::size_t kPolicyBytesMax = 4 * kPolicyLength.max;

template <class Request>
void check_policy_member(const Request& request, Validation& members) {
  members.required("resourcePolicy", request.has_resource_policy());
  if (request.has_resource_policy()) {
    members.length("resourcePolicy", request.resource_policy(), kPolicyLength);
  }
}

template <class Request>
Result<void> check_named(const Request& request) {
  Validation members;
  members.secret_id(request);
  if constexpr (requires { request.resource_policy(); }) check_policy_member(request, members);
  FL_TRY_VOID(members.result());
  return check_secret_id(request.secret_id());
}

Result<void> check_to_validate(const v1::ValidateResourcePolicyRequest& request) {
  Validation members;
  if (request.has_secret_id()) members.secret_id(request);
  check_policy_member(request, members);
  FL_TRY_VOID(members.result());
  return request.has_secret_id() ? check_secret_id(request.secret_id()) : Result<void>();
}

Result<v1::Policy> read_policy(const std::string& json) {
  return kms::parse_policy_document(json, kms::PolicyUse::Secret, kPolicyBytesMax)
      .map_error([](kms::Error error) {
        return Error{std::move(error.code), std::move(error.message)};
      });
}

Result<Writes> changed(RegionServices& region, const Caller& caller, v1::StoredSecret& secret,
                       std::string why) {
  change(region, secret);
  Transaction transaction(std::move(why));
  FL_TRY_VOID(write_changed(region, caller, secret, transaction));
  return Writes::of(secret, std::move(transaction));
}

template <class Response>
Response named(const v1::StoredSecret& secret) {
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());
  return response;
}

Result<Decision<PutResponse>> decide_put(RegionServices& region, const Caller& caller,
                                         const PutRequest& request) {
  FL_TRY(const v1::Policy policy, read_policy(request.resource_policy()));
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  if (request.block_public_policy() && access::is_public(policy)) {
    return tl::make_unexpected(
        Error{"PublicPolicyException", std::string(access::kPublicPolicyText)});
  }
  secret.set_resource_policy(request.resource_policy());
  FL_TRY_VOID(access::authorize_after(region, caller, request, secret));
  Decision<PutResponse> decision{.response = named<PutResponse>(secret), .writes = {}};
  FL_TRY(decision.writes, changed(region, caller, secret, "PutResourcePolicy"));
  return decision;
}

Result<Decision<DeleteResponse>> decide_delete(RegionServices& region, const Caller& caller,
                                               const DeleteRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  Decision<DeleteResponse> decision{.response = named<DeleteResponse>(secret), .writes = {}};
  if (!secret.has_resource_policy()) return decision;
  secret.clear_resource_policy();
  FL_TRY_VOID(access::authorize_after(region, caller, request, secret));
  FL_TRY(decision.writes, changed(region, caller, secret, "DeleteResourcePolicy"));
  return decision;
}

// AWS does not document the names of its checks; these are ours.
void complain(ValidateResponse& response, std::string check, std::string message) {
  v1::ValidationErrorsEntry& entry = *response.add_validation_errors();
  entry.set_check_name(std::move(check));
  entry.set_error_message(std::move(message));
}

}  // namespace

Answer<PutResponse> put_resource_policy(RegionServices& region, Caller caller, PutRequest request) {
  FL_CO_TRY_VOID(check_named(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<PutRequest, PutResponse>(region, std::move(caller),
                                                                  std::move(request), decide_put);
  co_return answer;
}

// The policy of a replica is its primary's, and can be read there, too.
Answer<v1::GetResourcePolicyResponse> get_resource_policy(RegionServices& region, Caller caller,
                                                          v1::GetResourcePolicyRequest request) {
  FL_CO_TRY_VOID(check_named(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  FL_CO_TRY(const v1::StoredSecret secret, find_usable(region, request.secret_id()));
  auto response = named<v1::GetResourcePolicyResponse>(secret);
  if (secret.has_resource_policy()) response.set_resource_policy(secret.resource_policy());
  co_return response;
}

Answer<DeleteResponse> delete_resource_policy(RegionServices& region, Caller caller,
                                              DeleteRequest request) {
  FL_CO_TRY_VOID(check_named(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<DeleteRequest, DeleteResponse>(
      region, std::move(caller), std::move(request), decide_delete);
  co_return answer;
}

// Three checks: syntax, broad access, and whether the caller would lock himself out.
Answer<ValidateResponse> validate_resource_policy(RegionServices& region, Caller caller,
                                                  v1::ValidateResourcePolicyRequest request) {
  FL_CO_TRY_VOID(check_to_validate(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  v1::StoredSecret secret;
  if (request.has_secret_id()) {
    FL_CO_TRY(secret, find_usable(region, request.secret_id()));
  }
  ValidateResponse response;
  const auto policy = read_policy(request.resource_policy());
  if (!policy.has_value()) {
    complain(response, "POLICY_SYNTAX_CHECK", policy.error().message);
  } else {
    if (access::is_public(*policy)) {
      complain(response, "PUBLIC_ACCESS_CHECK", std::string(access::kPublicPolicyText));
    }
    secret.set_resource_policy(request.resource_policy());
    v1::PutResourcePolicyRequest put;
    put.set_secret_id(request.secret_id());
    if (request.has_secret_id()) {
      const auto kept = access::authorize_after(region, caller, put, secret);
      if (!kept.has_value()) complain(response, "CALLER_LOCKOUT_CHECK", kept.error().message);
    }
  }
  response.set_policy_validation_passed(response.validation_errors().empty());
  co_return response;
}

}  // namespace faultline::regions::api
