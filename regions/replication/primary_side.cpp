#include "regions/replication/primary_side.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "kms/envelope.h"
#include "proto/trace.pb.h"
#include "regions/error.h"
#include "regions/kms_gateway.h"
#include "regions/replication/backoff.h"
#include "regions/rotation/records.h"
#include "regions/secret_store.h"
#include "regions/services.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using Effect = ReplicaLink::Effect;

v1::LinkId link_id(const std::string& secret_name, const v1::StoredLink& record) {
  v1::LinkId id;
  id.set_secret_arn(record.secret_arn());
  id.set_secret_name(secret_name);
  id.set_generation(record.generation());
  return id;
}

Refusal refusal_of(v1::RefusalReason reason) {
  switch (reason) {
    case v1::TRY_AGAIN:
      return Refusal::Temporary;
    case v1::NEED_FULL_COPY:
      return Refusal::NeedsEverything;
    default:
      return Refusal::Final;
  }
}

bool may_pass(const Error& error) {
  return error.code == "ThrottlingException" || error.code == "InternalServiceError";
}

// Opens one stored value with whichever of its keys still works; the first key's failure is the one
// that is told.
StoreResult<Result<kms::SecretBytes>> open_value(ReplicationHost& host,
                                                 const std::string& principal,
                                                 const v1::StoredSecret& secret,
                                                 const std::string& version_id) {
  FL_TRY(const auto version, host.store().version(secret.name(), version_id));
  if (!version) return Result<kms::SecretBytes>(tl::make_unexpected(internal_service_error()));
  std::optional<Error> first_failure;
  for (const v1::WrappedKey& key : version->keys()) {
    auto data_key =
        host.kms().decrypt_now(principal, key.blob(), encryption_context(secret.arn(), version_id));
    if (data_key) {
      auto value =
          kms::open_value(data_key->plaintext, secret.arn(), version_id,
                          static_cast<std::uint8_t>(version->kind()), version->sealed_value());
      if (value) return Result<kms::SecretBytes>(std::move(*value));
      data_key = tl::make_unexpected(std::move(value).error());
    }
    if (!first_failure) first_failure = from_kms(data_key.error(), KmsUse::Read);
  }
  return Result<kms::SecretBytes>(
      tl::make_unexpected(first_failure.value_or(internal_service_error())));
}

// What the store holds of one version, byte for byte.
StoreResult<Result<kms::SecretBytes>> as_stored(ReplicationHost& host,
                                                const v1::StoredSecret& secret,
                                                const std::string& version_id) {
  FL_TRY(const auto version, host.store().version(secret.name(), version_id));
  if (!version) return Result<kms::SecretBytes>(tl::make_unexpected(internal_service_error()));
  return Result<kms::SecretBytes>(kms::SecretBytes::copy_of(version->SerializeAsString()));
}

}  // namespace

bool must_travel(const v1::VersionInfo& version, std::uint64_t acked_sequence) {
  return !version.empty() && version.stages_size() > 0 && version.sequence() > acked_sequence;
}

// ---- what is owed -------------------------------------------------------------------------------

void PrimarySide::resume(const std::string& secret_name, Since since) {
  auto records = host_.store().links(secret_name);
  if (!records) return host_.store_failed(records.error().message);
  for (v1::StoredLink& record : *records) {
    if (record.phase() == v1::StoredLink::REMOVING) {
      resume_removal(secret_name, std::move(record));
    } else {
      const auto known = links_.find({secret_name, record.region()});
      const bool has_failed =
          known != links_.end() && known->second.machine.state() == LinkState::Failed;
      resume_link(secret_name, std::move(record), since);
      // D09: a region that has failed ends the round.
      if (has(Defect::D09) && has_failed) return;
    }
  }
}

void PrimarySide::resume_link(const std::string& secret_name, v1::StoredLink record, Since since) {
  const bool is_under_way =
      since == Since::Restart && record.status() == v1::StoredLink::InProgress;
  // D10: the task to make the first copy was in memory only.
  if (has(Defect::D10) && is_under_way && record.acked_sequence() == 0) return;
  const Place place{secret_name, record.region()};
  auto found = links_.find(place);
  if (found != links_.end() && found->second.record.generation() != record.generation()) {
    drop(found->second);
    found = links_.end();
  }
  const bool is_new = found == links_.end();
  if (is_new) {
    const std::uint64_t id = ++last_id_;
    // D19: no end.
    const std::uint32_t attempts = has(Defect::D19) ? UINT32_MAX : host_.config().max_attempts;
    ReplicaLink machine(attempts, host_.config().defects);
    found = links_.emplace(place, Link{id, secret_name, {}, std::move(machine)}).first;
    link_by_id_.emplace(id, place);
  }
  Link& link = found->second;
  link.record = std::move(record);
  const std::uint64_t target = link.record.target_sequence();
  switch (link.record.status()) {
    case v1::StoredLink::InSync:
      if (is_new) run(link, "WasInSync", link.machine.was_in_sync(target));
      return;
    case v1::StoredLink::Failed:
      if (is_new)
        run(link, "WasFailed", link.machine.was_failed(target, link.record.acked_sequence()));
      return;
    default:
      break;
  }
  // D18: the snapshot is taken to be under way, and a timer to run.
  if (has(Defect::D18) && is_under_way) {
    link.machine.changed(target, link.record.acked_sequence());
    link.machine.prepared();
    return;
  }
  if (is_new || target > link.machine.target()) {
    run(link, "Changed", link.machine.changed(target, link.record.acked_sequence()));
  } else {
    // Asked again; where it is under way already, this changes nothing.
    run(link, "Retried", link.machine.retried());
  }
}

