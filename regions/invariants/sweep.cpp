// Everything once more, and what should have come to pass.
#include <algorithm>

#include "engine/simulation.h"
#include "regions/invariants/contents.h"
#include "regions/invariants/overseer.h"

namespace faultline::regions {
namespace {

constexpr std::string_view kNoAnswer =
    "Replication failed: Secret replication failed due to a network error.";

bool contains(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

}  // namespace

void Overseer::sweep() {
  for (auto& [name, at] : regions_) {
    if (!at.up || !at.open || at.tainted) continue;
    if (const auto found = read_store(at)) sweep_store(at, *found);
  }
  judge_pace(false);
}

// S01, S02, S03, S05, S08: what is read from the store is what was committed.
void Overseer::sweep_store(RegionGhost& at, const Contents& found) {
  for (auto& [name, secret] : at.secrets) {
    const auto record = found.records.find(name);
    const RecordPtr is = record == found.records.end() ? nullptr : record->second;
    const RecordPtr& was = secret.record;
    if (is == nullptr && was == nullptr) continue;
    const std::string arn = lineage_of(was != nullptr ? *was : *is);
    if (forfeited(arn)) continue;
    const bool same = is != nullptr && was != nullptr && is->revision() == was->revision() &&
                      snapshot_of(*is).whole == snapshot_of(*was).whole;
    if (!same)
      report(is_replica(was) ? Property::S05 : Property::S08, name, at.name,
             name + " in " + at.name + " is not what was committed");
    const auto values = found.values.find(name);
    for (const auto& [id, value] : secret.values) {
      if (values == found.values.end() || !values->second.contains(id))
        report(Property::S03, name, at.name,
               "the value of version " + id + " of " + name + " in " + at.name + " is gone");
    }
    if (was != nullptr) judge_labels(at, secret);
    judge_equality(at, secret);
  }
  for (const auto& [name, record] : found.records) {
    if (!at.secrets.contains(name))
      report(Property::S09, name, at.name,
             name + " is in " + at.name + ", and nobody put it there");
  }
}

// ---- the end ------------------------------------------------------------------------------------

bool Overseer::is_alive(const EndState& end, std::string_view region) const {
  const auto& dead = end.dead_regions;
  const auto at = regions_.find(region);
  return at != regions_.end() && at->second.up && at->second.open &&
         std::find(dead.begin(), dead.end(), region) == dead.end();
}

bool Overseer::at_rest() {
  const auto pending = world_.simulation().pending();
  return std::all_of(pending.begin(), pending.end(), [](const engine::EventDescription& event) {
    return event.kind == engine::EventClass::Timer &&
           event.urgency == engine::TimerClass::Background;
  });
}

// L01, L02, L03, L04, L05, S31, S35
void Overseer::at_end(const EndState& end) {
  sweep();
  scan_disks();
  const bool rests = at_rest();
  if (end.settled) {
    hold(Property::L05);
    // Faults may have come after the healing: nothing is owed in that time.
    const bool disturbed = faults_in_force_ > 0 || clear_since_ > settled_at_;
    if (!end.came_to_rest && !rests && !disturbed)
      report(Property::L05, {}, {},
             "everything was healed, and the world does not come to rest within " +
                 engine::format_duration(end.bound));
  }
  if (rests) judge_unanswered();
  for (auto& [name, at] : regions_) {
    if (!is_alive(end, name)) continue;
    for (auto& [secret_name, secret] : at.secrets) {
      for (const auto& [key, link] : secret.links) {
        if (forfeited(std::get<1>(key))) continue;
        const bool attached = link.record.phase() == v1::StoredLink::ATTACHED;
        const bool stuck = attached && link.record.status() == v1::StoredLink::InProgress;
        if (stuck && rests && slow_faults_ == 0) {
          hold(Property::L02);
          report(Property::L02, secret_name, std::get<0>(key),
                 "replication of " + secret_name + " to " + std::get<0>(key) +
                     " is InProgress, and nothing is under way any more");
        }
        if (end.settled) judge_end_of_link(end, at, secret, link);
      }
    }
  }
  if (end.settled && rests) judge_orphans(end);
  judge_order();
}

// S31, from what clients were told alone. The order of the commits is where the search begins:
// where all is well it is found at once.
void Overseer::judge_order() {
  if (requests_repeat_) return;
  for (const auto& [place, history] : histories_) {
    if (history.calls().size() < 2) continue;
    const Linearization order = linearize(history);
    if (order.verdict == Linearization::Verdict::NotJudged) continue;
    hold(Property::S31);
    if (order.counterexample)
      report(Property::S31, place.second, place.first,
             place.second + " in " + place.first + ": " + order.counterexample->found);
  }
}

// S35
void Overseer::judge_unanswered() {
  for (const auto& [id, call] : calls_) {
    const RegionGhost& at = region(call.region);
    if (at.up && slow_faults_ == 0)
      report(Property::S35, call.secret, call.region,
             "call " + std::to_string(id) + " on " + call.secret + " in " + call.region +
                 " was never answered");
  }
}

void Overseer::judge_end_of_link(const EndState& end, RegionGhost& at, SecretGhost& secret,
                                 const LinkGhost& ghost) {
  const v1::StoredLink& link = ghost.record;
  if (!is_alive(end, link.region()) || regions_.find(link.region())->second.tainted) return;
  const std::string what = "replication of " + secret.name + " to " + link.region();
  if (link.phase() == v1::StoredLink::REMOVING) {
    hold(Property::L04);
    if (now() - std::max(settled_at_, clear_since_) >= end.bound && faults_in_force_ == 0)
      report(Property::L04, secret.name, link.region(),
             link.region() + " was removed from " + secret.name + " and has never confirmed it");
    return;
  }
  if (is_promoted_there(link) || !world_.account().is_enabled(link.region())) return;
  hold(Property::L01);
  if (link.status() == v1::StoredLink::InProgress)
    return report(Property::L01, secret.name, link.region(),
                  what + " is still InProgress after everything was healed");
  if (link.status() == v1::StoredLink::InSync) {
    const std::string gap = difference(at, secret, link);
    if (gap.empty()) return;
    report(Property::S07, secret.name, link.region(),
           at.name + " says that " + link.region() + " is InSync, and " + gap);
    return report(Property::L01, secret.name, link.region(),
                  what + " is not equal after everything was healed: " + gap);
  }
  // Failed: it stays so until someone asks again.
  if (faults_in_force_ > 0 || ghost.begun < std::max(settled_at_, clear_since_)) return;
  hold(Property::L03);
  if (cause_is_gone(at, secret, link))
    report(Property::L03, secret.name, link.region(),
           what + " was asked for again after everything was healed, and Failed: " +
               link.status_message());
}

// Whether what the status names is no longer so, as far as can be told for certain.
bool Overseer::cause_is_gone(const RegionGhost& at, const SecretGhost& secret,
                             const v1::StoredLink& link) {
  const std::string& text = link.status_message();
  if (text == kNoAnswer || contains(text, "is not enabled")) return true;
  const auto& there = regions_.find(link.region())->second;
  const auto copy = there.secrets.find(secret.name);
  const bool taken =
      copy != there.secrets.end() && copy->second.record != nullptr &&
      (!is_replica(copy->second.record) || lineage_of(*copy->second.record) != link.secret_arn());
  if (contains(text, "already exists") || contains(text, "different arn")) return !taken;
  if (taken) return false;
  const auto usable = [&](const std::string& region, const std::string& key, const char* action) {
    kms::Kms& keys = world_.kms(region);
    const auto described = keys.describe_key(key);
    const kms::Caller caller{.principal_arn = link.principal_arn(),
                             .via_service = "secretsmanager." + region + ".amazonaws.com"};
    return described && described->is_usable() &&
           keys.authorize(caller, key, action).has_value();
  };
  const std::string key =
      link.kms_key_id().empty() ? std::string(kms::kManagedAlias) : link.kms_key_id();
  if (!usable(link.region(), key, "kms:GenerateDataKey")) return false;
  return std::all_of(secret.values.begin(), secret.values.end(), [&](const auto& value) {
    const auto& arns = value.second.key_arns;
    return std::any_of(arns.begin(), arns.end(),
                       [&](const std::string& arn) { return usable(at.name, arn, "kms:Decrypt"); });
  });
}

// L04: a replica that no primary knows of.
void Overseer::judge_orphans(const EndState& end) {
  for (const auto& [name, at] : regions_) {
    if (!is_alive(end, name)) continue;
    for (const auto& [secret_name, copy] : at.secrets) {
      if (!is_replica(copy.record)) continue;
      const std::string arn = lineage_of(*copy.record);
      const std::string& home = copy.record->primary_region();
      if (forfeited(arn) || !is_alive(end, home)) continue;
      hold(Property::L04);
      const auto& primary = regions_.find(home)->second;
      const auto secret = primary.secrets.find(secret_name);
      const bool known =
          secret != primary.secrets.end() &&
          std::any_of(secret->second.links.begin(), secret->second.links.end(),
                      [&, &region = name](const LinkEntry& link) {
                        return std::get<0>(link.first) == region && std::get<1>(link.first) == arn;
                      });
      if (!known)
        report(
            Property::L04, secret_name, name,
            name + " holds a replica of " + secret_name + " of which " + home + " does not know");
    }
  }
}

}  // namespace faultline::regions
