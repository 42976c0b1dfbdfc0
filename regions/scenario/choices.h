// What some fields of faults are chosen from: names that are known before there is a world.
#pragma once

#include <string>
#include <vector>

namespace faultline::regions {

// What the built-in replication sends (proto/replication.proto): "Replicate", …
[[nodiscard]] const std::vector<std::string>& wire_messages();
// Of Secrets Manager: "CreateSecret", …
[[nodiscard]] const std::vector<std::string>& api_operations();

}  // namespace faultline::regions
