// The values of secrets and the KMS keys that guard them: one data key for each version, wrapped by
// the secret's key; the value sealed by the data key.
//
// Each call takes virtual time at KMS and is made in the principal's name.
// Errors   of KMS, as Secrets Manager shows them (from_kms); nothing has been changed then.
// Secrecy  plaintext lives in SecretBytes while it waits; it is never in an error or a trace.
// Source   AWS Secrets Manager User Guide, "Secret encryption and decryption", "Change the
//          encryption key".
#pragma once

#include <optional>
#include <string>

#include "engine/task.h"
#include "kms/secret_bytes.h"
#include "proto/storage.pb.h"
#include "regions/error.h"
#include "regions/services.h"

namespace faultline::regions::api {

// Which version a value belongs to: what its envelope is bound to.
struct VersionKey {
  std::string secret_arn;
  std::string version_id;
};

// A data key is made under `kms_key_id` (empty: the managed key), and seals the value.
[[nodiscard]] engine::Task<Result<v1::StoredVersion>> seal_value(
    RegionServices& region, std::string principal_arn, VersionKey version, std::string kms_key_id,
    v1::StoredVersion::Kind kind, kms::SecretBytes value);

// Opens a value with the first of its keys that may be used; the newest one's error if none may.
[[nodiscard]] engine::Task<Result<kms::SecretBytes>> open_value(RegionServices& region,
                                                                std::string principal_arn,
                                                                VersionKey version,
                                                                v1::StoredVersion stored);

// Whether a stored value is this one, kind included: what makes a repeated call harmless.
[[nodiscard]] engine::Task<Result<bool>> holds_value(RegionServices& region,
                                                     std::string principal_arn, VersionKey version,
                                                     v1::StoredVersion stored,
                                                     v1::StoredVersion::Kind kind,
                                                     kms::SecretBytes value);

// A key that is about to be set. Its ARN now, and whether it is aws/secretsmanager.
struct CheckedKey {
  std::string arn;
  bool aws_managed = false;
};
// Whether the principal may use the key for this secret: makes a data key and opens it again, in
// the context of a version called RequestToValidateKeyAccess.
// Errors  InvalidParameterException if there is no such key.
[[nodiscard]] engine::Task<Result<CheckedKey>> validate_key(RegionServices& region,
                                                            std::string principal_arn,
                                                            std::string secret_arn,
                                                            std::string kms_key_id);

// The version with its data key wrapped by one more key, which comes first; the old wrappings stay.
// Empty: the principal may not open it with the old key or not encrypt with the new one, or a key
// cannot be used; then it stays as it is and the change of keys goes on without it.
// Errors  only those that pass: ThrottlingException, InternalServiceError.
[[nodiscard]] engine::Task<Result<std::optional<v1::StoredVersion>>> wrap_with(
    RegionServices& region, std::string principal_arn, VersionKey version, v1::StoredVersion stored,
    CheckedKey key);

}  // namespace faultline::regions::api
