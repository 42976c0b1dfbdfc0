#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "regions/access/authorize.h"
#include "regions/api/list_filters.h"
#include "regions/api/listing.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

using Request = v1::BatchGetSecretValueRequest;
using Response = v1::BatchGetSecretValueResponse;

constexpr Limits kBatch{1, 20};  // of secrets, and of a page

Result<void> check(const Request& request) {
  Validation members;
  if (!request.secret_id_list().empty()) {
    members.list("secretIdList", request.secret_id_list(), kBatch, kSecretIdLength);
  }
  if (request.has_max_results()) members.range("maxResults", request.max_results(), kBatch);
  if (request.has_next_token()) members.length("nextToken", request.next_token(), {1, 4'096});
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_filters(request.filters()));
  if (request.secret_id_list().empty() == request.filters().empty()) {
    return tl::make_unexpected(
        invalid_parameter("Either 'SecretIdList' or 'Filters' must be provided, but not both."));
  }
  if (request.has_max_results() && request.filters().empty()) {
    return tl::make_unexpected(
        invalid_parameter("'Filters' not specified. 'Filters' must also be specified when "
                          "'MaxResults' is provided."));
  }
  return {};
}

// What must stay the same from page to page.
std::string question_of(const Request& request) {
  Request question;
  *question.mutable_filters() = request.filters();
  return "batch/" + question.SerializeAsString();
}

// The secrets to be read now: those that the request names, or the next page of those that its
// filters choose. The answer gets the way to the page after.
Result<std::vector<std::string>> ids_of(RegionServices& region, const Request& request,
                                        Response& response) {
  std::vector<std::string> ids(request.secret_id_list().begin(), request.secret_id_list().end());
  const std::string question = question_of(request);
  std::optional<Place> after;
  if (request.has_next_token()) {
    FL_TRY(after, read_token(question, request.next_token()));
  }
  if (request.filters().empty()) return ids;
  const ListQuestion asked{.filters = &request.filters()};
  FL_TRY(std::vector<Listed> listed, find_listed(region, asked));
  const std::size_t page_size =
      request.has_max_results() ? static_cast<std::size_t>(request.max_results()) : kBatch.max;
  const Page page = page_of(std::move(listed), asked, after, page_size);
  for (const Listed& one : page.secrets) ids.push_back(one.secret.arn());
  if (page.more_after) response.set_next_token(make_token(question, *page.more_after));
  return ids;
}

v1::SecretValueEntry entry_of(v1::GetSecretValueResponse read) {
  v1::SecretValueEntry entry;
  entry.set_arn(std::move(*read.mutable_arn()));
  entry.set_name(std::move(*read.mutable_name()));
  entry.set_version_id(std::move(*read.mutable_version_id()));
  if (read.has_secret_binary()) entry.set_secret_binary(std::move(*read.mutable_secret_binary()));
  if (read.has_secret_string()) entry.set_secret_string(std::move(*read.mutable_secret_string()));
  *entry.mutable_version_stages() = read.version_stages();
  entry.set_created_date(read.created_date());
  return entry;
}

v1::APIErrorType error_of(const std::string& secret_id, Error error) {
  v1::APIErrorType entry;
  entry.set_secret_id(secret_id);
  entry.set_error_code(std::move(error.code));
  entry.set_message(std::move(error.message));
  return entry;
}

}  // namespace

// Each secret is read as GetSecretValue would read its AWSCURRENT, one after the other: a batch is
// no snapshot. What cannot be read is told in Errors, and the call succeeds; only trouble of the
// region itself fails the whole.
Answer<Response> batch_get_secret_value(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  Response response;
  FL_CO_TRY(const std::vector<std::string> ids, ids_of(region, request, response));
  for (const std::string& id : ids) {
    v1::GetSecretValueRequest one;
    one.set_secret_id(id);
    auto read = co_await get_secret_value(region, caller, std::move(one));
    if (read.has_value()) {
      *response.add_secret_values() = entry_of(std::move(read).value());
    } else if (read.error() == internal_service_error()) {
      co_return tl::make_unexpected(std::move(read).error());
    } else {
      *response.add_errors() = error_of(id, std::move(read).error());
    }
  }
  co_return response;
}

}  // namespace faultline::regions::api
