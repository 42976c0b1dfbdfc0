// The Secrets Manager operations of a region, one coroutine each. They read top to bottom; between
// two awaits anything else may happen, so each one commits only against the revision that it has
// read and starts over when that has moved (commit_or_retry.h).
//
// Order     of checks: parameters, ClientRequestToken, authorization (access/authorize.h), lookup,
//           scheduled deletion, replica guard, KMS, change of state.
// Errors    AWS's, with AWS's texts; before any change of state.
// Durable   what was changed is synced when the task returns, and the time of the sync has passed.
// Source    AWS Secrets Manager API Reference, one page an operation (API_CreateSecret, …).
#pragma once

#include "engine/task.h"
#include "proto/secrets_manager.pb.h"
#include "regions/error.h"
#include "regions/services.h"

namespace faultline::regions::api {

template <class Response>
using Answer = engine::Task<Result<Response>>;

Answer<v1::CreateSecretResponse> create_secret(RegionServices& region, Caller caller,
                                               v1::CreateSecretRequest request);
Answer<v1::PutSecretValueResponse> put_secret_value(RegionServices& region, Caller caller,
                                                    v1::PutSecretValueRequest request);
Answer<v1::GetSecretValueResponse> get_secret_value(RegionServices& region, Caller caller,
                                                    v1::GetSecretValueRequest request);
Answer<v1::BatchGetSecretValueResponse> batch_get_secret_value(
    RegionServices& region, Caller caller, v1::BatchGetSecretValueRequest request);
Answer<v1::GetRandomPasswordResponse> get_random_password(RegionServices& region, Caller caller,
                                                          v1::GetRandomPasswordRequest request);
Answer<v1::DescribeSecretResponse> describe_secret(RegionServices& region, Caller caller,
                                                   v1::DescribeSecretRequest request);
Answer<v1::UpdateSecretResponse> update_secret(RegionServices& region, Caller caller,
                                               v1::UpdateSecretRequest request);
Answer<v1::UpdateSecretVersionStageResponse> update_secret_version_stage(
    RegionServices& region, Caller caller, v1::UpdateSecretVersionStageRequest request);
Answer<v1::ListSecretsResponse> list_secrets(RegionServices& region, Caller caller,
                                             v1::ListSecretsRequest request);
Answer<v1::ListSecretVersionIdsResponse> list_secret_version_ids(
    RegionServices& region, Caller caller, v1::ListSecretVersionIdsRequest request);
Answer<v1::DeleteSecretResponse> delete_secret(RegionServices& region, Caller caller,
                                               v1::DeleteSecretRequest request);
Answer<v1::RestoreSecretResponse> restore_secret(RegionServices& region, Caller caller,
                                                 v1::RestoreSecretRequest request);
Answer<v1::ReplicateSecretToRegionsResponse> replicate_secret_to_regions(
    RegionServices& region, Caller caller, v1::ReplicateSecretToRegionsRequest request);
Answer<v1::RemoveRegionsFromReplicationResponse> remove_regions_from_replication(
    RegionServices& region, Caller caller, v1::RemoveRegionsFromReplicationRequest request);
Answer<v1::StopReplicationToReplicaResponse> stop_replication_to_replica(
    RegionServices& region, Caller caller, v1::StopReplicationToReplicaRequest request);
Answer<v1::TagResourceResponse> tag_resource(RegionServices& region, Caller caller,
                                             v1::TagResourceRequest request);
Answer<v1::UntagResourceResponse> untag_resource(RegionServices& region, Caller caller,
                                                 v1::UntagResourceRequest request);
Answer<v1::RotateSecretResponse> rotate_secret(RegionServices& region, Caller caller,
                                               v1::RotateSecretRequest request);
Answer<v1::CancelRotateSecretResponse> cancel_rotate_secret(
    RegionServices& region, Caller caller, v1::CancelRotateSecretRequest request);
Answer<v1::PutResourcePolicyResponse> put_resource_policy(RegionServices& region, Caller caller,
                                                          v1::PutResourcePolicyRequest request);
Answer<v1::GetResourcePolicyResponse> get_resource_policy(RegionServices& region, Caller caller,
                                                          v1::GetResourcePolicyRequest request);
Answer<v1::DeleteResourcePolicyResponse> delete_resource_policy(
    RegionServices& region, Caller caller, v1::DeleteResourcePolicyRequest request);
Answer<v1::ValidateResourcePolicyResponse> validate_resource_policy(
    RegionServices& region, Caller caller, v1::ValidateResourcePolicyRequest request);

// Calls the operation that the request names.
Answer<v1::ApiResponse> dispatch(RegionServices& region, Caller caller, v1::ApiRequest request);
// "CreateSecret"; and the SecretId (or Name) that the request carries, for the trace.
[[nodiscard]] std::string operation_name(const v1::ApiRequest& request);
[[nodiscard]] std::string named_secret(const v1::ApiRequest& request);

}  // namespace faultline::regions::api
