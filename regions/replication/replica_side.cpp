#include "regions/replication/replica_side.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "kms/envelope.h"
#include "proto/check.h"
#include "proto/trace.pb.h"
#include "regions/arn.h"
#include "regions/error.h"
#include "regions/kms_gateway.h"
#include "regions/replication/backoff.h"
#include "regions/secret_store.h"
#include "regions/services.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using Effect = ReplicaCopy::Effect;

CopyState state_of(const v1::StoredSecret* secret) {
  if (secret == nullptr) return CopyState::Absent;
  return secret->role() == v1::Replica ? CopyState::Following : CopyState::Independent;
}

// Whether the offer is for the replica that is held, of whatever generation.
bool same_lineage(const v1::StoredSecret* held, const v1::LinkId& link) {
  return held != nullptr && held->role() == v1::Replica && primary_arn(*held) == link.secret_arn();
}

// A value that the offer brings and that is not held: values never change, so one that is held
// needs no second look.
bool is_new_value(const v1::ReplicatedVersion& version, const v1::StoredSecret* held, bool same) {
  if (!version.has_sealed_value()) return false;
  const v1::VersionInfo* info = same ? find_version(*held, version.info().version_id()) : nullptr;
  return info == nullptr || info->empty();
}

Judgement refusal_from(const kms::Error& error) {
  const Error as_seen = from_kms(error, KmsUse::Write);
  v1::RefusalReason reason = v1::KMS_KEY_UNUSABLE;
  if (as_seen.code == "AccessDeniedException") reason = v1::KMS_ACCESS_DENIED;
  if (as_seen.code == "ThrottlingException" || as_seen.code == "InternalServiceError")
    reason = v1::TRY_AGAIN;
  return {Verdict::Refuse, reason, "Replication failed: " + as_seen.message};
}

}  // namespace

StoreResult<ReplicaSide::Held> ReplicaSide::held(const v1::LinkId& link) {
  Held held;
  FL_TRY(held.secret, host_.store().look(link.secret_name()));
  FL_TRY(held.tombstone, host_.store().tombstone(link.secret_arn()));
  if (held.secret && held.secret->role() != v1::Replica) {
    FL_TRY(const auto links, host_.store().links(link.secret_name()));
    held.has_replicas = std::any_of(links.begin(), links.end(), is_attached);
  }
  return held;
}

Judgement ReplicaSide::judge_offer(const v1::Replicate& offer, const Held& held) {
  return judge(offer, host_.region(), host_.region_enabled(), held.secret.get(), held.has_replicas,
               held.tombstone, host_.config().defects);
}

bool ReplicaSide::goes_on(const Held& held, const v1::LinkId& link) const {
  const v1::StoredSecret* secret = held.secret.get();
  // D05: to its old primary a promoted secret is a replica still.
  const bool was_promoted =
      secret != nullptr && secret->role() != v1::Replica && secret->fenced_generation() != 0;
  if (has(Defect::D05) && was_promoted && primary_arn(*secret) == link.secret_arn()) return true;
  return same_lineage(secret, link) && secret->generation() == link.generation();
}

bool ReplicaSide::has(Defect defect) const { return host_.config().defects.has(defect); }

// ---- offers -------------------------------------------------------------------------------------

ReplicaSide::Copy& ReplicaSide::copy_of(const std::string& secret_name, const Held& held) {
  auto found = copies_.find(secret_name);
  if (found == copies_.end()) {
    const std::uint64_t id = ++last_id_;
    found =
        copies_.emplace(secret_name, Copy{id, ReplicaCopy(state_of(held.secret.get())), {}, {}, 0})
            .first;
    copy_by_id_.emplace(id, secret_name);
  }
  return found->second;
}

void ReplicaSide::on_replicate(std::string_view from, v1::Replicate offer) {
  const std::string name = offer.link().secret_name();
  const auto what = held(offer.link());
  if (!what) return host_.store_failed(what.error().message);
  const Judgement judgement = judge_offer(offer, *what);
  if (judgement.verdict == Verdict::Known) {
    host_.context().record(
        {.kind = v1::REPLICA_APPLIED,
         .peer = host_.actor_of(from),
         .number = offer.sequence(),
         .subject = name,
         .verb = "ignored",
         .outcome = offer.sequence() < what->secret->sequence() ? "older" : "known"});
  }
  Copy& copy = copy_of(name, *what);
  if (copy.from.empty()) copy.from = from;
  const auto outcome =
      copy.machine.offered(judgement.verdict, {offer.link().generation(), offer.sequence()});
  if (outcome.has_effect) {
    switch (outcome.effect) {
      case Effect::Refuse:
        refuse(from, offer, judgement);
        break;
      case Effect::Acknowledge:
        // D03: what is held is taken to be as new as the offer.
        acknowledge(from, offer.link(),
                    has(Defect::D03) ? std::max(offer.sequence(), what->secret->sequence())
                                     : what->secret->sequence(),
                    what->secret->last_accessed_day());
        break;
      default:
        copy.offer = std::move(offer);
        copy.from = from;
        break;
    }
  }
  run(name, copy, "Offered", outcome);
}

