// faultline sweep FILE…: many runs on all cores, under chaos; failures shrunk.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/time.h"
#include "regions/explore/portfolio.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_writer.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/json_text.h"
#include "tools/report/html.h"
#include "tools/report/report_file.h"
#include "tools/report/sweep_page.h"
#include "tools/sweep/corpus.h"
#include "tools/sweep/sweep_text.h"
#include "tools/sweep/sweeper.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  std::vector<std::string> files;
  std::vector<std::string> merge;
  std::uint64_t seeds = 0;
  std::string budget;
  unsigned jobs = 0;
  std::string shard;
  std::string strategies = "default";
  std::uint64_t campaign = 1;
  std::string only;
  std::string corpus;
  std::string out;
  std::string junit;
  std::string progress = "auto";
  bool json = false;
  bool fail_fast = false;
};

std::atomic<bool> interrupted{false};

void on_interrupt(int) {
  // The second time, at once.
  if (interrupted.exchange(true)) std::_Exit(kInterrupted);
}

// Words between commas.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) words.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

Expected<std::vector<std::string>, std::string> arms_of(const std::string& list) {
  if (list == "default") return std::vector<std::string>{};
  std::vector<std::string> known = {"default"};
  for (const auto& arm : regions::explore::portfolio()) known.emplace_back(arm.name);
  const std::vector<std::string> names = split(list);
  for (const std::string& name : names) {
    if (regions::explore::find_arm(name) != nullptr) continue;
    return tl::make_unexpected(fmt::format("--strategies: there is no strategy \"{}\"{}; known: {}",
                                           name, regions::did_you_mean(name, known),
                                           fmt::join(known, ", ")));
  }
  if (names.empty()) return tl::make_unexpected(std::string("--strategies: none is named"));
  return names;
}

// "2/8": the second of eight.
Expected<std::pair<std::uint64_t, std::uint64_t>, std::string> shard_of(const std::string& text) {
  if (text.empty()) return std::pair<std::uint64_t, std::uint64_t>{0, 1};
  std::uint64_t index = 0;
  std::uint64_t count = 0;
  char slash = 0;
  std::istringstream in(text);
  in >> index >> slash >> count;
  const bool is_read = !in.fail() && slash == '/' && in.peek() == std::char_traits<char>::eof() &&
                       text.find('-') == std::string::npos;
  if (!is_read || count == 0) {
    return tl::make_unexpected(
        fmt::format("--shard: \"{}\" is no shard: I/N, such as 2/8 for the second of eight", text));
  }
  if (index == 0 || index > count) {
    return tl::make_unexpected(
        fmt::format("--shard: {} is out of range: with {} shards they are 1/{} to {}/{}", text,
                    count, count, count, count));
  }
  return std::pair{index - 1, count};
}

void print_summary(const Request& request, const v1::SweepSummary& summary) {
  if (request.json) {
    fmt::print("{}", json_text(summary));
  } else {
    fmt::print("{}", sweep_text(summary, request.out));
  }
}

// The run that a failure was found in; nothing: it cannot be had cheaply.
std::optional<RunRecord> full_run(const v1::FailureFound& failure, const Environment& environment,
                                  const std::vector<regions::LoadedScenario>& bases) {
  constexpr std::size_t kMostEvents = 20'000;
  const auto address = regions::explore::Address::parse(failure.address());
  if (!address || regions::explore::find_arm(address->arm) == nullptr) return std::nullopt;
  for (const regions::LoadedScenario& base : bases) {
    if (base.file != failure.file()) continue;
    const auto made = regions::explore::make_case(base, *address);
    regions::RunOptions options;
    options.seed = made.seed;
    options.shared = environment.shared;
    RunRecord record = record_run(made.loaded, std::move(options));
    if (record.events.size() <= kMostEvents) return record;
  }
  return std::nullopt;
}

// index.html, and a page for every failure that was shrunk, if this build has pages.
Expected<void, std::string> write_pages(const std::string& directory,
                                        const v1::SweepSummary& summary,
                                        const Environment& environment,
                                        const std::vector<regions::LoadedScenario>& bases) {
  std::set<std::string> written;
  for (const v1::FailureFound& failure : summary.failures()) {
    if (failure.scenario().empty() || !has_report_page()) continue;
    const std::string name = failure_file_name(failure);
    const auto loaded = regions::load_scenario(name, failure.scenario(), environment.check);
    if (!loaded) continue;
    regions::RunOptions options;
    options.shared = environment.shared;
    const RunRecord record = record_run(*loaded, options);
    const auto full = full_run(failure, environment, bases);
    const auto page = report_page(
        record, {.command = fmt::format("faultline run {}", shell_quoted(name)),
                 .twin = full ? &*full : nullptr,
                 .twin_label = std::string(kFullRun),
                 .twin_command = fmt::format("faultline sweep {} --only {}",
                                             shell_quoted(failure.file()), failure.address())});
    if (!page) continue;
    FL_TRY_VOID(write_file(directory + "/failures/" + report_name(name), *page));
    written.insert(name);
  }
  return write_file(directory + "/index.html", sweep_page(summary, written));
}

