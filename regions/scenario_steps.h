// ScenarioSteps: the steps of a scenario, each when it is due, and what they are answered held against
// what they want. A run does its steps by it, and so does a served world those that its scenario
// brings along: both are the same to the byte.
//
// When     at its time; or, for a step with an `on`, when something else has happened (triggers.h).
//          Steps of one instant in the order of the file.
// Retries  a call that met a broken connection, a throttling or an error of the service asks again
//          after a second, as often as its step says.
// Luck     a call without a token gets one by its place in the file, before anything happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "proto/scenario.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/step_performer.h"
#include "regions/triggers.h"
#include "regions/world.h"

namespace faultline::regions {

class ScenarioSteps {
 public:
  // In words.
  struct Gap {
    std::string wanted, found;
  };
  struct Hooks {
    // A step has begun, or was answered.
    std::function<void()> moved{};
    // A step of this number, from 0, did not come to what it wants; a deed of an operator wants to
    // succeed.
    std::function<void(std::size_t step, const Gap& gap)> failed{};
  };

  // All of these outlive it. The scenario was checked, and has nothing random.
  ScenarioSteps(World& world, StepPerformer& performer, const v1::Scenario& scenario, Hooks hooks);
  ScenarioSteps(const ScenarioSteps&) = delete;
  ScenarioSteps& operator=(const ScenarioSteps&) = delete;

  // REQUIRES: called once, before anything has happened.
  void schedule();
  // To be called after every event of the simulation.
  void fire_due() { triggers_.fire_due(); }
  // What waits for another event will not happen any more.
  void disarm() { triggers_.disarm(); }
  // Calls that were made and have no answer yet; numbers from 0.
  [[nodiscard]] std::vector<std::size_t> not_answered() const;

 private:
  struct State {
    const v1::Step* step = nullptr;
    v1::ApiRequest request{};  // of a call of Secrets Manager, with its token
    enum class Answer { None, Awaited, Given } answer = Answer::None;
    std::uint32_t retried = 0;
  };
  void start(std::size_t number);
  void answered(std::size_t number, const StepPerformer::Answer& answer);
  void judge(std::size_t number, const StepPerformer::Answer& answer);

  World& world_;
  StepPerformer& performer_;
  const v1::Scenario& scenario_;
  const Hooks hooks_;
  Triggers triggers_;
  std::vector<State> states_;
};

}  // namespace faultline::regions
