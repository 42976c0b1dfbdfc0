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
  FL_CHECK(++sequence_ <= kMaxSequence) << "the run is too long";
  Slot& slot = slots_[index];
  slot.event = event;
  slot.state = State::Pending;
  ++pending_;
  if (event.urgency == TimerClass::Foreground) ++foreground_;
  heap_.emplace_back();
  sift_up(heap_.size() - 1, {.at = at.ns(), .order = sequence_ << kSlotBits | index});
  return uint64_t{slot.generation} << 32 | index;
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
  return slot.state == State::Pending && slot.generation == id >> 32 ? &slot.event : nullptr;
}

bool EventQueue::cancel(EventId id) {
  if (find(id) == nullptr) return false;
  hollow_out(static_cast<uint32_t>(id));
  sweep_if_worthwhile();
  return true;
}

void EventQueue::hollow_out(uint32_t index) {
  Slot& slot = slots_[index];
  slot.state = State::Hollow;
  --pending_;
  if (slot.event.urgency == TimerClass::Foreground) --foreground_;
  // Destroyed last, when all is in order again: a closure's captures may use the queue as they go.
  if (slot.event.kind == EventClass::Call) take_call(slot.event.slot);
}

void EventQueue::free_slot(uint32_t index) {
  Slot& slot = slots_[index];
  slot.state = State::Free;
  ++slot.generation;
  slots_.release(index);
}

Instant EventQueue::next_at() {
  drop_hollow_roots();
  FL_CHECK(!heap_.empty()) << "the queue is empty";
  return Instant::from_ns(heap_.front().at);
}

QueuedEvent EventQueue::pop() {
  drop_hollow_roots();
  FL_CHECK(!heap_.empty()) << "the queue is empty";
  const uint32_t index = slot_of(heap_.front());
  const QueuedEvent event = slots_[index].event;
  free_slot(index);
  remove_root();
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
    if (slot.state == State::Pending && slot.event.actor == actor &&
        slot.event.kind != EventClass::Deliver) {
      hollow_out(index);
    }
  }
  sweep_if_worthwhile();
}

std::vector<PendingEvent> EventQueue::pending() const {
  std::vector<PendingEvent> out;
  out.reserve(pending_);
  for (const Node& node : heap_) {
    const Slot& slot = slots_[slot_of(node)];
    if (slot.state != State::Pending) continue;
    PendingEvent& pending = out.emplace_back();
    pending.at = Instant::from_ns(node.at);
    pending.sequence = node.order >> kSlotBits;
    pending.id = uint64_t{slot.generation} << 32 | slot_of(node);
    pending.event = slot.event;
    if (slot.event.kind == EventClass::Call) pending.label = calls_[slot.event.slot].label;
  }
  std::sort(out.begin(), out.end(), [](const PendingEvent& a, const PendingEvent& b) {
    return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
  });
  return out;
}

// ---- the heap: children of i are 4i + 1 … 4i + 4 ------------------------------------------------

void EventQueue::sift_up(std::size_t index, Node node) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 4;
    if (!before(node, heap_[parent])) break;
    heap_[index] = heap_[parent];
    index = parent;
  }
  heap_[index] = node;
}

// Lets the hole at `index` sink to where `node` belongs.
void EventQueue::sift_down(std::size_t index, Node node) {
  const std::size_t size = heap_.size();
  for (;;) {
    const std::size_t first = 4 * index + 1;
    if (first >= size) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < std::min(first + 4, size); ++child) {
      if (before(heap_[child], heap_[least])) least = child;
    }
    if (!before(heap_[least], node)) break;
    heap_[index] = heap_[least];
    index = least;
  }
  heap_[index] = node;
}

void EventQueue::remove_root() {
  const Node last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0, last);
}

void EventQueue::drop_hollow_roots() {
  while (!heap_.empty() && slots_[slot_of(heap_.front())].state == State::Hollow) {
    free_slot(slot_of(heap_.front()));
    remove_root();
  }
}

void EventQueue::sweep_if_worthwhile() {
  const std::size_t hollow = heap_.size() - pending_;
  if (heap_.size() < kSweepFrom || hollow * 2 < heap_.size()) return;
  const auto is_hollow = [this](const Node& node) {
    return slots_[slot_of(node)].state == State::Hollow;
  };
  for (const Node& node : heap_) {
    if (is_hollow(node)) hollow_.push_back(slot_of(node));
  }
  std::erase_if(heap_, is_hollow);
  for (const uint32_t index : hollow_) free_slot(index);
  hollow_.clear();
  if (heap_.size() < 2) return;
  for (std::size_t i = (heap_.size() - 2) / 4 + 1; i > 0; --i) sift_down(i - 1, heap_[i - 1]);
}

}  // namespace faultline::engine
