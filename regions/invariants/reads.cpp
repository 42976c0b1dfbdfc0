// What clients read, and in which order.
#include <algorithm>

#include "engine/hash.h"
#include "regions/invariants/overseer.h"
#include "regions/staging_labels.h"

namespace faultline::regions {

// S18, S29, S31, S32, S33, S04
void Overseer::judge_read(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                          const v1::GetSecretValueResponse& response) {
  const v1::GetSecretValueRequest& request = call.request.get_secret_value();
  const std::string what =
      "version " + response.version_id() + " of " + secret.name + " in " + at.name;
  hold(Property::S31);
  const std::string label =
      request.has_version_stage() ? request.version_stage() : std::string(kCurrent);
  const StateSeen* seen = nullptr;
  bool always_scheduled = true;
  for (const StateSeen& state : secret.states) {
    if (state.number < call.state || state.record == nullptr) continue;
    always_scheduled &= state.record->has_deletion_unix_ns();
    if (state.record->has_deletion_unix_ns() || !names(call, state.record)) continue;
    const v1::VersionInfo* version = find_version(*state.record, response.version_id());
    if (version == nullptr) continue;
    if (request.has_version_id() && request.version_id() != response.version_id()) continue;
    const bool by_label = !request.has_version_id() || request.has_version_stage();
    if (by_label && !has_label(*version, label)) continue;
    if (!std::equal(version->stages().begin(), version->stages().end(),
                    response.version_stages().begin(), response.version_stages().end()))
      continue;
    seen = &state;
    break;
  }
  const bool lost =
      at.tainted || (secret.record != nullptr && forfeited(lineage_of(*secret.record)));
  if (secret.record != nullptr && secret.record->has_deletion_unix_ns()) hold(Property::S18);
  if (seen == nullptr && !lost) {
    const bool hidden = secret.record != nullptr && always_scheduled;
    return report(hidden ? Property::S18 : Property::S31, secret.name, at.name,
                  hidden ? what + " was read while the secret was scheduled for deletion"
                         : what + " was read, and the region was in no such state during the call");
  }
  const std::uint64_t use = engine::hash64([&] {
    std::string text;
    for (const std::string_view piece :
         {std::string_view(at.name), std::string_view(call.principal),
          std::string_view(response.arn()), std::string_view(response.version_id())}) {
      text += piece;
      text += '\0';
    }
    return text;
  }());
  hold(Property::S29);
  const auto used = kms_uses_.find(use);
  if (used == kms_uses_.end() || used->second <= call.kms_uses)
    report(Property::S29, secret.name, at.name, what + " was given out without asking KMS");
  if (seen == nullptr) return;
  const std::uint64_t digest = response.has_secret_binary()
                                   ? digest_of(v1::StoredVersion::BINARY, response.secret_binary())
                                   : digest_of(v1::StoredVersion::STRING, response.secret_string());
  const std::uint64_t known = digest_in(lineage_of(*seen->record), response.version_id());
  hold(Property::S04);
  const auto held = secret.values.find(response.version_id());
  const std::uint64_t wanted = held != secret.values.end() ? held->second.digest : known;
  if (wanted != 0 && digest != wanted && !lost && secret.roles == call.roles)
    report(Property::S04, secret.name, at.name, what + " was read with another value than it has");
  if (label == kCurrent && !request.has_version_id())
    judge_session(at, call, seen->record, &Snapshot::current,
                  engine::hash64(response.version_id()));
}

// S32, S33
void Overseer::judge_session(RegionGhost& at, const CallGhost& call, const RecordPtr& state,
                             std::uint64_t Snapshot::*part, std::uint64_t value) {
  const std::string arn = lineage_of(*state);
  const auto line = lineages_.find(arn);
  if (line == lineages_.end() || line->second.forfeited || at.tainted || arn != call.lineage)
    return;
  const auto& history = line->second.history;
  const auto at_or_after = [&](std::size_t from) -> std::optional<std::size_t> {
    for (std::size_t index = from; index < history.size(); ++index) {
      if (history[index].*part == value) return index;
    }
    return std::nullopt;
  };
  const auto ever = at_or_after(0);
  if (!ever) return;
  const std::string what = call.secret + " in " + at.name;
  hold(Property::S32);
  const auto since_read = at_or_after(call.session_floor);
  if (!since_read) {
    return report(Property::S32, call.secret, at.name,
                  call.principal + " read an older state of " + what + " than before");
  }
  std::size_t& floor = sessions_[{call.principal, at.name, arn}];
  floor = std::max(floor, *since_read);
  if (call.told_floor == 0 || !is_replica(state)) return;
  hold(Property::S33);
  if (!at_or_after(call.told_floor))
    report(Property::S33, call.secret, at.name,
           "a client was told that " + at.name + " is InSync, and read an older state of " +
               call.secret + " there");
}

// S31
void Overseer::judge_list(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                          const v1::ListSecretVersionIdsResponse& response) {
  const v1::ListSecretVersionIdsRequest& request = call.request.list_secret_version_ids();
  // Pages are of more than one instant.
  if (request.has_next_token() || response.has_next_token()) return;
  if (at.tainted || (secret.record != nullptr && forfeited(lineage_of(*secret.record)))) return;
  hold(Property::S31);
  const auto is_so = [&](const RecordPtr& record) {
    if (!names(call, record)) return false;
    const auto& versions = record->versions();
    const auto listed =
        std::count_if(versions.begin(), versions.end(), [&](const v1::VersionInfo& version) {
          return version.stages_size() > 0 || request.include_deprecated();
        });
    const auto is_there = [&](const v1::SecretVersionsListEntry& entry) {
      const v1::VersionInfo* version = find_version(*record, entry.version_id());
      return version != nullptr &&
             std::equal(version->stages().begin(), version->stages().end(),
                        entry.version_stages().begin(), entry.version_stages().end());
    };
    return listed == response.versions_size() &&
           std::all_of(response.versions().begin(), response.versions().end(), is_there);
  };
  const bool was_so = std::any_of(
      secret.states.begin(), secret.states.end(),
      [&](const StateSeen& state) { return state.number >= call.state && is_so(state.record); });
  if (!was_so)
    report(Property::S31, secret.name, at.name,
           "the versions of " + secret.name + " in " + at.name +
               " were listed as they were at no instant of the call");
}

// S19, S31, S32, S33
void Overseer::judge_description(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                                 const v1::DescribeSecretResponse& response) {
  hold(Property::S31);
  const StateSeen* seen = nullptr;
  for (const StateSeen& state : secret.states) {
    if (state.number < call.state || !names(call, state.record)) continue;
    if (state.record->description() != response.description()) continue;
    if (state.record->has_deletion_unix_ns() != response.has_deleted_date()) continue;
    int labelled = 0;
    bool same = true;
    for (const v1::VersionInfo& version : state.record->versions()) {
      if (version.stages_size() == 0) continue;
      ++labelled;
      const auto told = response.version_ids_to_stages().find(version.version_id());
      same &= told != response.version_ids_to_stages().end() &&
              told->second.values_size() == version.stages_size();
      for (int i = 0; same && i < version.stages_size(); ++i)
        same &= told->second.values(i).string_value() == version.stages(i);
    }
    if (!same || labelled != static_cast<int>(response.version_ids_to_stages().size())) continue;
    seen = &state;
    break;
  }
  for (const v1::ReplicationStatusType& replica : response.replication_status()) {
    if (replica.status() != "Failed") continue;
    hold(Property::S19);
    if (replica.status_message().empty())
      report(Property::S19, secret.name, replica.region(),
             replica.region() + " is Failed in " + secret.name + ", and clients are not told why");
  }
  const bool lost =
      at.tainted || (secret.record != nullptr && forfeited(lineage_of(*secret.record)));
  if (lost) return;
  if (seen == nullptr)
    return report(
        Property::S31, secret.name, at.name,
        secret.name + " in " + at.name + " was described as it was at no instant of the call");
  const Snapshot shown = snapshot_of(*seen->record);
  judge_session(at, call, seen->record, &Snapshot::whole, shown.whole);
  if (is_replica(seen->record)) return;
  const auto line = lineages_.find(seen->record->arn());
  if (line == lineages_.end()) return;
  const auto& history = line->second.history;
  for (const v1::ReplicationStatusType& replica : response.replication_status()) {
    if (replica.status() != "InSync") continue;
    for (std::size_t index = call.session_floor; index < history.size(); ++index) {
      if (history[index].whole != shown.whole) continue;
      std::size_t& told = line->second.told[replica.region()];
      told = std::max(told, index);
      break;
    }
  }
}

}  // namespace faultline::regions
