#include "tools/report/partakers.h"

#include <utility>

namespace faultline::tools {
namespace {

// What a region does by itself, whether anybody uses it or not.
bool is_of_idle_regions(v1::EventKind kind) {
  return kind == v1::ACTOR_STARTED || kind == v1::TIMER_FIRED || kind == v1::DISK_SYNCED;
}

RunRecord reduced(const RunRecord& record, const Partakers& partakers) {
  RunRecord copy{.scenario = record.scenario,
                 .file = record.file,
                 .title = record.title,
                 .description = record.description,
                 .report = record.report,
                 .events = {},
                 .goes_on = record.goes_on};
  partakers.reduce(copy.scenario);
  for (const v1::TraceEvent& event : record.events) {
    if (partakers.shows(event)) copy.events.push_back(event);
  }
  return copy;
}

}  // namespace

Partakers::Partakers(const v1::Scenario& world) {
  for (const v1::RegionSpec& region : world.region()) regions_.insert(region.name());
  if (regions_.size() <= kFewRegions) partakers_ = regions_;
}

void Partakers::note(const v1::TraceEvent& event) {
  if (all() || is_of_idle_regions(event.kind())) return;
  for (const std::string* name : {&event.actor(), &event.peer(), &event.subject()}) {
    if (regions_.contains(*name)) partakers_.insert(*name);
  }
  if (event.kind() != v1::FAULT_APPLIED) return;
  // "us-west-2<->us-east-1"
  for (const std::string& region : regions_) {
    if (event.subject().find(region) != std::string::npos) partakers_.insert(region);
  }
}

bool Partakers::shows(const v1::TraceEvent& event) const {
  return event.actor().empty() || partakers_.contains(event.actor());
}

void Partakers::reduce(v1::Scenario& world) const {
  google::protobuf::RepeatedPtrField<v1::RegionSpec> regions;
  for (v1::RegionSpec& region : *world.mutable_region()) {
    if (partakers_.contains(region.name())) *regions.Add() = std::move(region);
  }
  world.mutable_region()->Swap(&regions);
}

std::optional<ReducedRuns> without_idle_regions(const RunRecord& record, const RunRecord* twin) {
  Partakers partakers(record.scenario);
  if (partakers.all()) return std::nullopt;
  for (const v1::TraceEvent& event : record.events) partakers.note(event);
  if (twin != nullptr) {
    for (const v1::TraceEvent& event : twin->events) partakers.note(event);
  }
  if (partakers.all()) return std::nullopt;
  ReducedRuns runs{.record = reduced(record, partakers), .twin = {}};
  if (twin != nullptr) runs.twin = reduced(*twin, partakers);
  return runs;
}

}  // namespace faultline::tools
