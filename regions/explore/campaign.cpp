#include "regions/explore/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hash.h"
#include "engine/trace_sinks.h"
#include "proto/check.h"
#include "regions/build_id.h"
#include "regions/explore/draw.h"
#include "regions/invariants/property.h"
#include "regions/runner.h"
#include "regions/scenario_text.h"

namespace faultline::regions::explore {
namespace {

constexpr std::uint64_t kComparedOneIn = 20;
constexpr std::uint32_t kSummaryFormat = 1;

// Arms in turn, each as often as its share, spread as evenly as whole numbers allow: at each place
// the arm that is owed most.
std::vector<std::string> make_wheel(const std::vector<std::string>& names) {
  struct Turn {
    std::string name;
    std::int64_t share;
    std::int64_t owed;
  };
  std::vector<Turn> turns;
  std::int64_t total = 0;
  for (const Arm& arm : portfolio()) {
    const bool wanted = names.empty() || std::ranges::find(names, arm.name) != names.end();
    if (!wanted) continue;
    const std::int64_t share = names.empty() ? static_cast<std::int64_t>(arm.share) : 1;
    turns.push_back({std::string(arm.name), share, 0});
    total += share;
  }
  std::vector<std::string> wheel;
  for (std::int64_t i = 0; i < total; ++i) {
    for (Turn& turn : turns) turn.owed += turn.share;
    Turn& next = *std::ranges::max_element(turns, {}, &Turn::owed);
    next.owed -= total;
    wheel.push_back(next.name);
  }
  return wheel;
}

v1::RunReport run_once(const Case& made, const CampaignOptions& options, Coverage* coverage,
                       engine::TraceSink* sink) {
  RunOptions run;
  run.seed = made.seed;
  run.shared = options.shared;
  run.most_events = options.most_events;
  if (sink != nullptr) run.sinks.push_back(sink);
  ScenarioRun scenario_run(made.loaded, std::move(run));
  if (coverage == nullptr) return scenario_run.finish();
  CoverageListener listener(scenario_run.world(), made.loaded.scenario, *coverage);
  engine::Trace& trace = scenario_run.world().simulation().trace();
  trace.add_listener(&listener);
  v1::RunReport report = scenario_run.finish();
  trace.remove_listener(&listener);
  return report;
}

// Where two runs of one case part, in words.
std::string first_difference_of(const Case& made, const CampaignOptions& options) {
  engine::MemorySink first;
  engine::MemorySink second;
  static_cast<void>(run_once(made, options, nullptr, &first));
  static_cast<void>(run_once(made, options, nullptr, &second));
  const auto difference = engine::first_difference(first.events(), second.events());
  if (!difference) return "two runs had other hashes; two more had the same events";
  return fmt::format("event {}: {}", difference->index + 1, difference->to_string());
}

// Which run it was, and what came out.
engine::Hash128 digest_of(const Judged& judged) {
  return engine::hash128(judged.made.address.to_string() + " " + judged.report.hash());
}

// Each half by itself, so that order does not matter.
void add_digest(engine::Hash128& sum, engine::Hash128 digest) {
  sum.high += digest.high;
  sum.low += digest.low;
}

const std::string kNeverWas = ": it never was";

}  // namespace

Campaign::Campaign(std::vector<LoadedScenario> bases, CampaignOptions options)
    : bases_(std::move(bases)), options_(std::move(options)), wheel_(make_wheel(options_.arms)) {
  FL_CHECK(!bases_.empty()) << "a campaign without a scenario";
  FL_CHECK(!wheel_.empty()) << "a campaign without a strategy";
  FL_CHECK(options_.shard < options_.shards) << "a shard that is out of range";
}

Case Campaign::case_at(std::uint64_t index) const {
  const std::uint64_t global = index * options_.shards + options_.shard;
  const LoadedScenario& base = bases_[global % bases_.size()];
  const std::uint64_t turn = global / bases_.size();
  const std::uint64_t round = turn / wheel_.size();
  const std::uint64_t place = turn % wheel_.size();
  const std::string& arm = wheel_[place];
  std::uint64_t in_round = 0;
  std::uint64_t before = 0;
  for (std::uint64_t i = 0; i < wheel_.size(); ++i) {
    if (wheel_[i] != arm) continue;
    ++in_round;
    if (i < place) ++before;
  }
  return make_case(base, {options_.campaign, arm, round * in_round + before});
}

Judged Campaign::judge(Case made) const {
  Judged judged{std::move(made), {}, {}, false, {}};
  judged.report = run_once(judged.made, options_, &judged.coverage, nullptr);
  const bool by_lot = engine::hash64(judged.made.address.to_string()) % kComparedOneIn == 0;
  judged.compared = by_lot || judged.report.violations_size() > 0;
  if (!judged.compared) return judged;
  const v1::RunReport again = run_once(judged.made, options_, nullptr, nullptr);
  if (again.hash() != judged.report.hash()) {
    judged.difference = first_difference_of(judged.made, options_);
  }
  return judged;
}

// ---- Tally --------------------------------------------------------------------------------------

void Tally::add(const Judged& judged) {
  const v1::RunReport& report = judged.report;
  ++runs_;
  events_ += report.events();
  simulated_ns_ += report.ended_at_ns();
  compared_ += judged.compared ? 1 : 0;
  Arm& arm = arms_[judged.made.address.arm];
  ++arm.runs;
  arm.failures += report.violations_size() > 0 ? 1 : 0;
  for (const v1::PropertyTally& tally : report.properties()) {
    properties_[tally.id()].held += tally.held();
  }
  // S36 is what comparing runs is about.
  if (judged.compared) ++properties_["S36"].held;
  std::set<std::string> broken;
  for (const v1::Violation& violation : report.violations()) broken.insert(violation.property());
  for (const std::string& id : broken) {
    if (!id.empty()) ++properties_[id].violated;
  }
  if (!judged.difference.empty()) {
    ++properties_["S36"].violated;
    nondeterminism_.insert(fmt::format("{} ({}): {}", judged.made.address.to_string(),
                                       judged.made.loaded.file, judged.difference));
  }
  std::set<std::string> unmet;
  for (const std::string& open : report.left_open()) {
    if (open.ends_with(kNeverWas)) unmet.insert(open.substr(0, open.size() - kNeverWas.size()));
  }
  for (const v1::Expect& expect : judged.made.loaded.scenario.expect()) {
    if (expect.when_case() != v1::Expect::kSometimes) continue;
    const std::string text = expect_text(expect);
    (unmet.contains(text) ? sometimes_unmet_ : sometimes_met_).insert(text);
  }
  coverage_.merge(judged.coverage);
  add_digest(digest_, digest_of(judged));
}

void Tally::merge(const Tally& other) {
  runs_ += other.runs_;
  events_ += other.events_;
  compared_ += other.compared_;
  simulated_ns_ += other.simulated_ns_;
  for (const auto& [name, arm] : other.arms_) {
    arms_[name].runs += arm.runs;
    arms_[name].failures += arm.failures;
  }
  for (const auto& [id, property] : other.properties_) {
    properties_[id].held += property.held;
    properties_[id].violated += property.violated;
  }
  nondeterminism_.insert(other.nondeterminism_.begin(), other.nondeterminism_.end());
  sometimes_unmet_.insert(other.sometimes_unmet_.begin(), other.sometimes_unmet_.end());
  sometimes_met_.insert(other.sometimes_met_.begin(), other.sometimes_met_.end());
  coverage_.merge(other.coverage_);
  add_digest(digest_, other.digest_);
}

void Tally::merge(const v1::SweepSummary& other) {
  runs_ += other.runs();
  events_ += other.events();
  compared_ += other.compared();
  simulated_ns_ += other.simulated_ns();
  for (const v1::ArmTally& arm : other.arms()) {
    arms_[arm.arm()].runs += arm.runs();
    arms_[arm.arm()].failures += arm.failures();
  }
  for (const v1::PropertyTally& property : other.properties()) {
    properties_[property.id()].held += property.held();
    properties_[property.id()].violated += property.violated();
  }
  nondeterminism_.insert(other.nondeterminism().begin(), other.nondeterminism().end());
  sometimes_unmet_.insert(other.sometimes_unmet().begin(), other.sometimes_unmet().end());
  sometimes_met_.insert(other.sometimes_met().begin(), other.sometimes_met().end());
  coverage_.merge(other.coverage());
  // A summary from before there were digests has none.
  add_digest(digest_, engine::Hash128::from_hex(other.digest()).value_or(engine::Hash128{}));
}

std::vector<std::string> Tally::vacuous() const {
  std::vector<std::string> ids;
  for (const PropertyInfo& property : properties()) {
    const auto found = properties_.find(std::string(property.id));
    if (found == properties_.end() || found->second.held == 0) ids.emplace_back(property.id);
  }
  return ids;
}

v1::SweepSummary Tally::summary() const {
  v1::SweepSummary out;
  out.set_format(kSummaryFormat);
  out.set_build(std::string(build_id()));
  out.set_runs(runs_);
  out.set_events(events_);
  out.set_compared(compared_);
  out.set_simulated_ns(simulated_ns_);
  for (const auto& [name, arm] : arms_) {
    v1::ArmTally& tally = *out.add_arms();
    tally.set_arm(name);
    tally.set_runs(arm.runs);
    tally.set_failures(arm.failures);
  }
  for (const PropertyInfo& info : properties()) {
    v1::PropertyTally& tally = *out.add_properties();
    tally.set_id(std::string(info.id));
    const auto found = properties_.find(tally.id());
    if (found == properties_.end()) continue;
    tally.set_held(found->second.held);
    tally.set_violated(found->second.violated);
  }
  for (const std::string& difference : nondeterminism_) out.add_nondeterminism(difference);
  for (const std::string& text : sometimes_met_) out.add_sometimes_met(text);
  for (const std::string& text : sometimes_unmet_) {
    if (!sometimes_met_.contains(text)) out.add_sometimes_unmet(text);
  }
  *out.mutable_coverage() = coverage_.tally();
  out.set_digest(digest_.to_hex());
  return out;
}

std::string verdict_of(const v1::SweepSummary& summary) {
  if (summary.nondeterminism_size() > 0) return "NONDETERMINISTIC";
  if (summary.failures_size() > 0) return "BROKEN";
  const bool vacuous = std::ranges::any_of(
      summary.properties(), [](const v1::PropertyTally& tally) { return tally.held() == 0; });
  return vacuous || summary.sometimes_unmet_size() > 0 || summary.runs() == 0 ? "INCONCLUSIVE"
                                                                              : "HOLDS";
}

}  // namespace faultline::regions::explore
