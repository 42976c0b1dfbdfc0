#include "engine/simulation.h"

#include <algorithm>

#include "engine/clock.h"
#include "engine/disk.h"
#include "engine/disk_env.h"
#include "engine/fault_injector.h"
#include "proto/check.h"
#include "proto/fault.pb.h"
#include "proto/trace.pb.h"

namespace faultline::engine {

// While it lives, code of the actor is (or may be) on the stack, and the actor may not be
// destroyed.
class Simulation::Turn {
 public:
  Turn(Simulation& simulation, Host& host) : simulation_(simulation), host_(host) { ++host_.turns; }
  ~Turn() {
    if (--host_.turns > 0) return;
    host_.context.tasks_.reap();
    if (!simulation_.transitions_.empty()) simulation_.finish_transitions();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Simulation& simulation_;
  Host& host_;
};

Simulation::Simulation(SimulationOptions options)
    : options_(options),
      random_(options.seed),
      trace_(now_),
      network_(queue_, trace_, random_, now_),
      faults_(std::make_unique<FaultInjector>(*this)) {
  network_.set_default(options.links);
}

Simulation::~Simulation() {
  // Closures and frames may hold what uses the simulation when it goes: they go first.
  world_tasks_.clear();
  queue_.cancel_all_of(kNoActor);
  for (auto host = hosts_.rbegin(); host != hosts_.rend(); ++host) {
    (*host)->context.alive_ = false;
    if ((*host)->context.disk_) (*host)->context.disk_->freeze();
    tear_down(**host);
  }
}

// ---- actors -------------------------------------------------------------------------------------

ActorId Simulation::add_actor(std::string name, Factory factory) {
  const CheckContext context([this] { return describe_position(); });
  FL_CHECK(!name.empty()) << "an actor needs a name";
  FL_CHECK(!find(name)) << "two actors of the name " << name;
  const ActorId id{static_cast<uint32_t>(hosts_.size())};
  const std::pair<std::string, ActorId> entry{name, id};
  by_name_.insert(std::upper_bound(by_name_.begin(), by_name_.end(), entry), entry);
  trace_.add_name(name);
  Host& added = *hosts_.emplace_back(std::make_unique<Host>(*this, id, std::move(name)));
  added.factory = std::move(factory);

  const uint64_t started = trace_.record({.kind = v1::ACTOR_STARTED, .actor = id, .verb = "start"});
  const CauseScope cause(trace_, started);
  queue_.push_call(
      now_, id, started, [&added] { added.actor->on_start(); }, "start");
  build(added);
  return id;
}

// An actor may ask for its own crash while it is built, hence the Turn.
void Simulation::build(Host& host) {
  host.context.alive_ = true;
  const Turn turn(*this, host);
  host.actor = host.factory(host.context);
  FL_CHECK(host.actor != nullptr) << "the factory of " << host.context.name() << " made nothing";
}

void Simulation::tear_down(Host& host) {
  ActorContext& context = host.context;
  context.tasks_.clear();
  queue_.cancel_all_of(context.id());
  host.actor.reset();
  context.disk_env_.reset();
}

Actor* Simulation::actor(ActorId id) { return is_up(id) ? host(id).actor.get() : nullptr; }

ActorContext& Simulation::context(ActorId id) { return host(id).context; }

bool Simulation::is_up(ActorId id) const { return host(id).context.alive_; }

std::optional<ActorId> Simulation::find(std::string_view name) const {
  const auto place = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  if (place == by_name_.end() || place->first != name) return std::nullopt;
  return place->second;
}

Simulation::Host& Simulation::host(ActorId id) {
  FL_CHECK(id.value < hosts_.size()) << "no actor has the number " << id.value;
  return *hosts_[id.value];
}

const Simulation::Host& Simulation::host(ActorId id) const {
  FL_CHECK(id.value < hosts_.size()) << "no actor has the number " << id.value;
  return *hosts_[id.value];
}

void Simulation::run_as(ActorId id, const std::function<void()>& run) {
  if (!is_up(id)) return;
  const Turn turn(*this, host(id));
  run();
}

void Simulation::call_later_as(ActorId id, std::function<void()> run, std::string_view label) {
  if (!is_up(id)) return;
  queue_.push_call(now_, id, trace_.current_cause(), std::move(run), label);
}

// ---- hanging and being slow ---------------------------------------------------------------------

void Simulation::pause(ActorId id) {
  Host& paused = host(id);
  const bool before = paused.is_hindered();
  ++paused.pauses;
  note_hindrance(before, paused.is_hindered());
}

void Simulation::end_pause(ActorId id) {
  Host& paused = host(id);
  FL_CHECK(paused.pauses > 0) << paused.context.name() << " was not paused";
  if (--paused.pauses > 0) return;
  queue_.unpark(id, now_);
  note_hindrance(true, paused.is_hindered());
}

void Simulation::slow_down(ActorId id, Duration by) {
  Host& slowed = host(id);
  const bool before = slowed.is_hindered();
  slowed.slowness += by;
  FL_CHECK(slowed.slowness >= Duration::zero()) << slowed.context.name() << " cannot be so fast";
  note_hindrance(before, slowed.is_hindered());
}

void Simulation::note_hindrance(bool before, bool now) {
  if (now && !before) ++hindered_;
  if (before && !now) --hindered_;
}

bool Simulation::is_hindered(ActorId id) const { return host(id).is_hindered(); }

// False: the next event is to be executed.
bool Simulation::put_off_next() {
  const QueuedEvent& next = queue_.front();
  if (next.actor == kNoActor) return false;
  const Host& owner = *hosts_[next.actor.value];
  if (owner.pauses > 0) {
    queue_.park();
    return true;
  }
  if (next.postponed || owner.slowness == Duration::zero()) return false;
  queue_.postpone(saturating_add(queue_.next_at(), owner.slowness));
  return true;
}

// ---- crash and restart --------------------------------------------------------------------------

void Simulation::crash(ActorId id, CrashOptions options) {
  if (!will_be_up(id)) return;
  ActorContext& context = host(id).context;
  context.alive_ = false;
  if (context.disk_) context.disk_->freeze();
  transitions_.push_back(
      {.id = id, .up = false, .crash = std::move(options), .cause = trace_.current_cause()});
  finish_transitions();
}

void Simulation::restart(ActorId id) {
  if (will_be_up(id)) return;
  transitions_.push_back({.id = id, .up = true, .cause = trace_.current_cause()});
  finish_transitions();
}

bool Simulation::will_be_up(ActorId id) const {
  const auto last = std::find_if(transitions_.rbegin(), transitions_.rend(),
                                 [id](const Transition& t) { return t.id == id; });
  return last != transitions_.rend() ? last->up : is_up(id);
}

// Does what can be done now, in order. The actors whose code is on the stack are left to the end of
// their turn.
void Simulation::finish_transitions() {
  if (finishing_) return;
  finishing_ = true;
  const CheckContext context([this] { return describe_position(); });
  const auto can_go = [this](const Transition& t) { return host(t.id).turns == 0; };
  for (;;) {
    const auto next = std::find_if(transitions_.begin(), transitions_.end(), can_go);
    if (next == transitions_.end()) break;
    const Transition transition = *next;
    transitions_.erase(next);
    const CauseScope cause(trace_, transition.cause);
    transition.up ? finish_restart(transition) : finish_crash(transition);
  }
  finishing_ = false;
}

void Simulation::finish_crash(const Transition& transition) {
  Host& dying = host(transition.id);
  tear_down(dying);
  CrashReport report;
  if (Disk* const disk = dying.context.disk_.get(); disk != nullptr) {
    report = disk->crash(transition.crash.torn_tail);
    disk->thaw();
    if (transition.crash.new_disk) disk->load_image(*transition.crash.new_disk);
  }
  const v1::TornTail kept = transition.crash.torn_tail == v1::TORN_TAIL_UNSPECIFIED
                                ? v1::LOSE_ALL
                                : transition.crash.torn_tail;
  const uint64_t crashed = trace_.record({.kind = v1::ACTOR_CRASHED,
                                          .actor = transition.id,
                                          .number = report.bytes_lost,
                                          .digest = report.digest,
                                          .outcome = v1::TornTail_Name(kept)});
  const CauseScope cause(trace_, crashed);
  if (life_cycle_hook_) life_cycle_hook_(transition.id, false);
}

void Simulation::finish_restart(const Transition& transition) {
  Host& starting = host(transition.id);
  const uint64_t started =
      trace_.record({.kind = v1::ACTOR_STARTED, .actor = transition.id, .verb = "restart"});
  const CauseScope cause(trace_, started);
  const Turn turn(*this, starting);
  build(starting);
  if (life_cycle_hook_) life_cycle_hook_(transition.id, true);
  if (starting.context.alive_) starting.actor->on_start();
}

void Simulation::set_life_cycle_hook(std::function<void(ActorId, bool)> hook) {
  life_cycle_hook_ = std::move(hook);
}

// ---- the world's own events ---------------------------------------------------------------------

void Simulation::at(Instant when, std::function<void()> run, std::string_view label) {
  const CheckContext context([this] { return describe_position(); });
  FL_CHECK(when >= now_) << "event scheduled in the past: " << label;
  queue_.push_call(when, kNoActor, trace_.current_cause(), std::move(run), label);
}

void Simulation::after(Duration delay, std::function<void()> run, std::string_view label) {
  FL_CHECK(delay >= Duration::zero()) << "event scheduled in the past: " << label;
  at(saturating_add(now_, delay), std::move(run), label);
}

void Simulation::spawn(Task<void> task) { world_tasks_.spawn(std::move(task)); }

// ---- running ------------------------------------------------------------------------------------

bool Simulation::step() {
  const CheckContext context([this] { return describe_position(); });
  check_not_running();
  while (hindered_ > 0 && !queue_.empty() && put_off_next()) {
  }
  if (queue_.empty()) return false;
  execute_next();
  return true;
}

void Simulation::run_until(Instant end) {
  const CheckContext context([this] { return describe_position(); });
  check_not_running();
  FL_CHECK(end >= now_) << "to run until the past, " << format_instant(end);
  while (!queue_.empty() && queue_.next_at() <= end) {
    if (hindered_ == 0 || !put_off_next()) execute_next();
  }
  now_ = std::max(now_, end);
}

bool Simulation::run_until_idle(std::optional<Instant> limit) {
  const CheckContext context([this] { return describe_position(); });
  check_not_running();
  FL_CHECK(!limit || *limit >= now_) << "to run until the past, " << format_instant(*limit);
  while (queue_.foreground() > 0) {
    if (limit && queue_.next_at() > *limit) {
      now_ = *limit;
      return false;
    }
    if (hindered_ == 0 || !put_off_next()) execute_next();
  }
  return true;
}

void Simulation::check_not_running() const {
  FL_CHECK(!executing_) << "an event that runs the simulation it is part of";
}

void Simulation::execute_next() {
  // A search may have gone ahead of what is due.
  now_ = std::max(now_, queue_.next_at());
  execute_event(queue_.pop());
}

bool Simulation::execute(EventId id) {
  const CheckContext context([this] { return describe_position(); });
  check_not_running();
  if (queue_.find(id) == nullptr) return false;
  now_ = std::max(now_, queue_.due_at(id));
  execute_event(queue_.take(id));
  return true;
}

const std::string& Simulation::body_of(EventId id) const {
  const QueuedEvent* found = queue_.find(id);
  FL_CHECK(found != nullptr && found->kind == EventClass::Deliver) << "no message on its way";
  return network_.message(found->slot).body;
}

bool Simulation::lose(EventId id) {
  const QueuedEvent* found = queue_.find(id);
  if (found == nullptr || found->kind != EventClass::Deliver) return false;
  const uint32_t slot = found->slot;
  queue_.cancel(id);
  network_.drop(slot, kDroppedByFault);
  network_.release(slot);
  return true;
}

bool Simulation::duplicate(EventId id) {
  const QueuedEvent* found = queue_.find(id);
  if (found == nullptr || found->kind != EventClass::Deliver) return false;
  const QueuedEvent event = *found;
  network_.add_copy(event.slot);
  queue_.push(std::max(now_, queue_.due_at(id)), event);
  return true;
}

void Simulation::execute_event(const QueuedEvent& event) {
  executing_ = true;
  ++events_;
  trace_.set_current_cause(event.cause);
  switch (event.kind) {
    case EventClass::Deliver:
      deliver(event);
      break;
    case EventClass::Timer:
      fire_timer(event);
      break;
    case EventClass::Resume:
      resume(event);
      break;
    case EventClass::Call:
      call(event);
      break;
  }
  if (after_event_) after_event_();
  trace_.set_current_cause(0);
  executing_ = false;
}

void Simulation::deliver(const QueuedEvent& event) {
  if (network_.hold_if_clogged(event.slot)) return;
  const MessageInFlight& message = network_.message(event.slot);
  Host& receiver = *hosts_[event.actor.value];
  if (!receiver.context.alive_) {
    network_.drop(event.slot, kDroppedAtDownActor);
  } else {
    // Whoever hears of the arrival may crash the receiver: that is within its turn.
    const Turn turn(*this, receiver);
    trace_.set_current_cause(network_.arrive(event.slot));
    receiver.actor->on_message({.id = message.id,
                                .from = message.from,
                                .to = message.to,
                                .type = message.type,
                                .body = message.body});
  }
  network_.release(event.slot);
}

void Simulation::fire_timer(const QueuedEvent& event) {
  trace_.set_current_cause(
      trace_.record({.kind = v1::TIMER_FIRED, .actor = event.actor, .number = event.number}));
  Host& owner = *hosts_[event.actor.value];
  const Turn turn(*this, owner);
  owner.actor->on_timer(event.number);
}

void Simulation::resume(const QueuedEvent& event) {
  if (event.actor == kNoActor) {
    event.resume.resume();
    world_tasks_.reap();
    return;
  }
  const Turn turn(*this, *hosts_[event.actor.value]);
  event.resume.resume();
}

void Simulation::call(const QueuedEvent& event) {
  if (event.actor == kNoActor) {
    queue_.take_call(event.slot).run();
    return;
  }
  const Turn turn(*this, *hosts_[event.actor.value]);
  queue_.take_call(event.slot).run();
}

void Simulation::set_after_event(std::function<void()> observer) {
  after_event_ = std::move(observer);
}

// ---- describing ---------------------------------------------------------------------------------

std::vector<EventDescription> Simulation::pending() const {
  std::vector<EventDescription> out;
  for (const PendingEvent& pending : queue_.pending()) {
    EventDescription& description = out.emplace_back();
    description.at = pending.at;
    description.sequence = pending.sequence;
    description.id = pending.id;
    description.kind = pending.event.kind;
    description.urgency = pending.event.urgency;
    description.actor = pending.event.actor;
    description.number = pending.event.number;
    description.label = pending.label;
    if (pending.event.kind == EventClass::Deliver) {
      const MessageInFlight& message = network_.message(pending.event.slot);
      description.peer = message.from;
      description.digest = message.digest;
      description.label = message.type;
    }
  }
  return out;
}

std::string Simulation::describe_position() const {
  return "seed " + std::to_string(options_.seed) + ", at " + format_instant(now_) + ", event " +
         std::to_string(events_);
}

}  // namespace faultline::engine
