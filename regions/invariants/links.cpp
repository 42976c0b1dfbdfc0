// What a primary says of its replicas, and what the two ends of a link have told each other.
#include <algorithm>

#include "engine/hash.h"
#include "engine/simulation.h"
#include "kms/primitives.h"
#include "proto/replication.pb.h"
#include "regions/invariants/bound.h"
#include "regions/invariants/overseer.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

constexpr std::string_view kNoAnswer =
    "Replication failed: Secret replication failed due to a network error.";
constexpr std::string_view kFailedPrefix = "Replication failed: ";
constexpr std::size_t kLongestMessage = 4096;

// Which status may follow which: the rows of both tables, as users see them.
bool may_follow(std::string_view before, std::string_view after) {
  if (before == after) return true;
  if (after == "InProgress") return before == "absent" || before == "InSync" || before == "Failed";
  if (after == "InSync") return before == "InProgress" || before == "Failed";
  if (after == "Failed") return before == "InProgress";
  if (after == "Removing") return before != "absent";
  return after == "absent";
}

template <class Message>
bool parse(std::string_view body, Message& message) {
  return message.ParseFromArray(body.data(), static_cast<int>(body.size()));
}

}  // namespace

// ---- messages -----------------------------------------------------------------------------------

// S25, S28, S38; what the ends of a link have said, for the others
void Overseer::on_message(const MessageSeen& message) {
  judge_wire(message);
  RegionGhost& from = region(message.from);
  if (message.type == "Replicate") {
    v1::Replicate offer;
    if (!parse(message.body, offer)) return;
    ++offers_seen_;
    LinkTalk& said = talk(message.to, offer.link().secret_arn(), offer.link().generation());
    hold(Property::S38);
    const std::uint32_t most = world_.service().max_attempts + 1 + said.allowed_more;
    if (++said.offers_since > most)
      report(Property::S38, offer.link().secret_name(), message.to,
             "one change of " + offer.link().secret_name() + " was sent to " +
                 std::string(message.to) + " " + std::to_string(said.offers_since) + " times");
    for (const v1::ReplicatedVersion& version : offer.versions()) {
      if (version.sealed_value().size() < kms::kIvBytes) continue;
      hold(Property::S28);
      std::string nonce = from.name + '>' + std::string(message.to) + '>';
      nonce.append(version.sealed_value(), 0, kms::kIvBytes);
      const auto [known, is_new] =
          nonces_.try_emplace(engine::hash64(nonce), engine::hash64(version.sealed_value()));
      if (!is_new && known->second != engine::hash64(version.sealed_value()))
        report(Property::S28, offer.link().secret_name(), message.to,
               "two values travelled from " + from.name + " to " + std::string(message.to) +
                   " under one nonce");
    }
  } else if (message.type == "ReplicateAck") {
    v1::ReplicateAck ack;
    if (!parse(message.body, ack)) return;
    ++from.answers_given;
    LinkTalk& said = talk(from.name, ack.link().secret_arn(), ack.link().generation());
    said.acked = std::max(said.acked, ack.sequence());
    const auto held = from.secrets.find(ack.link().secret_name());
    if (held == from.secrets.end() || !is_replica(held->second.record)) return;
    const SecretGhost& copy = held->second;
    if (lineage_of(*copy.record) != ack.link().secret_arn() || from.tainted) return;
    if (copy.record->sequence() != ack.sequence()) return;
    hold(Property::S07);
    if (now() < copy.durable_at || copy.unsynced)
      report(Property::S07, copy.name, from.name,
             from.name + " acknowledged change " + std::to_string(ack.sequence()) + " of " +
                 copy.name + " before it was durable");
  } else if (message.type == "ReplicateNack") {
    v1::ReplicateNack nack;
    if (!parse(message.body, nack)) return;
    ++from.answers_given;
    LinkTalk& said = talk(from.name, nack.link().secret_arn(), nack.link().generation());
    if (nack.reason() == v1::FENCED || nack.reason() == v1::LINK_REMOVED) said.ended = true;
  } else if (message.type == "RemoveReplicaAck") {
    v1::RemoveReplicaAck ack;
    if (!parse(message.body, ack)) return;
    talk(from.name, ack.link().secret_arn(), ack.link().generation()).ended = true;
    std::uint64_t& removed = from.removed[ack.link().secret_arn()];
    removed = std::max(removed, ack.link().generation());
  } else if (message.type == "ReplicaDetached") {
    v1::ReplicaDetached detached;
    if (!parse(message.body, detached)) return;
    talk(from.name, detached.link().secret_arn(), detached.link().generation()).ended = true;
  }
  if (from.answers_given > from.offers_heard)
    report(Property::S38, {}, from.name, from.name + " gave more answers than it was asked");
}

