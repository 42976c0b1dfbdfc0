// RotateSecret and CancelRotateSecret: they write down what is to happen; the Rotator does it
// (rotation/rotator.h).
#include <algorithm>
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
#include "regions/rotation/functions.h"
#include "regions/rotation/records.h"
#include "regions/rotation/rotator.h"
#include "regions/rotation/schedule.h"
#include "regions/staging_labels.h"

namespace faultline::regions::api {
namespace {

using Request = v1::RotateSecretRequest;
using Response = v1::RotateSecretResponse;

bool is_made_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [others](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           others.find(c) != std::string_view::npos;
  });
}

void check_rules(const v1::RotationRulesType& rules, Validation& members) {
  constexpr std::string_view kDays = "rotationRules.automaticallyAfterDays";
  constexpr std::string_view kDuration = "rotationRules.duration";
  constexpr std::string_view kExpression = "rotationRules.scheduleExpression";
  if (rules.has_automatically_after_days()) {
    members.range(kDays, rules.automatically_after_days(), {1, 1'000});
  }
  if (rules.has_duration()) {
    const std::string& duration = rules.duration();
    members.length(kDuration, duration, {2, 3});
    const bool is_hours =
        duration.ends_with('h') && std::ranges::all_of(duration.substr(0, duration.size() - 1),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    if (!is_hours) {
      members.fail(kDuration, duration, "Member must satisfy regular expression pattern: [0-9h]+");
    }
  }
  if (rules.has_schedule_expression()) {
    const std::string& expression = rules.schedule_expression();
    members.length(kExpression, expression, {1, 256});
    if (!is_made_of(expression, "()#?*-/, ")) {
      members.fail(kExpression, expression,
                   "Member must satisfy regular expression pattern: "
                   "[0-9A-Za-z\\(\\)#\\?\\*\\-\\/, ]+");
    }
  }
}

void check_external_metadata(const Request& request, Validation& members) {
  int number = 0;
  for (const auto& item : request.external_secret_rotation_metadata()) {
    const std::string member =
        "externalSecretRotationMetadata." + std::to_string(++number) + ".member.";
    if (item.has_key()) members.length(member + "key", item.key(), {1, 256});
    if (item.has_value()) members.length(member + "value", item.value(), {1, 2'048});
  }
}

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  members.token(request);
  members.length("rotationLambdaARN", request.rotation_lambda_arn(), {0, 2'048});
  if (request.has_external_secret_rotation_role_arn()) {
    members.length("externalSecretRotationRoleArn", request.external_secret_rotation_role_arn(),
                   {20, 2'048});
  }
  check_external_metadata(request, members);
  if (request.has_rotation_rules()) check_rules(request.rotation_rules(), members);
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  if (request.has_rotation_rules()) {
    FL_TRY_VOID(RotationSchedule::parse(request.rotation_rules()));
  }
  if (request.has_client_request_token()) return {};
  // Elsewhere it is an InvalidRequestException; recorded from the service.
  return tl::make_unexpected(invalid_parameter(
      "You must provide a ClientRequestToken value. We recommend a UUID-type value."));
}

// Of a secret that another company's service rotates: nothing is invoked.
bool is_external(const Request& request, const v1::StoredSecret& secret) {
  return request.has_external_secret_rotation_role_arn() ||
         !request.external_secret_rotation_metadata().empty() ||
         secret.rotation().has_external_role_arn() ||
         !secret.rotation().external_metadata().empty();
}

// What is asked for, on top of what was configured before.
v1::StoredRotation configured(const v1::StoredRotation& before, const Request& request,
                              const Caller& caller) {
  v1::StoredRotation rotation = before;
  rotation.set_enabled(true);
  rotation.set_principal_arn(caller.principal_arn);
  if (!request.rotation_lambda_arn().empty()) {
    rotation.set_lambda_arn(request.rotation_lambda_arn());
  }
  if (request.has_rotation_rules()) *rotation.mutable_rules() = request.rotation_rules();
  if (!request.external_secret_rotation_metadata().empty()) {
    *rotation.mutable_external_metadata() = request.external_secret_rotation_metadata();
  }
  if (request.has_external_secret_rotation_role_arn()) {
    rotation.set_external_role_arn(request.external_secret_rotation_role_arn());
  }
  return rotation;
}

// Whether a rotation may begin. One that is not complete is tried again instead.
Result<void> check_state(RegionServices& region, const v1::StoredSecret& secret,
                         const v1::StoredRotation& wanted, bool external) {
  if (wanted.lambda_arn().empty() && !external) {
    return tl::make_unexpected(
        invalid_request("No Lambda rotation function ARN is associated with this secret."));
  }
  if (!wanted.lambda_arn().empty() &&
      !region.rotation_functions.can_invoke(region.region, wanted.lambda_arn())) {
    return tl::make_unexpected(cannot_invoke());
  }
  if (is_incomplete(secret)) {
    if (region.rotation) region.rotation->try_again(secret.name());
    return tl::make_unexpected(
        invalid_request("A previous rotation isn't complete. That rotation will be reattempted."));
  }
  if (holder_of(secret, kCurrent) == nullptr) {
    // As reading it is answered: there is nothing that could be rotated.
    return tl::make_unexpected(
        Error{"ResourceNotFoundException",
              "Secrets Manager can't find the specified secret value for staging label: "
              "AWSCURRENT"});
  }
  return {};
}

// The current value, sealed as another version.
engine::Task<Result<v1::StoredVersion>> copy_of_current(RegionServices& region,
                                                        std::string principal_arn,
                                                        v1::StoredSecret secret,
                                                        std::string version_id) {
  const std::string current = holder_of(std::as_const(secret), kCurrent)->version_id();
  FL_CO_TRY(std::optional<v1::StoredVersion> stored,
            checked(region, region.store.version(secret.name(), current)));
  if (!stored) co_return tl::make_unexpected(internal_service_error());
  const v1::StoredVersion::Kind kind = stored->kind();
  VersionKey from{.secret_arn = secret.arn(), .version_id = current};
  auto value = co_await open_value(region, principal_arn, std::move(from), *std::move(stored));
  if (!value.has_value()) co_return tl::make_unexpected(std::move(value).error());
  VersionKey to{.secret_arn = secret.arn(), .version_id = version_id};
  auto sealed = co_await seal_value(region, principal_arn, std::move(to), secret.kms_key_id(), kind,
                                    *std::move(value));
  co_return sealed;
}

engine::Task<Result<Decision<Response>>> decide(RegionServices& region, Caller caller,
                                                Request request) {
  FL_CO_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  const std::string& token = request.client_request_token();
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());
  response.set_version_id(token);
  // The call was made before.
  if (find_version(std::as_const(secret), token) != nullptr) {
    co_return Decision<Response>{.response = std::move(response), .writes = {}};
  }
  v1::StoredRotation rotation = configured(secret.rotation(), request, caller);
  const bool external = is_external(request, secret) && rotation.lambda_arn().empty();
  FL_CO_TRY_VOID(check_state(region, secret, rotation, external));

  const bool immediately = !request.has_rotate_immediately() || request.rotate_immediately();
  std::optional<v1::StoredVersion> copy;
  if (!immediately && !external) {
    auto copied = co_await copy_of_current(region, caller.principal_arn, secret, token);
    if (!copied.has_value()) co_return tl::make_unexpected(std::move(copied).error());
    copy = std::move(copied).value();
  }

  // From here on nothing is awaited.
  *secret.mutable_rotation() = std::move(rotation);
  Transaction transaction("RotateSecret");
  change(region, secret);
  plan_next(region, secret, region.wall_unix_ns());
  if (!external) {
    const auto pruned = begin_rotation(region, secret, token, copy ? Trial::Yes : Trial::No);
    for (const std::string& version : pruned) transaction.erase_version(secret.name(), version);
    if (copy) transaction.put_version(secret.name(), token, *copy);
    if (count_labels(secret) > kLabelsMax) co_return tl::make_unexpected(too_many_labels());
  }
  FL_CO_TRY_VOID(write_changed(region, caller, secret, transaction));
  co_return Decision<Response>{.response = std::move(response),
                               .writes = Writes::of(secret, std::move(transaction))};
}

// AWSPENDING stays where it is, for the caller to take away; of a trial nothing stays.
Result<Decision<v1::CancelRotateSecretResponse>> decide_cancel(
    RegionServices& region, const Caller& caller, const v1::CancelRotateSecretRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  if (!secret.has_rotation()) {
    // The text is ours.
    return tl::make_unexpected(
        invalid_request("You can't cancel the rotation of a secret for which rotation isn't "
                        "configured."));
  }
  Decision<v1::CancelRotateSecretResponse> decision;
  decision.response.set_arn(secret.arn());
  decision.response.set_name(secret.name());
  const v1::RotationUnderWay under_way = secret.rotation().under_way();
  if (!under_way.version_id().empty()) decision.response.set_version_id(under_way.version_id());
  if (!secret.rotation().enabled()) return decision;
  Transaction transaction("CancelRotateSecret");
  if (under_way.test_only()) {
    for (const std::string& version : end_trial(secret)) {
      transaction.erase_version(secret.name(), version);
    }
  }
  switch_off(*secret.mutable_rotation());
  change(region, secret);
  FL_TRY_VOID(write_changed(region, caller, secret, transaction));
  decision.writes = Writes::of(secret, std::move(transaction));
  return decision;
}

}  // namespace

Answer<Response> rotate_secret(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<Request, Response>(region, std::move(caller),
                                                            std::move(request), decide);
  co_return answer;
}

Answer<v1::CancelRotateSecretResponse> cancel_rotate_secret(RegionServices& region, Caller caller,
                                                            v1::CancelRotateSecretRequest request) {
  Validation members;
  members.secret_id(request);
  FL_CO_TRY_VOID(members.result());
  FL_CO_TRY_VOID(check_secret_id(request.secret_id()));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer =
      co_await commit_or_retry<v1::CancelRotateSecretRequest, v1::CancelRotateSecretResponse>(
          region, std::move(caller), std::move(request), decide_cancel);
  co_return answer;
}

}  // namespace faultline::regions::api
