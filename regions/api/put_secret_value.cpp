#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regions/access/authorize.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/lookup.h"
#include "regions/api/new_version.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"
#include "regions/api/value_vault.h"
#include "regions/staging_labels.h"

namespace faultline::regions::api {
namespace {

using Request = v1::PutSecretValueRequest;
using Response = v1::PutSecretValueResponse;

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  members.token(request);
  members.value(request);
  if (!request.version_stages().empty()) {
    members.list("versionStages", request.version_stages(), {1, 20}, kLabelLength);
  }
  if (request.has_rotation_token()) {
    members.secret_length("rotationToken", request.rotation_token(), {36, 256});
  }
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  FL_TRY_VOID(check_one_value(request.has_secret_binary(), request.has_secret_string()));
  if (!request.has_secret_binary() && !request.has_secret_string()) {
    return tl::make_unexpected(
        invalid_request("You must provide either SecretString or SecretBinary."));
  }
  return check_token_present(request.has_client_request_token());
}

Response describe(const v1::StoredSecret& secret, const std::string& version_id) {
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());
  response.set_version_id(version_id);
  const v1::VersionInfo* const version = find_version(secret, version_id);
  *response.mutable_version_stages() = version->stages();
  return response;
}

engine::Task<Result<Decision<Response>>> decide(RegionServices& region, Caller caller,
                                                Request request) {
  // D22: a replica takes values, too.
  FL_CO_TRY(v1::StoredSecret secret, region.config.defects.has(Defect::D22)
                                         ? find_usable(region, request.secret_id())
                                         : find_writable(region, request.secret_id()));
  const std::string& token = request.client_request_token();
  std::optional<GivenValue> value = given_value(request);

  // A rotation has made the version, for its function to fill.
  const v1::VersionInfo* const held = find_version(std::as_const(secret), token);
  const bool waits_for_it = held != nullptr && held->empty();
  if (!waits_for_it && knows_token(region, secret, token)) {
    auto same = co_await require_same_value(region, std::move(caller.principal_arn), secret, token,
                                            *std::move(value));
    if (!same.has_value()) co_return tl::make_unexpected(std::move(same).error());
    co_return Decision<Response>{.response = describe(secret, token), .writes = {}};
  }

  const std::string version_id = waits_for_it ? token : new_version_id(region, secret, token);
  VersionKey version{.secret_arn = secret.arn(), .version_id = version_id};
  auto sealed = co_await seal_value(region, caller.principal_arn, std::move(version),
                                    secret.kms_key_id(), value->kind, std::move(value->bytes));
  if (!sealed.has_value()) co_return tl::make_unexpected(std::move(sealed).error());

  // From here on nothing is awaited.
  std::vector<std::string> labels(request.version_stages().begin(), request.version_stages().end());
  if (labels.empty()) labels.emplace_back(kCurrent);
  change(region, secret);
  Transaction transaction("PutSecretValue");
  FL_CO_TRY_VOID(append_version(secret, transaction, version_id, *sealed, labels,
                                secret.last_changed_unix_ns()));
  FL_CO_TRY_VOID(write_changed(region, caller, secret, transaction));
  remember_token(region, secret, token);
  co_return Decision<Response>{.response = describe(secret, version_id),
                               .writes = Writes::of(secret, std::move(transaction))};
}

}  // namespace

Answer<Response> put_secret_value(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<Request, Response>(region, std::move(caller),
                                                            std::move(request), decide);
  co_return answer;
}

}  // namespace faultline::regions::api
