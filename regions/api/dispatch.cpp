#include <string>
#include <string_view>
#include <utility>

#include "regions/api/operations.h"

namespace faultline::regions::api {
namespace {

using Operation = v1::ApiRequest::OperationCase;

// Calls `visit` with the request of the operation that is set; with nothing set, answers nothing.
template <class Visit>
std::string visited(const v1::ApiRequest& request, Visit visit) {
  switch (request.operation_case()) {
    case Operation::kCreateSecret:
      return visit(request.create_secret());
    case Operation::kPutSecretValue:
      return visit(request.put_secret_value());
    case Operation::kGetSecretValue:
      return visit(request.get_secret_value());
    case Operation::kDescribeSecret:
      return visit(request.describe_secret());
    case Operation::kUpdateSecret:
      return visit(request.update_secret());
    case Operation::kUpdateSecretVersionStage:
      return visit(request.update_secret_version_stage());
    case Operation::kListSecrets:
      return visit(request.list_secrets());
    case Operation::kListSecretVersionIds:
      return visit(request.list_secret_version_ids());
    case Operation::kDeleteSecret:
      return visit(request.delete_secret());
    case Operation::kRestoreSecret:
      return visit(request.restore_secret());
    case Operation::kReplicateSecretToRegions:
      return visit(request.replicate_secret_to_regions());
    case Operation::kRemoveRegionsFromReplication:
      return visit(request.remove_regions_from_replication());
    case Operation::kStopReplicationToReplica:
      return visit(request.stop_replication_to_replica());
    case Operation::kTagResource:
      return visit(request.tag_resource());
    case Operation::kUntagResource:
      return visit(request.untag_resource());
    case Operation::kRotateSecret:
      return visit(request.rotate_secret());
    case Operation::kCancelRotateSecret:
      return visit(request.cancel_rotate_secret());
    case Operation::kBatchGetSecretValue:
      return visit(request.batch_get_secret_value());
    case Operation::kGetRandomPassword:
      return visit(request.get_random_password());
    case Operation::kPutResourcePolicy:
      return visit(request.put_resource_policy());
    case Operation::kGetResourcePolicy:
      return visit(request.get_resource_policy());
    case Operation::kDeleteResourcePolicy:
      return visit(request.delete_resource_policy());
    case Operation::kValidateResourcePolicy:
      return visit(request.validate_resource_policy());
    case Operation::OPERATION_NOT_SET:
      break;
  }
  return {};
}

struct NameOf {
  template <class Request>
  std::string operator()(const Request& /*request*/) const {
    constexpr std::string_view kEnding = "Request";
    const std::string& name = Request::descriptor()->name();
    return name.substr(0, name.size() - kEnding.size());
  }
};

struct SecretOf {
  template <class Request>
  std::string operator()(const Request& request) const {
    if constexpr (requires { request.secret_id(); }) {
      return request.secret_id();
    } else if constexpr (requires { request.name(); }) {
      return request.name();
    } else {
      return {};
    }
  }
};

// One operation's answer as the answer to any.
template <class Response>
Answer<v1::ApiResponse> wrapped(Answer<Response> operation, Response* (v1::ApiResponse::*slot)()) {
  auto answer = co_await std::move(operation);
  if (!answer.has_value()) co_return tl::make_unexpected(std::move(answer).error());
  v1::ApiResponse response;
  *(response.*slot)() = std::move(answer).value();
  co_return response;
}

Answer<v1::ApiResponse> unknown_operation() {
  co_return tl::make_unexpected(Error{"UnknownOperationException", ""});
}

}  // namespace

std::string operation_name(const v1::ApiRequest& request) { return visited(request, NameOf()); }

std::string named_secret(const v1::ApiRequest& request) { return visited(request, SecretOf()); }

Answer<v1::ApiResponse> dispatch(RegionServices& region, Caller caller, v1::ApiRequest request) {
  using R = v1::ApiResponse;
  const auto run = [&](auto operation, auto* part, auto slot) {
    return wrapped(operation(region, std::move(caller), std::move(*part)), slot);
  };
  switch (request.operation_case()) {
    case Operation::kCreateSecret:
      return run(create_secret, request.mutable_create_secret(), &R::mutable_create_secret);
    case Operation::kPutSecretValue:
      return run(put_secret_value, request.mutable_put_secret_value(),
                 &R::mutable_put_secret_value);
    case Operation::kGetSecretValue:
      return run(get_secret_value, request.mutable_get_secret_value(),
                 &R::mutable_get_secret_value);
    case Operation::kDescribeSecret:
      return run(describe_secret, request.mutable_describe_secret(), &R::mutable_describe_secret);
    case Operation::kUpdateSecret:
      return run(update_secret, request.mutable_update_secret(), &R::mutable_update_secret);
    case Operation::kUpdateSecretVersionStage:
      return run(update_secret_version_stage, request.mutable_update_secret_version_stage(),
                 &R::mutable_update_secret_version_stage);
    case Operation::kListSecrets:
      return run(list_secrets, request.mutable_list_secrets(), &R::mutable_list_secrets);
    case Operation::kListSecretVersionIds:
      return run(list_secret_version_ids, request.mutable_list_secret_version_ids(),
                 &R::mutable_list_secret_version_ids);
    case Operation::kDeleteSecret:
      return run(delete_secret, request.mutable_delete_secret(), &R::mutable_delete_secret);
    case Operation::kRestoreSecret:
      return run(restore_secret, request.mutable_restore_secret(), &R::mutable_restore_secret);
    case Operation::kReplicateSecretToRegions:
      return run(replicate_secret_to_regions, request.mutable_replicate_secret_to_regions(),
                 &R::mutable_replicate_secret_to_regions);
    case Operation::kRemoveRegionsFromReplication:
      return run(remove_regions_from_replication, request.mutable_remove_regions_from_replication(),
                 &R::mutable_remove_regions_from_replication);
    case Operation::kStopReplicationToReplica:
      return run(stop_replication_to_replica, request.mutable_stop_replication_to_replica(),
                 &R::mutable_stop_replication_to_replica);
    case Operation::kTagResource:
      return run(tag_resource, request.mutable_tag_resource(), &R::mutable_tag_resource);
    case Operation::kBatchGetSecretValue:
      return run(batch_get_secret_value, request.mutable_batch_get_secret_value(),
                 &R::mutable_batch_get_secret_value);
    case Operation::kGetRandomPassword:
      return run(get_random_password, request.mutable_get_random_password(),
                 &R::mutable_get_random_password);
    case Operation::kUntagResource:
      return run(untag_resource, request.mutable_untag_resource(), &R::mutable_untag_resource);
    case Operation::kRotateSecret:
      return run(rotate_secret, request.mutable_rotate_secret(), &R::mutable_rotate_secret);
    case Operation::kCancelRotateSecret:
      return run(cancel_rotate_secret, request.mutable_cancel_rotate_secret(),
                 &R::mutable_cancel_rotate_secret);
    case Operation::kPutResourcePolicy:
      return run(put_resource_policy, request.mutable_put_resource_policy(),
                 &R::mutable_put_resource_policy);
    case Operation::kGetResourcePolicy:
      return run(get_resource_policy, request.mutable_get_resource_policy(),
                 &R::mutable_get_resource_policy);
    case Operation::kDeleteResourcePolicy:
      return run(delete_resource_policy, request.mutable_delete_resource_policy(),
                 &R::mutable_delete_resource_policy);
    case Operation::kValidateResourcePolicy:
      return run(validate_resource_policy, request.mutable_validate_resource_policy(),
                 &R::mutable_validate_resource_policy);
    default:
      break;
  }
  return unknown_operation();
}

}  // namespace faultline::regions::api
