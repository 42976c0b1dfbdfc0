// LiveRun: the recent events of a session that goes on, as a page draws them: the payload of a
// report (tools/report/payload.h) with a window that moves on.
//
//     LiveRun run({.scenario = session.scenario(), .seed = session.seed()});
//     world.simulation().trace().add_sink(&run);
//     …
//     if (run.revision() != sent) push(run.json());
//
// Window   at most `most_events`, the latest. What has become of regions, replicas and keys before,
//          and the faults in force, are in its first event; a message that was sent before and comes
//          now is told whole. Of everything else before nothing is kept: however long the session
//          is, a LiveRun takes the same room, and json() the same time.
//          What broke a property is told as long as it lies in the window.
// Lanes    regions that have taken part since the beginning, in the world's order; of a world of few
//          regions all. What idle regions do (they start, their timers fire) is left out.
// Secrets  no value is in it, for none is in a trace; those that the scenario's own steps name are
//          taken out as in a report.
// Threads  one. Listens only: it changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "engine/trace.h"
#include "proto/scenario.pb.h"
#include "proto/trace.pb.h"
#include "tools/report/partakers.h"
#include "tools/report/redaction.h"

namespace faultline::tools {

struct LiveRunOptions {
  // The world's regions and epoch, a title, and values that are not to be shown.
  v1::Scenario scenario;
  std::uint64_t seed = 1;
  std::size_t most_events = 1'000;
};

class LiveRun final : public engine::TraceSink {
 public:
  explicit LiveRun(const LiveRunOptions& options);

  void on_event(const v1::TraceEvent& event) override;
  // The session goes on in another world, of which nothing has been heard yet.
  void clear();

  // Grows with whatever changes json().
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  // The payload as one line: no line break is in it.
  [[nodiscard]] std::string json() const;

  // Of what was before the window, at most so many events are kept: the latest.
  static constexpr std::size_t kMostKept = 250;

 private:
  // What an earlier event has left: the last one of a key counts.
  using Key = std::string;

  // An event leaves the window: what of it is still to be known.
  void keep(const v1::TraceEvent& event);
  void put(const Key& key, const v1::TraceEvent& event);
  void drop(const Key& key);
  void drop_all_of(const Key& prefix);

  v1::Scenario world_;  // without its steps
  const std::uint64_t seed_;
  const std::size_t most_events_;
  const Redaction redaction_;
  Partakers partakers_;
  std::deque<v1::TraceEvent> window_;
  std::map<Key, v1::TraceEvent> kept_;
  std::map<std::uint64_t, Key> kept_order_;  // by event
  // The last event of all, shown or not.
  std::uint64_t last_id_ = 0;
  std::int64_t last_at_ns_ = 0;
  std::string last_chain_;
  std::uint64_t calls_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace faultline::tools
