#include "regions/scenario_writer.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string_view>

#include "regions/scenario_text.h"

namespace faultline::regions {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr std::size_t kLineWidth = 100;

// A message in one line: `{ name: "x" }`.
std::string one_line(const Message& message) {
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string field_value(const Message& message, const FieldDescriptor& field, int index) {
  TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintFieldValueToString(message, &field, index, &text);
  return text;
}

void write_message(const Message& message, const std::string& indent, std::string& out);

void write_field(const Message& message, const FieldDescriptor& field, int index,
                 const std::string& indent, std::string& out) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    out += fmt::format("{}{}: {}\n", indent, field.name(), field_value(message, field, index));
    return;
  }
  const auto* reflection = message.GetReflection();
  const Message& inner = field.is_repeated()
                             ? reflection->GetRepeatedMessage(message, &field, index)
                             : reflection->GetMessage(message, &field);
  const std::string line = one_line(inner);
  const std::string whole = line.empty() ? fmt::format("{}{} {{}}", indent, field.name())
                                         : fmt::format("{}{} {{ {} }}", indent, field.name(), line);
  if (whole.size() <= kLineWidth) {
    out += whole + "\n";
    return;
  }
  out += fmt::format("{}{} {{\n", indent, field.name());
  write_message(inner, indent + "  ", out);
  out += indent + "}\n";
}

void write_message(const Message& message, const std::string& indent, std::string& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      write_field(message, *field, field->is_repeated() ? i : -1, indent, out);
    }
  }
}

// A comment ends with its line, whatever a name or a value in it holds.
std::string comment(const std::string& text) {
  std::string line = text.empty() ? "#" : "# " + text;
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line + "\n";
}

// When the step happens and what it does, for the comment above it.
std::string comment_on(const v1::Step& step, int number) {
  std::string when = step.at().empty() ? "" : "at " + step.at() + ", ";
  if (step.has_on()) {
    const v1::On& on = step.on();
    when = fmt::format("when {}{}{}{}, ", on.event(), on.verb().empty() ? "" : " " + on.verb(),
                       on.region().empty() ? "" : " in " + on.region(),
                       on.nth() > 1 ? fmt::format(" (number {})", on.nth()) : "");
    if (!on.delay().empty()) when += on.delay() + " later, ";
  }
  const std::string where = step.region().empty() ? "" : " in " + step.region();
  return fmt::format("{}. {}{}{}", number, when, step_text(step), where);
}

}  // namespace

std::string write_scenario(const v1::Scenario& scenario, const std::vector<std::string>& story) {
  std::string out;
  for (const std::string& line : story) out += comment(line);
  if (!story.empty()) out += "\n";
  const FieldDescriptor* last = nullptr;
  std::vector<const FieldDescriptor*> fields;
  scenario.GetReflection()->ListFields(scenario, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_list = field->is_repeated();
    const int count = is_list ? scenario.GetReflection()->FieldSize(scenario, field) : 1;
    for (int i = 0; i < count; ++i) {
      const bool is_step = field->name() == "step";
      if (last != nullptr && (is_step || (is_list && last != field))) out += "\n";
      if (is_step) out += comment(comment_on(scenario.step(i), i + 1));
      write_field(scenario, *field, is_list ? i : -1, "", out);
      last = field;
    }
  }
  return out;
}

std::string write_step(const v1::Step& step, int number) {
  v1::Scenario alone;
  *alone.add_step() = step;
  const FieldDescriptor* field = v1::Scenario::descriptor()->FindFieldByName("step");
  std::string out = comment(comment_on(step, number));
  write_field(alone, *field, 0, "", out);
  return out;
}

}  // namespace faultline::regions
