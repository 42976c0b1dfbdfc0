#include "tools/serve/session.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "engine/simulation.h"
#include "proto/check.h"
#include "regions/error.h"
#include "regions/property_noter.h"
#include "tools/serve/session_watch.h"

namespace faultline::tools {
namespace {

using engine::Duration;
using engine::Instant;
using regions::Result;

constexpr Duration kTick = Duration::nanos(1);

// Steps and requests name operations alike.
void put_call(v1::Step& step, const v1::ApiRequest& request) {
  const auto* operation = request.GetReflection()->GetOneofFieldDescriptor(
      request, v1::ApiRequest::descriptor()->FindOneofByName("operation"));
  FL_CHECK(operation != nullptr) << "a request without an operation";
  const auto* verb = v1::Step::descriptor()->FindFieldByName(operation->name());
  step.GetReflection()
      ->MutableMessage(&step, verb)
      ->CopyFrom(request.GetReflection()->GetMessage(request, operation));
}

// The call as a step of a scenario.
template <class Request>
v1::Step step_of(std::string_view region, std::string_view principal, const Request& request) {
  v1::Step step;
  step.set_region(std::string(region));
  if (principal != "admin") step.set_principal(std::string(principal));
  if constexpr (std::is_same_v<Request, v1::KmsRequest>) {
    *step.mutable_kms() = request;
  } else if constexpr (std::is_same_v<Request, v1::AccountRequest>) {
    *step.mutable_account() = request;
  } else {
    put_call(step, request);
    step.set_no_token(true);
  }
  return step;
}

// What the step was answered, if it was of this kind of call.
template <class Response>
Result<Response> answer_as(const regions::StepPerformer::Answer& answer) {
  if (!answer) return tl::make_unexpected(answer.error());
  return std::get<Response>(*answer);
}

}  // namespace

Session::Session(SessionOptions options) : options_(std::move(options)) {
  const auto& image = options_.shared.image;
  if (image != nullptr && image->life > 0) options_.remembers = false;
  if (options_.remembers && options_.recorder == nullptr) {
    options_.recorder = Recorder::in_memory(options_.scenario.scenario);
  }
  rebuild(nullptr);
}

Session::~Session() = default;

void Session::rebuild(std::shared_ptr<const regions::WorldImage> image) {
  own_steps_.reset();
  performer_.reset();
  watch_.reset();
  world_.reset();
  calls_in_flight_ = 0;
  regions::SharedParts shared = options_.shared;
  if (image != nullptr) shared.image = std::move(image);
  // What the scenario does at its start was done in an earlier life.
  const bool is_new = shared.image == nullptr || shared.image->life == 0;
  // The machine's time did not stand still meanwhile.
  if (!is_new && !options_.clock.is_manual()) shared.epoch_unix_ns = machine_unix_ns();
  world_ = regions::make_world(options_.scenario.scenario, options_.seed, shared);
  performer_ = std::make_unique<regions::StepPerformer>(*world_);
  if (options_.recorder != nullptr) watch_ = std::make_unique<Watch>(*world_);
  if (new_world_hook_) new_world_hook_(*world_);
  const v1::Scenario& scenario = options_.scenario.scenario;
  if (is_new && scenario.step_size() > 0) {
    // As in the run of the recording, where a deed that fails is said to.
    own_steps_ = std::make_unique<regions::ScenarioSteps>(
        *world_, *performer_, scenario,
        regions::ScenarioSteps::Hooks{
            .moved = {}, .failed = [this](std::size_t, const regions::ScenarioSteps::Gap& gap) {
              regions::note_violation(*world_, gap.wanted, gap.found);
            }});
    own_steps_->schedule();
  }
  if (own_steps_ != nullptr || watch_ != nullptr) {
    world_->simulation().set_after_event([this] { after_event(); });
  }
  options_.clock.start(world_->now());
}

void Session::after_event() {
  if (own_steps_ != nullptr) own_steps_->fire_due();
  if (watch_ != nullptr) watch_->after_event();
}

void Session::on_new_world(std::function<void(regions::World&)> hook) {
  new_world_hook_ = std::move(hook);
  new_world_hook_(*world_);
}

// ---- time ---------------------------------------------------------------------------------------

void Session::catch_up() {
  if (options_.clock.is_manual()) return;
  const Instant now = options_.clock.now();
  if (now > world_->now()) world_->simulation().run_until(now);
}

std::optional<ServerClock::Machine::time_point> Session::next_due() const {
  auto& queue = world_->simulation().queue();
  if (options_.clock.is_manual() || queue.empty()) return std::nullopt;
  return options_.clock.when(queue.next_at());
}

void Session::at_own_instant(const std::function<void()>& deed) {
  engine::Simulation& simulation = world_->simulation();
  Instant instant = world_->now() + kTick;
  if (!options_.clock.is_manual()) instant = std::max(instant, options_.clock.now());
  // In a replay the step is scheduled first of all that is due at its instant: so nothing else may
  // be due there.
  simulation.run_until(instant - kTick);
  while (!simulation.queue().empty() && simulation.queue().next_at() <= instant) {
    simulation.run_until(instant);
    instant = instant + kTick;
  }
  simulation.at(instant, deed, "step");
  simulation.run_until(instant);
}

// With a manual clock, time goes on until the call is answered; otherwise what follows at once
// happens now, and the rest when it is due.
void Session::settle(const bool* answered) {
  engine::Simulation& simulation = world_->simulation();
  simulation.run_until(world_->now());
  if (!options_.clock.is_manual()) return;
  const Instant latest = world_->now() + kLongestCall;
  while (!*answered && !simulation.queue().empty() && simulation.queue().next_at() <= latest) {
    simulation.step();
  }
}

// ---- calls --------------------------------------------------------------------------------------

template <class Response>
std::function<void(Result<Response>)> Session::durably(
    std::function<void(Result<Response>)> reply) {
  ++calls_in_flight_;
  return [this, reply = std::move(reply)](Result<Response> result) {
    ++calls_answered_;
    --calls_in_flight_;
    if (options_.make_durable) {
      const auto kept = options_.make_durable(*world_);
      if (!kept) result = tl::make_unexpected(regions::internal_service_error());
    }
    reply(std::move(result));
  };
}

void Session::perform(v1::Step step, std::function<void(const Answer&)> answered) {
  Recorder& recorder = *options_.recorder;
  auto is_answered = std::make_shared<bool>(false);
  at_own_instant([&] {
    step.set_at(engine::format_duration(world_->now() - Instant()));
    const std::size_t number = recorder.begin(step);
    performer_->perform(step, [=, &recorder, reply = std::move(answered)](const Answer& answer) {
      *is_answered = true;
      recorder.end(number, answer ? std::string() : answer.error().code);
      reply(answer);
    });
  });
  settle(is_answered.get());
}

void Session::operate(v1::Step step) {
  if (options_.recorder != nullptr) {
    return perform(std::move(step), [](const Answer& /*answer*/) {});
  }
  at_own_instant([&] { performer_->perform(step, [](const Answer& /*answer*/) {}); });
}

// `direct` calls the world with a reply; `step` is made only if the call is recorded.
template <class Response, class Step, class Direct>
void Session::serve(std::function<void(Result<Response>)> reply, const Step& step,
                    const Direct& direct) {
  auto durable = durably<Response>(std::move(reply));
  if (options_.recorder != nullptr) {
    return perform(step(), [durable = std::move(durable)](const Answer& answer) {
      durable(answer_as<Response>(answer));
    });
  }
  catch_up();
  auto answered = std::make_shared<bool>(false);
  direct([answered, durable = std::move(durable)](Result<Response> result) {
    *answered = true;
    durable(std::move(result));
  });
  settle(answered.get());
}

void Session::call(std::string_view region, std::string_view principal, v1::ApiRequest request,
                   SecretsReply reply) {
  serve<v1::ApiResponse>(
      std::move(reply), [&] { return step_of(region, principal, request); },
      [&](regions::World::Reply answer) {
        world_->call(region, principal, std::move(request), std::move(answer));
      });
}

void Session::call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                       KmsReply reply) {
  serve<v1::KmsResponse>(
      std::move(reply), [&] { return step_of(region, principal, request); },
      [&](regions::World::KmsReply answer) {
        world_->call_kms(region, principal, std::move(request), std::move(answer));
      });
}

