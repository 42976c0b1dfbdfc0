#include "regions/rotation/records.h"

#include <utility>

#include "engine/time.h"
#include "proto/check.h"
#include "regions/rotation/schedule.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

bool is_incomplete(const v1::StoredSecret& secret) {
  if (secret.rotation().has_under_way()) return true;
  const v1::VersionInfo* const pending = holder_of(secret, kPending);
  return pending != nullptr && !has_label(*pending, kCurrent);
}

std::vector<std::string> begin_rotation(RegionServices& region, v1::StoredSecret& secret,
                                        const std::string& version_id, Trial trial) {
  std::vector<std::string> pruned = prune_versions(secret, region.wall_unix_ns());
  v1::VersionInfo version;
  version.set_version_id(version_id);
  version.set_created_unix_ns(region.wall_unix_ns());
  version.set_sequence(secret.sequence());
  version.set_empty(trial == Trial::No);
  add_version(secret, std::move(version), {std::string(kPending)});
  v1::RotationUnderWay under_way;
  under_way.set_version_id(version_id);
  under_way.set_step(std::string(trial == Trial::Yes ? kTestStep : kCreateStep));
  under_way.set_test_only(trial == Trial::Yes);
  under_way.set_started_unix_ns(region.wall_unix_ns());
  *secret.mutable_rotation()->mutable_under_way() = std::move(under_way);
  return pruned;
}

std::vector<std::string> end_trial(v1::StoredSecret& secret) {
  const std::string version_id = secret.rotation().under_way().version_id();
  secret.mutable_rotation()->clear_under_way();
  auto& versions = *secret.mutable_versions();
  for (auto version = versions.begin(); version != versions.end(); ++version) {
    if (version->version_id() != version_id || has_label(*version, kCurrent)) continue;
    versions.erase(version);
    return {version_id};
  }
  return {};
}

void follow_labels(RegionServices& region, v1::StoredSecret& secret) {
  if (!secret.has_rotation()) return;
  v1::StoredRotation& rotation = *secret.mutable_rotation();
  if (rotation.has_under_way()) {
    const v1::VersionInfo* const version =
        find_version(std::as_const(secret), rotation.under_way().version_id());
    const bool lost =
        version == nullptr || (!has_label(*version, kPending) && !has_label(*version, kCurrent));
    if (lost) rotation.clear_under_way();
  }
  if (!rotation.enabled()) return;
  const v1::VersionInfo* const current = holder_of(secret, kCurrent);
  const bool is_new = current != nullptr && current->sequence() == secret.sequence();
  if (is_new && current->version_id() != rotation.under_way().version_id()) {
    plan_next(region, secret, region.wall_unix_ns());
  }
}

void plan_next(RegionServices& region, v1::StoredSecret& secret, std::int64_t after_unix_ns) {
  v1::StoredRotation& rotation = *secret.mutable_rotation();
  rotation.clear_next_rotation_unix_ns();
  rotation.clear_due_unix_ns();
  if (!rotation.enabled() || !rotation.has_rules()) return;
  const auto schedule = RotationSchedule::parse(rotation.rules());
  FL_CHECK(schedule.has_value()) << "rules that were not checked: " << schedule.error().message;
  const RotationWindow window = schedule->next(after_unix_ns / kSecondNs);
  rotation.set_next_rotation_unix_ns(window.end_s * kSecondNs);
  const std::string purpose = "rotation/due/" + secret.arn();
  const engine::Duration into =
      region.ctx.random(purpose).between(region.ctx.next_index(purpose), engine::Duration::zero(),
                                         engine::Duration::seconds(window.end_s - window.start_s));
  rotation.set_due_unix_ns(window.start_s * kSecondNs + into.ns());
}

void switch_off(v1::StoredRotation& rotation) {
  rotation.set_enabled(false);
  rotation.clear_under_way();
  rotation.clear_next_rotation_unix_ns();
  rotation.clear_due_unix_ns();
}

v1::StoredRotation shown_at_replicas(const v1::StoredRotation& rotation) {
  v1::StoredRotation shown = rotation;
  shown.clear_under_way();
  shown.clear_next_rotation_unix_ns();
  shown.clear_due_unix_ns();
  shown.clear_principal_arn();
  return shown;
}

Error cannot_invoke() {
  return {"AccessDeniedException",
          "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
          "policy grants access to the principal secretsmanager.amazonaws.com."};
}

}  // namespace faultline::regions
