#include "regions/account_api.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "regions/kms_api/paging.h"
#include "regions/region_list.h"

namespace faultline::regions::account_api {
namespace {

using Response = v1::AccountResponse;

constexpr std::size_t kRegionNameMost = 50;
constexpr int kMaxResultsMost = 50;
constexpr std::size_t kTokenMost = 1000;
constexpr std::array<std::string_view, 5> kStatuses = {"ENABLED", "ENABLING", "DISABLING",
                                                       "DISABLED", "ENABLED_BY_DEFAULT"};

tl::unexpected<Error> invalid(std::string message) {
  return tl::make_unexpected(Error{"ValidationException", std::move(message)});
}

tl::unexpected<Error> violated(const std::string& value, const std::string& member,
                               const std::string& rule) {
  return invalid("1 validation error detected: Value " + value + " at '" + member +
                 "' failed to satisfy constraint: Member must " + rule);
}

bool is_account_id(const std::string& text) {
  constexpr std::size_t kDigits = 12;
  return text.size() == kDigits && text.find_first_not_of("0123456789") == std::string::npos;
}

template <class Request>
Result<void> check_account(const Desk& desk, const Request& request, std::string_view action) {
  if (!request.has_account_id()) return {};
  if (!is_account_id(request.account_id())) {
    return violated("'" + request.account_id() + "'", "accountId",
                    "satisfy regular expression pattern: ^\\d{12}$");
  }
  // The text is ours; AWS documents the code.
  return tl::make_unexpected(
      Error{"AccessDeniedException", "User: " + desk.call.caller().principal_arn +
                                         " is not authorized to perform: " + std::string(action) +
                                         " on account " + request.account_id()});
}

Result<void> check_may(const Desk& desk, std::string_view action) {
  return access::authorize_kms(desk.call, desk.account, action, "*")
      .map_error([](const kms::Error& error) {
        return Error{error.code, error.message};
      });
}

template <class Request>
Result<void> check_region(const Desk& desk, const Request& request) {
  if (!request.has_region_name()) return violated("null", "regionName", "not be null");
  const std::string& name = request.region_name();
  const std::string quoted = "'" + name + "'";
  if (name.empty()) {
    return violated(quoted, "regionName", "have length greater than or equal to 1");
  }
  if (name.size() > kRegionNameMost) {
    return violated(quoted, "regionName", "have length less than or equal to 50");
  }
  const bool is_here = std::ranges::find(desk.world_regions, name) != desk.world_regions.end();
  if (is_here || find_aws_region(name) != nullptr) return {};
  return invalid("Invalid region name: " + name);
}

// Of the three that are about one region.
template <class Request>
Result<void> check(const Desk& desk, const Request& request, std::string_view action) {
  FL_TRY_VOID(check_region(desk, request));
  FL_TRY_VOID(check_account(desk, request, action));
  return check_may(desk, action);
}

Result<Response> enable_region(Desk& desk, const v1::AccountEnableRegionRequest& request) {
  FL_TRY_VOID(check(desk, request, "account:EnableRegion"));
  FL_TRY_VOID(desk.opt_in.enable(request.region_name()));
  Response response;
  response.mutable_enable_region();
  return response;
}

Result<Response> disable_region(Desk& desk, const v1::AccountDisableRegionRequest& request) {
  FL_TRY_VOID(check(desk, request, "account:DisableRegion"));
  FL_TRY_VOID(desk.opt_in.disable(request.region_name()));
  Response response;
  response.mutable_disable_region();
  return response;
}

Result<Response> get_region_opt_status(Desk& desk,
                                       const v1::AccountGetRegionOptStatusRequest& request) {
  FL_TRY_VOID(check(desk, request, "account:GetRegionOptStatus"));
  Response response;
  auto& status = *response.mutable_get_region_opt_status();
  status.set_region_name(request.region_name());
  status.set_region_opt_status(
      std::string(to_text(desk.account.opt_status(request.region_name()))));
  return response;
}

// AWS's regions and those that only this world has, by name.
std::map<std::string, std::string_view> all_statuses(const Desk& desk) {
  std::map<std::string, std::string_view> statuses;
  for (const RegionInfo& region : aws_regions()) {
    statuses.emplace(region.name, to_text(desk.account.opt_status(region.name)));
  }
  for (const std::string& region : desk.world_regions) {
    statuses.emplace(region, to_text(desk.account.opt_status(region)));
  }
  return statuses;
}

Result<void> check_listing(const v1::AccountListRegionsRequest& request) {
  if (request.has_max_results()) {
    const std::string value = "'" + std::to_string(request.max_results()) + "'";
    if (request.max_results() < 1) {
      return violated(value, "maxResults", "have value greater than or equal to 1");
    }
    if (request.max_results() > kMaxResultsMost) {
      return violated(value, "maxResults", "have value less than or equal to 50");
    }
  }
  if (request.next_token().size() > kTokenMost) {
    return violated("'" + request.next_token() + "'", "nextToken",
                    "have length less than or equal to 1000");
  }
  for (int i = 0; i < request.region_opt_status_contains_size(); ++i) {
    const std::string& status = request.region_opt_status_contains(i);
    if (std::ranges::find(kStatuses, status) != kStatuses.end()) continue;
    return violated("'" + status + "'",
                    "regionOptStatusContains." + std::to_string(i + 1) + ".member",
                    "satisfy enum value set: [ENABLED, ENABLING, DISABLING, DISABLED, "
                    "ENABLED_BY_DEFAULT]");
  }
  return {};
}

Result<Response> list_regions(Desk& desk, const v1::AccountListRegionsRequest& request) {
  FL_TRY_VOID(check_listing(request));
  FL_TRY_VOID(check_account(desk, request, "account:ListRegions"));
  FL_TRY_VOID(check_may(desk, "account:ListRegions"));
  std::string last;
  if (request.has_next_token()) {
    const auto parsed = kms_api::parse_marker("ListRegions", request.next_token());
    if (!parsed) return invalid("Invalid NextToken");
    last = *parsed;
  }
  const auto& wanted = request.region_opt_status_contains();
  const int most = request.has_max_results() ? request.max_results() : kMaxResultsMost;
  Response response;
  auto& page = *response.mutable_list_regions();
  for (const auto& [name, status] : all_statuses(desk)) {
    const bool fits = wanted.empty() || std::ranges::find(wanted, status) != wanted.end();
    if (!fits || name <= last) continue;
    if (page.regions_size() == most) {
      page.set_next_token(
          kms_api::make_marker("ListRegions", page.regions(most - 1).region_name()));
      break;
    }
    v1::AccountRegion& region = *page.add_regions();
    region.set_region_name(name);
    region.set_region_opt_status(std::string(status));
  }
  return response;
}

}  // namespace

std::string operation_name(const v1::AccountRequest& request) {
  switch (request.operation_case()) {
    case v1::AccountRequest::kEnableRegion:
      return "EnableRegion";
    case v1::AccountRequest::kDisableRegion:
      return "DisableRegion";
    case v1::AccountRequest::kGetRegionOptStatus:
      return "GetRegionOptStatus";
    case v1::AccountRequest::kListRegions:
      return "ListRegions";
    case v1::AccountRequest::OPERATION_NOT_SET:
      break;
  }
  return {};
}

std::string named_region(const v1::AccountRequest& request) {
  switch (request.operation_case()) {
    case v1::AccountRequest::kEnableRegion:
      return request.enable_region().region_name();
    case v1::AccountRequest::kDisableRegion:
      return request.disable_region().region_name();
    case v1::AccountRequest::kGetRegionOptStatus:
      return request.get_region_opt_status().region_name();
    default:
      return {};
  }
}

Result<v1::AccountResponse> dispatch(Desk& desk, const v1::AccountRequest& request) {
  switch (request.operation_case()) {
    case v1::AccountRequest::kEnableRegion:
      return enable_region(desk, request.enable_region());
    case v1::AccountRequest::kDisableRegion:
      return disable_region(desk, request.disable_region());
    case v1::AccountRequest::kGetRegionOptStatus:
      return get_region_opt_status(desk, request.get_region_opt_status());
    case v1::AccountRequest::kListRegions:
      return list_regions(desk, request.list_regions());
    case v1::AccountRequest::OPERATION_NOT_SET:
      break;
  }
  return tl::make_unexpected(Error{"UnknownOperationException", {}});
}

}  // namespace faultline::regions::account_api
