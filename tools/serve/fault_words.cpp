#include "tools/serve/fault_words.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "regions/fault_catalogue.h"
#include "regions/scenario/spelling.h"

namespace faultline::tools {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string with(std::string text, char from, char to) {
  std::ranges::replace(text, from, to);
  return text;
}

std::string dashed(const std::string& name) { return with(name, '_', '-'); }

const FieldDescriptor* find_kind(const std::string& word) {
  const auto* oneof = v1::Fault::descriptor()->FindOneofByName("kind");
  const std::string name = with(word, '-', '_');
  for (int i = 0; i < oneof->field_count(); ++i) {
    if (oneof->field(i)->name() == name) return oneof->field(i);
  }
  const regions::FaultEntry* entry = regions::find_fault(word);
  if (entry == nullptr || entry->block.empty()) return nullptr;
  return v1::Fault::descriptor()->FindFieldByName(std::string(entry->block));
}

std::vector<std::string> options_of(const Descriptor& block) {
  std::vector<std::string> options = {"--name", "--for"};
  for (int i = 0; i < block.field_count(); ++i) {
    options.push_back("--" + dashed(block.field(i)->name()));
  }
  return options;
}

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Empty: it was set. Else what was expected.
std::string set(Message& block, const FieldDescriptor& field, const std::string& text) {
  const auto* reflection = block.GetReflection();
  if (field.is_repeated()) {
    reflection->AddString(&block, &field, text);
    return {};
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&block, &field, text);
      return {};
    case FieldDescriptor::CPPTYPE_UINT32:
      if (const auto value = number<std::uint32_t>(text)) {
        reflection->SetUInt32(&block, &field, *value);
        return {};
      }
      return "a number";
    case FieldDescriptor::CPPTYPE_UINT64:
      if (const auto value = number<std::uint64_t>(text)) {
        reflection->SetUInt64(&block, &field, *value);
        return {};
      }
      return "a number";
    case FieldDescriptor::CPPTYPE_INT64:
      if (const auto value = number<std::int64_t>(text)) {
        reflection->SetInt64(&block, &field, *value);
        return {};
      }
      return "a number";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::string name = with(text, '-', '_');
      std::string names;
      for (int i = 0; i < field.enum_type()->value_count(); ++i) {
        const auto* value = field.enum_type()->value(i);
        std::string lower = value->name();
        std::ranges::transform(lower, lower.begin(), [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        if (value->name() == name || lower == name) {
          reflection->SetEnum(&block, &field, value);
          return {};
        }
        if (i > 0) names += (names.empty() ? "" : ", ") + dashed(lower);
      }
      return "one of " + names;
    }
    default:
      return "what a command line cannot say; write it in a scenario";
  }
}

}  // namespace

std::vector<std::string> fault_kinds() {
  std::vector<std::string> kinds;
  const auto* oneof = v1::Fault::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < oneof->field_count(); ++i) kinds.push_back(dashed(oneof->field(i)->name()));
  return kinds;
}

std::string fault_usage(const std::string& kind) {
  const Descriptor& block = *find_kind(kind)->message_type();
  std::string usage;
  for (int i = 0; i < block.field_count(); ++i) {
    const FieldDescriptor& field = *block.field(i);
    const bool is_flag = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    usage += fmt::format("{}[--{}{}]", usage.empty() ? "" : " ", dashed(field.name()),
                         is_flag   ? ""
                         : is_text ? " TEXT"
                                   : " N");
  }
  return usage;
}

Expected<v1::Fault, std::string> fault_of(const std::vector<std::string>& words) {
  const auto error = [](std::string text) { return tl::make_unexpected(std::move(text)); };
  if (words.empty()) return error("which fault? `faultline fault kinds` lists them");
  const FieldDescriptor* kind = find_kind(words.front());
  if (kind == nullptr) {
    return error(fmt::format("there is no fault \"{}\"{}; `faultline fault kinds` lists them",
                             words.front(), regions::did_you_mean(words.front(), fault_kinds())));
  }
  v1::Fault fault;
  Message& block = *fault.GetReflection()->MutableMessage(&fault, kind);
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string word = words[i];
    std::optional<std::string> value;
    if (const std::size_t equals = word.find('='); equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
    }
    const bool is_option = word.starts_with("--");
    const std::string name = is_option ? with(word.substr(2), '-', '_') : std::string();
    const FieldDescriptor* field = block.GetDescriptor()->FindFieldByName(name);
    const bool is_common = name == "name" || name == "for";
    if (!is_option || (field == nullptr && !is_common)) {
      return error(fmt::format("{} takes no \"{}\"{}", dashed(kind->name()), word,
                               regions::did_you_mean(word, options_of(*block.GetDescriptor()))));
    }
    if (field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      if (value && *value != "true" && *value != "false") {
        return error(fmt::format("{}: yes or no; it takes no value", word));
      }
      block.GetReflection()->SetBool(&block, field, value != "false");
      continue;
    }
    if (!value && i + 1 < words.size()) value = words[++i];
    if (!value) return error(fmt::format("{} needs a value", word));
    if (is_common) {
      name == "name" ? fault.set_name(*value) : fault.set_for_(*value);
    } else if (const std::string expected = set(block, *field, *value); !expected.empty()) {
      return error(fmt::format("{}: \"{}\" is not {}", word, *value, expected));
    }
  }
  return fault;
}

}  // namespace faultline::tools
