// The words for what goes wrong.
#pragma once

#include <string>

#include "proto/fault.pb.h"

namespace faultline::regions {

// "us-west-2 crashes, and its disk tears what was not synced"
[[nodiscard]] std::string crash_text(const v1::Crash& crash);

// What a fault does and for how long: "the network between us-west-2 and us-east-1 is cut (outage,
// for 30s)".
[[nodiscard]] std::string fault_text(const v1::Fault& fault);

}  // namespace faultline::regions
