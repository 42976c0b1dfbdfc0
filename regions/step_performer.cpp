#include "regions/step_performer.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <utility>

#include "engine/hash.h"
#include "engine/simulation.h"
#include "proto/trace.pb.h"
#include "regions/operator_steps.h"
#include "regions/scenario_text.h"

namespace faultline::regions {
namespace {

// Any service's reply as an Answer.
auto forward_to(StepPerformer::Answered answered) {
  return [answered = std::move(answered)](auto result) {
    if (!answered) return;
    if (!result) return answered(tl::make_unexpected(std::move(result).error()));
    answered(StepPerformer::Response(*std::move(result)));
  };
}

v1::ApiRequest request_of(const v1::Step& step, World& world) {
  return calls_secrets_manager(step) ? with_token(step, world) : v1::ApiRequest();
}

}  // namespace

v1::ApiRequest with_token(const v1::Step& step, World& world) {
  v1::ApiRequest request = api_request_of(step);
  if (step.no_token()) return request;
  const auto* verb = request.GetReflection()->GetOneofFieldDescriptor(
      request, v1::ApiRequest::descriptor()->FindOneofByName("operation"));
  auto* call = request.GetReflection()->MutableMessage(&request, verb);
  const auto* token = call->GetDescriptor()->FindFieldByName("client_request_token");
  if (token == nullptr || call->GetReflection()->HasField(*call, token)) return request;
  const std::string purpose = fmt::format("{}/{}/{:016x}", step.region(), verb->name(),
                                          engine::hash64(call->SerializeAsString()));
  call->GetReflection()->SetString(call, token, world.make_token(purpose));
  return request;
}

void StepPerformer::perform(const v1::Step& step, Answered answered) {
  perform(step, request_of(step, world_), std::move(answered));
}

void StepPerformer::perform(const v1::Step& step, const v1::ApiRequest& request,
                            Answered answered) {
  engine::Trace& trace = world_.simulation().trace();
  const auto actor = is_call(step) ? world_.simulation().find(step.region()) : std::nullopt;
  const std::string text = step_text(step);
  const std::string verb = verb_name(step);
  const std::uint64_t started = trace.record({.kind = v1::STEP,
                                              .actor = actor.value_or(engine::kNoActor),
                                              .subject = text,
                                              .verb = verb,
                                              .text = step.note()});
  const engine::CauseScope cause(trace, started);
  if (is_call(step)) return call(step, request, std::move(answered));
  const auto done = do_operator_step(world_, step);
  if (!answered) return;
  if (done) return answered(Response());
  answered(tl::make_unexpected(Error{done.error().code, done.error().message}));
}

void StepPerformer::call(const v1::Step& step, const v1::ApiRequest& request, Answered answered) {
  const std::string& principal = step.principal().empty() ? "admin" : step.principal();
  auto reply = forward_to(std::move(answered));
  if (step.has_kms()) {
    return world_.call_kms(step.region(), principal, step.kms(), std::move(reply));
  }
  if (step.has_account()) {
    return world_.call_account(principal, step.account(), std::move(reply));
  }
  world_.call(step.region(), principal, request, std::move(reply));
}

}  // namespace faultline::regions
