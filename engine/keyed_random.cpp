#include "engine/keyed_random.h"

#include "engine/hash.h"
#include "proto/check.h"

namespace faultline::engine {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr uint64_t kMultiplier = 0xD2B74407B1CE6E93;
constexpr uint64_t kWeyl = 0x9E3779B97F4A7C15;
constexpr int kRounds = 10;

}  // namespace

std::array<uint64_t, 2> philox2x64(std::array<uint64_t, 2> counter, uint64_t key) {
  for (int round = 0; round < kRounds; ++round) {
    const Wide product = Wide{kMultiplier} * counter[0];
    counter = {static_cast<uint64_t>(product >> 64) ^ key ^ counter[1],
               static_cast<uint64_t>(product)};
    key += kWeyl;
  }
  return counter;
}

uint64_t RandomStream::below(uint64_t index, uint64_t bound) const {
  FL_CHECK(bound > 0) << "nothing is below zero";
  return static_cast<uint64_t>(Wide{at(index)} * bound >> 64);
}

bool RandomStream::chance(uint64_t index, Ratio ratio) const {
  return !ratio.is_never() && below(index, ratio.denominator) < ratio.numerator;
}

Duration RandomStream::between(uint64_t index, Duration lowest, Duration highest) const {
  FL_CHECK(lowest <= highest) << "from " << lowest.ns() << "ns to " << highest.ns() << "ns";
  // Unsigned, because the span of all durations does not fit in one.
  const uint64_t span = static_cast<uint64_t>(highest.ns()) - static_cast<uint64_t>(lowest.ns());
  const uint64_t offset = span == UINT64_MAX ? at(index) : below(index, span + 1);
  return Duration::nanos(static_cast<int64_t>(static_cast<uint64_t>(lowest.ns()) + offset));
}

void RandomStream::fill(uint64_t index, std::span<std::byte> out) const {
  uint64_t block = 0;
  std::array<uint64_t, 2> words{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 16 == 0) words = philox2x64({index, ++block}, key_);
    out[i] = static_cast<std::byte>(words[i / 8 % 2] >> (i % 8 * 8));
  }
}

RandomStream KeyedRandom::stream(std::string_view name) const {
  return RandomStream(philox2x64({hash64(name), 0}, seed_)[0]);
}

}  // namespace faultline::engine
