#include "regions/api/commit_or_retry.h"

#include <vector>

#include "proto/trace.pb.h"
#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"
#include "regions/rotation/records.h"
#include "regions/rotation/rotator.h"

namespace faultline::regions::api {

namespace {

// Whether what was read is still what has this name.
Result<bool> is_still_there(RegionServices& region, const Writes& writes) {
  if (writes.secret_arn.empty()) return true;
  FL_TRY(const auto current, checked(region, region.store.look(writes.secret_name)));
  return current != nullptr && current->arn() == writes.secret_arn &&
         current->generation() == writes.generation;
}

}  // namespace

Writes Writes::of_new(const v1::StoredSecret& secret, Transaction transaction) {
  Writes writes{
      .transaction = std::move(transaction), .secret_name = secret.name(), .secret_arn = {}};
  return writes;
}

Writes Writes::of(const v1::StoredSecret& read, Transaction transaction, After after) {
  Writes writes = of_new(read, std::move(transaction));
  writes.secret_arn = read.arn();
  writes.generation = read.generation();
  writes.after = after;
  return writes;
}

Result<Commit> commit(RegionServices& region, Writes writes) {
  FL_TRY(const bool still_there, is_still_there(region, writes));
  if (!still_there) return Commit::Conflict;
  const Defects defects = region.config.defects;
  if (defects.has(Defect::D15)) writes.transaction.leave_unsynced();
  if (defects.has(Defect::D17)) writes.transaction.write_in_two_batches();
  FL_TRY(const Commit committed,
         checked(region, region.store.commit(std::move(writes.transaction))));
  if (committed == Commit::Conflict) return committed;
  switch (writes.after) {
    case After::Nothing:
      break;
    case After::DeletionsChanged:
      region.deletions_changed();
      break;
    case After::Purged:
      region.ctx.record({.kind = v1::SECRET_PURGED,
                         .subject = writes.secret_name,
                         .text = "deleted without recovery"});
      region.deletions_changed();
      break;
    case After::Promoted:
      region.ctx.record({.kind = v1::PROMOTED, .subject = writes.secret_name});
      break;
  }
  if (writes.concerns_replicas && region.replication)
    region.replication->secret_changed(writes.secret_name);
  // Last, for it may commit again.
  if (region.rotation && region.store.is_open())
    region.rotation->secret_changed(writes.secret_name);
  return committed;
}

void change(RegionServices& region, v1::StoredSecret& secret) {
  secret.set_sequence(secret.sequence() + 1);
  secret.set_last_changed_unix_ns(region.wall_unix_ns());
}

Result<void> write_changed(RegionServices& region, const Caller& caller,
                           const v1::StoredSecret& secret, Transaction& transaction) {
  FL_TRY(std::vector<v1::StoredLink> links, find_links(region, secret.name()));
  for (v1::StoredLink& link : links) {
    if (!is_attached(link)) continue;
    link.set_status(v1::StoredLink::InProgress);
    link.clear_status_message();
    link.set_target_sequence(secret.sequence());
    link.set_principal_arn(caller.principal_arn);
    transaction.put_link(secret.name(), link);
  }
  v1::StoredSecret changed = secret;
  follow_labels(region, changed);
  transaction.put_secret(std::move(changed));
  return {};
}

}  // namespace faultline::regions::api
