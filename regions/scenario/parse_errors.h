// What protobuf's text parser says, in the words of the scenario language and with the word that
// was likely meant.
#pragma once

#include <string>

namespace faultline::regions {

// `Message type "faultline.v1.Step" has no field named "put_secret_valu".` becomes
// `a step has no "put_secret_valu"; did you mean "put_secret_value"?` Messages that it does not
// know stay as they are.
[[nodiscard]] std::string in_our_words(const std::string& parser_message);

}  // namespace faultline::regions
