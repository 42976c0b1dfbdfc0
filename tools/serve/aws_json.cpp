#include "tools/serve/aws_json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "proto/check.h"
#include "tools/serve/aws_json_tables.h"
#include "tools/serve/base64.h"

namespace faultline::tools {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::ListValue;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Value;

// Source  ours: no shape of these APIs is deeper than 6; what a client may send that is not looked
//         at may be deeper.
constexpr std::size_t kMostDepth = 64;

// Where a body is parsed into: pieces that are overwritten before they are freed. The first is
// enough for most requests.
constexpr std::size_t kFirstMoreBytes = 16 * 1024;

class WipingArena final : public json::memory_resource {
 public:
  ~WipingArena() override {
    explicit_bzero(first_.data(), first_used_);
    for (const auto& [memory, size] : more_) explicit_bzero(memory.get(), size);
  }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (void* const found = take(bytes, alignment)) return found;
    const std::size_t size =
        std::max(bytes + alignment, more_.empty() ? kFirstMoreBytes : 2 * more_.back().second);
    more_.emplace_back(std::make_unique<std::byte[]>(size), size);
    next_ = more_.back().first.get();
    left_ = size;
    return take(bytes, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const json::memory_resource& other) const noexcept override {
    return this == &other;
  }
  void* take(std::size_t bytes, std::size_t alignment) {
    void* at = next_;
    if (std::align(alignment, bytes, at, left_) == nullptr) return nullptr;
    next_ = static_cast<std::byte*>(at) + bytes;
    left_ -= bytes;
    if (more_.empty()) first_used_ = first_.size() - left_;
    return at;
  }

  alignas(std::max_align_t) std::array<std::byte, 4096> first_;
  std::size_t first_used_ = 0;
  std::byte* next_ = first_.data();
  std::size_t left_ = first_.size();
  std::vector<std::pair<std::unique_ptr<std::byte[]>, std::size_t>> more_;
};

using Read = Expected<void, JsonProblem>;

tl::unexpected<JsonProblem> wrong_shape(std::string text) {
  return tl::make_unexpected(JsonProblem{JsonProblem::Kind::Shape, std::move(text)});
}

std::string_view type_name(JsonShape shape) {
  switch (shape) {
    case JsonShape::Blob:
      return "ByteBuffer";
    case JsonShape::Bool:
      return "Boolean";
    case JsonShape::Int32:
      return "Integer";
    case JsonShape::Int64:
      return "Long";
    case JsonShape::Double:
      return "Timestamp";
    default:
      return "String";
  }
}

// What was found where a scalar should stand.
// Source  recorded from DynamoDB, which shares the front end.
tl::unexpected<JsonProblem> wrong_scalar(const json::value& value, JsonShape shape) {
  const char* found = "NULL_VALUE";
  switch (value.kind()) {
    case json::kind::object:
      return wrong_shape("Start of structure or map found where not expected");
    case json::kind::array:
      return wrong_shape("Start of list found where not expected");
    case json::kind::string:
      found = "STRING_VALUE";
      break;
    case json::kind::bool_:
      found = value.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE";
      break;
    case json::kind::int64:
    case json::kind::uint64:
      found = "NUMBER_VALUE";
      break;
    case json::kind::double_:
      found = "DECIMAL_VALUE";
      break;
    case json::kind::null:
      break;
  }
  return wrong_shape(std::string(found) + " cannot be converted to " +
                     std::string(type_name(shape)));
}

tl::unexpected<JsonProblem> wrong_collection(const json::value& value) {
  if (value.is_object()) return wrong_shape("Start of structure or map found where not expected");
  if (value.is_array()) return wrong_shape("Start of list found where not expected");
  return wrong_shape("Unexpected field type");
}

// A number as an integer of a range; a fraction is cut off, as AWS does.
std::optional<std::int64_t> integer(const json::value& value, std::int64_t least,
                                    std::int64_t most) {
  std::int64_t number = 0;
  if (value.is_int64()) {
    number = value.get_int64();
  } else if (value.is_double()) {
    const double wide = std::trunc(value.get_double());
    // 2^63 is a double, 2^63 - 1 is none.
    if (!(wide >= -9223372036854775808.0 && wide < 9223372036854775808.0)) return std::nullopt;
    number = static_cast<std::int64_t>(wide);
  } else {
    return std::nullopt;  // also a uint64: it is one because it does not fit
  }
  if (number < least || number > most) return std::nullopt;
  return number;
}

std::string_view chars_of(const json::string& text) { return {text.data(), text.size()}; }

// One scalar: `put` is told what it is, as the type of C++ that protobuf wants.
template <class Put>
Read read_scalar(const json::value& value, JsonShape shape, const Put& put) {
  switch (shape) {
    case JsonShape::String:
      if (!value.is_string()) return wrong_scalar(value, shape);
      put(std::string(chars_of(value.get_string())));
      return {};
    case JsonShape::Blob: {
      if (!value.is_string()) return wrong_scalar(value, shape);
      auto bytes = from_base64(chars_of(value.get_string()));
      if (!bytes) return wrong_shape(std::move(bytes).error());
      put(std::move(*bytes));
      return {};
    }
    case JsonShape::Bool:
      if (!value.is_bool()) return wrong_scalar(value, shape);
      put(value.get_bool());
      return {};
    case JsonShape::Int32: {
      const auto number = integer(value, std::numeric_limits<std::int32_t>::min(),
                                  std::numeric_limits<std::int32_t>::max());
      if (!number) return wrong_scalar(value, shape);
      put(static_cast<std::int32_t>(*number));
      return {};
    }
    case JsonShape::Int64: {
      const auto number = integer(value, std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max());
      if (!number) return wrong_scalar(value, shape);
      put(*number);
      return {};
    }
    case JsonShape::Double: {
      if (!value.is_number()) return wrong_scalar(value, shape);
      const double number = value.to_number<double>();
      if (!std::isfinite(number)) return wrong_scalar(value, shape);
      put(number);
      return {};
    }
    default:
      break;
  }
  FL_CHECK(false) << "no scalar";
  return {};
}

void read_any(const json::value& value, Value& out) {
  switch (value.kind()) {
    case json::kind::null:
      out.set_null_value(google::protobuf::NULL_VALUE);
      return;
    case json::kind::bool_:
      out.set_bool_value(value.get_bool());
      return;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      out.set_number_value(value.to_number<double>());
      return;
    case json::kind::string:
      out.set_string_value(std::string(chars_of(value.get_string())));
      return;
    case json::kind::array:
      out.mutable_list_value();
      for (const json::value& element : value.get_array()) {
        read_any(element, *out.mutable_list_value()->add_values());
      }
      return;
    case json::kind::object:
      out.mutable_struct_value();
      for (const auto& [name, member] : value.get_object()) {
        read_any(member, (*out.mutable_struct_value()->mutable_fields())[std::string(name)]);
      }
      return;
  }
}

Read read_list_value(const json::value& value, ListValue& out) {
  if (!value.is_array()) return wrong_collection(value);
  for (const json::value& element : value.get_array()) read_any(element, *out.add_values());
  return {};
}

Read read_object(const json::value& value, Message& message);

struct Setter {
  const Reflection& reflection;
  Message& message;
  const FieldDescriptor* field;
  bool adds;

