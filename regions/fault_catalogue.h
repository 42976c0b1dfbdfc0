// The fault catalogue: what can go wrong with replicated secrets, 65 kinds, each with an id. Coverage
// is counted against it, random runs draw from it, `faultline explain` tells what an entry means.
//
// Source  what FoundationDB's simulation, TigerBeetle's VOPR, Jepsen, turmoil, madsim, Antithesis,
//         AWS Fault Injection Service and studies of storage faults inject, brought to regions,
//         replicas and keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/fault.pb.h"
#include "proto/scenario.pb.h"

namespace faultline::regions {

struct FaultEntry {
  std::string_view id;     // "NET-07"; NET, REG, DSK, CLK, KMS, API: faults, OPS: what operators do
  std::string_view name;   // "clog, then burst"; no two are equal
  std::string_view what;   // a sentence: what happens
  std::string_view why;    // a sentence: what it finds
  std::string_view block;  // how a scenario writes it: "clog"; of OPS the step
};

// In the order of the ids.
[[nodiscard]] const std::vector<FaultEntry>& fault_catalogue();

// By id or name, in any case of letters; nullptr: there is none.
[[nodiscard]] const FaultEntry* find_fault(std::string_view id_or_name);

// The ids of what happens, in the order of the catalogue: a crash that tears what was not synced is
// REG-01 and DSK-02. Empty for what has no id: a KMS that is slow or down.
[[nodiscard]] std::vector<std::string_view> fault_ids_of(const v1::Fault& fault);
// Of a fault as above; of what operators and owners of keys do. Whether an OPS step falls into a
// replication is not seen here.
[[nodiscard]] std::vector<std::string_view> fault_ids_of(const v1::Step& step);

// A fault that has happened when it begins: it takes no `for`, and there is nothing to heal.
[[nodiscard]] bool is_over_at_once(const v1::Fault& fault);

// A well-formed fault of that id: a link leads from regions[0] to regions[1]; calls fail in
// regions[0]; machines, clocks and keys in regions[1]; clock_skew and swizzle_clog concern all.
// `key`: one of regions[1], which its owner may change. `for` is set where it is a part of what the
// fault is: a key that is enabled again, a region that was away for long.
// An OPS id, or none, gives a fault without a kind.
// REQUIRES: two regions or more.
[[nodiscard]] v1::Fault example_fault(std::string_view id, const std::vector<std::string>& regions,
                                      std::string_view key);

}  // namespace faultline::regions
