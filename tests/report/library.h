// The scenarios of the library as runs, each made once for all tests of a process.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <vector>

#include "tools/report/run_record.h"

namespace faultline {

// Lessons, defects and chaos.
[[nodiscard]] const std::vector<tools::RunRecord>& library();
// Of one file, "08_promote_while_cut_off".
[[nodiscard]] const tools::RunRecord& library_run(const std::string& name);
// A scenario that a test has written down.
[[nodiscard]] tools::RunRecord run_of(const std::string& text,
                                      const std::string& file = "a.textproto");
[[nodiscard]] regions::LoadedScenario loaded(const std::string& text,
                                             const std::string& file = "a.textproto");

[[nodiscard]] boost::json::object parsed(const std::string& json);

}  // namespace faultline
