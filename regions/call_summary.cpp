#include "regions/call_summary.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "engine/hash.h"

namespace faultline::regions {
namespace {

// Maps in any order serialise alike.
std::string deterministic_bytes(const v1::ApiResponse& response) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    response.SerializeToCodedStream(&coded);
  }
  return bytes;
}

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
    case v1::ApiResponse::kDescribeSecret:
      return statuses_text(response.describe_secret().replication_status());
    case v1::ApiResponse::kReplicateSecretToRegions:
      return statuses_text(response.replicate_secret_to_regions().replication_status());
    case v1::ApiResponse::kRemoveRegionsFromReplication:
      return statuses_text(response.remove_regions_from_replication().replication_status());
    case v1::ApiResponse::kListSecrets:
      return std::to_string(response.list_secrets().secret_list_size()) + " secrets";
    default:
      return {};
  }
}

}  // namespace

CallSummary summarize(const Result<v1::ApiResponse>& result) {
  if (!result) return {result.error().message, engine::hash64(result.error().code)};
  if (!result->has_get_secret_value())
    return {text_of(*result), engine::hash64(deterministic_bytes(*result))};
  v1::ApiResponse without_value = *result;
  without_value.mutable_get_secret_value()->clear_secret_string();
  without_value.mutable_get_secret_value()->clear_secret_binary();
  return {text_of(without_value), engine::hash64(deterministic_bytes(without_value))};
}

}  // namespace faultline::regions