void ReplicaSide::run(const std::string& secret_name, Copy& copy, std::string_view event,
                      const ReplicaCopy::Outcome& outcome) {
  if (outcome.fired == Fired::Moved) {
    host_.context().record({.kind = v1::MACHINE_MOVED,
                            .peer = host_.actor_of(copy.from),
                            .number = copy.offer.sequence(),
                            .subject = secret_name,
                            .verb = event,
                            .outcome = to_string(copy.machine.state()),
                            .text = "ReplicaCopy"});
  }
  if (copy.machine.at_rest()) return cancel(secret_name);
  if (!outcome.has_effect || outcome.effect != Effect::AskForKeys) return;
  const auto what = held(copy.offer.link());
  if (!what) return host_.store_failed(what.error().message);
  ask_for_keys(secret_name, copy, *what);
}

void ReplicaSide::ask_for_keys(const std::string& secret_name, Copy& copy, const Held& held) {
  if (copy.timer != 0) host_.cancel_timer(copy.timer);
  copy.timer = 0;
  Duration kms_time;
  const bool same = goes_on(held, copy.offer.link());
  for (const v1::ReplicatedVersion& version : copy.offer.versions()) {
    if (is_new_value(version, held.secret.get(), same))
      kms_time = kms_time + host_.kms().draw_latency();
  }
  if (kms_time == Duration::zero()) return apply(secret_name, copy);
  copy.timer = host_.set_timer(kms_time, timer_key(TimerPurpose::Keys, copy.id),
                               engine::TimerClass::Foreground);
}

// KMS has answered. The world may have moved meanwhile, so the offer is judged again.
void ReplicaSide::apply(const std::string& secret_name, Copy& copy) {
  const auto what = held(copy.offer.link());
  if (!what) return host_.store_failed(what.error().message);
  Judgement judgement = judge_offer(copy.offer, *what);
  if (judgement.verdict == Verdict::Known) {
    acknowledge(copy.from, copy.offer.link(), what->secret->sequence(),
                what->secret->last_accessed_day());
    return cancel(secret_name);
  }
  Transaction transaction("replicate");
  v1::StoredSecret secret = merged(copy, *what);
  if (judgement.verdict == Verdict::Take) {
    if (what->secret && !goes_on(*what, copy.offer.link())) transaction.erase_secret(secret_name);
    judgement = seal_values(copy, secret, *what, transaction);
  }
  if (judgement.verdict == Verdict::Refuse) {
    if (has(Defect::D11) && what->secret == nullptr) leave_shell(secret);
    const auto outcome = copy.machine.keys_refused();
    refuse(copy.from, copy.offer, judgement);
    return run(secret_name, copy, "KeysRefused", outcome);
  }
  for (const std::string& pruned : prune_versions(secret, host_.context().wall_unix_ns())) {
    transaction.erase_version(secret_name, pruned);
  }
  transaction.put_secret(std::move(secret));
  if (has(Defect::D16)) transaction.leave_unsynced();
  if (has(Defect::D17)) transaction.write_in_two_batches();
  const auto committed = host_.store().commit(std::move(transaction));
  if (!committed) return host_.store_failed(committed.error().message);
  FL_CHECK(*committed == Commit::Done) << "nothing else ran since " << secret_name << " was read";
  host_.context().record({.kind = v1::REPLICA_APPLIED,
                          .peer = host_.actor_of(copy.from),
                          .number = copy.offer.sequence(),
                          .subject = secret_name,
                          .verb = "applied"});
  copy.timer = host_.set_timer(host_.sync_time(), timer_key(TimerPurpose::Durable, copy.id),
                               engine::TimerClass::Foreground);
  run(secret_name, copy, "KeysReady", copy.machine.keys_ready());
}

