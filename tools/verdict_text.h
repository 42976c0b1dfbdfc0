// What a run came to, for people: the end of `faultline run`'s output.
#pragma once

#include <string>
#include <vector>

#include "proto/report.pb.h"
#include "regions/scenario_loader.h"

namespace faultline::tools {

// "holds", "violated", "inconclusive"
[[nodiscard]] std::string verdict_word(v1::Verdict verdict);
[[nodiscard]] int exit_code_of(v1::Verdict verdict);

void print_title(const regions::LoadedScenario& loaded, std::uint64_t seed);

struct RunSummary {
  const v1::RunReport& report;
  const v1::Scenario& scenario;
  // What was not judged, in words.
  const std::vector<std::string>& left_open;
  // That repeats the run; printed when it did not hold.
  std::string command;
};
void print_verdict(const RunSummary& summary);

}  // namespace faultline::tools
