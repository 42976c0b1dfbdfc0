#include "regions/failure_reasons.h"

#include <algorithm>

namespace faultline::regions {

// clang-format off
const std::vector<FailureReason>& failure_reasons() {
  static const std::vector<FailureReason> kTable = {
    {"STATUS-INPROGRESS", "InProgress", "InProgress",
     "The primary has something that this replica does not have yet, or has not confirmed.",
     "Replication is asynchronous: a call is answered when the primary has the change, and the "
     "replicas follow.",
     "Wait, and ask DescribeSecret again. If the new value must be had now, read in the primary's "
     "Region.",
     "01_hello_replica.textproto"},
    {"STATUS-INSYNC", "InSync", "InSync",
     "The replica durably holds the newest state of the primary. It says nothing of whether the "
     "replica's key still opens it.",
     "The replica has acknowledged exactly this state, after its disk had it.",
     "Nothing. Before a failover look here, and then read the value once in the replica's Region.",
     "14_the_insync_that_lied.textproto"},
    {"STATUS-FAILED", "Failed", "Failed",
     "Replication to this Region has ended without success; the status message says why. Other "
     "replicas are not concerned, and what the replica had before stays readable.",
     "A replica that cannot be written is a state, not an exception: the call that caused it was "
     "answered OK.",
     "Read the message, mend the cause, then ask again: Retry replication in the console, "
     "ReplicateSecretToRegions in the API. Nothing is retried by itself.",
     "02_the_region_you_never_enabled.textproto"},
    {"REASON-NAME", "The name is taken", "already exists in region",
     "The Region has a secret of this name that is not a replica of this one.",
     "Two teams, or an earlier try, made a secret of their own there. Replication overwrites "
     "nothing by default.",
     "Look at what is there. Then rename or delete it, or retry with "
     "ForceOverwriteReplicaSecret, which destroys it.",
     "04_someone_already_lives_there.textproto"},
    {"REASON-KMS", "KMS does not allow it", "Access to KMS is not allowed",
     "The value could not be opened with the primary's key or sealed with the replica's.",
     "The caller needs kms:Decrypt on the primary's key, and kms:GenerateDataKey and kms:Encrypt "
     "on the replica's; a key policy can take any of them away in one Region alone.",
     "Allow the key, or enable it, in the Region that the status names; then retry.",
     "03_locked_out_by_kms.textproto"},
    {"REASON-REGION", "The Region is not enabled", "is not enabled for this account",
     "The account has not enabled this opt-in Region, or has disabled it.",
     "The API takes the call anyway: whether a Region is enabled shows in the replica's status.",
     "Enable the Region (Account Management, minutes to hours), then retry.",
     "02_the_region_you_never_enabled.textproto"},
    {"REASON-NETWORK", "A network error", "due to a network error",
     "The Region was asked several times, with growing waits, and did not answer.",
     "Silence does not say whether the other side is slow, dead or cut off, nor whether it has "
     "the value.",
     "When the network is back, retry. Until then readers there get what the replica has.",
     "05_lost_in_the_post.textproto"},
  };
  return kTable;
}
// clang-format on

const FailureReason* find_failure_reason(std::string_view id) {
  const auto found = std::ranges::find(failure_reasons(), id, &FailureReason::id);
  return found == failure_reasons().end() ? nullptr : &*found;
}

const FailureReason* reason_of_message(std::string_view status_message) {
  for (const FailureReason& reason : failure_reasons()) {
    if (reason.id.starts_with("REASON-") &&
        status_message.find(reason.message) != std::string_view::npos)
      return &reason;
  }
  return nullptr;
}

}  // namespace faultline::regions
