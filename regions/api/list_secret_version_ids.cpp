#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regions/access/authorize.h"
#include "regions/api/describe_fields.h"
#include "regions/api/list_filters.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

using Request = v1::ListSecretVersionIdsRequest;
using Response = v1::ListSecretVersionIdsResponse;

// What the managed key is called here.
// Source  recorded from the service.
constexpr const char* kDefaultKey = "DefaultEncryptionKey";

Result<void> check(const Request& request) {
  Validation members;
  members.secret_id(request);
  members.page(request);
  FL_TRY_VOID(members.result());
  return check_secret_id(request.secret_id());
}

// By the sequence at which they were written, which tells versions apart and grows with them. The
// record of a replica may have them in another order: an old version that got a label again came
// late.
std::vector<v1::VersionInfo> in_order(const v1::StoredSecret& secret) {
  std::vector<v1::VersionInfo> versions(secret.versions().begin(), secret.versions().end());
  std::ranges::sort(versions, {}, [](const v1::VersionInfo& one) { return one.sequence(); });
  return versions;
}

Result<v1::SecretVersionsListEntry> entry_of(RegionServices& region, const std::string& name,
                                             const v1::VersionInfo& version) {
  FL_TRY(const std::optional<v1::StoredVersion> stored,
         checked(region, region.store.version(name, version.version_id())));
  v1::SecretVersionsListEntry entry;
  entry.set_version_id(version.version_id());
  *entry.mutable_version_stages() = version.stages();
  if (version.last_accessed_day() != 0) {
    entry.set_last_accessed_date(first_second_of_day(version.last_accessed_day()));
  }
  entry.set_created_date(unix_seconds(version.created_unix_ns()));
  if (!stored) return entry;
  for (const v1::WrappedKey& key : stored->keys()) {
    entry.add_kms_key_ids(key.aws_managed() ? kDefaultKey : key.key_arn());
  }
  return entry;
}

}  // namespace

// In the order in which the versions were made. A secret that is scheduled for deletion is listed
// like any other.
Answer<Response> list_secret_version_ids(RegionServices& region, Caller caller,
                                         Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  FL_CO_TRY(const auto found, look_at_secret(region, request.secret_id()));
  const v1::StoredSecret& secret = *found;
  const std::string question = secret.arn() + (request.include_deprecated() ? "+" : "-");
  std::int64_t after = 0;
  if (request.has_next_token()) {
    FL_CO_TRY(const Place place, read_token(question, request.next_token()));
    after = place.key;
  }
  const int page_size =
      request.has_max_results() ? request.max_results() : static_cast<int>(kPageSize.max);
  Response response;
  response.set_arn(secret.arn());
  response.set_name(secret.name());
  Place last;
  for (const v1::VersionInfo& version : in_order(secret)) {
    const auto number = static_cast<std::int64_t>(version.sequence());
    if (number <= after) continue;
    if (version.stages().empty() && !request.include_deprecated()) continue;
    if (response.versions_size() == page_size) {
      response.set_next_token(make_token(question, last));
      break;
    }
    FL_CO_TRY(*response.add_versions(), entry_of(region, secret.name(), version));
    last.key = number;
  }
  co_return response;
}

}  // namespace faultline::regions::api
