// Which function answers which request.
#include <google/protobuf/descriptor.h>

#include <utility>

#include "regions/kms_api/operations.h"
#include "regions/kms_api/validate.h"

namespace faultline::regions::kms_api {
namespace {

using Operation = v1::KmsRequest::OperationCase;
using Response = v1::KmsResponse;
using google::protobuf::Message;

// The message of the operation that is set; nullptr: none is.
const Message* operation_message(const v1::KmsRequest& request) {
  const auto* field = request.GetReflection()->GetOneofFieldDescriptor(
      request, v1::KmsRequest::descriptor()->FindOneofByName("operation"));
  return field == nullptr ? nullptr : &request.GetReflection()->GetMessage(request, field);
}

template <class Request, class Answer>
Result<Response> run(Result<Answer> (*operation)(Desk&, const Request&), Desk& desk,
                     const Request& request, Answer* (Response::*slot)()) {
  FL_TRY_VOID(validate(request));
  FL_TRY(Answer answer, operation(desk, request));
  Response response;
  *(response.*slot)() = std::move(answer);
  return response;
}

}  // namespace

std::string operation_name(const v1::KmsRequest& request) {
  constexpr std::size_t kPrefix = 3;  // "Kms"
  constexpr std::size_t kSuffix = 7;  // "Request"
  const Message* const call = operation_message(request);
  if (call == nullptr) return {};
  const std::string& name = call->GetDescriptor()->name();
  return name.substr(kPrefix, name.size() - kPrefix - kSuffix);
}

std::string named_key(const v1::KmsRequest& request) {
  const Message* const call = operation_message(request);
  if (call == nullptr) return {};
  for (const char* name : {"key_id", "alias_name", "destination_key_id"}) {
    const auto* field = call->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) continue;
    std::string named = call->GetReflection()->GetString(*call, field);
    if (!named.empty()) return named;
  }
  return {};
}

Result<v1::KmsResponse> dispatch(Desk& desk, const v1::KmsRequest& request) {
  switch (request.operation_case()) {
    case Operation::kCreateKey:
      return run(create_key, desk, request.create_key(), &Response::mutable_create_key);
    case Operation::kDescribeKey:
      return run(describe_key, desk, request.describe_key(), &Response::mutable_describe_key);
    case Operation::kListKeys:
      return run(list_keys, desk, request.list_keys(), &Response::mutable_list_keys);
    case Operation::kUpdateKeyDescription:
      return run(update_key_description, desk, request.update_key_description(),
                 &Response::mutable_update_key_description);
    case Operation::kEnableKey:
      return run(enable_key, desk, request.enable_key(), &Response::mutable_enable_key);
    case Operation::kDisableKey:
      return run(disable_key, desk, request.disable_key(), &Response::mutable_disable_key);
    case Operation::kScheduleKeyDeletion:
      return run(schedule_key_deletion, desk, request.schedule_key_deletion(),
                 &Response::mutable_schedule_key_deletion);
    case Operation::kCancelKeyDeletion:
      return run(cancel_key_deletion, desk, request.cancel_key_deletion(),
                 &Response::mutable_cancel_key_deletion);
    case Operation::kCreateAlias:
      return run(create_alias, desk, request.create_alias(), &Response::mutable_create_alias);
    case Operation::kUpdateAlias:
      return run(update_alias, desk, request.update_alias(), &Response::mutable_update_alias);
    case Operation::kDeleteAlias:
      return run(delete_alias, desk, request.delete_alias(), &Response::mutable_delete_alias);
    case Operation::kListAliases:
      return run(list_aliases, desk, request.list_aliases(), &Response::mutable_list_aliases);
    case Operation::kGenerateDataKey:
      return run(generate_data_key, desk, request.generate_data_key(),
                 &Response::mutable_generate_data_key);
    case Operation::kGenerateDataKeyWithoutPlaintext:
      return run(generate_data_key_without_plaintext, desk,
                 request.generate_data_key_without_plaintext(),
                 &Response::mutable_generate_data_key_without_plaintext);
    case Operation::kGenerateRandom:
      return run(generate_random, desk, request.generate_random(),
                 &Response::mutable_generate_random);
    case Operation::kEncrypt:
      return run(encrypt, desk, request.encrypt(), &Response::mutable_encrypt);
    case Operation::kDecrypt:
      return run(decrypt, desk, request.decrypt(), &Response::mutable_decrypt);
    case Operation::kReEncrypt:
      return run(re_encrypt, desk, request.re_encrypt(), &Response::mutable_re_encrypt);
    case Operation::kGetKeyPolicy:
      return run(get_key_policy, desk, request.get_key_policy(), &Response::mutable_get_key_policy);
    case Operation::kPutKeyPolicy:
      return run(put_key_policy, desk, request.put_key_policy(), &Response::mutable_put_key_policy);
    case Operation::kListKeyPolicies:
      return run(list_key_policies, desk, request.list_key_policies(),
                 &Response::mutable_list_key_policies);
    case Operation::kCreateGrant:
      return run(create_grant, desk, request.create_grant(), &Response::mutable_create_grant);
    case Operation::kListGrants:
      return run(list_grants, desk, request.list_grants(), &Response::mutable_list_grants);
    case Operation::kListRetirableGrants:
      return run(list_retirable_grants, desk, request.list_retirable_grants(),
                 &Response::mutable_list_retirable_grants);
    case Operation::kRetireGrant:
      return run(retire_grant, desk, request.retire_grant(), &Response::mutable_retire_grant);
    case Operation::kRevokeGrant:
      return run(revoke_grant, desk, request.revoke_grant(), &Response::mutable_revoke_grant);
    case Operation::kEnableKeyRotation:
      return run(enable_key_rotation, desk, request.enable_key_rotation(),
                 &Response::mutable_enable_key_rotation);
    case Operation::kDisableKeyRotation:
      return run(disable_key_rotation, desk, request.disable_key_rotation(),
                 &Response::mutable_disable_key_rotation);
    case Operation::kGetKeyRotationStatus:
      return run(get_key_rotation_status, desk, request.get_key_rotation_status(),
                 &Response::mutable_get_key_rotation_status);
    case Operation::kRotateKeyOnDemand:
      return run(rotate_key_on_demand, desk, request.rotate_key_on_demand(),
                 &Response::mutable_rotate_key_on_demand);
    case Operation::kListKeyRotations:
      return run(list_key_rotations, desk, request.list_key_rotations(),
                 &Response::mutable_list_key_rotations);
    case Operation::kReplicateKey:
      return run(replicate_key, desk, request.replicate_key(), &Response::mutable_replicate_key);
    case Operation::kUpdatePrimaryRegion:
      return run(update_primary_region, desk, request.update_primary_region(),
                 &Response::mutable_update_primary_region);
    case Operation::kTagResource:
      return run(tag_resource, desk, request.tag_resource(), &Response::mutable_tag_resource);
    case Operation::kUntagResource:
      return run(untag_resource, desk, request.untag_resource(), &Response::mutable_untag_resource);
    case Operation::kListResourceTags:
      return run(list_resource_tags, desk, request.list_resource_tags(),
                 &Response::mutable_list_resource_tags);
    case Operation::OPERATION_NOT_SET:
      break;
  }
  return kms::fail("UnknownOperationException");
}

}  // namespace faultline::regions::kms_api
