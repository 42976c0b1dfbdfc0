#include "regions/explore/shrink.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine/explore/delta.h"
#include "engine/fault_injector.h"
#include "engine/hash.h"
#include "regions/explore/draw.h"
#include "regions/explore/simplify.h"
#include "regions/runner.h"
#include "regions/scenario_text.h"

namespace faultline::regions::explore {
namespace {

using engine::Duration;
using engine::Subset;

// What a run may take: a candidate that never rests is none.
constexpr std::uint64_t kMostEvents = 200'000;
constexpr int kSubsetSteps = 10;

v1::Scenario with_steps(const v1::Scenario& scenario, const Subset& kept) {
  v1::Scenario out = scenario;
  out.clear_step();
  for (const std::size_t i : kept) *out.add_step() = scenario.step(static_cast<int>(i));
  return out;
}

// What may go as a whole: "call put_secret_value", "fault cut".
std::string kind_of(const v1::Step& step) {
  return step.has_fault() ? "fault " + engine::fault_kind(step.fault()) : verb_name(step);
}

class Shrinker {
 public:
  Shrinker(const LoadedScenario& failing, const Target& target, const ShrinkOptions& options)
      : file_(failing.file), target_(target), options_(options), best_(failing.scenario) {}

  Expected<Shrunk, std::string> run() {
    const int before = best_.step_size();
    if (!is_a_file(best_)) drop_other_expectations();
    if (auto checked = adopt_scenario(file_, best_, options_.check); !checked) {
      return tl::make_unexpected(checked.error().front().to_string());
    }
    if (!violates(best_)) {
      return tl::make_unexpected(
          fmt::format("{}: this run does not violate {}", file_, target_.to_string()));
    }
    sort_steps();
    std::string last;
    while (may_go_on() && last != best_.SerializeAsString()) {
      last = best_.SerializeAsString();
      truncate();
      drop_kinds();
      drop_steps();
      drop_regions();
      clear_fields();
      rewrite(round_times);
      rewrite(canonical_names);
      rewrite(without_luck);
    }
    const bool minimal = try_subsets();
    Shrunk shrunk{best_, report_of(best_, {}), before, replays_, minimal, holds_for_any_seed()};
    return shrunk;
  }

 private:
  bool may_go_on() { return replays_ < options_.most_replays && options_.may_go_on(); }

  v1::RunReport report_of(const v1::Scenario& scenario, std::optional<std::uint64_t> seed) {
    ++replays_;
    const LoadedScenario loaded{scenario, file_, {}, {}};
    RunOptions run;
    run.seed = seed;
    run.shared = options_.shared;
    run.most_events = kMostEvents;
    return ScenarioRun(loaded, run).finish();
  }

  bool is_a_file(const v1::Scenario& scenario) const {
    return adopt_scenario(file_, scenario, options_.check).has_value();
  }

  // What was expected of a workload may name what the steps drawn from it never touch.
  void drop_other_expectations() {
    auto& expects = *best_.mutable_expect();
    for (int i = expects.size() - 1; i >= 0; --i) {
      const bool is_target =
          target_.property.empty() && expect_text(expects[i]) == target_.expectation;
      if (!is_target) expects.DeleteSubrange(i, 1);
    }
  }

  bool violates(const v1::Scenario& scenario) {
    // What is refused as a file is no answer, and cannot be run.
    if (!is_a_file(scenario)) return false;
    const v1::RunReport report = report_of(scenario, {});
    if (!target_.is_hit_by(report)) return false;
    // A story of a property tells of nothing else that was expected and did not come: once no
    // expectation is violated beside it, none is.
    const bool others =
        !target_.property.empty() &&
        std::ranges::any_of(report.violations(), [](const v1::Violation& violation) {
          return violation.property().empty();
        });
    if (others && !others_too_) return false;
    others_too_ = others;
    for (const v1::Violation& violation : report.violations()) {
      if (target_.property == violation.property() &&
          (!target_.property.empty() || target_.expectation == violation.expectation())) {
        seen_at_ns_ = violation.at_ns();
        break;
      }
    }
    return true;
  }

