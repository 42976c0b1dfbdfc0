// Environment: all that the KMS sees of the outside world, a clock and luck. Regions supply it; in
// a simulation both are simulated, in the server they are the machine's.
//
// Trap: `fill_random` is not a pure function of its purpose. Two calls with one purpose must give
// unrelated bytes, because a data key, an IV or a key id that comes twice breaks AES-GCM. An
// implementation counts the calls of each purpose, and the counts survive a crash of the region.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace faultline::kms {

class Environment {
 public:
  virtual ~Environment() = default;

  // The region's wall clock, nanoseconds since 1970-01-01T00:00:00Z. It may jump either way:
  // creation and deletion dates follow it.
  [[nodiscard]] virtual std::int64_t now_unix_ns() const = 0;

  // Fills `out` with bytes that nobody can guess (or, in a simulation, that only the seed decides).
  // `purpose` names the stream that they come from, such as "data-key/<secret ARN>/<version id>":
  // luck is keyed, so that one call less elsewhere does not change what this one gets. A purpose
  // may hold any byte.
  virtual void fill_random(std::string_view purpose, std::span<std::byte> out) = 0;
};

}  // namespace faultline::kms
