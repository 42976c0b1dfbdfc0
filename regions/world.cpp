#include "regions/world.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "engine/fault_injector.h"
#include "engine/hash.h"
#include "kms/environment.h"
#include "proto/check.h"
#include "proto/trace.pb.h"
#include "regions/api/operations.h"
#include "regions/call_summary.h"
#include "regions/inspector.h"
#include "regions/level_kv_store.h"
#include "regions/observer.h"
#include "regions/rotation/functions.h"
#include "regions/other_services.h"
#include "regions/quotas.h"
#include "regions/world_image.h"

namespace faultline::regions {
namespace {

using engine::Duration;

std::shared_ptr<const ProtocolRegistry> registry_or_default(
    std::shared_ptr<const ProtocolRegistry> registry) {
  return registry != nullptr ? std::move(registry) : std::make_shared<const ProtocolRegistry>();
}

// Made anew for every world: what was sealed with it in an earlier one is sent again.
kms::SecretBytes draw_channel_root(engine::KeyedRandom& random, const WorldOptions& options) {
  kms::SecretBytes root(kms::kKeyBytes);
  if (options.entropy) {
    options.entropy(root.bytes());
  } else {
    random.stream("world/channel-root").fill(0, root.bytes());
  }
  return root;
}

// A name, an id or an IV that an earlier world drew for these contents must not be drawn again.
std::uint64_t seed_of_life(std::uint64_t seed, std::uint64_t life) {
  return life == 0 ? seed : engine::philox2x64({life, engine::hash64("world/life")}, seed)[0];
}

// Of a request that arrived twice the client hears one answer.
void ignore_answer(const Result<v1::ApiResponse>&) {}

}  // namespace

// The luck and the time of one region's KMS: the region's own.
class World::RegionalEntropy final : public kms::Environment {
 public:
  explicit RegionalEntropy(const WorldOptions& options) : options_(options) {}

  void attach(engine::ActorContext& ctx) { ctx_ = &ctx; }
  [[nodiscard]] std::int64_t now_unix_ns() const override { return ctx_->wall_unix_ns(); }
  void fill_random(std::string_view purpose, std::span<std::byte> out) override {
    if (options_.entropy) return options_.entropy(out);
    const std::string stream = "kms/" + std::string(purpose);
    ctx_->random(stream).fill(ctx_->next_index(stream), out);
  }

