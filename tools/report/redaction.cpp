#include "tools/report/redaction.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

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

}  // namespace

Redaction::Redaction(const v1::Scenario& scenario) {
  std::set<std::string> known;
  visit(scenario, [&](const std::string& value) {
    if (value.empty() || !known.insert(value).second) return;
    values_.push_back(value);
  });
  for (std::size_t index = 0; index < values_.size(); ++index) {
    quoted_[values_[index]] = index;
    if (values_[index].size() < kShortest) continue;
    by_start_[values_[index].substr(0, kShortest)].push_back(index);
  }
  may_begin_['"'] = !quoted_.empty();
  for (auto& [start, indexes] : by_start_) {
    may_begin_[static_cast<unsigned char>(start.front())] = true;
    std::ranges::stable_sort(indexes, [this](std::size_t a, std::size_t b) {
      return values_[a].size() > values_[b].size();
    });
  }
}

Redaction::Found Redaction::value_at(std::string_view text) const {
  Found found;
  if (text.starts_with('"')) {
    for (std::size_t end = text.find('"', 1); end != std::string_view::npos;
         end = text.find('"', end + 1)) {
      const auto known = quoted_.find(text.substr(1, end - 1));
      if (known != quoted_.end()) found = {known->second, end + 1};
    }
    if (found.length > 0) return found;
  }
  const auto starts = by_start_.find(text.substr(0, kShortest));
  if (starts == by_start_.end()) return found;
  for (const std::size_t index : starts->second) {
    if (text.starts_with(values_[index])) return {index, values_[index].size()};
  }
  return found;
}

std::string Redaction::text(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (!may_begin_[static_cast<unsigned char>(text[at])]) {
      out += text[at++];
      continue;
    }
    const Found found = value_at(text.substr(at));
    if (found.length == 0) {
      out += text[at++];
      continue;
    }
    out += fmt::format("‹value {}›", found.index + 1);
    at += found.length;
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

void Redaction::clean(v1::TraceEvent& event) const {
  if (event.kind() == v1::STEP) {
    event.set_subject(text(event.subject()));
    event.set_text(text(event.text()));
  } else if (event.kind() == v1::VIOLATION || event.kind() == v1::EXPECTATION_MET) {
    event.set_subject(judgement(event.subject()));
    event.set_text(judgement(event.text()));
  }
}

}  // namespace faultline::tools
