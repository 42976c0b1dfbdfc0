#include "engine/network.h"

#include <algorithm>
#include <utility>

#include "engine/hash.h"
#include "engine/trace.h"
#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kQuestionsPerMessage = 8;

__extension__ using Wide = unsigned __int128;

// How long `bytes` occupy a link, rounded up.
Duration occupation(std::size_t bytes, uint64_t bytes_per_second) {
  const Wide ns = (Wide{bytes} * 1'000'000'000 + bytes_per_second - 1) / bytes_per_second;
  return Duration::nanos(static_cast<int64_t>(ns));
}

template <class T>
void set_if(T& field, const std::optional<T>& change) {
  if (change) field = *change;
}

void change(LinkConditions& conditions, const LinkChanges& changes) {
  set_if(conditions.latency, changes.latency);
  set_if(conditions.jitter, changes.jitter);
  set_if(conditions.loss, changes.loss);
  set_if(conditions.duplicate, changes.duplicate);
  set_if(conditions.reorder, changes.reorder);
  set_if(conditions.reorder_delay, changes.reorder_delay);
  set_if(conditions.bytes_per_second, changes.bytes_per_second);
}

void check(const LinkConditions& conditions) {
  FL_CHECK(conditions.latency >= Duration::zero() && conditions.jitter >= Duration::zero() &&
           conditions.reorder_delay >= Duration::zero())
      << "a link cannot be faster than no time";
}

}  // namespace

bool LinkPattern::matches(ActorId sender, ActorId receiver) const {
  if (sender == receiver) return false;
  const auto one_way = [this](ActorId a, ActorId b) {
    return a == from && (to == kNoActor || b == to);
  };
  return one_way(sender, receiver) || (both_ways && one_way(receiver, sender));
}

Network::Network(EventQueue& queue, Trace& trace, const KeyedRandom& random, const Instant& now)
    : queue_(queue), trace_(trace), random_(random), now_(now) {}

// ---- conditions ---------------------------------------------------------------------------------

void Network::set_default(const LinkConditions& conditions) {
  check(conditions);
  default_ = conditions;
  ++version_;
}

void Network::set_link(ActorId from, ActorId to, const LinkConditions& conditions) {
  check(conditions);
  own_[{from, to}] = conditions;
  ++version_;
}

LinkConditions Network::effective(ActorId from, ActorId to) const {
  const auto own = own_.find({from, to});
  LinkConditions conditions = own != own_.end() ? own->second : default_;
  for (const Degradation& degradation : degradations_) {
    if (degradation.links.matches(from, to)) change(conditions, degradation.changes);
  }
  return conditions;
}

bool Network::is_cut(ActorId from, ActorId to) const {
  return std::any_of(cuts_.begin(), cuts_.end(),
                     [=](const Cut& cut) { return cut.links.matches(from, to); });
}

std::string_view Network::intern(std::string_view text) {
  const auto found = interned_.find(text);
  return found != interned_.end() ? *found : *interned_.emplace(text).first;
}

Network::Link& Network::link(ActorId from, ActorId to) {
  uint32_t index = 0;
  if (from.value < links_.size() && to.value < links_[from.value].size()) {
    index = links_[from.value][to.value];
  }
  Link& link = index != 0 ? link_slab_[index - 1] : make_link(from, to);
  if (link.version != version_) refresh(link, from, to);
  return link;
}

Network::Link& Network::make_link(ActorId from, ActorId to) {
  if (links_.size() <= from.value) links_.resize(from.value + 1);
  auto& row = links_[from.value];
  if (row.size() <= to.value) row.resize(to.value + 1);
  const uint32_t index = link_slab_.acquire();
  row[to.value] = index + 1;
  Link& link = link_slab_[index];
  std::string name = "link/";
  name += trace_.name(from);
  name += "->";
  name += trace_.name(to);
  link.luck = random_.stream(name);
  return link;
}

