// What a region commits under a name: versions and labels, whose copy it is, and who asked for it.
#include <algorithm>

#include "engine/simulation.h"
#include "proto/check.h"
#include "regions/arn.h"
#include "regions/invariants/overseer.h"
#include "regions/invariants/rotation_moves.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

using Operation = v1::ApiRequest::OperationCase;

constexpr std::size_t kMostLabels = 20;
constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kWindowDays = 30;

std::string of(const std::string& name, std::string_view region) {
  return name + " in " + std::string(region);
}

}  // namespace

void Overseer::take_record(RegionGhost& at, SecretGhost& secret, RecordPtr now_held) {
  const RecordPtr before = secret.record;
  if (is_replica(before) != is_replica(now_held)) ++secret.roles;
  if (is_replica(before) || is_replica(now_held)) history(at.name, secret.name).ends_here();
  push_state(secret, std::move(now_held));
  if (secret.record == nullptr) return judge_absence(at, secret, before);
  judge_labels(at, secret);
  if (is_replica(secret.record)) return judge_replica(at, secret, before);
  judge_standalone(at, secret, before);
}

// S01, S02, S03
void Overseer::judge_labels(const RegionGhost& at, const SecretGhost& secret) {
  const v1::StoredSecret& record = *secret.record;
  hold(Property::S02);
  if (record.versions_size() == 0) return;
  hold(Property::S01);
  hold(Property::S03);
  std::map<std::string_view, std::string_view> holders;
  std::set<std::string_view> ids;
  std::size_t labels = 0;
  int currents = 0;
  for (const v1::VersionInfo& version : record.versions()) {
    const std::string& id = version.version_id();
    if (!ids.insert(id).second)
      report(Property::S10, secret.name, at.name,
             of(secret.name, at.name) + " lists version " + id + " twice");
    for (const std::string& stage : version.stages()) {
      ++labels;
      currents += stage == kCurrent ? 1 : 0;
      if (!holders.emplace(stage, id).second && stage != kCurrent)
        report(Property::S02, secret.name, at.name,
               of(secret.name, at.name) + " has " + stage + " on two versions, " +
                   std::string(holders[stage]) + " and " + id);
    }
    if (version.stages_size() > 0 && !version.empty() && !secret.values.contains(id))
      report(Property::S03, secret.name, at.name,
             of(secret.name, at.name) + " labels version " + id + ", whose value is not there");
  }
  if (currents != 1)
    report(
        Property::S01, secret.name, at.name,
        of(secret.name, at.name) + " has AWSCURRENT on " + std::to_string(currents) + " versions");
  if (labels > kMostLabels)
    report(Property::S02, secret.name, at.name,
           of(secret.name, at.name) + " has " + std::to_string(labels) + " labels");
  const auto previous = holders.find(kPrevious);
  const auto current = holders.find(kCurrent);
  if (previous != holders.end() && current != holders.end() && previous->second == current->second)
    report(Property::S02, secret.name, at.name,
           of(secret.name, at.name) + " has AWSPREVIOUS and AWSCURRENT on one version");
}

