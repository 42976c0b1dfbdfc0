// Actor: something that lives alone. It knows its ActorContext and nothing else, and speaks through
// messages.
//
//     class Echo : public Actor {
//      public:
//       explicit Echo(ActorContext& ctx) : ctx_(ctx) {}
//       void on_message(const Message& m) override {
//         ctx_.send(m.from, "Echo", std::string(m.body));
//       }
//      private:
//       ActorContext& ctx_;
//     };
//     sim.add_actor("echo", [](ActorContext& ctx) { return std::make_unique<Echo>(ctx); });
//
// Turns    An actor's code runs in turns: one message, timer, closure or resumption at a time, each
//          at one instant.
// Life     Built by its factory, destroyed by a crash, built again on the same disk by a restart.
//          With it go its coroutines (newest first, before the actor itself), timers and closures.
//          What survives belongs to the context: id, name, clock, disk, and the counters of luck.
// Dying    From the statement that asks for the crash on, nothing the actor does has an effect: its
//          disk refuses writes, and send, set_timer, sleep, spawn, after and record do nothing and
//          return 0. So a crash in the middle of a turn is a crash at that statement, although the
//          statements behind it still run, and no destructor reaches out of a dead machine.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/actor_id.h"
#include "engine/event_queue.h"
#include "engine/forward.h"
#include "engine/keyed_random.h"
#include "engine/task.h"
#include "engine/time.h"
#include "engine/trace.h"

namespace faultline::engine {

// Views are valid during on_message only.
struct Message {
  uint64_t id = 0;
  ActorId from, to;
  std::string_view type;
  std::string_view body;
};

// 0: none.
using TimerId = EventId;

class Actor {
 public:
  virtual ~Actor() = default;

  // The first turn. For an actor that was added, as an event at that instant, so that actors added
  // together can find each other; for a restarted one, within restart(). No message or timer comes
  // earlier.
  virtual void on_start() {}
  virtual void on_message(const Message& message) = 0;
  // `key` as given to set_timer.
  virtual void on_timer(uint64_t key) { static_cast<void>(key); }
};

// At most one Resume entry in the queue, taken out when this is destroyed: what every awaiter that
// waits for time is made of. Owned by the frame, so that nothing wakes a frame that is gone.
class WakeUp {
 public:
  WakeUp(Simulation& simulation, ActorId actor) : simulation_(simulation), actor_(actor) {}
  ~WakeUp() { cancel(); }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  // Replaces the entry, if there is one. For a dead actor nothing is scheduled: the coroutine hangs
  // until its frame is destroyed, which is soon.
  void schedule(Duration after, std::coroutine_handle<> waiting, TimerClass urgency);
  void cancel();

 private:
  Simulation& simulation_;
  const ActorId actor_;
  EventId entry_ = 0;
};

// Made by sleep(); await it at once.
class SleepAwaiter {
 public:
  SleepAwaiter(Simulation& simulation, ActorId actor, Duration duration, TimerClass urgency)
      : wake_up_(simulation, actor), duration_(duration), urgency_(urgency) {}

  // Sleeping for zero still lets everything else that is due at this instant go first.
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    wake_up_.schedule(duration_, waiting, urgency_);
  }
  void await_resume() const noexcept {}

 private:
  WakeUp wake_up_;
  Duration duration_;
  TimerClass urgency_;
};

// All that an actor sees of the world. Handed to its factory; outlives every incarnation of the
// actor.
class ActorContext {
 public:
  ActorContext(Simulation& simulation, ActorId id, std::string name);
  ~ActorContext();
  ActorContext(const ActorContext&) = delete;
  ActorContext& operator=(const ActorContext&) = delete;

  [[nodiscard]] ActorId id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // ---- time -----------------------------------------------------------------------------------
  // Simulation time, monotonic: for durations.
  [[nodiscard]] Instant now() const;
  // What this actor's own clock shows, nanoseconds since 1970: epoch + now + skew + drift. For time
  // stamps.
  [[nodiscard]] int64_t wall_unix_ns() const;
  [[nodiscard]] Clock& clock();
  // Fires on_timer(key) once. REQUIRES: after >= 0.
  TimerId set_timer(Duration after, uint64_t key, TimerClass urgency = TimerClass::Foreground);
  // False: it has fired, was cancelled, or is not this actor's.
  bool cancel_timer(TimerId timer);
  // co_await ctx.sleep(d), in one of this actor's coroutines. REQUIRES: d >= 0.
  [[nodiscard]] SleepAwaiter sleep(Duration duration, TimerClass urgency = TimerClass::Foreground);

  // ---- luck -----------------------------------------------------------------------------------
  // Keyed by (seed, "actor/<name>/<purpose>").
  [[nodiscard]] RandomStream random(std::string_view purpose) const;
  // 0, 1, 2 … for each purpose; goes on after a crash, because it is a part of luck and not of
  // state.
  uint64_t next_index(std::string_view purpose);

  // ---- others ---------------------------------------------------------------------------------
  // Returns the message's id. REQUIRES: `type` has static lifetime or comes from Network::intern.
  uint64_t send(ActorId to, std::string_view type, std::string body);

  // ---- work -----------------------------------------------------------------------------------
  // Runs the task now, up to its first real wait.
  void spawn(Task<void> task);
  // Calls `run` as a turn of this actor, unless it crashes before.
  void after(Duration duration, std::function<void()> run, std::string_view label = "after");
  // Coroutines that have not come to their end.
  [[nodiscard]] std::size_t tasks_alive() const { return tasks_.alive(); }

  // ---- disk -----------------------------------------------------------------------------------
  // Made at the first use; survives crashes as its model says.
  [[nodiscard]] Disk& disk();
  // leveldb's view of it; a new one for every incarnation of the actor, so that locks and queued
  // work do not survive.
  [[nodiscard]] DiskEnv& disk_env();

  // ---- trace ----------------------------------------------------------------------------------
  // Fills in the actor; cause 0 means the current event. Returns the event's id.
  uint64_t record(TraceRecord record);
  [[nodiscard]] Trace& trace();

  [[nodiscard]] Simulation& simulation() { return simulation_; }

 private:
  friend class Simulation;

  Simulation& simulation_;
  const ActorId id_;
  const std::string name_;
  bool alive_ = false;  // an incarnation exists and no crash was asked for
  TaskScope tasks_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<DiskEnv> disk_env_;
  std::map<std::string, uint64_t, std::less<>> counters_;
};

}  // namespace faultline::engine
