#include "regions/multi_region_keys.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/hash.h"
#include "engine/simulation.h"
#include "proto/kms.pb.h"
#include "proto/trace.pb.h"
#include "regions/access/authorize.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::TimerClass;

// How often what waits for the network is looked at. Ours.
constexpr Duration kLookAgain = Duration::seconds(1);
// A region's clock may run slow, and a KMS that a fault has silenced does nothing: what should be
// due is then looked at again.
constexpr Duration kShortestWait = Duration::millis(1);
constexpr Duration kOverdue = Duration::minutes(1);
// Of Kms::next_due_unix_ns.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

const v1::StoredKey* find_key(const v1::KmsSnapshot& snapshot, const std::string& key_id) {
  const auto found = std::ranges::find_if(
      snapshot.keys(), [&](const v1::StoredKey& key) { return key.key_id() == key_id; });
  return found == snapshot.keys().end() ? nullptr : &*found;
}

// What encrypts.
std::string material_of(const v1::StoredKey& key) {
  for (int i = key.backing_keys_size() - 1; i >= 0; --i) {
    if (!key.backing_keys(i).pending()) return key.backing_keys(i).material_id();
  }
  return {};
}

}  // namespace

MultiRegionKeys::MultiRegionKeys(World& world) : world_(world) {
  for (const std::string& region : world.regions()) regions_[region];
}

// ---- for the API --------------------------------------------------------------------------------

kms::Result<std::string> MultiRegionKeys::policy_document(const std::string& region,
                                                          std::string_view key) {
  return world_.kms(region).get_key_policy_document(key);
}

kms::Result<kms::KeyMetadata> MultiRegionKeys::replicate(const Replicate& request) {
  kms::Kms& from = world_.kms(request.from);
  const access::KmsCall call(world_.account(), request.to, request.caller_arn, "",
                             wall_unix_ns(request.from));
  FL_TRY_VOID(access::authorize_kms(call, world_.account(), "kms:CreateKey", "*"));
  if (!request.tags.empty()) {
    FL_TRY_VOID(access::authorize_kms(call, world_.account(), "kms:TagResource", "*"));
  }
  FL_TRY(const v1::StoredKey shared, from.begin_replication(request.key, request.to));
  const auto undo = [&](kms::Error error) {
    static_cast<void>(from.replica_deleted(shared.key_id(), request.to));
    return tl::make_unexpected(std::move(error));
  };
  if (!world_.has_region(request.to) || !world_.account().is_enabled(request.to)) {
    // The text is ours; AWS does not document the error.
    return undo({"UnsupportedOperationException",
                 "The Region " + request.to + " is not enabled in your account."});
  }
  kms::Kms& to = world_.kms(request.to);
  const std::int64_t takes = world_.service().key_replication_time.ns();
  auto made = to.create_replica({.shared = &shared,
                                 .description = request.description,
                                 .policy = request.policy,
                                 .tags = request.tags,
                                 .keeper = request.keeper,
                                 .until_unix_ns = wall_unix_ns(request.to) + takes});
  if (!made) return undo(std::move(made).error());
  // From here on the material is on its way.
  keys_changed(request.to);
  keys_changed(request.from);
  return made;
}

kms::Result<void> MultiRegionKeys::update_primary(std::string_view key, std::string_view from,
                                                  std::string_view to) {
  const std::string old_primary(from);
  const std::string new_primary(to);
  kms::Kms& old_kms = world_.kms(old_primary);
  const std::int64_t takes = world_.service().key_replication_time.ns();
  const auto until = [&](const std::string& region) { return wall_unix_ns(region) + takes; };
  FL_TRY(const kms::KeyMetadata described, old_kms.describe_key(key));
  FL_TRY_VOID(old_kms.begin_update_primary(key, new_primary, until(old_primary)));
  auto begun = world_.has_region(new_primary)
                   ? world_.kms(new_primary)
                         .begin_update_primary(described.key_id, new_primary, until(new_primary))
                   : kms::Result<void>(kms::fail(kms::code::kInternal));
  if (!begun) {
    static_cast<void>(old_kms.cancel_update_primary(key));
    return begun;
  }
  Job& job = jobs_[described.key_id];
  job.old_primary = old_primary;
  job.new_primary = new_primary;
  schedule(described.key_id, world_.service().key_replication_time, TimerClass::Foreground);
  return {};
}

