// faultline check FILE…: parses and validates scenarios, and runs nothing.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "regions/scenario_loader.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

int check(const std::vector<std::string>& files, const Environment& environment) {
  int exit_code = kHolds;
  for (const std::string& file : files) {
    const auto loaded = regions::load_scenario_file(file, environment.check);
    if (loaded) {
      fmt::print("{}: valid, {} steps, {} expectations\n", file, loaded->scenario.step_size(),
                 loaded->scenario.expect_size());
      continue;
    }
    complain(loaded.error());
    exit_code = kBadInput;
  }
  return exit_code;
}

}  // namespace

void add_check(CLI::App& app, const Environment& environment, int& exit_code) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("check", "Parse and validate scenarios without running them");
  command->footer(
      "Reports every error of a file as file:line:column: message.\n"
      "Exit codes: 0 all are valid; 65 one is not.");
  command->add_option("FILE", *files, "Scenarios (.textproto)")->required();
  command->callback([files, &environment, &exit_code] { exit_code = check(*files, environment); });
}

}  // namespace faultline::tools
