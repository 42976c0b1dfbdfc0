// What the reader and the writer of AWS's JSON ask of a message's descriptor, asked once. Private
// to both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace faultline::tools {

enum class JsonShape { String, Blob, Bool, Int32, Int64, Double, Message, List, Map };

struct JsonMember {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::string name;    // "SecretId"
  std::string quoted;  // "\"SecretId\":"
  JsonShape shape = JsonShape::String;
  // Of a message, of a list's elements, of a map's entries; null for scalars.
  const google::protobuf::Descriptor* type = nullptr;
  bool repeated = false;
  bool listed_when_empty = false;
};

struct JsonTable {
  std::vector<JsonMember> members;         // in the order of the file
  std::vector<const JsonMember*> by_name;  // sorted

  // nullptr: there is none.
  [[nodiscard]] const JsonMember* find(std::string_view name) const;
};

// The same one each time, a thread's own. A message with a type that AWS's JSON does not have is a
// mistake of ours (FL_CHECK).
[[nodiscard]] const JsonTable& json_table(const google::protobuf::Descriptor& descriptor);

}  // namespace faultline::tools
