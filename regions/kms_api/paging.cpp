#include "regions/kms_api/paging.h"

#include <fmt/format.h>

#include "engine/hash.h"

namespace faultline::regions::kms_api {
namespace {

constexpr std::size_t kCheckDigits = 16;

// Ties a marker to its list: it is no secret, only a guard against confusion.
std::string check_of(std::string_view list, std::string_view last) {
  return fmt::format("{:016x}", engine::hash64(fmt::format("{}\n{}", list, last)));
}

}  // namespace

std::string make_marker(std::string_view list, std::string_view last) {
  return check_of(list, last) + std::string(last);
}

std::optional<std::string> parse_marker(std::string_view list, std::string_view marker) {
  if (marker.size() <= kCheckDigits) return std::nullopt;
  const std::string_view last = marker.substr(kCheckDigits);
  if (marker.substr(0, kCheckDigits) != check_of(list, last)) return std::nullopt;
  return std::string(last);
}

tl::unexpected<kms::Error> invalid_marker() {
  // The text is ours; AWS documents the code only.
  return kms::fail("InvalidMarkerException", "The marker is invalid.");
}

}  // namespace faultline::regions::kms_api
