#include "regions/explore/portfolio.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/hash.h"
#include "proto/check.h"
#include "regions/explore/draw.h"
#include "regions/fault_catalogue.h"

namespace faultline::regions::explore {
namespace {

using engine::Duration;

std::uint64_t seed_for(std::string_view arm, std::uint64_t campaign, std::uint64_t counter) {
  return engine::hash64(fmt::format("{}/{}/{}", campaign, arm, counter));
}

Luck luck_for(std::string_view arm, std::uint64_t campaign, std::uint64_t counter) {
  return {seed_for(arm, campaign, counter), "portfolio"};
}

// Short and long runs, few and many faults, hurried and leisurely clients: each on a logarithmic
// scale, so that no size is rare.
Style any_style(const v1::Scenario& base, Luck& luck) {
  Style style;
  if (is_random(base)) {
    style = style_of(base);
  } else {
    style.calls = static_cast<std::uint32_t>(luck.log_between(2, 48));
    style.secrets = luck.one_in(4) ? 2 : 1;
  }
  style.longest_gap = luck.log_between(Duration::millis(2), Duration::seconds(8));
  if (!is_random(base) || !base.has_chaos()) {
    style.faults = luck.one_in(4) ? static_cast<std::uint32_t>(luck.below(2))
                                  : static_cast<std::uint32_t>(luck.log_between(1, 10));
  }
  style.longest_fault = luck.log_between(Duration::millis(50), Duration::seconds(60));
  style.loses_a_region = luck.one_in(4) && !base.chaos().none();
  return style;
}

// Random weights for kinds of calls and faults; nothing is left out.
void reweigh(Style& style, Luck& luck) {
  if (style.mix.empty()) {
    for (const OperationKind& kind : operation_kinds()) {
      if (kind.weight == 0) {
        style.mix.push_back(0);
        continue;
      }
      style.mix.push_back(kind.weight * static_cast<std::uint32_t>(luck.between(1, 10)));
    }
  }
  if (style.fault_mix.empty()) style.fault_mix = all_fault_choices();
  for (FaultChoice& choice : style.fault_mix) {
    choice.weight *= static_cast<std::uint32_t>(luck.between(1, 100));
  }
}

// Each kind is left out of the run with a chance of one in four.
void omit(Style& style, Luck& luck) {
  if (style.mix.empty()) {
    for (const OperationKind& kind : operation_kinds()) style.mix.push_back(kind.weight);
  }
  for (std::size_t i = 1; i < style.mix.size(); ++i) {
    if (operation_kinds()[i].weight == 0) continue;  // only drawn when asked for by name
    if (luck.one_in(4)) style.mix[i] = 0;
  }
  if (std::ranges::all_of(style.mix, [](std::uint32_t weight) { return weight == 0; })) {
    style.mix[0] = 1;
  }
  if (style.fault_mix.empty()) style.fault_mix = all_fault_choices();
  std::erase_if(style.fault_mix, [&](const FaultChoice&) { return luck.one_in(4); });
  const auto is_out = [](const FaultChoice& choice) { return choice.weight == 0; };
  if (std::ranges::all_of(style.fault_mix, is_out)) style.faults = 0;
}

v1::Scenario make_plain(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("plain", campaign, counter);
  if (!is_random(base)) {
    v1::Scenario same = base;
    same.clear_seed();
    return same;
  }
  return draw(base, style_of(base), luck);
}

v1::Scenario make_rw(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("rw", campaign, counter);
  Style style = any_style(base, luck);
  reweigh(style, luck);
  style.aimed_percent = static_cast<std::uint32_t>(luck.between(10, 60));
  return draw(base, style, luck);
}

v1::Scenario make_edge(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("edge", campaign, counter);
  Style style = any_style(base, luck);
  reweigh(style, luck);
  style.aimed_percent = 100;
  if (!base.chaos().none()) style.faults = std::max<std::uint32_t>(style.faults, 1);
  return draw(base, style, luck);
}

v1::Scenario make_omit25(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("omit25", campaign, counter);
  Style style = any_style(base, luck);
  omit(style, luck);
  return draw(base, style, luck);
}

v1::Scenario make_des(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("des", campaign, counter);
  Style style = any_style(base, luck);
  if (!base.has_workload()) {
    style.secrets = static_cast<std::uint32_t>(luck.between(2, 5));
    style.calls = static_cast<std::uint32_t>(luck.log_between(40, 400));
  }
  const auto many = static_cast<std::uint32_t>(luck.log_between(2, 24));
  if (!base.has_chaos()) style.faults = many;
  style.longest_gap = luck.log_between(Duration::millis(20), Duration::seconds(4));
  style.noisy_links = luck.percent(70) && !base.chaos().none() && base.chaos().mix_size() == 0;
  style.aimed_percent = 20;
  reweigh(style, luck);
  return draw(base, style, luck);
}

v1::Scenario make_pct(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("pct", campaign, counter);
  Style style = any_style(base, luck);
  style.uneven_links = true;
  style.longest_gap = luck.log_between(Duration::millis(1), Duration::seconds(2));
  style.faults = std::min<std::uint32_t>(style.faults, 3);
  return draw(base, style, luck);
}

v1::Scenario make_calm(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  Luck luck = luck_for("calm", campaign, counter);
  Style style = any_style(base, luck);
  style.faults = 0;
  style.loses_a_region = false;
  return draw(base, style, luck);
}

// The faults that a base allows: all, unless its chaos says which.
std::vector<FaultChoice> allowed_faults(const v1::Scenario& base) {
  if (base.chaos().none()) return {};
  if (base.chaos().mix_size() == 0) return all_fault_choices();
  std::vector<FaultChoice> choices = style_of(base).fault_mix;
  std::erase_if(choices, [](const FaultChoice& choice) { return choice.weight == 0; });
  return choices;
}

// A fault at an event: the so-manieth of its kind in one region.
v1::Step aimed(const std::string& event, const std::string& region, std::uint64_t nth) {
  v1::Step step;
  step.mutable_on()->set_event(event);
  step.mutable_on()->set_region(region);
  if (nth > 1) step.mutable_on()->set_nth(static_cast<std::uint32_t>(nth));
  return step;
}

std::string region_at(const v1::Scenario& base, std::uint64_t index) {
  const auto count = static_cast<std::uint64_t>(base.region_size());
  return base.region(static_cast<int>(index % count)).name();
}

// A crash at each sync of each region's disk in turn, with each kind of torn tail; half of them meet
// a lost or late message, too.
v1::Scenario make_crashpts(const v1::Scenario& base, std::uint64_t campaign,
                           std::uint64_t counter) {
  const auto regions = static_cast<std::uint64_t>(base.region_size());
  constexpr v1::TornTail kTails[] = {v1::LOSE_ALL, v1::TEAR, v1::KEEP_ALL};
  std::uint64_t rest = counter;
  const std::string region = region_at(base, rest);
  rest /= regions;
  const v1::TornTail tail = kTails[rest % std::size(kTails)];
  rest /= std::size(kTails);
  constexpr std::uint64_t kSyncs = 24;
  const std::uint64_t sync = 1 + rest % kSyncs;
  // The next story when all its crashes have been tried.
  const std::uint64_t story = rest / kSyncs;
  Luck luck = luck_for("crashpts", campaign, story);
  Style style = any_style(base, luck);
  style.calls = std::min<std::uint32_t>(style.calls, 12);
  style.faults = static_cast<std::uint32_t>(luck.below(2));
  if (base.chaos().none()) style.faults = 0;
  style.loses_a_region = false;
  v1::Scenario drawn = draw(base, style, luck);
  const auto is_a_crash = [](const FaultChoice& choice) {
    return find_fault(choice.id)->block == "crash";
  };
  if (base.has_chaos() && std::ranges::none_of(allowed_faults(base), is_a_crash)) return drawn;
  v1::Step crash = aimed("DISK_SYNCED", region, sync);
  crash.mutable_fault()->set_for_(counter % 2 == 0 ? "20ms" : "3s");
  crash.mutable_fault()->mutable_crash()->set_region(region);
  crash.mutable_fault()->mutable_crash()->set_torn_tail(tail);
  *drawn.add_step() = std::move(crash);
  return drawn;
}

// Every fault at every step of a short story: first each alone, then pairs.
v1::Scenario make_matrix(const v1::Scenario& base, std::uint64_t campaign, std::uint64_t counter) {
  static const std::vector<FaultChoice> all = all_fault_choices();
  const std::vector<FaultChoice> choices = base.has_chaos() ? allowed_faults(base) : all;
  static const std::vector<std::string> events = {"CALL_STARTED",      "STORE_COMMITTED",
                                                  "MESSAGE_DELIVERED", "MESSAGE_SENT",
                                                  "CALL_ENDED",        "KMS_CALL"};
  std::uint64_t rest = counter;
  const std::string id = choices.empty() ? "" : choices[rest % choices.size()].id;
  rest /= std::max<std::size_t>(1, choices.size());
  const std::string& event = events[rest % events.size()];
  rest /= events.size();
  Luck luck = luck_for("matrix", campaign, counter);
  Style style;
  style.calls = base.step_size() > 0 && !base.has_workload()
                    ? static_cast<std::uint32_t>(luck.below(4))
                    : static_cast<std::uint32_t>(luck.between(2, 8));
  style.faults = 0;
  style.longest_gap = luck.log_between(Duration::millis(10), Duration::seconds(2));
  v1::Scenario drawn = draw(base, style, luck);
  const std::uint64_t faults = choices.empty() || base.region_size() < 2  ? 0
                               : counter < choices.size() * events.size() ? 1
                                                                          : luck.between(1, 2);
  for (std::uint64_t i = 0; i < faults; ++i) {
    std::vector<std::string> regions;
    for (const v1::RegionSpec& region : base.region()) regions.push_back(region.name());
    if (luck.one_in(2)) std::reverse(regions.begin(), regions.end());
    std::string key;
    for (const v1::KeySpec& spec : drawn.key()) {
      if (spec.region() == regions[std::min<std::size_t>(1, regions.size() - 1)])
        key = spec.alias();
    }
    // One draw a statement: compilers disagree on the order of arguments.
    const std::string moment = i == 0 ? event : luck.pick(events);
    const std::string where = luck.pick(regions);
    const std::uint64_t nth = luck.log_between(1, 6);
    v1::Step step = aimed(moment, where, nth);
    v1::Fault fault = example_fault(i == 0 ? id : luck.pick(choices).id, regions, key);
    if (fault.kind_case() == v1::Fault::KIND_NOT_SET) continue;
    if (!is_over_at_once(fault) && fault.for_().empty())
      fault.set_for_(luck.one_in(2) ? "2s" : "12s");
    *step.mutable_fault() = std::move(fault);
    *drawn.add_step() = std::move(step);
  }
  return drawn;
}

}  // namespace

const std::vector<Arm>& portfolio() {
  static const std::vector<Arm> arms = {
      {"plain",    2,  "the scenario as it stands, under other seeds",                       make_plain },
      {"matrix",   12, "each fault of the catalogue at each kind of moment, then pairs",     make_matrix},
      {"calm",     6,  "random calls and no fault: what needs only an unlucky order",        make_calm  },
      {"rw",       16, "random weights of calls and faults, nothing left out",               make_rw    },
      {"edge",     12, "faults at the very moment when something has become durable",        make_edge  },
      {"omit25",   22, "each kind of call and fault left out of a quarter of the runs",      make_omit25},
      {"pct",      12, "every link at a pace of its own: orders that even links never give", make_pct   },
      {"des",      10, "long runs of several secrets over lossy links",                      make_des   },
      {"crashpts", 8,  "a crash at each sync of each disk in turn, torn in three ways",
       make_crashpts                                                                                    },
  };
  return arms;
}

const Arm* find_arm(std::string_view name) {
  const auto found = std::ranges::find(portfolio(), name, &Arm::name);
  return found == portfolio().end() ? nullptr : &*found;
}

std::string Address::to_string() const { return fmt::format("{}/{}/{}", campaign, arm, counter); }

Expected<Address, std::string> Address::parse(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t last = text.rfind('/');
  const auto number = [](std::string_view digits, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  Address address;
  if (first != std::string_view::npos && first != last &&
      number(text.substr(0, first), address.campaign) &&
      number(text.substr(last + 1), address.counter)) {
    address.arm = text.substr(first + 1, last - first - 1);
    if (find_arm(address.arm) != nullptr) return address;
  }
  return tl::make_unexpected(fmt::format(
      "\"{}\" is not an address of a run: campaign/strategy/number, as in 1/edge/173", text));
}

Case make_case(const LoadedScenario& base, const Address& address) {
  const Arm* arm = find_arm(address.arm);
  FL_CHECK(arm != nullptr) << "no strategy is called " << address.arm;
  Case made{
      address, {base.scenario, base.file, {}, {}},
       0
  };
  made.loaded.scenario = arm->make(base.scenario, address.campaign, address.counter);
  made.seed = seed_for(address.arm, address.campaign, address.counter) >> 1U;
  made.loaded.scenario.set_seed(made.seed);
  return made;
}

}  // namespace faultline::regions::explore
