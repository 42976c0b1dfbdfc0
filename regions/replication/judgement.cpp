#include "regions/replication/judgement.h"

#include <utility>

#include "regions/arn.h"

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

Judgement judge_against_replica(const v1::Replicate& offer, const std::string& region,
                                const v1::StoredSecret& held) {
  const v1::LinkId& link = offer.link();
  if (primary_arn(held) != link.secret_arn()) {
    return refuse(v1::OTHER_LINEAGE, "Replication failed: Secret name " + link.secret_name() +
                                         " is currently replicated to " + region +
                                         " with a different arn");
  }
  if (link.generation() < held.generation()) return link_removed();
  if (link.generation() == held.generation() && offer.sequence() <= held.sequence())
    return {Verdict::Known, {}, {}};
  return {};
}

Judgement judge_against_standalone(const v1::Replicate& offer, const std::string& region,
                                   const v1::StoredSecret& held, bool held_has_replicas) {
  const bool was_its_replica = arn_in_region(offer.link().secret_arn(), region) == held.arn();
  if (was_its_replica && offer.link().generation() <= held.fenced_generation()) {
    return refuse(v1::FENCED,
                  "Replication failed: The replica was promoted to a standalone secret.");
  }
  const bool may_overwrite =
      offer.force_overwrite() && !held_has_replicas && !held.has_deletion_unix_ns();
  return may_overwrite ? Judgement{} : name_exists(offer, region);
}

}  // namespace

std::string primary_arn(const v1::StoredSecret& replica) {
  return arn_in_region(replica.arn(), replica.primary_region());
}

Judgement judge(const v1::Replicate& offer, const std::string& region, bool region_enabled,
                const v1::StoredSecret* held, bool held_has_replicas,
                const std::optional<v1::StoredTombstone>& tombstone) {
  if (!region_enabled) {
    return refuse(v1::REGION_NOT_ENABLED,
                  "Replication failed: Region " + region + " is not enabled for this account.");
  }
  if (tombstone && offer.link().generation() <= tombstone->generation()) return link_removed();
  if (held == nullptr) return {};
  return held->role() == v1::Replica
             ? judge_against_replica(offer, region, *held)
             : judge_against_standalone(offer, region, *held, held_has_replicas);
}

}  // namespace faultline::regions
