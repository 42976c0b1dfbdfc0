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
  bool postponed = false;
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
  // Takes the entry out as pop() would, whatever is due before it. REQUIRES: pending and not parked.
  QueuedEvent take(EventId id);
  // When it is due. For searching: it looks through them all. REQUIRES: pending and not parked.
  [[nodiscard]] Instant due_at(EventId id) const;

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

  // ---- for actors that hang or are slow: the entries keep their ids -----------------------------
  // The entry that pop() would give. REQUIRES: not empty.
  [[nodiscard]] const QueuedEvent& front();
  // Puts the first entry off until `at`, behind what is due there, and marks it as postponed.
  // REQUIRES: not empty.
  void postpone(Instant at);
  // Takes the first entry out of the order until unpark(). It may be cancelled meanwhile; it counts
  // neither as pending nor as foreground. REQUIRES: not empty.
  void park();
  // Makes what was parked for the actor due at `at`, in the order of parking.
  void unpark(ActorId actor, Instant at);

  // Everything pending, in order. For describing and for searching, not for the fast path: it
  // sorts.
  [[nodiscard]] std::vector<PendingEvent> pending() const;
  // Cancels every Timer, Resume and Call of an actor, parked ones too; messages stay.
  void cancel_all_of(ActorId actor);

 private:
  struct Node {
    int64_t at = INT64_MAX;
    uint64_t order = UINT64_MAX;  // sequence in the upper 40 bits, slot in the lower 24

    // Without a branch, which would often be guessed wrong.
    bool operator<(const Node& other) const {
      return (at < other.at) | ((at == other.at) & (order < other.order));
    }
  };
  // Four siblings on one cache line. Places beyond the end of the heap hold what never comes.
  struct alignas(64) Siblings {
    Node nodes[4];
  };
  // The root stands at 3, alone in the first group; the children of i fill group i - 2.
  static constexpr std::size_t kRoot = 3;

  enum class State : uint8_t { Free, Pending, Hollow, Parked };
  struct Slot {
    QueuedEvent event;
    uint32_t generation = 1;
    State state = State::Free;
  };

  static uint32_t slot_of(const Node& node);
  Node& node(std::size_t index) { return heap_[index / 4].nodes[index % 4]; }
  [[nodiscard]] const Node& node(std::size_t index) const {
    return heap_[index / 4].nodes[index % 4];
  }
  void append(Node added);
  void sift_up(std::size_t index, Node sifted);
  void sift_down(std::size_t index, Node sifted);
  void replace_root();
  void enter(Node added);
  [[nodiscard]] Node next_node(Instant at, uint32_t index);
  void settle_root();
  void hollow_out(uint32_t index);
  void make_hollow(uint32_t index);
  void sweep_if_worthwhile();
  void free_slot(uint32_t index);

  std::vector<Siblings> heap_;
  std::size_t end_ = kRoot;  // behind the last node
  std::size_t hollow_nodes_ = 0;
  // The root has been popped and not yet replaced: the next push, which mostly comes first, takes
  // its place.
  bool root_is_vacant_ = false;
  Slab<Slot> slots_;
  Slab<QueuedCall> calls_;
  std::vector<uint32_t> parked_;  // slots, oldest first
  uint64_t sequence_ = 0;
  std::size_t pending_ = 0;
  std::size_t foreground_ = 0;
};

}  // namespace faultline::engine