void PrimarySide::resume_removal(const std::string& secret_name, v1::StoredLink record) {
  const auto attached = links_.find({secret_name, record.region()});
  if (attached != links_.end() && attached->second.record.generation() == record.generation() &&
      attached->second.record.secret_arn() == record.secret_arn()) {
    drop(attached->second);
  }
  const bool known = std::any_of(removals_.begin(), removals_.end(), [&](const auto& entry) {
    const v1::StoredLink& other = entry.second.record;
    return other.secret_arn() == record.secret_arn() && other.region() == record.region() &&
           other.generation() == record.generation();
  });
  if (known) return;
  const std::uint64_t id = ++last_id_;
  Removal& removal = removals_.emplace(id, Removal{secret_name, std::move(record)}).first->second;
  if (host_.has_region(removal.record.region())) {
    ask_for_removal(id, removal);
  } else {
    forget_removal(id, removal);
  }
}

// ---- the machine's events -----------------------------------------------------------------------

PrimarySide::Link* PrimarySide::find(std::string_view from, const v1::LinkId& link) {
  const auto found = links_.find({link.secret_name(), std::string(from)});
  if (found == links_.end()) return nullptr;
  const v1::StoredLink& record = found->second.record;
  const bool same =
      record.secret_arn() == link.secret_arn() && record.generation() == link.generation();
  return same ? &found->second : nullptr;
}

void PrimarySide::on_ack(std::string_view from, const v1::ReplicateAck& ack) {
  Link* link = find(from, ack.link());
  if (link == nullptr) return;
  link->record.set_last_accessed_day(
      std::max(link->record.last_accessed_day(), ack.last_accessed_day()));
  run(*link, "Acked", link->machine.acked(ack.sequence()));
}

void PrimarySide::on_nack(std::string_view from, const v1::ReplicateNack& nack) {
  Link* link = find(from, nack.link());
  if (link == nullptr) return;
  if (nack.reason() == v1::FENCED || nack.reason() == v1::LINK_REMOVED) {
    run(*link, "Fenced", link->machine.fenced());
  } else {
    const bool is_of_a_key =
        nack.reason() == v1::KMS_ACCESS_DENIED || nack.reason() == v1::KMS_KEY_UNUSABLE;
    // Asked to overwrite while a snapshot without that wish was under way: the next one has it.
    const bool asked_since = nack.reason() == v1::NAME_EXISTS && link->record.force_overwrite() &&
                             !link->sent_with_force;
    run(*link, "Refused",
        link->machine.refused(nack.sequence(),
                              asked_since ? Refusal::Temporary : refusal_of(nack.reason()),
                              is_of_a_key ? told(nack.message()) : nack.message()));
  }
}

void PrimarySide::on_detached(std::string_view from, const v1::ReplicaDetached& detached) {
  Link* link = find(from, detached.link());
  if (link != nullptr) run(*link, "Fenced", link->machine.fenced());
  // The store failed: the replica will tell again.
  if (find(from, detached.link()) != nullptr) return;
  v1::ReplicaDetachedAck ack;
  *ack.mutable_link() = detached.link();
  host_.send(from, "ReplicaDetachedAck", ack.SerializeAsString());
}

void PrimarySide::on_timer(TimerPurpose purpose, std::uint64_t id) {
  if (purpose == TimerPurpose::Removal) {
    const auto removal = removals_.find(id);
    if (removal != removals_.end()) ask_for_removal(id, removal->second);
    return;
  }
  const auto place = link_by_id_.find(id);
  if (place == link_by_id_.end()) return;
  Link& link = links_.at(place->second);
  if (purpose == TimerPurpose::Prepared) {
    link.preparing = 0;
    finish_preparing(link);
  } else {
    link.retry = 0;
    // D20: the wall clock says when.
    const std::int64_t early = link.deadline_unix_ns - host_.context().wall_unix_ns();
    if (has(Defect::D20) && early > 0) {
      link.retry = host_.set_timer(Duration::nanos(early), timer_key(TimerPurpose::Retry, link.id),
                                   engine::TimerClass::Foreground);
      return;
    }
    run(link, "TimedOut", link.machine.timed_out());
  }
}

