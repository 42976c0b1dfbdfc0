// Ways to write a scenario more simply. Each returns the scenarios that differ from the given one by
// one simplification, the boldest first; none if there is nothing to simplify. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "proto/scenario.pb.h"

namespace faultline::regions::explore {

// The so-manieth field that may be absent is absent, or entry of a list gone: anywhere but in the
// list of regions, the verbs of steps and what these need, and a jitter of nothing. Nothing: there are
// not so many.
[[nodiscard]] std::optional<v1::Scenario> without_field(const v1::Scenario& scenario,
                                                        std::size_t index);

// Steps at whole seconds, or tenths, hundredths; gaps shorter; faults as long as a round time.
[[nodiscard]] std::vector<v1::Scenario> round_times(const v1::Scenario& scenario);

// Values, tokens and names that say nothing become short ones.
[[nodiscard]] std::vector<v1::Scenario> canonical_names(const v1::Scenario& scenario);

// A network without jitter, and no seed.
[[nodiscard]] std::vector<v1::Scenario> without_luck(const v1::Scenario& scenario);

// Without a region and everything that names it.
[[nodiscard]] v1::Scenario without_region(const v1::Scenario& scenario, const std::string& region);

}  // namespace faultline::regions::explore
