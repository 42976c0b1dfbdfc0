// Related keys in several regions.
// Source  AWS KMS API Reference, "ReplicateKey", "UpdatePrimaryRegion"; AWS KMS Developer Guide,
//         "Multi-Region keys in AWS KMS".
#include "regions/kms_api/operations.h"
#include "regions/multi_region_keys.h"

namespace faultline::regions::kms_api {

Result<v1::KmsReplicateKeyResponse> replicate_key(Desk& desk,
                                                  const v1::KmsReplicateKeyRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:ReplicateKey"));
  v1::Policy policy;
  policy.set_document(request.policy());
  FL_TRY(const kms::KeyMetadata made,
         desk.multi_region.replicate(
             {.key = request.key_id(),
              .from = desk.kms.place().region,
              .to = request.replica_region(),
              .description = request.description(),
              .policy = request.has_policy() ? &policy : nullptr,
              .tags = tags_of(request.tags()),
              .keeper = request.bypass_policy_lockout_safety_check() ? nullptr : &desk.caller(),
              .caller_arn = desk.caller().principal_arn}));
  const kms::Place there{desk.kms.place().account, request.replica_region()};
  v1::KmsReplicateKeyResponse response;
  *response.mutable_replica_key_metadata() = metadata_of(made, there);
  FL_TRY(const std::string document,
         desk.multi_region.policy_document(request.replica_region(), made.key_id));
  response.set_replica_policy(document);
  for (const v1::KmsTag& tag : request.tags()) *response.add_replica_tags() = tag;
  return response;
}

Result<v1::KmsUpdatePrimaryRegionResponse> update_primary_region(
    Desk& desk, const v1::KmsUpdatePrimaryRegionRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:UpdatePrimaryRegion"));
  FL_TRY_VOID(desk.multi_region.update_primary(request.key_id(), desk.kms.place().region,
                                               request.primary_region()));
  return {};
}

}  // namespace faultline::regions::kms_api