void PrimarySide::run(Link& link, std::string_view event, const ReplicaLink::Outcome& outcome) {
  if (outcome.fired != Fired::Moved) return;
  host_.context().record({.kind = v1::MACHINE_MOVED,
                          .peer = host_.actor_of(link.record.region()),
                          .number = link.machine.target(),
                          .subject = link.secret_name,
                          .verb = event,
                          .outcome = to_string(link.machine.state()),
                          .text = "ReplicaLink"});
  for (const Effect effect : outcome.effects) carry_out(link, effect);
}

void PrimarySide::carry_out(Link& link, Effect effect) {
  switch (effect) {
    case Effect::Prepare:
      return prepare(link);
    case Effect::Send:
      return send(link);
    case Effect::SetTimer:
      return set_retry_timer(link);
    case Effect::CommitInSync:
      return commit_status(link, v1::StoredLink::InSync, "Replication succeeded");
    case Effect::CommitFailed:
      return commit_status(link, v1::StoredLink::Failed, link.machine.reason());
    case Effect::Erase:
      return erase(link);
  }
}

// ---- a snapshot ---------------------------------------------------------------------------------

void PrimarySide::prepare(Link& link) {
  stop_timers(link);
  if (!host_.has_region(link.record.region())) {
    const std::string reason =
        "Replication failed: Region " + link.record.region() + " is not enabled for this account.";
    return run(link, "Refused",
               link.machine.refused(link.machine.target(), Refusal::Final, reason));
  }
  const auto secret = host_.store().look(link.secret_name);
  if (!secret) return host_.store_failed(secret.error().message);
  if (!*secret) return drop(link);
  Duration kms_time;
  for (const v1::VersionInfo& version : (*secret)->versions()) {
    if (must_travel(version, link.machine.acked_sequence()))
      kms_time = kms_time + host_.kms().draw_latency();
  }
  if (kms_time == Duration::zero()) return finish_preparing(link);
  link.preparing = host_.set_timer(kms_time, timer_key(TimerPurpose::Prepared, link.id),
                                   engine::TimerClass::Foreground);
}

void PrimarySide::finish_preparing(Link& link) {
  const auto loaded = host_.store().look(link.secret_name);
  if (!loaded) return host_.store_failed(loaded.error().message);
  if (!*loaded) return drop(link);
  const v1::StoredSecret& secret = **loaded;
  v1::Replicate snapshot;
  *snapshot.mutable_link() = link_id(link.secret_name, link.record);
  snapshot.set_sequence(secret.sequence());
  if (secret.has_description()) snapshot.set_description(secret.description());
  if (secret.has_type()) snapshot.set_type(secret.type());
  if (secret.has_owning_service()) snapshot.set_owning_service(secret.owning_service());
  if (secret.has_resource_policy()) snapshot.set_resource_policy(secret.resource_policy());
  *snapshot.mutable_tags() = secret.tags();
  snapshot.set_ever_tagged(secret.ever_tagged());
  if (link.record.has_kms_key_id()) snapshot.set_kms_key_id(link.record.kms_key_id());
  snapshot.set_force_overwrite(link.record.force_overwrite());
  link.sent_with_force = link.record.force_overwrite();
  snapshot.set_links_made(secret.links_made());
  snapshot.set_principal_arn(link.record.principal_arn());
  if (secret.has_rotation()) *snapshot.mutable_rotation() = shown_at_replicas(secret.rotation());
  if (!seal_values(link, secret, snapshot)) return;
  link.snapshot = snapshot.SerializeAsString();
  run(link, "Prepared", link.machine.prepared());
}

bool PrimarySide::seal_values(Link& link, const v1::StoredSecret& secret, v1::Replicate& snapshot) {
  for (const v1::VersionInfo& info : secret.versions()) {
    if (info.stages_size() == 0) continue;
    v1::ReplicatedVersion& version = *snapshot.add_versions();
    *version.mutable_info() = info;
    version.mutable_info()->clear_last_accessed_day();
    if (!must_travel(info, link.machine.acked_sequence())) continue;
    const auto stored = host_.store().version(secret.name(), info.version_id());
    if (stored && *stored) version.set_kind((*stored)->kind());
    // D12: as it is stored, the wrapped data key included.
    const auto opened = has(Defect::D12) ? as_stored(host_, secret, info.version_id())
                                         : open_value(host_, link.record.principal_arn(), secret,
                                                      info.version_id());
    if (!opened) {
      host_.store_failed(opened.error().message);
      return false;
    }
    if (!*opened) {
      const Error& error = opened->error();
      run(link, "Refused",
          link.machine.refused(link.machine.target(),
                               may_pass(error) ? Refusal::Temporary : Refusal::Final,
                               told("Replication failed: " + error.message)));
      return false;
    }
    version.set_sealed_value(
        channel_.seal(link.record.region(), snapshot.link(), version, **opened));
  }
  return true;
}

