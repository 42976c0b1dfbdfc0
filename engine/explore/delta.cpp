#include "engine/explore/delta.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <set>

#include "proto/check.h"

namespace faultline::engine {
namespace {

Subset all_of(std::size_t size) {
  Subset all(size);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Subset without(const Subset& list, std::size_t begin, std::size_t end) {
  Subset rest(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(begin));
  rest.insert(rest.end(), list.begin() + static_cast<std::ptrdiff_t>(end), list.end());
  return rest;
}

}  // namespace

Subset minimise(std::size_t size, const std::function<bool(const Subset&)>& fails,
                const std::function<bool()>& may_go_on) {
  Subset kept = all_of(size);
  std::set<Subset> tried;
  const auto fails_anew = [&](const Subset& subset) {
    return tried.insert(subset).second && fails(subset);
  };
  for (std::size_t chunk = std::bit_ceil(std::max<std::size_t>(1, size)); chunk > 0;) {
    bool shrank = false;
    // From the end: what comes late depends on what came before.
    for (std::size_t end = kept.size(); end > 0;) {
      if (!may_go_on()) return kept;
      const std::size_t begin = end > chunk ? end - chunk : 0;
      Subset rest = without(kept, begin, end);
      if (fails_anew(rest)) {
        kept = std::move(rest);
        shrank = true;
      }
      end = begin;
    }
    if (!shrank || chunk > 1) chunk /= 2;
  }
  return kept;
}

SmallestSubset smallest(std::size_t size, const std::function<bool(const Subset&)>& fails,
                        const std::function<bool()>& may_go_on) {
  FL_CHECK(size <= 20) << "too many subsets";
  const std::uint32_t end = 1U << size;
  for (int count = 0; count < static_cast<int>(size); ++count) {
    for (std::uint32_t bits = 0; bits < end; ++bits) {
      if (std::popcount(bits) != count) continue;
      if (!may_go_on()) return {all_of(size), false};
      Subset subset;
      for (std::size_t i = 0; i < size; ++i) {
        if ((bits >> i & 1U) != 0) subset.push_back(i);
      }
      if (fails(subset)) return {std::move(subset), true};
    }
  }
  return {all_of(size), true};
}

}  // namespace faultline::engine