// D11: the record without a value; older than whatever comes next.
void ReplicaSide::leave_shell(v1::StoredSecret secret) {
  secret.clear_versions();
  secret.set_sequence(0);
  Transaction transaction("replicate");
  transaction.put_secret(std::move(secret));
  const auto committed = host_.store().commit(std::move(transaction));
  if (!committed) host_.store_failed(committed.error().message);
}

v1::StoredSecret ReplicaSide::merged(const Copy& copy, const Held& held) const {
  const v1::Replicate& offer = copy.offer;
  const bool same = goes_on(held, offer.link());
  v1::StoredSecret secret;
  if (same) secret = *held.secret;
  // D04: an operation, on whatever is here.
  if (has(Defect::D04) && same && offer.sequence() == secret.sequence() && is_a_swap(offer)) {
    const v1::VersionInfo* previous = holder_of(std::as_const(secret), kPrevious);
    if (previous != nullptr) move_label(secret, std::string(kCurrent), previous->version_id());
    return secret;
  }
  const std::int64_t now = host_.context().wall_unix_ns();
  // The key belongs to the replica: a later snapshot of the same link leaves it as its owner has
  // set it.
  if (!same) {
    if (offer.has_kms_key_id()) secret.set_kms_key_id(offer.kms_key_id());
    secret.set_created_unix_ns(now);
  }
  // Numbers of links are used once for each ARN, whoever held it before.
  const bool had_this_arn =
      held.secret && held.secret->arn() == arn_in_region(offer.link().secret_arn(), host_.region());
  secret.set_links_made(std::max(offer.links_made(), had_this_arn ? held.secret->links_made() : 0));
  secret.set_revision(held.secret ? held.secret->revision() : 0);
  secret.set_name(offer.link().secret_name());
  secret.set_arn(arn_in_region(offer.link().secret_arn(), host_.region()));
  secret.set_role(same ? held.secret->role() : v1::Replica);
  secret.set_primary_region(copy.from);
  secret.set_generation(offer.link().generation());
  secret.set_sequence(offer.sequence());
  secret.clear_description();
  if (offer.has_description()) secret.set_description(offer.description());
  secret.clear_type();
  if (offer.has_type()) secret.set_type(offer.type());
  secret.clear_owning_service();
  if (offer.has_owning_service()) secret.set_owning_service(offer.owning_service());
  secret.clear_resource_policy();
  if (offer.has_resource_policy()) secret.set_resource_policy(offer.resource_policy());
  *secret.mutable_tags() = offer.tags();
  secret.set_ever_tagged(offer.ever_tagged());
  secret.clear_rotation();
  if (offer.has_rotation()) *secret.mutable_rotation() = offer.rotation();
  secret.set_last_changed_unix_ns(now);
  for (v1::VersionInfo& info : *secret.mutable_versions()) info.clear_stages();
  for (const v1::ReplicatedVersion& version : offer.versions()) {
    const auto& versions = *secret.mutable_versions();
    const auto place = std::find_if(versions.begin(), versions.end(), [&](const auto& info) {
      return info.version_id() == version.info().version_id();
    });
    if (place == versions.end()) {
      *secret.add_versions() = version.info();
    } else {
      v1::VersionInfo& info = *secret.mutable_versions(static_cast<int>(place - versions.begin()));
      *info.mutable_stages() = version.info().stages();
      info.set_empty(version.info().empty());
      info.set_sequence(version.info().sequence());
    }
  }
  // In the order in which they were made, as at the primary: pruning goes by it.
  std::stable_sort(secret.mutable_versions()->pointer_begin(),
                   secret.mutable_versions()->pointer_end(),
                   [](const v1::VersionInfo* one, const v1::VersionInfo* other) {
                     return one->sequence() < other->sequence();
                   });
  return secret;
}