void PrimarySide::send(Link& link) {
  // D19: once for each version that is pending.
  const bool is_a_retry = link.machine.attempts() > 1;
  const std::uint64_t pending = link.machine.target() - link.machine.acked_sequence();
  for (std::uint64_t more = 1; has(Defect::D19) && is_a_retry && more < pending; ++more) {
    host_.send(link.record.region(), "Replicate", link.snapshot);
  }
  host_.send(link.record.region(), "Replicate", std::move(link.snapshot));
  link.snapshot.clear();
  set_retry_timer(link);
}

// D14: it is not told.
std::string PrimarySide::told(const std::string& message) const {
  return has(Defect::D14) ? std::string() : message;
}

bool PrimarySide::has(Defect defect) const { return host_.config().defects.has(defect); }

void PrimarySide::set_retry_timer(Link& link) {
  // D19: no backoff.
  const Duration wait =
      has(Defect::D19) ? host_.config().retry_base
                       : backoff(host_, "retry/" + link.record.region() + "/" + link.secret_name,
                                 link.machine.attempts());
  link.deadline_unix_ns = host_.context().wall_unix_ns() + wait.ns();
  link.retry = host_.set_timer(wait, timer_key(TimerPurpose::Retry, link.id),
                               engine::TimerClass::Foreground);
}

void PrimarySide::stop_timers(Link& link) {
  for (engine::TimerId* timer : {&link.preparing, &link.retry}) {
    if (*timer != 0) host_.cancel_timer(*timer);
    *timer = 0;
  }
}

// ---- the outcome --------------------------------------------------------------------------------

void PrimarySide::commit_status(Link& link, v1::StoredLink::Status status,
                                const std::string& message) {
  stop_timers(link);
  v1::StoredLink& record = link.record;
  record.set_status(status);
  record.set_status_message(message);
  record.set_target_sequence(link.machine.target());
  record.set_acked_sequence(link.machine.acked_sequence());
  if (status == v1::StoredLink::InSync) record.set_force_overwrite(false);
  Transaction transaction("replicate");
  transaction.put_link(link.secret_name, record);
  const auto committed = host_.store().commit(std::move(transaction));
  if (!committed) host_.store_failed(committed.error().message);
}

void PrimarySide::erase(Link& link) {
  Transaction transaction("detach");
  transaction.erase_link(link.secret_name, link.record);
  const auto committed = host_.store().commit(std::move(transaction));
  if (!committed) return host_.store_failed(committed.error().message);
  drop(link);
}

void PrimarySide::drop(Link& link) {
  stop_timers(link);
  link_by_id_.erase(link.id);
  const Place place{link.secret_name, link.record.region()};
  links_.erase(place);
}

// ---- removals -----------------------------------------------------------------------------------

// Asks until the replica confirms; once it has been asked as often as a snapshot would be sent, in
// the background, so that a region that never comes back does not keep a run going.
void PrimarySide::ask_for_removal(std::uint64_t id, Removal& removal) {
  ++removal.attempts;
  v1::RemoveReplica request;
  *request.mutable_link() = link_id(removal.secret_name, removal.record);
  host_.send(removal.record.region(), "RemoveReplica", request.SerializeAsString());
  const Duration wait = backoff(
      host_, "removal/" + removal.record.region() + "/" + removal.secret_name, removal.attempts);
  removal.timer =
      host_.set_timer(wait, timer_key(TimerPurpose::Removal, id), urgency(host_, removal.attempts));
}

void PrimarySide::on_removal_ack(std::string_view from, const v1::RemoveReplicaAck& ack) {
  for (const auto& [id, removal] : removals_) {
    const v1::StoredLink& record = removal.record;
    if (record.region() == from && record.secret_arn() == ack.link().secret_arn() &&
        record.generation() == ack.link().generation()) {
      return forget_removal(id, removal);
    }
  }
}

void PrimarySide::forget_removal(std::uint64_t id, const Removal& removal) {
  if (removal.timer != 0) host_.cancel_timer(removal.timer);
  Transaction transaction("replica removed");
  transaction.erase_link(removal.secret_name, removal.record);
  removals_.erase(id);
  const auto committed = host_.store().commit(std::move(transaction));
  if (!committed) host_.store_failed(committed.error().message);
}

}  // namespace faultline::regions
