// The secrets on a region's disk, read from a copy of it: nothing happens in the region. Its own store
// would remember what it was asked, and a disk that fails, or a crash that waits for the next access,
// would meet the one who only looks.
//
// Works for a region that is down, too: this is what it will find when it starts again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/disk.h"
#include "proto/storage.pb.h"
#include "regions/kv_store.h"

namespace faultline::regions {

struct StoredSecrets {
  // By name.
  std::vector<v1::StoredSecret> secrets;
  // By the secret's name, in the order in which they were made; also those that are being removed.
  std::map<std::string, std::vector<v1::StoredLink>> links;
};

// Errors   the files are damaged.
[[nodiscard]] StoreResult<StoredSecrets> secrets_on(const engine::DiskImage& disk);

}  // namespace faultline::regions
