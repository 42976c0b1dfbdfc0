// How long things may take: computed from a world's configuration, never a literal.
//
//   round trip      twice the slowest link: latency, jitter and reordering, as they are now
//   one attempt     KMS opens every value (each up to twice its latency) · there · KMS seals ·
//                   a sync · back
//   resolution      max_attempts attempts, with a pause after each: base doubled up to the cap, and
//                   up to a quarter more
//
//   rotation        max_attempts attempts of four steps, with the same pauses
//
// All of it doubled for safety: a snapshot may be asked for once more in full.
#pragma once

#include <cstddef>

#include "engine/time.h"

namespace faultline::regions {

class World;
struct ServiceConfig;

// The most that a store which failed waits before it is opened again (region.h).
inline constexpr engine::Duration kReopeningMost = engine::Duration::minutes(1);

// The pauses after `attempts` attempts together.
[[nodiscard]] engine::Duration pauses(const ServiceConfig& config, std::uint32_t attempts);
[[nodiscard]] engine::Duration round_trip(World& world);
// From a change to its replica: every attempt but the last may have failed before. `extra`: what
// faults add to a call of KMS; `values`: how many a snapshot carries.
[[nodiscard]] engine::Duration resolution_bound(World& world, std::size_t values,
                                                engine::Duration extra = {});
// From the beginning of a rotation until it is over or given up; zero where no secret rotates.
[[nodiscard]] engine::Duration rotation_bound(World& world);
// From the healing of everything until the world is at rest: stores that failed open again, what is
// owed resolves, what has Failed and is asked for again resolves.
[[nodiscard]] engine::Duration settle_bound(World& world);

}  // namespace faultline::regions