// Writes what was asked for; a failure costs the code, never what was printed.
int finish(const Request& request, const v1::SweepSummary& summary, const Environment& environment,
           const std::vector<regions::LoadedScenario>& bases) {
  int exit_code = exit_code_of(summary);
  const auto note = [&](const Expected<void, std::string>& written) {
    if (written) return;
    complain(written.error());
    exit_code = kInternal;
  };
  if (!request.out.empty()) {
    // Where the one cannot be written, nor can the other.
    auto written = write_out(request.out, summary);
    if (written) written = write_pages(request.out, summary, environment, bases);
    note(written);
  }
  if (!request.corpus.empty()) note(add_to_corpus(request.corpus, summary));
  if (!request.junit.empty()) note(write_file(request.junit, junit_text(summary)));
  print_summary(request, summary);
  return exit_code;
}

int merge(const Request& request, const Environment& environment) {
  regions::explore::Tally tally;
  std::map<std::string, v1::FailureFound> failures;
  std::set<std::string> files;
  bool any_interrupted = false;
  std::int64_t wall_ns = 0;
  for (const std::string& directory : request.merge) {
    const auto read = read_summary(directory);
    if (!read) {
      complain(read.error());
      return kBadInput;
    }
    tally.merge(*read);
    any_interrupted = any_interrupted || read->interrupted();
    wall_ns = std::max(wall_ns, read->wall_ns());
    files.insert(read->files().begin(), read->files().end());
    for (const v1::FailureFound& failure : read->failures()) {
      const auto [known, is_new] =
          failures.emplace(failure.target() + "|" + failure.fingerprint(), failure);
      if (!is_new) known->second.set_runs(known->second.runs() + failure.runs());
    }
  }
  v1::SweepSummary summary = tally.summary();
  for (const auto& [key, failure] : failures) *summary.add_failures() = failure;
  for (const std::string& file : files) summary.add_files(file);
  summary.set_interrupted(any_interrupted);
  summary.set_wall_ns(wall_ns);
  summary.set_verdict(regions::explore::verdict_of(summary));
  return finish(request, summary, environment, {});
}

void set_progress(const Request& request, Sweeper& sweeper) {
  std::string kind = request.progress;
  if (kind == "auto") kind = isatty(STDERR_FILENO) != 0 ? "tty" : "plain";
  if (kind == "none") return;
  const bool redraws = kind == "tty";
  const auto interval = redraws ? std::chrono::milliseconds(200) : std::chrono::seconds(10);
  sweeper.set_progress(interval, [redraws](const SweepProgress& progress) {
    fmt::print(stderr, "{}{:6.1f} s  {} runs, {:.0f}/s, {:.0f} k events/s, {} distinct failures{}",
               redraws ? "\r\x1b[K" : "", progress.seconds, progress.runs,
               static_cast<double>(progress.runs) / progress.seconds,
               static_cast<double>(progress.events) / progress.seconds / 1e3, progress.failures,
               redraws ? "" : "\n");
    std::fflush(stderr);
  });
}

// One run of a campaign, by its address: written out, so that it can be run, read and shrunk.
int print_one(const Request& request, const std::vector<regions::LoadedScenario>& bases) {
  const auto address = regions::explore::Address::parse(request.only);
  if (!address) {
    complain("--only: " + address.error());
    return kUsage;
  }
  const auto made = regions::explore::make_case(bases.front(), *address);
  v1::Scenario scenario = made.loaded.scenario;
  scenario.set_seed(made.seed);
  fmt::print("{}", regions::write_scenario(
                       scenario, {fmt::format("Run {} of {}", request.only, bases.front().file)}));
  return kHolds;
}

