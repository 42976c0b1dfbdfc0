#include "tools/console/live_run.h"

#include <algorithm>
#include <utility>

#include "kms/identifiers.h"
#include "proto/report.pb.h"
#include "regions/build_id.h"
#include "tools/report/payload.h"
#include "tools/report/run_record.h"

namespace faultline::tools {
namespace {

constexpr char kEnd = '\n';  // of the parts of a key: in no name

std::string key_of(std::string_view what, const v1::TraceEvent& event) {
  return std::string(what) + kEnd + event.actor() + kEnd + event.subject() + kEnd;
}

v1::Scenario without_steps(v1::Scenario scenario) {
  scenario.clear_step();
  scenario.clear_expect();
  return scenario;
}

}  // namespace

LiveRun::LiveRun(const LiveRunOptions& options)
    : world_(without_steps(options.scenario)),
      seed_(options.seed),
      most_events_(options.most_events),
      redaction_(options.scenario),
      partakers_(options.scenario) {
  world_.set_title(redaction_.text(world_.title()));
  clear();
}

void LiveRun::clear() {
  partakers_ = Partakers(world_);
  window_.clear();
  kept_.clear();
  kept_order_.clear();
  last_id_ = 0;
  last_at_ns_ = 0;
  last_chain_.clear();
  calls_ = messages_ = 0;
  ++revision_;
}

void LiveRun::on_event(const v1::TraceEvent& event) {
  last_id_ = event.id();
  last_at_ns_ = event.at_ns();
  last_chain_ = event.chain();
  calls_ += event.kind() == v1::CALL_STARTED ? 1 : 0;
  messages_ += event.kind() == v1::MESSAGE_SENT ? 1 : 0;
  partakers_.note(event);
  if (!partakers_.shows(event)) return;
  window_.push_back(event);
  redaction_.clean(window_.back());
  while (window_.size() > most_events_) {
    keep(window_.front());
    window_.pop_front();
  }
  ++revision_;
}

// ---- what is before the window ------------------------------------------------------------------

// The last event of each key tells how things stand; state_changes.h and fault_bands.h read them.
void LiveRun::keep(const v1::TraceEvent& event) {
  const std::string number = std::to_string(event.number());
  switch (event.kind()) {
    case v1::STEP:
      if (event.verb() == "fault") put("step", event);
      break;
    case v1::FAULT_APPLIED:
      put("fault" + number, event);
      // Its words are there.
      if (const auto step = kept_.find("step");
          step != kept_.end() && step->second.id() == event.cause()) {
        const v1::TraceEvent told = step->second;
        drop("step");
        put("fault step" + number, told);
      }
      break;
    case v1::FAULT_HEALED:
      // Its end may have taken something back that others have done: so the last of its kind there
      // is kept, as a whole.
      if (const auto fault = kept_.find("fault" + number); fault != kept_.end()) {
        const v1::TraceEvent applied = fault->second;
        drop("fault" + number);
        put(key_of("over", event) + event.verb(), applied);
        put(key_of("healed", event) + event.verb(), event);
      }
      drop("fault step" + number);
      break;
    case v1::MESSAGE_SENT:
      put("sent" + number, event);
      break;
    case v1::MESSAGE_DELIVERED:
    case v1::MESSAGE_DROPPED:
      drop("sent" + number);
      break;
    case v1::ACTOR_STARTED:
    case v1::ACTOR_CRASHED:
    case v1::STORE_FAILED:
    case v1::STORE_REOPENED:
      put("life" + event.actor(), event);
      break;
    case v1::STORE_COMMITTED:
      if (event.verb() == "CreateSecret") {
        put(key_of("created", event), event);
      } else if (event.number() > 0 && event.verb() != "replicate") {
        put(key_of("committed", event), event);
      }
      break;
    case v1::REPLICATION_STATUS:
      put(key_of("status", event) + event.peer(), event);
      break;
    case v1::REPLICA_APPLIED:
      if (event.verb() == "applied") put(key_of("applied", event), event);
      break;
    case v1::PROMOTED:
      put(key_of("promoted", event), event);
      break;
    case v1::REPLICA_REMOVED:
    case v1::SECRET_PURGED:
      for (const char* what : {"created", "committed", "status", "applied", "promoted"}) {
        drop_all_of(key_of(what, event));
      }
      break;
    case v1::KEY_CHANGED:
    case v1::SERVICE_CALL_ENDED:
      put(key_of("key", event), event);
      break;
    case v1::REGION_OPT_STATUS:
      put(key_of("opt", event), event);
      break;
    default:
      break;
  }
  // Faults in force stay, however old.
  for (auto oldest = kept_order_.begin();
       kept_.size() > kMostKept && oldest != kept_order_.end();) {
    const Key key = oldest->second;
    ++oldest;
    if (!key.starts_with("fault")) drop(key);
  }
}

void LiveRun::put(const Key& key, const v1::TraceEvent& event) {
  drop(key);
  kept_[key] = event;
  kept_order_[event.id()] = key;
}

void LiveRun::drop(const Key& key) {
  const auto found = kept_.find(key);
  if (found == kept_.end()) return;
  kept_order_.erase(found->second.id());
  kept_.erase(found);
}

void LiveRun::drop_all_of(const Key& prefix) {
  for (auto at = kept_.lower_bound(prefix); at != kept_.end() && at->first.starts_with(prefix);) {
    kept_order_.erase(at->second.id());
    at = kept_.erase(at);
  }
}

// ---- as a page draws it -------------------------------------------------------------------------

std::string LiveRun::json() const {
  RunRecord record;
  record.goes_on = true;
  record.title = world_.title();
  record.scenario.set_epoch(world_.epoch());
  for (const v1::RegionSpec& region : world_.region()) {
    if (partakers_.contains(region.name())) {
      record.scenario.add_region()->set_name(region.name());
    }
  }
  record.report.set_seed(seed_);
  record.report.set_build(std::string(regions::build_id()));
  record.report.set_hash(kms::to_hex(last_chain_));
  record.report.set_ended_at_ns(last_at_ns_);
  record.report.set_calls(calls_);
  record.report.set_messages_sent(messages_);
  for (const v1::TraceEvent& event : window_) {
    if (event.kind() == v1::VIOLATION) *record.report.add_violations() = violation_of(event);
  }
  for (const auto& [id, key] : kept_order_) record.events.push_back(kept_.find(key)->second);
  for (const v1::TraceEvent& event : window_) record.events.push_back(event);
  // Of an empty window: what comes next.
  const std::uint64_t first = window_.empty() ? last_id_ + 1 : window_.front().id();
  std::string payload = report_payload(record, {.first_event = first});
  // Between members; a line break in a text is escaped.
  std::erase(payload, '\n');
  return payload;
}

}  // namespace faultline::tools
