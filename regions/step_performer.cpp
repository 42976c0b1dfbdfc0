#include "regions/step_performer.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <charconv>
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

std::optional<KeyStandIn> parse_key_stand_in(std::string_view text) {
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (text.starts_with("alias/")) return KeyStandIn{.alias = std::string(text)};
  constexpr std::string_view kCreated = "created ";
  if (!text.starts_with(kCreated)) return std::nullopt;
  std::size_t number = 0;
  const std::string_view digits = text.substr(kCreated.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && number > 0 ? std::optional(KeyStandIn{.created = number}) : std::nullopt;
}

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
    const auto note_created = [created = created_, reply](Result<v1::KmsResponse> result) {
      if (result && result->has_create_key()) {
        created->push_back(result->create_key().key_metadata().key_id());
      }
      reply(std::move(result));
    };
    return world_.call_kms(step.region(), principal, kms_request(step), note_created);
  }
  if (step.has_account()) {
    return world_.call_account(principal, step.account(), std::move(reply));
  }
  world_.call(step.region(), principal, request, std::move(reply));
}

v1::KmsRequest StepPerformer::kms_request(const v1::Step& step) const {
  v1::KmsRequest request = step.kms();
  const auto* operation = request.GetReflection()->GetOneofFieldDescriptor(
      request, v1::KmsRequest::descriptor()->FindOneofByName("operation"));
  if (operation == nullptr) return request;
  auto* const call = request.GetReflection()->MutableMessage(&request, operation);
  for (const char* name : {"key_id", "target_key_id", "source_key_id", "destination_key_id"}) {
    const auto* const field = call->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || !call->GetReflection()->HasField(*call, field)) continue;
    const std::string text = call->GetReflection()->GetString(*call, field);
    call->GetReflection()->SetString(call, field, key_named(step.region(), text));
  }
  return request;
}

// What stands for nothing stays as it is, and KMS says so.
std::string StepPerformer::key_named(const std::string& region, const std::string& text) const {
  const auto stand_in = parse_key_stand_in(text);
  if (!stand_in) return text;
  if (stand_in->created > 0) {
    return stand_in->created <= created_->size() ? (*created_)[stand_in->created - 1] : text;
  }
  const auto described = world_.kms(region).describe_key(stand_in->alias);
  return described ? described->key_id : text;
}

}  // namespace faultline::regions
