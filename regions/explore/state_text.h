// A world's state in lines of text, for telling states apart: what decides the future, and nothing
// that does not. Times, nonces and the ciphertext that depends on them are left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/hash.h"
#include "regions/world.h"

namespace faultline::regions::explore {

// What the regions hold: secrets, versions with their labels, links, tombstones.
[[nodiscard]] std::string stores_text(World& world);
// What is on its way, and which timers wait.
[[nodiscard]] std::string traffic_text(World& world);

// A timer that waits, as traffic_text writes it.
[[nodiscard]] std::string timer_text(const std::string& region, std::uint64_t key);

// The lines in sorted order, hashed: the order in which they were written does not count.
[[nodiscard]] engine::Hash128 hash_of_lines(const std::string& text);
// With every name of the first list replaced by the one at its place in the second, all at once.
[[nodiscard]] std::string renamed(const std::string& text, const std::vector<std::string>& from,
                                  const std::vector<std::string>& to);

}  // namespace faultline::regions::explore
