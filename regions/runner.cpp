#include "regions/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/disk.h"
#include "engine/fault_injector.h"
#include "engine/hash.h"
#include "engine/simulation.h"
#include "proto/check.h"
#include "proto/trace.pb.h"
#include "regions/build_id.h"
#include "regions/explore/draw.h"
#include "regions/invariants/monitor.h"
#include "regions/invariants/property.h"
#include "regions/property_noter.h"
#include "regions/scenario_text.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::Instant;

std::string place_of(const LoadedScenario& loaded, const std::vector<int>& lines, int index) {
  const auto i = static_cast<std::size_t>(index);
  return i < lines.size() ? fmt::format("{}:{}", loaded.file, lines[i]) : "";
}

Instant time_of(const std::string& text) {
  const auto parsed = engine::parse_duration(text);
  FL_CHECK(parsed.has_value()) << "a scenario that was not checked: " << parsed.error();
  return Instant() + *parsed;
}

}  // namespace

std::uint64_t seed_of(const v1::Scenario& scenario, const RunOptions& options) {
  return options.seed.value_or(scenario.seed() == 0 ? 1 : scenario.seed());
}

v1::TraceFooter footer_of(const v1::RunReport& report) {
  v1::TraceFooter footer;
  footer.set_events(report.events());
  footer.set_hash(report.hash());
  footer.set_verdict(v1::Verdict_Name(report.verdict()));
  return footer;
}

ScenarioRun::ScenarioRun(const LoadedScenario& loaded, RunOptions options)
    : options_(std::move(options)),
      seed_(seed_of(loaded.scenario, options_)),
      drawn_(explore::is_random(loaded.scenario)
                 ? std::make_unique<LoadedScenario>(explore::with_steps_drawn(loaded, seed_))
                 : nullptr),
      loaded_(drawn_ != nullptr ? *drawn_ : loaded),
      world_(make_world(loaded_.scenario, seed_, options_.shared)),
      performer_(*world_),
      properties_(std::make_unique<PropertyNoter>(
          *world_,
          [this](const v1::Violation& violation) { *report_.add_violations() = violation; })),
      judge_(*world_),
      steps_(*world_, performer_, loaded_.scenario,
             {.moved = [this] { changed_ = true; },
              .failed =
                  [this](std::size_t step, const ScenarioSteps::Gap& gap) {
                    const int index = static_cast<int>(step);
                    violation(gap.wanted, gap.found, place_of(loaded_, loaded_.step_lines, index),
                              loaded_.scenario.step(index).note());
                  }}),
      settling_(*world_, loaded_.scenario) {
  for (engine::TraceSink* sink : options_.sinks) world_->simulation().trace().add_sink(sink);
  for (const std::string& region : world_->regions()) {
    actors_.push_back(*world_->simulation().find(region));
  }
  last_seen_.resize(2 * actors_.size() + 1);
  steps_.schedule();
  schedule_watches();
  world_->simulation().set_after_event([this] { after_event(); });
}

ScenarioRun::~ScenarioRun() { world_->simulation().set_after_event({}); }

// ---- expectations -------------------------------------------------------------------------------

void ScenarioRun::schedule_watches() {
  const auto& scenario = loaded_.scenario;
  for (int i = 0; i < scenario.expect_size(); ++i) {
    watches_.push_back({ExpectationWatch(scenario.expect(i)), expect_text(scenario.expect(i)),
                        place_of(loaded_, loaded_.expect_lines, i)});
  }
  engine::Simulation& simulation = world_->simulation();
  for (WatchState& state : watches_) {
    if (const auto from = state.watch.watched_from()) {
      simulation.at(
          *from, [this] { changed_ = true; }, "watch");
    }
    if (const auto deadline = state.watch.deadline()) {
      simulation.at(
          *deadline, [this, &state] { note(state, state.watch.at_deadline(judge_)); }, "deadline");
    }
  }
}

// Runs after every event of the simulation, so that it must be cheap when nothing has happened.
void ScenarioRun::after_event() {
  steps_.fire_due();
  properties_->after_event();
  if (watches_.empty() || !something_changed()) return;
  look_at_everything();
}

// Whatever an expectation can see lies in the stores, in keys and in who is up: it changes with an
// operation of a disk, a step, a fault, a crash or a restart.
bool ScenarioRun::something_changed() {
  engine::Simulation& simulation = world_->simulation();
  auto seen = last_seen_.begin();
  const auto see = [&](std::uint64_t value) {
    changed_ = changed_ || *seen != value;
    *seen++ = value;
  };
  for (const engine::ActorId actor : actors_) {
    see(simulation.context(actor).disk().operations());
    see(simulation.is_up(actor) ? 1 : 0);
  }
  see(simulation.faults().active().size());
  return std::exchange(changed_, false);
}

void ScenarioRun::look_at_everything() {
  const Instant now = world_->now();
  for (WatchState& state : watches_) note(state, state.watch.look(now, judge_));
}

void ScenarioRun::note(WatchState& state, ExpectationWatch::Verdict verdict) {
  if (verdict == ExpectationWatch::Verdict::Open) return;
  if (verdict == ExpectationWatch::Verdict::Violated) {
    return violation(state.text, state.watch.found(), state.where, state.watch.expect().because());
  }
  world_->simulation().trace().record({.kind = v1::EXPECTATION_MET, .subject = state.text});
}

void ScenarioRun::violation(const std::string& expectation, const std::string& found,
                            const std::string& where, const std::string& because) {
  v1::Violation& violation = *report_.add_violations();
  violation = note_violation(*world_, expectation, found);
  violation.set_where(where);
  violation.set_because(because);
}

// ---- the end ------------------------------------------------------------------------------------