// S05, S06, S12, S14, S15, S16, S23
void Overseer::judge_replica(RegionGhost& at, SecretGhost& secret, const RecordPtr& before) {
  const v1::StoredSecret& record = *secret.record;
  const std::string arn = lineage_of(record);
  const std::string place = of(secret.name, at.name);
  const std::string generation = std::to_string(record.generation());
  if (!regions_.contains(record.primary_region())) {
    return report(Property::S05, secret.name, at.name,
                  place + " follows " + record.primary_region() + ", which does not exist");
  }
  Lineage& line = lineage(arn, record.primary_region(), secret.name);
  line.forfeited |= at.tainted;
  const bool same = is_replica(before) && lineage_of(*before) == arn;
  if (!same) {
    hold(Property::S15);
    if (before != nullptr) judge_overwritten(at, secret, *before);
  }
  const auto promoted = at.promoted.find(arn);
  if (promoted != at.promoted.end()) hold(Property::S12);
  const bool is_fenced = promoted != at.promoted.end() && promoted->second >= record.generation();
  if (is_fenced && !line.forfeited)
    report(
        Property::S12, secret.name, at.name,
        place + " was promoted, and follows " + record.primary_region() + " again by the old link");
  const auto removed = at.removed.find(arn);
  if (!is_fenced && removed != at.removed.end() && removed->second >= record.generation() &&
      !line.forfeited)
    report(Property::S15, secret.name, at.name,
           place + " is a replica of generation " + generation + " again, which was removed");

  const Snapshot snapshot = snapshot_of(record);
  const bool fresh = !same || before->generation() != record.generation();
  if (!fresh) {
    const Snapshot was = snapshot_of(*before);
    if (was.whole == snapshot.whole && was.sequence == snapshot.sequence) return;
  }
  secret.durable_at =
      now() + world_.simulation().context(*world_.simulation().find(at.name)).disk().sync_cost();
  hold(Property::S05);
  hold(Property::S06);
  hold(Property::S16);
  if (line.forfeited) return;
  if (same && before->generation() > record.generation())
    report(Property::S16, secret.name, at.name,
           place + " went from link " + std::to_string(before->generation()) + " back to link " +
               generation);
  const std::size_t start = fresh ? 0 : secret.index;
  const auto& history = line.history;
  for (std::size_t at_state = start; at_state < history.size(); ++at_state) {
    if (history[at_state].whole != snapshot.whole) continue;
    secret.index = at_state;
    if (talks_like_the_built_in() &&
        !talk(at.name, arn, record.generation()).heard.contains(record.sequence()))
      report(Property::S16, secret.name, at.name,
             place + " took change " + std::to_string(record.sequence()) + " of link " +
                 generation + ", which nobody sent on that link");
    return;
  }
  const bool older = std::any_of(history.begin(), history.end(), [&](const Snapshot& seen) {
    return seen.whole == snapshot.whole;
  });
  const bool shell = record.versions_size() == 0 && !history.empty();
  if (has_writers(secret)) {
    report(Property::S14, secret.name, at.name,
           place + " is a replica, and a client's call changed it");
  } else if (shell) {
    report(Property::S23, secret.name, at.name, place + " is a replica without any version");
  } else if (older) {
    report(Property::S06, secret.name, at.name,
           place + " went back to a state that its primary had before the one it held");
  } else {
    report(Property::S05, secret.name, at.name,
           place + " holds a state that " + record.primary_region() + " never committed");
  }
}

// S08, S12, S17, S18, S23: a replica has taken the place of something else.
void Overseer::judge_overwritten(RegionGhost& at, SecretGhost& secret,
                                 const v1::StoredSecret& before) {
  const std::string place = of(secret.name, at.name);
  if (forfeited(lineage_of(before))) return;
  if (before.role() == v1::Replica) {
    report(Property::S23, secret.name, at.name,
           place + " was a replica of another secret, and was replaced before it was removed");
    return;
  }
  if (secret.links_erased > 0)
    report(Property::S17, secret.name, at.name, place + " was replaced while it had replicas");
  if (before.has_deletion_unix_ns())
    report(Property::S18, secret.name, at.name,
           place + " was replaced while it was scheduled for deletion");
  if (forced_.contains(at.name + '/' + secret.name)) return;
  report(before.fenced_generation() > 0 ? Property::S12 : Property::S08, secret.name, at.name,
         place + " was a secret of its own, and a replica replaced it unasked");
}

