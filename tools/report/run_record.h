// RunRecord: a run as it was, from its first event to its verdict: what reports and exports are made
// of.
//
//     RunRecord record = record_run(loaded, {.seed = 7});
//     out << perfetto_json(record);
//
// Secrets  no value is in its events and its report: where the scenario's expectations name one, a
//          name stands for it (redaction.h). They are in `scenario`, which no report shows.
#pragma once

#include <string>
#include <vector>

#include "engine/trace.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"
#include "proto/trace.pb.h"
#include "regions/runner.h"
#include "regions/trace_file.h"
#include "tools/report/event_list.h"

namespace faultline::tools {

struct RunRecord {
  // As it was run, its random part drawn.
  v1::Scenario scenario;
  std::string file;
  // Of the scenario, without secret values; empty: it has none.
  std::string title{}, description{};
  v1::RunReport report;
  // Not all have their chain: what it comes to is in the report.
  EventList events;
  // It is not over: what was not answered may be answered yet, and nothing is to be said of an end.
  bool goes_on = false;
};

// What a trace says of a violation. REQUIRES: a VIOLATION.
[[nodiscard]] v1::Violation violation_of(const v1::TraceEvent& event);

// Listens to a run that somebody else makes.
class RunKeeper final : public engine::TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override;
  // REQUIRES: called once, after the run.
  [[nodiscard]] RunRecord record(regions::LoadedScenario loaded, const v1::RunReport& report);

 private:
  EventList events_;
};

// Runs the scenario. `options.sinks` hear it, too.
[[nodiscard]] RunRecord record_run(const regions::LoadedScenario& loaded,
                                   regions::RunOptions options);
// A recorded run. What it came to is taken from a run of its scenario if that is the same run; if
// not (another build), from what the trace itself says.
// Errors   the scenario in it does not pass the check.
[[nodiscard]] Expected<RunRecord, InputError> record_of(const std::string& file,
                                                        const regions::RecordedRun& recorded,
                                                        const regions::SharedParts& shared);

// The index of a region among the scenario's; -1: none.
[[nodiscard]] int lane_of(const v1::Scenario& scenario, std::string_view region);

// A message between regions, as the trace tells of it.
struct TracedMessage {
  std::string type;
  int from = -1;
  int to = -1;
  std::uint64_t sent = 0;          // event
  std::vector<std::uint64_t> got;  // events: two, if it arrived twice
  std::uint64_t lost = 0;          // event; 0: it was not
  std::string why;                 // it was lost
};
// In the order in which they were sent.
[[nodiscard]] std::vector<TracedMessage> messages_of(const RunRecord& record);

}  // namespace faultline::tools
