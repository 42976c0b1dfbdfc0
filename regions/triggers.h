// Triggers: steps that happen when something else has happened, instead of at a time (`on` in a
// scenario). A place in a run that is named by what happens there stays where it is when other
// steps are taken out; an instant does not.
//
// Deeds that a process can meet in the middle of its own work, a crash or a fault of its disk, come
// from that very event on; everything else comes when the simulator's present event is over, before
// the next one.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/simulation.h"
#include "engine/trace.h"
#include "proto/scenario.pb.h"

namespace faultline::regions {

class Triggers final : public engine::TraceListener {
 public:
  // The simulation outlives this.
  explicit Triggers(engine::Simulation& simulation) : simulation_(simulation) {}
  ~Triggers() override;
  Triggers(const Triggers&) = delete;
  Triggers& operator=(const Triggers&) = delete;

  enum class Promptness { InTheMiddle, AfterTheEvent };
  // Counts events from `from` on; fires at most once. `on` outlives this.
  void add(const v1::On& on, engine::Instant from, Promptness promptness,
           std::function<void()> fire);
  // What has not happened by now will not, even if its event has.
  void disarm();
  // After every event of the simulation.
  void fire_due();

  void on_record(std::uint64_t id, const engine::TraceRecord& record) override;

 private:
  struct Trigger {
    const v1::On* on;
    v1::EventKind kind;
    engine::ActorId region;  // kNoActor: any
    engine::ActorId peer;
    engine::Instant from;
    Promptness promptness;
    std::function<void()> fire;
    std::uint32_t left;
    bool due = false;
    bool done = false;
  };
  [[nodiscard]] bool fits(const Trigger& trigger, const engine::TraceRecord& record) const;
  void fire(Trigger& trigger);

  engine::Simulation& simulation_;
  std::vector<Trigger> triggers_;
  bool any_due_ = false;
  bool disarmed_ = false;
};

// What kind of event an `on` names. REQUIRES: it was checked.
[[nodiscard]] v1::EventKind event_kind_of(const v1::On& on);
// The kinds that an `on` may name.
[[nodiscard]] const std::vector<std::string>& triggering_events();

}  // namespace faultline::regions
