// Writing a scenario as the text of a file, for people: what the loader reads, in the order in which
// a reader wants it, with a comment before each step.
//
// Stable: the same scenario gives the same bytes. load_scenario(write_scenario(s)) is s.
#pragma once

#include <string>
#include <vector>

#include "proto/scenario.pb.h"

namespace faultline::regions {

// `story`: lines for the head of the file, after the title; each becomes a comment.
[[nodiscard]] std::string write_scenario(const v1::Scenario& scenario,
                                         const std::vector<std::string>& story = {});

}  // namespace faultline::regions