Judgement ReplicaSide::seal_values(const Copy& copy, const v1::StoredSecret& secret,
                                   const Held& held, Transaction& transaction) {
  const v1::Replicate& offer = copy.offer;
  const bool same = goes_on(held, offer.link());
  for (const v1::ReplicatedVersion& version : offer.versions()) {
    const std::string& id = version.info().version_id();
    if (!is_new_value(version, held.secret.get(), same)) {
      const v1::VersionInfo* known = same ? find_version(*held.secret, id) : nullptr;
      const bool missing = !version.info().empty() && (known == nullptr || known->empty());
      if (missing)
        return {Verdict::Refuse, v1::NEED_FULL_COPY,
                "Replication failed: The replica lacks version " + id + "."};
      continue;
    }
    const auto value = channel_.open(copy.from, offer.link(), version);
    if (!value)
      return {Verdict::Refuse, v1::TRY_AGAIN,
              "Replication failed: A message was damaged on its way."};
    if (has(Defect::D12)) {
      // The primary's record, with its wrapped data key.
      v1::StoredVersion copied;
      const std::string_view bytes = value->chars();
      copied.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      transaction.put_version(secret.name(), id, copied);
      continue;
    }
    const auto context = encryption_context(
        // D13: of the primary.
        has(Defect::D13) ? offer.link().secret_arn() : secret.arn(), id);
    const auto data_key = host_.kms().generate_data_key_now(
        offer.principal_arn(), key_or_default(secret.kms_key_id()), context);
    if (!data_key) return refusal_from(data_key.error());
    const std::string purpose = "value-iv/" + secret.arn() + "/" + id;
    std::array<std::byte, kms::kIvBytes> iv{};
    host_.context().random(purpose).fill(host_.context().next_index(purpose), iv);
    v1::StoredVersion stored;
    stored.set_kind(version.kind());
    v1::WrappedKey& key = *stored.add_keys();
    key.set_key_arn(data_key->key_arn);
    key.set_blob(data_key->blob);
    key.set_aws_managed(secret.kms_key_id().empty());
    stored.set_sealed_value(kms::seal_value(data_key->plaintext, secret.arn(), id,
                                            static_cast<std::uint8_t>(version.kind()), iv,
                                            value->chars()));
    transaction.put_version(secret.name(), id, stored);
  }
  return {};
}

// ---- the end of a replica -----------------------------------------------------------------------

void ReplicaSide::on_remove(std::string_view from, const v1::RemoveReplica& request) {
  // A region that is not enabled does nothing for the account; the primary will ask again.
  if (!host_.region_enabled()) return;
  const v1::LinkId& link = request.link();
  const auto what = held(link);
  if (!what) return host_.store_failed(what.error().message);
  const bool is_ours =
      same_lineage(what->secret.get(), link) && what->secret->generation() <= link.generation();
  Transaction transaction("remove replica");
  v1::StoredTombstone tombstone;
  tombstone.set_secret_arn(link.secret_arn());
  tombstone.set_generation(
      std::max(link.generation(), what->tombstone ? what->tombstone->generation() : 0));
  tombstone.set_removed_unix_ns(host_.context().wall_unix_ns());
  // D08: nothing is noted.
  if (!has(Defect::D08)) transaction.put_tombstone(tombstone);
  if (is_ours) transaction.erase_secret(link.secret_name());
  const auto committed = host_.store().commit(std::move(transaction));
  if (!committed) return host_.store_failed(committed.error().message);
  if (is_ours) {
    host_.context().record(
        {.kind = v1::REPLICA_REMOVED, .peer = host_.actor_of(from), .subject = link.secret_name()});
  }
  const auto copy = copies_.find(link.secret_name());
  if (copy != copies_.end() && copy->second.offer.link().secret_arn() == link.secret_arn() &&
      copy->second.offer.link().generation() <= link.generation()) {
    run(copy->first, copy->second, "Removed", copy->second.machine.removed());
  }
  v1::RemoveReplicaAck ack;
  *ack.mutable_link() = link;
  const std::uint64_t id = ++last_id_;
  replies_.emplace(id, Reply{std::string(from), ack.SerializeAsString()});
  host_.set_timer(host_.sync_time(), timer_key(TimerPurpose::Reply, id),
                  engine::TimerClass::Foreground);
}

void ReplicaSide::secret_changed(const std::string& secret_name) {
  const auto secret = host_.store().look(secret_name);
  if (!secret) return host_.store_failed(secret.error().message);
  if (!*secret || (*secret)->role() == v1::Replica || (*secret)->fenced_generation() == 0) return;
  const v1::StoredSecret& promoted = **secret;
  const std::string lineage = primary_arn(promoted);
  const auto copy = copies_.find(secret_name);
  if (copy != copies_.end() && copy->second.offer.link().secret_arn() == lineage) {
    run(secret_name, copy->second, "Promoted", copy->second.machine.promoted());
  }
  tell_of_promotion(promoted);
}

void ReplicaSide::recover() {
  const auto secrets = host_.store().secrets();
  if (!secrets) return host_.store_failed(secrets.error().message);
  for (const v1::StoredSecret& secret : *secrets) {
    if (secret.role() != v1::Replica && secret.fenced_generation() != 0) tell_of_promotion(secret);
  }
}

