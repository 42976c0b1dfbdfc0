#include "regions/scenario_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "engine/simulation.h"
#include "engine/time.h"
#include "regions/scenario/check.h"
#include "regions/scenario_text.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::Instant;

// The value that a call's answer carries, if it is one that reads.
std::optional<std::string> value_in(const v1::ApiResponse& response) {
  if (!response.has_get_secret_value()) return std::nullopt;
  const auto& answer = response.get_secret_value();
  return answer.has_secret_string() ? answer.secret_string() : answer.secret_binary();
}

std::vector<std::string> stages_in(const v1::ApiResponse& response) {
  const auto& stages = response.has_get_secret_value()
                           ? response.get_secret_value().version_stages()
                           : response.put_secret_value().version_stages();
  std::vector<std::string> sorted(stages.begin(), stages.end());
  std::ranges::sort(sorted);
  return sorted;
}

std::optional<std::string> response_gap(const v1::Want& want, const v1::ApiResponse& response) {
  if (!want.secret_string().empty() && value_in(response) != want.secret_string()) {
    return fmt::format("OK with \"{}\"", value_in(response).value_or(""));
  }
  std::vector<std::string> wanted(want.version_stages().begin(), want.version_stages().end());
  std::ranges::sort(wanted);
  if (!wanted.empty() && stages_in(response) != wanted) {
    return fmt::format("OK with {}", fmt::join(stages_in(response), ", "));
  }
  return std::nullopt;
}

// What came instead of what was wanted; nothing: it fits.
std::optional<std::string> answer_gap(const v1::Want& want, const StepPerformer::Answer& answer) {
  if (want.anything()) return std::nullopt;
  if (!answer) {
    const std::string got = fmt::format("{}: {}", answer.error().code, answer.error().message);
    const bool fits = want.error() == answer.error().code &&
                      answer.error().message.find(want.message()) != std::string::npos;
    return fits ? std::nullopt : std::optional(got);
  }
  if (!want.error().empty()) return "OK";
  const auto* const response = std::get_if<v1::ApiResponse>(&*answer);
  return response == nullptr ? std::nullopt : response_gap(want, *response);
}

// AWS SDKs retry these: a connection that broke, a throttling, an error of the service.
bool is_worth_retrying(const Error& error) {
  return error.code == "ConnectionClosed" || error.code == "ThrottlingException" ||
         error.code == "InternalServiceError" || error.code == "KMSInternalException" ||
         error.code == "DependencyTimeoutException";
}

// A crash, or a disk that fails, comes upon a process in the middle of its work.
Triggers::Promptness promptness_of(const v1::Step& step) {
  const bool is_sudden = step.has_crash() || step.fault().has_crash() || step.fault().has_disk();
  return is_sudden ? Triggers::Promptness::InTheMiddle : Triggers::Promptness::AfterTheEvent;
}

}  // namespace

ScenarioSteps::ScenarioSteps(World& world, StepPerformer& performer, const v1::Scenario& scenario,
                             Hooks hooks)
    : world_(world),
      performer_(performer),
      scenario_(scenario),
      hooks_(std::move(hooks)),
      triggers_(world.simulation()),
      states_(static_cast<std::size_t>(scenario.step_size())) {}

void ScenarioSteps::schedule() {
  for (std::size_t number = 0; number < states_.size(); ++number) {
    State& state = states_[number];
    state.step = &scenario_.step(static_cast<int>(number));
    if (calls_secrets_manager(*state.step)) state.request = with_token(*state.step, world_);
    const auto begin = [this, number] { start(number); };
    const Instant at = Instant() + time_of(*state.step);
    if (state.step->has_on()) {
      triggers_.add(state.step->on(), at, promptness_of(*state.step), begin);
    } else {
      world_.simulation().at(at, begin, "step");
    }
  }
}

std::vector<std::size_t> ScenarioSteps::not_answered() const {
  std::vector<std::size_t> found;
  for (std::size_t number = 0; number < states_.size(); ++number) {
    if (states_[number].answer == State::Answer::Awaited) found.push_back(number);
  }
  return found;
}

void ScenarioSteps::start(std::size_t number) {
  State& state = states_[number];
  if (hooks_.moved) hooks_.moved();
  if (is_call(*state.step)) state.answer = State::Answer::Awaited;
  performer_.perform(
      *state.step, state.request,
      [this, number](const StepPerformer::Answer& answer) { answered(number, answer); });
}

void ScenarioSteps::answered(std::size_t number, const StepPerformer::Answer& answer) {
  const v1::Step& step = *states_[number].step;
  if (hooks_.moved) hooks_.moved();
  if (is_call(step)) return judge(number, answer);
  if (answer || !hooks_.failed) return;
  hooks_.failed(number,
                {.wanted = step_text(step) + " succeeds",
                 .found = fmt::format("{}: {}", answer.error().code, answer.error().message)});
}

void ScenarioSteps::judge(std::size_t number, const StepPerformer::Answer& answer) {
  State& state = states_[number];
  const v1::Step& step = *state.step;
  if (!answer && is_worth_retrying(answer.error()) && state.retried < step.retries()) {
    ++state.retried;
    const auto again = [this, number] {
      performer_.call(*states_[number].step, states_[number].request,
                      [this, number](const auto& later) { answered(number, later); });
    };
    return world_.simulation().after(Duration::seconds(1), again, "client retries");
  }
  state.answer = State::Answer::Given;
  const auto gap = answer_gap(step.want(), answer);
  if (!gap || !hooks_.failed) return;
  const std::string where = step.region().empty() ? std::string() : " in " + step.region();
  hooks_.failed(number, {.wanted = fmt::format("{}{} comes to {}", step_text(step), where,
                                               want_text(step.want())),
                         .found = *gap});
}

}  // namespace faultline::regions