// ---- what changes -------------------------------------------------------------------------------

void MultiRegionKeys::begin_to_watch() {
  if (std::exchange(watches_, true)) return;
  for (const std::string& region : world_.regions()) keys_changed(region);
}

void MultiRegionKeys::keys_changed(std::string_view region) {
  if (!watches_) return;
  const std::string name(region);
  look_at(name);
  arm(name);
}

void MultiRegionKeys::resume() {
  for (const std::string& region : world_.regions()) {
    const v1::KmsSnapshot snapshot = world_.kms(region).snapshot();
    for (const v1::StoredKey& key : snapshot.keys()) {
      watches_ = watches_ || key.multi_region();
      if (key.state() != v1::Updating) continue;
      // The one of both that was the primary says so; the other is to become it.
      Job& job = jobs_[key.key_id()];
      (key.primary_region() == region ? job.old_primary : job.new_primary) = region;
    }
    watches_ = watches_ || world_.kms(region).next_due_unix_ns() != kNever;
  }
  for (const std::string& region : world_.regions()) keys_changed(region);
  for (const auto& [key_id, job] : jobs_) {
    if (job.timer == 0) {
      schedule(key_id, world_.service().key_replication_time, TimerClass::Foreground);
    }
  }
}

// A change of the primary region, what is shared after it, and what that brings about.
Duration MultiRegionKeys::busy_for() const {
  if (jobs_.empty()) return Duration::zero();
  const Duration step = world_.service().key_replication_time;
  return step + step + step;
}

void MultiRegionKeys::fault_ended() {
  std::vector<std::string> waiting;
  for (const auto& [key_id, job] : jobs_) {
    if (job.waits) waiting.push_back(key_id);
  }
  for (const std::string& key_id : waiting) {
    schedule(key_id, world_.service().key_replication_time, TimerClass::Foreground);
  }
}

// Compares the region's keys with what was last seen of them.
void MultiRegionKeys::look_at(const std::string& region) {
  AtRegion& at = regions_[region];
  kms::Kms& kms = world_.kms(region);
  kms.settle();
  if (at.was_seen && at.changes == kms.changes()) return;
  const v1::KmsSnapshot snapshot = kms.snapshot();
  std::map<std::string, Seen> now;
  for (const v1::StoredKey& key : snapshot.keys()) {
    now[key.key_id()] = {material_of(key), key.multi_region()};
  }
  const auto before = std::exchange(at.keys, now);
  const bool is_first = !std::exchange(at.was_seen, true);
  at.changes = kms.changes();
  for (const auto& [key_id, seen] : before) {
    const auto still = now.find(key_id);
    if (still == now.end()) {
      record(region, key_id, "Deleted");
      brought_.erase({key_id, region});
    } else if (still->second.material != seen.material && !seen.material.empty()) {
      record(region, key_id, "MaterialRotated");
    }
    if (seen.multi_region) plan(key_id);
  }
  for (const auto& [key_id, seen] : now) {
    if (seen.multi_region && (is_first || !before.contains(key_id))) plan(key_id);
  }
}

// A timer for what is due next in the region.
void MultiRegionKeys::arm(const std::string& region) {
  AtRegion& at = regions_[region];
  const std::int64_t due = world_.kms(region).next_due_unix_ns();
  if (at.timer != 0 && due == at.timer_due_unix_ns) return;
  engine::Simulation& simulation = world_.simulation();
  if (at.timer != 0) simulation.queue().cancel(at.timer);
  at.timer = 0;
  if (due == kNever) return;
  at.timer_due_unix_ns = due;
  const std::int64_t wall = wall_unix_ns(region);
  const Duration wait = due > wall ? Duration::nanos(due - wall) : kOverdue;
  const auto fire = [this, region] {
    regions_[region].timer = 0;
    keys_changed(region);
  };
  at.timer = simulation.queue().push_call(simulation.now() + std::max(wait, kShortestWait),
                                          engine::kNoActor, simulation.trace().current_cause(),
                                          fire, "a key is due", TimerClass::Background);
}

