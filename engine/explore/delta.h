// Delta debugging: a list that fails becomes a shorter one that still does.
//
//     const auto kept = minimise(steps.size(), [&](const std::vector<std::size_t>& kept) {
//       return still_fails(subset(steps, kept));
//     });
//
// Method   chunks are taken out, from halves down to single items, and again while something went:
//          the result is 1-minimal, no single item can go. What was tried is not tried again.
//          Without the complements and repetitions of the first papers, which cost and find nothing
//          more ("Deep Dive into Probabilistic Delta Debugging", 2024).
// Cost     O(n log n) trials where few items matter, O(n²) at worst.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace faultline::engine {

// Positions in order.
using Subset = std::vector<std::size_t>;

// REQUIRES: the whole list fails. `fails` is asked about proper subsets only; when `may_go_on` says
// no, the best so far is returned.
[[nodiscard]] Subset minimise(std::size_t size, const std::function<bool(const Subset&)>& fails,
                              const std::function<bool()>& may_go_on);

// Tries every proper subset, the small ones first, and returns the first that fails; the whole list
// if none does: then nothing smaller fails at all, and `exhausted` is set.
// REQUIRES: size <= 20.
struct SmallestSubset {
  Subset subset;
  bool exhausted = false;
};
[[nodiscard]] SmallestSubset smallest(std::size_t size,
                                      const std::function<bool(const Subset&)>& fails,
                                      const std::function<bool()>& may_go_on);

}  // namespace faultline::engine
