// The page that a sweep leaves: which properties were put to the test, what each strategy has found,
// what was never met, and the failures, each with its report. It needs no script and no network.
#pragma once

#include <set>
#include <string>

#include "proto/report.pb.h"

namespace faultline::tools {

// `reports`: names of failures (failure_file_name) that have a page in failures/. Stable but for the
// summary's pace.
[[nodiscard]] std::string sweep_page(const v1::SweepSummary& summary,
                                     const std::set<std::string>& reports);

// "S12-0a1b2c3d.html" for "S12-0a1b2c3d.textproto".
[[nodiscard]] std::string report_name(const std::string& failure_file);

}  // namespace faultline::tools
