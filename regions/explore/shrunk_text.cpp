#include "regions/explore/shrunk_text.h"

#include <fmt/format.h>

#include <vector>

#include "regions/invariants/property.h"
#include "regions/narrator.h"
#include "regions/runner.h"
#include "regions/scenario_writer.h"

namespace faultline::regions::explore {
namespace {

constexpr std::size_t kMostStoryLines = 40;

// The narration of the run, line by line.
class StorySink final : public engine::TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override {
    const auto line = narrator_.tell(event);
    if (!line || line->text.empty()) return;
    lines_.push_back(fmt::format("{:>10}  {}{}{}", engine::format_instant(line->at), line->where,
                                 line->where.empty() ? "" : ": ", line->text));
  }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  Narrator narrator_{Detail::Story};
  std::vector<std::string> lines_;
};

}  // namespace

std::string shrunk_text(const Shrunk& shrunk, const Target& target, const SharedParts& shared) {
  v1::Scenario scenario = shrunk.scenario;
  std::vector<std::string> story;
  const PropertyInfo* property = find_property(target.property);
  if (property != nullptr) {
    story.push_back(
        fmt::format("Violates {} {}: {}", property->id, property->title, property->sentence));
    story.push_back(fmt::format("Why it matters: {}", property->why));
    scenario.set_title(fmt::format("{} {} is violated", property->id, property->title));
    scenario.set_violates(std::string(property->id));
  } else {
    story.push_back(fmt::format("Violates: {}", target.expectation));
    scenario.set_title(fmt::format("Violated: {}", target.expectation));
  }
  scenario.set_expected_verdict(v1::VIOLATED);
  for (const v1::Violation& violation : shrunk.report.violations()) {
    if (violation.property() != target.property) continue;
    story.push_back(fmt::format("Seen at {}: {}",
                                engine::format_instant(engine::Instant::from_ns(violation.at_ns())),
                                violation.found()));
    break;
  }
  story.emplace_back();
  story.push_back(fmt::format("{} of {} steps are left{}{}.", scenario.step_size(),
                              shrunk.steps_before,
                              shrunk.minimal ? ", and no fewer of them do it" : "",
                              shrunk.any_seed ? "; it happens under any seed" : ""));

  const LoadedScenario loaded{scenario, "shrunk", {}, {}};
  StorySink sink;
  RunOptions options;
  options.shared = shared;
  options.sinks.push_back(&sink);
  static_cast<void>(ScenarioRun(loaded, options).finish());
  story.emplace_back();
  story.emplace_back("What happens:");
  for (std::size_t i = 0; i < sink.lines().size() && i < kMostStoryLines; ++i) {
    story.push_back("  " + sink.lines()[i]);
  }
  if (sink.lines().size() > kMostStoryLines) {
    story.push_back(fmt::format("  … and {} lines more", sink.lines().size() - kMostStoryLines));
  }
  return write_scenario(scenario, story);
}

}  // namespace faultline::regions::explore
