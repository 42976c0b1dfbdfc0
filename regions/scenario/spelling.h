// Spelling: what a person may have meant by a name that nobody knows.
//
// Scenarios and command lines are written by hand; a message that names the likely word saves a
// look into the manual.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::regions {

// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other,
// each byte at most once (optimal string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The word of `known` that is most like `name`, or "" if none is much like it. Case, '_' and '-'
// weigh nothing, so that AWS's SecretString finds secret_string; a word that begins with the name
// is like it, too. Of equals the first.
[[nodiscard]] std::string closest(std::string_view name, const std::vector<std::string>& known);

// `; did you mean "us-east-1"?`, or "" where closest() finds nothing.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       const std::vector<std::string>& known);

}  // namespace faultline::regions
