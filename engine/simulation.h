// Simulation: one run. It owns time, the event queue, the network, the actors and the trace, and
// executes one event after the other.
//
//     Simulation sim({.seed = 7});
//     const ActorId ping = sim.add_actor("ping", …);
//     sim.at(Instant() + Duration::seconds(5), [&] { sim.crash(ping); }, "ping dies");
//     sim.run_until_idle();
//     sim.trace().hash();      // the same for the same seed, to the bit, on every machine
//
// Invariants
//   (1) One simulation is one thread; many side by side share nothing.
//   (2) Time jumps forward from event to event and never sleeps. What is due at one instant happens
//       in the order in which it was scheduled.
//   (3) Options, actors and the calls below decide what happens, and nothing else: no wall clock,
//       OS entropy, address or hash order.
// Crash    Destroys the actor, its coroutines, timers and closures, then lets the disk lose what it
//          loses. Messages on their way stay. Asked for while code of the actor runs, it holds from
//          that statement on (actor.h, Dying), and the destruction follows right after the turn.
// Checks   An FL_CHECK that fails in a running simulation says "seed 7, at 3.214s, event 41".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/actor.h"
#include "engine/event_queue.h"
#include "engine/forward.h"
#include "engine/keyed_random.h"
#include "engine/network.h"
#include "engine/time.h"
#include "engine/trace.h"

namespace faultline::engine {

struct SimulationOptions {
  uint64_t seed = 1;
  // What wall clocks show at the run's epoch. Default 2026-01-01T00:00:00Z.
  int64_t epoch_unix_ns = 1'767'225'600'000'000'000;
  LinkConditions links{};
};

struct CrashOptions {
  v1::TornTail torn_tail{};  // what the disk keeps; default as LOSE_ALL
  // The disk is replaced by one with these contents. Null: it stays.
  std::shared_ptr<const DiskImage> new_disk{};
};

// A pending event in words, for exploration and for people.
struct EventDescription {
  Instant at;
  uint64_t sequence = 0;  // its place among the events of one instant
  EventId id = 0;         // names it for execute(), lose() and duplicate()
  EventClass kind = EventClass::Call;
  TimerClass urgency = TimerClass::Foreground;
  ActorId actor = kNoActor;  // receiver, owner, or kNoActor for the world's own
  ActorId peer = kNoActor;   // a message's sender
  uint64_t number = 0;       // message id or timer key
  uint64_t digest = 0;       // of a message's body
  std::string label;         // message type, or the label of a closure
};

class Simulation {
 public:
  using Factory = std::function<std::unique_ptr<Actor>(ActorContext&)>;

  explicit Simulation(SimulationOptions options = {});
  // Actors go, the last added first; what their destructors do has no effect, and nothing is
  // traced.
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // ---- actors ---------------------------------------------------------------------------------
  // Builds the actor now; its on_start comes as an event at this instant. REQUIRES: the name is new
  // and not empty.
  ActorId add_actor(std::string name, Factory factory);
  [[nodiscard]] std::size_t actors() const { return hosts_.size(); }
  // nullptr while it is down. REQUIRES (all of these): the id is an actor's.
  [[nodiscard]] Actor* actor(ActorId id);
  [[nodiscard]] ActorContext& context(ActorId id);
  [[nodiscard]] std::optional<ActorId> find(std::string_view name) const;
  [[nodiscard]] bool is_up(ActorId id) const;

  // Nothing happens to an actor that is down.
  void crash(ActorId id, CrashOptions options = {});
  // Builds the actor again on its disk and starts it. Nothing happens to an actor that is up.
  void restart(ActorId id);
  // Runs code as a turn of the actor, now: for those who call its methods directly. Nothing happens
  // if it is down.
  void run_as(ActorId id, const std::function<void()>& run);
  // The same as an event of this instant: what hinders the actor hinders the call, too.
  void call_later_as(ActorId id, std::function<void()> run, std::string_view label);
  // A paused actor hangs: its messages, timers, resumptions and calls wait, and happen in order when
  // the last pause has ended. Pauses count. A crash destroys what waited, except messages.
  void pause(ActorId id);
  void end_pause(ActorId id);
  // Each of the actor's events happens so much later. Slownesses add up; a negative one takes back.
  void slow_down(ActorId id, Duration by);
  [[nodiscard]] bool is_hindered(ActorId id) const;
  // Told after a crash (false) and after a restart (true, before on_start).
  void set_life_cycle_hook(std::function<void(ActorId, bool up)> hook);

