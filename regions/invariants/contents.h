// What a region's store holds, read as it lies there.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "proto/storage.pb.h"
#include "regions/invariants/ghost.h"
#include "regions/invariants/overseer.h"

namespace faultline::regions {

struct Overseer::Contents {
  std::map<std::string, RecordPtr> records;
  // By secret and version id.
  std::map<std::string, std::map<std::string, std::string>> values;
  std::map<std::string, std::map<LinkKey, v1::StoredLink>> links;
  // Lineage → generation.
  std::map<std::string, std::uint64_t, std::less<>> stones;
};

}  // namespace faultline::regions
