#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regions/access/authorize.h"
#include "regions/api/describe_fields.h"
#include "regions/api/list_filters.h"
#include "regions/api/listing.h"
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

v1::SecretListEntry entry_of(const Listed& listed) {
  v1::SecretListEntry entry;
  describe_common(listed.secret, entry);
  *entry.mutable_tags() = listed.secret.tags();
  describe_stages(listed.secret, *entry.mutable_secret_versions_to_stages());
  if (!listed.primary_region.empty()) entry.set_primary_region(listed.primary_region);
  return entry;
}

}  // namespace

Answer<Response> list_secrets(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  const std::string question = question_of(request);
  std::optional<Place> after;
  if (request.has_next_token()) {
    FL_CO_TRY(after, read_token(question, request.next_token()));
  }
  const ListQuestion asked{.filters = &request.filters(),
                           .include_planned_deletion = request.include_planned_deletion(),
                           .sort_by = request.sort_by(),
                           .descending = request.sort_order() == "desc"};
  FL_CO_TRY(std::vector<Listed> listed, find_listed(region, asked));
  const std::size_t page_size =
      request.has_max_results() ? static_cast<std::size_t>(request.max_results()) : kPageSize.max;
  const Page page = page_of(std::move(listed), asked, after, page_size);
  Response response;
  for (const Listed& one : page.secrets) *response.add_secret_list() = entry_of(one);
  if (page.more_after) response.set_next_token(make_token(question, *page.more_after));
  co_return response;
}

}  // namespace faultline::regions::api