 private:
  const WorldOptions& options_;
  engine::ActorContext* ctx_ = nullptr;
};

World::Place::Place(const std::string& region, World& world, const ProtocolFactory& protocol)
    : entropy(std::make_unique<RegionalEntropy>(world.options_)),
      kms(world.account_.id(), region, *entropy, world.options_.wrap_suite),
      surroundings{region,
                   world.account_,
                   kms,
                   troubles,
                   world.options_.service,
                   protocol,
                   world.region_names_,
                   world.channel_root_,
                   world.empty_database_,
                   world.observer_,
                   old_binaries,
                   *world.rotation_functions_} {
  if (!world.options_.service.request_quotas) return;
  quotas = std::make_unique<RequestQuotas>();
  troubles.quotas = quotas.get();
}

World::Place::~Place() = default;

World::World(WorldOptions options)
    : options_(std::move(options)),
      life_(options_.image != nullptr ? options_.image->life : 0),
      simulation_({.seed = seed_of_life(options_.seed, life_),
                   .epoch_unix_ns = options_.epoch_unix_ns,
                   .links = options_.links}),
      account_(options_.account, options_.seed),
      channel_root_(draw_channel_root(simulation_.random(), options_)),
      empty_database_(options_.empty_database.file_count() > 0 ? options_.empty_database
                                                               : make_empty_database_image()),
      region_names_(options_.regions),
      rotation_functions_(
          std::make_unique<RotationFunctions>(*this, options_.rotation_functions)) {
  options_.protocols = registry_or_default(std::move(options_.protocols));
  const ProtocolFactory* protocol = options_.protocols->find(options_.service.protocol);
  FL_CHECK(protocol != nullptr) << "no replication protocol is registered as "
                                << options_.service.protocol;
  account_.add_principal("admin");
  simulation_.faults().set_domain(this);
  simulation_.faults().set_listener([this](const v1::Fault& fault, bool begins) {
    if (observer_ != nullptr) observer_->on_fault(fault, begins);
    if (!begins && other_services_ != nullptr) other_services_->fault_ended();
  });
  simulation_.set_life_cycle_hook(
      [this](engine::ActorId actor, bool up) { on_life_cycle(actor, up); });
  for (const std::string& region : region_names_) {
    account_.set_enabled(region, true);
    places_.push_back(std::make_unique<Place>(region, *this, *protocol));
    Place& place = *places_.back();
    place.actor = simulation_.add_actor(region, [&place](engine::ActorContext& ctx) {
      place.entropy->attach(ctx);
      return std::make_unique<Region>(ctx, place.surroundings);
    });
    engine::Disk& disk = simulation_.context(place.actor).disk();
    disk.load_image(empty_database_);
    disk.set_base_sync_cost(options_.service.sync_latency);
    if (options_.image != nullptr) load(*options_.image, region);
    if (options_.adopt_disk) options_.adopt_disk(region, disk);
  }
  other_services_ = std::make_unique<OtherServices>(*this);
  // The regions open their stores before anything else happens.
  simulation_.run_until(simulation_.now());
  if (options_.image != nullptr) other_services_->resume();
}

World::~World() = default;

// ---- calls --------------------------------------------------------------------------------------

void World::call(std::string_view region, std::string_view principal, v1::ApiRequest request,
                 Reply reply) {
  const Place& target = place(region);
  const auto principal_arn = account_.principal_arn(principal);
  FL_CHECK(principal_arn.has_value()) << "the account has no principal " << principal;
  const std::uint64_t id = ++calls_made_;
  PendingCall& call =
      pending_
          .emplace(id, PendingCall{std::string(region), api::operation_name(request),
                                   api::named_secret(request), std::move(reply)})
          .first->second;
  if (observer_ != nullptr) observer_->on_call({id, region, *principal_arn, request});
  const std::uint64_t started = simulation_.trace().record({.kind = v1::CALL_STARTED,
                                                            .actor = target.actor,
                                                            .number = id,
                                                            .subject = call.secret,
                                                            .verb = call.operation,
                                                            .text = principal});
  const engine::CauseScope scope(simulation_.trace(), started);
  // Whoever heard of it may have crashed the region, and that has answered it.
  if (!pending_.contains(id)) return;
  auto refusal = front_door_.refusal(region, call.operation);
  if (!refusal && target.quotas != nullptr &&
      !target.quotas->admit(RequestQuotas::Service::SecretsManager, call.operation, now())) {
    refusal = Error{"ThrottlingException",
                    std::string(RequestQuotas::refusal(RequestQuotas::Service::SecretsManager))};
  }
  if (this->region(region) == nullptr) refusal = Error{"ConnectionClosed", "The region is down."};
  if (refusal) {
    // A crash at this very instant has answered already.
    const auto refuse = [this, id, error = *refusal] {
      if (pending_.contains(id)) finish(id, tl::make_unexpected(error));
    };
    return simulation_.after(Duration::zero(), refuse, "connection refused");
  }
  const auto enter = [this, name = std::string(region), operation = call.operation,
                      caller = Caller{*principal_arn, id}, request = std::move(request)]() {
    Region* const entered = this->region(name);
    if (entered == nullptr) return;
    entered->call(caller, request, [=, this](Result<v1::ApiResponse> result) {
      finish(caller.call_id, front_door_.answer(name, operation, std::move(result)));
    });
    if (front_door_.doubles(name, operation)) entered->call(caller, request, ignore_answer);
  };
  if (simulation_.is_hindered(target.actor)) {
    simulation_.call_later_as(target.actor, enter, "call");
  } else {
    simulation_.run_as(target.actor, enter);
  }
}

void World::finish(std::uint64_t call_id, Result<v1::ApiResponse> result) {
  auto call = pending_.extract(call_id);
  FL_CHECK(!call.empty()) << "call " << call_id << " is answered twice";
  const PendingCall& pending = call.mapped();
  const CallSummary summary = summarize(result);
  simulation_.trace().record(
      {.kind = v1::CALL_ENDED,
       .actor = place(pending.region).actor,
       .number = call_id,
       .digest = summary.digest,
       .subject = pending.secret,
       .verb = pending.operation,
       .outcome = result ? std::string_view("OK") : std::string_view(result.error().code),
       .text = summary.text});
  if (observer_ != nullptr) observer_->on_answer({call_id, result, summary.text});
  if (pending.reply) pending.reply(std::move(result));
}

Result<v1::ApiResponse> World::call_and_wait(std::string_view region, std::string_view principal,
                                             v1::ApiRequest request) {
  std::optional<Result<v1::ApiResponse>> answer;
  call(region, principal, std::move(request),
       [&answer](Result<v1::ApiResponse> result) { answer = std::move(result); });
  while (!answer) FL_CHECK(simulation_.step()) << "a call to " << region << " was never answered";
  return *std::move(answer);
}

Client World::client(std::string_view region) {
  FL_CHECK(has_region(region)) << "this world has no region " << region;
  return {*this, std::string(region)};
}

std::string World::make_token(const std::string& purpose) {
  std::array<std::byte, 16> bytes{};
  simulation_.random().stream("token/" + purpose).fill(tokens_made_[purpose]++, bytes);
  return kms::format_uuid(bytes);
}

// A call that the region was working on dies with it; whether it took effect is not known.
void World::on_life_cycle(engine::ActorId actor, bool up) {
  const std::string& region = simulation_.context(actor).name();
  if (observer_ != nullptr) observer_->on_life(region, up);
  if (up) return;
  std::vector<std::uint64_t> lost;
  for (const auto& [id, call] : pending_) {
    if (call.region == region) lost.push_back(id);
  }
  for (const std::uint64_t id : lost) {
    finish(id,
           tl::make_unexpected(Error{"ConnectionClosed", "The region died before it answered."}));
  }
}

// ---- time ---------------------------------------------------------------------------------------

void World::run_for(Duration duration) { simulation_.run_until(simulation_.now() + duration); }
void World::run_until_idle() { simulation_.run_until_idle(); }
engine::Instant World::now() const { return simulation_.now(); }

// ---- faults -------------------------------------------------------------------------------------

std::uint64_t World::apply(const v1::Fault& fault) { return simulation_.faults().apply(fault); }
void World::heal(std::uint64_t fault) { simulation_.faults().heal(fault); }
void World::heal_all() { simulation_.faults().heal_all(); }

void World::cut(std::string_view one, std::string_view other) {
  v1::Fault fault;
  fault.set_name("cut " + std::string(std::min(one, other)) + " " +
                 std::string(std::max(one, other)));
  fault.mutable_cut()->set_from(std::string(one));
  fault.mutable_cut()->set_to(std::string(other));
  apply(fault);
}

void World::mend(std::string_view one, std::string_view other) {
  simulation_.faults().heal("cut " + std::string(std::min(one, other)) + " " +
                            std::string(std::max(one, other)));
}

void World::crash(std::string_view region, v1::TornTail torn_tail) {
  simulation_.crash(place(region).actor, {torn_tail});
}
void World::restart(std::string_view region) { simulation_.restart(place(region).actor); }
void World::disable_region(std::string_view region) { account_.set_enabled(region, false); }
void World::enable_region(std::string_view region) { account_.set_enabled(region, true); }

// ---- parts --------------------------------------------------------------------------------------

World::Place& World::place(std::string_view region) {
  for (const auto& place : places_) {
    if (place->surroundings.name == region) return *place;
  }
  FL_CHECK(false) << "this world has no region " << region;
  return *places_.front();
}

bool World::has_region(std::string_view name) const {
  return std::find(region_names_.begin(), region_names_.end(), name) != region_names_.end();
}

kms::Kms& World::kms(std::string_view region) { return place(region).kms; }
const KmsTroubles& World::kms_troubles(std::string_view region) { return place(region).troubles; }
Region* World::region(std::string_view name) {
  return static_cast<Region*>(simulation_.actor(place(name).actor));
}

std::string World::convergence_gap(std::string_view secret_name) {
  return Inspector(*this).convergence_gap(secret_name);
}

}  // namespace faultline::regions
