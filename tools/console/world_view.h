// WorldView: the state of a session's world as the console shows it: time, regions with their keys,
// secrets and disks, faults in force.
//
//     WorldView view;
//     push(view.json(session));     // whole, as one line
//
// Looking  changes nothing that a later call could notice: no event, no virtual time, no draw of luck,
//          and secrets are read from copies of the disks (regions/store_copy.h), so that what is
//          looked at is what a replay without anybody looking has, too.
// Secrets  each is what DescribeSecret answers, and "role": "primary", "replica" or "standalone"; no
//          value is among it. Of a region that is down, what its disk holds.
// Cost     a region is read again only when its disk has changed.
// Threads  one.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/disk.h"
#include "tools/serve/session.h"

namespace faultline::tools {

class WorldView {
 public:
  // Non-const only because a World hands out its parts that way.
  [[nodiscard]] std::string json(Session& session);
  // The session goes on in another world.
  void clear() { regions_.clear(); }

 private:
  struct Known {
    // Of the disk when it was read.
    std::uint64_t operations = 0;
    std::uint64_t bytes = 0;
    std::string secrets = "[]";
    bool has_secrets = false;
    // KMS tells nothing while it is down.
    std::string keys = "[]";
    bool has_own_keys = false;
  };
  void read_secrets(const std::string& region, const engine::Disk& disk, Known& known);

  std::map<std::string, Known> regions_;
};

}  // namespace faultline::tools
