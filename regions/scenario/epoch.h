// The wall clock at the start of a run, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace faultline::regions {

// What clocks show where a scenario says nothing: 2026-01-01T00:00:00Z.
inline constexpr std::int64_t kDefaultEpochUnixNs = 1'767'225'600'000'000'000;

// RFC 3339 in UTC, such as "2026-01-01T00:00:00Z" or "2026-01-01T00:00:00.250Z", as nanoseconds
// since 1970.
// Errors   a sentence that quotes the text and says what was expected; also for years
// before 1970 or after 2199, which leave no room
//          for the run in 64 bits.
[[nodiscard]] Expected<std::int64_t, std::string> parse_epoch(std::string_view text);

// The same, back: as short as says all of it. REQUIRES: a time that parse_epoch takes.
[[nodiscard]] std::string format_epoch(std::int64_t unix_ns);

}  // namespace faultline::regions