// ---- what related keys share --------------------------------------------------------------------

// Sees to it that the key is worked on, if there is anything to do.
void MultiRegionKeys::plan(const std::string& key_id) {
  const auto job = jobs_.find(key_id);
  if (job != jobs_.end() && job->second.timer != 0) return;
  const std::string primary = primary_of(key_id);
  if (primary.empty() || is_in_step(key_id, primary)) return;
  schedule(key_id, world_.service().key_replication_time, TimerClass::Foreground);
}

void MultiRegionKeys::schedule(const std::string& key_id, Duration after, TimerClass urgency) {
  Job& job = jobs_[key_id];
  engine::Simulation& simulation = world_.simulation();
  if (job.timer != 0) simulation.queue().cancel(job.timer);
  job.waits = urgency == TimerClass::Background;
  job.timer = simulation.queue().push_call(
      simulation.now() + after, engine::kNoActor, simulation.trace().current_cause(),
      [this, key_id] { work_on(key_id); }, "a multi-Region key", urgency);
}

void MultiRegionKeys::work_on(const std::string& key_id) {
  Job& job = jobs_[key_id];
  job.timer = 0;
  job.waits = false;
  if (!job.new_primary.empty() && !job.old_primary.empty()) {
    if (!change_primary(key_id, job)) {
      return schedule(key_id, kLookAgain, TimerClass::Background);
    }
    job.old_primary.clear();
    job.new_primary.clear();
  }
  const std::string primary = primary_of(key_id);
  const bool is_done = primary.empty() || bring_over(key_id, primary);
  if (!is_done) return schedule(key_id, kLookAgain, TimerClass::Background);
  jobs_.erase(key_id);
  for (const std::string& region : world_.regions()) keys_changed(region);
}

// False: not yet.
bool MultiRegionKeys::change_primary(const std::string& key_id, const Job& job) {
  if (!can_talk(job.old_primary, job.new_primary)) return false;
  kms::Kms& old_primary = world_.kms(job.old_primary);
  kms::Kms& new_primary = world_.kms(job.new_primary);
  const auto shared = old_primary.shared_part(key_id);
  if (shared) static_cast<void>(new_primary.apply_shared(*shared));
  const bool gave_up = old_primary.finish_update_primary(key_id, job.new_primary).has_value();
  const bool took_over = new_primary.finish_update_primary(key_id, job.new_primary).has_value();
  if (gave_up) record(job.old_primary, key_id, "BecameReplica");
  if (took_over) record(job.new_primary, key_id, "BecamePrimary");
  return state_of(job.old_primary, key_id) != v1::Updating &&
         state_of(job.new_primary, key_id) != v1::Updating;
}

// To every replica that can be reached. False: not all of them could.
bool MultiRegionKeys::bring_over(const std::string& key_id, const std::string& primary) {
  kms::Kms& kms = world_.kms(primary);
  const auto primaries = kms.primaries();
  const auto found = std::ranges::find(primaries, key_id, &kms::Kms::Primary::key_id);
  if (found == primaries.end()) return true;
  bool all = true;
  for (const std::string& replica : found->replica_regions) {
    all = bring_to(key_id, primary, replica) && all;
  }
  if (!all) return false;
  if (found->needs_activation) {
    static_cast<void>(kms.activate_material(key_id));
    for (const std::string& replica : found->replica_regions) {
      if (has_key(replica, key_id)) {
        static_cast<void>(world_.kms(replica).activate_material(key_id));
      }
    }
  }
  for (const std::string& replica : found->replica_regions) {
    brought_[{key_id, replica}] = shared_digest(primary, key_id);
  }
  return is_in_step(key_id, primary) || !has_key(primary, key_id);
}

