#include "tests/report/library.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "regions/scenario_loader.h"

namespace faultline {
namespace {

std::vector<tools::RunRecord> run_all() {
  const std::filesystem::path root = std::filesystem::path(FAULTLINE_SOURCE_DIR) / "scenarios";
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".textproto") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  std::vector<tools::RunRecord> runs;
  for (const std::string& file : files) {
    const auto scenario = regions::load_scenario_file(file);
    if (!scenario) {
      std::cerr << scenario.error().front().to_string() << '\n';
      std::abort();
    }
    runs.push_back(tools::record_run(*scenario, {}));
  }
  return runs;
}

}  // namespace

const std::vector<tools::RunRecord>& library() {
  static const std::vector<tools::RunRecord> runs = run_all();
  return runs;
}

const tools::RunRecord& library_run(const std::string& name) {
  const auto& runs = library();
  const auto found = std::ranges::find_if(runs, [&](const tools::RunRecord& run) {
    return std::filesystem::path(run.file).stem() == name;
  });
  if (found == runs.end()) {
    std::cerr << "no scenario " << name << '\n';
    std::abort();
  }
  return *found;
}

regions::LoadedScenario loaded(const std::string& text, const std::string& file) {
  auto scenario = regions::load_scenario(file, text);
  if (!scenario) {
    std::cerr << scenario.error().front().to_string() << '\n';
    std::abort();
  }
  return *scenario;
}

tools::RunRecord run_of(const std::string& text, const std::string& file) {
  return tools::record_run(loaded(text, file), {});
}

boost::json::object parsed(const std::string& json) { return boost::json::parse(json).as_object(); }

}  // namespace faultline
