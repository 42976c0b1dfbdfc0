#include "tools/sweep/sweeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "regions/explore/shrink.h"
#include "regions/explore/shrunk_text.h"
#include "regions/runner.h"
#include "regions/scenario_text.h"

namespace faultline::tools {

using regions::explore::Judged;
using regions::explore::Tally;
using regions::explore::Target;

void Sweeper::set_progress(std::chrono::nanoseconds interval,
                           std::function<void(const SweepProgress&)> tell) {
  interval_ = interval;
  next_tell_ = interval;
  tell_ = std::move(tell);
}

// Each entry is a run of its own, as it stands; it fails again or it does not.
void Sweeper::run_corpus(const std::vector<regions::LoadedScenario>& corpus) {
  for (const regions::LoadedScenario& entry : corpus) {
    if (interrupted_) return;
    regions::explore::Case made{
        {campaign_.options().campaign, "corpus", 0},
        entry, 0
    };
    made.seed = regions::seed_of(entry.scenario, {});
    const Judged judged = campaign_.judge(std::move(made));
    tally_.add(judged);
    if (judged.report.violations_size() > 0) note_failure(judged);
  }
}

v1::SweepSummary Sweeper::run() {
  std::vector<Tally> tallies(limits_.jobs);
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < limits_.jobs; ++i) {
      workers.emplace_back([this, &tallies, i] { work(tallies[i]); });
    }
    work(tallies[0]);
  }
  for (const Tally& tally : tallies) tally_.merge(tally);
  v1::SweepSummary summary = tally_.summary();
  for (const auto& [key, failure] : failures_) {
    v1::FailureFound& found = *summary.add_failures();
    found = failure;
    found.set_runs(runs_failed_[failure.target()]);
  }
  summary.set_interrupted(interrupted_);
  summary.set_wall_ns(elapsed().count());
  summary.set_campaign(campaign_.options().campaign);
  summary.set_shard(static_cast<std::uint32_t>(campaign_.options().shard + 1));
  summary.set_shards(static_cast<std::uint32_t>(campaign_.options().shards));
  for (const auto& base : campaign_.bases()) summary.add_files(base.file);
  summary.set_verdict(regions::explore::verdict_of(summary));
  return summary;
}

bool Sweeper::goes_on(std::uint64_t index) const {
  if (interrupted_ || stop_) return false;
  return limits_.runs ? index < *limits_.runs : elapsed() < limits_.budget;
}

void Sweeper::work(Tally& tally) {
  for (;;) {
    const std::uint64_t index = next_.fetch_add(1);
    if (!goes_on(index)) return;
    const Judged judged = campaign_.judge(campaign_.case_at(index));
    tally.add(judged);
    ++done_;
    const bool failed = judged.report.violations_size() > 0 || !judged.difference.empty();
    // Before the failure is shrunk, which takes its time.
    if (failed && limits_.stops_at_failure) stop_ = true;
    if (judged.report.violations_size() > 0) note_failure(judged);
    tell_progress(judged.report.events());
  }
}

void Sweeper::note_failure(const Judged& judged) {
  const Target target = regions::explore::target_of(judged.report);
  {
    const std::lock_guard lock(mutex_);
    ++runs_failed_[target.to_string()];
    // A run that is not the same twice cannot be shrunk.
    if (!judged.difference.empty()) return;
    if (shrunk_[target.to_string()]++ >= limits_.shrunk_each) return;
  }
  shrink_failure(judged, target);
}

void Sweeper::shrink_failure(const Judged& judged, const Target& target) {
  regions::explore::ShrinkOptions options;
  options.shared = campaign_.options().shared;
  options.check = campaign_.options().check;
  const auto deadline = std::chrono::steady_clock::now() + limits_.shrink_budget;
  options.may_go_on = [&] { return !interrupted_ && std::chrono::steady_clock::now() < deadline; };
  regions::LoadedScenario failing = judged.made.loaded;
  failing.scenario.set_seed(judged.made.seed);
  const auto shrunk = regions::explore::shrink(failing, target, options);
  v1::FailureFound found;
  found.set_target(target.to_string());
  found.set_address(judged.made.address.to_string());
  found.set_file(judged.made.loaded.file);
  found.set_found(judged.report.violations(0).found());
  found.set_steps_before(failing.scenario.step_size());
  if (shrunk) {
    found.set_fingerprint(regions::explore::fingerprint(target, shrunk->scenario));
    found.set_steps(shrunk->scenario.step_size());
    found.set_minimal(shrunk->minimal);
    found.set_any_seed(shrunk->any_seed);
    found.set_scenario(regions::explore::shrunk_text(*shrunk, target, options.shared));
  } else {
    found.set_fingerprint("unshrunk");
  }
  const std::lock_guard lock(mutex_);
  failures_.emplace(found.target() + "|" + found.fingerprint(), found);
}

void Sweeper::tell_progress(std::uint64_t events) {
  events_ += events;
  if (!tell_) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || elapsed() < next_tell_) return;
  next_tell_ = elapsed() + interval_;
  tell_({.runs = done_,
         .events = events_,
         .failures = failures_.size(),
         .seconds = std::chrono::duration<double>(elapsed()).count()});
}

}  // namespace faultline::tools
