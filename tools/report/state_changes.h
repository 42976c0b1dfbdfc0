// What becomes of regions and replicas in a run, as far as its events say: what the chips of a
// report's lanes show.
#pragma once

#include <string>
#include <vector>

#include "tools/report/fault_bands.h"
#include "tools/report/run_record.h"

namespace faultline::tools {

struct StateChange {
  std::uint64_t event = 0;
  int lane = 0;
  // "role", "status", "sequence", "disk", "clock", "key", "region", "up"
  std::string what;
  // Whose: of "role" and "sequence" the secret; of "status" the replica's region, and before it the
  // secret where there are several; of "key" the key. Else empty.
  std::string of;
  // From this event on; empty: nothing is to be said any more.
  std::string value;
};
// In the order of the events; only what changes.
[[nodiscard]] std::vector<StateChange> state_changes(const RunRecord& record,
                                                     const std::vector<FaultBand>& faults);

// "arn:aws:kms:us-west-2:123456789012:key/9a6cbe87-…" → "key 9a6cbe87"; "alias/app" as it is.
[[nodiscard]] std::string key_words(const std::string& key);

}  // namespace faultline::tools
