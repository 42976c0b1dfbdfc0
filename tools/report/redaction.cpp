#include "tools/report/redaction.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <functional>

namespace faultline::tools {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool holds_values(const FieldDescriptor& field) {
  constexpr std::array<std::string_view, 5> kNames = {"secret_string", "secret_binary", "one_of",
                                                      "plaintext", "secret_access_key"};
  return std::ranges::find(kNames, std::string_view(field.name())) != kNames.end();
}

// Depth first, in the order of the fields: that of the file.
void visit(const Message& message, const std::function<void(const std::string&)>& found) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        visit(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                   : reflection.GetMessage(message, field),
              found);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && holds_values(*field)) {
        found(field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                   : reflection.GetString(message, field));
      }
    }
  }
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

Redaction::Redaction(const v1::Scenario& scenario) {
  visit(scenario, [this](const std::string& value) {
    if (value.empty() || std::ranges::find(values_, value) != values_.end()) return;
    by_length_.push_back(values_.size());
    values_.push_back(value);
  });
  std::ranges::stable_sort(by_length_, [this](std::size_t a, std::size_t b) {
    return values_[a].size() > values_[b].size();
  });
}

std::string Redaction::text(std::string_view text) const {
  std::string out(text);
  for (const std::size_t index : by_length_) {
    const std::string& value = values_[index];
    const std::string name = fmt::format("‹value {}›", index + 1);
    replace_all(out, '"' + value + '"', name);
    if (value.size() >= kShortest) replace_all(out, value, name);
  }
  return out;
}

std::string Redaction::judgement(std::string_view text) const {
  // As Judge and the runner write what they have read.
  constexpr std::array<std::string_view, 2> kBeforeValues = {"it is \"", "OK with \""};
  std::string out = this->text(text);
  for (const std::string_view before : kBeforeValues) {
    const std::size_t begin = out.find(before);
    if (begin == std::string::npos) continue;
    const std::size_t quote = begin + before.size() - 1;
    const std::size_t end = out.rfind('"');
    if (end > quote) out.replace(quote, end + 1 - quote, "‹another value›");
  }
  return out;
}

}  // namespace faultline::tools
