// Lists in pages: Limit and Marker in, NextMarker and Truncated out.
//
// A marker is opaque to clients: it names the last entry of its page, so that entries which come
// and go between two pages neither repeat nor hide others.
// Source  AWS KMS API Reference, "ListKeys" and its like.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "kms/error.h"

namespace faultline::regions::kms_api {

// `list`: what the page is of, so that one operation refuses another's markers.
[[nodiscard]] std::string make_marker(std::string_view list, std::string_view last);
// The name of the last entry. nullopt: it is no marker of this list.
[[nodiscard]] std::optional<std::string> parse_marker(std::string_view list,
                                                      std::string_view marker);
[[nodiscard]] tl::unexpected<kms::Error> invalid_marker();

// Adds the page's entries to the response. REQUIRES: `entries` is sorted by `name_of`, and names
// are unique.
template <class Request, class Response, class Entries, class NameOf, class Add>
[[nodiscard]] kms::Result<void> page(const Request& request, Response& response,
                                     std::string_view list, const Entries& entries,
                                     std::size_t default_limit, NameOf name_of, Add add) {
  auto next = entries.begin();
  if (request.has_marker()) {
    const auto last = parse_marker(list, request.marker());
    if (!last) return invalid_marker();
    next = std::find_if(entries.begin(), entries.end(),
                        [&](const auto& entry) { return name_of(entry) > *last; });
  }
  const std::size_t limit =
      request.has_limit() ? static_cast<std::size_t>(request.limit()) : default_limit;
  for (std::size_t i = 0; i < limit && next != entries.end(); ++i, ++next) {
    add(*next);
    if (i + 1 == limit && std::next(next) != entries.end()) {
      response.set_next_marker(make_marker(list, name_of(*next)));
    }
  }
  response.set_truncated(response.has_next_marker());
  return {};
}

}  // namespace faultline::regions::kms_api