  void operator()(std::string text) const {
    adds ? reflection.AddString(&message, field, std::move(text))
         : reflection.SetString(&message, field, std::move(text));
  }
  void operator()(bool value) const {
    adds ? reflection.AddBool(&message, field, value) : reflection.SetBool(&message, field, value);
  }
  void operator()(std::int32_t value) const {
    adds ? reflection.AddInt32(&message, field, value)
         : reflection.SetInt32(&message, field, value);
  }
  void operator()(std::int64_t value) const {
    adds ? reflection.AddInt64(&message, field, value)
         : reflection.SetInt64(&message, field, value);
  }
  void operator()(double value) const {
    adds ? reflection.AddDouble(&message, field, value)
         : reflection.SetDouble(&message, field, value);
  }
};

// One value for a member that is not a list or a map of protobuf's; or one element of such a list.
Read read_one(const json::value& value, const JsonMember& member, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (member.shape == JsonShape::Message || member.shape == JsonShape::List) {
    Message* const part = member.repeated ? reflection.AddMessage(&message, member.field)
                                          : reflection.MutableMessage(&message, member.field);
    if (member.shape == JsonShape::Message) return read_object(value, *part);
    return read_list_value(value, static_cast<ListValue&>(*part));
  }
  return read_scalar(value, member.shape,
                     Setter{reflection, message, member.field, member.repeated});
}

Read read_map(const json::value& value, const JsonMember& member, Message& message) {
  if (!value.is_object()) return wrong_collection(value);
  const JsonTable& entry_table = json_table(*member.type);
  for (const auto& [name, element] : value.get_object()) {
    if (element.is_null()) continue;
    Message* const entry = message.GetReflection()->AddMessage(&message, member.field);
    entry->GetReflection()->SetString(entry, member.type->map_key(), std::string(name));
    FL_TRY_VOID(read_one(element, entry_table.members.at(1), *entry));
  }
  return {};
}

Read read_member(const json::value& value, const JsonMember& member, Message& message) {
  if (value.is_null()) return {};
  if (member.shape == JsonShape::Map) return read_map(value, member, message);
  if (!member.repeated) return read_one(value, member, message);
  if (!value.is_array()) return wrong_collection(value);
  for (const json::value& element : value.get_array()) {
    if (element.is_null()) continue;
    FL_TRY_VOID(read_one(element, member, message));
  }
  return {};
}

Read read_object(const json::value& value, Message& message) {
  if (!value.is_object()) return wrong_collection(value);
  const JsonTable& table = json_table(*message.GetDescriptor());
  for (const auto& [name, element] : value.get_object()) {
    const JsonMember* const member = table.find({name.data(), name.size()});
    if (member == nullptr) continue;
    FL_TRY_VOID(read_member(element, *member, message));
  }
  return {};
}

bool is_blank(std::string_view body) {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A parser of its own for each body: what it keeps of one would have to be wiped, too.
json::value parse(std::string_view body, WipingArena& arena, boost::system::error_code& error) {
  std::array<unsigned char, 4096> scratch;
  json::parse_options options;
  options.max_depth = kMostDepth;
  json::parser parser({}, options, scratch.data(), scratch.size());
  parser.reset(&arena);
  parser.write({body.data(), body.size()}, error);
  json::value value = error ? json::value(json::storage_ptr(&arena)) : parser.release();
  explicit_bzero(scratch.data(), scratch.size());
  return value;
}

}  // namespace

Expected<void, JsonProblem> read_aws_json(std::string_view body, Message& message) {
  if (is_blank(body)) return {};
  WipingArena arena;
  boost::system::error_code error;
  const json::value value = parse(body, arena, error);
  if (error) return tl::make_unexpected(JsonProblem{JsonProblem::Kind::Syntax, {}});
  return read_object(value, message);
}

bool is_json(std::string_view body) {
  if (is_blank(body)) return true;
  WipingArena arena;
  boost::system::error_code error;
  const json::value value = parse(body, arena, error);
  return !error;
}

}  // namespace faultline::tools
