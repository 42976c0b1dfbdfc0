// What conditions in policies may ask about a request.
// Source  AWS KMS Developer Guide, "Condition keys for AWS KMS".
#include "regions/kms_api/operations.h"

namespace faultline::regions::kms_api {
namespace {

const char* text_of(bool value) { return value ? "true" : "false"; }

void add_tags(const google::protobuf::RepeatedPtrField<v1::KmsTag>& tags, kms::PolicyContext& to) {
  std::vector<std::string> keys;
  for (const v1::KmsTag& tag : tags) {
    to.add("aws:RequestTag/" + tag.tag_key(), tag.tag_value());
    keys.push_back(tag.tag_key());
  }
  if (!keys.empty()) to.add_list("aws:TagKeys", std::move(keys));
}

void add_new_key(const v1::KmsCreateKeyRequest& request, kms::PolicyContext& to) {
  to.add("kms:KeySpec", request.key_spec().empty() ? "SYMMETRIC_DEFAULT" : request.key_spec());
  to.add("kms:KeyUsage", request.key_usage().empty() ? "ENCRYPT_DECRYPT" : request.key_usage());
  to.add("kms:KeyOrigin", request.origin().empty() ? "AWS_KMS" : request.origin());
  to.add("kms:MultiRegion", text_of(request.multi_region()));
  if (request.multi_region()) to.add("kms:MultiRegionKeyType", "PRIMARY");
  to.add("kms:BypassPolicyLockoutSafetyCheck",
         text_of(request.bypass_policy_lockout_safety_check()));
  add_tags(request.tags(), to);
}

void add(const v1::KmsRequest& request, kms::PolicyContext& to) {
  switch (request.operation_case()) {
    case v1::KmsRequest::kCreateKey:
      return add_new_key(request.create_key(), to);
    case v1::KmsRequest::kPutKeyPolicy:
      return to.add("kms:BypassPolicyLockoutSafetyCheck",
                    text_of(request.put_key_policy().bypass_policy_lockout_safety_check()));
    case v1::KmsRequest::kScheduleKeyDeletion:
      if (!request.schedule_key_deletion().has_pending_window_in_days()) return;
      return to.add("kms:ScheduleKeyDeletionPendingWindowInDays",
                    std::to_string(request.schedule_key_deletion().pending_window_in_days()));
    case v1::KmsRequest::kEnableKeyRotation:
      if (!request.enable_key_rotation().has_rotation_period_in_days()) return;
      return to.add("kms:RotationPeriodInDays",
                    std::to_string(request.enable_key_rotation().rotation_period_in_days()));
    case v1::KmsRequest::kReplicateKey:
      add_tags(request.replicate_key().tags(), to);
      return to.add("kms:ReplicaRegion", request.replicate_key().replica_region());
    case v1::KmsRequest::kUpdatePrimaryRegion:
      return to.add("kms:PrimaryRegion", request.update_primary_region().primary_region());
    case v1::KmsRequest::kTagResource:
      return add_tags(request.tag_resource().tags(), to);
    case v1::KmsRequest::kUntagResource:
      return to.add_list("aws:TagKeys", {request.untag_resource().tag_keys().begin(),
                                         request.untag_resource().tag_keys().end()});
    default:
      return;
  }
}

}  // namespace

kms::PolicyContext::Fill conditions_of(const v1::KmsRequest& request) {
  return [&request](kms::PolicyContext& to) { add(request, to); };
}

}  // namespace faultline::regions::kms_api
