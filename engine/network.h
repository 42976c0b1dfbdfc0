// Network: messages between actors take time, and sometimes a wrong turn.
//
// A link is one direction between two actors. It costs nothing until it carries a message.
//
// Time     A message of N bytes occupies its link for N / bytes_per_second, then takes latency and
//          a share of jitter. Links are first-in-first-out, unless a message draws `reorder` or a
//          fault delays it: then others may overtake it.
// Luck     Every question about the n-th message of a link, counting all that were ever sent on
//          it, is answered by the stream "link/<from>-><to>" at 8 n + question. Traffic on other
//          links, cuts and other faults change nothing about it.
// Faults   Cuts count and degradations stack: what a link is like is computed from its own
//          conditions and the list of faults in force. Healing takes a fault off the list, which is
//          exact in any order. All of them come through the FaultInjector.
// Trace    MESSAGE_SENT at once; then MESSAGE_DELIVERED on arrival, or MESSAGE_DROPPED with a
//          reason (kDropped…), at the instant of sending, of the cut that kills it, or of arrival
//          at an actor that is down. The cause of both is the MESSAGE_SENT.
// Trap     An actor that crashed and is up again receives what was sent to its former self: late
//          messages are real.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/actor_id.h"
#include "engine/event_queue.h"
#include "engine/forward.h"
#include "engine/keyed_random.h"
#include "engine/slab.h"
#include "engine/time.h"

namespace faultline::engine {

struct LinkConditions {
  Duration latency = Duration::millis(30);  // the least that a message takes
  Duration jitter = Duration::millis(5);    // up to this much more, uniformly
  Ratio loss{};
  Ratio duplicate{};  // a second copy with its own jitter
  Ratio reorder{};    // leaves the order and is late by up to reorder_delay, uniformly
  Duration reorder_delay = Duration::millis(100);
  uint64_t bytes_per_second = 0;  // 0: unlimited

  auto operator<=>(const LinkConditions&) const = default;
};

// What becomes of messages on their way when their link is cut.
enum class InFlight : uint8_t { Survive, Die };

// Outcomes of MESSAGE_DROPPED.
inline constexpr std::string_view kDroppedByCut = "cut";
inline constexpr std::string_view kDroppedByLoss = "loss";
inline constexpr std::string_view kDroppedAtDownActor = "down";
inline constexpr std::string_view kDroppedByFault = "dropped";
inline constexpr std::string_view kDroppedByReset = "reset";

// The links that a fault is about.
struct LinkPattern {
  ActorId from = kNoActor;
  ActorId to = kNoActor;  // kNoActor: every other actor, those added later too
  bool both_ways = true;

  [[nodiscard]] bool matches(ActorId sender, ActorId receiver) const;
};

// Conditions that a degradation sets; what is absent stays as it was.
struct LinkChanges {
  std::optional<Duration> latency{}, jitter{}, reorder_delay{};
  std::optional<Ratio> loss{}, duplicate{}, reorder{};
  std::optional<uint64_t> bytes_per_second{};
};

// What a fault does to single messages: the next `count` that match, or, as long as it lasts, all.
struct OneShot {
  enum class Deed : uint8_t {
    Drop,
    Delay,     // held back by `delay`; later ones overtake it
    Lag,       // held back by `delay`, in order among themselves
    Flip,      // arrives with one bit flipped
    Truncate,  // arrives without its end
    Repeat,    // arrives once more, `delay` after the first time
  };

  ActorId from = kNoActor;  // kNoActor: anybody
  ActorId to = kNoActor;
  std::string_view type{};  // empty: any
  uint32_t count = 1;       // 0: all
  Deed deed = Deed::Drop;
  Duration delay = Duration::zero();
};

// A message on its way. Copies of one message share it.
struct MessageInFlight {
  uint64_t id = 0;
  ActorId from, to;
  std::string_view type;
  std::string body;
  uint64_t digest = 0;  // hash64(body)
  uint64_t sent_event = 0;
  uint32_t copies = 0;  // on their way
};

class Network {
 public:
  // REQUIRES: the arguments outlive the network; Trace::name knows every actor.
  Network(EventQueue& queue, Trace& trace, const KeyedRandom& random, const Instant& now);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // ---- the user's -----------------------------------------------------------------------------
  // Of every link that has none of its own.
  void set_default(const LinkConditions& conditions);
  // Of this direction only.
  void set_link(ActorId from, ActorId to, const LinkConditions& conditions);
  // The link's own conditions with all degradations in force.
  [[nodiscard]] LinkConditions effective(ActorId from, ActorId to) const;
  [[nodiscard]] bool is_cut(ActorId from, ActorId to) const;

  // Since the start of the run. A message that arrives twice counts as sent once and delivered
  // twice.
  [[nodiscard]] uint64_t sent() const { return sent_; }
  [[nodiscard]] uint64_t delivered() const { return delivered_; }
  [[nodiscard]] uint64_t dropped() const { return dropped_; }
  // Messages on their way.
  [[nodiscard]] uint64_t in_flight() const { return messages_.in_use(); }

