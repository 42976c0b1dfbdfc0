// A snapshot as bytes that are equal for equal snapshots: protobuf gives the entries of a map in any order
// unless it is told otherwise.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>

#include "proto/kms.pb.h"

namespace faultline::kms {

inline std::string snapshot_bytes(const v1::KmsSnapshot& snapshot) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  snapshot.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace faultline::kms
