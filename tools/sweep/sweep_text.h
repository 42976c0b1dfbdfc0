// What a sweep came to: for people, and for CI systems.
#pragma once

#include <string>

#include "proto/report.pb.h"

namespace faultline::tools {

// Runs and pace, properties, coverage, failures. `out`: where the failures were written; empty: they
// are printed whole.
[[nodiscard]] std::string sweep_text(const v1::SweepSummary& summary, const std::string& out);
// JUnit XML: a test case for every property, one for determinism.
[[nodiscard]] std::string junit_text(const v1::SweepSummary& summary);
// "S12-0a1b2c3d.textproto"
[[nodiscard]] std::string failure_file_name(const v1::FailureFound& failure);
[[nodiscard]] int exit_code_of(const v1::SweepSummary& summary);

}  // namespace faultline::tools
