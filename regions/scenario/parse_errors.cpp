#include "regions/scenario/parse_errors.h"

#include <google/protobuf/descriptor.h>

#include <set>
#include <vector>

#include "proto/scenario.pb.h"
#include "regions/scenario/names.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// The texts between quotation marks, in order.
std::vector<std::string> quotations(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t open = text.find('"'); open != std::string::npos;) {
    const std::size_t close = text.find('"', open + 1);
    if (close == std::string::npos) break;
    found.push_back(text.substr(open + 1, close - open - 1));
    open = text.find('"', close + 1);
  }
  return found;
}

std::vector<std::string> field_names(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return names;
}

// Every message that a scenario may hold.
void collect(const Descriptor& message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->message_type() != nullptr)
      collect(*message.field(i)->message_type(), seen);
  }
}

// The values that a field of that name may have, without the one that means "not said".
std::vector<std::string> enumerators(const std::string& field_name) {
  std::set<const Descriptor*> messages;
  collect(*v1::Scenario::descriptor(), messages);
  std::set<std::string> names;
  for (const Descriptor* message : messages) {
    const FieldDescriptor* field = message->FindFieldByName(field_name);
    if (field == nullptr || field->enum_type() == nullptr) continue;
    for (int i = 0; i < field->enum_type()->value_count(); ++i) {
      const std::string& name = field->enum_type()->value(i)->name();
      if (!name.ends_with("_UNSPECIFIED")) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

// "faultline.v1.CreateSecretRequest" -> "create_secret"; "Scenario" -> "scenario": as the file
// calls it.
std::string as_written(const Descriptor& message) {
  std::set<const Descriptor*> messages;
  collect(*v1::Scenario::descriptor(), messages);
  for (const Descriptor* holder : {v1::Scenario::descriptor(), v1::Step::descriptor(),
                                   v1::Fault::descriptor(), v1::Expect::descriptor()}) {
    for (int i = 0; i < holder->field_count(); ++i) {
      if (holder->field(i)->message_type() == &message) return holder->field(i)->name();
    }
  }
  for (const Descriptor* holder : messages) {
    for (int i = 0; i < holder->field_count(); ++i) {
      if (holder->field(i)->message_type() == &message) return holder->field(i)->name();
    }
  }
  return "scenario";
}

std::string unknown_field(const std::vector<std::string>& words, const std::string& otherwise) {
  const auto* message =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(words[0]);
  if (message == nullptr) return otherwise;
  const std::string start = "\"" + as_written(*message) + "\" has no field \"" + words[1] + "\"";
  const std::string here = did_you_mean(words[1], field_names(*message));
  if (!here.empty()) return start + here;
  // Perhaps it stands one level too high or too low.
  if (v1::Scenario::descriptor()->FindFieldByName(words[1]) != nullptr) {
    return start + "; it belongs to the top level: is a \"}\" missing before it?";
  }
  std::set<const Descriptor*> messages;
  collect(*v1::Scenario::descriptor(), messages);
  std::set<std::string> homes;
  for (const Descriptor* other : messages) {
    if (other->FindFieldByName(words[1]) != nullptr) homes.insert(as_written(*other));
  }
  if (homes.empty()) return start;
  std::string out = start + "; it belongs to";
  std::size_t named = 0;
  for (const std::string& home : homes) {
    constexpr std::size_t kEnough = 3;
    if (++named > kEnough) return out + " and others";
    out += (named == 1 ? " " : ", ") + home;
  }
  return out;
}

std::string unknown_value(const std::vector<std::string>& words) {
  const auto known = enumerators(words[1]);
  std::string out =
      "\"" + words[0] + "\" is not a value of " + words[1] + did_you_mean(words[0], known);
  if (!closest(words[0], known).empty()) return out;
  out += "; there are ";
  for (const auto& name : known) out += (&name == &known.front() ? "" : ", ") + name;
  return out;
}

}  // namespace

ParserComplaint in_our_words(const std::string& parser_message) {
  const auto words = quotations(parser_message);
  const auto starts = [&](std::string_view text) { return parser_message.starts_with(text); };
  const auto rest = [&](std::string_view start) { return parser_message.substr(start.size()); };
  constexpr std::string_view kText = "Expected string, got: ", kNumber = "Expected integer, got: ",
                             kName = "Expected identifier, got: ";
  if (starts("Message type ") && words.size() >= 2)
    return {unknown_field(words, parser_message), words[1]};
  if (starts("Unknown enumeration value of ") && words.size() >= 2)
    return {unknown_value(words), words[0]};
  if (starts("Non-repeated field ") && !words.empty()) {
    return {"\"" + words[0] + "\" is given twice", words[0]};
  }
  if (starts("Field \"") && words.size() >= 3) {
    return {"\"" + words[0] + "\" and \"" + words[1] + "\" stand together; only one of them may",
            words[0]};
  }
  if (starts("Invalid value for boolean field ") && words.size() >= 2) {
    return {words[0] + " is true or false, not \"" + words[1] + "\"", words[1]};
  }
  if (starts(kText)) return {"expected a text in quotation marks, got " + rest(kText), ""};
  if (starts(kNumber)) return {"expected a whole number, got " + rest(kNumber), ""};
  if (starts(kName)) {
    const std::string got = rest(kName);
    if (got.empty()) return {"the file ends inside a block: a \"}\" is missing", ""};
    const bool is_text = got.starts_with('"') || got.starts_with('\'');
    return {
        (is_text ? "expected a word without quotation marks, got " : "expected a name, got ") + got,
        ""};
  }
  if (starts("String literals cannot cross line"))
    return {"the text does not end on its line: a quotation mark is missing", ""};
  if (parser_message.find("Message is too deep") != std::string::npos)
    return {"too many blocks inside each other", ""};
  return {parser_message, ""};
}

}  // namespace faultline::regions
