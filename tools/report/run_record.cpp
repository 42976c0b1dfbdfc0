#include "tools/report/run_record.h"

#include <map>
#include <utility>

#include "regions/build_id.h"
#include "regions/explore/draw.h"
#include "tools/report/redaction.h"

namespace faultline::tools {
namespace {

// What the trace alone says of its run.
v1::RunReport report_from(const regions::RecordedRun& recorded) {
  v1::RunReport report;
  report.set_scenario(recorded.header.scenario_name());
  report.set_seed(recorded.header.seed());
  report.set_build(recorded.header.build());
  report.set_events(recorded.footer.events());
  report.set_hash(recorded.footer.hash());
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  if (v1::Verdict_Parse(recorded.footer.verdict(), &verdict)) report.set_verdict(verdict);
  for (const v1::TraceEvent& event : recorded.events) {
    report.set_ended_at_ns(event.at_ns());
    if (event.kind() == v1::CALL_STARTED) report.set_calls(report.calls() + 1);
    if (event.kind() == v1::MESSAGE_SENT) report.set_messages_sent(report.messages_sent() + 1);
    if (event.kind() == v1::EXPECTATION_MET) {
      report.set_expectations_met(report.expectations_met() + 1);
    }
    if (event.kind() != v1::VIOLATION) continue;
    *report.add_violations() = violation_of(event);
  }
  return report;
}

void redact(RunRecord& record) {
  const Redaction redaction(record.scenario);
  record.title = redaction.text(record.scenario.title());
  record.description = redaction.text(record.scenario.description());
  for (v1::TraceEvent& event : record.events) redaction.clean(event);
  for (v1::Violation& violation : *record.report.mutable_violations()) {
    violation.set_expectation(redaction.judgement(violation.expectation()));
    violation.set_found(redaction.judgement(violation.found()));
    violation.set_because(redaction.text(violation.because()));
  }
  for (std::string& open : *record.report.mutable_left_open()) open = redaction.judgement(open);
}

}  // namespace

v1::Violation violation_of(const v1::TraceEvent& event) {
  v1::Violation violation;
  violation.set_expectation(event.subject());
  violation.set_found(event.text());
  violation.set_at_ns(event.at_ns());
  violation.set_event(event.id());
  violation.add_witness(event.id());
  const std::string id = event.subject().substr(0, event.subject().find(' '));
  if (id.size() == 3 && (id[0] == 'S' || id[0] == 'L')) violation.set_property(id);
  return violation;
}

// Of the seven texts of an event the chain is one that nobody who is told of a run reads.
void RunKeeper::on_event(const v1::TraceEvent& event) {
  v1::TraceEvent& kept = events_.emplace_back();
  kept.set_id(event.id());
  kept.set_at_ns(event.at_ns());
  kept.set_kind(event.kind());
  kept.set_cause(event.cause());
  kept.set_number(event.number());
  kept.set_digest(event.digest());
  const auto copy = [&kept](const std::string& text, std::string* (v1::TraceEvent::*field)()) {
    if (!text.empty()) *(kept.*field)() = text;
  };
  copy(event.actor(), &v1::TraceEvent::mutable_actor);
  copy(event.peer(), &v1::TraceEvent::mutable_peer);
  copy(event.subject(), &v1::TraceEvent::mutable_subject);
  copy(event.verb(), &v1::TraceEvent::mutable_verb);
  copy(event.outcome(), &v1::TraceEvent::mutable_outcome);
  copy(event.text(), &v1::TraceEvent::mutable_text);
}

RunRecord RunKeeper::record(regions::LoadedScenario loaded, const v1::RunReport& report) {
  RunRecord record;
  record.scenario = regions::explore::is_random(loaded.scenario)
                        ? regions::explore::with_steps_drawn(loaded, report.seed()).scenario
                        : std::move(loaded.scenario);
  record.file = std::move(loaded.file);
  record.report = report;
  record.events = std::move(events_);
  redact(record);
  return record;
}

RunRecord record_run(const regions::LoadedScenario& loaded, regions::RunOptions options) {
  RunKeeper keeper;
  options.sinks.push_back(&keeper);
  regions::ScenarioRun run(loaded, std::move(options));
  const v1::RunReport report = run.finish();
  return keeper.record(loaded, report);
}

Expected<RunRecord, InputError> record_of(const std::string& file,
                                          const regions::RecordedRun& recorded,
                                          const regions::SharedParts& shared) {
  v1::Scenario scenario;
  if (!scenario.ParseFromString(recorded.header.scenario())) {
    return tl::make_unexpected(InputError{.file = file, .message = "its scenario is damaged"});
  }
  RunRecord record{.scenario = scenario,
                   .file = recorded.header.scenario_name(),
                   .report = report_from(recorded),
                   .events = EventList(recorded.events),
                   .goes_on = false};
  record.report.set_title(scenario.title());
  redact(record);
  if (recorded.header.build() != regions::build_id()) return record;
  const auto adopted = regions::adopt_scenario(recorded.header.scenario_name(), scenario,
                                               {.protocols = shared.protocols->names()});
  if (!adopted) return tl::make_unexpected(adopted.error().front());
  regions::RunOptions options{.seed = recorded.header.seed(), .shared = shared};
  if (recorded.header.until_ns() > 0) {
    options.until = engine::Duration::nanos(recorded.header.until_ns());
  }
  RunRecord again = record_run(*adopted, std::move(options));
  if (again.report.hash() == recorded.footer.hash()) return again;
  return record;
}

int lane_of(const v1::Scenario& scenario, std::string_view region) {
  for (int i = 0; i < scenario.region_size(); ++i) {
    if (scenario.region(i).name() == region) return i;
  }
  return -1;
}

std::vector<TracedMessage> messages_of(const RunRecord& record) {
  std::vector<TracedMessage> messages;
  std::map<std::uint64_t, std::size_t> by_number;
  for (const v1::TraceEvent& event : record.events) {
    if (event.kind() == v1::MESSAGE_SENT) {
      by_number[event.number()] = messages.size();
      messages.push_back({.type = event.verb(),
                          .from = lane_of(record.scenario, event.actor()),
                          .to = lane_of(record.scenario, event.peer()),
                          .sent = event.id(),
                          .got = {},
                          .lost = 0,
                          .why = {}});
      continue;
    }
    const bool arrived = event.kind() == v1::MESSAGE_DELIVERED;
    if (!arrived && event.kind() != v1::MESSAGE_DROPPED) continue;
    const auto found = by_number.find(event.number());
    if (found == by_number.end()) continue;
    TracedMessage& message = messages[found->second];
    if (arrived) {
      message.got.push_back(event.id());
    } else {
      message.lost = event.id();
      message.why = event.outcome();
    }
  }
  return messages;
}

}  // namespace faultline::tools
