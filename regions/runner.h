// ScenarioRun: a scenario from its first step to its verdict.
//
//     const auto loaded = load_scenario_file("scenarios/05_lost_in_the_post.textproto");
//     ScenarioRun run(*loaded, {.seed = 7});
//     const v1::RunReport report = run.finish();
//     report.verdict();                     // v1::HOLDS
//     report.hash();                        // equal for equal scenario, seed and build
//
// Steps    happen at their times, in the order of the file where these are equal; a step's call is
// answered later in virtual time, and
//          its answer is held against the step's `want` then.
// Luck     a call without a ClientRequestToken gets a UUID keyed by (seed, what the call is, how
// often that occurs in the file before it):
//          taking a step out leaves the tokens of the others as they are.
// Random   a scenario with a workload or chaos is drawn from the seed first (explore/draw.h), and
//          then
// is as if its steps had been written down.
// Watched  every run, by the properties of regions/invariants: a broken one is a violation.
// Judging  after every event that can have changed something, without virtual time; what is judged
// goes into the trace as EXPECTATION_MET
//          or VIOLATION. At one instant steps come before expectations.
// End      at `run_for`; else when nothing is left to happen but what waits for days, and every
// deadline has passed; or at
//          RunOptions::until, or after most_events: then what was still open is not judged, and the
//          run is INCONCLUSIVE unless it is BROKEN already.
// Threads  a ScenarioRun belongs to one thread; many of them may run on many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/time.h"
#include "engine/trace.h"
#include "proto/report.pb.h"
#include "proto/trace.pb.h"
#include "regions/expectations.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_steps.h"
#include "regions/scenario_world.h"
#include "regions/settling.h"
#include "regions/step_performer.h"
#include "regions/world.h"

namespace faultline::regions {

class PropertyNoter;

struct RunOptions {
  // Instead of the scenario's.
  std::optional<std::uint64_t> seed{};
  // Counted from the start of the run.
  std::optional<engine::Duration> until{};
  // Not owned; hear every event from the scenario's first on.
  std::vector<engine::TraceSink*> sinks{};
  SharedParts shared{};
  // A protocol that never comes to rest would run for ever.
  std::uint64_t most_events = 10'000'000;
};

// The seed that a run with these options has.
[[nodiscard]] std::uint64_t seed_of(const v1::Scenario& scenario, const RunOptions& options);
// How a trace of the run ends.
[[nodiscard]] v1::TraceFooter footer_of(const v1::RunReport& report);

class ScenarioRun {
 public:
  // Builds the world and schedules the steps; nothing has happened yet. The scenario outlives the
  // run.
  ScenarioRun(const LoadedScenario& loaded, RunOptions options);
  ~ScenarioRun();
  ScenarioRun(const ScenarioRun&) = delete;
  ScenarioRun& operator=(const ScenarioRun&) = delete;

  // Runs to the end and judges. REQUIRES: called once.
  v1::RunReport finish();

  [[nodiscard]] World& world() { return *world_; }
  // What the end of the run left open, in words; for an INCONCLUSIVE one.
  [[nodiscard]] const std::vector<std::string>& left_open() const { return left_open_; }

 private:
  struct WatchState {
    ExpectationWatch watch;
    std::string text;
    std::string where;
  };

  void schedule_watches();

  void after_event();
  bool something_changed();
  void look_at_everything();
  void note(WatchState& state, ExpectationWatch::Verdict verdict);
  void violation(const std::string& expectation, const std::string& found, const std::string& where,
                 const std::string& because);

  // Whether the run came to its own end.
  bool run_to_the_end();
  // The same, with everything mended before.
  bool run_and_settle();
  bool run_until(engine::Instant end);
  void stand_at(engine::Instant time);
  bool rest_within(engine::Duration bound);
  bool may_go_on();
  void judge_the_end(bool own_end);
  v1::RunReport report() const;

  const RunOptions options_;
  const std::uint64_t seed_;
  // The scenario with its random part drawn; absent: it has none.
  const std::unique_ptr<const LoadedScenario> drawn_;
  const LoadedScenario& loaded_;
  std::unique_ptr<World> world_;
  StepPerformer performer_;
  std::unique_ptr<PropertyNoter> properties_;
  Judge judge_;
  ScenarioSteps steps_;
  Settling settling_;
  std::vector<WatchState> watches_;
  std::vector<engine::ActorId> actors_;
  // What something_changed() last saw.
  std::vector<std::uint64_t> last_seen_;
  bool changed_ = true;
  std::vector<std::string> left_open_;
  v1::RunReport report_;
};

// Trap     in the body of a GoogleTest TEST this name means testing::Test::Run.
using Run = ScenarioRun;

}  // namespace faultline::regions
