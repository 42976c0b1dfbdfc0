#include "regions/rotation/functions.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/completion.h"
#include "engine/simulation.h"
#include "proto/check.h"
#include "regions/arn.h"
#include "regions/rotation/json_members.h"
#include "regions/staging_labels.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

using engine::Duration;

constexpr std::array<std::string_view, 4> kSteps = {"createSecret", "setSecret", "testSecret",
                                                    "finishSecret"};
constexpr std::size_t kPasswordLength = 32;
constexpr std::string_view kClone = "_clone";

Error failed(std::string message) { return {"FunctionError", std::move(message)}; }

std::vector<RotationFunction> built_in_functions() {
  std::vector<RotationFunction> functions;
  functions.push_back({.region = {}, .name = "faultline-succeeds"});
  std::uint32_t step = 0;
  for (const char* const name : {"faultline-fails-create", "faultline-fails-set",
                                 "faultline-fails-test", "faultline-fails-finish"}) {
    functions.push_back(
        {.region = {}, .name = name, .behavior = RotationBehavior::Fails, .fails_at = ++step});
  }
  functions.push_back({.region = {}, .name = "faultline-slow", .step_time = kSlowStepTime});
  functions.push_back({.region = {},
                       .name = "faultline-alternating-users",
                       .behavior = RotationBehavior::AlternatingUsers});
  return functions;
}

// Letters and digits: nothing that JSON or a shell would read.
std::string password(engine::RandomStream luck) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string made;
  for (std::uint64_t at = 0; at < kPasswordLength; ++at) {
    made += kLetters[static_cast<std::size_t>(luck.below(at, kLetters.size()))];
  }
  return made;
}

bool has_stage(const v1::DescribeSecretResponse& secret, const std::string& version_id,
               std::string_view stage) {
  const auto stages = secret.version_ids_to_stages().find(version_id);
  if (stages == secret.version_ids_to_stages().end()) return false;
  return std::ranges::any_of(stages->second.values(),
                             [&](const auto& one) { return one.string_value() == stage; });
}

}  // namespace

std::vector<std::string> built_in_rotation_functions() {
  std::vector<std::string> names;
  for (const RotationFunction& function : built_in_functions()) names.push_back(function.name);
  return names;
}

RotationFunctions::RotationFunctions(World& world, std::vector<RotationFunction> functions)
    : world_(world), functions_(std::move(functions)) {
  for (RotationFunction& function : built_in_functions()) functions_.push_back(std::move(function));
}

// Those of the world come first; a built-in one names no region.
const RotationFunction* RotationFunctions::find(std::string_view region,
                                                std::string_view arn) const {
  std::string prefix = "arn:" + std::string(partition_of(region)) + ":lambda:";
  prefix += region;
  prefix += ":" + world_.account().id() + ":function:";
  if (!arn.starts_with(prefix)) return nullptr;
  const std::string_view name = arn.substr(prefix.size());
  const auto found = std::ranges::find_if(functions_, [&](const RotationFunction& function) {
    return function.name == name && (function.region.empty() || function.region == region);
  });
  return found == functions_.end() ? nullptr : &*found;
}

bool RotationFunctions::can_invoke(std::string_view region, std::string_view function_arn) const {
  const RotationFunction* const function = find(region, function_arn);
  return function != nullptr && function->invokable;
}

Duration RotationFunctions::step_time(std::string_view region,
                                      std::string_view function_arn) const {
  const RotationFunction* const function = find(region, function_arn);
  return function != nullptr ? function->step_time : Duration::zero();
}

// The account learns of the role when the function is first invoked, so that a world that rotates
// nothing has no more principals than it was given.
std::string RotationFunctions::principal_of(const RotationFunction& function) {
  if (!world_.account().principal_arn(function.name)) {
    world_.account().add_principal(
        function.name, "arn:aws:iam::" + world_.account().id() + ":role/" + function.name);
  }
  return function.name;
}

