// Words in lines of at most 96 columns.
#pragma once

#include <string>
#include <string_view>

namespace faultline::tools {

// "Why        People mend what the status tells them …": the label in a margin of ten columns, and
// the text beside it. Ends with a line break.
[[nodiscard]] std::string wrapped(std::string_view label, std::string_view text);
// The same with a margin of `margin` columns.
[[nodiscard]] std::string wrapped(std::string_view label, std::string_view text, int margin);

}  // namespace faultline::tools