void Overseer::on_delivery(const MessageSeen& message) {
  RegionGhost& at = region(message.to);
  if (message.type == "Replicate") {
    ++at.offers_heard;
    v1::Replicate offer;
    if (!parse(message.body, offer)) return;
    principals_.insert(offer.principal_arn());
    talk(message.to, offer.link().secret_arn(), offer.link().generation())
        .heard.insert(offer.sequence());
  } else if (message.type == "ReplicateAck") {
    v1::ReplicateAck ack;
    if (!parse(message.body, ack)) return;
    LinkTalk& said = talk(message.from, ack.link().secret_arn(), ack.link().generation());
    said.ack_heard = std::max(said.ack_heard, ack.sequence());
  } else if (message.type == "ReplicateNack") {
    v1::ReplicateNack nack;
    if (!parse(message.body, nack)) return;
    LinkTalk& said = talk(message.from, nack.link().secret_arn(), nack.link().generation());
    said.refusals.emplace_back(nack.sequence(), engine::hash64(nack.message()));
    if (nack.reason() == v1::NEED_FULL_COPY) ++said.allowed_more;
  } else if (message.type == "RemoveReplica") {
    v1::RemoveReplica request;
    if (!parse(message.body, request)) return;
    std::uint64_t& asked = at.removals_heard[request.link().secret_arn()];
    asked = std::max(asked, request.link().generation());
  }
}

// ---- a link's record ----------------------------------------------------------------------------

void Overseer::take_link(RegionGhost& at, SecretGhost& secret, const v1::StoredLink& link,
                         bool erased) {
  LinkKey key{link.region(), link.secret_arn(), link.generation()};
  const auto known = secret.links.find(key);
  const v1::StoredLink* before = known == secret.links.end() ? nullptr : &known->second.record;
  if (!forfeited(link.secret_arn())) judge_transition(at, secret, before, link, erased);
  if (erased) {
    secret.links.erase(key);
    return;
  }
  principals_.insert(link.principal_arn());
  // Asking again for what is under way already begins nothing.
  const bool goes_on = before != nullptr && before->status() == link.status() &&
                       before->target_sequence() == link.target_sequence();
  const bool begins = link.status() == v1::StoredLink::InProgress && is_attached(link) && !goes_on;
  LinkGhost& ghost = secret.links[std::move(key)];
  ghost.record = link;
  ++ghost.written;
  LinkTalk& said = talk(link.region(), link.secret_arn(), link.generation());
  if (begins) {
    ghost.since = ghost.begun = now();
    ghost.kms_errors = at.kms_errors;
    said.offers_since = said.allowed_more = 0;
    said.ack_heard = 0;
    said.refusals.clear();
  }
  if (is_attached(link) && link.status() == v1::StoredLink::Failed) judge_failed(at, secret, link);
}

// S16, S22
void Overseer::judge_transition(const RegionGhost& at, const SecretGhost& secret,
                                const v1::StoredLink* before, const v1::StoredLink& link,
                                bool erased) {
  hold(Property::S22);
  const std::string_view was = status_of(before);
  const std::string_view is = erased ? "absent" : status_of(&link);
  const std::string what =
      "link " + std::to_string(link.generation()) + " of " + secret.name + " to " + link.region();
  if (!may_follow(was, is))
    report(Property::S22, secret.name, link.region(),
           what + " went from " + std::string(was) + " to " + std::string(is));
  if (before != nullptr && !erased && link.target_sequence() < before->target_sequence())
    report(Property::S22, secret.name, link.region(), what + " owes less than before");
  if (before == nullptr && !erased) {
    for (const auto& [key, other] : secret.links) {
      if (std::get<1>(key) == link.secret_arn() && std::get<2>(key) >= link.generation())
        report(Property::S16, secret.name, link.region(),
               what + " is not newer than the links before it");
      if (std::get<1>(key) == link.secret_arn() && std::get<0>(key) == link.region() &&
          is_attached(other.record) && is_attached(link))
        report(Property::S22, secret.name, link.region(), what + " is a second one to that region");
    }
  }
  if (!erased || before == nullptr || !talks_like_the_built_in()) return;
  hold(Property::S16);
  const auto said = talks_.find({link.region(), link.secret_arn(), link.generation()});
  const bool ended = said != talks_.end() && said->second.ended;
  if (!ended && regions_.contains(link.region()))
    report(Property::S16, secret.name, link.region(),
           what + " is gone at " + at.name + ", and its replica has never said that it is over");
}

