#include "tools/wrapped_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace faultline::tools {

std::string wrapped(std::string_view label, std::string_view text) {
  return wrapped(label, text, 10);
}

std::string wrapped(std::string_view label, std::string_view text, int margin) {
  constexpr std::size_t kWidth = 96;
  std::string out = fmt::format("{:<{}}", label, margin);
  std::size_t column = out.size();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::size_t length = end - begin;
    if (column + length + 1 > kWidth) {
      out += fmt::format("\n{:<{}}", "", margin);
      column = static_cast<std::size_t>(margin);
    }
    out += fmt::format(" {}", text.substr(begin, length));
    column += length + 1;
    begin = end + 1;
  }
  return out + "\n";
}

}  // namespace faultline::tools
