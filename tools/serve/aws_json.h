// The bodies of AWS JSON 1.1 and of REST-JSON, to and from the messages of proto/, by reflection
// and json_name.
//
//   string, bool         as they are
//   int32, int64         numbers, also int64; a fraction is cut off when it is read
//   double               a time stamp: plain decimals, at most 3 of them, never an exponent
//   bytes                base64
//   repeated             a list; left out when empty, unless (listed_when_empty)
//   map<string, T>       an object, written in the order of its keys; left out when empty
//   ListValue            a list, as deep as it is; left out when the field is not set
//   message              an object; left out when it is not set
//
// Reading is lenient where AWS is: members that are not known are passed over, null is absent, of a
// member that comes twice the last one counts. An empty body is {}.
// Memory   what a body was parsed into is overwritten before it is freed; the message is not.
// Threads  functions of their arguments; the tables of a thread are its own.
// Source   AWS JSON 1.1 protocol (Smithy); answers of services that share AWS's front end.
#pragma once

#include <string>
#include <string_view>

#include "proto/result.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace faultline::tools {

// Why a body cannot be read; a SerializationException.
struct JsonProblem {
  enum class Kind {
    Syntax,  // it is no JSON, or nested too deeply
    Shape,   // it is, but a member has another type than its shape
  };
  Kind kind = Kind::Syntax;
  std::string text;  // AWS's words; empty where AWS has none
};

// Fills `message`, which is empty. On an error what it holds means nothing.
[[nodiscard]] Expected<void, JsonProblem> read_aws_json(std::string_view body,
                                                        google::protobuf::Message& message);
// Whether a body of no known shape is JSON, or empty.
[[nodiscard]] bool is_json(std::string_view body);

void append_aws_json(const google::protobuf::Message& message, std::string& out);
// In quotes, escaped; what is no UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::string& out);

}  // namespace faultline::tools
