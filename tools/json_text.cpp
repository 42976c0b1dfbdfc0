#include "tools/json_text.h"

#include <google/protobuf/util/json_util.h>

namespace faultline::tools {

std::string json_text(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : std::string(status.message());
}

Expected<void, std::string> read_json(const std::string& text, google::protobuf::Message& message) {
  const auto status = google::protobuf::util::JsonStringToMessage(text, &message);
  if (!status.ok()) return tl::make_unexpected(std::string(status.message()));
  return {};
}

}  // namespace faultline::tools
