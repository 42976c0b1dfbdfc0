#include "tools/sweep/sweep_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/time.h"
#include "regions/explore/coverage.h"
#include "regions/invariants/property.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

std::string count(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, " ");
  return digits;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML 1.0 knows no other control characters.
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string title_of(const std::string& target) {
  const regions::PropertyInfo* property = regions::find_property(target);
  return property == nullptr
             ? target
             : fmt::format("{} {}: {}", property->id, property->title, property->sentence);
}

std::string failure_text(const v1::FailureFound& failure, const std::string& out) {
  std::string text = fmt::format("FAILED       {}\n  found      {}\n", title_of(failure.target()),
                                 failure.found());
  text += failure.scenario().empty()
              ? fmt::format("  run        {} of {}; it could not be shrunk\n", failure.address(),
                            failure.file())
              : fmt::format("  shrunk     {} of {} steps{}{}; from run {} of {}\n", failure.steps(),
                            failure.steps_before(), failure.minimal() ? ", minimal" : "",
                            failure.any_seed() ? ", under any seed" : "", failure.address(),
                            failure.file());
  if (failure.scenario().empty()) return text;
  if (!out.empty()) {
    const std::string file = out + "/failures/" + failure_file_name(failure);
    return text + fmt::format("  repeat     faultline run {}\n", shell_quoted(file));
  }
  return text + "\n" + failure.scenario() + "\n";
}

}  // namespace

std::string failure_file_name(const v1::FailureFound& failure) {
  const bool is_property = regions::find_property(failure.target()) != nullptr;
  return fmt::format("{}-{}.textproto", is_property ? failure.target() : "expectation",
                     failure.fingerprint());
}

std::string sweep_text(const v1::SweepSummary& summary, const std::string& out) {
  const double seconds = std::max(1e-9, static_cast<double>(summary.wall_ns()) / 1e9);
  const double simulated = static_cast<double>(summary.simulated_ns()) / 1e9;
  std::string text = fmt::format(
      "runs         {} in {:.1f} s: {:.0f} runs/s, {:.0f} k events/s, {:.0f} simulated seconds a "
      "second\n",
      count(summary.runs()), seconds, static_cast<double>(summary.runs()) / seconds,
      static_cast<double>(summary.events()) / seconds / 1e3, simulated / seconds);
  text += "strategies  ";
  for (const v1::ArmTally& arm : summary.arms()) {
    text += fmt::format(" {} {}", arm.arm(), count(arm.runs()));
    if (arm.failures() > 0) text += fmt::format(" ({} failed)", count(arm.failures()));
  }
  text += fmt::format("\ncompared     {} runs were made twice: {}\n", count(summary.compared()),
                      summary.nondeterminism_size() == 0
                          ? "all the same"
                          : fmt::format("{} differ", summary.nondeterminism_size()));
  text += fmt::format("digest       {}\n", summary.digest());
  std::vector<std::string> vacuous;
  for (const v1::PropertyTally& tally : summary.properties()) {
    if (tally.held() == 0) vacuous.push_back(tally.id());
  }
  text += fmt::format("properties   {} checked",
                      summary.properties_size() - static_cast<int>(vacuous.size()));
  if (!vacuous.empty()) {
    text += fmt::format("; never put to the test: {}", fmt::join(vacuous, ", "));
  }
  text += "\n";
  for (const std::string& unmet : summary.sometimes_unmet()) {
    text += fmt::format("never        {}\n", unmet);
  }
  regions::explore::Coverage coverage;
  coverage.merge(summary.coverage());
  text += regions::explore::coverage_table(coverage);
  for (const std::string& difference : summary.nondeterminism()) {
    text += fmt::format("DIFFERS      {}\n", difference);
  }
  for (const v1::FailureFound& failure : summary.failures()) text += failure_text(failure, out);
  std::string verdict = "holds";
  if (summary.verdict() == "BROKEN") {
    verdict = fmt::format("violated: {} distinct failures", summary.failures_size());
  } else if (summary.verdict() == "NONDETERMINISTIC") {
    verdict = "nondeterministic: the same run came out in two ways";
  } else if (summary.verdict() == "INCONCLUSIVE") {
    verdict = summary.runs() == 0 ? "inconclusive: nothing was run"
              : vacuous.empty()   ? "inconclusive: something expected sometimes never was"
                                : "inconclusive: some properties were never put to the test; give "
                                  "it more runs, or a scenario that reaches them";
  }
  return text +
         fmt::format("verdict      {}{}\n", verdict,
                     summary.interrupted() ? " (interrupted; what stands here is valid)" : "");
}

std::string junit_text(const v1::SweepSummary& summary) {
  std::string cases;
  int tests = 0;
  int failures = 0;
  int skips = 0;
  const auto add = [&](const std::string& name, const std::string& failure,
                       const std::string& message, bool skipped) {
    ++tests;
    cases += fmt::format("  <testcase classname=\"faultline.sweep\" name=\"{}\">", escaped(name));
    if (!failure.empty()) {
      ++failures;
      cases += fmt::format("\n    <failure message=\"{}\">{}</failure>\n  ", escaped(message),
                           escaped(failure));
    } else if (skipped) {
      ++skips;
      cases += "<skipped message=\"never put to the test\"/>";
    }
    cases += "</testcase>\n";
  };
  for (const v1::PropertyTally& tally : summary.properties()) {
    std::string failure;
    std::string message;
    for (const v1::FailureFound& found : summary.failures()) {
      if (found.target() != tally.id()) continue;
      if (message.empty()) message = found.found();
      failure += found.scenario().empty() ? found.address() + "\n" : found.scenario() + "\n";
    }
    if (failure.empty() && tally.violated() > 0 && tally.id() == "S36") {
      for (const std::string& difference : summary.nondeterminism()) failure += difference + "\n";
      message = "the same run came out in two ways";
    }
    add(title_of(tally.id()), failure, message, tally.held() == 0);
  }
  for (const v1::FailureFound& found : summary.failures()) {
    if (regions::find_property(found.target()) != nullptr) continue;
    add(found.target(), found.scenario().empty() ? found.address() : found.scenario(),
        found.found(), false);
  }
  for (const std::string& unmet : summary.sometimes_unmet()) add(unmet, {}, {}, true);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"faultline sweep\" "
      "tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n{}</testsuite>\n",
      tests, failures, skips, static_cast<double>(summary.wall_ns()) / 1e9, cases);
}

int exit_code_of(const v1::SweepSummary& summary) {
  if (summary.verdict() == "NONDETERMINISTIC") return kNondeterministic;
  if (summary.interrupted()) return kInterrupted;
  if (summary.verdict() == "BROKEN") return kViolated;
  return summary.verdict() == "HOLDS" ? kHolds : kInconclusive;
}

}  // namespace faultline::tools
