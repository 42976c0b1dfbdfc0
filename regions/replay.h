// Replaying a recorded run: executing its scenario again with its seed and comparing every event.
// Identical is a proof that the run is what its file says; the first event that differs is where to
// look if it is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/report.pb.h"
#include "proto/result.h"
#include "regions/scenario_world.h"
#include "regions/trace_file.h"

namespace faultline::regions {

struct Difference {
  // The place in the run: event number `event` of one or both sides.
  std::uint64_t event = 0;
  // Each side in one line (event_text); empty: that side had ended.
  std::string recorded;
  std::string now;
};

struct ReplayResult {
  // Of the run as it went now.
  v1::RunReport report;
  // Nothing: identical, to the last event and the hash.
  std::optional<Difference> difference;
  // The trace comes from another build than this one; then a difference may be a change of
  // behaviour and no nondeterminism.
  bool other_build = false;
};

// Errors   the recorded scenario does not pass the check (scenario_loader.h): the trace was made
// up, or by a build with other rules.
[[nodiscard]] Expected<ReplayResult, InputError> replay(const std::string& file,
                                                        const RecordedRun& recorded,
                                                        const SharedParts& shared = {});

}  // namespace faultline::regions
