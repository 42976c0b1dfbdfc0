#include "tools/serve/server_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace faultline::tools {
namespace {

constexpr std::int64_t kFastest = 1'000'000;
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
  std::int64_t factor = 0;
  if (text.starts_with('x')) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, factor);
    if (error == std::errc() && stop == end && factor > 1 && factor <= kFastest) {
      return ServerClock(factor);
    }
  }
  return tl::make_unexpected(fmt::format(
      "\"{}\" is no clock: real, manual, or x2 to x1000000 for one that runs so much faster",
      text));
}

void ServerClock::start(engine::Instant world) {
  machine_start_ = Machine::now();
  world_start_ = world;
}

std::string ServerClock::text() const {
  if (is_manual()) return "manual";
  return factor_ == 1 ? "real" : fmt::format("x{}", factor_);
}

engine::Instant ServerClock::now() const {
  return world_start_ +
         engine::Duration::nanos(nanoseconds(Machine::now() - machine_start_) * factor_);
}

ServerClock::Machine::time_point ServerClock::when(engine::Instant world) const {
  const std::int64_t wait = std::max<std::int64_t>(0, (world - now()).ns()) / factor_;
  return Machine::now() + std::chrono::nanoseconds(std::min(wait, kLatestNs));
}

}  // namespace faultline::tools
