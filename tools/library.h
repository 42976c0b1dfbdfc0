// Library: where the scenarios are that come with the command.
#pragma once

#include <filesystem>

namespace faultline::tools {

// "scenarios" here; or where the installed command has it, ../share/faultline/scenarios beside bin;
// or the one of the sources in which the command was built. "scenarios" if there is none.
[[nodiscard]] std::filesystem::path library_directory();

}  // namespace faultline::tools
