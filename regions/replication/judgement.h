// What a region thinks of a snapshot that another region offers: the rules that keep a late,
// doubled or fenced message from doing harm. A pure function of what is in the message and in the
// store.
#pragma once

#include <optional>
#include <string>

#include "proto/replication.pb.h"
#include "proto/storage.pb.h"
#include "regions/defects.h"

namespace faultline::regions {

enum class Verdict {
  // It is news: apply it.
  Take,
  // It is held already: acknowledge what is held.
  Known,
  // It must not be applied: say why.
  Refuse,
};

struct Judgement {
  Verdict verdict = Verdict::Take;
  // With Refuse.
  v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
  // With Refuse: the status message that the user of the primary will see, 1 to 4,096 characters.
  std::string message;
};

// Rules, in order
//   (1) a region that is not enabled takes nothing.
//   (2) a removed link stays removed, and that of a promoted replica, even when that is deleted: its
//       messages are ghosts.
//   (3) a replica takes newer snapshots of its own primary, by (generation, sequence), never by
//       arrival.
//   (4) a replica of another primary is never overwritten, whatever the caller asks.
//   (5) a promoted secret is fenced from the links that it had.
//   (6) a secret of its own is overwritten only if the caller asks, and never while it has replicas
//       or waits for its deletion.
// `held`: what the region has under this name; nullptr: nothing.
// Source   (1), (4), (6) AWS Secrets Manager User Guide, "Troubleshoot replication"; (5) "Promote a
//          replica secret"; (2), (3) ours.
[[nodiscard]] Judgement judge(const v1::Replicate& offer, const std::string& region,
                              bool region_enabled, const v1::StoredSecret* held,
                              bool held_has_replicas,
                              const std::optional<v1::StoredTombstone>& tombstone,
                              Defects defects = {});

// With D04: whether the snapshot says no more than that AWSCURRENT has gone back to an older
// version.
[[nodiscard]] bool is_a_swap(const v1::Replicate& offer);

// The ARN of the primary that a replica follows.
[[nodiscard]] std::string primary_arn(const v1::StoredSecret& replica);

}  // namespace faultline::regions
