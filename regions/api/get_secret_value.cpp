#include <optional>
#include <string>
#include <utility>

#include "regions/access/authorize.h"
#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"
#include "regions/api/value_vault.h"
#include "regions/staging_labels.h"

namespace faultline::regions::api {
namespace {

using Request = v1::GetSecretValueRequest;
using Response = v1::GetSecretValueResponse;

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  if (request.has_version_id()) members.length("versionId", request.version_id(), kTokenLength);
  if (request.has_version_stage()) {
    members.length("versionStage", request.version_stage(), kLabelLength);
  }
  FL_TRY_VOID(members.result());
  return check_secret_id(request.secret_id());
}

Error value_not_found(const std::string& selector) {
  return {"ResourceNotFoundException",
          "Secrets Manager can't find the specified secret value for " + selector};
}

// The version that the request selects: by id, by label, or by both if they agree.
Result<v1::VersionInfo> select(const v1::StoredSecret& secret, const Request& request) {
  const std::string label =
      request.has_version_stage() ? request.version_stage() : std::string(kCurrent);
  const std::string selector =
      request.has_version_id() ? "VersionId: " + request.version_id() : "staging label: " + label;
  const v1::VersionInfo* const version = request.has_version_id()
                                             ? find_version(secret, request.version_id())
                                             : holder_of(secret, label);
  if (version == nullptr) return tl::make_unexpected(value_not_found(selector));
  if (request.has_version_stage() && !has_label(*version, label)) {
    return tl::make_unexpected(invalid_request(
        "You provided a VersionStage that is not associated to the provided VersionId."));
  }
  if (version->empty()) return tl::make_unexpected(value_not_found(selector));
  return *version;
}

// Notes the day of this reading, if it is the first of its day. The secret is read again, for it
// may have moved while KMS was asked. Answers whether something was written.
Result<bool> note_access(RegionServices& region, const v1::StoredSecret& was,
                         const std::string& version_id) {
  FL_TRY(const auto current, checked(region, region.store.look(was.name())));
  if (current == nullptr || current->arn() != was.arn()) return false;
  const v1::VersionInfo* const read = find_version(*current, version_id);
  if (read == nullptr) return false;
  const std::int64_t today = day_of(region.wall_unix_ns());
  if (current->last_accessed_day() == today && read->last_accessed_day() == today) return false;
  v1::StoredSecret secret = *current;
  secret.set_last_accessed_day(today);
  find_version(secret, version_id)->set_last_accessed_day(today);
  Transaction transaction("GetSecretValue");
  transaction.put_secret(std::move(secret));
  FL_TRY(const Commit committed, checked(region, region.store.commit(std::move(transaction))));
  return committed == Commit::Done;
}

}  // namespace

Answer<Response> get_secret_value(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  FL_CO_TRY(const auto found, look_at_secret(region, request.secret_id()));
  const v1::StoredSecret& secret = *found;
  if (secret.has_deletion_unix_ns()) co_return tl::make_unexpected(marked_for_deletion());
  FL_CO_TRY(const v1::VersionInfo version, select(secret, request));
  FL_CO_TRY(std::optional<v1::StoredVersion> stored,
            checked(region, region.store.version(secret.name(), version.version_id())));
  if (!stored) co_return tl::make_unexpected(internal_service_error());

  const v1::StoredVersion::Kind kind = stored->kind();
  VersionKey key{.secret_arn = secret.arn(), .version_id = version.version_id()};
  auto value = co_await open_value(region, std::move(caller.principal_arn), std::move(key),
                                   *std::move(stored));
  if (!value.has_value()) co_return tl::make_unexpected(std::move(value).error());

  FL_CO_TRY(const bool noted, note_access(region, secret, version.version_id()));
  if (noted) co_await region.ctx.sleep(region.sync_time());

  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());
  response.set_version_id(version.version_id());
  if (kind == v1::StoredVersion::BINARY) {
    response.set_secret_binary(std::string(value->chars()));
  } else {
    response.set_secret_string(std::string(value->chars()));
  }
  *response.mutable_version_stages() = version.stages();
  response.set_created_date(unix_seconds(version.created_unix_ns()));
  co_return response;
}

}  // namespace faultline::regions::api
