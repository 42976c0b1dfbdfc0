// faultline run FILE: one run, told as it happens, then judged.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

#include "regions/build_id.h"
#include "regions/explore/draw.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_writer.h"
#include "regions/trace_file.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_text.h"
#include "tools/report/html.h"
#include "tools/report/report_file.h"
#include "tools/seed_text.h"
#include "tools/sweep/corpus.h"
#include "tools/teller.h"
#include "tools/terminal.h"
#include "tools/verdict_text.h"

namespace faultline::tools {
namespace {

struct Request {
  std::string file;
  std::string seed;
  std::string trace;
  std::string report;
  std::string until;
  bool json = false;
  bool verbose = false;
  bool quiet = false;
  bool expand = false;
};

// The trace file, if one was asked for.
struct Recording {
  std::ofstream out;
  std::unique_ptr<regions::TraceWriter> writer;
};

v1::TraceHeader header_of(const regions::LoadedScenario& loaded,
                          const regions::RunOptions& options) {
  v1::TraceHeader header;
  header.set_format(regions::kTraceFormat);
  header.set_build(std::string(regions::build_id()));
  header.set_scenario(loaded.scenario.SerializeAsString());
  header.set_scenario_name(loaded.file);
  header.set_seed(regions::seed_of(loaded.scenario, options));
  if (options.until) header.set_until_ns(options.until->ns());
  return header;
}

// The command that repeats this run, whatever the defaults will be by then.
std::string command_of(const Request& request, const v1::RunReport& report) {
  std::string command =
      fmt::format("faultline run {} --seed {}", shell_quoted(request.file), report.seed());
  if (!request.until.empty()) command += " --until " + request.until;
  return command;
}

// Writes the page that was asked for. False: it has said why not.
bool write_report(const Request& request, const RunRecord& record, const Environment& environment,
                  std::optional<engine::Duration> until) {
  const auto twin = sound_twin(record, environment.shared, environment.check, until);
  const auto page = report_page(record, {.command = command_of(request, record.report),
                                         .twin = twin ? &*twin : nullptr,
                                         .twin_label = std::string(kSoundProtocol),
                                         .twin_command = {}});
  const auto written = page ? write_file(request.report, *page) : tl::make_unexpected(page.error());
  if (!written) complain("--report: " + written.error());
  return written.has_value();
}

int run(const Request& request, const Environment& environment) {
  regions::RunOptions options;
  options.shared = environment.shared;
  if (!request.seed.empty()) {
    options.seed = parse_seed(request.seed);
    if (!options.seed) {
      complain("--seed: " + no_seed(request.seed));
      return kUsage;
    }
  }
  if (!request.until.empty()) {
    const auto until = engine::parse_duration(request.until);
    if (!until) {
      complain("--until: " + until.error());
      return kUsage;
    }
    options.until = *until;
  }
  if (!request.report.empty() && !has_report_page()) {
    complain("--report: " + std::string(kNoReportPage));
    return kUsage;
  }
  const auto loaded = regions::load_scenario_file(request.file, environment.check);
  if (!loaded) {
    complain(loaded.error());
    return kBadInput;
  }

  if (request.expand) {
    const std::uint64_t seed = regions::seed_of(loaded->scenario, options);
    v1::Scenario drawn = regions::explore::is_random(loaded->scenario)
                             ? regions::explore::with_steps_drawn(*loaded, seed).scenario
                             : loaded->scenario;
    drawn.set_seed(seed);
    fmt::print("{}", regions::write_scenario(drawn));
    return kHolds;
  }

  Recording recording;
  if (!request.trace.empty()) {
    errno = 0;
    recording.out.open(request.trace, std::ios::binary | std::ios::trunc);
    if (!recording.out) {
      complain(fmt::format("{}: cannot be written: {}", request.trace, std::strerror(errno)));
      return kUsage;
    }
    recording.writer =
        std::make_unique<regions::TraceWriter>(recording.out, header_of(*loaded, options));
    options.sinks.push_back(recording.writer.get());
  }

  RunKeeper keeper;
  if (!request.report.empty()) options.sinks.push_back(&keeper);

  const bool tells = !request.json && !request.quiet;
  Teller teller(loaded->scenario, request.verbose);
  if (tells) {
    options.sinks.push_back(&teller);
    print_title(*loaded, regions::seed_of(loaded->scenario, options));
  }

  // What is random is drawn once, for the run and for the page that tells of it.
  std::optional<regions::LoadedScenario> drawn;
  if (!request.report.empty() && regions::explore::is_random(loaded->scenario)) {
    drawn =
        regions::explore::with_steps_drawn(*loaded, regions::seed_of(loaded->scenario, options));
  }
  v1::RunReport report;
  std::vector<std::string> left_open;
  {
    // A page is made when the world is gone, and takes its memory.
    regions::ScenarioRun run(drawn ? *drawn : *loaded, options);
    report = run.finish();
    left_open = run.left_open();
  }
  if (recording.writer != nullptr && !recording.writer->finish(regions::footer_of(report))) {
    complain(request.trace + ": cannot be written to its end");
    return kInternal;
  }
  const bool reported =
      request.report.empty() ||
      write_report(request, keeper.record(drawn ? *std::move(drawn) : *loaded, report), environment,
                   options.until);
  if (request.json) {
    fmt::print("{}", json_text(report));
  } else {
    if (tells) fmt::print("\n");
    print_verdict({.report = report,
                   .scenario = loaded->scenario,
                   .left_open = left_open,
                   .command = command_of(request, report)});
    if (recording.writer != nullptr && tells) {
      fmt::print("trace   {} (faultline replay {})\n", request.trace, shell_quoted(request.trace));
    }
  }
  if (!reported) return kInternal;
  if (!request.report.empty() && tells) fmt::print("report  {}\n", request.report);
  return exit_code_of(report.verdict());
}

}  // namespace

void add_run(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command = app.add_subcommand("run", "Run a scenario, tell what happens, and judge it");
  command->footer(
      "Exit codes: 0 everything expected held; 1 something did not; 2 inconclusive; 65 bad "
      "scenario.\n"
      "\n"
      "Example:  faultline run scenarios/05_lost_in_the_post.textproto --seed 7 --trace "
      "lost.trace");
  command
      ->add_option("FILE", request->file,
                   "A scenario (.textproto); `faultline list` shows the library")
      ->required();
  command
      ->add_option("--seed", request->seed,
                   "Another run of the same scenario; default: the scenario's seed, or 1")
      ->type_name("N");
  command
      ->add_option("--trace", request->trace,
                   "Record every event to this file, for `faultline replay`")
      ->type_name("OUT");
  command
      ->add_option("--report", request->report,
                   "Write a page here that shows what happened and why")
      ->type_name("OUT");
  command
      ->add_option("--until", request->until,
                   "End the run at this virtual time, such as 90s or 1h30m")
      ->type_name("T");
  CLI::Option* json =
      command->add_flag("--json", request->json, "Print one RunReport as JSON, and nothing else");
  CLI::Option* verbose =
      command->add_flag("-v,--verbose", request->verbose,
                        "Tell also of messages, KMS calls and steps of the state machines");
  CLI::Option* quiet = command->add_flag("-q,--quiet", request->quiet, "Tell only the verdict");
  command->add_flag("--expand", request->expand,
                    "Print the scenario with its workload and chaos drawn, and run nothing");
  verbose->excludes(quiet);
  json->excludes(verbose);
  command->callback(
      [request, &environment, &exit_code] { exit_code = run(*request, environment); });
}

}  // namespace faultline::tools