std::uint64_t RotationFunctions::invoke(const std::string& region, RotationEvent event) {
  const RotationFunction* const function = find(region, event.function_arn);
  FL_CHECK(function != nullptr) << "there is no function " << event.function_arn;
  Invocation invocation{.number = ++invocations_,
                        .region = region,
                        .principal = principal_of(*function),
                        .function = *function,
                        .event = std::move(event)};
  const std::uint64_t number = invocation.number;
  world_.simulation().spawn(run(std::move(invocation)));
  return number;
}

engine::Task<void> RotationFunctions::run(Invocation invocation) {
  co_await world_.simulation().sleep(invocation.function.step_time);
  const auto outcome = co_await step(invocation);
  std::optional<Error> error;
  if (!outcome.has_value()) error = outcome.error();
  answer(invocation, std::move(error));
}

void RotationFunctions::answer(const Invocation& invocation, std::optional<Error> error) {
  if (world_.region(invocation.region) == nullptr) return;
  const auto deliver = [this, region = invocation.region, number = invocation.number,
                        error = std::move(error)] {
    Region* const asked = world_.region(region);
    if (asked != nullptr) asked->rotation_answered(number, error);
  };
  engine::Simulation& simulation = world_.simulation();
  simulation.call_later_as(*simulation.find(invocation.region), deliver, "rotation function");
}

// ---- the steps ----------------------------------------------------------------------------------

engine::Task<Result<void>> RotationFunctions::step(Invocation invocation) {
  const RotationFunction& function = invocation.function;
  const RotationEvent& event = invocation.event;
  const auto which = std::ranges::find(kSteps, event.step) - kSteps.begin();
  if (function.behavior == RotationBehavior::Fails && which + 1 == function.fails_at) {
    std::uint32_t& times = failures_[{event.function_arn, event.secret_arn}];
    if (function.failures == 0 || times < function.failures) {
      ++times;
      co_return tl::make_unexpected(failed(function.name + " fails at " + event.step + "."));
    }
  }
  // Before every step, as the templates do.
  const auto secret = co_await describe(invocation);
  if (!secret.has_value()) co_return tl::make_unexpected(secret.error());
  if (!secret->rotation_enabled()) {
    co_return tl::make_unexpected(failed("The secret is not enabled for rotation."));
  }
  if (!secret->version_ids_to_stages().contains(event.token)) {
    co_return tl::make_unexpected(failed("The version has no stage for rotation."));
  }
  if (has_stage(*secret, event.token, kCurrent)) co_return Result<void>();
  if (!has_stage(*secret, event.token, kPending)) {
    co_return tl::make_unexpected(failed("The version is not set as AWSPENDING for rotation."));
  }
  if (which == 0) {
    auto outcome = co_await create_secret(invocation);
    co_return outcome;
  }
  if (which == 3) {
    auto outcome = co_await finish_secret(invocation);
    co_return outcome;
  }
  // setSecret and testSecret: the service that the secret opens takes whatever it is told.
  auto outcome = co_await test_secret(invocation);
  co_return outcome;
}

engine::Task<Result<void>> RotationFunctions::create_secret(Invocation invocation) {
  const std::string token = invocation.event.token;
  const auto current = co_await value_of(invocation, {}, std::string(kCurrent));
  if (!current.has_value()) co_return tl::make_unexpected(current.error());
  const auto pending = co_await value_of(invocation, token, std::string(kPending));
  // An earlier attempt has made it.
  if (pending.has_value()) co_return Result<void>();
  if (pending.error().code != "ResourceNotFoundException") {
    co_return tl::make_unexpected(pending.error());
  }
  auto value = next_value(invocation, current->secret_string());
  if (!value.has_value()) co_return tl::make_unexpected(value.error());
  v1::ApiRequest request;
  v1::PutSecretValueRequest& put = *request.mutable_put_secret_value();
  put.set_secret_id(invocation.event.secret_arn);
  put.set_client_request_token(token);
  put.set_secret_string(*std::move(value));
  put.add_version_stages(std::string(kPending));
  const auto done = co_await call(invocation.region, invocation.principal, std::move(request));
  if (!done.has_value()) co_return tl::make_unexpected(done.error());
  co_return Result<void>();
}

