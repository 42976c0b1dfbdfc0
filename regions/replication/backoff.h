// How long to wait before something is asked again.
#pragma once

#include <cstdint>
#include <string>

#include "engine/time.h"
#include "regions/replication/protocol.h"

namespace faultline::regions {

// After the first attempt (1) the service's retry_base, then twice that and so on, at most
// retry_cap; and up to a quarter more, by the luck of `purpose`, so that what failed together does
// not come back together.
[[nodiscard]] engine::Duration backoff(ReplicationHost& host, const std::string& purpose,
                                       std::uint32_t attempt);

// Whether something that has been asked so often may go on in the background, so that a region that
// never comes back does not keep a run going.
[[nodiscard]] engine::TimerClass urgency(ReplicationHost& host, std::uint32_t attempts);

}  // namespace faultline::regions
