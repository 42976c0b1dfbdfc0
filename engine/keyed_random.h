// Luck that is looked up, not drawn: every number is a function of (seed, stable name, index).
//
// The latency of the 7th message on link a->b depends on the 7th place of the stream "link/a->b",
// whatever else happens in the run. Take a step out of a scenario and the rest keeps its luck; this
// is what makes shrinking work.
//
//     const RandomStream luck = random.stream("retry/us-east-1");
//     const Duration pause = luck.between(attempt, Duration::seconds(1), Duration::seconds(2));
//
// Number   at(i) = first word of Philox2x64-10(counter = {i, 0}, key = K), where
//          K = first word of Philox2x64-10(counter = {XXH3_64(name), 0}, key = seed).
//          fill(i, …) takes the words of counters {i, 1}, {i, 2} …, little-endian: it has nothing
//          in common with at(i).
// Trap     Two questions at one (name, index) get one answer, which is a correlation: give each its
//          own name or index.
// Source   Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), and
//          the known answers published with Random123.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/time.h"

namespace faultline::engine {

// A probability, exactly: 1/20. No floats, so that every machine draws the same. denominator 0
// counts as "never".
struct Ratio {
  uint32_t numerator = 0;
  uint32_t denominator = 1;

  auto operator<=>(const Ratio&) const = default;
  [[nodiscard]] constexpr bool is_never() const { return numerator == 0 || denominator == 0; }
};

// Philox2x64 with 10 rounds: 128 bits in, 128 bits out, a bijection for every key.
[[nodiscard]] std::array<uint64_t, 2> philox2x64(std::array<uint64_t, 2> counter, uint64_t key);

// A sequence that can be read at any place. A value: copy it freely.
class RandomStream {
 public:
  RandomStream() = default;
  explicit RandomStream(uint64_t key) : key_(key) {}

  // Uniform over all 2^64 values.
  [[nodiscard]] uint64_t at(uint64_t index) const { return philox2x64({index, 0}, key_)[0]; }

  // Uniform over [0, bound) up to a bias of bound / 2^64. REQUIRES: bound > 0.
  [[nodiscard]] uint64_t below(uint64_t index, uint64_t bound) const;

  // True with probability `ratio`.
  [[nodiscard]] bool chance(uint64_t index, Ratio ratio) const;

  // Uniform over [lowest, highest], both included. REQUIRES: lowest <= highest.
  [[nodiscard]] Duration between(uint64_t index, Duration lowest, Duration highest) const;

  // Fills `out` with bytes. A longer span at the same index starts with the same bytes.
  void fill(uint64_t index, std::span<std::byte> out) const;

 private:
  uint64_t key_ = 0;
};

// The luck of a run.
class KeyedRandom {
 public:
  explicit KeyedRandom(uint64_t seed) : seed_(seed) {}

  [[nodiscard]] uint64_t seed() const { return seed_; }

  // The stream of that name. Costs a hash and a block: keep the stream where it is read often.
  [[nodiscard]] RandomStream stream(std::string_view name) const;

 private:
  uint64_t seed_;
};

}  // namespace faultline::engine