engine::Task<Result<void>> RotationFunctions::test_secret(Invocation invocation) {
  const std::string token = invocation.event.token;
  const auto pending = co_await value_of(invocation, token, std::string(kPending));
  if (!pending.has_value()) co_return tl::make_unexpected(pending.error());
  co_return Result<void>();
}

engine::Task<Result<void>> RotationFunctions::finish_secret(Invocation invocation) {
  const std::string token = invocation.event.token;
  const auto secret = co_await describe(invocation);
  if (!secret.has_value()) co_return tl::make_unexpected(secret.error());
  v1::ApiRequest request;
  auto& move = *request.mutable_update_secret_version_stage();
  move.set_secret_id(invocation.event.secret_arn);
  move.set_version_stage(std::string(kCurrent));
  move.set_move_to_version_id(token);
  for (const auto& [version_id, stages] : secret->version_ids_to_stages()) {
    if (version_id == token && has_stage(*secret, version_id, kCurrent)) co_return Result<void>();
    if (has_stage(*secret, version_id, kCurrent)) move.set_remove_from_version_id(version_id);
  }
  const auto done = co_await call(invocation.region, invocation.principal, std::move(request));
  if (!done.has_value()) co_return tl::make_unexpected(done.error());
  co_return Result<void>();
}

Result<std::string> RotationFunctions::next_value(const Invocation& invocation,
                                                  const std::string& current) const {
  const std::string made = password(world_.simulation().random().stream(
      "rotation/" + invocation.event.secret_arn + "/" + invocation.event.token));
  auto replaced = with_json_text_member(current, "password", made);
  if (invocation.function.behavior != RotationBehavior::AlternatingUsers) {
    return replaced ? *std::move(replaced) : made;
  }
  std::optional<std::string> user = json_text_member(current, "username");
  if (!replaced || !user) {
    return tl::make_unexpected(
        failed("The secret's value is not a JSON object with \"username\" and \"password\"."));
  }
  if (user->ends_with(kClone)) {
    user->resize(user->size() - kClone.size());
  } else {
    *user += kClone;
  }
  return *with_json_text_member(*replaced, "username", *user);
}

// ---- calls --------------------------------------------------------------------------------------

engine::Task<Result<v1::ApiResponse>> RotationFunctions::call(std::string region,
                                                              std::string principal,
                                                              v1::ApiRequest request) {
  engine::Completion<Result<v1::ApiResponse>> reply(world_.simulation(), engine::kNoActor);
  world_.call(region, principal, std::move(request),
              [&reply](Result<v1::ApiResponse> result) { reply.set(std::move(result)); });
  auto answered = co_await reply.wait();
  co_return *std::move(answered);
}

engine::Task<Result<v1::DescribeSecretResponse>> RotationFunctions::describe(
    Invocation invocation) {
  v1::ApiRequest request;
  request.mutable_describe_secret()->set_secret_id(invocation.event.secret_arn);
  const auto answered = co_await call(invocation.region, invocation.principal, std::move(request));
  if (!answered.has_value()) co_return tl::make_unexpected(answered.error());
  co_return answered->describe_secret();
}

engine::Task<Result<v1::GetSecretValueResponse>> RotationFunctions::value_of(Invocation invocation,
                                                                             std::string version_id,
                                                                             std::string stage) {
  v1::ApiRequest request;
  v1::GetSecretValueRequest& get = *request.mutable_get_secret_value();
  get.set_secret_id(invocation.event.secret_arn);
  if (!version_id.empty()) get.set_version_id(version_id);
  get.set_version_stage(stage);
  const auto answered = co_await call(invocation.region, invocation.principal, std::move(request));
  if (!answered.has_value()) co_return tl::make_unexpected(answered.error());
  co_return answered->get_secret_value();
}

}  // namespace faultline::regions