  // A view of the same text that lives as long as the network: for message types that are not
  // literals.
  [[nodiscard]] std::string_view intern(std::string_view text);

  // ---- the simulation's -----------------------------------------------------------------------
  // Sends and returns the message id: 1, 2, 3 …  REQUIRES: `type` lives as long as the network.
  uint64_t send(ActorId from, ActorId to, std::string_view type, std::string&& body);
  // The message of a Deliver entry.
  [[nodiscard]] const MessageInFlight& message(uint32_t slot) const { return messages_[slot]; }
  // Records its arrival and returns the event's id.
  uint64_t arrive(uint32_t slot);
  // Records its end, for one of the reasons above.
  void drop(uint32_t slot, std::string_view outcome);
  // False: it is to be delivered. True: its link is clogged, and it will come again.
  [[nodiscard]] bool hold_if_clogged(uint32_t slot);
  // One copy less; the slot is free when it was the last.
  void release(uint32_t slot);
  // One copy more is on its way.
  void add_copy(uint32_t slot);

  // ---- the fault injector's -------------------------------------------------------------------
  void add_cut(uint64_t fault_id, LinkPattern links, InFlight in_flight);
  void add_degradation(uint64_t fault_id, LinkPattern links, const LinkChanges& changes);
  // When its messages are used up, on_used_up(fault_id) is called. The oldest one that matches a
  // message has it alone.
  void add_one_shot(uint64_t fault_id, const OneShot& shot);
  // Messages that arrive on these links are held, and delivered in order as soon as no clog holds
  // them any more.
  void add_clog(uint64_t fault_id, LinkPattern links);
  // Of all clogs of that fault, only those that are about exactly these links.
  void remove_clog(uint64_t fault_id, const LinkPattern& links);
  // What is on its way on these links, or held at their ends, is lost at once.
  void kill_in_flight(const LinkPattern& links, std::string_view outcome);
  // Takes the fault back; an id that has none here is fine.
  void remove_fault(uint64_t fault_id);
  void set_on_used_up(std::function<void(uint64_t fault_id)> on_used_up);

 private:
  // The n-th message's questions to its link's stream.
  enum class Question : uint64_t {
    Jitter,
    Loss,
    Duplicate,
    Reorder,
    ReorderDelay,
    CopyJitter,
    Damage
  };
  struct Link {
    RandomStream luck;
    uint64_t sent = 0;
    Instant last_arrival;
    Instant last_lagging;  // of those that a fault holds back in order
    Instant busy_until;
    uint64_t version = 0;     // of what `conditions` and `cut` were computed from
    uint32_t conditions = 0;  // index in conditions_
    bool cut = false;
  };
  struct Cut {
    uint64_t fault_id = 0;
    LinkPattern links;
  };
  struct Degradation {
    uint64_t fault_id = 0;
    LinkPattern links;
    LinkChanges changes;
  };
  struct Shot {
    uint64_t fault_id = 0;
    OneShot what;  // its `type` is the string below
    std::string type;
    uint32_t left = 0;
  };
  class Luck;

  Link& link(ActorId from, ActorId to);
  Link& make_link(ActorId from, ActorId to);
  void refresh(Link& link, ActorId from, ActorId to);
  void transmit(Link& way, const Luck& luck, uint32_t slot, const OneShot* shot);
  void damage(const Luck& luck, uint32_t slot, OneShot::Deed deed);
  void schedule(uint32_t slot, Instant arrival);
  uint64_t record_end(uint32_t slot, v1::EventKind kind, std::string_view outcome);
  void release_unclogged();
  // The first that matches, counted down; `used_up` becomes its fault if it was the last.
  [[nodiscard]] const OneShot* take_one_shot(ActorId from, ActorId to, std::string_view type,
                                             uint64_t& used_up);

  EventQueue& queue_;
  Trace& trace_;
  const KeyedRandom& random_;
  const Instant& now_;

  LinkConditions default_;
  std::map<std::pair<ActorId, ActorId>, LinkConditions> own_;
  uint64_t version_ = 1;  // goes up with every change of conditions or faults
  // The effective conditions in use at conditions_version_, each once.
  std::vector<LinkConditions> conditions_;
  std::map<LinkConditions, uint32_t> conditions_index_;
  uint64_t conditions_version_ = 0;
  std::vector<std::vector<uint32_t>> links_;  // [from][to]: index in link_slab_ + 1; 0: none yet
  Slab<Link> link_slab_;

  std::vector<Cut> cuts_;                  // oldest first, as are the others
  std::vector<Degradation> degradations_;  // a later one wins, field by field
  std::vector<Shot> one_shots_;
  std::vector<Cut> clogs_;
  std::vector<uint32_t> held_;  // slots that clogs hold, in the order of their arrival
  std::function<void(uint64_t)> on_used_up_;

  Slab<MessageInFlight> messages_;
  std::set<std::string, std::less<>> interned_;
  uint64_t sent_ = 0;
  uint64_t delivered_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace faultline::engine
