#include "tools/report/redaction.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace faultline::tools {
namespace {

// Types are looked up by their addresses; nothing goes through them in that order.
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

bool may_hold_values(const FieldDescriptor& field) {
  constexpr std::array<std::string_view, 5> kNames = {"secret_string", "secret_binary", "one_of",
                                                      "plaintext", "secret_access_key"};
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return true;
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         std::ranges::find(kNames, std::string_view(field.name())) != kNames.end();
}

// Looks for the values in a message. Of a choice among many requests only what was chosen is looked
// at, its type too: protobuf makes descriptors when they are first asked for, and those of a whole API
// take longer than all the rest.
class Search {
 public:
  explicit Search(std::function<void(const std::string&)> found) : found_(std::move(found)) {}

  // Depth first, in the order of the fields: that of the file.
  void visit(const Message& message) {
    const Reflection& reflection = *message.GetReflection();
    const Paths& paths = paths_of(*message.GetDescriptor());
    std::vector<const FieldDescriptor*> fields = paths.fields;
    for (const OneofDescriptor* oneof : paths.oneofs) {
      if (const auto* field = reflection.GetOneofFieldDescriptor(message, oneof)) {
        if (may_hold_values(*field)) fields.push_back(field);
      }
    }
    std::ranges::sort(fields, {}, &FieldDescriptor::number);
    for (const FieldDescriptor* field : fields) visit(message, reflection, *field);
  }

 private:
  // Where values may be in messages of a type.
  struct Paths {
    std::vector<const FieldDescriptor*> fields;
    std::vector<const OneofDescriptor*> oneofs;
  };

  void visit(const Message& message, const Reflection& reflection, const FieldDescriptor& field) {
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field.is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
        if (is_message) {
          visit(reflection.GetRepeatedMessage(message, &field, i));
        } else {
          found_(reflection.GetRepeatedString(message, &field, i));
        }
      }
    } else if (reflection.HasField(message, &field)) {
      if (is_message) {
        visit(reflection.GetMessage(message, &field));
      } else {
        found_(reflection.GetString(message, &field));
      }
    }
  }

  const Paths& paths_of(const Descriptor& type) {
    const auto [known, is_new] = paths_.try_emplace(&type);
    Paths& paths = known->second;
    if (!is_new) return paths;
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
      paths.oneofs.push_back(type.oneof_decl(i));
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* const field = type.field(i);
      if (field->real_containing_oneof() == nullptr && may_hold_values(*field)) {
        paths.fields.push_back(field);
      }
    }
    return paths;
  }

  const std::function<void(const std::string&)> found_;
  std::map<const Descriptor*, Paths> paths_;
};

}  // namespace

Redaction::Redaction(const v1::Scenario& scenario) {
  std::set<std::string> known;
  Search([&](const std::string& value) {
    if (value.empty() || !known.insert(value).second) return;
    values_.push_back(value);
  }).visit(scenario);
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