// S08, S09, S11, S12, S17, S18, S31
void Overseer::judge_standalone(RegionGhost& at, SecretGhost& secret, const RecordPtr& before) {
  const v1::StoredSecret& record = *secret.record;
  const std::string place = of(secret.name, at.name);
  Lineage& line = lineage(record.arn(), at.name, secret.name);
  line.forfeited |= at.tainted;
  hold(Property::S11);
  if (arn_in_region(record.arn(), at.name) != record.arn())
    report(Property::S11, secret.name, at.name,
           place + " can be written under another region's ARN");
  const auto durable = [&] {
    secret.durable_at =
        now() + world_.simulation().context(*world_.simulation().find(at.name)).disk().sync_cost();
  };
  if (before == nullptr) {
    durable();
    hold(Property::S09);
    if (explained(secret, before) == nullptr && !line.forfeited)
      report(Property::S09, secret.name, at.name,
             place + " appeared, and no client's call made it");
    return note_history(line, record);
  }
  if (is_replica(before)) {
    durable();
    const std::string old = lineage_of(*before);
    CallGhost* const call = find_call(secret, Operation::kStopReplicationToReplica);
    if (call != nullptr) note_effect(at, *call);
    if (call == nullptr && !forfeited(old))
      report(Property::S11, secret.name, at.name,
             place + " became a secret of its own, and no client asked for it");
    if (snapshot_of(*before).whole != snapshot_of(record).whole && !forfeited(old))
      report(Property::S12, secret.name, at.name, place + " changed when it was promoted");
    std::uint64_t& promoted = at.promoted[old];
    promoted = std::max(promoted, before->generation());
    const auto followed = lineages_.find(old);
    if (followed != lineages_.end()) {
      for (const auto& [id, digests] : followed->second.values) {
        std::vector<std::uint64_t>& known = line.values[id];
        known.insert(known.end(), digests.begin(), digests.end());
      }
      line.forfeited |= followed->second.forfeited;
    }
    return note_history(line, record);
  }
  const bool scheduled = record.has_deletion_unix_ns() && !before->has_deletion_unix_ns();
  const bool restored = !record.has_deletion_unix_ns() && before->has_deletion_unix_ns();
  const bool moved = snapshot_of(*before).whole != snapshot_of(record).whole;
  if (before->arn() != record.arn())
    report(Property::S11, secret.name, at.name, place + " has got another ARN");
  if (!scheduled && !restored && !moved) return;
  durable();
  hold(Property::S31);
  if (record.fenced_generation() > 0) hold(Property::S12);
  if (moved) note_history(line, record);
  // The specification of calls knows nothing of it: from here on their order is not searched.
  if (!scheduled && !restored && is_a_rotation_move(before, secret.record))
    return history(at.name, secret.name).ends_here();
  CallGhost* const call = explained(secret, before);
  if (call == nullptr && !line.forfeited) {
    const bool asked = has_writers(secret);
    const Property broken = asked                            ? Property::S31
                            : record.fenced_generation() > 0 ? Property::S12
                                                             : Property::S08;
    report(broken, secret.name, at.name,
           place + (asked ? " changed as no call that is under way changes it"
                          : " changed, and no client asked for it"));
  }
  if (!scheduled) return;
  hold(Property::S17);
  hold(Property::S18);
  for (const auto& [key, link] : secret.links) {
    if (link.record.phase() == v1::StoredLink::ATTACHED)
      report(Property::S17, secret.name, at.name,
             place + " was scheduled for deletion while " + std::get<0>(key) + " replicates it");
  }
  if (call == nullptr) return;
  const v1::DeleteSecretRequest& request = call->request.delete_secret();
  const std::int64_t days =
      request.has_recovery_window_in_days() ? request.recovery_window_in_days() : kWindowDays;
  const std::int64_t wall =
      world_.simulation().context(*world_.simulation().find(at.name)).wall_unix_ns();
  if (record.deletion_unix_ns() != wall + days * kDayNs)
    report(Property::S18, secret.name, at.name,
           place + " is to be deleted at another time than " + std::to_string(days) +
               " days from now");
}

