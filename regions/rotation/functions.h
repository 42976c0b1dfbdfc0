// RotationFunctions: the Lambda functions of a world, simulated. Each is invoked for one step of a
// rotation, and calls the service back as the templates do that AWS gives out: through the front
// door, in a role's name, like any other client.
//
// Where      outside the regions' processes: a region that dies does not take an invocation with
//            it. It goes on, its calls fail while the region is down, and its answer is for nobody.
// Order      an invocation takes step_time, then makes its calls one after the other.
// Built in   in every region, so that a server needs no scenario: faultline-succeeds,
//            faultline-fails-create, -set, -test, -finish, faultline-slow and
//            faultline-alternating-users. A scenario's function of the same name replaces them.
// Trace      the calls, as any client's.
// Source     AWS Secrets Manager User Guide, "Rotation function templates", "Lambda rotation
//            function"; aws-samples/aws-secrets-manager-rotation-lambdas.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/task.h"
#include "proto/secrets_manager.pb.h"
#include "regions/error.h"
#include "regions/rotation/function.h"

namespace faultline::regions {

class World;

// The event that Secrets Manager hands to a function.
struct RotationEvent {
  std::string function_arn;
  // "createSecret", "setSecret", "testSecret", "finishSecret".
  std::string step;
  std::string secret_arn;
  // The version's id.
  std::string token;
};

// The names of those that every region has.
[[nodiscard]] std::vector<std::string> built_in_rotation_functions();

class RotationFunctions {
 public:
  // The world outlives this, and has its regions when the first function is invoked.
  RotationFunctions(World& world, std::vector<RotationFunction> functions);

  // Whether Secrets Manager in this region can invoke it: there is such a function here, and its
  // policy lets the service.
  [[nodiscard]] bool can_invoke(std::string_view region, std::string_view function_arn) const;

  // How long a step takes at most, without its calls; zero: there is no such function.
  [[nodiscard]] engine::Duration step_time(std::string_view region,
                                           std::string_view function_arn) const;

  // Answers a number, never 0. The region hears of the end by Region::rotation_answered(number, …),
  // in an event of its own.
  // REQUIRES  can_invoke.
  std::uint64_t invoke(const std::string& region, RotationEvent event);

 private:
  struct Invocation {
    std::uint64_t number = 0;
    std::string region;
    std::string principal;
    RotationFunction function;
    RotationEvent event;
  };
  [[nodiscard]] const RotationFunction* find(std::string_view region, std::string_view arn) const;
  std::string principal_of(const RotationFunction& function);
  engine::Task<void> run(Invocation invocation);
  engine::Task<Result<void>> step(Invocation invocation);
  engine::Task<Result<void>> create_secret(Invocation invocation);
  engine::Task<Result<void>> test_secret(Invocation invocation);
  engine::Task<Result<void>> finish_secret(Invocation invocation);
  engine::Task<Result<v1::ApiResponse>> call(std::string region, std::string principal,
                                             v1::ApiRequest request);
  engine::Task<Result<v1::DescribeSecretResponse>> describe(Invocation invocation);
  engine::Task<Result<v1::GetSecretValueResponse>> value_of(Invocation invocation,
                                                            std::string version_id,
                                                            std::string stage);
  [[nodiscard]] Result<std::string> next_value(const Invocation& invocation,
                                               const std::string& current) const;
  void answer(const Invocation& invocation, std::optional<Error> error);

  World& world_;
  std::vector<RotationFunction> functions_;
  std::uint64_t invocations_ = 0;
  // How often a function has failed for a secret, by their ARNs.
  std::map<std::pair<std::string, std::string>, std::uint32_t> failures_;
};

}  // namespace faultline::regions
