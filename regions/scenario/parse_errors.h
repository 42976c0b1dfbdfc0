// What protobuf's text parser says, in the words of the scenario language and with the word that was
// likely meant.
#pragma once

#include <string>

namespace faultline::regions {

struct ParserComplaint {
  // `Message type "faultline.v1.Step" has no field named "put_secret_valu".` becomes
  // `"step" has no field "put_secret_valu"; did you mean "put_secret_value"?` What is not known here
  // stays as it is.
  std::string message;
  // The word that it is about, where the parser complains only after having read it: then its place
  // is the last one before the place that the parser gives. Empty: that place is right.
  std::string word;
};

[[nodiscard]] ParserComplaint in_our_words(const std::string& parser_message);

}  // namespace faultline::regions
