#include "regions/other_services.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <utility>

#include "engine/hash.h"
#include "engine/simulation.h"
#include "proto/check.h"
#include "proto/deterministic_bytes.h"
#include "proto/trace.pb.h"
#include "regions/account_api.h"
#include "regions/kms_api/kms_api.h"
#include "regions/multi_region_keys.h"
#include "regions/observer.h"
#include "regions/quotas.h"
#include "regions/region_opt_in.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using google::protobuf::Message;

// Where the Account API is signed for.
// Source  AWS Account Management Reference, "Endpoints".
const std::string& account_region() {
  static const std::string kRegion = "us-east-1";
  return kRegion;
}

// The answer without what must not be known from it.
template <class Response>
Response without_plaintext(const Response& response) {
  Response shown = response;
  const auto* reflection = shown.GetReflection();
  const auto* field = reflection->GetOneofFieldDescriptor(
      shown, Response::descriptor()->FindOneofByName("operation"));
  if (field == nullptr) return shown;
  Message& answer = *reflection->MutableMessage(&shown, field);
  const auto* plaintext = answer.GetDescriptor()->FindFieldByName("plaintext");
  if (plaintext != nullptr) answer.GetReflection()->ClearField(&answer, plaintext);
  return shown;
}

template <class Response>
std::uint64_t digest_of(const Response& response) {
  return engine::hash64(deterministic_bytes(without_plaintext(response)));
}

// What an answer comes to, for people.
std::string summary_of(const v1::KmsResponse& response) {
  switch (response.operation_case()) {
    case v1::KmsResponse::kCreateKey:
      return response.create_key().key_metadata().key_id();
    case v1::KmsResponse::kDescribeKey:
      return response.describe_key().key_metadata().key_state();
    case v1::KmsResponse::kScheduleKeyDeletion:
      return response.schedule_key_deletion().key_state();
    case v1::KmsResponse::kReplicateKey:
      return response.replicate_key().replica_key_metadata().key_state();
    default:
      return {};
  }
}

std::string summary_of(const v1::AccountResponse& response) {
  return response.get_region_opt_status().region_opt_status();
}

Error out_of_reach() { return {"ConnectionClosed", "The region could not be reached."}; }

}  // namespace

class OtherServices::Parts {
 public:
  explicit Parts(World& world) : world_(world), keys_(world), opt_in_(world) {
    for (const std::string& region : world.regions()) {
      world.kms(region).set_grant_propagation(world.service().grant_propagation.ns());
    }
  }

  void call_kms(const std::string& region, std::string_view principal, v1::KmsRequest request,
                KmsReply reply);
  void call_account(std::string_view principal, v1::AccountRequest request, AccountReply reply);
  [[nodiscard]] MultiRegionKeys& keys() { return keys_; }
  [[nodiscard]] RegionOptIn& opt_in() { return opt_in_; }

 private:
  // A call that is under way.
  struct Ticket {
    std::uint64_t id = 0;
    engine::ActorId actor = engine::kNoActor;
    std::string verb;
    std::string subject;
    std::string principal_arn;
    std::uint64_t started = 0;  // the event
  };

  Ticket begin(engine::ActorId actor, std::string verb, std::string subject,
               std::string_view principal);
  template <class Response, class Reply>
  void end(const Ticket& ticket, Result<Response> result, const Reply& reply);
  [[nodiscard]] std::optional<Error> refusal(const std::string& region,
                                             const std::string& operation);
  Result<v1::KmsResponse> answer(const std::string& region, const Ticket& ticket,
                                 const v1::KmsRequest& request);
  [[nodiscard]] Duration draw_latency(const std::string& where);
  [[nodiscard]] std::int64_t wall_unix_ns(const std::string& region);

  World& world_;
  MultiRegionKeys keys_;
  RegionOptIn opt_in_;
  std::uint64_t calls_ = 0;
  std::map<std::string, std::uint64_t> latencies_drawn_;
};

OtherServices::Parts::Ticket OtherServices::Parts::begin(engine::ActorId actor, std::string verb,
                                                         std::string subject,
                                                         std::string_view principal) {
  auto principal_arn = world_.account().principal_arn(principal);
  FL_CHECK(principal_arn.has_value()) << "the account has no principal " << principal;
  Ticket ticket{++calls_, actor, std::move(verb), std::move(subject), *std::move(principal_arn)};
  ticket.started = world_.simulation().trace().record({.kind = v1::SERVICE_CALL_STARTED,
                                                       .actor = ticket.actor,
                                                       .number = ticket.id,
                                                       .subject = ticket.subject,
                                                       .verb = ticket.verb,
                                                       .text = principal});
  return ticket;
}

template <class Response, class Reply>
void OtherServices::Parts::end(const Ticket& ticket, Result<Response> result, const Reply& reply) {
  const std::string text = result ? summary_of(*result) : result.error().message;
  world_.simulation().trace().record(
      {.kind = v1::SERVICE_CALL_ENDED,
       .actor = ticket.actor,
       .number = ticket.id,
       .digest = result ? digest_of(*result) : engine::hash64(result.error().code),
       .subject = ticket.subject,
       .verb = ticket.verb,
       .outcome = result ? std::string_view("OK") : std::string_view(result.error().code),
       .text = text});
  if (reply) reply(std::move(result));
}

// ---- KMS ----------------------------------------------------------------------------------------

