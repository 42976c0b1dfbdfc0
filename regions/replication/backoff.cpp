#include "regions/replication/backoff.h"

#include <algorithm>

#include "regions/services.h"

namespace faultline::regions {

using engine::Duration;

Duration backoff(ReplicationHost& host, const std::string& purpose, std::uint32_t attempt) {
  const Duration cap = host.config().retry_cap;
  Duration wait = host.config().retry_base;
  for (std::uint32_t doubled = 1; doubled < attempt && wait < cap; ++doubled) wait = wait + wait;
  wait = std::min(wait, cap);
  engine::ActorContext& ctx = host.context();
  return wait + ctx.random(purpose).between(ctx.next_index(purpose), Duration::zero(),
                                            Duration::nanos(wait.ns() / 4));
}

engine::TimerClass urgency(ReplicationHost& host, std::uint32_t attempts) {
  return attempts > host.config().max_attempts ? engine::TimerClass::Background
                                               : engine::TimerClass::Foreground;
}

}  // namespace faultline::regions
