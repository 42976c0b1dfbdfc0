#include "tools/seed_text.h"

#include <fmt/format.h>

#include <charconv>

namespace faultline::tools {

std::optional<std::uint64_t> parse_seed(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = is_hex ? text.substr(2) : text;
  std::uint64_t seed = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), seed, is_hex ? 16 : 10);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return seed;
}

std::string no_seed(std::string_view text) {
  return fmt::format("\"{}\" is not a seed: a number from 0 to 2^64-1, decimal or 0x…", text);
}

}  // namespace faultline::tools
