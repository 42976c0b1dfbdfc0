// FaultInjector: applies faults and heals them. All that goes wrong in a run goes through here, and
// all of it can be put right.
//
//     v1::Fault fault;
//     fault.set_name("outage");
//     fault.set_for_("30s");                  // heals itself at that exact instant
//     fault.mutable_cut()->set_from("us-west-2");
//     fault.mutable_cut()->set_to("us-east-1");
//     sim.faults().apply(fault);
//     sim.faults().heal("outage");            // or earlier
//
// Invariants
//   (1) What is broken is a function of the faults in force and not of how they came and went: cuts
//       count, degradations stack (the later one wins, field by field), disk switches are or-ed,
//       delays and clock errors add up, and an actor is down while a crash fault holds it.
//   (2) A fault is healed at most once, with a FAULT_HEALED in the trace.
//   (3) A kind that the engine does not know belongs to the FaultDomain.
// Ends     Faults about the next messages heal themselves when these have come; reset_connection,
//          wipe and key_rotated as soon as they have happened. A clock is right again when its
//          faults are healed: the drift that it gathered goes with them. Bits that rotted and
//          writes that went astray are put right, as far as they are still there.
// Errors   An unknown actor, a malformed duration or ratio, a kind that nobody knows: FL_CHECK.
//          Scenarios are validated before they get here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/actor_id.h"
#include "engine/event_queue.h"
#include "engine/forward.h"
#include "engine/keyed_random.h"
#include "engine/network.h"
#include "engine/time.h"
#include "proto/fault.pb.h"
#include "proto/result.h"

namespace faultline::engine {

// The kinds of faults that a layer above adds to the engine's own.
class FaultDomain {
 public:
  virtual ~FaultDomain() = default;
  // False: not mine.
  virtual bool apply(const v1::Fault& fault, uint64_t fault_id) = 0;
  // Undoes exactly what apply did for this id.
  virtual void heal(const v1::Fault& fault, uint64_t fault_id) = 0;
};

struct ActiveFault {
  uint64_t id = 0;
  Instant since;
  std::optional<Instant> until;  // absent: until healed
  uint64_t applied_event = 0;    // its FAULT_APPLIED in the trace
  v1::Fault fault;
};

// A probability such as "1/20"; "0" and "1" are fine too. Errors: a sentence that says what was
// expected.
[[nodiscard]] Expected<Ratio, std::string> parse_ratio(std::string_view text);

// The fault's kind as a scenario writes it: "cut", "key_denied"; "" if it has none.
[[nodiscard]] std::string fault_kind(const v1::Fault& fault);
// What it is about: "us-west-2", "us-west-2->us-east-1" (one way), "us-west-2<->us-east-1".
[[nodiscard]] std::string fault_target(const v1::Fault& fault);

class FaultInjector {
 public:
  explicit FaultInjector(Simulation& simulation);
  ~FaultInjector();
  FaultInjector(const FaultInjector&) = delete;
  FaultInjector& operator=(const FaultInjector&) = delete;

  // Not owned; nullptr: none.
  void set_domain(FaultDomain* domain) { domain_ = domain; }
  // Hears of every fault at the instant at which it begins (true) or is healed (false), before
  // anything comes of it.
  using Listener = std::function<void(const v1::Fault& fault, bool begins)>;
  void set_listener(Listener listener) { listener_ = std::move(listener); }

  // Starts the fault now and returns its id: 1, 2, 3 …  Safe in any event, also of the actor that
  // it hits.
  uint64_t apply(const v1::Fault& fault);
  // False: no such fault is in force.
  bool heal(uint64_t id);
  // Heals every fault of that name.
  bool heal(std::string_view name);
  // Heals everything in force, oldest first.
  void heal_all();

  // Oldest first.
  [[nodiscard]] std::vector<ActiveFault> active() const;
  // A crash fault does not let the region start.
  [[nodiscard]] bool holds_down(std::string_view region) const;

 private:
  struct Entry {
    ActiveFault active;
    EventId healing = 0;         // its place in the queue, if it heals itself
    std::vector<EventId> plans;  // of what it still does until then
  };

  // How fast a clock goes, and how far faults have taken it.
  struct Drift {
    Instant since;
    int64_t ppm = 0;
    int64_t gathered_ns = 0;
  };

  void start(const v1::Fault& fault, uint64_t id);
  void stop(const ActiveFault& active);
  // Does something later, unless the fault ends before. In the background: a link that flaps does
  // not keep a run going.
  void plan(uint64_t id, Duration after, std::function<void()> run, std::string_view label);
  // False: not of this group.
  bool start_network(const v1::Fault& fault, uint64_t id);
  bool start_one_shot(const v1::Fault& fault, uint64_t id);
  bool start_machine(const v1::Fault& fault, uint64_t id);
  bool stop_machine(const ActiveFault& active);
  template <class Shot>
  void add_one_shot(uint64_t id, const Shot& shot, uint32_t count, OneShot rest);
  void swizzle(const v1::SwizzleClog& swizzle, uint64_t id, Duration lasting);
  void flap(const v1::Flap& link, uint64_t id, bool down);
  void restart(const std::string& region, uint32_t failed, uint32_t failures);
  void refresh_disk(const std::string& region);
  void refresh_clock(const std::string& region);
  void refresh_skewed(const v1::ClockSkew& skew);
  [[nodiscard]] std::vector<std::string> skewed(const v1::ClockSkew& skew) const;
  [[nodiscard]] Duration skew_of(const v1::ClockSkew& skew, const std::string& region) const;
  void take_back_drift(const ActiveFault& healed);
  uint64_t record(v1::EventKind event, const v1::Fault& fault, uint64_t id);
  [[nodiscard]] ActorId actor(const std::string& name) const;

  Simulation& simulation_;
  FaultDomain* domain_ = nullptr;
  Listener listener_;
  std::vector<Entry> entries_;                 // oldest first
  std::map<std::string, Drift> drifts_;        // by actor
  std::map<std::string, bool> loses_renames_;  // by actor: whether its disk does without a fault
  uint64_t last_id_ = 0;
};

}  // namespace faultline::engine
