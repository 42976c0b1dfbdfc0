// The text members of a JSON object, found and replaced in place: what a rotation function does to
// a secret whose value is {"username":…,"password":…}. Everything else of the text stays as it is,
// byte for byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace faultline::regions {

// A member of the outermost object whose value is a string; the string as it is written there,
// escapes and all. Empty: the text is no JSON object, or has no such member.
[[nodiscard]] std::optional<std::string> json_text_member(std::string_view object,
                                                          std::string_view name);
// The text with that member's value replaced. `value`: as it is to be written, without quotes.
[[nodiscard]] std::optional<std::string> with_json_text_member(std::string_view object,
                                                               std::string_view name,
                                                               std::string_view value);

}  // namespace faultline::regions
