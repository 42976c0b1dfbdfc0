// Replication lag: how many changes of a secret a replica is behind its primary, from event to
// event. For the plot of a page and for the counter of Perfetto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/report/run_record.h"

namespace faultline::tools {

// From this event on.
struct LagChange {
  std::uint64_t event = 0;
  std::int64_t at_ns = 0;
  std::uint64_t behind = 0;
};

// A secret's way from its primary to one replica.
struct LaggingLink {
  std::string secret;
  int primary = -1;  // lanes
  int replica = -1;
  // Ascending, each other than the one before. A link that is over, because the replica was
  // promoted, removed or is no longer listed, ends with 0.
  std::vector<LagChange> changes;
};

// In the order in which they came to be. A replica that has nothing yet is behind by everything
// that its primary has committed.
[[nodiscard]] std::vector<LaggingLink> replication_lag(const RunRecord& record);

}  // namespace faultline::tools
