// faultline explain ID: a property, a defect, a fault or a reason of failure in plain words.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include "regions/course.h"
#include "regions/defects.h"
#include "regions/failure_reasons.h"
#include "regions/fault_catalogue.h"
#include "regions/invariants/property.h"
#include "regions/pictures.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_writer.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/library.h"
#include "tools/report/aws_passages.h"
#include "tools/terminal.h"
#include "tools/wrapped_text.h"

namespace faultline::tools {
namespace {

// Indented, so that it can be told from the words.
void print_picture(std::string_view id) {
  const std::string picture = regions::picture_of(id);
  if (picture.empty()) return;
  fmt::print("\n{}\n", "Picture    (Mermaid)");
  for (std::size_t begin = 0; begin < picture.size();) {
    const std::size_t end = picture.find('\n', begin) + 1;
    fmt::print("    {}", picture.substr(begin, end - begin));
    begin = end;
  }
}

void print_passage(std::string_view id) {
  if (const std::string passage = aws_passage_text(id); !passage.empty()) {
    fmt::print("{}", wrapped("AWS", passage));
  }
}

// The lessons whose broken twin has this defect, where the library is at hand.
void print_lessons_of(std::string_view defect) {
  const auto course = regions::load_course(library_directory().string());
  if (!course) return;
  for (const auto& lesson : *course) {
    if (lesson.scenario.lesson().broken_twin() != defect) continue;
    fmt::print("{}", wrapped("Lesson", fmt::format("faultline lesson {}  ({})",
                                                   lesson.scenario.lesson().number(),
                                                   lesson.scenario.title())));
  }
}

void explain(const regions::PropertyInfo& property) {
  fmt::print("{} {}\n\n{}{}", property.id, property.title, wrapped("What", property.sentence),
             wrapped("Why", property.why));
  print_passage(property.id);
  if (const auto scenario = regions::scenario_of_property(property.id); !scenario.empty()) {
    const bool is_random = scenario.starts_with("chaos/");
    fmt::print("{}", wrapped("Shown by", fmt::format("faultline {} scenarios/{}",
                                                     is_random ? "sweep" : "run", scenario)));
  }
  for (const regions::DefectInfo& defect : regions::defects()) {
    if (std::string_view(defect.properties).find(property.id) == std::string_view::npos) continue;
    fmt::print("{}",
               wrapped("Broken by", fmt::format("{} {}: {}", defect.id, defect.name, defect.what)));
    fmt::print("{}",
               wrapped("See it", fmt::format("faultline run scenarios/defects/{}", defect.file)));
  }
  print_picture(property.id);
}

void explain(const regions::FailureReason& reason) {
  fmt::print("{} {}\n\n{}{}{}{}", reason.id, reason.title,
             wrapped("Reads", fmt::format("\"{}\"", reason.message)), wrapped("What", reason.what),
             wrapped("Why", reason.why), wrapped("Remedy", reason.remedy));
  print_passage(reason.id);
  fmt::print("{}", wrapped("See it", fmt::format("faultline run scenarios/{}", reason.scenario)));
  print_picture(reason.id);
}

void explain(const regions::DefectInfo& defect) {
  fmt::print("{} {}\n\n{}{}{}{}{}", defect.id, defect.name, wrapped("What", defect.what),
             wrapped("Why", defect.why), wrapped("Caught by", defect.properties),
             wrapped("Switch", fmt::format("service {{ defect: \"{}\" }}", defect.id)),
             wrapped("See it", fmt::format("faultline run scenarios/defects/{}", defect.file)));
  print_lessons_of(defect.id);
  print_picture(defect.id);
}

void explain(const regions::FaultEntry& fault) {
  fmt::print("{} {}\n\n{}{}", fault.id, fault.name, wrapped("What", fault.what),
             wrapped("Why", fault.why));
  const v1::Fault example =
      regions::example_fault(fault.id, {"us-west-2", "us-east-1", "eu-west-1"}, "alias/app");
  if (example.kind_case() == v1::Fault::KIND_NOT_SET) return print_picture(fault.id);
  v1::Scenario scenario;
  v1::Step& step = *scenario.add_step();
  step.set_at("5s");
  *step.mutable_fault() = example;
  const std::string text = regions::write_scenario(scenario);
  // Without the comment above the step.
  fmt::print("{:<10} {}", "Written", text.substr(text.find('\n') + 1));
  print_picture(fault.id);
}

std::string upper(std::string word) {
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return word;
}

int list_all() {
  fmt::print("Statuses and reasons of failure\n");
  for (const auto& reason : regions::failure_reasons()) {
    fmt::print("  {:<17} {}\n", reason.id, reason.title);
  }
  fmt::print("Properties\n");
  for (const auto& property : regions::properties()) {
    fmt::print("  {:<7} {}\n", property.id, property.title);
  }
  fmt::print("Defects\n");
  for (const auto& defect : regions::defects()) fmt::print("  {:<7} {}\n", defect.id, defect.name);
  fmt::print("Faults\n");
  for (const auto& fault : regions::fault_catalogue()) {
    fmt::print("  {:<7} {}\n", fault.id, fault.name);
  }
  return kHolds;
}

int explain(const std::string& id) {
  if (id.empty()) return list_all();
  const std::string wanted = upper(id);
  if (const auto* property = regions::find_property(wanted)) {
    explain(*property);
    return kHolds;
  }
  if (const auto* defect = regions::find_defect(wanted)) {
    explain(*defect);
    return kHolds;
  }
  if (const auto* fault = regions::find_fault(wanted)) {
    explain(*fault);
    return kHolds;
  }
  const auto* reason = regions::find_failure_reason(wanted);
  if (reason == nullptr) reason = regions::reason_of_message(id);
  if (reason != nullptr) {
    explain(*reason);
    return kHolds;
  }
  std::vector<std::string> known;
  for (const auto& entry : regions::failure_reasons()) known.emplace_back(entry.id);
  for (const auto& property : regions::properties()) known.emplace_back(property.id);
  for (const auto& defect : regions::defects()) known.emplace_back(defect.id);
  for (const auto& fault : regions::fault_catalogue()) known.emplace_back(fault.id);
  complain(fmt::format("nothing is called \"{}\"{}\nSee faultline explain for all of them.", id,
                       regions::did_you_mean(wanted, known)));
  return kUsage;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  auto id = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "explain",
      "Say what a property, a defect, a fault or a failed replication is, and what shows it");
  command->footer(
      "Example:  faultline explain S12\n          faultline explain NET-06\n          faultline "
      "explain REASON-KMS");
  command->add_option(
      "ID", *id,
      "S01 … S38, L01 … L06, D01 … D22, NET-01 …, REASON-KMS …, or the message of a status; "
      "none: list them all");
  command->callback([id, &exit_code] { exit_code = explain(*id); });
}

}  // namespace faultline::tools
