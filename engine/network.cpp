#include "engine/network.h"

#include <algorithm>
#include <utility>

#include "engine/hash.h"
#include "engine/trace.h"
#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

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
  FL_CHECK(from != kNoActor && to != kNoActor) << "a message from or to nobody";
  std::string name = "link/";
  name += trace_.name(from);
  name += "->";
  name += trace_.name(to);
  if (links_.size() <= from.value) links_.resize(from.value + 1);
  auto& row = links_[from.value];
  if (row.size() <= to.value) row.resize(to.value + 1);
  const uint32_t index = link_slab_.acquire();
  row[to.value] = index + 1;
  Link& link = link_slab_[index];
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
      conditions_index_.try_emplace(effective(from, to), static_cast<uint32_t>(conditions_.size()));
  if (is_new) conditions_.push_back(place->first);
  link.conditions = place->second;
  link.cut = is_cut(from, to);
  link.version = version_;
}

// ---- sending ------------------------------------------------------------------------------------

// The answers to one message's questions.
class Network::Luck {
 public:
  Luck(RandomStream stream, uint64_t message) : stream_(stream), first_(message * 8) {}

  [[nodiscard]] bool chance(Question question, Ratio ratio) const {
    return !ratio.is_never() && stream_.chance(first_ + static_cast<uint64_t>(question), ratio);
  }
  [[nodiscard]] Duration up_to(Question question, Duration most) const {
    if (most == Duration::zero()) return most;
    return stream_.between(first_ + static_cast<uint64_t>(question), Duration::zero(), most);
  }
  [[nodiscard]] uint64_t below(Question question, uint64_t bound) const {
    return stream_.below(first_ + static_cast<uint64_t>(question), bound);
  }

 private:
  RandomStream stream_;
  uint64_t first_;
};

uint64_t Network::send(ActorId from, ActorId to, std::string_view type, std::string&& body) {
  // First, because with many actors the link is seldom in the cache: the hashing below fills the wait.
  Link& way = link(from, to);
  const Luck luck(way.luck, way.sent++);

  const uint64_t id = ++sent_;
  const uint32_t slot = messages_.acquire();
  MessageInFlight& message = messages_[slot];
  message.id = id;
  message.from = from;
  message.to = to;
  message.type = type;
  message.digest = hash64(body);
  message.body = std::move(body);
  message.sent_event = trace_.record({.kind = v1::MESSAGE_SENT,
                                      .actor = from,
                                      .peer = to,
                                      .number = id,
                                      .digest = message.digest,
                                      .verb = type});
  message.copies = 1;  // while it is here

  uint64_t used_up = 0;
  if (way.cut) {
    drop(slot, kDroppedByCut);
  } else {
    const OneShot* const shot =
        one_shots_.empty() ? nullptr : take_one_shot(from, to, type, used_up);
    const LinkConditions& conditions = conditions_[way.conditions];
    if (shot != nullptr && shot->deed == OneShot::Deed::Drop) {
      drop(slot, kDroppedByFault);
    } else if (luck.chance(Question::Loss, conditions.loss)) {
      drop(slot, kDroppedByLoss);
    } else {
      transmit(way, luck, slot, shot);
    }
  }
  release(slot);
  // Last, because healing a fault may change every link.
  if (used_up != 0 && on_used_up_) on_used_up_(used_up);
  return id;
}

void Network::transmit(Link& way, const Luck& luck, uint32_t slot, const OneShot* shot) {
  using Deed = OneShot::Deed;
  const Deed deed = shot != nullptr ? shot->deed : Deed::Drop;  // Drop: nothing to do here
  if (deed == Deed::Flip || deed == Deed::Truncate) damage(luck, slot, deed);
  const LinkConditions& conditions = conditions_[way.conditions];
  Instant leaves = now_;
  if (conditions.bytes_per_second != 0) {
    const std::size_t bytes = messages_[slot].body.size();
    leaves = std::max(now_, way.busy_until) + occupation(bytes, conditions.bytes_per_second);
    way.busy_until = leaves;
  }
  const Instant earliest = leaves + conditions.latency;
  Instant arrival = earliest + luck.up_to(Question::Jitter, conditions.jitter);
  if (deed == Deed::Delay) {
    arrival = saturating_add(std::max(arrival, way.last_arrival), shot->delay);
  } else if (deed == Deed::Lag) {
    arrival = way.last_lagging = std::max(saturating_add(arrival, shot->delay), way.last_lagging);
  } else if (luck.chance(Question::Reorder, conditions.reorder)) {
    arrival += luck.up_to(Question::ReorderDelay, conditions.reorder_delay);
  } else {
    arrival = way.last_arrival = std::max(arrival, way.last_arrival);
  }
  schedule(slot, arrival);
  if (deed == Deed::Repeat) schedule(slot, saturating_add(arrival, shot->delay));
  if (luck.chance(Question::Duplicate, conditions.duplicate)) {
    const Instant copy = earliest + luck.up_to(Question::CopyJitter, conditions.jitter);
    schedule(slot, std::max(copy, arrival));
  }
}

