// Sinks and tools for recorded traces: keep the events, read them as lines, find where two differ.
//
//     MemorySink first, second;
//     …                                           // run twice, each with its sink
//     if (const auto difference = first_difference(first.events(), second.events())) …
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/trace.h"
#include "proto/trace.pb.h"

namespace faultline::engine {

// Keeps everything. For tests and small runs: some hundred bytes an event.
class MemorySink : public TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override { events_.push_back(event); }

  [[nodiscard]] const std::vector<v1::TraceEvent>& events() const { return events_; }
  // Those of one kind, in order.
  [[nodiscard]] std::vector<v1::TraceEvent> of_kind(v1::EventKind kind) const;

 private:
  std::vector<v1::TraceEvent> events_;
};

// One line for people, without the chain and without what is empty:
//   #41 0.035s MESSAGE_DELIVERED us-east-1 <- us-west-2 Replicate number=7 digest=0123456789abcdef
//   cause=#38
[[nodiscard]] std::string to_line(const v1::TraceEvent& event);

// The first place at which two traces differ; a side that has ended there has no event.
struct TraceDifference {
  std::size_t index = 0;
  std::optional<v1::TraceEvent> expected{};
  std::optional<v1::TraceEvent> actual{};

  // Both sides as lines.
  [[nodiscard]] std::string to_string() const;
};

// Nothing if they are the same, chain included.
[[nodiscard]] std::optional<TraceDifference> first_difference(
    const std::vector<v1::TraceEvent>& expected, const std::vector<v1::TraceEvent>& actual);

}  // namespace faultline::engine
