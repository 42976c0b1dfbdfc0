#include "regions/settling.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"
#include "proto/kms.pb.h"
#include "regions/inspector.h"
#include "regions/invariants/bound.h"
#include "regions/other_services.h"
#include "regions/secret_store.h"

namespace faultline::regions {

engine::Instant Settling::begins_at() const {
  const auto parse = [](const std::string& text) {
    if (text.empty()) return engine::Instant();
    const auto parsed = engine::parse_duration(text);
    FL_CHECK(parsed.has_value()) << "a scenario that was not checked: " << parsed.error();
    return engine::Instant() + *parsed;
  };
  if (!scenario_.settle().at().empty()) return parse(scenario_.settle().at());
  engine::Instant last;
  for (const v1::Step& step : scenario_.step()) last = std::max(last, parse(step.at()));
  return last;
}

bool Settling::is_dead(const std::string& region) const {
  const auto& dead = scenario_.settle().dead_region();
  return std::find(dead.begin(), dead.end(), region) != dead.end();
}

void Settling::mend() {
  engine::Simulation& simulation = world_.simulation();
  simulation.faults().heal_all();
  for (const v1::RegionSpec& spec : scenario_.region()) {
    if (is_dead(spec.name())) {
      world_.crash(spec.name());
      continue;
    }
    const bool enabled = !spec.has_enabled() || spec.enabled();
    enabled ? world_.enable_region(spec.name()) : world_.disable_region(spec.name());
    world_.restart(spec.name());
  }
  for (const v1::KeySpec& key : scenario_.key()) {
    kms::Kms& kms = world_.kms(key.region());
    if (const auto arn = kms.resolve(key.alias())) static_cast<void>(kms.enable_key(*arn));
  }
  for (const std::string& region : world_.regions()) mend_keys(region);
}

// Also those that clients have made, disabled, or scheduled to be deleted. What is deleted is lost.
void Settling::mend_keys(const std::string& region) {
  kms::Kms& kms = world_.kms(region);
  const v1::KmsSnapshot before = kms.snapshot();
  for (const v1::StoredKey& key : before.keys()) {
    if (key.aws_managed()) continue;
    const bool dies =
        key.state() == v1::PendingDeletion || key.state() == v1::PendingReplicaDeletion;
    if (dies) static_cast<void>(kms.cancel_key_deletion(key.key_id()));
    if (dies || key.state() == v1::Disabled) static_cast<void>(kms.enable_key(key.key_id()));
  }
  world_.other_services().keys_changed(region);
}

int Settling::ask_again() {
  int asked = 0;
  const Inspector inspector(world_);
  for (const std::string& region : world_.regions()) {
    Region* primary = world_.region(region);
    if (primary == nullptr || !primary->secret_store().is_open()) continue;
    const auto names = primary->secret_store().secrets_with_links();
    if (!names) continue;
    for (const std::string& name : *names) {
      for (const v1::StoredLink& link : inspector.replicas(region, name)) {
        if (link.status() != v1::StoredLink::Failed) continue;
        v1::ApiRequest request;
        auto& again = *request.mutable_replicate_secret_to_regions();
        again.set_secret_id(name);
        v1::ReplicaRegionType& replica = *again.add_add_replica_regions();
        replica.set_region(link.region());
        if (link.has_kms_key_id()) replica.set_kms_key_id(link.kms_key_id());
        world_.call(region, "admin", std::move(request), {});
        ++asked;
      }
    }
  }
  return asked;
}

engine::Duration Settling::bound() { return settle_bound(world_); }

}  // namespace faultline::regions
