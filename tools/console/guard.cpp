#include "tools/console/guard.h"

#include <algorithm>
#include <utility>

#include "kms/primitives.h"
#include "proto/check.h"

namespace faultline::tools {
namespace {

constexpr Verdict kGoOn{};
constexpr Verdict kForeignHost{403,
                               "This console is not served under that name: open the address that "
                               "faultline serve has printed."};
constexpr Verdict kForeignOrigin{403,
                                 "Pages from elsewhere may not ask this console for anything."};
constexpr Verdict kNoToken{
    401, "The token is missing or wrong: open the address that faultline serve has printed."};

// More than one: which of them counts is not for us to guess.
std::size_t count_of(const HttpRequest& request, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      request.fields,
      [&](const HttpField& field) { return equal_ignoring_case(field.name, name); }));
}

}  // namespace

Guard::Guard(std::string token, std::vector<std::string> hosts)
    : credentials_("Bearer " + token), hosts_(std::move(hosts)) {
  FL_CHECK(!token.empty()) << "a console without a token would be open to all";
}

Verdict Guard::origin(const HttpRequest& request) const {
  const std::string_view host = request.field("Host");
  if (count_of(request, "Host") != 1 || std::ranges::none_of(hosts_, [&](const std::string& ours) {
        return equal_ignoring_case(host, ours);
      })) {
    return kForeignHost;
  }
  const std::size_t origins = count_of(request, "Origin");
  if (origins > 1 || (origins == 1 && !equal_ignoring_case(request.field("Origin"),
                                                           "http://" + std::string(host)))) {
    return kForeignOrigin;
  }
  for (const HttpField& field : request.fields) {
    if (!equal_ignoring_case(field.name, "Sec-Fetch-Site")) continue;
    if (field.value != "same-origin" && field.value != "none") return kForeignOrigin;
  }
  return kGoOn;
}

Verdict Guard::token(const HttpRequest& request) const {
  if (count_of(request, "Authorization") != 1) return kNoToken;
  return kms::equal_constant_time(request.field("Authorization"), credentials_) ? kGoOn : kNoToken;
}

std::vector<std::string> hosts_of(std::string_view host, unsigned port) {
  std::vector<std::string> names = {"127.0.0.1", "localhost", "[::1]"};
  const std::string own =
      host.find(':') == std::string_view::npos ? std::string(host) : "[" + std::string(host) + "]";
  if (std::ranges::find(names, own) == names.end()) names.push_back(own);
  std::vector<std::string> hosts;
  for (const std::string& name : names) {
    hosts.push_back(name + ":" + std::to_string(port));
    // Browsers leave out the port that goes without saying.
    if (port == 80) hosts.push_back(name);
  }
  return hosts;
}

}  // namespace faultline::tools
