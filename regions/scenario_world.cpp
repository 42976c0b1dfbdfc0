#include "regions/scenario_world.h"

#include "engine/fault_injector.h"
#include "kms/policy_document.h"
#include "proto/check.h"
#include "regions/defects.h"
#include "regions/scenario/epoch.h"
#include "regions/world_image.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::LinkConditions;

void set_duration(Duration& target, const std::string& text) {
  if (text.empty()) return;
  const auto parsed = engine::parse_duration(text);
  FL_CHECK(parsed.has_value()) << "a scenario that was not checked: " << parsed.error();
  target = *parsed;
}

void set_ratio(engine::Ratio& target, const std::string& text) {
  if (text.empty()) return;
  const auto parsed = engine::parse_ratio(text);
  FL_CHECK(parsed.has_value()) << "a scenario that was not checked: " << parsed.error();
  target = *parsed;
}

// What the spec does not say stays as it is.
LinkConditions conditions_of(const v1::LinkSpec& link, LinkConditions conditions) {
  set_duration(conditions.latency, link.latency());
  set_duration(conditions.jitter, link.jitter());
  set_duration(conditions.reorder_delay, link.reorder_delay());
  set_ratio(conditions.loss, link.loss());
  set_ratio(conditions.duplicate, link.duplicate());
  set_ratio(conditions.reorder, link.reorder());
  if (link.bytes_per_second() > 0) conditions.bytes_per_second = link.bytes_per_second();
  return conditions;
}

ServiceConfig service_of(const v1::ServiceSpec& spec) {
  ServiceConfig service;
  if (!spec.protocol().empty()) service.protocol = spec.protocol();
  set_duration(service.kms_latency, spec.kms_latency());
  set_duration(service.sync_latency, spec.sync_latency());
  set_duration(service.retry_base, spec.retry_base());
  set_duration(service.retry_cap, spec.retry_cap());
  if (spec.max_attempts() > 0) service.max_attempts = spec.max_attempts();
  service.request_quotas = spec.request_quotas();
  set_duration(service.region_opt_time, spec.region_opt_time());
  set_duration(service.key_replication_time, spec.key_replication_time());
  set_duration(service.grant_propagation, spec.grant_propagation());
  for (const std::string& id : spec.defect()) {
    const DefectInfo* defect = find_defect(id);
    FL_CHECK(defect != nullptr) << "a scenario that was not checked: " << no_such_defect(id);
    service.defects.add(defect->defect);
  }
  return service;
}

RotationFunction function_of(const v1::RotationFunctionSpec& spec) {
  RotationFunction function;
  function.region = spec.region();
  function.name = spec.name();
  function.fails_at = spec.fails_at();
  function.failures = spec.failures();
  function.invokable = !spec.not_invokable();
  switch (spec.behavior()) {
    case v1::RotationFunctionSpec::FAILS:
      function.behavior = RotationBehavior::Fails;
      break;
    case v1::RotationFunctionSpec::SLOW:
      function.step_time = kSlowStepTime;
      break;
    case v1::RotationFunctionSpec::ALTERNATING_USERS:
      function.behavior = RotationBehavior::AlternatingUsers;
      break;
    default:
      break;
  }
  set_duration(function.step_time, spec.step_time());
  return function;
}

bool has_lived(const SharedParts& shared) {
  return shared.image != nullptr && shared.image->life > 0;
}

WorldOptions options_of(const v1::Scenario& scenario, std::uint64_t seed,
                        const SharedParts& shared) {
  WorldOptions options;
  for (const auto& region : scenario.region()) options.regions.push_back(region.name());
  options.seed = seed;
  if (!scenario.account().empty()) options.account = scenario.account();
  if (!scenario.epoch().empty()) {
    options.epoch_unix_ns = parse_epoch(scenario.epoch()).value_or(kDefaultEpochUnixNs);
  }
  options.links = conditions_of(scenario.network(), options.links);
  for (const auto& function : scenario.rotation_function()) {
    options.rotation_functions.push_back(function_of(function));
  }
  options.service = service_of(scenario.service());
  options.empty_database = shared.empty_database;
  options.protocols = shared.protocols;
  options.image = shared.image;
  if (has_lived(shared)) options.epoch_unix_ns = shared.image->wall_unix_ns;
  options.epoch_unix_ns = shared.epoch_unix_ns.value_or(options.epoch_unix_ns);
  options.adopt_disk = shared.adopt_disk;
  options.entropy = shared.entropy;
  options.wrap_suite = shared.wrap_suite;
  return options;
}

// Judged are statements: documents are read here, once.
v1::Policy statements_of(const v1::Policy& policy) {
  auto read = kms::with_statements(policy, kms::PolicyUse::Identity);
  FL_CHECK(read.has_value()) << "a scenario that was not checked: " << read.error().message;
  return *std::move(read);
}

void add_principals(const v1::Scenario& scenario, Account& account) {
  for (const v1::PrincipalSpec& spec : scenario.principal()) {
    Principal principal{.name = spec.name(),
                        .arn = spec.arn(),
                        .access_key_id = spec.access_key_id(),
                        .secret_access_key = spec.secret_access_key()};
    for (const v1::Policy& policy : spec.policy()) {
      principal.policies.push_back(statements_of(policy));
    }
    if (spec.has_permissions_boundary()) {
      principal.permissions_boundary = statements_of(spec.permissions_boundary());
    }
    account.add_principal(std::move(principal));
  }
  std::vector<v1::Policy> organisation;
  for (const v1::Policy& policy : scenario.service_control_policy()) {
    organisation.push_back(statements_of(policy));
  }
  account.set_service_control_policies(std::move(organisation));
}

void make_keys(const v1::Scenario& scenario, World& world) {
  for (const v1::KeySpec& spec : scenario.key()) {
    const v1::Policy policy = with_arns(spec.policy(), world.account());
    const auto made = world.kms(spec.region())
                          .create_key({.description = spec.description(),
                                       .policy = spec.has_policy() ? &policy : nullptr,
                                       .alias = spec.alias()});
    FL_CHECK(made.has_value()) << spec.alias() << ": " << made.error().message;
  }
}

}  // namespace

v1::Policy with_arns(v1::Policy policy, const Account& account) {
  for (auto& statement : *policy.mutable_statements()) {
    for (auto* principals : {statement.mutable_principals(), statement.mutable_not_principals()}) {
      for (auto& principal : *principals) {
        principal = account.principal_arn(principal).value_or(principal);
      }
    }
  }
  return policy;
}

std::unique_ptr<World> make_world(const v1::Scenario& scenario, std::uint64_t seed,
                                  const SharedParts& shared) {
  WorldOptions options = options_of(scenario, seed, shared);
  const LinkConditions everywhere = options.links;
  auto world = std::make_unique<World>(std::move(options));
  for (const auto& region : scenario.region()) {
    if (has_lived(shared)) break;
    if (region.has_enabled() && !region.enabled()) world->disable_region(region.name());
  }
  add_principals(scenario, world->account());
  if (!has_lived(shared)) make_keys(scenario, *world);
  engine::Simulation& simulation = world->simulation();
  for (const v1::LinkSpec& link : scenario.link()) {
    const auto from = simulation.find(link.from());
    const auto to = simulation.find(link.to());
    FL_CHECK(from && to) << "a link to a region that was not declared";
    simulation.network().set_link(*from, *to, conditions_of(link, everywhere));
  }
  return world;
}

}  // namespace faultline::regions
