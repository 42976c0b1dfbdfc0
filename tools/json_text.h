// A message as JSON, for `--json` and for files that other programs read.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "proto/result.h"

namespace faultline::tools {

// Fields as in the .proto file, each on its line, zeros included.
[[nodiscard]] std::string json_text(const google::protobuf::Message& message);
// Errors: what is wrong, one sentence.
[[nodiscard]] Expected<void, std::string> read_json(const std::string& text,
                                                    google::protobuf::Message& message);

}  // namespace faultline::tools