int sweep(const Request& request, const Environment& environment) {
  if (!request.merge.empty()) return merge(request, environment);
  if (request.files.empty()) {
    complain("sweep needs a scenario: faultline sweep FILE…\nSee faultline sweep --help.");
    return kUsage;
  }
  const auto arms = arms_of(request.strategies);
  const auto shard = shard_of(request.shard);
  for (const std::string* error :
       {arms ? nullptr : &arms.error(), shard ? nullptr : &shard.error()}) {
    if (error == nullptr) continue;
    complain(*error);
    return kUsage;
  }
  SweepLimits limits;
  if (request.seeds > 0) limits.runs = request.seeds;
  if (!request.budget.empty()) {
    const auto budget = engine::parse_duration(request.budget);
    if (!budget || *budget == engine::Duration::zero()) {
      complain("--budget: " + (budget ? "it is zero" : budget.error()));
      return kUsage;
    }
    limits.budget = std::chrono::nanoseconds(budget->ns());
  }
  limits.jobs = request.jobs > 0 ? request.jobs : std::max(1U, std::thread::hardware_concurrency());
  limits.stops_at_failure = request.fail_fast;

  std::vector<regions::LoadedScenario> bases;
  bool all_loaded = true;
  for (const std::string& file : request.files) {
    auto loaded = regions::load_scenario_file(file, environment.check);
    if (loaded) {
      bases.push_back(std::move(*loaded));
    } else {
      complain(loaded.error());
      all_loaded = false;
    }
  }
  if (!all_loaded) return kBadInput;
  if (!request.only.empty()) return print_one(request, bases);

  regions::explore::CampaignOptions options;
  options.campaign = request.campaign;
  options.arms = *arms;
  options.shard = shard->first;
  options.shards = shard->second;
  options.shared = environment.shared;
  options.check = environment.check;
  const regions::explore::Campaign campaign(std::move(bases), options);

  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  Sweeper sweeper(campaign, limits, interrupted);
  set_progress(request, sweeper);
  std::vector<std::string> errors;
  if (!request.corpus.empty())
    sweeper.run_corpus(read_corpus(request.corpus, environment.check, errors));
  for (const std::string& error : errors) complain(error);
  const v1::SweepSummary summary = sweeper.run();
  if (request.progress == "tty" || (request.progress == "auto" && isatty(STDERR_FILENO) != 0)) {
    fmt::print(stderr, "\r\x1b[K");
  }
  const int exit_code = finish(request, summary, environment, campaign.bases());
  return errors.empty() || exit_code != kHolds ? exit_code : kBadInput;
}

std::string strategies_text() {
  std::string out = "Strategies, each with its share of a default campaign:\n";
  for (const auto& arm : regions::explore::portfolio()) {
    out += fmt::format("  {:<10} {:>3} %  {}\n", arm.name, arm.share, arm.what);
  }
  return out;
}

}  // namespace

void add_sweep(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command =
      app.add_subcommand("sweep", "Make many runs under chaos, on all cores; shrink what fails");
  command->footer(
      strategies_text() +
      "\nExit codes: 0 every property held; 1 one was violated; 2 inconclusive (a property was "
      "never "
      "put\nto the test, a `sometimes` never was); 3 a run was not the same twice; 64 usage; 65 "
      "bad "
      "file;\n130 interrupted.\n"
      "\n"
      "Example:  faultline sweep scenarios/chaos/three_regions.textproto --budget 60s --out found");
  command->add_option("FILE", request->files, "Scenarios to draw runs from");
  auto* seeds = command->add_option("--seeds", request->seeds, "Make so many runs")
                    ->type_name("N")
                    ->check(CLI::PositiveNumber);
  command->add_option("--budget", request->budget, "Make runs for so long (default 60s)")
      ->type_name("T")
      ->excludes(seeds);
  command->add_option("--jobs", request->jobs, "Workers (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_option("--shard", request->shard, "This machine's part: the I-th of N")
      ->type_name("I/N");
  command->add_option("--strategies", request->strategies, "Names of strategies, with commas")
      ->type_name("LIST");
  command
      ->add_option("--campaign", request->campaign, "Another campaign has other runs (default 1)")
      ->type_name("N");
  command
      ->add_option("--only", request->only,
                   "Print the scenario of one run, such as 1/edge/173, and run nothing")
      ->type_name("ADDRESS");
  command
      ->add_option("--corpus", request->corpus,
                   "Scenarios that failed before: run first; new ones are added")
      ->type_name("DIR");
  command
      ->add_option("--out", request->out,
                   "Write index.html, summary.json, coverage.json and failures/ here")
      ->type_name("DIR");
  command->add_option("--junit", request->junit, "Write JUnit XML here")->type_name("FILE");
  command->add_flag("--json", request->json, "Print one SweepSummary as JSON, and nothing else");
  command->add_flag("--fail-fast", request->fail_fast, "End at the first failure");
  command->add_option("--progress", request->progress, "auto, tty, plain or none")
      ->check(CLI::IsMember({"auto", "tty", "plain", "none"}));
  command
      ->add_option("--merge", request->merge,
                   "Add up what shards have written with --out, instead of running")
      ->type_name("DIR…");
  command->callback(
      [request, &environment, &exit_code] { exit_code = sweep(*request, environment); });
}

}  // namespace faultline::tools
