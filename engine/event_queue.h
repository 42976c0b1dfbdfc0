// EventQueue: what will happen, in the order (time, sequence). The sequence number is given at
// push: of two entries for one instant, the one scheduled first comes first. There is no other
// order in a run.
//
// Entries are typed and can be described, so that a search can choose among what is pending and a
// replay can name it:
//
//     class    what happens            actor                      number       label
//     Deliver  a message arrives       receiver                   message id   (in the network)
//     Timer    an actor's timer fires  owner                      its key
//     Resume   a coroutine goes on     owner, kNoActor: world's   0
//     Call     a closure is called     owner, kNoActor: world's   0            what it is
//
// Each carries its cause: the trace event that was current when it was scheduled.
//
// Cost     A 4-ary heap of 16-byte nodes, four to a cache line, over a slab of entries: nothing is
//          allocated at steady state. Cancelling is O(1) and leaves a hollow node; the heap is
//          swept when half of it is hollow.
// Limits   2^24 entries pending, 2^40 pushes in a run (checked).
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/actor_id.h"
#include "engine/slab.h"
#include "engine/time.h"

namespace faultline::engine {

enum class EventClass : uint8_t { Deliver, Timer, Resume, Call };

// Does the entry keep run_until_idle going? A purge in thirty days does not.
enum class TimerClass : uint8_t { Foreground, Background };

// Names a pushed entry until it has been popped or cancelled; then it names nothing, for ever. 0:
// none.
using EventId = uint64_t;

// One entry. A Deliver's `slot` is the network's, a Call's is the queue's (take_call).
struct QueuedEvent {
  EventClass kind = EventClass::Call;
  TimerClass urgency = TimerClass::Foreground;
  uint32_t slot = 0;
  ActorId actor = kNoActor;
  uint64_t cause = 0;
  uint64_t number = 0;
  std::coroutine_handle<> resume = nullptr;
};

struct QueuedCall {
  std::function<void()> run;
  std::string label;
};

// A pending entry and where it stands in the order.
struct PendingEvent {
  Instant at;
  uint64_t sequence = 0;
  EventId id = 0;
  QueuedEvent event;
  std::string_view label;  // of a Call; valid until the queue changes
};

class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  EventId push(Instant at, const QueuedEvent& event);
  EventId push_call(Instant at, ActorId actor, uint64_t cause, std::function<void()> run,
                    std::string_view label, TimerClass urgency = TimerClass::Foreground);

  // Takes the entry out, destroying a Call's closure. False: it is not pending (any more).
  bool cancel(EventId id);
  // The entry of that id, or nullptr when it is not pending.
  [[nodiscard]] const QueuedEvent* find(EventId id) const;

  [[nodiscard]] bool empty() const { return pending_ == 0; }
  [[nodiscard]] std::size_t size() const { return pending_; }
  // Pending entries that are not Background.
  [[nodiscard]] std::size_t foreground() const { return foreground_; }

  // When the first entry is due. REQUIRES: not empty.
  [[nodiscard]] Instant next_at();
  // Takes the first entry out. REQUIRES: not empty.
  QueuedEvent pop();
  // The closure of a Call that pop() gave. Once.
  QueuedCall take_call(uint32_t slot);

  // Everything pending, in order. For describing and for searching, not for the fast path: it
  // sorts.
  [[nodiscard]] std::vector<PendingEvent> pending() const;
  // Cancels every Timer, Resume and Call of an actor; messages on their way to it stay.
  void cancel_all_of(ActorId actor);

 private:
  struct Node {
    int64_t at = 0;
    uint64_t order = 0;  // sequence in the upper 40 bits, slot in the lower 24
  };
  enum class State : uint8_t { Free, Pending, Hollow };
  struct Slot {
    QueuedEvent event;
    uint32_t generation = 1;
    State state = State::Free;
  };

  static bool before(const Node& a, const Node& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  }
  static uint32_t slot_of(const Node& node);
  void sift_up(std::size_t index, Node node);
  void sift_down(std::size_t index, Node node);
  void remove_root();
  void drop_hollow_roots();
  void hollow_out(uint32_t index);
  void sweep_if_worthwhile();
  void free_slot(uint32_t index);

  std::vector<Node> heap_;
  std::vector<uint32_t> hollow_;  // sweep's scratch
  Slab<Slot> slots_;
  Slab<QueuedCall> calls_;
  uint64_t sequence_ = 0;
  std::size_t pending_ = 0;
  std::size_t foreground_ = 0;
};

}  // namespace faultline::engine
