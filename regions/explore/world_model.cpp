#include "regions/explore/world_model.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/simulation.h"
#include "proto/check.h"
#include "proto/replication.pb.h"
#include "proto/trace.pb.h"
#include "regions/explore/state_text.h"
#include "regions/inspector.h"
#include "regions/invariants/monitor.h"
#include "regions/invariants/property.h"
#include "regions/operator_steps.h"
#include "regions/replication/timer_keys.h"
#include "regions/runner.h"
#include "regions/scenario_text.h"
#include "regions/secret_store.h"
#include "regions/settling.h"

namespace faultline::regions::explore {
namespace {

using engine::EventClass;
using engine::EventDescription;

bool is_set_up(const v1::Step& step) {
  const auto at = engine::parse_duration(step.at().empty() ? "0s" : step.at());
  return at.has_value() && *at == engine::Duration::zero();
}

// Where the machines stand, from what they tell.
class Machines final : public engine::TraceListener {
 public:
  explicit Machines(const engine::Trace& trace) : trace_(trace) {}

  void on_record(std::uint64_t id, const engine::TraceRecord& record) override {
    static_cast<void>(id);
    if (record.kind == v1::ACTOR_CRASHED) {
      const std::string prefix = std::string(trace_.name(record.actor)) + "/";
      std::erase_if(stand_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
    }
    if (record.kind != v1::MACHINE_MOVED) return;
    const std::string key = fmt::format("{}/{}/{}/{}", trace_.name(record.actor), record.text,
                                        record.subject, trace_.name(record.peer));
    Stand& stand = stand_[key];
    const std::string state = fmt::format("{}@{}", record.outcome, record.number);
    stand.times = stand.state == state ? stand.times + 1 : 1;
    stand.state = state;
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [key, stand] : stand_) {
      out += fmt::format("machine {} {} {}\n", key, stand.state, stand.times);
    }
    return out;
  }

