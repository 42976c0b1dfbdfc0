#include "regions/replication/judgement.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "regions/arn.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

Judgement refuse(v1::RefusalReason reason, std::string message) {
  return {Verdict::Refuse, reason, std::move(message)};
}

Judgement name_exists(const v1::Replicate& offer, const std::string& region) {
  return refuse(v1::NAME_EXISTS, "Replication failed: Secret name " + offer.link().secret_name() +
                                     " already exists in region " + region + ".");
}

Judgement link_removed() {
  return refuse(v1::LINK_REMOVED, "Replication failed: The region was removed from replication.");
}

// The sequence at which the newest value was written.
std::uint64_t newest_value(const v1::Replicate& offer) {
  std::uint64_t newest = 0;
  for (const v1::ReplicatedVersion& version : offer.versions())
    newest = std::max(newest, version.info().sequence());
  return newest;
}
std::uint64_t newest_value(const v1::StoredSecret& secret) {
  std::uint64_t newest = 0;
  for (const v1::VersionInfo& version : secret.versions())
    newest = std::max(newest, version.sequence());
  return newest;
}

// Whether what is held is as new as the offer, both of one link.
bool is_known(const v1::Replicate& offer, const v1::StoredSecret& held, Defects defects) {
  // D01: whatever comes is news.
  if (defects.has(Defect::D01)) return false;
  // D03: only a value makes news.
  if (defects.has(Defect::D03)) return newest_value(offer) <= newest_value(held);
  // D04: a swap is an operation, and every delivery carries it out.
  if (defects.has(Defect::D04) && offer.sequence() == held.sequence() && is_a_swap(offer))
    return false;
  return offer.sequence() <= held.sequence();
}

Judgement judge_against_replica(const v1::Replicate& offer, const std::string& region,
                                const v1::StoredSecret& held, Defects defects) {
  const v1::LinkId& link = offer.link();
  if (primary_arn(held) != link.secret_arn()) {
    return refuse(v1::OTHER_LINEAGE, "Replication failed: Secret name " + link.secret_name() +
                                         " is currently replicated to " + region +
                                         " with a different arn");
  }
  if (link.generation() < held.generation()) return link_removed();
  if (link.generation() == held.generation() && is_known(offer, held, defects))
    return {Verdict::Known, {}, {}};
  return {};
}

// Whether what is held is a promoted replica of the link that the offer comes by, or of a later one.
bool is_fenced(const v1::Replicate& offer, const std::string& region,
               const v1::StoredSecret& held) {
  return held.role() != v1::Replica &&
         arn_in_region(offer.link().secret_arn(), region) == held.arn() &&
         offer.link().generation() <= held.fenced_generation();
}

Judgement judge_against_standalone(const v1::Replicate& offer, const std::string& region,
                                   const v1::StoredSecret& held, bool held_has_replicas,
                                   Defects defects) {
  if (is_fenced(offer, region, held)) {
    // D05: no fence.
    if (defects.has(Defect::D05)) return {};
    return refuse(v1::FENCED,
                  "Replication failed: The replica was promoted to a standalone secret.");
  }
  const bool may_overwrite =
      offer.force_overwrite() && !held_has_replicas && !held.has_deletion_unix_ns();
  return may_overwrite ? Judgement{} : name_exists(offer, region);
}

}  // namespace

bool is_a_swap(const v1::Replicate& offer) {
  std::uint64_t current = 0;
  std::uint64_t previous = 0;
  for (const v1::ReplicatedVersion& version : offer.versions()) {
    if (has_label(version.info(), kCurrent)) current = version.info().sequence();
    if (has_label(version.info(), kPrevious)) previous = version.info().sequence();
  }
  return current != 0 && current < previous;
}

std::string primary_arn(const v1::StoredSecret& replica) {
  return arn_in_region(replica.arn(), replica.primary_region());
}

Judgement judge(const v1::Replicate& offer, const std::string& region, bool region_enabled,
                const v1::StoredSecret* held, bool held_has_replicas,
                const std::optional<v1::StoredTombstone>& tombstone, Defects defects) {
  if (!region_enabled) {
    return refuse(v1::REGION_NOT_ENABLED,
                  "Replication failed: Region " + region + " is not enabled for this account.");
  }
  const bool is_ghost = tombstone && offer.link().generation() <= tombstone->generation();
  // What was promoted says so; its tombstone is for the time when it is deleted.
  if (is_ghost && (held == nullptr || !is_fenced(offer, region, *held))) return link_removed();
  if (held == nullptr) return {};
  return held->role() == v1::Replica
             ? judge_against_replica(offer, region, *held, defects)
             : judge_against_standalone(offer, region, *held, held_has_replicas, defects);
}

}  // namespace faultline::regions