  // ---- the world's own events -----------------------------------------------------------------
  // REQUIRES: when >= now().
  void at(Instant when, std::function<void()> run, std::string_view label);
  void after(Duration delay, std::function<void()> run, std::string_view label);
  // A coroutine that belongs to nobody (a client, a test): it lives until it ends or the simulation
  // does.
  void spawn(Task<void> task);
  [[nodiscard]] SleepAwaiter sleep(Duration duration, TimerClass urgency = TimerClass::Foreground) {
    return {*this, kNoActor, duration, urgency};
  }

  // ---- running --------------------------------------------------------------------------------
  // Executes the next event, then the observer. False: there is none.
  bool step();
  // For a search, which chooses what happens next. Executes that event now, before all that is due
  // earlier; time goes on to where it was due, and never back: what is overtaken is late. False: it
  // is not pending.
  bool execute(EventId id);
  // The bytes of a message that is on its way. REQUIRES: a pending Deliver.
  [[nodiscard]] const std::string& body_of(EventId id) const;
  // A message that is on its way is lost; arrives once more. False: it is not pending.
  bool lose(EventId id);
  bool duplicate(EventId id);
  // Executes everything due up to and including `end`, then stands at `end`.
  void run_until(Instant end);
  // Runs until only Background timers are left (true), or until the next event lies after `limit`
  // (false; then stands at `limit`).
  bool run_until_idle(std::optional<Instant> limit = {});

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] int64_t epoch_unix_ns() const { return options_.epoch_unix_ns; }
  // Events executed.
  [[nodiscard]] uint64_t events() const { return events_; }
  // Called after each event: invariants and expectations live here. It may schedule, apply faults
  // and crash.
  void set_after_event(std::function<void()> observer);

  // ---- parts ----------------------------------------------------------------------------------
  [[nodiscard]] KeyedRandom& random() { return random_; }
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] FaultInjector& faults() { return *faults_; }
  [[nodiscard]] Trace& trace() { return trace_; }
  [[nodiscard]] EventQueue& queue() { return queue_; }
  // Everything that may happen next, in the order in which it would.
  [[nodiscard]] std::vector<EventDescription> pending() const;
  // "seed 7, at 3.214s, event 41"
  [[nodiscard]] std::string describe_position() const;

 private:
  friend class ActorContext;
  friend class WakeUp;

  struct Host {
    Host(Simulation& simulation, ActorId id, std::string name)
        : context(simulation, id, std::move(name)) {}
    ActorContext context;
    Factory factory;
    std::unique_ptr<Actor> actor;
    uint32_t turns = 0;  // of its code on the stack
    uint32_t pauses = 0;
    Duration slowness = Duration::zero();

    [[nodiscard]] bool is_hindered() const { return pauses > 0 || slowness > Duration::zero(); }
  };
  // A crash or a restart that waits until the actor's code has left the stack.
  struct Transition {
    ActorId id = kNoActor;
    bool up = false;
    CrashOptions crash{};
    uint64_t cause = 0;
  };
  class Turn;

  void check_not_running() const;
  void execute_next();
  void execute_event(const QueuedEvent& event);
  bool put_off_next();
  void note_hindrance(bool before, bool now);
  void deliver(const QueuedEvent& event);
  void fire_timer(const QueuedEvent& event);
  void resume(const QueuedEvent& event);
  void call(const QueuedEvent& event);
  void build(Host& host);
  void tear_down(Host& host);
  [[nodiscard]] bool will_be_up(ActorId id) const;
  void finish_transitions();
  void finish_crash(const Transition& transition);
  void finish_restart(const Transition& transition);
  Host& host(ActorId id);
  [[nodiscard]] const Host& host(ActorId id) const;

  const SimulationOptions options_;
  Instant now_;
  uint64_t events_ = 0;
  KeyedRandom random_;
  EventQueue queue_;
  Trace trace_;
  Network network_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::pair<std::string, ActorId>> by_name_;  // sorted
  std::unique_ptr<FaultInjector> faults_;
  TaskScope world_tasks_;
  std::vector<Transition> transitions_;  // oldest first
  std::size_t hindered_ = 0;             // actors
  bool finishing_ = false;
  bool executing_ = false;
  std::function<void(ActorId, bool)> life_cycle_hook_;
  std::function<void()> after_event_;
};

}  // namespace faultline::engine
