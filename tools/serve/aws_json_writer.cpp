// The half of aws_json.h that writes.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "proto/check.h"
#include "tools/serve/aws_json.h"
#include "tools/serve/aws_json_tables.h"
#include "tools/serve/base64.h"

namespace faultline::tools {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::ListValue;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Value;

template <class Integer>
void append_integer(Integer number, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// Milliseconds are enough for AWS, and an exponent is too much for some of its clients.
void append_decimal(double number, std::string& out) {
  // Beyond this a double has no thousandths, and no time stamp is there: year 280,000.
  constexpr double kMost = 9e12;
  if (!std::isfinite(number)) number = 0;
  number = std::clamp(number, -kMost, kMost);
  std::int64_t thousandths = std::llround(number * 1000);
  if (thousandths < 0) out += '-';
  thousandths = std::abs(thousandths);
  append_integer(thousandths / 1000, out);
  if (const std::int64_t rest = thousandths % 1000; rest != 0) {
    const std::array<char, 3> digits = {static_cast<char>('0' + rest / 100),
                                        static_cast<char>('0' + rest / 10 % 10),
                                        static_cast<char>('0' + rest % 10)};
    std::string_view shown(digits.data(), digits.size());
    while (shown.ends_with('0')) shown.remove_suffix(1);
    out += '.';
    out += shown;
  }
}

// Members or elements with commas between them.
class Sequence {
 public:
  Sequence(std::string& out, char open, char close) : out_(out), close_(close) { out_ += open; }
  ~Sequence() { out_ += close_; }
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }

 private:
  std::string& out_;
  char close_;
  bool first_ = true;
};

void append_list_value(const ListValue& list, std::string& out);

void append_any(const Value& value, std::string& out) {
  switch (value.kind_case()) {
    case Value::kBoolValue:
      out += value.bool_value() ? "true" : "false";
      return;
    case Value::kNumberValue:
      return append_decimal(value.number_value(), out);
    case Value::kStringValue:
      return append_json_string(value.string_value(), out);
    case Value::kListValue:
      return append_list_value(value.list_value(), out);
    case Value::kStructValue: {
      std::map<std::string_view, const Value*> sorted;
      for (const auto& [name, member] : value.struct_value().fields()) sorted[name] = &member;
      Sequence members(out, '{', '}');
      for (const auto& [name, member] : sorted) {
        append_json_string(name, members.next());
        out += ':';
        append_any(*member, out);
      }
      return;
    }
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      out += "null";
      return;
  }
}

void append_list_value(const ListValue& list, std::string& out) {
  Sequence elements(out, '[', ']');
  for (const Value& element : list.values()) append_any(element, elements.next());
}

void append_text(const std::string& text, JsonShape shape, std::string& out) {
  if (shape == JsonShape::String) return append_json_string(text, out);
  out += '"';
  append_base64(text, out);
  out += '"';
}

// `index`: of an element, or -1 for a member that is not repeated.
void append_one(const Message& message, const JsonMember& member, int index, std::string& out) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* const field = member.field;
  const bool element = index >= 0;
  switch (member.shape) {
    case JsonShape::String:
    case JsonShape::Blob: {
      std::string scratch;
      append_text(element ? reflection.GetRepeatedStringReference(message, field, index, &scratch)
                          : reflection.GetStringReference(message, field, &scratch),
                  member.shape, out);
      return;
    }
    case JsonShape::Bool:
      out += (element ? reflection.GetRepeatedBool(message, field, index)
                      : reflection.GetBool(message, field))
                 ? "true"
                 : "false";
      return;
    case JsonShape::Int32:
      return append_integer(element ? reflection.GetRepeatedInt32(message, field, index)
                                    : reflection.GetInt32(message, field),
                            out);
    case JsonShape::Int64:
      return append_integer(element ? reflection.GetRepeatedInt64(message, field, index)
                                    : reflection.GetInt64(message, field),
                            out);
    case JsonShape::Double:
      return append_decimal(element ? reflection.GetRepeatedDouble(message, field, index)
                                    : reflection.GetDouble(message, field),
                            out);
    case JsonShape::Message:
    case JsonShape::List: {
      const Message& part = element ? reflection.GetRepeatedMessage(message, field, index)
                                    : reflection.GetMessage(message, field);
      if (member.shape == JsonShape::Message) return append_aws_json(part, out);
      return append_list_value(static_cast<const ListValue&>(part), out);
    }
    case JsonShape::Map:
      break;
  }
  FL_CHECK(false) << "a map is no value of its own";
}

void append_map(const Message& message, const JsonMember& member, int size, std::string& out) {
  // Protobuf keeps maps in an order of its own, another one in each process.
  std::map<std::string, const Message*> sorted;
  for (int i = 0; i < size; ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, member.field, i);
    sorted[entry.GetReflection()->GetString(entry, member.type->map_key())] = &entry;
  }
  const JsonMember& value = json_table(*member.type).members.at(1);
  Sequence entries(out, '{', '}');
  for (const auto& [key, entry] : sorted) {
    append_json_string(key, entries.next());
    out += ':';
    append_one(*entry, value, -1, out);
  }
}

}  // namespace

void append_aws_json(const Message& message, std::string& out) {
  const Reflection& reflection = *message.GetReflection();
  Sequence members(out, '{', '}');
  for (const JsonMember& member : json_table(*message.GetDescriptor()).members) {
    if (!member.field->is_repeated()) {
      if (!reflection.HasField(message, member.field)) continue;
      members.next() += member.quoted;
      append_one(message, member, -1, out);
      continue;
    }
    const int size = reflection.FieldSize(message, member.field);
    if (size == 0 && !member.listed_when_empty) continue;
    members.next() += member.quoted;
    if (member.shape == JsonShape::Map) {
      append_map(message, member, size, out);
      continue;
    }
    Sequence elements(out, '[', ']');
    for (int i = 0; i < size; ++i) append_one(message, member, i, elements.next());
  }
}

namespace {

// How many bytes of UTF-8 begin there; 0: it is none. What a request's header said may be
// anything.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0xC2   ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Written longer than need be, a half of a pair, beyond the last character.
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

void append_escape(unsigned char c, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += static_cast<char>(c);
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t plain = 0;  // where what need not be escaped begins
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80 ? 1 : utf8_length(text.substr(i));
    if (c >= 0x20 && c != '"' && c != '\\' && length > 0) {
      i += length;
      continue;
    }
    out.append(text, plain, i - plain);
    plain = ++i;
    if (length == 0) {
      out += "\\ufffd";
    } else {
      append_escape(c, out);
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

}  // namespace faultline::tools
