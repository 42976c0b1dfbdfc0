// Making keys, looking at them, and their states.
// Source  AWS KMS API Reference, "CreateKey", "DescribeKey", "ListKeys", "UpdateKeyDescription",
//         "EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion".
#include "proto/kms.pb.h"
#include "regions/kms_api/operations.h"
#include "regions/kms_api/paging.h"

namespace faultline::regions::kms_api {
namespace {

constexpr std::size_t kListKeysDefault = 100;
constexpr int kWindowLeast = 7;
constexpr int kWindowMost = 30;

tl::unexpected<kms::Error> invalid(std::string message) {
  return kms::fail(kms::code::kValidation, std::move(message));
}

tl::unexpected<kms::Error> unsupported(std::string message) {
  return kms::fail("UnsupportedOperationException", std::move(message));
}

// Only symmetric keys whose material KMS makes are emulated.
Result<void> check_kind(const v1::KmsCreateKeyRequest& request) {
  if (request.has_key_spec() && request.has_customer_master_key_spec()) {
    return invalid(
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.");
  }
  const std::string& named =
      request.has_key_spec() ? request.key_spec() : request.customer_master_key_spec();
  const std::string spec = named.empty() ? "SYMMETRIC_DEFAULT" : named;
  if (spec != "SYMMETRIC_DEFAULT") {
    if (!request.has_key_usage()) {
      return invalid(
          "You must specify a KeyUsage value for all KMS keys except for symmetric encryption "
          "keys.");
    }
    return unsupported("KeySpec " + spec + " is not emulated: only SYMMETRIC_DEFAULT is.");
  }
  if (request.has_key_usage() && request.key_usage() != "ENCRYPT_DECRYPT") {
    return invalid("KeyUsage " + request.key_usage() +
                   " is not compatible with KeySpec SYMMETRIC_DEFAULT");
  }
  if (request.has_origin() && request.origin() != "AWS_KMS") {
    return unsupported("Origin " + request.origin() + " is not emulated: only AWS_KMS is.");
  }
  if (request.has_custom_key_store_id()) {
    return unsupported("Custom key stores are not emulated.");
  }
  return {};
}

}  // namespace

Result<v1::KmsCreateKeyResponse> create_key(Desk& desk, const v1::KmsCreateKeyRequest& request) {
  FL_TRY_VOID(check_kind(request));
  FL_TRY_VOID(may(desk, "kms:CreateKey"));
  if (request.tags_size() > 0) FL_TRY_VOID(may(desk, "kms:TagResource"));
  v1::Policy policy;
  policy.set_document(request.policy());
  FL_TRY(const kms::KeyMetadata made,
         desk.kms.create_key(
             {.description = request.description(),
              .policy = request.has_policy() ? &policy : nullptr,
              .tags = tags_of(request.tags()),
              .multi_region = request.multi_region(),
              .keeper = request.bypass_policy_lockout_safety_check() ? nullptr : &desk.caller()}));
  v1::KmsCreateKeyResponse response;
  *response.mutable_key_metadata() = metadata_of(made, desk.kms.place());
  return response;
}

Result<v1::KmsDescribeKeyResponse> describe_key(Desk& desk,
                                                const v1::KmsDescribeKeyRequest& request) {
  const kms::CallOptions options = options_of(request);
  FL_TRY_VOID(desk.kms.resolve(request.key_id()));
  FL_TRY_VOID(desk.kms.authorize(desk.caller(), request.key_id(), "kms:DescribeKey",
                                 {.grant_tokens = &options.grant_tokens}));
  FL_TRY(const kms::KeyMetadata key, desk.kms.describe_key(request.key_id()));
  v1::KmsDescribeKeyResponse response;
  *response.mutable_key_metadata() = metadata_of(key, desk.kms.place());
  return response;
}

Result<v1::KmsListKeysResponse> list_keys(Desk& desk, const v1::KmsListKeysRequest& request) {
  FL_TRY_VOID(may(desk, "kms:ListKeys"));
  FL_TRY(const auto keys, desk.kms.list_keys());
  v1::KmsListKeysResponse response;
  FL_TRY_VOID(page(
      request, response, "ListKeys", keys, kListKeysDefault,
      [](const kms::KeyMetadata& key) { return key.key_id; },
      [&](const kms::KeyMetadata& key) {
        v1::KeyListEntry& entry = *response.add_keys();
        entry.set_key_id(key.key_id);
        entry.set_key_arn(key.arn);
      }));
  return response;
}

Result<v1::KmsUpdateKeyDescriptionResponse> update_key_description(
    Desk& desk, const v1::KmsUpdateKeyDescriptionRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:UpdateKeyDescription"));
  FL_TRY_VOID(desk.kms.update_key_description(request.key_id(), request.description()));
  return {};
}

Result<v1::KmsEnableKeyResponse> enable_key(Desk& desk, const v1::KmsEnableKeyRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:EnableKey"));
  FL_TRY_VOID(desk.kms.enable_key(request.key_id()));
  return {};
}

Result<v1::KmsDisableKeyResponse> disable_key(Desk& desk, const v1::KmsDisableKeyRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:DisableKey"));
  FL_TRY_VOID(desk.kms.disable_key(request.key_id()));
  return {};
}

Result<v1::KmsScheduleKeyDeletionResponse> schedule_key_deletion(
    Desk& desk, const v1::KmsScheduleKeyDeletionRequest& request) {
  const int days =
      request.has_pending_window_in_days() ? request.pending_window_in_days() : kWindowMost;
  if (days < kWindowLeast || days > kWindowMost) {
    // In the grammar of AWS's validation; its own text is not documented.
    return invalid(
        "1 validation error detected: Value '" + std::to_string(days) +
        "' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value " +
        (days < kWindowLeast ? "greater than or equal to 7" : "less than or equal to 30"));
  }
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:ScheduleKeyDeletion"));
  FL_TRY(const kms::KeyMetadata key, desk.kms.schedule_key_deletion(request.key_id(), days));
  v1::KmsScheduleKeyDeletionResponse response;
  response.set_key_id(key.arn);
  response.set_key_state(v1::KeyState_Name(key.state));
  response.set_pending_window_in_days(days);
  if (key.deletion_unix_ns != 0) response.set_deletion_date(seconds_of(key.deletion_unix_ns));
  return response;
}

Result<v1::KmsCancelKeyDeletionResponse> cancel_key_deletion(
    Desk& desk, const v1::KmsCancelKeyDeletionRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:CancelKeyDeletion"));
  FL_TRY(const kms::KeyMetadata key, desk.kms.cancel_key_deletion(request.key_id()));
  v1::KmsCancelKeyDeletionResponse response;
  response.set_key_id(key.arn);
  return response;
}

}  // namespace faultline::regions::kms_api