void Network::refresh(Link& link, ActorId from, ActorId to) {
  if (conditions_version_ != version_) {
    // Links that still point into the old table have an old version, too.
    conditions_.clear();
    conditions_index_.clear();
    conditions_version_ = version_;
  }
  const auto [place, is_new] =
      conditions_index_.emplace(effective(from, to), static_cast<uint32_t>(conditions_.size()));
  if (is_new) conditions_.push_back(place->first);
  link.conditions = place->second;
  link.cut = is_cut(from, to);
  link.version = version_;
}

// ---- sending ------------------------------------------------------------------------------------

uint64_t Network::send(ActorId from, ActorId to, std::string_view type, std::string body) {
  const uint64_t id = ++sent_;
  const uint64_t digest = hash64(body);
  const uint64_t sent_event = trace_.record({.kind = v1::MESSAGE_SENT,
                                             .actor = from,
                                             .peer = to,
                                             .number = id,
                                             .digest = digest,
                                             .verb = type});
  Link& way = link(from, to);
  const Sending sending{.id = id,
                        .from = from,
                        .to = to,
                        .type = type,
                        .digest = digest,
                        .event = sent_event,
                        .luck = way.luck,
                        .index = way.sent++ * kQuestionsPerMessage};
  const OneShot shot = way.cut || one_shots_.empty() ? OneShot{} : take_one_shot(from, to, type);
  if (way.cut) {
    drop(sending, kDroppedByCut);
  } else if (shot.fault_id != 0 && !shot.delay) {
    drop(sending, kDroppedByFault);
  } else if (sending.chance(Question::Loss, conditions_[way.conditions].loss)) {
    drop(sending, kDroppedByLoss);
  } else {
    transmit(way, sending, std::move(body), shot.delay);
  }
  // Last, because healing a fault may change every link.
  if (shot.fault_id != 0 && shot.left == 0 && on_used_up_) on_used_up_(shot.fault_id);
  return id;
}

void Network::transmit(Link& way, const Sending& sending, std::string body,
                       std::optional<Duration> held_back) {
  const LinkConditions& conditions = conditions_[way.conditions];
  Instant leaves = now_;
  if (conditions.bytes_per_second != 0) {
    leaves = std::max(now_, way.busy_until) + occupation(body.size(), conditions.bytes_per_second);
    way.busy_until = leaves;
  }
  const Instant earliest = leaves + conditions.latency;

  const uint32_t slot = messages_.acquire();
  MessageInFlight& message = messages_[slot];
  message.id = sending.id;
  message.from = sending.from;
  message.to = sending.to;
  message.type = sending.type;
  message.body = std::move(body);
  message.digest = sending.digest;
  message.copies = 0;

  Instant arrival = earliest + sending.up_to(Question::Jitter, conditions.jitter);
  if (held_back) {
    arrival = std::max(arrival, way.last_arrival) + *held_back;
  } else if (sending.chance(Question::Reorder, conditions.reorder)) {
    arrival += sending.up_to(Question::ReorderDelay, conditions.reorder_delay);
  } else {
    arrival = way.last_arrival = std::max(arrival, way.last_arrival);
  }
  schedule(slot, arrival, sending.event);
  if (sending.chance(Question::Duplicate, conditions.duplicate)) {
    const Instant copy = earliest + sending.up_to(Question::CopyJitter, conditions.jitter);
    schedule(slot, std::max(copy, arrival), sending.event);
  }
}

void Network::schedule(uint32_t slot, Instant arrival, uint64_t sent_event) {
  MessageInFlight& message = messages_[slot];
  ++message.copies;
  queue_.push(arrival, {.kind = EventClass::Deliver,
                        .slot = slot,
                        .actor = message.to,
                        .cause = sent_event,
                        .number = message.id});
}

bool Network::Sending::chance(Question question, Ratio ratio) const {
  return !ratio.is_never() && luck.chance(index + static_cast<uint64_t>(question), ratio);
}

