// Narrator: a run's trace as lines that a person reads, as it happens.
//
//     0.000s  us-west-2  CreateSecret production/DBWest, replica us-east-1
//     0.011s  us-west-2  production/DBWest in us-east-1 is InProgress
//     0.012s  us-west-2  CreateSecret: OK
//     0.061s  us-west-2  production/DBWest in us-east-1 is InSync: Replication succeeded
//
// A line is a function of the events up to it and of the verbosity: the narrator remembers only
// which events it has told already, so that a step and the call that it makes are one line and not
// two. It does no I/O and knows no colours: a line has a tone.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "engine/time.h"
#include "proto/trace.pb.h"

namespace faultline::regions {

enum class Detail {
  Story,     // what users, operators and faults do, and what becomes of replicas
  Machinery  // also messages, KMS calls, steps of the state machines, commits
};

enum class Tone { Plain, Good, Bad, Fault, Faint };

struct NarrationLine {
  engine::Instant at;
  Tone tone = Tone::Plain;
  // The region that speaks; empty: the world.
  std::string where;
  std::string text;
  // Why a step is here, in the words of the scenario; empty mostly.
  std::string note;
};

class Narrator {
 public:
  explicit Narrator(Detail detail = Detail::Story) : detail_(detail) {}

  // Nothing: the event is not worth a line at this verbosity. Events come in the order of the run.
  [[nodiscard]] std::optional<NarrationLine> tell(const v1::TraceEvent& event);

 private:
  [[nodiscard]] std::optional<NarrationLine> story(const v1::TraceEvent& event);
  [[nodiscard]] std::optional<NarrationLine> machinery(const v1::TraceEvent& event) const;
  [[nodiscard]] std::optional<NarrationLine> step(const v1::TraceEvent& event);

  const Detail detail_;
  // Steps whose line also tells what they cause at once: a call's start, a fault's beginning.
  std::set<std::uint64_t> told_;
};

// One event in full, in one line: for comparing traces.
[[nodiscard]] std::string event_text(const v1::TraceEvent& event);

}  // namespace faultline::regions
