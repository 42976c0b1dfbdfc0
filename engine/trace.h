// Trace: what happened, event by event, each with the event that caused it, and a running hash.
//
//     const uint64_t sent = trace.record({.kind = v1::MESSAGE_SENT, .actor = a, .peer = b});
//
// Cost     Recording formats a hundred bytes and hashes them. Fields are views, nothing is copied
//          or allocated; a v1::TraceEvent is built only while a sink listens.
// Causes   The simulation sets the current cause before every event it executes: the delivery, the
//          firing, or, for coroutines and closures, what was current when they were scheduled.
//          record() does not change it. Whoever begins a story of its own (a client's call) says so
//          with set_current_cause; what is scheduled from then on inherits it.
// Hash     chain(n) = XXH3_128(chain(n-1) ‖ frame(n)); chain(0) is all zeros. The chain is written
//          most significant byte first, the numbers of the frame little-endian:
//
//              offset   0 id u64      8 at_ns i64   16 cause u64   24 number u64   32 digest u64
//                      40 XXH3_64(actor's name) u64                48 XXH3_64(peer's name) u64
//                      56 kind u32   60 u32 length of subject, 64 verb, 68 outcome, 72 text
//                      76 0 u32      80 subject ‖ verb ‖ outcome ‖ text, then 0 to 7 zero bytes up
//                                       to a multiple of 8
//
//          So it does not depend on sinks, and can be computed again from the v1::TraceEvents alone
//          (chain_after).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/actor_id.h"
#include "engine/forward.h"
#include "engine/hash.h"
#include "engine/time.h"

namespace faultline::engine {

// What the fields hold for each kind: proto/trace.proto.
struct TraceRecord {
  v1::EventKind kind{};
  ActorId actor = kNoActor;
  ActorId peer = kNoActor;
  uint64_t cause = 0;  // 0: the current one
  uint64_t number = 0;
  uint64_t digest = 0;
  std::string_view subject{}, verb{}, outcome{}, text{};
};

// Hears every event, in order. Only listens: it must not touch the simulation, which may not depend
// on being watched.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void on_event(const v1::TraceEvent& event) = 0;
};

// Hears every record as it is made, before a v1::TraceEvent would be built: cheap enough to watch
// every run. Unlike a sink it may act: crash an actor, schedule, apply a fault. It is called last,
// so that what it records in turn follows.
class TraceListener {
 public:
  virtual ~TraceListener() = default;
  virtual void on_record(uint64_t id, const TraceRecord& record) = 0;
};

class Trace {
 public:
  // REQUIRES: `now` outlives the trace.
  explicit Trace(const Instant& now);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Appends an event at the current virtual time and returns its id: 1, 2, 3 …
  uint64_t record(const TraceRecord& record);

  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] Hash128 hash() const { return chain_.value(); }

  // The event that causes what happens now; 0: the scenario itself.
  [[nodiscard]] uint64_t current_cause() const { return current_cause_; }
  // Returns the previous one.
  uint64_t set_current_cause(uint64_t event_id);

  // Sinks are not owned and hear what is recorded from now on.
  void add_sink(TraceSink* sink);
  void remove_sink(TraceSink* sink);
  // Not owned; told in the order in which they were added.
  void add_listener(TraceListener* listener);
  void remove_listener(TraceListener* listener);

  // Names an actor, ids in order from 0. The simulation does this.
  void add_name(std::string_view name);
  // "" for kNoActor.
  [[nodiscard]] std::string_view name(ActorId actor) const;

 private:
  void tell_sinks(const TraceRecord& record, uint64_t cause);
  [[nodiscard]] uint64_t name_digest(ActorId actor) const;

  const Instant& now_;
  HashChain chain_;
  uint64_t count_ = 0;
  uint64_t current_cause_ = 0;
  std::string long_frame_;  // reused by records that are longer than usual
  std::vector<std::string> names_;
  std::vector<uint64_t> name_digests_;
  uint64_t no_name_digest_;
  std::vector<TraceSink*> sinks_;
  std::vector<TraceListener*> listeners_;
};

// The chain after `event`, given the chain before it: what event.chain() must be. For checking a
// recorded trace.
[[nodiscard]] Hash128 chain_after(Hash128 before, const v1::TraceEvent& event);

// Puts the current cause back when it goes out of scope. For straight-line code, not across a
// co_await.
class CauseScope {
 public:
  CauseScope(Trace& trace, uint64_t event_id)
      : trace_(trace), previous_(trace.set_current_cause(event_id)) {}
  ~CauseScope() { trace_.set_current_cause(previous_); }
  CauseScope(const CauseScope&) = delete;
  CauseScope& operator=(const CauseScope&) = delete;

 private:
  Trace& trace_;
  uint64_t previous_;
};

}  // namespace faultline::engine
