#include "regions/api/describe_fields.h"

#include <algorithm>
#include <utility>

#include "kms/kms.h"
#include "regions/secret_store.h"

namespace faultline::regions::api {
namespace {

constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

std::string_view name_of(v1::StoredLink::Status status) {
  switch (status) {
    case v1::StoredLink::InSync:
      return "InSync";
    case v1::StoredLink::Failed:
      return "Failed";
    default:
      return "InProgress";
  }
}

}  // namespace

double unix_seconds(std::int64_t unix_ns) {
  return static_cast<double>(unix_ns / kMillisecondNs) / 1'000.0;
}

double first_second_of_day(std::int64_t day) { return static_cast<double>(day * kDaySeconds); }

std::int64_t day_of(std::int64_t unix_ns) { return unix_ns / (kDaySeconds * 1'000'000'000); }

v1::ReplicationStatusType status_of(const v1::StoredLink& link) {
  v1::ReplicationStatusType status;
  status.set_region(link.region());
  status.set_kms_key_id(link.kms_key_id().empty() ? std::string(kms::kManagedAlias)
                                                  : link.kms_key_id());
  status.set_status(std::string(name_of(link.status())));
  const bool in_progress = status.status() == "InProgress";
  if (!in_progress && !link.status_message().empty()) {
    status.set_status_message(link.status_message());
  }
  if (link.last_accessed_day() != 0) {
    status.set_last_accessed_date(first_second_of_day(link.last_accessed_day()));
  }
  return status;
}

std::string primary_region_of(const v1::StoredSecret& secret,
                              const std::vector<v1::StoredLink>& links,
                              const std::string& own_region) {
  if (secret.role() == v1::Replica) return secret.primary_region();
  return std::ranges::any_of(links, is_attached) ? own_region : std::string();
}

void describe_stages(const v1::StoredSecret& secret,
                     google::protobuf::Map<std::string, google::protobuf::ListValue>& out) {
  for (const v1::VersionInfo& version : secret.versions()) {
    if (version.stages().empty()) continue;
    google::protobuf::ListValue& stages = out[version.version_id()];
    for (const std::string& stage : version.stages()) {
      stages.add_values()->set_string_value(stage);
    }
  }
}

void describe_tags(const v1::StoredSecret& secret, google::protobuf::ListValue& out) {
  for (const v1::Tag& tag : secret.tags()) {
    auto& fields = *out.add_values()->mutable_struct_value()->mutable_fields();
    fields["Key"].set_string_value(tag.key());
    fields["Value"].set_string_value(tag.value());
  }
}

v1::DescribeSecretResponse describe(const v1::StoredSecret& secret,
                                    const std::vector<v1::StoredLink>& links,
                                    const std::string& own_region) {
  v1::DescribeSecretResponse response;
  describe_common(secret, response);
  if (secret.ever_tagged()) describe_tags(secret, *response.mutable_tags());
  describe_stages(secret, *response.mutable_version_ids_to_stages());
  std::string primary_region = primary_region_of(secret, links, own_region);
  if (!primary_region.empty()) response.set_primary_region(std::move(primary_region));
  for (const v1::StoredLink& link : links) {
    if (is_attached(link)) *response.add_replication_status() = status_of(link);
  }
  return response;
}

}  // namespace faultline::regions::api
