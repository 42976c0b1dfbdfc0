// A shrunk failure as the text of a scenario file: what is violated, what happens, and the steps.
#pragma once

#include <string>

#include "regions/explore/shrink.h"

namespace faultline::regions::explore {

[[nodiscard]] std::string shrunk_text(const Shrunk& shrunk, const Target& target,
                                      const SharedParts& shared = {});

}  // namespace faultline::regions::explore
