#include "regions/triggers.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::regions {

const std::vector<std::string>& triggering_events() {
  static const std::vector<std::string> events = {
      "MESSAGE_SENT",    "MESSAGE_DELIVERED", "MESSAGE_DROPPED", "TIMER_FIRED",
      "DISK_SYNCED",     "STORE_COMMITTED",   "CALL_STARTED",    "CALL_ENDED",
      "KMS_CALL",        "MACHINE_MOVED",     "PROMOTED",        "REPLICATION_STATUS",
      "REPLICA_APPLIED", "REPLICA_REMOVED",   "SECRET_PURGED",   "ACTOR_CRASHED",
      "ACTOR_STARTED",   "FAULT_APPLIED",     "FAULT_HEALED",    "STORE_FAILED",
      "STORE_REOPENED",  "ROTATION",
  };
  return events;
}

v1::EventKind event_kind_of(const v1::On& on) {
  v1::EventKind kind{};
  FL_CHECK(v1::EventKind_Parse(on.event(), &kind))
      << "a scenario that was not checked: " << on.event();
  return kind;
}

Triggers::~Triggers() {
  if (!triggers_.empty()) simulation_.trace().remove_listener(this);
}

void Triggers::add(const v1::On& on, engine::Instant from, Promptness promptness,
                   std::function<void()> fire) {
  const auto actor = [this](const std::string& name) {
    return simulation_.find(name).value_or(engine::kNoActor);
  };
  if (triggers_.empty()) simulation_.trace().add_listener(this);
  triggers_.push_back({.on = &on,
                       .kind = event_kind_of(on),
                       .region = actor(on.region()),
                       .peer = actor(on.peer()),
                       .from = from,
                       .promptness = promptness,
                       .fire = std::move(fire),
                       .left = std::max<std::uint32_t>(1, on.nth())});
}

bool Triggers::fits(const Trigger& trigger, const engine::TraceRecord& record) const {
  const v1::On& on = *trigger.on;
  return record.kind == trigger.kind && simulation_.now() >= trigger.from &&
         (on.region().empty() || record.actor == trigger.region) &&
         (on.peer().empty() || record.peer == trigger.peer) &&
         (on.verb().empty() || record.verb == on.verb()) &&
         (on.outcome().empty() || record.outcome == on.outcome());
}

void Triggers::on_record(std::uint64_t id, const engine::TraceRecord& record) {
  static_cast<void>(id);
  // By index: what fires may not add triggers, but it may record.
  for (std::size_t i = 0; i < triggers_.size(); ++i) {
    Trigger& trigger = triggers_[i];
    if (trigger.done || trigger.due || !fits(trigger, record) || --trigger.left > 0) continue;
    if (trigger.promptness == Promptness::InTheMiddle && trigger.on->delay().empty()) {
      fire(trigger);
    } else {
      trigger.due = true;
      any_due_ = true;
    }
  }
}

void Triggers::disarm() {
  disarmed_ = true;
  for (Trigger& trigger : triggers_) trigger.done = true;
}

void Triggers::fire_due() {
  while (std::exchange(any_due_, false)) {
    for (Trigger& trigger : triggers_) {
      if (trigger.due && !trigger.done) fire(trigger);
    }
  }
}

void Triggers::fire(Trigger& trigger) {
  trigger.done = true;
  if (trigger.on->delay().empty()) return trigger.fire();
  const auto delay = engine::parse_duration(trigger.on->delay());
  FL_CHECK(delay.has_value()) << "a scenario that was not checked: " << delay.error();
  simulation_.after(
      *delay,
      [this, &trigger] {
        if (!disarmed_) trigger.fire();
      },
      "triggered step");
}

}  // namespace faultline::regions
