// From what is stored to what AWS shows: the members that several answers share.
//
// Units   time stamps are seconds since 1970 with milliseconds; days are their first second.
// Source  AWS Secrets Manager API Reference, API_DescribeSecret, API_SecretListEntry,
//         API_ReplicationStatusType; which members are absent, as recorded from the service.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <google/protobuf/struct.pb.h>

#include "proto/secrets_manager.pb.h"
#include "proto/storage.pb.h"

namespace faultline::regions::api {

[[nodiscard]] double unix_seconds(std::int64_t unix_ns);
[[nodiscard]] double first_second_of_day(std::int64_t day);
[[nodiscard]] std::int64_t day_of(std::int64_t unix_ns);

// KmsKeyId is what the user gave, or alias/aws/secretsmanager; StatusMessage is absent while the
// link is InProgress.
[[nodiscard]] v1::ReplicationStatusType status_of(const v1::StoredLink& link);

// The region of the primary; empty when the secret is neither a replica nor a primary with
// attached links. `links`: of this secret, as stored.
[[nodiscard]] std::string primary_region_of(const v1::StoredSecret& secret,
                                            const std::vector<v1::StoredLink>& links,
                                            const std::string& own_region);

// Shown once rotation was configured; a replica has no next date.
template <class Shape>
void describe_rotation(const v1::StoredRotation& rotation, Shape& out) {
  out.set_rotation_enabled(rotation.enabled());
  if (!rotation.lambda_arn().empty()) out.set_rotation_lambda_arn(rotation.lambda_arn());
  if (rotation.has_rules()) *out.mutable_rotation_rules() = rotation.rules();
  *out.mutable_external_secret_rotation_metadata() = rotation.external_metadata();
  if (rotation.has_external_role_arn()) {
    out.set_external_secret_rotation_role_arn(rotation.external_role_arn());
  }
  if (rotation.last_rotated_unix_ns() != 0) {
    out.set_last_rotated_date(unix_seconds(rotation.last_rotated_unix_ns()));
  }
  if (rotation.next_rotation_unix_ns() != 0) {
    out.set_next_rotation_date(unix_seconds(rotation.next_rotation_unix_ns()));
  }
}

// The members that DescribeSecretResponse and SecretListEntry have in common, but for the labels,
// tags and PrimaryRegion.
template <class Shape>
void describe_common(const v1::StoredSecret& secret, Shape& out) {
  out.set_arn(secret.arn());
  out.set_name(secret.name());
  if (!secret.description().empty()) out.set_description(secret.description());
  if (!secret.kms_key_id().empty()) out.set_kms_key_id(secret.kms_key_id());
  if (!secret.type().empty()) out.set_type(secret.type());
  if (!secret.owning_service().empty()) out.set_owning_service(secret.owning_service());
  out.set_created_date(unix_seconds(secret.created_unix_ns()));
  out.set_last_changed_date(unix_seconds(secret.last_changed_unix_ns()));
  if (secret.last_accessed_day() != 0) {
    out.set_last_accessed_date(first_second_of_day(secret.last_accessed_day()));
  }
  if (secret.has_deletion_unix_ns()) out.set_deleted_date(unix_seconds(secret.deletion_unix_ns()));
  if (secret.has_rotation()) describe_rotation(secret.rotation(), out);
}

// Labels by version id; unlabelled versions are not shown.
void describe_stages(const v1::StoredSecret& secret,
                     google::protobuf::Map<std::string, google::protobuf::ListValue>& out);

// [{"Key": …, "Value": …}, …]
void describe_tags(const v1::StoredSecret& secret, google::protobuf::ListValue& out);

// What DescribeSecret answers, for whoever may see it. `links`: of this secret, as stored.
[[nodiscard]] v1::DescribeSecretResponse describe(const v1::StoredSecret& secret,
                                                  const std::vector<v1::StoredLink>& links,
                                                  const std::string& own_region);

}  // namespace faultline::regions::api