// At a place that the message's luck decides. A message without a body gets one.
void Network::damage(const Luck& luck, uint32_t slot, OneShot::Deed deed) {
  MessageInFlight& message = messages_[slot];
  if (message.body.empty()) message.body.push_back('\0');
  const uint64_t bits = message.body.size() * 8;
  const uint64_t place = luck.below(Question::Damage, bits);
  if (deed == OneShot::Deed::Truncate) {
    message.body.resize(place / 8);
  } else {
    char& byte = message.body[place / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (place % 8)));
  }
  message.digest = hash64(message.body);
}

void Network::schedule(uint32_t slot, Instant arrival) {
  MessageInFlight& message = messages_[slot];
  ++message.copies;
  queue_.push(arrival, {.kind = EventClass::Deliver,
                        .slot = slot,
                        .actor = message.to,
                        .cause = message.sent_event,
                        .number = message.id});
}

// ---- arriving -----------------------------------------------------------------------------------

uint64_t Network::arrive(uint32_t slot) {
  ++delivered_;
  return record_end(slot, v1::MESSAGE_DELIVERED, {});
}

void Network::drop(uint32_t slot, std::string_view outcome) {
  ++dropped_;
  record_end(slot, v1::MESSAGE_DROPPED, outcome);
}

uint64_t Network::record_end(uint32_t slot, v1::EventKind kind, std::string_view outcome) {
  const MessageInFlight& message = messages_[slot];
  return trace_.record({.kind = kind,
                        .actor = message.to,
                        .peer = message.from,
                        .cause = message.sent_event,
                        .number = message.id,
                        .digest = message.digest,
                        .verb = message.type,
                        .outcome = outcome});
}

void Network::add_copy(uint32_t slot) { ++messages_[slot].copies; }

void Network::release(uint32_t slot) {
  MessageInFlight& message = messages_[slot];
  if (--message.copies > 0) return;
  // A short body keeps nothing; a long one gives its memory back.
  if (message.body.capacity() > std::string().capacity()) message.body = std::string();
  messages_.release(slot);
}

// ---- faults -------------------------------------------------------------------------------------

void Network::add_cut(uint64_t fault_id, LinkPattern links, InFlight in_flight) {
  cuts_.push_back({.fault_id = fault_id, .links = links});
  ++version_;
  if (in_flight == InFlight::Die) kill_in_flight(links, kDroppedByCut);
}

void Network::kill_in_flight(const LinkPattern& links, std::string_view outcome) {
  for (const uint32_t slot : std::exchange(held_, {})) {
    const MessageInFlight& message = messages_[slot];
    if (links.matches(message.from, message.to)) {
      drop(slot, outcome);
      release(slot);
    } else {
      held_.push_back(slot);
    }
  }
  for (const PendingEvent& pending : queue_.pending()) {
    if (pending.event.kind != EventClass::Deliver) continue;
    const MessageInFlight& message = messages_[pending.event.slot];
    if (!links.matches(message.from, message.to)) continue;
    drop(pending.event.slot, outcome);
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

void Network::add_one_shot(uint64_t fault_id, const OneShot& shot) {
  FL_CHECK(shot.delay >= Duration::zero()) << "a message cannot arrive before it is sent";
  one_shots_.push_back(
      {.fault_id = fault_id, .what = shot, .type = std::string(shot.type), .left = shot.count});
}

const OneShot* Network::take_one_shot(ActorId from, ActorId to, std::string_view type,
                                      uint64_t& used_up) {
  for (Shot& shot : one_shots_) {
    const OneShot& what = shot.what;
    if (what.count > 0 && shot.left == 0) continue;
    if ((what.from != kNoActor && what.from != from) || (what.to != kNoActor && what.to != to)) {
      continue;
    }
    if (!shot.type.empty() && shot.type != type) continue;
    if (what.count > 0 && --shot.left == 0) used_up = shot.fault_id;
    return &what;
  }
  return nullptr;
}

void Network::add_clog(uint64_t fault_id, LinkPattern links) {
  clogs_.push_back({.fault_id = fault_id, .links = links});
}

void Network::remove_clog(uint64_t fault_id, const LinkPattern& links) {
  std::erase_if(clogs_, [&](const Cut& clog) {
    return clog.fault_id == fault_id && clog.links.from == links.from &&
           clog.links.to == links.to && clog.links.both_ways == links.both_ways;
  });
  release_unclogged();
}

bool Network::hold_if_clogged(uint32_t slot) {
  if (clogs_.empty()) return false;
  const MessageInFlight& message = messages_[slot];
  const bool clogged = std::any_of(clogs_.begin(), clogs_.end(), [&](const Cut& clog) {
    return clog.links.matches(message.from, message.to);
  });
  if (clogged) held_.push_back(slot);
  return clogged;
}

void Network::release_unclogged() {
  for (const uint32_t slot : std::exchange(held_, {})) {
    if (hold_if_clogged(slot)) continue;
    schedule(slot, now_);
    --messages_[slot].copies;  // it was one already
  }
}

void Network::remove_fault(uint64_t fault_id) {
  const auto is_it = [fault_id](const auto& entry) { return entry.fault_id == fault_id; };
  const auto removed = std::erase_if(cuts_, is_it) + std::erase_if(degradations_, is_it);
  if (removed > 0) ++version_;
  std::erase_if(one_shots_, is_it);
  if (std::erase_if(clogs_, is_it) > 0) release_unclogged();
}

void Network::set_on_used_up(std::function<void(uint64_t)> on_used_up) {
  on_used_up_ = std::move(on_used_up);
}

}  // namespace faultline::engine
