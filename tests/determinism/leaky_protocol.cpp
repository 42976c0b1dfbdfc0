#include "tests/determinism/leaky_protocol.h"

#include <utility>

#include "engine/hash.h"
#include "tests/determinism/leaky_run.h"

namespace faultline::determinism {
namespace {

// The inner protocol keeps its purposes in bits 40 to 47, and has far fewer than 255.
constexpr std::uint64_t kLeakTimer = std::uint64_t{255} << 40U;
constexpr std::uint64_t kLongestDelayNs = 1'000'000'000;

}  // namespace

LeakyProtocol::LeakyProtocol(regions::ReplicationHost& host,
                             std::unique_ptr<regions::ReplicationProtocol> inner,
                             const PlantedSource* source)
    : host_(host), inner_(std::move(inner)), source_(source) {
  if (source_ != nullptr) read_ = source_->make();
}

void LeakyProtocol::secret_changed(const std::string& secret_name) {
  if (source_ != nullptr) leak(read_());
  inner_->secret_changed(secret_name);
}

void LeakyProtocol::leak(const std::string& bytes) {
  const std::string_view other = host_.region() == kWest ? kEast : kWest;
  switch (source_->route) {
    case Route::Delay: {
      const std::uint64_t ns = engine::hash64(bytes) % kLongestDelayNs;
      host_.set_timer(engine::Duration::nanos(static_cast<std::int64_t>(ns)), kLeakTimer,
                      engine::TimerClass::Foreground);
      break;
    }
    case Route::Order:
      for (const char byte : bytes) host_.send(other, kWhisper, std::string(1, byte));
      break;
    case Route::Body:
      host_.send(other, kWhisper, bytes);
      break;
  }
}

void LeakyProtocol::on_message(std::string_view from_region, std::string_view type,
                               std::string_view body) {
  if (type != kWhisper) inner_->on_message(from_region, type, body);
}

void LeakyProtocol::on_timer(std::uint64_t key) {
  if (key != kLeakTimer) inner_->on_timer(key);
}

}  // namespace faultline::determinism
