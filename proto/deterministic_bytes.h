// A message as bytes that are equal for equal messages: protobuf gives the entries of a map in any
// order unless it is told otherwise. For whatever is hashed or compared.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message_lite.h>

#include <string>

#include "proto/check.h"

namespace faultline {

// REQUIRES: less than 2 GiB of it.
[[nodiscard]] inline std::string deterministic_bytes(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    FL_CHECK(message.SerializeToCodedStream(&coded)) << "a message too large to be written";
  }
  return bytes;
}

}  // namespace faultline
