#include "tests/determinism/leaky_run.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "regions/build_id.h"
#include "regions/runner.h"
#include "tests/determinism/leaky_protocol.h"

namespace faultline::determinism {
namespace {

constexpr std::size_t kMostTraceBytes = 50'000'000;

constexpr std::string_view kScenario = R"(
  region { name: "us-west-2" }
  region { name: "us-east-1" }
  service { protocol: "leaky" }
  step {
    region: "us-west-2"
    create_secret { name: "db" secret_string: "one" add_replica_regions { region: "us-east-1" } }
  }
  step { at: "5s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" } }
  step { at: "9s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "three" } }
  expect { at_end: true converged { secret_id: "db" } }
)";

std::string name_of(const std::string& variable) { return variable.substr(0, variable.find('=')); }

// This process's environment, with some variables taking the place of its own.
std::vector<std::string> environment_with(const Surroundings& surroundings) {
  std::vector<std::string> variables = surroundings;
  for (char** own = environ; *own != nullptr; ++own) {
    const std::string name = name_of(*own);
    bool is_replaced = false;
    for (const std::string& variable : surroundings) is_replaced |= name_of(variable) == name;
    if (!is_replaced) variables.emplace_back(*own);
  }
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The wait status, or -1.
int run_program(std::vector<std::string> arguments, std::vector<std::string> variables) {
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments.front().c_str(), nullptr, nullptr,
                                 pointers_to(arguments).data(), pointers_to(variables).data());
  int status = -1;
  if (failed != 0 || waitpid(child, &status, 0) != child) return -1;
  return status;
}

}  // namespace

const regions::LoadedScenario& scenario() {
  static const regions::LoadedScenario loaded = [] {
    auto result = regions::load_scenario("leaky.textproto", kScenario, {.protocols = {"leaky"}});
    for (const auto& error : result ? regions::InputErrors{} : result.error()) {
      std::fprintf(stderr, "%s\n", error.to_string().c_str());
    }
    return result ? std::move(*result) : regions::LoadedScenario{};
  }();
  return loaded;
}

regions::SharedParts parts_with(const PlantedSource* source) {
  auto protocols = std::make_shared<regions::ProtocolRegistry>();
  const regions::ProtocolFactory built_in = *protocols->find("aws");
  protocols->add("leaky", [built_in, source](regions::ReplicationHost& host) {
    return std::make_unique<LeakyProtocol>(host, built_in(host), source);
  });
  regions::SharedParts parts;
  parts.protocols = std::move(protocols);
  return parts;
}

int run_here(const std::string& source, const std::string& trace_file) {
  std::ofstream out(trace_file, std::ios::binary);
  v1::TraceHeader header;
  header.set_format(regions::kTraceFormat);
  header.set_build(std::string(regions::build_id()));
  header.set_scenario(scenario().scenario.SerializeAsString());
  header.set_scenario_name(scenario().file);
  regions::TraceWriter writer(out, header);
  regions::RunOptions options;
  options.seed = 1;
  options.sinks = {&writer};
  options.shared = parts_with(source.empty() ? nullptr : &planted_source(source));
  const v1::RunReport report = regions::ScenarioRun(scenario(), std::move(options)).finish();
  return writer.finish(regions::footer_of(report)) ? EXIT_SUCCESS : EXIT_FAILURE;
}

regions::RecordedRun run_elsewhere(std::string_view source, const Surroundings& surroundings) {
  const ScratchDirectory scratch(testing::TempDir());
  const std::string trace_file = scratch.path() + "/run.trace";
  const int status = run_program({"/proc/self/exe", "--planted", std::string(source), trace_file},
                                 environment_with(surroundings));
  if (status != 0) {
    ADD_FAILURE() << "the other process ended with " << status;
    return {};
  }
  const auto bytes = regions::read_file(trace_file, kMostTraceBytes);
  if (!bytes) {
    ADD_FAILURE() << bytes.error().to_string();
    return {};
  }
  auto run = regions::read_trace(*bytes);
  if (!run) {
    ADD_FAILURE() << run.error();
    return {};
  }
  return std::move(*run);
}

ScratchDirectory::ScratchDirectory(const std::string& root) {
  std::string path = (std::filesystem::path(root) / "faultline-XXXXXX").string();
  if (mkdtemp(path.data()) != nullptr) path_ = path;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace faultline::determinism
