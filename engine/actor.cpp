#include "engine/actor.h"

#include <utility>

#include "engine/clock.h"
#include "engine/disk.h"
#include "engine/disk_env.h"
#include "engine/simulation.h"
#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {

// ---- WakeUp -------------------------------------------------------------------------------------

void WakeUp::schedule(Duration after, std::coroutine_handle<> waiting, TimerClass urgency) {
  FL_CHECK(after >= Duration::zero()) << "a sleep that ends in the past";
  cancel();
  if (actor_ != kNoActor && !simulation_.is_up(actor_)) return;
  entry_ = simulation_.queue_.push(saturating_add(simulation_.now_, after),
                                   {.kind = EventClass::Resume,
                                    .urgency = urgency,
                                    .actor = actor_,
                                    .cause = simulation_.trace_.current_cause(),
                                    .resume = waiting});
}

// An entry that has come up already is no longer in the queue, and its id names nothing.
void WakeUp::cancel() {
  if (entry_ != 0) simulation_.queue_.cancel(std::exchange(entry_, 0));
}

// ---- ActorContext -------------------------------------------------------------------------------

ActorContext::ActorContext(Simulation& simulation, ActorId id, std::string name)
    : simulation_(simulation),
      id_(id),
      name_(std::move(name)),
      clock_(std::make_unique<Clock>(simulation.epoch_unix_ns())) {}

ActorContext::~ActorContext() = default;

Instant ActorContext::now() const { return simulation_.now(); }

int64_t ActorContext::wall_unix_ns() const { return clock_->read_unix_ns(simulation_.now()); }

Clock& ActorContext::clock() { return *clock_; }

TimerId ActorContext::set_timer(Duration after, uint64_t key, TimerClass urgency) {
  FL_CHECK(after >= Duration::zero()) << name_ << " sets a timer in the past, key " << key;
  if (!alive_) return 0;
  return simulation_.queue_.push(saturating_add(now(), after), {.kind = EventClass::Timer,
                                                                .urgency = urgency,
                                                                .actor = id_,
                                                                .cause = trace().current_cause(),
                                                                .number = key});
}

bool ActorContext::cancel_timer(TimerId timer) {
  const QueuedEvent* const event = simulation_.queue_.find(timer);
  if (event == nullptr || event->kind != EventClass::Timer || event->actor != id_) return false;
  return simulation_.queue_.cancel(timer);
}

SleepAwaiter ActorContext::sleep(Duration duration, TimerClass urgency) {
  return {simulation_, id_, duration, urgency};
}

RandomStream ActorContext::random(std::string_view purpose) const {
  std::string stream = "actor/" + name_ + "/";
  stream += purpose;
  return simulation_.random_.stream(stream);
}

uint64_t ActorContext::next_index(std::string_view purpose) {
  const auto counter = counters_.find(purpose);
  if (counter != counters_.end()) return counter->second++;
  counters_.emplace(purpose, 1);
  return 0;
}

uint64_t ActorContext::send(ActorId to, std::string_view type, std::string body) {
  if (!alive_) return 0;
  return simulation_.network_.send(id_, to, type, std::move(body));
}

void ActorContext::spawn(Task<void> task) {
  simulation_.run_as(id_, [&] { tasks_.spawn(std::move(task)); });
}

void ActorContext::after(Duration duration, std::function<void()> run, std::string_view label) {
  FL_CHECK(duration >= Duration::zero()) << name_ << " plans for the past: " << label;
  if (!alive_) return;
  simulation_.queue_.push_call(saturating_add(now(), duration), id_, trace().current_cause(),
                               std::move(run), label);
}

Disk& ActorContext::disk() {
  if (!disk_) {
    disk_ = std::make_unique<Disk>(name_, random("disk"));
    disk_->set_sync_observer(
        [this](std::string_view file, uint64_t bytes, uint64_t digest, std::string_view outcome) {
          record({.kind = v1::DISK_SYNCED,
                  .number = bytes,
                  .digest = digest,
                  .subject = file,
                  .outcome = outcome});
        });
    if (!alive_) disk_->freeze();
  }
  return *disk_;
}

DiskEnv& ActorContext::disk_env() {
  if (!disk_env_) {
    disk_env_ = std::make_unique<DiskEnv>(
        disk(), [this] { return static_cast<uint64_t>(now().ns() / 1'000); });
  }
  return *disk_env_;
}

uint64_t ActorContext::record(TraceRecord record) {
  if (!alive_) return 0;
  record.actor = id_;
  return trace().record(record);
}

Trace& ActorContext::trace() { return simulation_.trace_; }

}  // namespace faultline::engine
