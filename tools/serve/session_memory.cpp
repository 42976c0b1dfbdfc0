// A session that is looked at closely: clocks that change, single steps, and its memory, by which it
// is rewound and saved.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "engine/simulation.h"
#include "regions/runner.h"
#include "regions/scenario/check.h"
#include "regions/scenario_loader.h"
#include "tools/serve/session.h"
#include "tools/serve/session_watch.h"

namespace faultline::tools {
namespace {

using engine::Duration;
using engine::Instant;

// What is due later is no next step: time should be let pass on purpose.
constexpr Duration kFurthestStep = Duration::seconds(60);
constexpr std::uint32_t kMostSteps = 10'000;

std::string only_paused(const ServerClock& clock) {
  return fmt::format("the clock of this server is {}: pause it first", clock.text());
}

// The trace's hash after one of its events.
class HashAfter final : public engine::TraceSink {
 public:
  explicit HashAfter(std::uint64_t event) : event_(event) {}
  void on_event(const v1::TraceEvent& event) override {
    if (event.id() == event_) chain_ = event.chain();
  }
  [[nodiscard]] const std::string& chain() const { return chain_; }

 private:
  const std::uint64_t event_;
  std::string chain_;
};

// Of the run of a saved session, of which so much has happened.
Expected<std::string, std::string> hash_of_repetition(
    const std::string& scenario, std::uint64_t events, engine::Hash128 hash,
    const std::shared_ptr<const regions::ProtocolRegistry>& protocols) {
  regions::CheckOptions check;
  if (protocols != nullptr) check.protocols = protocols->names();
  const auto loaded = regions::load_scenario("the saved session", scenario, check);
  if (!loaded) return tl::make_unexpected(loaded.error().front().to_string());
  HashAfter now(events);
  regions::RunOptions options;
  options.shared.protocols = protocols;
  options.sinks.push_back(&now);
  regions::ScenarioRun run(*loaded, std::move(options));
  const v1::RunReport report = run.finish();
  // What happens while a world is made is not heard, and the same in any.
  const bool is_same =
      report.events() >= events && (now.chain().empty() || now.chain() == hash.to_bytes());
  if (!is_same) {
    return tl::make_unexpected(fmt::format(
        "the session is not the run of what was written down: they differ before event {}. That is "
        "a mistake of Faultline's, please report it",
        events));
  }
  return report.hash();
}

}  // namespace

bool Session::remembers() const {
  return options_.recorder != nullptr && options_.recorder->remembers();
}

std::string Session::why_it_forgets() const {
  const auto& image = options_.shared.image;
  if (image != nullptr && image->life > 0) {
    return "the data directory held a world already when the server started, and what made that "
           "world is not known";
  }
  return "this server remembers nothing of what was done: start it with --console";
}

void Session::set_clock(const v1::ControlRequest::SetClock& request,
                        v1::ControlResponse& response) {
  const auto clock = ServerClock::parse(request.text());
  if (!clock) return response.set_error(clock.error());
  options_.clock = *clock;
  options_.clock.start(world_->now());
  status({}, response);
}

void Session::step_events(const v1::ControlRequest::StepEvents& request,
                          v1::ControlResponse& response) {
  if (!options_.clock.is_manual()) return response.set_error(only_paused(options_.clock));
  if (watch_ == nullptr) return response.set_error(why_it_forgets());
  engine::Simulation& simulation = world_->simulation();
  const Instant latest = world_->now() + kFurthestStep;
  const std::uint64_t wanted =
      watch_->seen() + std::clamp<std::uint32_t>(request.count(), 1, kMostSteps);
  const std::uint64_t before = watch_->seen();
  while (watch_->seen() < wanted && !simulation.queue().empty() &&
         simulation.queue().next_at() <= latest) {
    simulation.step();
  }
  if (watch_->seen() == before) {
    return response.set_error(
        "nothing happens within the next minute: let time pass, or do something");
  }
  status({}, response);
}

void Session::schedule_remembered_steps() {
  Recorder& recorder = *options_.recorder;
  for (std::size_t number = recorder.first(); number < recorder.steps(); ++number) {
    world_->simulation().at(
        Instant() + regions::time_of(recorder.step(number)),
        [this, &recorder, number] {
          // A copy: the recorder's may move when another step is noted.
          const v1::Step again = recorder.step(number);
          performer_->perform(again, [&recorder, number](const Answer& answer) {
            recorder.end(number, answer ? std::string() : answer.error().code);
          });
        },
        "step");
  }
}

void Session::rewind(const v1::ControlRequest::Rewind& request, v1::ControlResponse& response) {
  if (!remembers()) return response.set_error(why_it_forgets());
  const std::uint64_t event = request.event();
  const std::uint64_t count = world_->simulation().trace().count();
  if (event > count) {
    return response.set_error(
        fmt::format("there is no event {} yet: the last one is {}", event, count));
  }
  // Nothing of a session happens at its very beginning but what its world does by itself.
  const Instant until = event == 0 ? Instant() : watch_->time_of(event);
  options_.recorder->forget_after(event == 0 ? Instant() - Duration::nanos(1) : until);
  options_.clock = ServerClock::parse("manual").value();
  rebuild(nullptr);
  schedule_remembered_steps();
  engine::Simulation& simulation = world_->simulation();
  while (simulation.trace().count() < event && !simulation.queue().empty()) simulation.step();
  status({}, response);
}

// The run of a saved session ends with a judgement of what should have come to pass by then. The
// session goes on, and must not have it in its trace: so the hash is that of a run.
void Session::save(v1::ControlResponse& response) {
  if (!remembers()) return response.set_error(why_it_forgets());
  const Instant end = end_now();
  v1::SavedSession& saved = *response.mutable_saved();
  saved.set_scenario(options_.recorder->text(end));
  const engine::Trace& trace = world_->simulation().trace();
  const auto hash =
      hash_of_repetition(saved.scenario(), trace.count(), trace.hash(), options_.shared.protocols);
  if (!hash) return response.set_error(hash.error());
  saved.set_trace_hash(*hash);
  saved.set_steps(static_cast<std::uint32_t>(options_.recorder->steps()));
}

}  // namespace faultline::tools
