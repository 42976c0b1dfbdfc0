// faultline explain ID: a property, a defect or a fault in plain words.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include "regions/defects.h"
#include "regions/fault_catalogue.h"
#include "regions/invariants/property.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_writer.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

// Words in lines of at most 96 columns, each after the margin.
std::string wrapped(const std::string& label, std::string_view text) {
  constexpr std::size_t kWidth = 96;
  std::string out = fmt::format("{:<10}", label);
  std::size_t column = out.size();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::size_t length = end - begin;
    if (column + length + 1 > kWidth) {
      out += fmt::format("\n{:<10}", "");
      column = 10;
    }
    out += fmt::format(" {}", text.substr(begin, length));
    column += length + 1;
    begin = end + 1;
  }
  return out + "\n";
}

void explain(const regions::PropertyInfo& property) {
  fmt::print("{} {}\n\n{}{}", property.id, property.title, wrapped("What", property.sentence),
             wrapped("Why", property.why));
  for (const regions::DefectInfo& defect : regions::defects()) {
    if (std::string_view(defect.properties).find(property.id) == std::string_view::npos) continue;
    fmt::print("{}",
               wrapped("Broken by", fmt::format("{} {}: {}", defect.id, defect.name, defect.what)));
    fmt::print("{}",
               wrapped("See it", fmt::format("faultline run scenarios/defects/{}", defect.file)));
  }
}

void explain(const regions::DefectInfo& defect) {
  fmt::print("{} {}\n\n{}{}{}{}{}", defect.id, defect.name, wrapped("What", defect.what),
             wrapped("Why", defect.why), wrapped("Caught by", defect.properties),
             wrapped("Switch", fmt::format("service {{ defect: \"{}\" }}", defect.id)),
             wrapped("See it", fmt::format("faultline run scenarios/defects/{}", defect.file)));
}

void explain(const regions::FaultEntry& fault) {
  fmt::print("{} {}\n\n{}{}", fault.id, fault.name, wrapped("What", fault.what),
             wrapped("Why", fault.why));
  const v1::Fault example =
      regions::example_fault(fault.id, {"us-west-2", "us-east-1", "eu-west-1"}, "alias/app");
  if (example.kind_case() == v1::Fault::KIND_NOT_SET) return;
  v1::Scenario scenario;
  v1::Step& step = *scenario.add_step();
  step.set_at("5s");
  *step.mutable_fault() = example;
  const std::string text = regions::write_scenario(scenario);
  // Without the comment above the step.
  fmt::print("{:<10} {}", "Written", text.substr(text.find('\n') + 1));
}

std::string upper(std::string word) {
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return word;
}

int list_all() {
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
  std::vector<std::string> known;
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
      "explain", "Say what a property, a defect or a fault is, why it matters, and what shows it");
  command->footer("Example:  faultline explain S12\n          faultline explain NET-06");
  command->add_option("ID", *id, "S01 … S38, L01 … L06, D01 … D22, NET-01 …; none: list them all");
  command->callback([id, &exit_code] { exit_code = explain(*id); });
}

}  // namespace faultline::tools
