// A message with anything in it that its shapes allow, from luck that the caller brings.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include <cstdint>
#include <random>
#include <string>

namespace faultline::tools {

class RandomMessage {
 public:
  explicit RandomMessage(std::uint64_t seed) : luck_(seed) {}

  // `depth`: how deep messages are filled; below it they are empty.
  void fill(google::protobuf::Message& message, int depth = 4) {
    const auto& descriptor = *message.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      if (field.is_map()) {
        for (std::uint64_t n = below(4); n > 0; --n) {
          auto* const entry = message.GetReflection()->AddMessage(&message, &field);
          // Keys that differ: of two equal ones protobuf keeps one.
          entry->GetReflection()->SetString(entry, field.message_type()->map_key(),
                                            std::to_string(n) + text());
          fill_field(*entry, *field.message_type()->map_value(), depth - 1);
        }
      } else if (field.is_repeated()) {
        for (std::uint64_t n = below(4); n > 0; --n) fill_field(message, field, depth);
      } else if (below(4) != 0) {
        fill_field(message, field, depth);
      }
    }
  }

  std::uint64_t below(std::uint64_t bound) { return luck_() % bound; }

  // Valid UTF-8 with everything that JSON must escape.
  std::string text() {
    static constexpr const char* kPieces[] = {"a",
                                              "Z",
                                              "0",
                                              " ",
                                              "\"",
                                              "\\",
                                              "/",
                                              "\n",
                                              "\x01",
                                              "\x7f",
                                              "\xc3\xa9",
                                              "\xe2\x82\xac",
                                              "\xf0\x9f\x98\x80",
                                              "</",
                                              "%",
                                              "{"};
    std::string text;
    for (std::uint64_t n = below(12); n > 0; --n) text += kPieces[below(std::size(kPieces))];
    if (below(10) == 0) text += '\0';
    return text;
  }

  std::string bytes() {
    std::string bytes;
    for (std::uint64_t n = below(40); n > 0; --n) bytes += static_cast<char>(below(256));
    return bytes;
  }

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  // What the wire keeps: thousandths.
  double date() {
    return static_cast<double>(static_cast<std::int64_t>(below(4'000'000'000'000))) / 1000;
  }

  void fill_value(google::protobuf::Value& value, int depth) {
    switch (below(depth > 0 ? 5 : 3)) {
      case 0:
        value.set_string_value(text());
        return;
      case 1:
        value.set_bool_value(below(2) == 0);
        return;
      case 2:
        value.set_number_value(date());
        return;
      case 3:
        value.mutable_list_value();
        for (std::uint64_t n = below(3); n > 0; --n) {
          fill_value(*value.mutable_list_value()->add_values(), depth - 1);
        }
        return;
      default:
        value.mutable_struct_value();
        for (std::uint64_t n = below(3); n > 0; --n) {
          fill_value((*value.mutable_struct_value()->mutable_fields())[text()], depth - 1);
        }
    }
  }

  void fill_field(google::protobuf::Message& message, const FieldDescriptor& field, int depth) {
    const auto& reflection = *message.GetReflection();
    const bool adds = field.is_repeated();
    switch (field.type()) {
      case FieldDescriptor::TYPE_STRING:
        adds ? reflection.AddString(&message, &field, text())
             : reflection.SetString(&message, &field, text());
        return;
      case FieldDescriptor::TYPE_BYTES:
        adds ? reflection.AddString(&message, &field, bytes())
             : reflection.SetString(&message, &field, bytes());
        return;
      case FieldDescriptor::TYPE_BOOL:
        reflection.SetBool(&message, &field, below(2) == 0);
        return;
      case FieldDescriptor::TYPE_INT32:
        reflection.SetInt32(&message, &field, static_cast<std::int32_t>(luck_()));
        return;
      case FieldDescriptor::TYPE_INT64:
        reflection.SetInt64(&message, &field, static_cast<std::int64_t>(luck_()));
        return;
      case FieldDescriptor::TYPE_DOUBLE:
        reflection.SetDouble(&message, &field, date());
        return;
      default:
        break;
    }
    auto* const part = adds ? reflection.AddMessage(&message, &field)
                            : reflection.MutableMessage(&message, &field);
    if (part->GetDescriptor() == google::protobuf::ListValue::descriptor()) {
      auto& list = static_cast<google::protobuf::ListValue&>(*part);
      for (std::uint64_t n = below(4); n > 0; --n) fill_value(*list.add_values(), 2);
    } else if (depth > 0) {
      fill(*part, depth - 1);
    }
  }

  std::mt19937_64 luck_;
};

}  // namespace faultline::tools
