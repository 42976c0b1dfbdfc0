// The texts in a fault's fields as values. Scenarios are validated before they get here: a text that
// means nothing ends the run (FL_CHECK).
#pragma once

#include <optional>
#include <string>

#include "engine/fault_injector.h"
#include "engine/keyed_random.h"
#include "engine/time.h"
#include "proto/check.h"

namespace faultline::engine {

[[nodiscard]] inline Duration duration_or_die(const std::string& text) {
  const auto parsed = parse_duration(text);
  FL_CHECK(parsed.has_value()) << parsed.error();
  return *parsed;
}

// `otherwise` where there is no text.
[[nodiscard]] inline Duration duration_or(const std::string& text, Duration otherwise) {
  return text.empty() ? otherwise : duration_or_die(text);
}

[[nodiscard]] inline std::optional<Duration> duration_if_set(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return duration_or_die(text);
}

// May be negative; zero where there is no text.
[[nodiscard]] inline Duration offset_of(const std::string& text) {
  if (text.empty()) return Duration::zero();
  const auto parsed = parse_signed_duration(text);
  FL_CHECK(parsed.has_value()) << parsed.error();
  return *parsed;
}

[[nodiscard]] inline std::optional<Ratio> ratio_if_set(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto parsed = parse_ratio(text);
  FL_CHECK(parsed.has_value()) << parsed.error();
  return *parsed;
}

}  // namespace faultline::engine
