// ServerClock: how the virtual time of a world that is served follows the time of the machine.
//
//   real    one second of the machine is one second of the world
//   xN      one second of the machine is N seconds of the world, 1 < N <= 1 000 000
//   x1/N    N seconds of the machine are one second of the world: slow motion, 1 < N <= 1 000
//   manual  the world's time moves only when a call or `faultline time advance` moves it
//
// It follows the machine's monotonic clock from start() on, so that a machine whose wall clock is
// set does not make a world jump.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/time.h"
#include "proto/result.h"

namespace faultline::tools {

// What the machine's wall clock shows, nanoseconds since 1970.
[[nodiscard]] std::int64_t machine_unix_ns();

class ServerClock {
 public:
  using Machine = std::chrono::steady_clock;

  // "real", "manual", "x60", "x1/20". Errors: a sentence that quotes the text.
  [[nodiscard]] static Expected<ServerClock, std::string> parse(std::string_view text);

  // The world stands at `world` now.
  void start(engine::Instant world);

  [[nodiscard]] bool is_manual() const { return factor_ == 0; }
  [[nodiscard]] bool is_real() const { return factor_ == 1 && slowness_ == 1; }
  // As parse() reads it.
  [[nodiscard]] std::string text() const;

  // Where the world should stand now. REQUIRES: not manual, started.
  [[nodiscard]] engine::Instant now() const;
  // When the machine gets there; what is far away is said to be in an hour. REQUIRES: as now().
  [[nodiscard]] Machine::time_point when(engine::Instant world) const;

 private:
  explicit ServerClock(std::int64_t factor, std::int64_t slowness = 1)
      : factor_(factor), slowness_(slowness) {}

  // One of them is 1.
  std::int64_t factor_ = 1;  // 0: manual
  std::int64_t slowness_ = 1;
  Machine::time_point machine_start_;
  engine::Instant world_start_;
};

}  // namespace faultline::tools
