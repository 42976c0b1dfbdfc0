#include "regions/invariants/property.h"

namespace faultline::regions {
namespace {

using enum Property;

constexpr std::array<PropertyInfo, kProperties> kTable = {
    {
     {S01, "S01", "ExactlyOneCurrent",
         "A secret that has versions has AWSCURRENT on exactly one of them, in every region.",
         "A client that asks for the current value must get one, and only one."},
     {S02, "S02", "LabelsFunctional",
         "A staging label is on at most one version, a secret has at most 20, and AWSPREVIOUS is "
         "never where AWSCURRENT is.",
         "Rotation reads labels as names; a name that means two things means nothing."},
     {S03, "S03", "NoDanglingLabel",
         "A labelled version has its value in the store, after a crash too.",
         "A label without a value is a secret that is listed and cannot be read."},
     {S04, "S04", "VersionImmutable",
         "A version of a secret has one value for ever, and the same in every region.",
         "Clients cache by version id; a value that changes under it is two truths."},
     {S05, "S05", "ReplicaIsHistory",
         "A replica holds a state that its primary once committed, whole, never a mix.",
         "A password of today with a label of yesterday locks everyone out."},
     {S06, "S06", "ReplicaMonotone",
         "A replica never goes back to an older state of its primary.",
         "A retired password that comes back is an outage, or a breach."},
     {S07, "S07", "InSyncMeansEqual",
         "Where a primary says InSync, the replica durably holds the primary's newest state.",
         "InSync is what people look at before they fail over."},
     {S08, "S08", "AckedDurable",
         "What a client was told is done is durable, and stays until a client changes it.",
         "An acknowledged change that is gone is worse than one that was refused."},
     {S09, "S09", "NoPhantom",
         "Every version was asked for by a client, and not by a call that was told it had "
         "failed.",
         "A value nobody wrote cannot be explained, revoked or trusted."},
     {S10, "S10", "TokenIdempotent",
         "A ClientRequestToken makes one version: asked again with the same value nothing "
         "changes and the answer is the same; with another value it is refused.",
         "Clients repeat what was not answered; a repetition must not be a second change."},
     {S11, "S11", "OnePrimaryPerLineage",
         "A secret can be written in one region only; a replica becomes a secret of its own only "
         "when a client asks for it.",
         "Two primaries of one secret are two histories that nobody can merge."},
     {S12, "S12", "PromotedFenced",
         "What the old primary still sends changes nothing at a replica that was promoted.",
         "After a failover the old region must not be able to write over the new one."},
     {S13, "S13", "PromoteDurable", "A promotion that was acknowledged survives every crash.",
         "A promoted secret that falls back to a replica loses what was written to it since."},
     {S14, "S14", "ReplicaReadOnly",
         "Clients cannot change a replica, except to promote it or to change its own key.",
         "A change that the primary does not know of is lost with the next snapshot."},
     {S15, "S15", "NoResurrection",
         "A replica that was removed does not come back by a late message.",
         "Deleted credentials that reappear are found by those who should not have them."},
     {S16, "S16", "NoIncarnationMixing",
         "Messages of an earlier or later link change neither this link nor its replica.",
         "A region that is removed and added again must not be answered for by its past."},
     {S17, "S17", "DeleteGuard", "A secret that still has replica regions cannot be deleted.",
         "Its replicas would be left behind, readable and without an owner."},
     {S18, "S18", "RecoveryWindow",
         "A secret that is scheduled for deletion goes at its deletion date and not before, and "
         "is not readable until it is restored.",
         "The window is the only way back from a deletion by mistake."},
     {S19, "S19", "FailedHasReason",
         "A replica that is Failed has a status message that says why.",
         "Without the reason nobody can put it right."},
     {S20, "S20", "FailedIsRetriable",
         "Asking again for a replica that is Failed starts it again.",
         "Else the only way on is to remove it and lose it."},
     {S21, "S21", "StatusTruthful",
         "A replica is Failed only if the last attempt to bring it the newest state failed, and "
         "of the cause that is told.",
         "People mend what the status tells them is broken."},
     {S22, "S22", "LegalTransitions",
         "A link's status changes only as the protocol's tables allow.",
         "A step that is not in the table is a step that nobody has thought through."},
     {S23, "S23", "FailureCleanup",
         "A region whose first copy failed holds nothing of it; a replica that was usable stays "
         "until its region is removed.",
         "An empty shell takes the name; a vanished replica takes the failover."},
     {S24, "S24", "NoPlaintextAtRest",
         "No secret value is on any disk in the clear, in whatever common encoding.",
         "Disks are copied, kept and stolen."},
     {S25, "S25", "NoPlaintextOnWire", "No secret value travels between regions in the clear.",
         "The way between regions belongs to others."},
     {S26, "S26", "RegionalKeyIsolation",
         "What a region stores opens with a key of that region and with no other region's.",
         "A replica must be readable when every other region is gone, and only there."},
     {S27, "S27", "ContextBinding",
         "A stored value opens only as this version of this secret in this region.",
         "Else who may read one secret can read another by swapping ciphertexts."},
     {S28, "S28", "FreshKeysNonces",
         "A new value has a new data key, and no nonce is used twice with one key.",
         "Two messages under one nonce give away both, and the key that authenticates them."},
     {S29, "S29", "AuthorizedCryptoOnly",
         "Keys are used in the name of who asked, only while they are enabled and allowed, and "
         "no value is given out without that.",
         "A cache that outlives a revoked permission revokes nothing."},
     {S30, "S30", "ReencryptComplete",
         "Once a change of the key is acknowledged, the current, pending and previous versions "
         "open with the new key.",
         "The old key is deleted next, and with it what was not rewrapped."},
     {S31, "S31", "PrimaryLinearizable",
         "Calls on one secret take effect one after the other, each at an instant between call "
         "and answer.",
         "Else a client that has been told of a change can be shown the world before it."},
     {S32, "S32", "MonotonicReads",
         "Who has read a state of a secret in a region never reads an older one there.",
         "A client that sees a password go back goes back to it."},
     {S33, "S33", "ReadAfterInSync",
         "Once a client was told that a region is InSync, reads there show at least that state.",
         "Deployments wait for InSync, and then read."},
     {S34, "S34", "BoundedStaleness",
         "Over a healthy link a replica is behind for a bounded time only.",
         "Lag that nothing explains is a change that was forgotten."},
     {S35, "S35", "AuditComplete",
         "Every call is recorded once when it begins and once when it ends, without secrets.",
         "What is not recorded cannot be investigated."},
     {S36, "S36", "TraceDeterminism", "The same scenario, seed and build give the same trace.",
         "A failure that cannot be repeated cannot be mended."},
     {S37, "S37", "TimeMonotone", "Virtual time never goes back.", "Every order rests on it."},
     {S38, "S38", "BoundedWork", "A change causes a bounded number of messages.",
         "Retries without a bound keep an outage going after its cause is gone."},
     {L01, "L01", "HealConverges",
         "Once everything is healed and no one writes, every replica comes to be InSync and "
         "equal.",
         "Replication that must be helped by hand has failed."},
     {L02, "L02", "AttemptsResolve",
         "InProgress becomes InSync or Failed in bounded time, whatever is broken elsewhere.",
         "InProgress for ever tells nobody that help is needed."},
     {L03, "L03", "RetrySucceeds", "Asking again after the cause is gone succeeds.",
         "Else Failed is for ever."},
     {L04, "L04", "RemoveCompletes",
         "A region that was removed and can be reached ends up without the replica.",
         "Who removes a region believes that the secret has left it."},
     {L05, "L05", "Quiescence", "Once everything is healed, the world comes to rest.",
         "Work that never ends is load that never goes."},
     {L06, "L06", "PromoteAlone", "A replica can be promoted while every other region is down.",
         "That is what it is there for."},
     }
};

constexpr bool is_in_order() {
  for (std::size_t at = 0; at < kTable.size(); ++at) {
    if (static_cast<std::size_t>(kTable[at].property) != at) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

const std::array<PropertyInfo, kProperties>& properties() { return kTable; }

const PropertyInfo& info_of(Property property) {
  return kTable[static_cast<std::size_t>(property)];
}

const PropertyInfo* find_property(std::string_view id) {
  for (const PropertyInfo& property : kTable) {
    if (property.id == id) return &property;
  }
  return nullptr;
}

}  // namespace faultline::regions
