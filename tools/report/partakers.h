// Partakers: which regions of a world have a part in what happens. Of a world of all of AWS's regions
// a reader wants to see those three that do something.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "proto/scenario.pb.h"
#include "proto/trace.pb.h"
#include "tools/report/run_record.h"

namespace faultline::tools {

class Partakers {
 public:
  // A world of at most so many regions shows them all.
  static constexpr std::size_t kFewRegions = 6;

  // Nothing has happened yet.
  explicit Partakers(const v1::Scenario& world);

  void note(const v1::TraceEvent& event);
  // Whether the event is of the world itself or of a region that takes part.
  [[nodiscard]] bool shows(const v1::TraceEvent& event) const;
  [[nodiscard]] bool contains(const std::string& region) const {
    return partakers_.contains(region);
  }
  [[nodiscard]] bool all() const { return partakers_.size() == regions_.size(); }
  // Leaves only these regions.
  void reduce(v1::Scenario& world) const;

 private:
  std::set<std::string> regions_;
  std::set<std::string> partakers_;
};

// The run without the regions that only stand by, in it and in the one it is held against (nullptr:
// none). Nothing: all take part.
struct ReducedRuns {
  RunRecord record;
  std::optional<RunRecord> twin;
};
[[nodiscard]] std::optional<ReducedRuns> without_idle_regions(const RunRecord& record,
                                                              const RunRecord* twin);

}  // namespace faultline::tools
