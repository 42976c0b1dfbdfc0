#include "engine/clock.h"

#include <limits>

#include "proto/check.h"

namespace faultline::engine {
namespace {

__extension__ using Wide = __int128;

constexpr int64_t kMillion = 1'000'000;

int64_t saturate(Wide value) {
  constexpr auto kLow = std::numeric_limits<int64_t>::min();
  constexpr auto kHigh = std::numeric_limits<int64_t>::max();
  if (value < kLow) return kLow;
  if (value > kHigh) return kHigh;
  return static_cast<int64_t>(value);
}

// Rounds down for negative numbers too, so that a slow clock never ticks twice at once where its
// error changes sign.
Wide divide_down(Wide dividend, int64_t divisor) {
  const Wide quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

}  // namespace

Clock::Clock(int64_t epoch_unix_ns) : base_unix_ns_(epoch_unix_ns) {}

int64_t Clock::read_unix_ns(Instant now) const {
  return saturate(Wide{frozen_unix_ns_.value_or(running(now))} + offset_.ns());
}

int64_t Clock::running(Instant now) const {
  const Wide elapsed = Wide{now.ns()} - since_.ns();
  return saturate(Wide{base_unix_ns_} + elapsed + divide_down(elapsed * drift_ppm_, kMillion));
}

void Clock::jump(Instant, int64_t ns) {
  base_unix_ns_ = saturate(Wide{base_unix_ns_} + ns);
  if (frozen_unix_ns_) frozen_unix_ns_ = saturate(Wide{*frozen_unix_ns_} + ns);
}

void Clock::set_drift_ppm(Instant now, int64_t ppm) {
  FL_CHECK(ppm >= -kMillion && ppm <= 1'000 * kMillion) << "no clock drifts like this: " << ppm;
  FL_CHECK(now >= since_) << "drift changed in the past";
  base_unix_ns_ = running(now);
  since_ = now;
  drift_ppm_ = ppm;
}

void Clock::freeze(Instant now) {
  if (!frozen_unix_ns_) frozen_unix_ns_ = running(now);
}

}  // namespace faultline::engine
