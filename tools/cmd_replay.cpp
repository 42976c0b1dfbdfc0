// faultline replay TRACE: executes a recorded run again and compares every event.
#include <fmt/format.h>

#include <memory>

#include "regions/build_id.h"
#include "regions/replay.h"
#include "regions/scenario_loader.h"
#include "regions/trace_file.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

using regions::Tone;

void print_difference(const regions::Difference& difference) {
  const auto side = [](const std::string& text) { return text.empty() ? "(had ended)" : text; };
  fmt::print("{} at event {}\n  recorded  {}\n  now       {}\n",
             painted("differs", Tone::Bad, wants_colours()), difference.event,
             side(difference.recorded), side(difference.now));
}

int replay(const std::string& file, const Environment& environment) {
  const auto bytes = regions::read_file(file, regions::kMostTraceBytes);
  if (!bytes) {
    complain(regions::InputErrors{bytes.error()});
    return kBadInput;
  }
  const auto recorded = regions::read_trace(*bytes);
  if (!recorded) {
    complain(regions::InputErrors{
        {file, 0, 0, recorded.error()}
    });
    return kBadInput;
  }
  const auto result = regions::replay(file, *recorded, environment.shared);
  if (!result) {
    complain(regions::InputErrors{result.error()});
    return kBadInput;
  }
  fmt::print("{}, seed {}\n", recorded->header.scenario_name(), recorded->header.seed());
  if (result->other_build) {
    fmt::print("recorded by another build: {}; this is {}\n", recorded->header.build(),
               regions::build_id());
  }
  if (!result->difference) {
    fmt::print("{}: {} events, hash {}\n", painted("identical", Tone::Good, wants_colours()),
               result->report.events(), result->report.hash());
    return kHolds;
  }
  print_difference(*result->difference);
  if (result->other_build) {
    fmt::print("The builds differ, so this may be a change of behaviour and no nondeterminism.\n");
  } else {
    fmt::print(
        "The same build, scenario and seed came to another run: nondeterminism, a defect of "
        "Faultline.\n");
  }
  return kNondeterministic;
}

}  // namespace

void add_replay(CLI::App& app, const Environment& environment, int& exit_code) {
  auto file = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("replay", "Execute a recorded run again and prove it identical");
  command->footer(
      "Says `identical`, or shows the first event that differs. A damaged trace is refused, and "
      "says where.\n"
      "Exit codes: 0 identical; 3 differs; 65 not a trace, truncated or damaged.\n"
      "\n"
      "Example:  faultline run scenarios/05_lost_in_the_post.textproto --trace lost.trace\n"
      "          faultline replay lost.trace");
  command->add_option("TRACE", *file, "A file written by `faultline run --trace`")->required();
  command->callback([file, &environment, &exit_code] { exit_code = replay(*file, environment); });
}

}  // namespace faultline::tools
