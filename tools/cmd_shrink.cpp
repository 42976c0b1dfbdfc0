// faultline shrink FILE|TRACE: a failing run becomes the smallest scenario that still fails.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/time.h"
#include "regions/explore/shrink.h"
#include "regions/explore/shrunk_text.h"
#include "regions/invariants/property.h"
#include "regions/runner.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_loader.h"
#include "regions/trace_file.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/report/html.h"
#include "tools/report/report_file.h"
#include "tools/sweep/corpus.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  std::string file;
  std::string budget = "10s";
  std::string out;
  std::string property;
  std::string report;
};

// A scenario file, or the scenario of a recorded run with the run's seed.
Expected<regions::LoadedScenario, regions::InputErrors> load(const std::string& file,
                                                             const Environment& environment) {
  const auto bytes = regions::read_file(file, regions::kMostTraceBytes);
  if (!bytes) return tl::make_unexpected(regions::InputErrors{bytes.error()});
  if (!regions::looks_like_a_trace(*bytes))
    return regions::load_scenario_file(file, environment.check);
  const auto recorded = regions::read_trace(*bytes);
  if (!recorded) {
    return tl::make_unexpected(regions::InputErrors{
        {file, 0, 0, recorded.error()}
    });
  }
  v1::Scenario scenario;
  if (!scenario.ParseFromString(recorded->header.scenario())) {
    return tl::make_unexpected(regions::InputErrors{
        {file, 0, 0, "the scenario in this trace cannot be read"}
    });
  }
  scenario.set_seed(recorded->header.seed());
  return regions::adopt_scenario(file, std::move(scenario), environment.check);
}

// The shrunk run, and the whole one to hold it against.
Expected<void, std::string> write_report(const Request& request,
                                         const regions::explore::Shrunk& shrunk,
                                         const RunRecord& full, const Environment& environment) {
  const std::string& file = request.out.empty() ? request.file : request.out;
  const auto small = regions::adopt_scenario(file, shrunk.scenario, environment.check);
  if (!small) return tl::make_unexpected(small.error().front().to_string());
  regions::RunOptions options;
  options.shared = environment.shared;
  const RunRecord record = record_run(*small, options);
  const std::string command =
      request.out.empty() ? std::string() : "faultline run " + shell_quoted(request.out);
  FL_TRY(const std::string page,
         report_page(record, {.command = command,
                              .twin = &full,
                              .twin_label = std::string(kFullRun),
                              .twin_command = "faultline run " + shell_quoted(request.file)}));
  return write_file(request.report, page);
}

int shrink(const Request& request, const Environment& environment) {
  const auto budget = engine::parse_duration(request.budget);
  if (!budget) {
    complain("--budget: " + budget.error());
    return kUsage;
  }
  if (!request.property.empty() && regions::find_property(request.property) == nullptr) {
    std::vector<std::string> known;
    for (const auto& property : regions::properties()) known.emplace_back(property.id);
    complain(fmt::format("--property: there is no property \"{}\"{}", request.property,
                         regions::did_you_mean(request.property, known)));
    return kUsage;
  }
  if (!request.report.empty() && !has_report_page()) {
    complain("--report: " + std::string(kNoReportPage));
    return kUsage;
  }
  const auto loaded = load(request.file, environment);
  if (!loaded) {
    complain(loaded.error());
    return kBadInput;
  }
  regions::explore::ShrinkOptions options;
  options.shared = environment.shared;
  options.check = environment.check;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(budget->ns());
  options.may_go_on = [&] { return std::chrono::steady_clock::now() < deadline; };

  regions::RunOptions run;
  run.shared = options.shared;
  const RunRecord full = record_run(*loaded, run);
  const v1::RunReport& report = full.report;
  regions::explore::Target target;
  if (!request.property.empty()) {
    target.property = request.property;
  } else if (report.violations_size() > 0) {
    target = regions::explore::target_of(report);
  } else {
    complain(request.file + ": this run violates nothing: there is nothing to shrink");
    return kUsage;
  }
  const auto shrunk = regions::explore::shrink(*loaded, target, options);
  if (!shrunk) {
    complain(shrunk.error());
    return kUsage;
  }
  const std::string text = regions::explore::shrunk_text(*shrunk, target, options.shared);
  fmt::print(stderr, "{}: {} of {} steps are left after {} runs{}\n", target.to_string(),
             shrunk->scenario.step_size(), shrunk->steps_before, shrunk->replays,
             shrunk->minimal ? "; no fewer of them do it" : "");
  if (!request.report.empty()) {
    if (const auto written = write_report(request, *shrunk, full, environment); !written) {
      complain("--report: " + written.error());
      return kInternal;
    }
  }
  if (request.out.empty()) {
    fmt::print("{}", text);
    return kHolds;
  }
  if (const auto written = write_file(request.out, text); !written) {
    complain(written.error());
    return kInternal;
  }
  fmt::print("{}\n", request.out);
  return kHolds;
}

}  // namespace

void add_shrink(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command = app.add_subcommand(
      "shrink", "Turn a failing run into the smallest scenario that still fails");
  command->footer(
      "Takes a scenario, or a trace of `faultline run --trace`. The result has no seed of its own, "
      "and\nviolates the same property.\n"
      "Exit codes: 0 shrunk; 64 it does not fail; 65 bad file.\n"
      "\n"
      "Example:  faultline shrink failing.textproto -o small.textproto");
  command->add_option("FILE", request->file, "A failing scenario, or a trace of one")->required();
  command->add_option("--budget", request->budget, "Take what there is after so long (default 10s)")
      ->type_name("T");
  command
      ->add_option("--property", request->property,
                   "What must be violated (default: what the run violates first)")
      ->type_name("ID");
  command->add_option("-o,--out", request->out, "Write the scenario here instead of printing it")
      ->type_name("FILE");
  command
      ->add_option("--report", request->report,
                   "Write a page here that shows the shrunk run, and the whole one beside it")
      ->type_name("OUT");
  command->callback(
      [request, &environment, &exit_code] { exit_code = shrink(*request, environment); });
}

}  // namespace faultline::tools
