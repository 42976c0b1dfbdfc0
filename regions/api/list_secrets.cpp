#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regions/api/describe_fields.h"
#include "regions/api/list_filters.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

using Request = v1::ListSecretsRequest;
using Response = v1::ListSecretsResponse;

Result<void> check(const Request& request) {
  Validation members;
  members.page(request);
  if (request.has_sort_by()) {
    members.one_of("sortBy", request.sort_by(),
                   {"created-date", "last-accessed-date", "last-changed-date", "name"});
  }
  if (request.has_sort_order()) members.one_of("sortOrder", request.sort_order(), {"asc", "desc"});
  FL_TRY_VOID(members.result());
  return check_filters(request.filters());
}

// What must stay the same from page to page.
std::string question_of(Request request) {
  request.clear_max_results();
  request.clear_next_token();
  return request.SerializeAsString();
}

// Every secret that the request asks for, in its order.
Result<std::vector<Listed>> find_listed(RegionServices& region, const Request& request) {
  FL_TRY(std::vector<v1::StoredSecret> secrets, checked(region, region.store.secrets()));
  FL_TRY(const std::vector<std::string> linked, checked(region, region.store.secrets_with_links()));
  std::vector<Listed> listed;
  for (v1::StoredSecret& secret : secrets) {
    if (secret.has_deletion_unix_ns() && !request.include_planned_deletion()) continue;
    std::vector<v1::StoredLink> links;
    if (std::ranges::find(linked, secret.name()) != linked.end()) {
      FL_TRY(links, find_links(region, secret.name()));
    }
    Listed one;
    one.primary_region = primary_region_of(secret, links, region.region);
    one.secret = std::move(secret);
    if (matches_all(request.filters(), one)) listed.push_back(std::move(one));
  }
  const bool descending = request.sort_order() == "desc";
  std::ranges::sort(listed, [&](const Listed& a, const Listed& b) {
    const Place place_a = place_of(a.secret, request.sort_by());
    const Place place_b = place_of(b.secret, request.sort_by());
    return descending ? place_b < place_a : place_a < place_b;
  });
  return listed;
}

v1::SecretListEntry entry_of(const Listed& listed) {
  v1::SecretListEntry entry;
  describe_common(listed.secret, entry);
  *entry.mutable_tags() = listed.secret.tags();
  describe_stages(listed.secret, *entry.mutable_secret_versions_to_stages());
  if (!listed.primary_region.empty()) entry.set_primary_region(listed.primary_region);
  return entry;
}

}  // namespace

Answer<Response> list_secrets(RegionServices& region, Caller /*caller*/, Request request) {
  FL_CO_TRY_VOID(check(request));
  const std::string question = question_of(request);
  std::optional<Place> after;
  if (request.has_next_token()) {
    FL_CO_TRY(after, read_token(question, request.next_token()));
  }
  FL_CO_TRY(const std::vector<Listed> listed, find_listed(region, request));

  const int page_size =
      request.has_max_results() ? request.max_results() : static_cast<int>(kPageSize.max);
  const bool descending = request.sort_order() == "desc";
  Response response;
  Place last;
  for (const Listed& one : listed) {
    Place place = place_of(one.secret, request.sort_by());
    if (after && (descending ? *after <= place : place <= *after)) continue;
    if (response.secret_list_size() == page_size) {
      response.set_next_token(make_token(question, last));
      break;
    }
    *response.add_secret_list() = entry_of(one);
    last = std::move(place);
  }
  co_return response;
}

}  // namespace faultline::regions::api
