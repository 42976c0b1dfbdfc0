#include <array>
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

using Request = v1::UpdateSecretRequest;
using Response = v1::UpdateSecretResponse;

struct Rewrapped {
  std::string version_id;
  v1::StoredVersion stored;
};

bool has_value(const Request& request) {
  return request.has_secret_binary() || request.has_secret_string();
}

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  members.token(request);
  members.description_and_key(request);
  members.value(request);
  members.length("type", request.type(), {0, 256});
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  FL_TRY_VOID(check_one_value(request.has_secret_binary(), request.has_secret_string()));
  return check_token_present(request.has_client_request_token());
}

// The encryption key is the one thing that a replica has for itself.
Result<v1::StoredSecret> find(RegionServices& region, const Request& request) {
  if (has_value(request) || request.has_description() || request.has_type()) {
    return find_writable(region, request.secret_id());
  }
  return find_usable(region, request.secret_id());
}

// The versions that follow the secret to a new key, with their data keys wrapped by it, too; the
// others stay with the key that they have.
// Source  AWS Secrets Manager User Guide, "Change the encryption key".
engine::Task<Result<std::vector<Rewrapped>>> rewrap(RegionServices& region,
                                                    std::string principal_arn,
                                                    v1::StoredSecret secret, CheckedKey key) {
  std::vector<Rewrapped> rewrapped;
  for (const v1::VersionInfo& version : secret.versions()) {
    const bool follows = has_label(version, kCurrent) || has_label(version, kPending) ||
                         has_label(version, kPrevious);
    if (!follows || version.empty()) continue;
    FL_CO_TRY(std::optional<v1::StoredVersion> stored,
              checked(region, region.store.version(secret.name(), version.version_id())));
    if (!stored) continue;
    VersionKey id{.secret_arn = secret.arn(), .version_id = version.version_id()};
    auto wrapped =
        co_await wrap_with(region, principal_arn, std::move(id), *std::move(stored), key);
    if (!wrapped.has_value()) co_return tl::make_unexpected(std::move(wrapped).error());
    if (!*wrapped) continue;
    rewrapped.push_back({.version_id = version.version_id(), .stored = **std::move(wrapped)});
  }
  co_return rewrapped;
}

engine::Task<Result<Decision<Response>>> decide(RegionServices& region, Caller caller,
                                                Request request) {
  FL_CO_TRY(v1::StoredSecret secret, find(region, request));
  const std::string& token = request.client_request_token();
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());

  std::vector<Rewrapped> rewrapped;
  if (request.has_kms_key_id()) {
    auto key =
        co_await validate_key(region, caller.principal_arn, secret.arn(), request.kms_key_id());
    if (!key.has_value()) co_return tl::make_unexpected(std::move(key).error());
    auto done = co_await rewrap(region, caller.principal_arn, secret, *key);
    if (!done.has_value()) co_return tl::make_unexpected(std::move(done).error());
    rewrapped = std::move(done).value();
    secret.clear_kms_key_id();
    if (!key->aws_managed) secret.set_kms_key_id(request.kms_key_id());
  }

  std::optional<v1::StoredVersion> stored;
  if (std::optional<GivenValue> value = given_value(request)) {
    response.set_version_id(token);
    if (knows_token(region, secret, token)) {
      auto same = co_await require_same_value(region, caller.principal_arn, secret, token,
                                              *std::move(value));
      if (!same.has_value()) co_return tl::make_unexpected(std::move(same).error());
    } else {
      response.set_version_id(new_version_id(region, secret, token));
      VersionKey version{.secret_arn = secret.arn(), .version_id = response.version_id()};
      auto sealed = co_await seal_value(region, caller.principal_arn, std::move(version),
                                        secret.kms_key_id(), value->kind, std::move(value->bytes));
      if (!sealed.has_value()) co_return tl::make_unexpected(std::move(sealed).error());
      stored = std::move(sealed).value();
    }
  }

  // From here on nothing is awaited.
  const bool replicas_must_see =
      stored.has_value() || request.has_description() || request.has_type();
  if (!replicas_must_see && !request.has_kms_key_id()) {
    co_return Decision<Response>{.response = std::move(response), .writes = {}};
  }
  Transaction transaction("UpdateSecret");
  for (const Rewrapped& version : rewrapped) {
    transaction.put_version(secret.name(), version.version_id, version.stored);
  }
  if (request.has_description()) secret.set_description(request.description());
  if (request.has_type()) secret.set_type(request.type());
  if (replicas_must_see) {
    change(region, secret);
  } else {
    secret.set_last_changed_unix_ns(region.wall_unix_ns());
  }
  if (stored) {
    FL_CO_TRY_VOID(append_version(secret, transaction, response.version_id(), *stored,
                                  {std::string(kCurrent)}, secret.last_changed_unix_ns()));
    remember_token(region, secret, token);
  }
  if (replicas_must_see) {
    FL_CO_TRY_VOID(write_changed(region, caller, secret, transaction));
  } else {
    transaction.put_secret(secret);
  }
  Writes writes = Writes::of(secret, std::move(transaction));
  writes.concerns_replicas = replicas_must_see;
  co_return Decision<Response>{.response = std::move(response), .writes = std::move(writes)};
}

}  // namespace

Answer<Response> update_secret(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<Request, Response>(region, std::move(caller),
                                                            std::move(request), decide);
  co_return answer;
}

}  // namespace faultline::regions::api
