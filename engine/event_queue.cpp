#include "engine/event_queue.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"

namespace faultline::engine {
namespace {

constexpr uint32_t kSlotBits = 24;
constexpr uint64_t kSlotMask = (uint64_t{1} << kSlotBits) - 1;
constexpr uint64_t kMaxSequence = (uint64_t{1} << (64 - kSlotBits)) - 1;
// Sweeping a small heap is not worth the while.
constexpr std::size_t kSweepFrom = 64;

}  // namespace

uint32_t EventQueue::slot_of(const Node& node) {
  return static_cast<uint32_t>(node.order & kSlotMask);
}

EventId EventQueue::push(Instant at, const QueuedEvent& event) {
  const uint32_t index = slots_.acquire();
  FL_CHECK(index <= kSlotMask) << "too many events are pending";
  Slot& slot = slots_[index];
  slot.event = event;
  slot.state = State::Pending;
  ++pending_;
  if (event.urgency == TimerClass::Foreground) ++foreground_;
  enter(next_node(at, index));
  return uint64_t{slot.generation} << 32 | index;
}

EventQueue::Node EventQueue::next_node(Instant at, uint32_t index) {
  FL_CHECK(++sequence_ <= kMaxSequence) << "the run is too long";
  return {.at = at.ns(), .order = sequence_ << kSlotBits | index};
}

void EventQueue::enter(Node added) {
  if (root_is_vacant_) {
    root_is_vacant_ = false;
    sift_down(kRoot, added);
  } else {
    append(added);
  }
}

EventId EventQueue::push_call(Instant at, ActorId actor, uint64_t cause, std::function<void()> run,
                              std::string_view label, TimerClass urgency) {
  const uint32_t call = calls_.acquire();
  calls_[call].run = std::move(run);
  calls_[call].label = label;
  return push(
      at,
      {.kind = EventClass::Call, .urgency = urgency, .slot = call, .actor = actor, .cause = cause});
}

const QueuedEvent* EventQueue::find(EventId id) const {
  const auto index = static_cast<uint32_t>(id);
  if (id == 0 || index >= slots_.capacity()) return nullptr;
  const Slot& slot = slots_[index];
  const bool waits = slot.state == State::Pending || slot.state == State::Parked;
  return waits && slot.generation == id >> 32 ? &slot.event : nullptr;
}

Instant EventQueue::due_at(EventId id) const {
  for (const PendingEvent& pending : pending()) {
    if (pending.id == id) return pending.at;
  }
  FL_CHECK(false) << "an event that is not pending";
  return {};
}

bool EventQueue::cancel(EventId id) {
  if (find(id) == nullptr) return false;
  hollow_out(static_cast<uint32_t>(id));
  sweep_if_worthwhile();
  return true;
}

QueuedEvent EventQueue::take(EventId id) {
  const QueuedEvent* found = find(id);
  FL_CHECK(found != nullptr) << "an event that is not pending";
  const QueuedEvent event = *found;
  make_hollow(static_cast<uint32_t>(id));
  sweep_if_worthwhile();
  return event;
}

void EventQueue::hollow_out(uint32_t index) {
  const QueuedEvent event = slots_[index].event;
  if (slots_[index].state == State::Parked) {
    std::erase(parked_, index);
    free_slot(index);
  } else {
    make_hollow(index);
  }
  if (event.kind == EventClass::Call) take_call(event.slot);
}

// Out of what is pending, while its node still stands in the heap.
void EventQueue::make_hollow(uint32_t index) {
  Slot& slot = slots_[index];
  slot.state = State::Hollow;
  ++hollow_nodes_;
  --pending_;
  if (slot.event.urgency == TimerClass::Foreground) --foreground_;
}

void EventQueue::free_slot(uint32_t index) {
  Slot& slot = slots_[index];
  slot.state = State::Free;
  ++slot.generation;
  slots_.release(index);
}

Instant EventQueue::next_at() {
  settle_root();
  FL_CHECK(pending_ > 0) << "the queue is empty";
  return Instant::from_ns(node(kRoot).at);
}

QueuedEvent EventQueue::pop() {
  settle_root();
  FL_CHECK(pending_ > 0) << "the queue is empty";
  const uint32_t index = slot_of(node(kRoot));
  const QueuedEvent event = slots_[index].event;
  free_slot(index);
  root_is_vacant_ = true;
  --pending_;
  if (event.urgency == TimerClass::Foreground) --foreground_;
  return event;
}

QueuedCall EventQueue::take_call(uint32_t slot) {
  QueuedCall call = std::move(calls_[slot]);
  calls_[slot] = {};
  calls_.release(slot);
  return call;
}

void EventQueue::cancel_all_of(ActorId actor) {
  for (uint32_t index = 0; index < slots_.capacity(); ++index) {
    const Slot& slot = slots_[index];
    const bool waits = slot.state == State::Pending || slot.state == State::Parked;
    if (waits && slot.event.actor == actor && slot.event.kind != EventClass::Deliver) {
      hollow_out(index);
    }
  }
  sweep_if_worthwhile();
}

// ---- putting off --------------------------------------------------------------------------------

const QueuedEvent& EventQueue::front() {
  settle_root();
  FL_CHECK(pending_ > 0) << "the queue is empty";
  return slots_[slot_of(node(kRoot))].event;
}

void EventQueue::postpone(Instant at) {
  settle_root();
  FL_CHECK(pending_ > 0) << "the queue is empty";
  const uint32_t index = slot_of(node(kRoot));
  slots_[index].event.postponed = true;
  sift_down(kRoot, next_node(at, index));
}

void EventQueue::park() {
  settle_root();
  FL_CHECK(pending_ > 0) << "the queue is empty";
  const uint32_t index = slot_of(node(kRoot));
  Slot& slot = slots_[index];
  slot.state = State::Parked;
  root_is_vacant_ = true;
  --pending_;
  if (slot.event.urgency == TimerClass::Foreground) --foreground_;
  parked_.push_back(index);
}

void EventQueue::unpark(ActorId actor, Instant at) {
  std::vector<uint32_t> others;
  for (const uint32_t index : std::exchange(parked_, {})) {
    Slot& slot = slots_[index];
    if (slot.event.actor != actor) {
      others.push_back(index);
      continue;
    }
    slot.state = State::Pending;
    ++pending_;
    if (slot.event.urgency == TimerClass::Foreground) ++foreground_;
    enter(next_node(at, index));
  }
  parked_ = std::move(others);
}

std::vector<PendingEvent> EventQueue::pending() const {
  std::vector<PendingEvent> out;
  out.reserve(pending_);
  for (std::size_t i = root_is_vacant_ ? kRoot + 1 : kRoot; i < end_; ++i) {
    const Slot& slot = slots_[slot_of(node(i))];
    if (slot.state != State::Pending) continue;
    PendingEvent& pending = out.emplace_back();
    pending.at = Instant::from_ns(node(i).at);
    pending.sequence = node(i).order >> kSlotBits;
    pending.id = uint64_t{slot.generation} << 32 | slot_of(node(i));
    pending.event = slot.event;
    if (slot.event.kind == EventClass::Call) pending.label = calls_[slot.event.slot].label;
  }
  std::sort(out.begin(), out.end(), [](const PendingEvent& a, const PendingEvent& b) {
    return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
  });
  return out;
}

// ---- the heap -----------------------------------------------------------------------------------

void EventQueue::append(Node added) {
  if (end_ / 4 == heap_.size()) heap_.emplace_back();
  sift_up(end_++, added);
}

void EventQueue::sift_up(std::size_t index, Node sifted) {
  while (index > kRoot) {
    const std::size_t parent = index / 4 + 2;
    if (node(parent) < sifted) break;
    node(index) = node(parent);
    index = parent;
  }
  node(index) = sifted;
}

// Lets the hole at `index` sink to the bottom, always to the least child, and what is to fill it
// rise from there: it was a leaf, and seldom rises far.
void EventQueue::sift_down(std::size_t index, Node sifted) {
  for (;;) {
    const std::size_t group = index - 2;
    if (group >= heap_.size()) break;
    const Node* const children = heap_[group].nodes;
    const std::size_t left = children[1] < children[0] ? 1 : 0;
    const std::size_t right = children[3] < children[2] ? 3 : 2;
    const std::size_t least = children[right] < children[left] ? right : left;
    if (children[least].order == UINT64_MAX) break;
    node(index) = children[least];
    index = 4 * group + least;
  }
  sift_up(index, sifted);
}

// The last leaf takes the root's place.
void EventQueue::replace_root() {
  const Node last = std::exchange(node(--end_), Node{});
  if (end_ > kRoot) sift_down(kRoot, last);
}

// Makes the root the first pending entry, if there is one.
void EventQueue::settle_root() {
  if (root_is_vacant_) {
    root_is_vacant_ = false;
    replace_root();
  }
  while (hollow_nodes_ > 0 && end_ > kRoot && slots_[slot_of(node(kRoot))].state == State::Hollow) {
    free_slot(slot_of(node(kRoot)));
    --hollow_nodes_;
    replace_root();
  }
}

void EventQueue::sweep_if_worthwhile() {
  settle_root();
  const std::size_t nodes = end_ - kRoot;
  if (nodes < kSweepFrom || hollow_nodes_ * 2 < nodes) return;
  const std::vector<Siblings> old = std::exchange(heap_, {});
  const std::size_t old_end = std::exchange(end_, kRoot);
  heap_.resize(1);
  for (std::size_t i = kRoot; i < old_end; ++i) {
    const Node old_node = old[i / 4].nodes[i % 4];
    if (slots_[slot_of(old_node)].state == State::Hollow) {
      free_slot(slot_of(old_node));
    } else {
      append(old_node);
    }
  }
  hollow_nodes_ = 0;
}

}  // namespace faultline::engine
