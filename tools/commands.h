// The sub-commands of `faultline`, one file each (cmd_<name>.cpp). Each adds itself to the command
// line and, if it is the one that was asked for, leaves its exit code in `exit_code` when the line
// has been parsed.
#pragma once

#include <CLI/CLI.hpp>

#include "regions/scenario/check.h"
#include "regions/scenario_world.h"

namespace faultline::tools {

// What the scenarios of this command may use. Outlives the command line.
struct Environment {
  regions::SharedParts shared;
  regions::CheckOptions check;
};

void add_run(CLI::App& app, const Environment& environment, int& exit_code);
void add_replay(CLI::App& app, const Environment& environment, int& exit_code);
void add_report(CLI::App& app, const Environment& environment, int& exit_code);
void add_list(CLI::App& app, const Environment& environment, int& exit_code);
void add_lesson(CLI::App& app, const Environment& environment, int& exit_code);
void add_check(CLI::App& app, const Environment& environment, int& exit_code);
void add_sweep(CLI::App& app, const Environment& environment, int& exit_code);
void add_shrink(CLI::App& app, const Environment& environment, int& exit_code);
void add_explore(CLI::App& app, const Environment& environment, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, const Environment& environment, int& exit_code);
void add_fault(CLI::App& app, int& exit_code);
void add_time(CLI::App& app, int& exit_code);
void add_world(CLI::App& app, int& exit_code);

}  // namespace faultline::tools
