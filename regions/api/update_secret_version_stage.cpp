#include <string>
#include <utility>

#include "regions/access/authorize.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/lookup.h"
#include "regions/api/new_version.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"
#include "regions/staging_labels.h"

namespace faultline::regions::api {
namespace {

using Request = v1::UpdateSecretVersionStageRequest;
using Response = v1::UpdateSecretVersionStageResponse;

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  members.required("versionStage", request.has_version_stage());
  if (request.has_version_stage()) {
    members.length("versionStage", request.version_stage(), kLabelLength);
  }
  if (request.has_remove_from_version_id()) {
    members.length("removeFromVersionId", request.remove_from_version_id(), kTokenLength);
  }
  if (request.has_move_to_version_id()) {
    members.length("moveToVersionId", request.move_to_version_id(), kTokenLength);
  }
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  if (!request.has_remove_from_version_id() && !request.has_move_to_version_id()) {
    // The text is ours.
    return tl::make_unexpected(
        invalid_parameter("You must provide RemoveFromVersionId, MoveToVersionId, or both."));
  }
  return {};
}

Result<void> require_version(const v1::StoredSecret& secret, const std::string& version_id) {
  if (find_version(secret, version_id) != nullptr) return {};
  return tl::make_unexpected(
      Error{"ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for VersionId: " + version_id});
}

// The caller must know where the label is: that keeps two callers from moving it against each
// other. Known text: RemoveFromVersionId is absent. The others are ours.
Result<void> check_holder(const v1::StoredSecret& secret, const Request& request) {
  const std::string& label = request.version_stage();
  const v1::VersionInfo* const holder = holder_of(secret, label);
  if (holder == nullptr) {
    if (!request.has_remove_from_version_id()) return {};
    return tl::make_unexpected(invalid_parameter("Staging label " + label +
                                                 " is not attached to version " +
                                                 request.remove_from_version_id() + "."));
  }
  const std::string attached = "Staging label " + label + " is currently attached to version " +
                               holder->version_id() +
                               ", so you must explicitly reference that version in "
                               "RemoveFromVersionId.";
  if (!request.has_remove_from_version_id()) {
    return tl::make_unexpected(
        invalid_parameter("The parameter RemoveFromVersionId can't be empty. " + attached));
  }
  if (request.remove_from_version_id() != holder->version_id()) {
    return tl::make_unexpected(invalid_parameter(
        "The parameter RemoveFromVersionId isn't the version that has the label. " + attached));
  }
  return {};
}

Result<void> check_move(const v1::StoredSecret& secret, const Request& request) {
  const std::string& label = request.version_stage();
  if (request.has_remove_from_version_id()) {
    FL_TRY_VOID(require_version(secret, request.remove_from_version_id()));
  }
  if (request.has_move_to_version_id()) {
    FL_TRY_VOID(require_version(secret, request.move_to_version_id()));
  }
  FL_TRY_VOID(check_holder(secret, request));
  if (!request.has_move_to_version_id()) {
    if (label != kCurrent) return {};
    return tl::make_unexpected(
        invalid_parameter("You can only move staging label AWSCURRENT to a different secret "
                          "version. It can't be completely removed."));
  }
  const v1::VersionInfo& target = *find_version(secret, request.move_to_version_id());
  if (label == kPrevious && has_label(target, kCurrent)) {
    // The text is ours.
    return tl::make_unexpected(
        invalid_parameter("You can't attach staging label AWSPREVIOUS to the version that "
                          "AWSCURRENT is attached to."));
  }
  return {};
}

Result<Decision<Response>> decide(RegionServices& region, const Caller& caller,
                                  const Request& request) {
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  FL_TRY_VOID(check_move(secret, request));
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());

  const std::string& label = request.version_stage();
  const bool stays =
      request.has_move_to_version_id() &&
      has_label(*find_version(std::as_const(secret), request.move_to_version_id()), label);
  if (stays) return Decision<Response>{.response = std::move(response), .writes = {}};
  if (request.has_move_to_version_id()) {
    move_label(secret, label, request.move_to_version_id());
  } else {
    detach_label(secret, label);
  }
  if (count_labels(secret) > kLabelsMax) {
    return tl::make_unexpected(too_many_labels());
  }
  change(region, secret);
  Transaction transaction("UpdateSecretVersionStage");
  FL_TRY_VOID(write_changed(region, caller, secret, transaction));
  return Decision<Response>{.response = std::move(response),
                            .writes = Writes::of(secret, std::move(transaction))};
}

}  // namespace

Answer<Response> update_secret_version_stage(RegionServices& region, Caller caller,
                                             Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<Request, Response>(region, std::move(caller),
                                                            std::move(request), decide);
  co_return answer;
}

}  // namespace faultline::regions::api
