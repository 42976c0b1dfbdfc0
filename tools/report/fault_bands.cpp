#include "tools/report/fault_bands.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <map>

#include "regions/fault_text.h"

namespace faultline::tools {
namespace {

using google::protobuf::FieldDescriptor;

// Says nothing: what cannot be read is told in another way.
class Silence : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
};

// The fault that the trace tells of: its details are the text, or its name is.
v1::Fault fault_of(const v1::TraceEvent& event, const v1::Scenario& scenario) {
  for (const v1::Step& step : scenario.step()) {
    if (!step.fault().name().empty() && step.fault().name() == event.text()) return step.fault();
  }
  v1::Fault fault;
  const FieldDescriptor* kind = v1::Fault::descriptor()->FindFieldByName(event.verb());
  if (kind == nullptr || kind->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return fault;
  Silence silence;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silence);
  if (!parser.ParseFromString(event.text(), fault.GetReflection()->MutableMessage(&fault, kind))) {
    fault.Clear();
  }
  return fault;
}

// What the step said that began it, without the name and how long it was meant to last:
// "… is cut (outage, for 30s)". Empty: no step did.
std::string words_of_step(const v1::TraceEvent* step, const std::string& name) {
  if (step == nullptr || name.empty()) return {};
  const std::size_t end = step->subject().rfind(" (" + name);
  return step->subject().ends_with(')') ? step->subject().substr(0, end) : std::string();
}

std::string words_of(const v1::TraceEvent& event, v1::Fault fault, const v1::TraceEvent* step) {
  if (fault.kind_case() == v1::Fault::KIND_NOT_SET) {
    if (std::string words = words_of_step(step, event.text()); !words.empty()) return words;
    return event.verb() + (event.subject().empty() ? "" : " " + event.subject());
  }
  // The name and how long it was meant to last are told by the band.
  fault.clear_name();
  fault.clear_for_();
  return regions::fault_text(fault);
}

std::vector<int> lanes_of(const std::string& subject, const v1::Scenario& scenario) {
  std::vector<int> lanes;
  const std::size_t arrow = subject.find("->");
  const auto add = [&](const std::string& region) {
    if (const int lane = lane_of(scenario, region); lane >= 0) lanes.push_back(lane);
  };
  if (arrow == std::string::npos) {
    add(subject);
  } else {
    add(subject.substr(0, arrow > 0 && subject[arrow - 1] == '<' ? arrow - 1 : arrow));
    add(subject.substr(arrow + 2));
  }
  const bool all = subject.empty() || subject.ends_with("->*");
  for (int lane = 0; all && lane < scenario.region_size(); ++lane) {
    if (lanes.empty() || lanes.front() != lane) lanes.push_back(lane);
  }
  return lanes;
}

}  // namespace

std::vector<FaultBand> fault_bands(const RunRecord& record) {
  std::vector<FaultBand> bands;
  std::map<std::uint64_t, std::size_t> faults;    // by number
  std::map<std::string, std::size_t> down;        // by region
  std::map<std::uint64_t, bool> caused_by_fault;  // applied events
  const v1::TraceEvent* step = nullptr;           // the last one that began a fault
  for (const v1::TraceEvent& event : record.events) {
    switch (event.kind()) {
      case v1::STEP:
        if (event.verb() == "fault") step = &event;
        break;
      case v1::FAULT_APPLIED: {
        const v1::Fault fault = fault_of(event, record.scenario);
        const bool of_step = step != nullptr && step->id() == event.cause();
        // Of a session that goes on no scenario knows the faults.
        const bool is_told = fault.kind_case() != v1::Fault::KIND_NOT_SET;
        faults[event.number()] = bands.size();
        caused_by_fault[event.id()] = true;
        bands.push_back({.name = of_step && !is_told ? event.text() : fault.name(),
                         .kind = event.verb(),
                         .words = words_of(event, fault, of_step ? step : nullptr),
                         .lanes = lanes_of(event.subject(), record.scenario),
                         .is_link = event.subject().find("->") != std::string::npos,
                         .begin = event.id()});
        break;
      }
      case v1::FAULT_HEALED:
        if (const auto found = faults.find(event.number()); found != faults.end()) {
          bands[found->second].end = event.id();
        }
        break;
      case v1::ACTOR_CRASHED:
        // A fault that crashes has a band already.
        if (caused_by_fault.contains(event.cause())) break;
        down[event.actor()] = bands.size();
        bands.push_back({.name = {},
                         .kind = "crash",
                         .words = event.actor() + " is down",
                         .lanes = lanes_of(event.actor(), record.scenario),
                         .is_link = false,
                         .begin = event.id()});
        break;
      case v1::ACTOR_STARTED:
        if (const auto found = down.find(event.actor()); found != down.end()) {
          bands[found->second].end = event.id();
          down.erase(found);
        }
        break;
      default:
        break;
    }
  }
  return bands;
}

}  // namespace faultline::tools