void OtherServices::Parts::call_kms(const std::string& region, std::string_view principal,
                                    v1::KmsRequest request, KmsReply reply) {
  engine::Simulation& simulation = world_.simulation();
  FL_CHECK(world_.has_region(region)) << "this world has no region " << region;
  const std::string operation = kms_api::operation_name(request);
  const Ticket ticket =
      begin(*simulation.find(region), "kms:" + operation, kms_api::named_key(request), principal);
  const engine::CauseScope scope(simulation.trace(), ticket.started);
  if (const auto refused = refusal(region, operation)) {
    const auto refuse = [this, ticket, error = *refused, reply] {
      end(ticket, Result<v1::KmsResponse>(tl::make_unexpected(error)), reply);
    };
    return simulation.after(Duration::zero(), refuse, "KMS refuses");
  }
  const Duration takes = draw_latency(region) + world_.kms_troubles(region).slowness;
  const auto respond = [this, region, ticket, request = std::move(request),
                        reply = std::move(reply)] {
    end(ticket, answer(region, ticket, request), reply);
  };
  simulation.after(takes, respond, "KMS answers");
}

std::optional<Error> OtherServices::Parts::refusal(const std::string& region,
                                                   const std::string& operation) {
  if (world_.front_door().cuts_off(region)) return out_of_reach();
  if (!world_.account().is_enabled(region)) {
    // AWS Account Management Reference: credentials are not valid in a region that is not enabled.
    return Error{"UnrecognizedClientException",
                 "The security token included in the request is invalid."};
  }
  RequestQuotas* const quotas = world_.kms_troubles(region).quotas;
  if (quotas != nullptr && !quotas->admit(RequestQuotas::Service::Kms, operation, world_.now())) {
    return Error{"ThrottlingException",
                 std::string(RequestQuotas::refusal(RequestQuotas::Service::Kms))};
  }
  return std::nullopt;
}

Result<v1::KmsResponse> OtherServices::Parts::answer(const std::string& region,
                                                     const Ticket& ticket,
                                                     const v1::KmsRequest& request) {
  keys_.begin_to_watch();
  keys_.keys_changed(region);
  const access::KmsCall call(world_.account(), region, ticket.principal_arn, "",
                             wall_unix_ns(region), kms_api::conditions_of(request));
  kms_api::Desk desk{
      .kms = world_.kms(region), .call = call, .account = world_.account(), .multi_region = keys_};
  auto answer = kms_api::dispatch(desk, request);
  // AWS KMS API Reference, "Common Errors": DependencyTimeoutException.
  if (world_.kms_troubles(region).timeouts > 0) {
    answer = kms::fail(kms::code::kDependencyTimeout,
                       "The system timed out while trying to fulfill the request.");
  }
  if (Observer* const observer = world_.observer()) {
    observer->on_kms_request(
        {region, ticket.principal_arn, request, answer ? std::string_view() : answer.error().code});
  }
  keys_.keys_changed(region);
  if (world_.front_door().cuts_off(region)) return tl::make_unexpected(out_of_reach());
  return std::move(answer).map_error([](const kms::Error& error) {
    return Error{error.code, error.message};
  });
}

// ---- the Account API ----------------------------------------------------------------------------

void OtherServices::Parts::call_account(std::string_view principal, v1::AccountRequest request,
                                        AccountReply reply) {
  engine::Simulation& simulation = world_.simulation();
  const Ticket ticket = begin(engine::kNoActor, "account:" + account_api::operation_name(request),
                              account_api::named_region(request), principal);
  const engine::CauseScope scope(simulation.trace(), ticket.started);
  const auto respond = [this, ticket, request = std::move(request), reply = std::move(reply)] {
    const std::int64_t now = world_.simulation().epoch_unix_ns() + world_.now().ns();
    const access::KmsCall call(world_.account(), account_region(), ticket.principal_arn, "", now);
    account_api::Desk desk{.account = world_.account(),
                           .call = call,
                           .opt_in = opt_in_,
                           .world_regions = world_.regions()};
    end(ticket, account_api::dispatch(desk, request), reply);
  };
  simulation.after(draw_latency("account"), respond, "the Account API answers");
}

// ---- time ---------------------------------------------------------------------------------------

// As long as Secrets Manager's own calls of KMS (kms_gateway.h).
Duration OtherServices::Parts::draw_latency(const std::string& where) {
  const Duration least = world_.service().kms_latency;
  return world_.simulation()
      .random()
      .stream("other-services/latency/" + where)
      .between(latencies_drawn_[where]++, least, least + least);
}

std::int64_t OtherServices::Parts::wall_unix_ns(const std::string& region) {
  engine::Simulation& simulation = world_.simulation();
  return simulation.context(*simulation.find(region)).wall_unix_ns();
}

// ---- OtherServices, and World's share in it -----------------------------------------------------

OtherServices::OtherServices(World& world) : parts_(std::make_unique<Parts>(world)) {}
OtherServices::~OtherServices() = default;

void OtherServices::call_kms(std::string_view region, std::string_view principal,
                             v1::KmsRequest request, KmsReply reply) {
  parts_->call_kms(std::string(region), principal, std::move(request), std::move(reply));
}

void OtherServices::call_account(std::string_view principal, v1::AccountRequest request,
                                 AccountReply reply) {
  parts_->call_account(principal, std::move(request), std::move(reply));
}

void OtherServices::keys_changed(std::string_view region) { parts_->keys().keys_changed(region); }
void OtherServices::fault_ended() { parts_->keys().fault_ended(); }

engine::Duration OtherServices::busy_for() const {
  return parts_->keys().busy_for() + parts_->opt_in().busy_for();
}

void OtherServices::resume() {
  parts_->keys().resume();
  parts_->opt_in().resume();
}

void World::call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                     KmsReply reply) {
  other_services_->call_kms(region, principal, std::move(request), std::move(reply));
}

void World::call_account(std::string_view principal, v1::AccountRequest request,
                         AccountReply reply) {
  other_services_->call_account(principal, std::move(request), std::move(reply));
}

}  // namespace faultline::regions
