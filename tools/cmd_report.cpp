// faultline report TRACE: a recorded run as a page, or in the languages of other tools.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "regions/scenario_loader.h"
#include "regions/trace_file.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/report/html.h"
#include "tools/report/report_file.h"
#include "tools/seed_text.h"
#include "tools/sweep/corpus.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  std::string file;
  std::string out;
  std::string format = "html";
  std::string seed;
};

struct Source {
  RunRecord record;
  // That repeats the run.
  std::string command;
  std::optional<engine::Duration> until;
};

Expected<Source, regions::InputErrors> from_trace(const std::string& file, const std::string& bytes,
                                                  const Environment& environment) {
  const auto recorded = regions::read_trace(bytes);
  if (!recorded) {
    return tl::make_unexpected(regions::InputErrors{
        {file, 0, 0, recorded.error()}
    });
  }
  auto record = record_of(file, *recorded, environment.shared);
  if (!record) return tl::make_unexpected(regions::InputErrors{record.error()});
  Source source{.record = std::move(*record),
                .command = "faultline replay " + shell_quoted(file),
                .until = {}};
  if (recorded->header.until_ns() > 0) {
    source.until = engine::Duration::nanos(recorded->header.until_ns());
  }
  return source;
}

// A scenario is known by its name, anything else must be a trace.
Expected<Source, regions::InputErrors> read(const Request& request,
                                            std::optional<std::uint64_t> seed,
                                            const Environment& environment) {
  const auto bytes = regions::read_file(request.file, regions::kMostTraceBytes);
  if (!bytes) return tl::make_unexpected(regions::InputErrors{bytes.error()});
  if (regions::looks_like_a_trace(*bytes) || !request.file.ends_with(".textproto")) {
    return from_trace(request.file, *bytes, environment);
  }
  const auto loaded = regions::load_scenario_file(request.file, environment.check);
  if (!loaded) return tl::make_unexpected(loaded.error());
  regions::RunOptions options;
  options.seed = seed;
  options.shared = environment.shared;
  Source source{.record = record_run(*loaded, std::move(options)), .command = {}, .until = {}};
  source.command = fmt::format("faultline run {} --seed {}", shell_quoted(request.file),
                               source.record.report.seed());
  return source;
}

int report(const Request& request, const Environment& environment) {
  const auto format = find_report_format(request.format);
  if (format == ReportFormat::Html && !has_report_page()) {
    complain(kNoReportPage);
    return kUsage;
  }
  std::optional<std::uint64_t> seed;
  if (!request.seed.empty()) {
    seed = parse_seed(request.seed);
    if (!seed) {
      complain("--seed: " + no_seed(request.seed));
      return kUsage;
    }
  }
  const auto source = read(request, seed, environment);
  if (!source) {
    complain(source.error());
    return kBadInput;
  }
  const bool wants_twin = format == ReportFormat::Html;
  const std::optional<RunRecord> twin =
      wants_twin ? sound_twin(source->record, environment.shared, environment.check, source->until)
                 : std::nullopt;
  const auto text = report_text(source->record, *format,
                                {.command = source->command,
                                 .twin = twin ? &*twin : nullptr,
                                 .twin_label = std::string(kSoundProtocol),
                                 .twin_command = {}});
  if (!text) {
    complain(fmt::format("{}: {}", request.file, text.error()));
    return kBadInput;
  }
  if (const auto written = write_file(request.out, *text); !written) {
    complain(written.error());
    return kInternal;
  }
  fmt::print("{}\n", request.out);
  return kHolds;
}

}  // namespace

void add_report(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command =
      app.add_subcommand("report", "Show a run as one page, or in the languages of other tools");
  command->footer(
      "Formats: html, a page that needs no network: what happened, why, and what it means;\n"
      "perfetto, a trace for ui.perfetto.dev; shiviz, a log with vector clocks; mermaid, a "
      "sequence\ndiagram of a short run, as text; jsonl, one event a line.\n"
      "No secret value is in any of them.\n"
      "Exit codes: 0 written; 64 no pages in this build; 65 not a trace, truncated or damaged, a "
      "bad\nscenario, or nothing to show; 70 it cannot be written.\n"
      "\n"
      "Example:  faultline run scenarios/05_lost_in_the_post.textproto --trace lost.trace\n"
      "          faultline report lost.trace -o lost.html");
  command
      ->add_option("TRACE", request->file,
                   "A file written by `faultline run --trace`, or a scenario, which is run")
      ->required();
  command->add_option("-o,--out", request->out, "Where to write it")->type_name("OUT")->required();
  command->add_option("--format", request->format, "html, perfetto, shiviz, mermaid or jsonl")
      ->check(CLI::IsMember(report_format_names()));
  command->add_option("--seed", request->seed, "Of a scenario: another run of it")->type_name("N");
  command->callback(
      [request, &environment, &exit_code] { exit_code = report(*request, environment); });
}

}  // namespace faultline::tools
