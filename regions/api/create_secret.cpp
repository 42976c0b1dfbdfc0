#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regions/access/authorize.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"
#include "regions/api/new_links.h"
#include "regions/api/new_version.h"
#include "regions/api/operations.h"
#include "regions/api/tag_list.h"
#include "regions/api/validate.h"
#include "regions/api/value_vault.h"
#include "regions/arn.h"
#include "regions/staging_labels.h"

namespace faultline::regions::api {
namespace {

using Request = v1::CreateSecretRequest;
using Response = v1::CreateSecretResponse;

Result<void> check(const Request& request, const std::string& region) {
  Validation members;
  members.required("name", request.has_name());
  if (request.has_name()) members.length("name", request.name(), kNameLength);
  members.token(request);
  members.description_and_key(request);
  members.value(request);
  members.tags(request.tags());
  members.replicas(request.add_replica_regions());
  members.length("type", request.type(), {0, 256});
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_new_name(request.name()));
  FL_TRY_VOID(check_one_value(request.has_secret_binary(), request.has_secret_string()));
  FL_TRY_VOID(check_replica_regions(request.add_replica_regions(), region));
  FL_TRY_VOID(check_tag_keys(request.tags()));
  return check_token_present(request.has_client_request_token());
}

// Six letters and digits. A secret that is made again gets others, so that what was granted on the
// old one does not reach the new one.
std::string draw_suffix(RegionServices& region, const std::string& name) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::string purpose = "arn-suffix/" + name;
  std::uint64_t luck = region.ctx.random(purpose).at(region.ctx.next_index(purpose));
  std::string suffix;
  for (int i = 0; i < 6; ++i) {
    suffix += kAlphabet[luck % kAlphabet.size()];
    luck /= kAlphabet.size();
  }
  return suffix;
}

Error name_exists(const std::string& name) {
  return {"ResourceExistsException",
          "The operation failed because the secret " + name + " already exists."};
}

Response describe(const Request& request, const v1::StoredSecret& secret,
                  const std::vector<v1::StoredLink>& links) {
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());
  if (request.has_secret_string() || request.has_secret_binary()) {
    response.set_version_id(request.client_request_token());
  }
  if (request.add_replica_regions().empty()) return response;
  for (const v1::StoredLink& link : links) {
    if (is_attached(link)) *response.add_replication_status() = status_of(link);
  }
  return response;
}

// A secret of this name exists: an error, unless this is the call that made it.
engine::Task<Result<Decision<Response>>> repeat(RegionServices& region, Caller caller,
                                                Request request, v1::StoredSecret secret) {
  if (secret.has_deletion_unix_ns()) {
    co_return tl::make_unexpected(
        invalid_request("You can't create this secret because a secret with this name is already "
                        "scheduled for deletion."));
  }
  const std::string& token = request.client_request_token();
  const bool knows_token = find_version(std::as_const(secret), token) != nullptr;
  if (secret.role() == v1::Replica || !knows_token) {
    co_return tl::make_unexpected(name_exists(secret.name()));
  }
  std::optional<GivenValue> value = given_value(request);
  if (!value) co_return tl::make_unexpected(token_in_use(token, secret));
  auto same = co_await require_same_value(region, std::move(caller.principal_arn), secret, token,
                                          *std::move(value));
  if (!same.has_value()) co_return tl::make_unexpected(std::move(same).error());
  FL_CO_TRY(const std::vector<v1::StoredLink> links, find_links(region, secret.name()));
  co_return Decision<Response>{.response = describe(request, secret, links), .writes = {}};
}

engine::Task<Result<Decision<Response>>> decide(RegionServices& region, Caller caller,
                                                Request request) {
  FL_CO_TRY(std::optional<v1::StoredSecret> existing,
            checked(region, region.store.secret(request.name())));
  if (existing) {
    auto repeated =
        co_await repeat(region, std::move(caller), std::move(request), *std::move(existing));
    co_return repeated;
  }

  v1::StoredSecret secret;
  secret.set_name(request.name());
  secret.set_arn(make_secret_arn(region.region, region.account.id(), request.name(),
                                 draw_suffix(region, request.name())));
  secret.set_role(v1::Standalone);
  if (!request.description().empty()) secret.set_description(request.description());
  if (!request.type().empty()) secret.set_type(request.type());
  FL_CO_TRY_VOID(put_tags(secret, request.tags()));

  if (!request.kms_key_id().empty()) {
    auto key =
        co_await validate_key(region, caller.principal_arn, secret.arn(), request.kms_key_id());
    if (!key.has_value()) co_return tl::make_unexpected(std::move(key).error());
    if (!key->aws_managed) secret.set_kms_key_id(request.kms_key_id());
  }
  std::optional<v1::StoredVersion> stored;
  if (std::optional<GivenValue> value = given_value(request)) {
    VersionKey version{.secret_arn = secret.arn(), .version_id = request.client_request_token()};
    auto sealed = co_await seal_value(region, caller.principal_arn, std::move(version),
                                      secret.kms_key_id(), value->kind, std::move(value->bytes));
    if (!sealed.has_value()) co_return tl::make_unexpected(std::move(sealed).error());
    stored = std::move(sealed).value();
  }

  // From here on nothing is awaited.
  change(region, secret);
  const std::int64_t now = secret.last_changed_unix_ns();
  secret.set_created_unix_ns(now);
  Transaction transaction("CreateSecret");
  if (stored) {
    FL_CO_TRY_VOID(append_version(secret, transaction, request.client_request_token(), *stored,
                                  {std::string(kCurrent)}, now));
    remember_token(region, secret, request.client_request_token());
  }
  std::vector<v1::StoredLink> links;
  for (const v1::ReplicaRegionType& replica : request.add_replica_regions()) {
    links.push_back(new_link(secret, replica, caller, request.force_overwrite_replica_secret()));
    transaction.put_link(secret.name(), links.back());
  }
  transaction.put_secret(secret);
  co_return Decision<Response>{.response = describe(request, secret, links),
                               .writes = Writes::of_new(secret, std::move(transaction))};
}

}  // namespace

Answer<Response> create_secret(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request, region.region));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<Request, Response>(region, std::move(caller),
                                                            std::move(request), decide);
  co_return answer;
}

}  // namespace faultline::regions::api
