// Key policies: a key has one, and its name is "default".
// Source  AWS KMS API Reference, "GetKeyPolicy", "PutKeyPolicy", "ListKeyPolicies".
#include "regions/kms_api/operations.h"
#include "regions/kms_api/paging.h"

namespace faultline::regions::kms_api {
namespace {

template <class Request>
std::string policy_name(const Request& request) {
  return request.has_policy_name() ? request.policy_name() : std::string(kms::kPolicyName);
}

}  // namespace

Result<v1::KmsGetKeyPolicyResponse> get_key_policy(Desk& desk,
                                                   const v1::KmsGetKeyPolicyRequest& request) {
  const std::string name = policy_name(request);
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:GetKeyPolicy"));
  FL_TRY(const std::string document, desk.kms.get_key_policy_document(request.key_id(), name));
  v1::KmsGetKeyPolicyResponse response;
  response.set_policy(document);
  response.set_policy_name(name);
  return response;
}

Result<v1::KmsPutKeyPolicyResponse> put_key_policy(Desk& desk,
                                                   const v1::KmsPutKeyPolicyRequest& request) {
  const std::string name = policy_name(request);
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:PutKeyPolicy"));
  v1::Policy policy;
  policy.set_document(request.policy());
  FL_TRY_VOID(desk.kms.put_key_policy(
      request.key_id(), policy,
      {.keeper = request.bypass_policy_lockout_safety_check() ? nullptr : &desk.caller(),
       .name = name}));
  return {};
}

Result<v1::KmsListKeyPoliciesResponse> list_key_policies(
    Desk& desk, const v1::KmsListKeyPoliciesRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:ListKeyPolicies"));
  FL_TRY(const auto names, desk.kms.list_key_policies(request.key_id()));
  v1::KmsListKeyPoliciesResponse response;
  constexpr std::size_t kDefault = 100;
  FL_TRY_VOID(page(
      request, response, "ListKeyPolicies", names, kDefault,
      [](const std::string& name) { return name; },
      [&](const std::string& name) { response.add_policy_names(name); }));
  return response;
}

}  // namespace faultline::regions::kms_api
