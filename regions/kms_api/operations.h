// The operations of the KMS API, one function each, and what they have in common. The request has
// the right shape when they are called (validate.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regions/kms_api/kms_api.h"

namespace faultline::regions::kms_api {

using kms::Result;

// ---- keys.cpp -----------------------------------------------------------------------------------
Result<v1::KmsCreateKeyResponse> create_key(Desk& desk, const v1::KmsCreateKeyRequest& request);
Result<v1::KmsDescribeKeyResponse> describe_key(Desk& desk,
                                                const v1::KmsDescribeKeyRequest& request);
Result<v1::KmsListKeysResponse> list_keys(Desk& desk, const v1::KmsListKeysRequest& request);
Result<v1::KmsUpdateKeyDescriptionResponse> update_key_description(
    Desk& desk, const v1::KmsUpdateKeyDescriptionRequest& request);
Result<v1::KmsEnableKeyResponse> enable_key(Desk& desk, const v1::KmsEnableKeyRequest& request);
Result<v1::KmsDisableKeyResponse> disable_key(Desk& desk, const v1::KmsDisableKeyRequest& request);
Result<v1::KmsScheduleKeyDeletionResponse> schedule_key_deletion(
    Desk& desk, const v1::KmsScheduleKeyDeletionRequest& request);
Result<v1::KmsCancelKeyDeletionResponse> cancel_key_deletion(
    Desk& desk, const v1::KmsCancelKeyDeletionRequest& request);

// ---- aliases.cpp --------------------------------------------------------------------------------
Result<v1::KmsCreateAliasResponse> create_alias(Desk& desk,
                                                const v1::KmsCreateAliasRequest& request);
Result<v1::KmsUpdateAliasResponse> update_alias(Desk& desk,
                                                const v1::KmsUpdateAliasRequest& request);
Result<v1::KmsDeleteAliasResponse> delete_alias(Desk& desk,
                                                const v1::KmsDeleteAliasRequest& request);
Result<v1::KmsListAliasesResponse> list_aliases(Desk& desk,
                                                const v1::KmsListAliasesRequest& request);

// ---- cryptography.cpp ---------------------------------------------------------------------------
Result<v1::KmsGenerateDataKeyResponse> generate_data_key(
    Desk& desk, const v1::KmsGenerateDataKeyRequest& request);
Result<v1::KmsGenerateDataKeyWithoutPlaintextResponse> generate_data_key_without_plaintext(
    Desk& desk, const v1::KmsGenerateDataKeyWithoutPlaintextRequest& request);
Result<v1::KmsGenerateRandomResponse> generate_random(Desk& desk,
                                                      const v1::KmsGenerateRandomRequest& request);
Result<v1::KmsEncryptResponse> encrypt(Desk& desk, const v1::KmsEncryptRequest& request);
Result<v1::KmsDecryptResponse> decrypt(Desk& desk, const v1::KmsDecryptRequest& request);
Result<v1::KmsReEncryptResponse> re_encrypt(Desk& desk, const v1::KmsReEncryptRequest& request);

// ---- policies.cpp -------------------------------------------------------------------------------
Result<v1::KmsGetKeyPolicyResponse> get_key_policy(Desk& desk,
                                                   const v1::KmsGetKeyPolicyRequest& request);
Result<v1::KmsPutKeyPolicyResponse> put_key_policy(Desk& desk,
                                                   const v1::KmsPutKeyPolicyRequest& request);
Result<v1::KmsListKeyPoliciesResponse> list_key_policies(
    Desk& desk, const v1::KmsListKeyPoliciesRequest& request);

// ---- grants.cpp ---------------------------------------------------------------------------------
Result<v1::KmsCreateGrantResponse> create_grant(Desk& desk,
                                                const v1::KmsCreateGrantRequest& request);
Result<v1::KmsListGrantsResponse> list_grants(Desk& desk, const v1::KmsListGrantsRequest& request);
Result<v1::KmsListRetirableGrantsResponse> list_retirable_grants(
    Desk& desk, const v1::KmsListRetirableGrantsRequest& request);
Result<v1::KmsRetireGrantResponse> retire_grant(Desk& desk,
                                                const v1::KmsRetireGrantRequest& request);
Result<v1::KmsRevokeGrantResponse> revoke_grant(Desk& desk,
                                                const v1::KmsRevokeGrantRequest& request);

// ---- rotation.cpp -------------------------------------------------------------------------------
Result<v1::KmsEnableKeyRotationResponse> enable_key_rotation(
    Desk& desk, const v1::KmsEnableKeyRotationRequest& request);
Result<v1::KmsDisableKeyRotationResponse> disable_key_rotation(
    Desk& desk, const v1::KmsDisableKeyRotationRequest& request);
Result<v1::KmsGetKeyRotationStatusResponse> get_key_rotation_status(
    Desk& desk, const v1::KmsGetKeyRotationStatusRequest& request);
Result<v1::KmsRotateKeyOnDemandResponse> rotate_key_on_demand(
    Desk& desk, const v1::KmsRotateKeyOnDemandRequest& request);
Result<v1::KmsListKeyRotationsResponse> list_key_rotations(
    Desk& desk, const v1::KmsListKeyRotationsRequest& request);

// ---- multi_region.cpp ---------------------------------------------------------------------------
Result<v1::KmsReplicateKeyResponse> replicate_key(Desk& desk,
                                                  const v1::KmsReplicateKeyRequest& request);
Result<v1::KmsUpdatePrimaryRegionResponse> update_primary_region(
    Desk& desk, const v1::KmsUpdatePrimaryRegionRequest& request);

// ---- tags.cpp -----------------------------------------------------------------------------------
Result<v1::KmsTagResourceResponse> tag_resource(Desk& desk,
                                                const v1::KmsTagResourceRequest& request);
Result<v1::KmsUntagResourceResponse> untag_resource(Desk& desk,
                                                    const v1::KmsUntagResourceRequest& request);
Result<v1::KmsListResourceTagsResponse> list_resource_tags(
    Desk& desk, const v1::KmsListResourceTagsRequest& request);

// ---- shapes.cpp: what they have in common -------------------------------------------------------

// A key that is managed is named by its id or ARN, and the caller must be allowed the action
// ("kms:DisableKey"). NotFoundException, InvalidArnException, AccessDeniedException.
Result<void> may_manage(Desk& desk, std::string_view key, std::string_view action);
// What no key's policy decides.
Result<void> may(Desk& desk, std::string_view action, std::string_view resource = "*");

v1::KeyMetadata metadata_of(const kms::KeyMetadata& key, const kms::Place& place);
// Of a KeyId that KMS has taken: the ARN.
Result<std::string> arn_of(Desk& desk, std::string_view key);
double seconds_of(std::int64_t unix_ns);
std::vector<kms::Tag> tags_of(const google::protobuf::RepeatedPtrField<v1::KmsTag>& tags);
// Of the request's options that many operations have.
template <class Request>
kms::CallOptions options_of(const Request& request) {
  kms::CallOptions options;
  if constexpr (requires { request.grant_tokens(); }) {
    options.grant_tokens.assign(request.grant_tokens().begin(), request.grant_tokens().end());
  }
  if constexpr (requires { request.dry_run(); }) options.dry_run = request.dry_run();
  if constexpr (requires { request.dry_run_modifiers(); }) {
    options.ignore_ciphertext = request.dry_run_modifiers_size() > 0;
  }
  return options;
}

}  // namespace faultline::regions::kms_api
