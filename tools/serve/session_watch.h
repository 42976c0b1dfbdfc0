// Session::Watch: what is heard of a session's world while it is recorded: which properties it breaks,
// and, for one that remembers, when each event happened and how many of them a person cares for.
// Private to the session.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/simulation.h"
#include "engine/trace.h"
#include "proto/trace.pb.h"
#include "regions/invariants/monitor.h"
#include "regions/property_noter.h"
#include "tools/serve/session.h"

namespace faultline::tools {

class Session::Watch final : public engine::TraceListener {
 public:
  // The world outlives the watch.
  explicit Watch(regions::World& world)
      : simulation_(world.simulation()), properties_(world, [](const v1::Violation&) {}) {
    times_.resize(simulation_.trace().count(), simulation_.now());
    simulation_.trace().add_listener(this);
  }
  ~Watch() override { simulation_.trace().remove_listener(this); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void after_event() { properties_.after_event(); }
  // As the run of the recording judges when it comes to its `run_for`.
  void judge_the_end() {
    properties_.monitor().at_end(
        {.settled = false, .came_to_rest = true, .bound = {}, .dead_regions = {}});
    properties_.note();
  }
  void on_record(std::uint64_t id, const engine::TraceRecord& record) override {
    times_.resize(id, simulation_.now());
    if (!is_inner(record.kind)) ++seen_;
  }

  // What only an inner look needs: no step of its own for a person who follows the world.
  [[nodiscard]] static bool is_inner(v1::EventKind kind) {
    return kind == v1::TIMER_FIRED || kind == v1::MACHINE_MOVED || kind == v1::DISK_SYNCED;
  }
  [[nodiscard]] std::uint64_t seen() const { return seen_; }
  // REQUIRES: 1 <= id <= the trace's count.
  [[nodiscard]] engine::Instant time_of(std::uint64_t id) const { return times_[id - 1]; }

 private:
  engine::Simulation& simulation_;
  // Their trace is that of the run of the recording, which is watched by the same properties.
  regions::PropertyNoter properties_;
  std::vector<engine::Instant> times_;
  std::uint64_t seen_ = 0;
};

}  // namespace faultline::tools