  // Takes the candidate if it does the same.
  bool accept(v1::Scenario candidate) {
    if (!may_go_on()) return false;
    if (!tried_.insert(engine::hash64(candidate.SerializeAsString())).second) return false;
    if (!violates(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  // Steps as they happen, so that the gap before each is its own; those at the start say nothing.
  void sort_steps() {
    v1::Scenario sorted = best_;
    const auto time_of = [](const v1::Step& step) {
      const auto at = engine::parse_duration(step.at().empty() ? "0s" : step.at());
      return at ? *at : Duration::zero();
    };
    std::stable_sort(sorted.mutable_step()->begin(), sorted.mutable_step()->end(),
                     [&](const v1::Step& a, const v1::Step& b) { return time_of(a) < time_of(b); });
    for (v1::Step& step : *sorted.mutable_step()) {
      if (time_of(step) == Duration::zero()) step.clear_at();
    }
    if (sorted.SerializeAsString() != best_.SerializeAsString()) accept(std::move(sorted));
  }

  void truncate() {
    Subset early;
    for (int i = 0; i < best_.step_size(); ++i) {
      const auto at =
          engine::parse_duration(best_.step(i).at().empty() ? "0s" : best_.step(i).at());
      if (at && at->ns() <= seen_at_ns_) early.push_back(static_cast<std::size_t>(i));
    }
    if (early.size() < static_cast<std::size_t>(best_.step_size())) {
      accept(with_steps(best_, early));
    }
    v1::Scenario candidate = best_;
    candidate.clear_settle();
    if (best_.has_settle()) accept(std::move(candidate));
    candidate = best_;
    candidate.clear_expect();
    if (best_.expect_size() > 0 && !target_.property.empty()) accept(std::move(candidate));
  }

  void drop_kinds() {
    std::map<std::string, Subset> others;
    for (const v1::Step& step : best_.step()) others[kind_of(step)];
    for (auto& [kind, rest] : others) {
      for (int i = 0; i < best_.step_size(); ++i) {
        if (kind_of(best_.step(i)) != kind) rest.push_back(static_cast<std::size_t>(i));
      }
      accept(with_steps(best_, rest));
      rest.clear();
    }
  }

  void drop_steps() {
    const v1::Scenario whole = best_;
    const auto fails = [&](const Subset& kept) { return violates(with_steps(whole, kept)); };
    const Subset kept = engine::minimise(static_cast<std::size_t>(whole.step_size()), fails,
                                         [this] { return may_go_on(); });
    best_ = with_steps(whole, kept);
  }

  void drop_regions() {
    for (int i = best_.region_size() - 1; i >= 0; --i) {
      const std::string name = best_.region(i).name();
      accept(without_region(best_, name));
    }
  }

  void clear_fields() {
    for (std::size_t i = 0; may_go_on();) {
      auto candidate = without_field(best_, i);
      if (!candidate) return;
      if (!accept(std::move(*candidate))) ++i;
    }
  }

  // Goes on at the place where something was accepted: what was refused before stays refused, mostly.
  void rewrite(std::vector<v1::Scenario> (*variants)(const v1::Scenario&)) {
    for (std::size_t i = 0; may_go_on();) {
      auto candidates = variants(best_);
      if (i >= candidates.size()) return;
      if (!accept(std::move(candidates[i]))) ++i;
    }
  }

  // True: no proper subset does it.
  bool try_subsets() {
    if (best_.step_size() > kSubsetSteps) return false;
    const v1::Scenario whole = best_;
    const auto fails = [&](const Subset& kept) { return violates(with_steps(whole, kept)); };
    const auto [kept, exhausted] = engine::smallest(static_cast<std::size_t>(whole.step_size()),
                                                    fails, [this] { return may_go_on(); });
    best_ = with_steps(whole, kept);
    return exhausted;
  }

  bool holds_for_any_seed() {
    constexpr std::uint64_t kSeeds = 5;
    for (std::uint64_t seed = 2; seed < 2 + kSeeds; ++seed) {
      if (!target_.is_hit_by(report_of(best_, seed))) return false;
    }
    return true;
  }

  const std::string file_;
  const Target& target_;
  const ShrinkOptions& options_;
  v1::Scenario best_;
  std::set<std::uint64_t> tried_;
  std::uint64_t replays_ = 0;
  std::int64_t seen_at_ns_ = 0;
  // Whether the best so far violates an expectation, too.
  bool others_too_ = true;
};

}  // namespace

bool Target::is_hit_by(const v1::RunReport& report) const {
  return std::ranges::any_of(report.violations(), [this](const v1::Violation& violation) {
    return property.empty() ? violation.property().empty() && violation.expectation() == expectation
                            : violation.property() == property;
  });
}

Target target_of(const v1::RunReport& report) {
  const v1::Violation& first = report.violations(0);
  return {first.property(), first.expectation()};
}

Expected<Shrunk, std::string> shrink(const LoadedScenario& failing, const Target& target,
                                     const ShrinkOptions& options) {
  if (!is_random(failing.scenario)) return Shrinker(failing, target, options).run();
  // Chaos is made concrete first.
  const std::uint64_t seed = seed_of(failing.scenario, {});
  LoadedScenario drawn = with_steps_drawn(failing, seed);
  drawn.scenario.set_seed(seed);
  return Shrinker(drawn, target, options).run();
}

std::string fingerprint(const Target& target, const v1::Scenario& shrunk) {
  std::vector<std::string> kinds;
  for (const v1::Step& step : shrunk.step()) kinds.push_back(kind_of(step));
  std::ranges::sort(kinds);
  const std::string text = fmt::format("{}|{}", target.to_string(), fmt::join(kinds, ","));
  return fmt::format("{:08x}", static_cast<std::uint32_t>(engine::hash64(text)));
}

}  // namespace faultline::regions::explore
