// What went wrong in a run, from when to when: faults, and regions that were down.
#pragma once

#include <string>
#include <vector>

#include "tools/report/run_record.h"

namespace faultline::tools {

struct FaultBand {
  std::string name;   // in the scenario; mostly empty
  std::string kind;   // as the trace has it: "cut"
  std::string words;  // "the network between us-west-2 and us-east-1 is cut"
  std::vector<int> lanes;
  bool is_link = false;  // of the network between the lanes
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // 0: not in this run
};
// In the order in which they began.
[[nodiscard]] std::vector<FaultBand> fault_bands(const RunRecord& record);

}  // namespace faultline::tools
