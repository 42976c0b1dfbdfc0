// A seed on a command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline::tools {

// Decimal or, with 0x, hexadecimal.
[[nodiscard]] std::optional<std::uint64_t> parse_seed(std::string_view text);
// What to say of a text that is none.
[[nodiscard]] std::string no_seed(std::string_view text);

}  // namespace faultline::tools
