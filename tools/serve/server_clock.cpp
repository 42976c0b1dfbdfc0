#include "tools/serve/server_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace faultline::tools {
namespace {

constexpr std::int64_t kFastest = 1'000'000;
constexpr std::int64_t kSlowest = 1'000;
constexpr std::int64_t kLatestNs = 3'600'000'000'000;

std::int64_t nanoseconds(ServerClock::Machine::duration duration) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

}  // namespace

std::int64_t machine_unix_ns() {
  using std::chrono::nanoseconds;
  using std::chrono::system_clock;
  return std::chrono::duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

Expected<ServerClock, std::string> ServerClock::parse(std::string_view text) {
  if (text == "real") return ServerClock(1);
  if (text == "manual") return ServerClock(0);
  const auto number = [](std::string_view digits, std::int64_t most) -> std::int64_t {
    std::int64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc() && stop == end && value > 1 && value <= most ? value : 0;
  };
  if (text.starts_with("x1/")) {
    if (const auto slowness = number(text.substr(3), kSlowest)) return ServerClock(1, slowness);
  } else if (text.starts_with('x')) {
    if (const auto factor = number(text.substr(1), kFastest)) return ServerClock(factor);
  }
  return tl::make_unexpected(
      fmt::format("\"{}\" is no clock: real, manual, x2 to x1000000 for one that runs so much "
                  "faster, or x1/2 to x1/1000 for one that runs so much slower",
                  text));
}

void ServerClock::start(engine::Instant world) {
  machine_start_ = Machine::now();
  world_start_ = world;
}

std::string ServerClock::text() const {
  if (is_manual()) return "manual";
  if (slowness_ > 1) return fmt::format("x1/{}", slowness_);
  return factor_ == 1 ? "real" : fmt::format("x{}", factor_);
}

engine::Instant ServerClock::now() const {
  return world_start_ + engine::Duration::nanos(nanoseconds(Machine::now() - machine_start_) *
                                                factor_ / slowness_);
}

ServerClock::Machine::time_point ServerClock::when(engine::Instant world) const {
  // What is further than an hour away need not be known exactly, and must not overflow.
  const std::int64_t ahead = std::clamp<std::int64_t>((world - now()).ns(), 0, kLatestNs * factor_);
  const std::int64_t wait = ahead / factor_ * slowness_;
  return Machine::now() + std::chrono::nanoseconds(std::min(wait, kLatestNs));
}

}  // namespace faultline::tools