void Session::call_account(std::string_view principal, v1::AccountRequest request,
                           AccountReply reply) {
  serve<v1::AccountResponse>(
      std::move(reply), [&] { return step_of({}, principal, request); },
      [&](regions::World::AccountReply answer) {
        world_->call_account(principal, std::move(request), std::move(answer));
      });
}

std::optional<AccessKey> Session::find_access_key(std::string_view access_key_id) const {
  const regions::Principal* principal = world_->account().find_by_access_key(access_key_id);
  if (principal == nullptr) return std::nullopt;
  return AccessKey{principal->name, kms::SecretBytes::copy_of(principal->secret_access_key)};
}

bool Session::knows_region(std::string_view region) const { return world_->has_region(region); }

std::int64_t Session::wall_unix_ns() const {
  if (options_.clock.is_real()) {
    return world_->simulation().epoch_unix_ns() + world_->now().ns();
  }
  return machine_unix_ns();
}

// ---- the end ------------------------------------------------------------------------------------

Instant Session::end_now() {
  const Instant end = std::max(world_->now(), Instant() + kTick);
  world_->simulation().run_until(end);
  return end;
}

std::string Session::end_recording() {
  if (options_.recorder == nullptr) return {};
  catch_up();
  options_.recorder->finish(end_now());
  watch_->judge_the_end();
  if (options_.recorder->path().empty()) return {};
  return fmt::format("recorded {} steps in {}; hash {}", options_.recorder->steps(),
                     options_.recorder->path(), world_->simulation().trace().hash().to_hex());
}

}  // namespace faultline::tools
