#include "regions/api/value_vault.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "kms/envelope.h"
#include "kms/kms.h"

namespace faultline::regions::api {
namespace {

// Source  AWS Secrets Manager User Guide, "Secret encryption and decryption".
constexpr std::string_view kValidationVersion = "RequestToValidateKeyAccess";

std::array<std::byte, kms::kIvBytes> draw_iv(RegionServices& region, const VersionKey& version) {
  const std::string purpose = "value-iv/" + version.secret_arn + "/" + version.version_id;
  std::array<std::byte, kms::kIvBytes> iv{};
  region.ctx.random(purpose).fill(region.ctx.next_index(purpose), iv);
  return iv;
}

std::uint8_t kind_byte(v1::StoredVersion::Kind kind) { return static_cast<std::uint8_t>(kind); }

bool may_pass(const Error& error) {
  return error.code == "ThrottlingException" || error.code == "InternalServiceError";
}

// The data key of a version, opened with the first of its wrappings that gives way.
engine::Task<Result<kms::SecretBytes>> open_data_key(RegionServices& region,
                                                     std::string principal_arn, VersionKey version,
                                                     v1::StoredVersion stored) {
  const kms::EncryptionContext context = encryption_context(version.secret_arn, version.version_id);
  std::optional<Error> newest_error;
  for (const v1::WrappedKey& key : stored.keys()) {
    auto opened = co_await region.kms.decrypt(principal_arn, key.blob(), context);
    if (opened.has_value()) co_return std::move(opened->plaintext);
    if (!newest_error) newest_error = from_kms(opened.error(), KmsUse::Read);
  }
  co_return tl::make_unexpected(newest_error.value_or(internal_service_error()));
}

}  // namespace

engine::Task<Result<v1::StoredVersion>> seal_value(RegionServices& region,
                                                   std::string principal_arn, VersionKey version,
                                                   std::string kms_key_id,
                                                   v1::StoredVersion::Kind kind,
                                                   kms::SecretBytes value) {
  kms::EncryptionContext context = encryption_context(version.secret_arn, version.version_id);
  auto data_key = co_await region.kms.generate_data_key(
      std::move(principal_arn), key_or_default(kms_key_id), std::move(context));
  if (!data_key.has_value()) {
    co_return tl::make_unexpected(from_kms(data_key.error(), KmsUse::Write));
  }
  v1::StoredVersion stored;
  stored.set_kind(kind);
  v1::WrappedKey& wrapped = *stored.add_keys();
  wrapped.set_key_arn(data_key->key_arn);
  wrapped.set_blob(std::move(data_key->blob));
  wrapped.set_aws_managed(kms_key_id.empty());
  stored.set_sealed_value(kms::seal_value(data_key->plaintext, version.secret_arn,
                                          version.version_id, kind_byte(kind),
                                          draw_iv(region, version), value.chars()));
  co_return stored;
}

engine::Task<Result<kms::SecretBytes>> open_value(RegionServices& region, std::string principal_arn,
                                                  VersionKey version, v1::StoredVersion stored) {
  auto data_key = co_await open_data_key(region, std::move(principal_arn), version, stored);
  if (!data_key.has_value()) co_return tl::make_unexpected(std::move(data_key).error());
  auto value = kms::open_value(*data_key, version.secret_arn, version.version_id,
                               kind_byte(stored.kind()), stored.sealed_value());
  if (!value.has_value()) {
    co_return tl::make_unexpected(from_kms(value.error(), KmsUse::Read));
  }
  co_return std::move(value).value();
}

engine::Task<Result<bool>> holds_value(RegionServices& region, std::string principal_arn,
                                       VersionKey version, v1::StoredVersion stored,
                                       v1::StoredVersion::Kind kind, kms::SecretBytes value) {
  const bool same_kind = stored.kind() == kind;
  auto held =
      co_await open_value(region, std::move(principal_arn), std::move(version), std::move(stored));
  if (!held.has_value()) co_return tl::make_unexpected(std::move(held).error());
  co_return same_kind&&* held == value;
}

engine::Task<Result<CheckedKey>> validate_key(RegionServices& region, std::string principal_arn,
                                              std::string secret_arn, std::string kms_key_id) {
  const kms::EncryptionContext context =
      encryption_context(secret_arn, std::string(kValidationVersion));
  auto made =
      co_await region.kms.generate_data_key(principal_arn, key_or_default(kms_key_id), context);
  if (!made.has_value()) co_return tl::make_unexpected(from_kms(made.error(), KmsUse::SetKey));
  auto opened = co_await region.kms.decrypt(principal_arn, made->blob, context);
  if (!opened.has_value()) {
    co_return tl::make_unexpected(from_kms(opened.error(), KmsUse::SetKey));
  }
  const auto described = region.kms.kms().describe_key(made->key_arn);
  CheckedKey checked;
  checked.arn = std::move(made->key_arn);
  checked.aws_managed = described.has_value() && described->aws_managed;
  co_return checked;
}

engine::Task<Result<std::optional<v1::StoredVersion>>> wrap_with(RegionServices& region,
                                                                 std::string principal_arn,
                                                                 VersionKey version,
                                                                 v1::StoredVersion stored,
                                                                 CheckedKey key) {
  auto& keys = *stored.mutable_keys();
  const auto held = std::ranges::find(keys, key.arn, &v1::WrappedKey::key_arn);
  if (held != keys.end()) {
    std::rotate(keys.begin(), held, held + 1);
    co_return stored;
  }
  auto data_key = co_await open_data_key(region, principal_arn, version, stored);
  if (!data_key.has_value()) {
    if (may_pass(data_key.error())) co_return tl::make_unexpected(std::move(data_key).error());
    co_return std::nullopt;
  }
  kms::EncryptionContext context = encryption_context(version.secret_arn, version.version_id);
  auto wrapped = co_await region.kms.encrypt(principal_arn, key.arn, std::move(context),
                                             std::move(data_key).value());
  if (!wrapped.has_value()) {
    Error error = from_kms(wrapped.error(), KmsUse::Write);
    if (may_pass(error)) co_return tl::make_unexpected(std::move(error));
    co_return std::nullopt;
  }
  v1::WrappedKey& newest = *keys.Add();
  newest.set_key_arn(std::move(wrapped->key_arn));
  newest.set_blob(std::move(wrapped->blob));
  newest.set_aws_managed(key.aws_managed);
  std::rotate(keys.begin(), keys.end() - 1, keys.end());
  co_return stored;
}

}  // namespace faultline::regions::api
