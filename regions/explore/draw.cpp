#include "regions/explore/draw.h"

#include <fmt/format.h>

#include <algorithm>

#include "regions/explore/client_story.h"
#include "regions/fault_catalogue.h"

namespace faultline::regions::explore {
namespace {

using engine::Duration;
using engine::Instant;

Duration duration_or(const std::string& text, Duration otherwise) {
  if (text.empty()) return otherwise;
  const auto parsed = engine::parse_duration(text);
  return parsed ? *parsed : otherwise;
}

// Whole microseconds: short to read, and fine enough for any order.
std::string time_text(Duration at) {
  return engine::format_duration(Duration::nanos(at.ns() / 1'000 * 1'000));
}

// What a fault follows when it comes at an event: places where something has just become so.
struct Anchor {
  const char* event;
  const char* verb;
  const char* outcome;
};
constexpr Anchor kAnchors[] = {
    {"STORE_COMMITTED",    "",             ""          },
    {"DISK_SYNCED",        "",             ""          },
    {"MESSAGE_SENT",       "",             ""          },
    {"MESSAGE_DELIVERED",  "",             ""          },
    {"MESSAGE_SENT",       "Replicate",    ""          },
    {"MESSAGE_SENT",       "ReplicateAck", ""          },
    {"MESSAGE_DELIVERED",  "Replicate",    ""          },
    {"CALL_STARTED",       "",             ""          },
    {"CALL_ENDED",         "",             "OK"        },
    {"KMS_CALL",           "",             ""          },
    {"REPLICATION_STATUS", "",             "Failed"    },
    {"REPLICATION_STATUS", "",             "InProgress"},
    {"PROMOTED",           "",             ""          },
    {"REPLICA_REMOVED",    "",             ""          },
    {"ACTOR_CRASHED",      "",             ""          },
    {"ACTOR_STARTED",      "",             ""          },
};

class Drawing {
 public:
  Drawing(const v1::Scenario& base, const Style& style, Luck& luck)
      : style_(style), luck_(luck), drawn_(base) {
    drawn_.clear_workload();
    drawn_.clear_chaos();
    drawn_.clear_step();
    add_keys();
    story_.emplace(drawn_with_steps(base), style_, luck_);
  }

  v1::Scenario draw(const v1::Scenario& base) {
    draw_calls(base);
    draw_faults(base);
    keep_expectations();
    draw_network();
    draw_end();
    sort_steps();
    return std::move(drawn_);
  }

 private:
  // The story knows the base's secrets and the drawn scenario's keys; it must outlive the story.
  const v1::Scenario& drawn_with_steps(const v1::Scenario& base) {
    told_ = drawn_;
    *told_.mutable_step() = base.step();
    return told_;
  }

  // A world without keys of its own gets one a region, so that keys can fail one by one.
  void add_keys() {
    if (drawn_.key_size() > 0) return;
    for (const v1::RegionSpec& region : drawn_.region()) {
      v1::KeySpec& key = *drawn_.add_key();
      key.set_region(region.name());
      key.set_alias("alias/app");
    }
  }

  void add(v1::Step step, Duration at) {
    step.set_at(time_text(at));
    end_ = std::max(end_, at);
    *drawn_.add_step() = std::move(step);
  }

