// Luck: draws in sequence from one keyed stream, for generators. What a generator makes is written
// out as a scenario, so that nothing needs the draws again.
//
// Integers only: the same draws on every machine. One draw a statement: the order in which a compiler
// evaluates arguments is its own.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/keyed_random.h"
#include "engine/time.h"
#include "proto/check.h"

namespace faultline::regions::explore {

class Luck {
 public:
  Luck(std::uint64_t seed, std::string_view purpose)
      : stream_(engine::KeyedRandom(seed).stream(purpose)) {}

  // 0 … bound-1. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return stream_.below(index_++, bound); }
  // low … high, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }

  // Every power of two between the two is as likely as the next: as many short ones as long ones.
  // REQUIRES: 0 < low <= high.
  std::uint64_t log_between(std::uint64_t low, std::uint64_t high) {
    const auto bits = static_cast<std::uint64_t>(std::bit_width(high / low));
    const std::uint64_t base = low << below(bits);
    const std::uint64_t drawn = base + below(base);
    return drawn > high ? high : drawn;
  }
  engine::Duration log_between(engine::Duration low, engine::Duration high) {
    return engine::Duration::nanos(static_cast<std::int64_t>(
        log_between(static_cast<std::uint64_t>(low.ns()), static_cast<std::uint64_t>(high.ns()))));
  }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    FL_CHECK(!from.empty()) << "nothing to pick from";
    return from[below(from.size())];
  }
  // An index, by weight. REQUIRES: some weight is above 0.
  std::size_t weighted(const std::vector<std::uint32_t>& weights) {
    std::uint64_t sum = 0;
    for (const std::uint32_t weight : weights) sum += weight;
    FL_CHECK(sum > 0) << "nothing has a weight";
    std::uint64_t left = below(sum);
    std::size_t i = 0;
    while (left >= weights[i]) left -= weights[i++];
    return i;
  }
  template <class T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }
  // 32 hexadecimal digits in the form of a UUID: a ClientRequestToken.
  std::string uuid();

 private:
  engine::RandomStream stream_;
  std::uint64_t index_ = 0;
};

}  // namespace faultline::regions::explore
