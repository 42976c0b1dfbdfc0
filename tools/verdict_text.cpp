#include "tools/verdict_text.h"

#include <fmt/format.h>

#include "engine/time.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

using regions::Tone;

Tone tone_of(v1::Verdict verdict) {
  return verdict == v1::HOLDS ? Tone::Good : verdict == v1::BROKEN ? Tone::Bad : Tone::Fault;
}

std::string instant(std::int64_t ns) {
  return engine::format_instant(engine::Instant::from_ns(ns));
}

// How the verdict stands to what the scenario says it should be; "" where that is the ordinary
// thing.
std::string against_expected(const v1::RunReport& report, const v1::Scenario& scenario) {
  const bool wants_violation = scenario.expected_verdict() == v1::VIOLATED;
  if (report.verdict() == v1::BROKEN && wants_violation)
    return ", as the scenario says it should be";
  if (report.verdict() == v1::HOLDS && wants_violation)
    return ", though the scenario says that it should be violated";
  return "";
}

void print_violations(const v1::RunReport& report) {
  for (const v1::Violation& violation : report.violations()) {
    fmt::print("\n  {}\n  but {}\n  at {}, event {}", violation.expectation(), violation.found(),
               instant(violation.at_ns()), violation.event());
    if (!violation.where().empty()) fmt::print(", {}", violation.where());
    fmt::print("\n");
    if (!violation.because().empty()) fmt::print("  because {}\n", violation.because());
  }
}

}  // namespace

std::string verdict_word(v1::Verdict verdict) {
  return verdict == v1::HOLDS ? "holds" : verdict == v1::BROKEN ? "violated" : "inconclusive";
}

int exit_code_of(v1::Verdict verdict) {
  return verdict == v1::HOLDS ? kHolds : verdict == v1::BROKEN ? kViolated : kInconclusive;
}

void print_title(const regions::LoadedScenario& loaded, std::uint64_t seed) {
  const std::string& title = loaded.scenario.title();
  if (!title.empty()) fmt::print("{}\n", title);
  fmt::print("{}, seed {}\n\n", loaded.file, seed);
  std::fflush(stdout);
}

void print_verdict(const RunSummary& summary) {
  const v1::RunReport& report = summary.report;
  const std::string verdict =
      verdict_word(report.verdict()) + against_expected(report, summary.scenario);
  fmt::print("{}: {} of {} expectations met, {} calls, {} messages, {} events, ended at {}\n",
             painted(verdict, tone_of(report.verdict()), wants_colours()),
             report.expectations_met(), report.expectations_total(), report.calls(),
             report.messages_sent(), report.events(), instant(report.ended_at_ns()));
  print_violations(report);
  for (const std::string& open : summary.left_open) fmt::print("  {}\n", open);
  if (report.violations_size() > 0) fmt::print("\n");
  fmt::print("hash    {}\n", report.hash());
  if (report.verdict() != v1::HOLDS) fmt::print("repeat  {}\n", summary.command);
}

}  // namespace faultline::tools