v1::RunReport ScenarioRun::finish() {
  const bool own_end = loaded_.scenario.has_settle() ? run_and_settle() : run_to_the_end();
  judge_the_end(own_end);
  return report();
}

bool ScenarioRun::run_and_settle() {
  engine::Simulation& simulation = world_->simulation();
  const Instant begin = settling_.begins_at();
  if (options_.until && Instant() + *options_.until <= begin) {
    if (run_until(Instant() + *options_.until)) stand_at(Instant() + *options_.until);
    return false;
  }
  if (!run_until(begin)) return false;
  stand_at(begin);
  steps_.disarm();
  const std::uint64_t settles = simulation.trace().record(
      {.kind = v1::STEP, .subject = "everything is mended", .verb = "settle"});
  {
    const engine::CauseScope cause(simulation.trace(), settles);
    settling_.mend();
  }
  properties_->monitor().settle_begins();
  const Duration bound = settling_.bound();
  bool rests = rest_within(bound);
  const engine::CauseScope cause(simulation.trace(), settles);
  if (rests && settling_.ask_again() > 0) rests = rest_within(bound);
  if (simulation.events() >= options_.most_events) return false;
  properties_->monitor().at_end({.settled = true,
                                 .came_to_rest = rests,
                                 .bound = bound,
                                 .dead_regions = settling_.dead_regions()});
  properties_->note();
  return true;
}

// A slow region's events may have been executed later than they were due.
void ScenarioRun::stand_at(Instant time) {
  if (world_->now() < time) world_->simulation().run_until(time);
}

// False: too many events.
bool ScenarioRun::run_until(Instant end) {
  engine::Simulation& simulation = world_->simulation();
  while (!simulation.queue().empty() && simulation.queue().next_at() <= end) {
    if (!may_go_on()) return false;
    simulation.step();
  }
  return true;
}

bool ScenarioRun::rest_within(Duration bound) {
  engine::Simulation& simulation = world_->simulation();
  const Instant end = simulation.now() + bound;
  while (simulation.queue().foreground() > 0) {
    if (simulation.queue().next_at() > end) {
      stand_at(end);
      return false;
    }
    if (!may_go_on()) return false;
    simulation.step();
  }
  return true;
}

bool ScenarioRun::may_go_on() {
  if (world_->simulation().events() < options_.most_events) return true;
  left_open_.push_back(fmt::format("the run does not come to rest: it was ended after {} events",
                                   options_.most_events));
  return false;
}

bool ScenarioRun::run_to_the_end() {
  engine::Simulation& simulation = world_->simulation();
  const auto& scenario = loaded_.scenario;
  std::optional<Instant> end;
  if (!scenario.run_for().empty()) end = time_of(scenario.run_for());
  const bool is_cut = options_.until && (!end || Instant() + *options_.until < *end);
  if (is_cut) end = Instant() + *options_.until;
  const bool until_idle = scenario.run_for().empty();
  const auto goes_on = [&] {
    if (until_idle && simulation.queue().foreground() == 0) return false;
    return !simulation.queue().empty() && (!end || simulation.queue().next_at() <= *end);
  };
  while (goes_on()) {
    if (!may_go_on()) return false;
    simulation.step();
  }
  const bool own_end = until_idle ? simulation.queue().foreground() == 0 : !is_cut;
  if (!until_idle || !own_end) stand_at(*end);
  properties_->monitor().at_end(
      {.settled = false, .came_to_rest = own_end, .bound = {}, .dead_regions = {}});
  properties_->note();
  return own_end;
}

void ScenarioRun::judge_the_end(bool own_end) {
  const bool rests = world_->simulation().queue().foreground() == 0;
  const auto cut_at = rests ? std::nullopt : std::optional(world_->now());
  for (WatchState& state : watches_) {
    if (own_end) note(state, state.watch.at_end(judge_, cut_at));
    if (state.watch.verdict() != ExpectationWatch::Verdict::Open) continue;
    const bool never = own_end && state.watch.expect().when_case() == v1::Expect::kSometimes;
    left_open_.push_back(state.text + (never ? ": it never was" : ": not judged"));
  }
  for (const std::size_t step : steps_.not_answered()) {
    left_open_.push_back(step_text(loaded_.scenario.step(static_cast<int>(step))) +
                         ": not answered");
  }
}

v1::RunReport ScenarioRun::report() const {
  engine::Simulation& simulation = world_->simulation();
  v1::RunReport report = report_;
  report.set_scenario(loaded_.file);
  report.set_title(loaded_.scenario.title());
  report.set_seed(seed_);
  report.set_verdict(report.violations_size() > 0 ? v1::BROKEN
                     : left_open_.empty()         ? v1::HOLDS
                                                  : v1::INCONCLUSIVE);
  report.set_hash(simulation.trace().hash().to_hex());
  report.set_events(simulation.trace().count());
  report.set_ended_at_ns(simulation.now().ns());
  const auto is_met = [](const WatchState& state) {
    return state.watch.verdict() == ExpectationWatch::Verdict::Met;
  };
  report.set_expectations_met(static_cast<std::uint32_t>(std::ranges::count_if(watches_, is_met)));
  report.set_expectations_total(static_cast<std::uint32_t>(watches_.size()));
  report.set_calls(world_->calls_made());
  report.set_messages_sent(simulation.network().sent());
  for (const PropertyInfo& property : properties()) {
    v1::PropertyTally& tally = *report.add_properties();
    tally.set_id(std::string(property.id));
    tally.set_held(properties_->monitor().held()[static_cast<std::size_t>(property.property)]);
  }
  for (const std::string& open : left_open_) report.add_left_open(open);
  report.set_build(std::string(build_id()));
  return report;
}

}  // namespace faultline::regions
