// What a store holds when it is opened again, and faults: what may be lost by them, and what not.
#include <algorithm>
#include <array>

#include "engine/fault_injector.h"
#include "engine/simulation.h"
#include "regions/invariants/contents.h"
#include "regions/invariants/overseer.h"

namespace faultline::regions {
namespace {

// Of messages between regions: they add no time that the bounds do not know of.
constexpr std::array kNetworkKinds = {
    "cut",          "isolate", "degrade",          "drop_next",    "delay_next",     "clog",
    "swizzle_clog", "flap",    "reset_connection", "corrupt_next", "duplicate_next", "late_ghost",
    "replica_lag"};
// Of the regions: likewise.
constexpr std::array kTimelyKinds = {"crash",
                                     "clock",
                                     "clock_skew",
                                     "region_disabled",
                                     "key_denied",
                                     "key_disabled",
                                     "key_deleted",
                                     "key_pending_deletion",
                                     "kms_unavailable",
                                     "kms_throttled",
                                     "grant_revoked",
                                     "wrong_key",
                                     "key_rotated",
                                     "context_mismatch",
                                     "replica_key_missing",
                                     "clients_cut",
                                     "api_throttled",
                                     "api_fails",
                                     "api_fails_after",
                                     "reply_lost",
                                     "duplicate_requests",
                                     "control_plane_down"};

template <class Kinds>
bool is_one_of(const Kinds& kinds, const std::string& kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool is_slow(const v1::Fault& fault) {
  const std::string kind = engine::fault_kind(fault);
  return !is_one_of(kNetworkKinds, kind) && !is_one_of(kTimelyKinds, kind);
}

bool lies(const v1::DiskFault& disk) {
  return disk.lying_sync() || disk.bit_rot() > 0 || disk.misdirected_writes() > 0 ||
         disk.lose_renames();
}

bool is_same(const RecordPtr& one, const RecordPtr& other) {
  if (one == nullptr || other == nullptr) return one == other;
  return one->revision() == other->revision() && one->arn() == other->arn() &&
         one->role() == other->role() && one->generation() == other->generation() &&
         snapshot_of(*one).whole == snapshot_of(*other).whole;
}

}  // namespace

bool is_local(const v1::Fault& fault) {
  return !is_one_of(kNetworkKinds, engine::fault_kind(fault));
}

// ---- faults -------------------------------------------------------------------------------------

void Overseer::on_fault(const v1::Fault& fault, bool begins) {
  forfeit_by(fault);
  const auto active = world_.simulation().faults().active();
  faults_in_force_ = active.size();
  slow_faults_ = static_cast<std::size_t>(
      std::count_if(active.begin(), active.end(),
                    [](const engine::ActiveFault& entry) { return is_slow(entry.fault); }));
  clear_since_ = now();
  if (is_slow(fault)) well_since_ = now();
  if (is_local(fault)) local_trouble_ = now();
  const std::string kind = engine::fault_kind(fault);
  requests_repeat_ |= begins && kind == "duplicate_requests";
  keys_are_odd_ |= begins && (kind == "wrong_key" || kind == "context_mismatch" ||
                              kind == "kms_timeout" || kind == "grant_revoked");
}

// A disk that lies, or that changes behind the store's back.
void Overseer::forfeit_by(const v1::Fault& fault) {
  if (fault.has_disk() && lies(fault.disk())) {
    const auto at = regions_.find(fault.disk().region());
    if (at == regions_.end()) return;
    at->second.tainted = true;
    end_histories(at->first);
    forfeit_region(at->first);
  }
  for (const std::string& name : {fault.wipe().region(), fault.old_backup().region()}) {
    const auto at = regions_.find(name);
    if (at == regions_.end()) continue;
    at->second.replaced = true;
    end_histories(name);
    forfeit_region(name);
  }
}

void Overseer::forfeit_region(const std::string& name) {
  for (auto& [arn, line] : lineages_) line.forfeited |= line.region == name;
  // What it knew of replicas that are gone, its tombstones, is gone, too.
  const RegionGhost& lost = region(name);
  for (const auto* known : {&lost.removed, &lost.promoted, &lost.stones}) {
    for (const auto& [arn, generation] : *known) {
      const auto line = lineages_.find(arn);
      if (line != lineages_.end()) line->second.forfeited = true;
    }
  }
  for (auto& [region_name, at] : regions_) {
    for (auto& [secret_name, secret] : at.secrets) {
      if (region_name == name && secret.record != nullptr)
        lineage(lineage_of(*secret.record), region_name, secret_name).forfeited = true;
      for (const auto& [key, link] : secret.links) {
        if (std::get<0>(key) == name)
          lineage(std::get<1>(key), region_name, secret_name).forfeited = true;
      }
    }
  }
}

// ---- lives --------------------------------------------------------------------------------------

void Overseer::on_life(std::string_view name, bool up) {
  RegionGhost& at = region(name);
  at.up = up;
  at.open = false;
}

void Overseer::on_store(std::string_view name, bool open) {
  RegionGhost& at = region(name);
  at.open = open;
  if (!open) return;
  ++at.openings;
  if (const auto found = read_store(at)) {
    if (at.tainted || at.replaced) {
      adopt(at, *found);
    } else {
      compare_opened(at, *found);
    }
    at.replaced = false;
    at.has_lost = false;
  }
  // What is there now is durable; what was under way begins anew.
  for (auto& [secret_name, secret] : at.secrets) {
    secret.unsynced = false;
    secret.durable_at = now();
    for (auto& [key, link] : secret.links) {
      link.since = now();
      link.kms_errors = at.kms_errors;
      LinkTalk& said = talks_[key];
      said.offers_since = said.allowed_more = 0;
      said.ack_heard = 0;
      said.refusals.clear();
    }
  }
}

std::optional<Overseer::Contents> Overseer::read_store(const RegionGhost& at) {
  Region* const actor = world_.region(at.name);
  if (actor == nullptr || !actor->secret_store().is_open()) return std::nullopt;
  Contents contents;
  const auto read = actor->secret_store().scan([&](std::string_view key, std::string_view value) {
    // Some other record, of the store's own.
    if (key.size() < 2 || key[1] != '/') return true;
    if (key.size() < 2) return true;  // the format of the store
    const std::size_t end = key.find('\0');
    std::string name(key.substr(2, end == std::string_view::npos ? end : end - 2));
    const int size = static_cast<int>(value.size());
    if (key.starts_with("s/")) {
      auto record = std::make_shared<v1::StoredSecret>();
      if (record->ParseFromArray(value.data(), size)) contents.records[name] = std::move(record);
    } else if (key.starts_with("v/")) {
      contents.values[name][std::string(key.substr(end + 1))] = value;
    } else if (key.starts_with("l/")) {
      v1::StoredLink link;
      if (!link.ParseFromArray(value.data(), size)) return true;
      LinkKey id{link.region(), link.secret_arn(), link.generation()};
      contents.links[name].emplace(std::move(id), std::move(link));
    } else if (key.starts_with("t/")) {
      v1::StoredTombstone stone;
      if (stone.ParseFromArray(value.data(), size))
        contents.stones[stone.secret_arn()] = stone.generation();
    }
    return true;
  });
  if (!read) return std::nullopt;
  return contents;
}

// Takes what is there as it is.
void Overseer::adopt(RegionGhost& at, const Contents& found) {
  at.promoted.clear();
  at.removed.clear();
  at.removals_heard.clear();
  at.stones = found.stones;
  for (const auto& [name, record] : found.records) secret(at, name);
  for (const auto& [name, links] : found.links) secret(at, name);
  for (auto& [name, secret] : at.secrets) {
    const auto record = found.records.find(name);
    const RecordPtr is = record == found.records.end() ? nullptr : record->second;
    if (is_replica(secret.record) != is_replica(is)) ++secret.roles;
    push_state(secret, is);
    secret.values.clear();
    secret.links.clear();
    secret.index = 0;
    if (is != nullptr) lineage(lineage_of(*is), at.name, name).forfeited = true;
    if (const auto values = found.values.find(name);
        values != found.values.end() && is != nullptr) {
      for (const auto& [id, bytes] : values->second) {
        v1::StoredVersion stored;
        if (!stored.ParseFromString(bytes)) continue;
        secret.values[id].digest = keys_.open(at.name, is->arn(), id, stored).digest;
      }
    }
    if (const auto links = found.links.find(name); links != found.links.end()) {
      for (const auto& [key, link] : links->second) {
        secret.links[key].record = link;
        lineage(std::get<1>(key), at.name, name).forfeited = true;
      }
    }
  }
}

// S03, S06, S07, S08, S13, S15, S18: what was committed is there, or that and the commit whose
// outcome was not known.
void Overseer::compare_opened(RegionGhost& at, const Contents& found) {
  for (const auto& [name, record] : found.records) secret(at, name);
  for (const auto& [name, links] : found.links) secret(at, name);
  for (auto& [name, secret] : at.secrets) {
    const auto record = found.records.find(name);
    const RecordPtr is = record == found.records.end() ? nullptr : record->second;
    const auto values = found.values.find(name);
    static const std::map<std::string, std::string> kNone;
    const auto& stored = values == found.values.end() ? kNone : values->second;
    const bool same = is_same(secret.record, is);
    const RecordPtr before = secret.record;
    if (!same && !at.has_lost) judge_recovered(at, secret, is);
    for (const auto& [id, bytes] : stored) {
      if (!secret.values.contains(id) || (at.has_lost && !same))
        take_value(at, secret, is.get(), id, bytes);
    }
    std::erase_if(secret.values, [&](const auto& value) { return !stored.contains(value.first); });
    const auto links = found.links.find(name);
    static const std::map<LinkKey, v1::StoredLink> kNoLinks;
    const auto& there = links == found.links.end() ? kNoLinks : links->second;
    for (const auto& [key, link] : there) {
      const auto known = secret.links.find(key);
      const bool as_known = known != secret.links.end() &&
                            status_of(&known->second.record) == status_of(&link) &&
                            known->second.record.target_sequence() == link.target_sequence();
      if (as_known) continue;
      if (!at.has_lost && !forfeited(link.secret_arn()))
        report(Property::S08, name, link.region(),
               at.name + " forgot what it owes " + link.region() + " in " + name);
      secret.links[key].record = link;
      ++secret.links[key].written;
    }
    // By its own name: clang 14 captures no structured binding.
    std::erase_if(secret.links, [&, &owner = name](const LinkEntry& link) {
      if (there.contains(link.first)) return false;
      if (!at.has_lost && !forfeited(std::get<1>(link.first)))
        report(Property::S08, owner, std::get<0>(link.first),
               at.name + " forgot that " + std::get<0>(link.first) + " replicates " + owner);
      return true;
    });
    if (same) {
      if (secret.record != nullptr) judge_labels(at, secret);
    } else if (at.has_lost) {
      secret.links_erased = 0;
      take_record(at, secret, is);
    } else {
      push_state(secret, is);
      if (is != nullptr) judge_labels(at, secret);
    }
  }
  for (const auto& [arn, generation] : at.stones) {
    const auto stone = found.stones.find(arn);
    const bool kept = stone != found.stones.end() && stone->second >= generation;
    if (!kept && !at.has_lost && !forfeited(arn))
      report(Property::S15, {}, at.name,
             at.name + " forgot that a replica of " + arn + " was removed");
  }
  for (const auto& [arn, generation] : found.stones) {
    for (auto* known : {&at.removed, &at.stones}) {
      std::uint64_t& removed = (*known)[arn];
      removed = std::max(removed, generation);
    }
  }
}

void Overseer::judge_recovered(RegionGhost& at, SecretGhost& secret, const RecordPtr& found) {
  const RecordPtr& was = secret.record;
  const std::string place = secret.name + " in " + at.name;
  const std::string& arn = lineage_of(was != nullptr ? *was : *found);
  if (forfeited(arn)) return;
  if (was == nullptr) {
    return report(is_replica(found) ? Property::S15 : Property::S18, secret.name, at.name,
                  place + " was gone, and is there again since the store was opened");
  }
  if (was->role() == v1::Replica) {
    bool promised = false;
    for (const auto& [name, other] : regions_) {
      const auto primary = other.secrets.find(secret.name);
      if (primary == other.secrets.end()) continue;
      const auto link = primary->second.links.find({at.name, arn, was->generation()});
      promised |= link != primary->second.links.end() &&
                  link->second.record.status() == v1::StoredLink::InSync;
    }
    return report(promised ? Property::S07 : Property::S06, secret.name, at.name,
                  place + " lost a state that it had committed");
  }
  const bool demoted = is_replica(found);
  report(demoted ? Property::S13 : Property::S08, secret.name, at.name,
         place + (demoted ? " was promoted, and is a replica again since the store was opened"
                          : " lost a change that was committed"));
}

}  // namespace faultline::regions
