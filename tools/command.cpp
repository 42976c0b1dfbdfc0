#include "tools/command.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "regions/build_id.h"
#include "regions/level_kv_store.h"
#include "regions/scenario/spelling.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

constexpr const char* kAbout =
    "Faultline runs AWS Secrets Manager replication between Regions in one process, in virtual "
    "time,\n"
    "breaks it as you say, and checks what you expect. One seed is one run, to the byte.";

constexpr const char* kFooter =
    "Exit codes: 0 everything expected held; 1 something did not; 2 inconclusive;\n"
    "3 the same run came out in two ways; 64 wrong command line; 65 bad scenario or trace;\n"
    "70 internal error; 130 interrupted.\n"
    "\n"
    "Begin with:  faultline list\n"
    "             faultline run scenarios/01_hello_replica.textproto\n"
    "             faultline lesson 1";

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What CLI11 says, with the word that was likely meant.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string help = chosen.empty()
                               ? "\nSee faultline --help."
                               : fmt::format("\nSee faultline {} --help.", command.get_name());
  const std::vector<std::string> extra = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr || extra.empty()) {
    return error.what() + help;
  }
  const std::string& word = extra.front();
  if (word.starts_with("-")) {
    const std::string name = word.substr(0, word.find('='));
    return fmt::format("there is no option {}{}{}", name,
                       regions::did_you_mean(name, option_names(command)), help);
  }
  if (!chosen.empty()) return fmt::format("\"{}\" is one argument too many{}", word, help);
  std::vector<std::string> commands;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(sub->get_name());
  }
  return fmt::format("there is no command \"{}\"{}{}", word, regions::did_you_mean(word, commands),
                     help);
}

int parse_and_run(int argc, char** argv, const Environment& environment) {
  int exit_code = kHolds;
  CLI::App app(kAbout, "faultline");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("faultline ") + std::string(regions::build_id()));
  app.require_subcommand(0, 1);
  add_run(app, environment, exit_code);
  add_replay(app, environment, exit_code);
  add_report(app, environment, exit_code);
  add_list(app, environment, exit_code);
  add_lesson(app, environment, exit_code);
  add_check(app, environment, exit_code);
  add_sweep(app, environment, exit_code);
  add_shrink(app, environment, exit_code);
  add_explore(app, environment, exit_code);
  add_explain(app, exit_code);
  add_bench(app, exit_code);
  add_serve(app, environment, exit_code);
  add_fault(app, exit_code);
  add_time(app, exit_code);
  add_world(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request);  // --help, --version
  } catch (const CLI::ParseError& error) {
    complain(usage_message(app, error));
    return kUsage;
  }
  if (app.get_subcommands().empty()) {
    fmt::print(stderr, "{}", app.help());
    return kUsage;
  }
  return exit_code;
}

}  // namespace

int run_command(int argc, char** argv, std::shared_ptr<const regions::ProtocolRegistry> protocols) {
  // A failed FL_CHECK has said what is wrong; scripts look at the code.
  std::signal(SIGABRT, [](int) { std::_Exit(kInternal); });
  try {
    Environment environment;
    environment.shared.protocols =
        protocols != nullptr ? protocols : std::make_shared<const regions::ProtocolRegistry>();
    environment.shared.empty_database = regions::make_empty_database_image();
    environment.check.protocols = environment.shared.protocols->names();
    return parse_and_run(argc, argv, environment);
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what());
    return kInternal;
  }
}

}  // namespace faultline::tools
