// ActorId: an actor's number in its simulation: 0, 1, 2 … in the order of add_actor.
#pragma once

#include <compare>
#include <cstdint>

namespace faultline::engine {

struct ActorId {
  uint32_t value = UINT32_MAX;

  constexpr auto operator<=>(const ActorId&) const = default;
};

// Nobody: the world itself, or "not applicable".
inline constexpr ActorId kNoActor{UINT32_MAX};

}  // namespace faultline::engine
