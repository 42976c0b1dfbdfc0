// The full report of a session so far: its scenario is run again, judged, and told as
// `faultline run --report` tells it.
#pragma once

#include <string>

#include "proto/control.pb.h"
#include "proto/result.h"
#include "regions/scenario/check.h"
#include "regions/scenario_world.h"

namespace faultline::tools {

// What the scenario of a saved session may be called: "session-1f3a90c2.textproto", by its hash.
[[nodiscard]] std::string session_file_name(const v1::SavedSession& saved);

// The page, HTML.
// Errors   a sentence: this build has no pages; there are no events; the scenario does not pass.
[[nodiscard]] Expected<std::string, std::string> session_report(const v1::SavedSession& saved,
                                                                const regions::SharedParts& shared,
                                                                const regions::CheckOptions& check);

}  // namespace faultline::tools
