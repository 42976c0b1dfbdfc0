// Terminal: text for people on standard output, with colours where somebody can see them.
#pragma once

#include <string>
#include <string_view>

#include "regions/narrator.h"
#include "regions/scenario_loader.h"

namespace faultline::tools {

// Standard output is a terminal, TERM is not "dumb", and NO_COLOR (no-color.org) is unset or empty.
[[nodiscard]] bool wants_colours();

// The text in the colour of its tone, if `colours`.
[[nodiscard]] std::string painted(std::string_view text, regions::Tone tone, bool colours);

// Errors go to standard error, each on a line of its own.
void complain(std::string_view message);
void complain(const regions::InputErrors& errors);

// The word as a shell reads it back.
[[nodiscard]] std::string shell_quoted(std::string_view word);

}  // namespace faultline::tools
