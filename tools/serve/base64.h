// Base64 as AWS's JSON has it: the standard alphabet, padded, no line breaks.
#pragma once

#include <string>
#include <string_view>

#include "proto/result.h"

namespace faultline::tools {

void append_base64(std::string_view bytes, std::string& out);

// Errors  a sentence of AWS's: a length that is no multiple of 4, a character that is none.
[[nodiscard]] Expected<std::string, std::string> from_base64(std::string_view text);

}  // namespace faultline::tools
