// Clock: one machine's wall clock, which may be wrong: ahead or behind, too fast or too slow,
// jumped, stopped.
//
// Only the wall clock is wrong. Durations are measured on the simulation's own time, as a monotonic
// clock would; what a machine stamps on things (a creation date, a log line) is read here.
//
//     reading = epoch + now + what drift has gained + jumps + offset       int64 ns of Unix time
//
// Offset       a fault's doing while it lasts: taking it back restores the clock exactly.
// Jump, drift  leave a trace: what a clock has gained it keeps when the drift ends.
// Determinism  integers only, with 128-bit intermediates. A reading outside int64 (the years 1677
//              to 2262) sticks at its end.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/time.h"

namespace faultline::engine {

class Clock {
 public:
  // `epoch_unix_ns` is what a true clock reads at Instant zero.
  explicit Clock(int64_t epoch_unix_ns);

  // Nanoseconds since 1970-01-01T00:00:00Z, as this machine believes. Never fails.
  [[nodiscard]] int64_t read_unix_ns(Instant now) const;

  // Replaces the offset; Duration::zero() takes it away. May be negative.
  void set_offset(Duration offset) { offset_ = offset; }

  // Steps the clock by `ns` (negative: back) for good, as an operator or NTP would. A frozen clock
  // moves too.
  void jump(Instant now, int64_t ns);

  // From `now` on the clock gains `ppm` microseconds each second (negative: loses). The reading at
  // `now` stays the same.
  // REQUIRES: -10^6 <= ppm <= 10^9; at -10^6 the clock stands still. `now` is not before the last
  //           change of drift.
  void set_drift_ppm(Instant now, int64_t ppm);

  // While frozen every reading is the one of the moment of freezing (plus offset and jumps made
  // since). thaw() brings back the clock that would have been, as a paused machine's time service
  // does. Both may be repeated without effect.
  void freeze(Instant now);
  void thaw() { frozen_unix_ns_.reset(); }
  [[nodiscard]] bool is_frozen() const { return frozen_unix_ns_.has_value(); }

 private:
  // Without the offset, and as if it were not frozen.
  [[nodiscard]] int64_t running(Instant now) const;

  // running(now) = base + (now - since) * (1 + ppm / 10^6)
  int64_t base_unix_ns_;
  Instant since_ = Instant::from_ns(0);
  int64_t drift_ppm_ = 0;
  Duration offset_ = Duration::zero();
  std::optional<int64_t> frozen_unix_ns_;
};

}  // namespace faultline::engine
