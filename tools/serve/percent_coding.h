// Percent-encoding as signatures want it: everything but A-Z a-z 0-9 - _ . ~ in upper-case hex.
// Source  IAM User Guide, "Create a signed AWS API request", UriEncode().
#pragma once

#include <string>
#include <string_view>

namespace faultline::tools {

void append_percent_coded(std::string_view text, std::string& out);
// What is no %XX stays as it is, '+' too.
[[nodiscard]] std::string percent_decoded(std::string_view text);

}  // namespace faultline::tools
