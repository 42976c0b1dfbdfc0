#include "regions/call_summary.h"

#include "engine/hash.h"
#include "proto/deterministic_bytes.h"

namespace faultline::regions {
namespace {

template <class Statuses>
std::string statuses_text(const Statuses& statuses) {
  std::string text;
  for (const v1::ReplicationStatusType& status : statuses) {
    text += (text.empty() ? "" : ", ") + status.region() + " " + status.status();
  }
  return text;
}

std::string text_of(const v1::ApiResponse& response) {
  switch (response.operation_case()) {
    case v1::ApiResponse::kCreateSecret: {
      const std::string replicas = statuses_text(response.create_secret().replication_status());
      return response.create_secret().version_id() + (replicas.empty() ? "" : "; " + replicas);
    }
    case v1::ApiResponse::kPutSecretValue:
      return response.put_secret_value().version_id();
    case v1::ApiResponse::kGetSecretValue:
      return response.get_secret_value().version_id();
    case v1::ApiResponse::kUpdateSecret:
      return response.update_secret().version_id();
    case v1::ApiResponse::kRotateSecret:
      return response.rotate_secret().version_id();
    case v1::ApiResponse::kCancelRotateSecret:
      return response.cancel_rotate_secret().version_id();
    case v1::ApiResponse::kDescribeSecret:
      return statuses_text(response.describe_secret().replication_status());
    case v1::ApiResponse::kReplicateSecretToRegions:
      return statuses_text(response.replicate_secret_to_regions().replication_status());
    case v1::ApiResponse::kRemoveRegionsFromReplication:
      return statuses_text(response.remove_regions_from_replication().replication_status());
    case v1::ApiResponse::kListSecrets:
      return std::to_string(response.list_secrets().secret_list_size()) + " secrets";
    case v1::ApiResponse::kBatchGetSecretValue: {
      const v1::BatchGetSecretValueResponse& batch = response.batch_get_secret_value();
      return std::to_string(batch.secret_values_size()) + " values, " +
             std::to_string(batch.errors_size()) + " errors";
    }
    default:
      return {};
  }
}

// A random password is a value as a whole: even how long it is would help to guess a short one.
void take_values_out(v1::ApiResponse& response) {
  const auto take_out = [](auto& answer) {
    answer.clear_secret_string();
    answer.clear_secret_binary();
  };
  if (response.has_get_secret_value()) take_out(*response.mutable_get_secret_value());
  if (response.has_get_random_password()) {
    response.mutable_get_random_password()->clear_random_password();
  }
  if (!response.has_batch_get_secret_value()) return;
  for (auto& entry : *response.mutable_batch_get_secret_value()->mutable_secret_values()) {
    take_out(entry);
  }
}

bool has_values(const v1::ApiResponse& response) {
  return response.has_get_secret_value() || response.has_batch_get_secret_value() ||
         response.has_get_random_password();
}

}  // namespace

CallSummary summarize(const Result<v1::ApiResponse>& result) {
  if (!result) return {result.error().message, engine::hash64(result.error().code)};
  if (!has_values(*result)) return {text_of(*result), engine::hash64(deterministic_bytes(*result))};
  v1::ApiResponse without_values = *result;
  take_values_out(without_values);
  return {text_of(without_values), engine::hash64(deterministic_bytes(without_values))};
}

}  // namespace faultline::regions