void ReplicaSide::tell_of_promotion(const v1::StoredSecret& promoted) {
  const std::string lineage = primary_arn(promoted);
  std::uint64_t& told = told_[lineage];
  if (told >= promoted.fenced_generation()) return;
  told = promoted.fenced_generation();
  const std::uint64_t id = ++last_id_;
  Detachment& detachment = detachments_[id];
  detachment.to = promoted.primary_region();
  detachment.link.set_secret_arn(lineage);
  detachment.link.set_secret_name(promoted.name());
  detachment.link.set_generation(promoted.fenced_generation());
  send_detached(id, detachment);
}

// Until the old primary confirms, or it would list a replica that there is not, as InSync.
void ReplicaSide::send_detached(std::uint64_t id, Detachment& detachment) {
  ++detachment.attempts;
  v1::ReplicaDetached detached;
  *detached.mutable_link() = detachment.link;
  host_.send(detachment.to, "ReplicaDetached", detached.SerializeAsString());
  const Duration wait =
      backoff(host_, "detach/" + detachment.link.secret_arn(), detachment.attempts);
  detachment.timer = host_.set_timer(wait, timer_key(TimerPurpose::Detach, id),
                                     urgency(host_, detachment.attempts));
}

void ReplicaSide::on_detached_ack(std::string_view from, const v1::ReplicaDetachedAck& ack) {
  std::erase_if(detachments_, [&](const auto& entry) {
    const Detachment& detachment = entry.second;
    const bool is_it = detachment.to == from &&
                       detachment.link.secret_arn() == ack.link().secret_arn() &&
                       detachment.link.generation() == ack.link().generation();
    if (is_it) host_.cancel_timer(detachment.timer);
    return is_it;
  });
}

// ---- timers and answers -------------------------------------------------------------------------

void ReplicaSide::on_timer(TimerPurpose purpose, std::uint64_t id) {
  if (purpose == TimerPurpose::Reply) {
    const auto reply = replies_.extract(id);
    if (!reply.empty()) host_.send(reply.mapped().to, "RemoveReplicaAck", reply.mapped().body);
    return;
  }
  if (purpose == TimerPurpose::Detach) {
    const auto detachment = detachments_.find(id);
    if (detachment != detachments_.end()) send_detached(id, detachment->second);
    return;
  }
  const auto name = copy_by_id_.find(id);
  if (name == copy_by_id_.end()) return;
  const std::string secret_name = name->second;
  Copy& copy = copies_.at(secret_name);
  copy.timer = 0;
  if (purpose == TimerPurpose::Keys) return apply(secret_name, copy);
  const auto outcome = copy.machine.durable();
  if (outcome.has_effect) {
    const auto secret = host_.store().look(secret_name);
    if (!secret) return host_.store_failed(secret.error().message);
    const std::int64_t last_accessed_day = *secret ? (*secret)->last_accessed_day() : 0;
    acknowledge(copy.from, copy.offer.link(), copy.offer.sequence(), last_accessed_day);
  }
  run(secret_name, copy, "Durable", outcome);
}

void ReplicaSide::cancel(const std::string& secret_name) {
  const auto copy = copies_.find(secret_name);
  if (copy == copies_.end()) return;
  if (copy->second.timer != 0) host_.cancel_timer(copy->second.timer);
  copy_by_id_.erase(copy->second.id);
  copies_.erase(copy);
}

void ReplicaSide::acknowledge(std::string_view to, const v1::LinkId& link, std::uint64_t sequence,
                              std::int64_t last_accessed_day) {
  v1::ReplicateAck ack;
  *ack.mutable_link() = link;
  ack.set_sequence(sequence);
  ack.set_last_accessed_day(last_accessed_day);
  host_.send(to, "ReplicateAck", ack.SerializeAsString());
}

void ReplicaSide::refuse(std::string_view to, const v1::Replicate& offer,
                         const Judgement& judgement) {
  host_.context().record({.kind = v1::REPLICA_APPLIED,
                          .peer = host_.actor_of(to),
                          .number = offer.sequence(),
                          .subject = offer.link().secret_name(),
                          .verb = "refused",
                          .outcome = v1::RefusalReason_Name(judgement.reason),
                          .text = judgement.message});
  v1::ReplicateNack nack;
  *nack.mutable_link() = offer.link();
  nack.set_sequence(offer.sequence());
  nack.set_reason(judgement.reason);
  nack.set_message(judgement.message);
  host_.send(to, "ReplicateNack", nack.SerializeAsString());
}

}  // namespace faultline::regions