// S19, S21, S23
void Overseer::judge_failed(RegionGhost& at, SecretGhost& secret, const v1::StoredLink& link) {
  hold(Property::S19);
  hold(Property::S21);
  hold(Property::S23);
  const std::string& text = link.status_message();
  const std::string what = secret.name + " to " + link.region();
  if (text.size() <= kFailedPrefix.size() || text.size() > kLongestMessage ||
      !text.starts_with(kFailedPrefix))
    return report(Property::S19, secret.name, link.region(),
                  "replication of " + what + " is Failed, and its message is \"" + text + "\"");
  if (forfeited(link.secret_arn())) return;
  const auto there = regions_.find(link.region());
  if (there != regions_.end()) {
    const auto copy = there->second.secrets.find(secret.name);
    if (copy != there->second.secrets.end() && is_replica(copy->second.record) &&
        copy->second.record->versions_size() == 0 && secret.record != nullptr &&
        secret.record->versions_size() > 0)
      report(Property::S23, secret.name, link.region(),
             "the first copy of " + what + " failed, and left a secret without versions there");
  }
  if (!talks_like_the_built_in() || there == regions_.end()) return;
  const LinkTalk& said = talk(link.region(), link.secret_arn(), link.generation());
  if (said.ack_heard >= link.target_sequence() && link.target_sequence() > 0)
    return report(Property::S21, secret.name, link.region(),
                  "replication of " + what + " is Failed, though " + link.region() +
                      " has acknowledged the newest change");
  if (text == kNoAnswer) {
    if (said.offers_since < world_.service().max_attempts)
      report(Property::S21, secret.name, link.region(),
             "replication of " + what + " failed for want of an answer after " +
                 std::to_string(said.offers_since) + " attempts");
    return;
  }
  const std::pair<std::uint64_t, std::uint64_t> told{link.target_sequence(), engine::hash64(text)};
  const bool was_told =
      std::find(said.refusals.begin(), said.refusals.end(), told) != said.refusals.end();
  const auto ghost = secret.links.find({link.region(), link.secret_arn(), link.generation()});
  const bool own_keys_failed =
      ghost != secret.links.end() && at.kms_errors > ghost->second.kms_errors;
  if (!was_told && !own_keys_failed)
    report(Property::S21, secret.name, link.region(),
           "replication of " + what + " is Failed of a cause that nobody has told: " + text);
}

// S07, S16
void Overseer::judge_in_sync(RegionGhost& at, SecretGhost& secret, const v1::StoredLink& link) {
  if (forfeited(link.secret_arn()) || is_promoted_there(link)) return;
  hold(Property::S07);
  if (const std::string gap = difference(at, secret, link); !gap.empty())
    report(Property::S07, secret.name, link.region(),
           at.name + " says that " + link.region() + " is InSync, and " + gap);
  if (!talks_like_the_built_in()) return;
  hold(Property::S16);
  const LinkTalk& said = talk(link.region(), link.secret_arn(), link.generation());
  if (said.acked < link.target_sequence())
    report(Property::S16, secret.name, link.region(),
           "link " + std::to_string(link.generation()) + " of " + secret.name + " to " +
               link.region() + " became InSync without an acknowledgement of its own");
}

// ---- equality -----------------------------------------------------------------------------------

bool Overseer::is_promoted_there(const v1::StoredLink& link) {
  const auto there = regions_.find(link.region());
  if (there == regions_.end()) return false;
  const auto promoted = there->second.promoted.find(link.secret_arn());
  return promoted != there->second.promoted.end() && promoted->second >= link.generation();
}

