// Virtual time: Instant and Duration, int64 nanoseconds that cannot be mixed up.
//
// An Instant counts from the run's epoch, which is an instant too (0). Both reach ±292 years;
// arithmetic past that is our own mistake and is not checked here (the undefined-behaviour
// sanitizer sees it). Text from people goes through parse_duration, which is checked.
//
//     const Instant deadline = ctx.now() + Duration::seconds(30);
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace faultline::engine {

class Duration {
 public:
  constexpr Duration() = default;

  static constexpr Duration zero() { return Duration(0); }
  static constexpr Duration max() { return Duration(std::numeric_limits<int64_t>::max()); }
  static constexpr Duration nanos(int64_t count) { return Duration(count); }
  static constexpr Duration micros(int64_t count) { return Duration(count * 1'000); }
  static constexpr Duration millis(int64_t count) { return Duration(count * 1'000'000); }
  static constexpr Duration seconds(int64_t count) { return Duration(count * 1'000'000'000); }
  static constexpr Duration minutes(int64_t count) { return seconds(count * 60); }
  static constexpr Duration hours(int64_t count) { return seconds(count * 3'600); }
  static constexpr Duration days(int64_t count) { return seconds(count * 86'400); }

  // Nanoseconds.
  [[nodiscard]] constexpr int64_t ns() const { return ns_; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator-() const { return Duration(-ns_); }
  constexpr Duration operator+(Duration other) const { return Duration(ns_ + other.ns_); }
  constexpr Duration operator-(Duration other) const { return Duration(ns_ - other.ns_); }
  constexpr Duration operator*(int64_t factor) const { return Duration(ns_ * factor); }
  // Towards zero.
  constexpr Duration operator/(int64_t divisor) const { return Duration(ns_ / divisor); }
  constexpr int64_t operator/(Duration other) const { return ns_ / other.ns_; }
  constexpr Duration& operator+=(Duration other) { return *this = *this + other; }
  constexpr Duration& operator-=(Duration other) { return *this = *this - other; }

 private:
  constexpr explicit Duration(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

constexpr Duration operator*(int64_t factor, Duration duration) { return duration * factor; }

class Instant {
 public:
  constexpr Instant() = default;

  static constexpr Instant from_ns(int64_t ns) { return Instant(ns); }
  static constexpr Instant max() { return Instant(std::numeric_limits<int64_t>::max()); }

  // Nanoseconds since the run's epoch.
  [[nodiscard]] constexpr int64_t ns() const { return ns_; }

  constexpr auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Duration duration) const { return Instant(ns_ + duration.ns()); }
  constexpr Instant operator-(Duration duration) const { return Instant(ns_ - duration.ns()); }
  constexpr Duration operator-(Instant other) const { return Duration::nanos(ns_ - other.ns_); }
  constexpr Instant& operator+=(Duration duration) { return *this = *this + duration; }

 private:
  constexpr explicit Instant(int64_t ns) : ns_(ns) {}
  int64_t ns_ = 0;
};

// As instant + duration, but Instant::max() instead of an overflow: "never" is a long time, not a
// mistake. REQUIRES: duration >= 0.
constexpr Instant saturating_add(Instant instant, Duration duration) {
  return instant > Instant::max() - duration ? Instant::max() : instant + duration;
}

// Reads text such as "250ms", "1h30m", "7d", "0s", "1.5s": numbers with a unit (ns, us, ms, s, m,
// h, d), written together.
// Shape    a fraction may have as many digits as give whole nanoseconds;
// no sign, no blanks; "0" alone is not enough.
// Errors   a sentence that quotes the text and says
// what was expected; also when the sum passes 292 years.
[[nodiscard]] Expected<Duration, std::string> parse_duration(std::string_view text);
// The same, with "-" allowed in front: "-5m".
[[nodiscard]] Expected<Duration, std::string> parse_signed_duration(std::string_view text);

// The shortest usual form, which parse_signed_duration reads back exactly: "1.5s", "7d", "1h30m",
// "250ms", "0s", "-5m".
[[nodiscard]] std::string format_duration(Duration duration);

// Seconds with at least three decimals and no trailing zeros after them: "12.345678s", "3.214s",
// "0.000s".
[[nodiscard]] std::string format_instant(Instant instant);

}  // namespace faultline::engine