 private:
  struct Stand {
    std::string state;
    int times = 0;
  };
  const engine::Trace& trace_;
  std::map<std::string, Stand> stand_;
};

}  // namespace

struct WorldModel::Choice {
  enum class Kind { Deliver, Timer, Call, Drop, Duplicate, Crash, Cut, Mend, Region, Key };
  Kind kind;
  engine::EventId event = 0;
  std::string text;
  v1::Fault fault{};
  std::uint64_t healed = 0;
};

struct WorldModel::Life {
  explicit Life(const LoadedScenario& loaded, const SharedParts& shared)
      : world(make_world(loaded.scenario, seed_of(loaded.scenario, {}), shared)),
        monitor(*world),
        settling(*world, loaded.scenario),
        machines(world->simulation().trace()) {
    world->simulation().trace().add_listener(&machines);
    world->simulation().set_after_event([this] { monitor.after_event(); });
  }
  ~Life() {
    world->simulation().set_after_event({});
    world->simulation().trace().remove_listener(&machines);
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  std::unique_ptr<World> world;
  Monitor monitor;
  Settling settling;
  Machines machines;
  // Replica regions in the order in which the set-up linked them.
  std::vector<std::string> linked;
  std::size_t next_call = 0;
  int faults_left = 0;
  std::vector<Choice> choices;
};

const std::vector<std::string>& fault_families() {
  static const std::vector<std::string> names = {"drop", "duplicate", "crash",
                                                 "cut",  "region",    "key"};
  return names;
}

Expected<void, std::string> can_be_searched(const v1::Scenario& scenario) {
  const auto no = [](std::string why) { return tl::make_unexpected(std::move(why)); };
  if (scenario.has_workload() || scenario.has_chaos()) {
    return no("a scenario with a workload or chaos cannot be searched: write its calls as steps");
  }
  bool any_call = false;
  for (const v1::Step& step : scenario.step()) {
    if (step.has_on()) {
      return no(fmt::format(
          "a step that follows an event cannot be searched: take out \"{}\", or its on; "
          "the search tries every place",
          step_text(step)));
    }
    if (is_set_up(step)) continue;
    if (!calls_secrets_manager(step)) {
      return no(fmt::format(
          "only calls{} can be searched: take out \"{}\"; the search places faults itself",
          is_call(step) ? " of Secrets Manager" : "", step_text(step)));
    }
    any_call = true;
  }
  if (!any_call) {
    return no("there is nothing to search: no call comes after 0s (steps at 0s are the set-up)");
  }
  return {};
}

WorldModel::WorldModel(const LoadedScenario& loaded, WorldModelOptions options)
    : loaded_(loaded), options_(std::move(options)) {
  for (int i = 0; i < loaded.scenario.step_size(); ++i) {
    const v1::Step& step = loaded.scenario.step(i);
    (is_set_up(step) ? setup_ : script_).push_back(i);
  }
  const auto possible = can_be_searched(loaded.scenario);
  FL_CHECK(possible.has_value()) << possible.error();
}

WorldModel::~WorldModel() = default;

// ---- choosing -----------------------------------------------------------------------------------

void WorldModel::reset() {
  ++resets_;
  life_ = std::make_unique<Life>(loaded_, options_.shared);
  life_->faults_left = options_.faults;
  for (const int i : setup_) {
    const v1::Step& step = loaded_.scenario.step(i);
    if (is_call(step)) {
      const bool has_token = calls_secrets_manager(step);
      StepPerformer(*life_->world)
          .call(step, has_token ? with_token(step, *life_->world) : v1::ApiRequest(), {});
    } else {
      static_cast<void>(do_operator_step(*life_->world, step));
    }
  }
  life_->world->run_until_idle();
  note_links();
  find_choices();
}

// One secret with replicas is what symmetry is about; with more, nobody changes places.
void WorldModel::note_links() {
  const Inspector inspector(*life_->world);
  const std::string& primary = life_->world->regions().front();
  Region* const region = life_->world->region(primary);
  if (region == nullptr) return;
  const auto names = region->secret_store().secrets_with_links();
  if (!names || names->size() != 1) return;
  for (const v1::StoredLink& link : inspector.replicas(primary, names->front())) {
    life_->linked.push_back(link.region());
    // Generations that do not count from 1 were given before: then nobody changes places.
    if (link.generation() != life_->linked.size()) return life_->linked.clear();
  }
}

std::size_t WorldModel::choices() const { return life_->choices.size(); }
std::string WorldModel::describe(std::size_t index) const { return life_->choices[index].text; }
std::size_t WorldModel::script_size() const { return script_.size(); }

void WorldModel::choose(std::size_t index) {
  const Choice choice = life_->choices.at(index);
  engine::Simulation& simulation = life_->world->simulation();
  switch (choice.kind) {
    case Choice::Kind::Deliver:
    case Choice::Kind::Timer:
      simulation.execute(choice.event);
      break;
    case Choice::Kind::Call: {
      const v1::Step& step = loaded_.scenario.step(script_[life_->next_call++]);
      life_->world->call(step.region(), step.principal().empty() ? "admin" : step.principal(),
                         with_token(step, *life_->world), {});
      break;
    }
    case Choice::Kind::Drop:
      --life_->faults_left;
      simulation.lose(choice.event);
      break;
    case Choice::Kind::Duplicate:
      --life_->faults_left;
      simulation.duplicate(choice.event);
      break;
    case Choice::Kind::Crash:
      --life_->faults_left;
      life_->world->crash(choice.fault.crash().region());
      life_->world->restart(choice.fault.crash().region());
      break;
    case Choice::Kind::Cut:
    case Choice::Kind::Region:
    case Choice::Kind::Key:
      --life_->faults_left;
      life_->world->apply(choice.fault);
      break;
    case Choice::Kind::Mend:
      life_->world->heal(choice.healed);
      break;
  }
  life_->monitor.after_event();
  go_on();
  find_choices();
}

// What is no choice happens: coroutines, closures, the opening of a store.
void WorldModel::go_on() {
  engine::Simulation& simulation = life_->world->simulation();
  for (bool moved = true; moved;) {
    moved = false;
    for (const EventDescription& event : simulation.pending()) {
      const bool at_once = event.kind == EventClass::Resume || event.kind == EventClass::Call;
      if (!at_once || event.urgency == engine::TimerClass::Background) continue;
      simulation.execute(event.id);
      moved = true;
      break;
    }
  }
}

void WorldModel::find_choices() {
  std::vector<Choice>& choices = life_->choices;
  choices.clear();
  World& world = *life_->world;
  engine::Simulation& simulation = world.simulation();
  const auto name = [&](engine::ActorId actor) { return simulation.context(actor).name(); };
  const auto allows = [&](FaultFamily family) {
    return life_->faults_left > 0 &&
           std::ranges::find(options_.families, family) != options_.families.end();
  };
  if (life_->next_call < script_.size()) {
    const v1::Step& step = loaded_.scenario.step(script_[life_->next_call]);
    choices.push_back(
        {Choice::Kind::Call, 0, fmt::format("{} is called: {}", step.region(), step_text(step))});
  }
  std::vector<std::string> seen;
  for (const EventDescription& event : simulation.pending()) {
    if (event.urgency == engine::TimerClass::Background) continue;
    if (event.kind == EventClass::Timer) {
      choices.push_back(
          {Choice::Kind::Timer, event.id,
           fmt::format("a timer of {} fires ({:x})", name(event.actor), event.number)});
    }
    if (event.kind != EventClass::Deliver) continue;
    const std::string what =
        fmt::format("{} from {} to {}", event.label, name(event.peer), name(event.actor));
    // Copies of one message are one choice.
    const std::string twin = fmt::format("{} {:x}", what, event.digest);
    if (std::ranges::find(seen, twin) != seen.end()) continue;
    seen.push_back(twin);
    choices.push_back({Choice::Kind::Deliver, event.id, what + " arrives"});
    if (allows(FaultFamily::Drop)) {
      choices.push_back({Choice::Kind::Drop, event.id, what + " is lost"});
    }
    if (allows(FaultFamily::Duplicate)) {
      choices.push_back({Choice::Kind::Duplicate, event.id, what + " will arrive twice"});
    }
  }
  for (const engine::ActiveFault& fault : simulation.faults().active()) {
    choices.push_back({Choice::Kind::Mend, 0, "mended: " + fault_text(fault.fault), {}, fault.id});
  }
  for (const std::string& region : world.regions()) {
    v1::Fault fault;
    if (allows(FaultFamily::Crash)) {
      fault.mutable_crash()->set_region(region);
      choices.push_back({Choice::Kind::Crash, 0, region + " crashes and starts again", fault});
    }
    if (allows(FaultFamily::Region)) {
      fault.mutable_region_disabled()->set_region(region);
      choices.push_back({Choice::Kind::Region, 0, region + " is disabled", fault});
    }
    if (allows(FaultFamily::Key)) {
      fault.mutable_key_denied()->set_region(region);
      choices.push_back({Choice::Kind::Key, 0, "the keys of " + region + " are denied", fault});
    }
    if (allows(FaultFamily::Cut)) {
      fault.mutable_isolate()->set_region(region);
      fault.mutable_isolate()->set_in_flight(v1::SURVIVE);
      choices.push_back({Choice::Kind::Cut, 0, region + " is cut off", fault});
    }
  }
}

// ---- judging ------------------------------------------------------------------------------------

std::optional<std::string> WorldModel::broken() const {
  const auto& violations = life_->monitor.violations();
  if (violations.empty()) return std::nullopt;
  const PropertyInfo& property = info_of(violations.front().property);
  return fmt::format("{} {}: {}", property.id, property.title, violations.front().found);
}

std::string WorldModel::property() const {
  const auto& violations = life_->monitor.violations();
  return violations.empty() ? "" : std::string(info_of(violations.front().property).id);
}

std::optional<std::string> WorldModel::end() {
  engine::Simulation& simulation = life_->world->simulation();
  life_->settling.mend();
  life_->monitor.settle_begins();
  const engine::Duration bound = life_->settling.bound();
  bool rests = simulation.run_until_idle(simulation.now() + bound);
  if (rests && life_->settling.ask_again() > 0) {
    rests = simulation.run_until_idle(simulation.now() + bound);
  }
  life_->monitor.at_end(
      {.settled = true, .came_to_rest = rests, .bound = bound, .dead_regions = {}});
  return broken();
}

// ---- telling states apart -----------------------------------------------------------------------

std::string WorldModel::state_text() const {
  std::string text =
      stores_text(*life_->world) + traffic_text(*life_->world) + life_->machines.text();
  text += fmt::format("faults left {}\n", life_->faults_left);
  for (const engine::ActiveFault& fault : life_->world->simulation().faults().active()) {
    text += "broken " + fault_text(fault.fault) + "\n";
  }
  for (std::size_t i = life_->next_call; i < script_.size(); ++i) {
    const v1::Step& step = loaded_.scenario.step(script_[i]);
    text += fmt::format("to come {} {}\n", step.region(), step_text(step));
  }
  return text;
}

// Replicas change places together with what the set-up has given each of them: the generation of its
// link, and the number of the link in the timers of the primary.
std::vector<std::string> WorldModel::names_of(const std::vector<std::string>& replicas) const {
  std::vector<std::string> names = replicas;
  for (const std::string& replica : replicas) {
    const auto place = std::ranges::find(life_->linked, replica);
    if (place == life_->linked.end()) continue;
    const auto number = place - life_->linked.begin() + 1;
    names.push_back(fmt::format("generation: {}", number));
    const std::string& primary = life_->world->regions().front();
    names.push_back(
        timer_text(primary, timer_key(TimerPurpose::Prepared, static_cast<std::uint64_t>(number))));
    names.push_back(
        timer_text(primary, timer_key(TimerPurpose::Retry, static_cast<std::uint64_t>(number))));
  }
  return names;
}

engine::Hash128 WorldModel::state() const {
  const std::string text = state_text();
  engine::Hash128 least = hash_of_lines(text);
  std::vector<std::string> order = life_->world->regions();
  if (!options_.symmetry || order.size() < 3) return least;
  order.erase(order.begin());
  std::ranges::sort(order);
  const std::vector<std::string> names = names_of(order);
  while (std::ranges::next_permutation(order).found) {
    const std::vector<std::string> others = names_of(order);
    if (others.size() != names.size()) continue;
    const engine::Hash128 hash = hash_of_lines(renamed(text, names, others));
    if (hash.high < least.high || (hash.high == least.high && hash.low < least.low)) least = hash;
  }
  return least;
}

}  // namespace faultline::regions::explore
