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

// One step as it stands in such a file, with its comment; `number` counts from 1.
[[nodiscard]] std::string write_step(const v1::Step& step, int number);

}  // namespace faultline::regions
