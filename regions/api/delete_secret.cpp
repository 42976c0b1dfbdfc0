#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/time.h"
#include "regions/access/authorize.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"
#include "regions/arn.h"

namespace faultline::regions::api {
namespace {

using Request = v1::DeleteSecretRequest;
using Response = v1::DeleteSecretResponse;

constexpr std::int64_t kWindowDaysMin = 7;
constexpr std::int64_t kWindowDaysMax = 30;  // and the default

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  if (!request.has_recovery_window_in_days()) return {};
  if (request.force_delete_without_recovery()) {
    return tl::make_unexpected(
        invalid_parameter("You can't use ForceDeleteWithoutRecovery in conjunction with "
                          "RecoveryWindowInDays."));
  }
  const std::int64_t days = request.recovery_window_in_days();
  if (days < kWindowDaysMin || days > kWindowDaysMax) {
    return tl::make_unexpected(
        invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days "
                          "(inclusive)."));
  }
  return {};
}

Result<void> require_no_replicas(const v1::StoredSecret& secret,
                                 const std::vector<v1::StoredLink>& links) {
  std::string regions;
  for (const v1::StoredLink& link : links) {
    if (is_attached(link)) regions += (regions.empty() ? "" : ", ") + link.region();
  }
  if (regions.empty()) return {};
  return tl::make_unexpected(invalid_parameter("You can't delete secret " + secret.arn() +
                                               " that still has replica regions [" + regions +
                                               "]."));
}

Response describe(const std::string& arn, const std::string& name, std::int64_t deletion_unix_ns) {
  Response response;
  response.set_arn(arn);
  response.set_name(name);
  response.set_deletion_date(unix_seconds(deletion_unix_ns));
  return response;
}

// Deleting what is not there without recovery succeeds, with an ARN that is made up.
// Source  recorded from the service.
Response nothing_to_delete(RegionServices& region, const std::string& secret_id) {
  const std::string arn =
      secret_id.starts_with("arn:")
          ? secret_id
          : make_secret_arn(region.region, region.account.id(), secret_id, "000000");
  return describe(arn, secret_id, region.wall_unix_ns());
}

Result<Decision<Response>> decide(RegionServices& region, const Caller& /*caller*/,
                                  const Request& request) {
  const bool force = request.force_delete_without_recovery();
  auto found = find_secret(region, request.secret_id());
  if (!found.has_value()) {
    if (!force || found.error() != secret_not_found()) {
      return tl::make_unexpected(std::move(found).error());
    }
    return Decision<Response>{.response = nothing_to_delete(region, request.secret_id()),
                              .writes = {}};
  }
  v1::StoredSecret secret = std::move(found).value();
  if (secret.has_deletion_unix_ns() && !force) return tl::make_unexpected(marked_for_deletion());
  if (secret.role() == v1::Replica) return tl::make_unexpected(write_on_replica());
  FL_TRY(const std::vector<v1::StoredLink> links, find_links(region, secret.name()));
  FL_TRY_VOID(require_no_replicas(secret, links));

  Transaction transaction("DeleteSecret");
  std::int64_t deletion = region.wall_unix_ns();
  if (force) {
    transaction.erase_secret(secret.name());
  } else {
    const std::int64_t days =
        request.has_recovery_window_in_days() ? request.recovery_window_in_days() : kWindowDaysMax;
    deletion += engine::Duration::days(days).ns();
    secret.set_deletion_unix_ns(deletion);
    transaction.put_secret(secret);
  }
  return Decision<Response>{.response = describe(secret.arn(), secret.name(), deletion),
                            .writes = Writes::of(secret, std::move(transaction),
                                                 force ? After::Purged : After::DeletionsChanged)};
}

Result<Decision<v1::RestoreSecretResponse>> decide_restore(
    RegionServices& region, const Caller& /*caller*/, const v1::RestoreSecretRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_secret(region, request.secret_id()));
  if (secret.role() == v1::Replica) return tl::make_unexpected(write_on_replica());
  Decision<v1::RestoreSecretResponse> decision;
  decision.response.set_arn(secret.arn());
  decision.response.set_name(secret.name());
  if (!secret.has_deletion_unix_ns()) return decision;
  secret.clear_deletion_unix_ns();
  Transaction transaction("RestoreSecret");
  transaction.put_secret(secret);
  decision.writes = Writes::of(secret, std::move(transaction), After::DeletionsChanged);
  return decision;
}

}  // namespace

Answer<Response> delete_secret(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<Request, Response>(region, std::move(caller),
                                                            std::move(request), decide);
  co_return answer;
}

// A secret that is not scheduled for deletion is restored by doing nothing.
Answer<v1::RestoreSecretResponse> restore_secret(RegionServices& region, Caller caller,
                                                 v1::RestoreSecretRequest request) {
  Validation members;
  members.secret_id(request);
  FL_CO_TRY_VOID(members.result());
  FL_CO_TRY_VOID(check_secret_id(request.secret_id()));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<v1::RestoreSecretRequest, v1::RestoreSecretResponse>(
      region, std::move(caller), std::move(request), decide_restore);
  co_return answer;
}

}  // namespace faultline::regions::api