std::string Overseer::difference(const RegionGhost& primary, const SecretGhost& secret,
                                 const v1::StoredLink& link) {
  const auto there = regions_.find(link.region());
  if (there == regions_.end()) return "there is no such region";
  if (secret.record == nullptr) return {};
  const auto found = there->second.secrets.find(secret.name);
  const SecretGhost* copy = found == there->second.secrets.end() ? nullptr : &found->second;
  if (copy == nullptr || copy->record == nullptr) return "it holds nothing of that name";
  if (!is_replica(copy->record)) return "it holds a secret of its own";
  if (lineage_of(*copy->record) != secret.record->arn())
    return "it holds a replica of another secret";
  const Snapshot here = snapshot_of(*secret.record);
  const Snapshot replica = snapshot_of(*copy->record);
  if (here.labels != replica.labels) return "it holds other versions or staging labels";
  if (here.whole != replica.whole) return "it has another description or other tags";
  for (const v1::VersionInfo& version : secret.record->versions()) {
    if (version.stages_size() == 0 || version.empty()) continue;
    const auto own = secret.values.find(version.version_id());
    const auto other = copy->values.find(version.version_id());
    if (other == copy->values.end()) return "it lacks the value of version " + version.version_id();
    if (own != secret.values.end() && own->second.digest != other->second.digest)
      return "it holds another value than " + primary.name + " in version " + version.version_id();
  }
  if (copy->unsynced && !there->second.tainted) return "what it holds is not synced";
  return {};
}

// S07
void Overseer::judge_equality(RegionGhost& primary, SecretGhost& secret) {
  if (secret.record == nullptr || is_replica(secret.record)) return;
  for (const auto& [key, ghost] : secret.links) {
    const v1::StoredLink& link = ghost.record;
    if (!is_attached(link) || link.status() != v1::StoredLink::InSync) continue;
    if (link.secret_arn() != secret.record->arn() || forfeited(link.secret_arn())) continue;
    if (is_promoted_there(link)) continue;
    hold(Property::S07);
    if (const std::string gap = difference(primary, secret, link); !gap.empty())
      report(Property::S07, secret.name, link.region(),
             primary.name + " says that " + link.region() + " is InSync, and " + gap);
  }
}

void Overseer::judge_equality_of_replica(RegionGhost& /*at*/, const SecretGhost& copy) {
  if (!is_replica(copy.record)) return;
  const auto home = regions_.find(copy.record->primary_region());
  if (home == regions_.end()) return;
  const auto primary = home->second.secrets.find(copy.name);
  if (primary != home->second.secrets.end()) judge_equality(home->second, primary->second);
}

// ---- pace ---------------------------------------------------------------------------------------

// L02, S34: links that are under way for longer than it can take.
void Overseer::judge_pace(bool all) {
  if (slow_faults_ > 0 && !all) return;
  const engine::Duration most = resolution_bound(world_, kLabelsMax);
  for (auto& [name, at] : regions_) {
    if (!at.up || !at.open) continue;
    for (const auto& [secret_name, secret] : at.secrets) {
      for (const auto& [key, ghost] : secret.links) {
        const v1::StoredLink& link = ghost.record;
        if (!is_attached(link) || link.status() != v1::StoredLink::InProgress) continue;
        if (forfeited(link.secret_arn())) continue;
        hold(Property::L02);
        const engine::Instant since = std::max(ghost.since, well_since_);
        if (now() - since > most)
          report(Property::L02, secret_name, link.region(),
                 "replication of " + secret_name + " to " + link.region() +
                     " is InProgress for longer than " + engine::format_duration(most));
        const auto there = regions_.find(link.region());
        if (faults_in_force_ > 0 || there == regions_.end() || !there->second.up ||
            !there->second.open)
          continue;
        hold(Property::S34);
        if (now() - std::max(since, clear_since_) > most)
          report(Property::S34, secret_name, link.region(),
                 link.region() + " is behind in " + secret_name + " for longer than " +
                     engine::format_duration(most) + ", and nothing is broken");
      }
    }
  }
}

}  // namespace faultline::regions
