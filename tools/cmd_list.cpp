// faultline list [DIR]: the scenario library.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "regions/scenario_loader.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/library.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

namespace fs = std::filesystem;

int list(const std::string& wanted, const Environment& environment) {
  const fs::path directory = wanted.empty() ? library_directory() : fs::path(wanted);
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".textproto") files.push_back(entry->path());
  }
  if (error) {
    complain(fmt::format("{}: cannot be listed: {}", directory.string(), error.message()));
    return kBadInput;
  }
  if (files.empty()) {
    complain(fmt::format("{}: no scenarios (*.textproto) here", directory.string()));
    return kBadInput;
  }
  std::ranges::sort(files);
  std::size_t width = 0;
  for (const auto& file : files) width = std::max(width, file.string().size());
  int exit_code = kHolds;
  for (const auto& file : files) {
    const auto loaded = regions::load_scenario_file(file.string(), environment.check);
    if (!loaded) {
      fmt::print("{:<{}}  {:<8}  {}\n", file.string(), width, "invalid",
                 loaded.error().front().message);
      exit_code = kBadInput;
      continue;
    }
    const bool violated = loaded->scenario.expected_verdict() == v1::VIOLATED;
    fmt::print("{:<{}}  {:<8}  {}\n", file.string(), width, violated ? "violated" : "holds",
               loaded->scenario.title());
  }
  return exit_code;
}

}  // namespace

void add_list(CLI::App& app, const Environment& environment, int& exit_code) {
  auto directory = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("list", "Show the scenario library: file, expected verdict, title");
  command->footer(
      "Exit codes: 0; 65 there is no such directory, no scenario in it, or an invalid one.");
  command->add_option("DIR", *directory, "Default: scenarios, or the installed library");
  command->callback(
      [directory, &environment, &exit_code] { exit_code = list(*directory, environment); });
}

}  // namespace faultline::tools