bool MultiRegionKeys::bring_to(const std::string& key_id, const std::string& primary,
                               const std::string& replica) {
  if (!world_.has_region(replica)) return true;
  if (!can_talk(primary, replica)) return false;
  kms::Kms& from = world_.kms(primary);
  kms::Kms& to = world_.kms(replica);
  to.settle();
  const v1::KmsSnapshot there = to.snapshot();
  const v1::StoredKey* const key = find_key(there, key_id);
  if (key == nullptr) {
    if (from.replica_deleted(key_id, replica)) record(primary, key_id, "ReplicaDeleted", replica);
    return true;
  }
  // A KMS that answers nobody has not got it, and then nothing may be sealed with it elsewhere.
  const auto shared = from.shared_part(key_id);
  if (!shared || !to.apply_shared(*shared)) return false;
  if (key->state() == v1::Creating && to.finish_creating(key_id)) {
    record(replica, key_id, "ReplicaCreated");
  }
  return true;
}

// Whether every replica has what the primary shares.
bool MultiRegionKeys::is_in_step(const std::string& key_id, const std::string& primary) {
  const auto primaries = world_.kms(primary).primaries();
  const auto found = std::ranges::find(primaries, key_id, &kms::Kms::Primary::key_id);
  if (found == primaries.end()) return true;
  if (found->needs_activation) return false;
  const std::uint64_t shared = shared_digest(primary, key_id);
  return std::ranges::all_of(found->replica_regions, [&](const std::string& replica) {
    if (!world_.has_region(replica)) return true;
    const auto brought = brought_.find({key_id, replica});
    const v1::KeyState state = state_of(replica, key_id);
    return brought != brought_.end() && brought->second == shared &&
           state != v1::KEY_STATE_UNSPECIFIED && state != v1::Creating;
  });
}

bool MultiRegionKeys::can_talk(const std::string& one, const std::string& other) {
  const auto from = world_.simulation().find(one);
  const auto to = world_.simulation().find(other);
  if (!from || !to) return false;
  const engine::Network& network = world_.simulation().network();
  return !network.is_cut(*from, *to) && !network.is_cut(*to, *from);
}

std::string MultiRegionKeys::primary_of(const std::string& key_id) {
  for (const std::string& region : world_.regions()) {
    for (const kms::Kms::Primary& primary : world_.kms(region).primaries()) {
      if (primary.key_id == key_id) return region;
    }
  }
  return {};
}

// Unspecified: there is no such key.
v1::KeyState MultiRegionKeys::state_of(const std::string& region, const std::string& key_id) {
  if (!world_.has_region(region)) return v1::KEY_STATE_UNSPECIFIED;
  const v1::KmsSnapshot snapshot = world_.kms(region).snapshot();
  const v1::StoredKey* const key = find_key(snapshot, key_id);
  return key == nullptr ? v1::KEY_STATE_UNSPECIFIED : key->state();
}

bool MultiRegionKeys::has_key(const std::string& region, const std::string& key_id) {
  return state_of(region, key_id) != v1::KEY_STATE_UNSPECIFIED;
}

std::uint64_t MultiRegionKeys::shared_digest(const std::string& region, const std::string& key_id) {
  const auto shared = world_.kms(region).shared_part(key_id);
  return shared ? engine::hash64(shared->SerializeAsString()) : 0;
}

std::int64_t MultiRegionKeys::wall_unix_ns(const std::string& region) {
  engine::Simulation& simulation = world_.simulation();
  return simulation.context(*simulation.find(region)).wall_unix_ns();
}

void MultiRegionKeys::record(const std::string& region, const std::string& key_id,
                             std::string_view what, std::string_view outcome) {
  engine::Simulation& simulation = world_.simulation();
  simulation.trace().record({.kind = v1::KEY_CHANGED,
                             .actor = *simulation.find(region),
                             .subject = world_.kms(region).place().key_arn(key_id),
                             .verb = what,
                             .outcome = outcome});
}

}  // namespace faultline::regions