Duration Network::Sending::up_to(Question question, Duration most) const {
  if (most == Duration::zero()) return most;
  return luck.between(index + static_cast<uint64_t>(question), Duration::zero(), most);
}

void Network::drop(const Sending& sending, std::string_view outcome) {
  ++dropped_;
  trace_.record({.kind = v1::MESSAGE_DROPPED,
                 .actor = sending.to,
                 .peer = sending.from,
                 .cause = sending.event,
                 .number = sending.id,
                 .digest = sending.digest,
                 .verb = sending.type,
                 .outcome = outcome});
}

// ---- arriving -----------------------------------------------------------------------------------

uint64_t Network::record_arrival(uint32_t slot, bool receiver_is_up, uint64_t cause) {
  if (receiver_is_up) {
    ++delivered_;
    return record_end(slot, v1::MESSAGE_DELIVERED, {}, cause);
  }
  ++dropped_;
  return record_end(slot, v1::MESSAGE_DROPPED, kDroppedAtDownActor, cause);
}

uint64_t Network::record_end(uint32_t slot, v1::EventKind kind, std::string_view outcome,
                             uint64_t cause) {
  const MessageInFlight& message = messages_[slot];
  return trace_.record({.kind = kind,
                        .actor = message.to,
                        .peer = message.from,
                        .cause = cause,
                        .number = message.id,
                        .digest = message.digest,
                        .verb = message.type,
                        .outcome = outcome});
}

void Network::release(uint32_t slot) {
  MessageInFlight& message = messages_[slot];
  if (--message.copies > 0) return;
  std::string().swap(message.body);
  messages_.release(slot);
}

// ---- faults -------------------------------------------------------------------------------------

void Network::add_cut(uint64_t fault_id, LinkPattern links, InFlight in_flight) {
  cuts_.push_back({.fault_id = fault_id, .links = links});
  ++version_;
  if (in_flight == InFlight::Die) kill_in_flight(links);
}

void Network::kill_in_flight(const LinkPattern& links) {
  for (const PendingEvent& pending : queue_.pending()) {
    if (pending.event.kind != EventClass::Deliver) continue;
    const MessageInFlight& message = messages_[pending.event.slot];
    if (!links.matches(message.from, message.to)) continue;
    ++dropped_;
    record_end(pending.event.slot, v1::MESSAGE_DROPPED, kDroppedByCut, pending.event.cause);
    queue_.cancel(pending.id);
    release(pending.event.slot);
  }
}

void Network::add_degradation(uint64_t fault_id, LinkPattern links, const LinkChanges& changes) {
  LinkConditions changed;
  change(changed, changes);
  check(changed);
  degradations_.push_back({.fault_id = fault_id, .links = links, .changes = changes});
  ++version_;
}

void Network::add_one_shot(uint64_t fault_id, ActorId from, ActorId to, std::string_view type,
                           uint32_t count, std::optional<Duration> delay) {
  FL_CHECK(count > 0) << "a fault for no message";
  one_shots_.push_back({.fault_id = fault_id,
                        .from = from,
                        .to = to,
                        .type = std::string(type),
                        .left = count,
                        .delay = delay});
}

Network::OneShot Network::take_one_shot(ActorId from, ActorId to, std::string_view type) {
  for (OneShot& shot : one_shots_) {
    if (shot.left == 0 || shot.from != from || shot.to != to) continue;
    if (!shot.type.empty() && shot.type != type) continue;
    --shot.left;
    return shot;
  }
  return {};
}

void Network::remove_fault(uint64_t fault_id) {
  const auto is_it = [fault_id](const auto& entry) { return entry.fault_id == fault_id; };
  const auto removed = std::erase_if(cuts_, is_it) + std::erase_if(degradations_, is_it);
  if (removed > 0) ++version_;
  std::erase_if(one_shots_, is_it);
}

void Network::set_on_used_up(std::function<void(uint64_t)> on_used_up) {
  on_used_up_ = std::move(on_used_up);
}

}  // namespace faultline::engine