  void draw_calls(const v1::Scenario& base) {
    Duration now;
    for (v1::Step step : base.step()) {
      const Duration at = duration_or(step.at(), Duration::zero());
      if (style_.faults > 0 || !style_.keeps_expectations) {
        const bool calls = !step.region().empty() || step.has_account();
        step.clear_want();
        if (calls) step.mutable_want()->set_anything(true);
      }
      if (step.has_create_secret()) now = std::max(now, at);
      add(std::move(step), at);
    }
    std::vector<v1::Step> steps;
    const auto take = [&] {
      for (v1::Step& step : steps) {
        add(std::move(step), now);
        now = now + Duration::micros(static_cast<std::int64_t>(luck_.log_between(100, 20'000)));
      }
      steps.clear();
    };
    story_->begin(steps);
    take();
    // Half of the runs let the first copies arrive before they go on.
    if (luck_.one_in(2)) now = now + Duration::seconds(1);
    const Duration shortest = std::max(Duration::micros(100), style_.longest_gap / 100);
    for (std::uint32_t i = 0; i < style_.calls; ++i) {
      now = now + luck_.log_between(shortest, std::max(shortest, style_.longest_gap));
      story_->next(steps);
      take();
    }
    end_ = std::max(end_, now + Duration::millis(1));
  }

  std::string key_in(const std::string& region) {
    std::vector<std::string> keys;
    for (const v1::KeySpec& key : drawn_.key()) {
      if (key.region() == region) keys.push_back(key.alias());
    }
    return keys.empty() ? "" : luck_.pick(keys);
  }

  void draw_faults(const v1::Scenario& base) {
    const std::vector<FaultChoice> choices =
        style_.fault_mix.empty() ? all_fault_choices() : style_.fault_mix;
    std::vector<std::uint32_t> weights;
    for (const FaultChoice& choice : choices) weights.push_back(choice.weight);
    // A world of one region has nobody to be cut from.
    if (weights.empty() || base.region_size() < 2) return;
    for (std::uint32_t i = 0; i < style_.faults; ++i) {
      draw_fault(choices[luck_.weighted(weights)].id, base);
    }
  }

  void draw_fault(const std::string& id, const v1::Scenario& base) {
    const auto [primary, replica] = story_->pair();
    std::vector<std::string> regions = {primary, replica};
    if (luck_.one_in(2)) std::swap(regions[0], regions[1]);
    for (const v1::RegionSpec& region : base.region()) {
      if (std::ranges::find(regions, region.name()) == regions.end()) {
        regions.push_back(region.name());
      }
    }
    v1::Fault fault = example_fault(id, regions, key_in(regions[1]));
    if (fault.kind_case() == v1::Fault::KIND_NOT_SET) return;
    const Duration longest = std::max(style_.longest_fault, Duration::millis(1));
    // Some are what they are by how long they last.
    if (!ends_by_itself(fault) && fault.for_().empty()) {
      fault.set_for_(time_text(luck_.log_between(Duration::millis(1), longest)));
    }
    if (fault.has_crash() && luck_.one_in(2)) {
      fault.mutable_crash()->set_torn_tail(luck_.one_in(2) ? v1::TEAR : v1::LOSE_ALL);
    }
    v1::Step step;
    *step.mutable_fault() = std::move(fault);
    const Duration at = Duration::nanos(static_cast<std::int64_t>(
        luck_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(1, end_.ns())))));
    if (luck_.percent(style_.aimed_percent)) aim(step, luck_.pick(regions));
    const Duration end = end_;
    add(std::move(step), at);
    end_ = end;
  }

  void aim(v1::Step& step, const std::string& region) {
    const Anchor& anchor = kAnchors[luck_.below(std::size(kAnchors))];
    v1::On& on = *step.mutable_on();
    on.set_event(anchor.event);
    on.set_verb(anchor.verb);
    on.set_outcome(anchor.outcome);
    on.set_region(region);
    if (luck_.one_in(2)) on.set_nth(static_cast<std::uint32_t>(luck_.log_between(1, 8)));
    if (luck_.one_in(3)) {
      on.set_delay(time_text(luck_.log_between(Duration::micros(100), Duration::millis(200))));
    }
  }

  // What may rightly be broken by a fault is not expected any more.
  void keep_expectations() {
    if (!style_.keeps_expectations) return drawn_.clear_expect();
    const bool is_calm = style_.faults == 0 && style_.calls == 0;
    auto& expects = *drawn_.mutable_expect();
    for (int i = expects.size() - 1; i >= 0; --i) {
      const auto when = expects[i].when_case();
      const bool at_a_time = when == v1::Expect::kAt || when == v1::Expect::kWithin;
      // Of a region that is dead for good nothing can be expected.
      const bool of_the_living = when != v1::Expect::kSometimes && when != v1::Expect::kNever;
      if ((!is_calm && at_a_time) || (style_.loses_a_region && of_the_living)) {
        expects.DeleteSubrange(i, 1);
      }
    }
  }

  void draw_network() {
    if (!style_.uneven_links && !style_.noisy_links) return;
    for (const v1::RegionSpec& from : drawn_.region()) {
      for (const v1::RegionSpec& to : drawn_.region()) {
        if (from.name() != to.name()) draw_link(from.name(), to.name());
      }
    }
  }

  // As a degradation that settling mends: the link itself stays good.
  void draw_link(const std::string& from, const std::string& to) {
    v1::Step step;
    v1::Degrade& link = *step.mutable_fault()->mutable_degrade();
    link.set_from(from);
    link.set_to(to);
    link.set_one_way(true);
    if (style_.uneven_links) {
      link.set_latency(time_text(luck_.log_between(Duration::millis(1), Duration::seconds(4))));
      link.set_jitter("0s");
    }
    if (style_.noisy_links) {
      link.set_loss(fmt::format("1/{}", luck_.log_between(4, 64)));
      link.set_duplicate(fmt::format("1/{}", luck_.log_between(4, 64)));
      link.set_reorder(fmt::format("1/{}", luck_.log_between(4, 64)));
      link.set_reorder_delay(
          time_text(luck_.log_between(Duration::millis(10), Duration::seconds(3))));
    }
    const Duration end = end_;
    add(std::move(step), Duration::nanos(static_cast<std::int64_t>(luck_.below(
                             static_cast<std::uint64_t>(std::max<std::int64_t>(1, end_.ns()))))));
    end_ = end;
  }

  void draw_end() {
    v1::Settle& settle = *drawn_.mutable_settle();
    drawn_.clear_run_for();
    drawn_.clear_expected_verdict();
    drawn_.clear_violates();
    // Clients and faults come before the mending.
    if (settle.at().empty() || duration_or(settle.at(), Duration::zero()) < end_) {
      // At once, or when the first retries are over.
      const Duration pause = luck_.one_in(2) ? Duration::millis(1) : Duration::seconds(3);
      settle.set_at(time_text(end_ + pause));
    }
    if (style_.loses_a_region && drawn_.region_size() > 1) {
      const auto dead = luck_.below(static_cast<std::uint64_t>(drawn_.region_size()));
      settle.add_dead_region(drawn_.region(static_cast<int>(dead)).name());
    }
  }

  void sort_steps() {
    auto& steps = *drawn_.mutable_step();
    std::stable_sort(steps.begin(), steps.end(), [](const v1::Step& a, const v1::Step& b) {
      return duration_or(a.at(), Duration::zero()) < duration_or(b.at(), Duration::zero());
    });
  }

  // Over at once, or with what it waits for.
  static bool ends_by_itself(const v1::Fault& fault) {
    return is_over_at_once(fault) || fault.has_drop_next() || fault.has_delay_next() ||
           fault.has_corrupt_next() || fault.has_duplicate_next() || fault.has_late_ghost();
  }

  const Style& style_;
  Luck& luck_;
  v1::Scenario drawn_;
  v1::Scenario told_;
  std::optional<ClientStory> story_;
  Duration end_;
};

// What is lost, late or doubled, and who dies meanwhile: most bugs of distributed systems need one
// of these ("TaxDC", ASPLOS 2016; "Simple Testing Can Prevent Most Critical Failures", OSDI 2014).
std::uint32_t usual_weight(std::string_view id) {
  static constexpr std::string_view kCommon[] = {"NET-03", "NET-05", "NET-06", "NET-09", "NET-10",
                                                 "NET-11", "REG-01", "REG-05", "DSK-01", "KMS-05"};
  return std::ranges::find(kCommon, id) == std::end(kCommon) ? 1 : 3;
}

std::vector<FaultChoice> make_fault_choices() {
  std::vector<FaultChoice> choices;
  const std::vector<std::string> some = {"region-a", "region-b", "region-c"};
  for (const FaultEntry& entry : fault_catalogue()) {
    if (example_fault(entry.id, some, "alias/app").kind_case() != v1::Fault::KIND_NOT_SET) {
      choices.push_back({std::string(entry.id), usual_weight(entry.id)});
    }
  }
  return choices;
}

}  // namespace

const std::vector<FaultChoice>& all_fault_choices() {
  static const std::vector<FaultChoice> choices = make_fault_choices();
  return choices;
}

v1::Scenario draw(const v1::Scenario& base, const Style& style, Luck& luck) {
  return Drawing(base, style, luck).draw(base);
}

bool is_random(const v1::Scenario& scenario) {
  return scenario.has_workload() || scenario.has_chaos();
}

Style style_of(const v1::Scenario& scenario) {
  Style style;
  const v1::Workload& workload = scenario.workload();
  style.secrets = workload.secrets() > 0 ? workload.secrets() : 2;
  style.calls = !scenario.has_workload() ? 0 : workload.calls() > 0 ? workload.calls() : 30;
  const Duration span = duration_or(workload.duration(), Duration::seconds(30));
  // Gaps are drawn on a logarithmic scale of a hundred: on average a fifth of the longest.
  if (style.calls > 0) {
    style.longest_gap = std::max(Duration::micros(100), span / style.calls * 5);
  }
  for (const std::string& region : workload.primary_region()) {
    style.primary_regions.push_back(region);
  }
  if (workload.mix_size() > 0) {
    style.mix.assign(operation_kinds().size(), 0);
    for (const v1::OperationWeight& entry : workload.mix()) {
      for (std::size_t i = 0; i < style.mix.size(); ++i) {
        if (operation_kinds()[i].name == entry.operation()) style.mix[i] = entry.weight();
      }
    }
  }
  const v1::Chaos& chaos = scenario.chaos();
  style.faults = !scenario.has_chaos() || chaos.none() ? 0
                 : chaos.faults() > 0                  ? chaos.faults()
                                                       : 4;
  style.longest_fault = duration_or(chaos.longest(), Duration::seconds(10));
  for (const v1::FaultWeight& entry : chaos.mix()) {
    for (const FaultChoice& choice : all_fault_choices()) {
      const FaultEntry* known = find_fault(entry.kind());
      const bool same = known != nullptr && known->id == choice.id;
      const bool same_block = find_fault(choice.id)->block == entry.kind();
      if (same || same_block) style.fault_mix.push_back({choice.id, entry.weight()});
    }
  }
  style.keeps_expectations = true;
  return style;
}

LoadedScenario with_steps_drawn(const LoadedScenario& loaded, std::uint64_t seed) {
  Luck luck(seed, "draw");
  const v1::Scenario& scenario = loaded.scenario;
  LoadedScenario drawn{draw(scenario, style_of(scenario), luck), loaded.file, {}, {}};
  drawn.scenario.set_expected_verdict(scenario.expected_verdict());
  drawn.scenario.set_violates(scenario.violates());
  return drawn;
}

}  // namespace faultline::regions::explore
