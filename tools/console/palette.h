// The palette: every kind of fault as a form that a person can fill in.
//
//     {"groups":[{"name":"Keys","kinds":[{"kind":"key-denied","title":"deny a key","what":…,"why":…,
//       "ids":["KMS-05"],"lasts":true,"any_of":[],"fields":[{"word":"region","type":"region",
//       "choices":[],"hint":"us-east-1","required":true,"many":false}, …]}]}]}
//
// Words     kind and word are those of fault_words.h, so that a filled form is a list of words.
// Types     region, peer (another region), key, duration, ratio, number, flag, text, choice.
// many      the word may come several times.
// required  what the check of scenarios does not let go without; any_of: at least one of these.
// hint      a value that the check accepts, in a world of these regions. Empty for a flag.
// Made from the descriptor of v1::Fault, the catalogue and the check: a new kind is in it by itself.
#pragma once

#include <string>

namespace faultline::tools {

// As one line. Always the same; made once.
[[nodiscard]] const std::string& palette_json();

}  // namespace faultline::tools