// S14, S17, S18, S23
void Overseer::judge_absence(RegionGhost& at, SecretGhost& secret, const RecordPtr& before) {
  if (before == nullptr) return;
  const std::string place = of(secret.name, at.name);
  const std::string arn = lineage_of(*before);
  secret.index = 0;
  if (before->role() == v1::Replica) {
    hold(Property::S23);
    std::uint64_t& removed = at.removed[arn];
    const auto asked = at.removals_heard.find(arn);
    const bool was_asked =
        asked != at.removals_heard.end() && asked->second >= before->generation();
    if (was_asked || !talks_like_the_built_in()) {
      removed = std::max(removed, before->generation());
      return;
    }
    if (forfeited(arn)) return;
    report(has_writers(secret) ? Property::S14 : Property::S23, secret.name, at.name,
           place + " was a replica, and is gone without having been removed");
    return;
  }
  if (forfeited(arn)) return history(at.name, secret.name).ends_here();
  hold(Property::S17);
  if (secret.links_erased > 0)
    report(Property::S17, secret.name, at.name, place + " was deleted while it had replicas");
  if (explained(secret, before) != nullptr) return;
  history(at.name, secret.name).ends_here();
  hold(Property::S18);
  const std::int64_t wall =
      world_.simulation().context(*world_.simulation().find(at.name)).wall_unix_ns();
  if (!before->has_deletion_unix_ns()) {
    report(before->fenced_generation() > 0 ? Property::S12 : Property::S18, secret.name, at.name,
           place + " was deleted, and was not scheduled for it");
  } else if (before->deletion_unix_ns() > wall) {
    report(Property::S18, secret.name, at.name, place + " was deleted before its deletion date");
  }
}

// ---- who asked for it ---------------------------------------------------------------------------

CallGhost* Overseer::find_call(SecretGhost& secret, v1::ApiRequest::OperationCase operation) {
  for (const Id id : secret.pending) {
    CallGhost& call = calls_.at(id);
    if (call.request.operation_case() == operation) return &call;
  }
  for (const Id id : secret.maybe) {
    CallGhost& call = maybe_calls_.at(id);
    if (call.request.operation_case() == operation) return &call;
  }
  return nullptr;
}

CallGhost* Overseer::explained(SecretGhost& secret, const RecordPtr& before) {
  const SequentialSecret was = sequential(before);
  const SequentialSecret is = sequential(secret.record);
  const DigestOf digest = digests(secret);
  const auto fits = [&](CallGhost& call) {
    if (!call.mutates || (call.took_effect && !requests_repeat_)) return false;
    // Of two that bring one token it was the one whose value is there.
    const std::uint64_t brought = call.digest != 0 ? digest(call.token) : 0;
    if (brought != 0 && brought != call.digest) return false;
    SequentialSecret state = was;
    return apply(call, digest, state) == CallEffect::Changed && state.looks_like(is);
  };
  for (const Id id : secret.pending) {
    CallGhost& call = calls_.at(id);
    if (!fits(call)) continue;
    note_effect(region(call.region), call);
    return &call;
  }
  for (const Id id : secret.maybe) {
    CallGhost& call = maybe_calls_.at(id);
    if (!fits(call)) continue;
    note_effect(region(call.region), call);
    return &call;
  }
  return nullptr;
}

bool Overseer::has_writers(const SecretGhost& secret) const {
  const auto writes = [](const CallGhost& call) {
    return call.mutates && call.request.operation_case() != Operation::kStopReplicationToReplica;
  };
  return std::any_of(secret.pending.begin(), secret.pending.end(),
                     [&](Id id) { return writes(calls_.at(id)); }) ||
         std::any_of(secret.maybe.begin(), secret.maybe.end(),
                     [&](Id id) { return writes(maybe_calls_.at(id)); });
}

void Overseer::note_effect(const RegionGhost& at, CallGhost& call) {
  call.took_effect = true;
  history(at.name, call.secret).took_effect(call.id);
  call.durable_at =
      now() + world_.simulation().context(*world_.simulation().find(at.name)).disk().sync_cost();
}

void Overseer::note_history(Lineage& line, const v1::StoredSecret& record) {
  const Snapshot snapshot = snapshot_of(record);
  if (!line.history.empty() && line.history.back().whole == snapshot.whole) return;
  line.history.push_back(snapshot);
}

}  // namespace faultline::regions
