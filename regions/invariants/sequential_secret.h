// SequentialSecret: what one secret is to its clients, and what each call does to it, if calls came
// one after the other: the specification against which concurrent ones are judged. Written from the
// AWS documentation a second time, on purpose: it shares nothing with staging_labels.h or api/.
//
// What it leaves open: dates, keys, replicas, what is not labelled any more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "regions/invariants/ghost.h"

namespace faultline::regions {

struct SequentialSecret {
  bool exists = false;
  std::string arn;
  bool scheduled = false;  // for deletion
  std::string description;
  std::string type;
  std::string policy;  // as a document; empty: none
  std::map<std::string, std::string> tags;
  // Every version that there is, with its labels.
  std::map<std::string, std::set<std::string>> versions;
  // Those that a rotation has made, for a value to come.
  std::set<std::string> empty;

  // Equal to a client who reads it: unlabelled versions may have been pruned.
  [[nodiscard]] bool looks_like(const SequentialSecret& other) const;
};

// What a region holds under a name.
[[nodiscard]] SequentialSecret sequential(const RecordPtr& record);

// The digest of a version's value; 0: unknown.
using DigestOf = std::function<std::uint64_t(const std::string& version_id)>;

enum class CallEffect { Refused, Unchanged, Changed };

// Does what the call asks. Refused: it must be answered with an error, and nothing has changed.
// Calls that only read, or that are about replicas, change nothing.
CallEffect apply(const CallGhost& call, const DigestOf& digest, SequentialSecret& secret);

}  // namespace faultline::regions
