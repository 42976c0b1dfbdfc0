// Timers of the built-in protocol: what for, and whose.
#pragma once

#include <cstdint>

namespace faultline::regions {

enum class TimerPurpose : std::uint8_t {
  // The primary's side: KMS has answered; try again; ask again for a removal.
  Prepared = 1,
  Retry,
  Removal,
  // The replica's side: KMS has answered; the commit is durable; a reply may leave; tell again of a
  // promotion.
  Keys,
  Durable,
  Reply,
  Detach,
};

// In the low 48 bits: the region keeps the rest for itself.
[[nodiscard]] constexpr std::uint64_t timer_key(TimerPurpose purpose, std::uint64_t id) {
  return static_cast<std::uint64_t>(purpose) << 40U | id;
}
[[nodiscard]] constexpr TimerPurpose purpose_of(std::uint64_t key) {
  return static_cast<TimerPurpose>(key >> 40U);
}
[[nodiscard]] constexpr std::uint64_t id_of(std::uint64_t key) {
  return key & ((std::uint64_t{1} << 40U) - 1);
}

}  // namespace faultline::regions
