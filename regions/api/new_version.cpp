#include "regions/api/new_version.h"

#include <array>
#include <cstddef>
#include <utility>

#include "kms/identifiers.h"
#include "regions/api/lookup.h"
#include "regions/staging_labels.h"

namespace faultline::regions::api {

Error token_in_use(const std::string& token, const v1::StoredSecret& secret) {
  return {"ResourceExistsException",
          "You can't use ClientRequestToken " + token +
              " because that value is already in use for a version of secret " + secret.arn() +
              "."};
}

Error too_many_labels() {
  return {"LimitExceededException", "You can't attach more than 20 staging labels to a secret."};
}

engine::Task<Result<void>> require_same_value(RegionServices& region, std::string principal_arn,
                                              v1::StoredSecret secret, std::string version_id,
                                              GivenValue value) {
  FL_CO_TRY(std::optional<v1::StoredVersion> stored,
            checked(region, region.store.version(secret.name(), version_id)));
  if (!stored) co_return tl::make_unexpected(token_in_use(version_id, secret));
  VersionKey version{.secret_arn = secret.arn(), .version_id = version_id};
  auto same = co_await holds_value(region, std::move(principal_arn), std::move(version),
                                   *std::move(stored), value.kind, std::move(value.bytes));
  if (!same.has_value()) co_return tl::make_unexpected(std::move(same).error());
  if (!*same) co_return tl::make_unexpected(token_in_use(version_id, secret));
  co_return Result<void>();
}

// With D21 tokens are known by a table in memory, and not by the ids of the versions in the store.
bool knows_token(const RegionServices& region, const v1::StoredSecret& secret,
                 const std::string& token) {
  const bool is_used = find_version(secret, token) != nullptr;
  if (!region.config.defects.has(Defect::D21)) return is_used;
  return is_used && region.tokens_in_memory.contains({secret.arn(), token});
}

void remember_token(RegionServices& region, const v1::StoredSecret& secret,
                    const std::string& token) {
  if (region.config.defects.has(Defect::D21)) region.tokens_in_memory.emplace(secret.arn(), token);
}

std::string new_version_id(RegionServices& region, const v1::StoredSecret& secret,
                           const std::string& token) {
  if (!region.config.defects.has(Defect::D21) || find_version(secret, token) == nullptr) {
    return token;
  }
  // A version from before the crash has this id.
  const std::string purpose = "version-id/" + secret.arn();
  std::array<std::byte, 16> bytes{};
  region.ctx.random(purpose).fill(region.ctx.next_index(purpose), bytes);
  return kms::format_uuid(bytes);
}

Result<void> append_version(v1::StoredSecret& secret, Transaction& transaction,
                            const std::string& version_id, const v1::StoredVersion& stored,
                            const std::vector<std::string>& labels, std::int64_t now_unix_ns) {
  for (const std::string& pruned : prune_versions(secret, now_unix_ns)) {
    transaction.erase_version(secret.name(), pruned);
  }
  if (find_version(std::as_const(secret), version_id) != nullptr) {
    fill_version(secret, version_id, labels);
  } else {
    v1::VersionInfo version;
    version.set_version_id(version_id);
    version.set_created_unix_ns(now_unix_ns);
    version.set_sequence(secret.sequence());
    add_version(secret, std::move(version), labels);
  }
  if (count_labels(secret) > kLabelsMax) {
    return tl::make_unexpected(too_many_labels());
  }
  transaction.put_version(secret.name(), version_id, stored);
  return {};
}

}  // namespace faultline::regions::api
