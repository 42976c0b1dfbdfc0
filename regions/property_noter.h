// PropertyNoter: a monitor, and what it sees written into the trace as it is seen. Runs and served
// worlds watch their world by it, so that the trace of a session is that of its run.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "proto/report.pb.h"

namespace faultline::regions {

class Monitor;
class World;

// Records a VIOLATION, now, and says the same for a report.
v1::Violation note_violation(World& world, const std::string& expectation,
                             const std::string& found);

class PropertyNoter {
 public:
  using Heard = std::function<void(const v1::Violation&)>;

  // Watches from now on. Made before the world's first call, gone before the world. `heard` is told
  // of each violation once, when it is in the trace.
  PropertyNoter(World& world, Heard heard);
  ~PropertyNoter();
  PropertyNoter(const PropertyNoter&) = delete;
  PropertyNoter& operator=(const PropertyNoter&) = delete;

  // After every event of the simulation.
  void after_event();
  // What the monitor has come to see otherwise, at the end of a run.
  void note();

  [[nodiscard]] Monitor& monitor() { return *monitor_; }

 private:
  World& world_;
  const Heard heard_;
  const std::unique_ptr<Monitor> monitor_;
  std::size_t noted_ = 0;
};

}  // namespace faultline::regions
