// What clients ask and are told.
#include <algorithm>

#include "engine/fault_injector.h"
#include "engine/hash.h"
#include "engine/simulation.h"
#include "regions/api/operations.h"
#include "regions/arn.h"
#include "regions/invariants/overseer.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

using Operation = v1::ApiRequest::OperationCase;

struct Brought {
  std::string token;
  std::uint64_t digest = 0;
};

template <class Request>
Brought brought_by(const Request& request) {
  Brought brought{request.client_request_token(), 0};
  if (request.has_secret_string())
    brought.digest = digest_of(v1::StoredVersion::STRING, request.secret_string());
  if (request.has_secret_binary())
    brought.digest = digest_of(v1::StoredVersion::BINARY, request.secret_binary());
  return brought;
}

Brought brought_by(const v1::ApiRequest& request) {
  switch (request.operation_case()) {
    case Operation::kCreateSecret:
      return brought_by(request.create_secret());
    case Operation::kPutSecretValue:
      return brought_by(request.put_secret_value());
    case Operation::kUpdateSecret:
      return brought_by(request.update_secret());
    default:
      return {};
  }
}

// Changes what clients see of a secret: not its replicas, and not only its key.
bool changes_secret(const v1::ApiRequest& request) {
  switch (request.operation_case()) {
    case Operation::kUpdateSecret: {
      const v1::UpdateSecretRequest& update = request.update_secret();
      return update.has_description() || update.has_secret_string() || update.has_secret_binary() ||
             update.has_type();
    }
    case Operation::kCreateSecret:
    case Operation::kPutSecretValue:
    case Operation::kUpdateSecretVersionStage:
    case Operation::kDeleteSecret:
    case Operation::kRestoreSecret:
    case Operation::kTagResource:
    case Operation::kUntagResource:
    case Operation::kPutResourcePolicy:
    case Operation::kDeleteResourcePolicy:
      return true;
    default:
      return false;
  }
}

const std::string& version_told(const v1::ApiResponse& response) {
  switch (response.operation_case()) {
    case v1::ApiResponse::kCreateSecret:
      return response.create_secret().version_id();
    case v1::ApiResponse::kPutSecretValue:
      return response.put_secret_value().version_id();
    default:
      return response.update_secret().version_id();
  }
}

// The region may have taken it or not.
bool is_open_ended(const Error& error) {
  return error.code == "ConnectionClosed" || error.code == "InternalServiceError" ||
         error.code == "InternalServiceErrorException" || error.code == "ThrottlingException";
}

}  // namespace

void Overseer::on_call(const CallSeen& seen) {
  if (seen.request.has_batch_get_secret_value()) begin_batch(seen);
  hold(Property::S35);
  add_public(seen.request);
  principals_.insert(std::string(seen.principal_arn));
  CallGhost& call = calls_[seen.id];
  if (call.id != 0)
    report(Property::S35, {}, seen.region, "call " + std::to_string(seen.id) + " began twice");
  call.id = seen.id;
  call.region = seen.region;
  call.principal = seen.principal_arn;
  call.request = seen.request;
  call.began = now();
  Brought brought = brought_by(seen.request);
  call.token = std::move(brought.token);
  call.digest = brought.digest;
  call.mutates = changes_secret(seen.request);
  call.kms_uses = kms_count_;
  const std::string id = api::named_secret(seen.request);
  if (seen.request.has_create_secret()) {
    call.secret = id;
  } else if (const auto lookup = lookup_of(id, seen.region, world_.account().id())) {
    call.secret = lookup->name;
    if (!lookup->any_arn) call.arn = lookup->arn;
  }
  if (call.secret.empty()) return;
  RegionGhost& at = region(seen.region);
  SecretGhost& owner = secret(at, call.secret);
  if (owner.pending.empty() && owner.states.size() > 1)
    owner.states.erase(owner.states.begin(), owner.states.end() - 1);
  owner.pending.push_back(seen.id);
  if (!at.tainted) history(at.name, call.secret).begins(call);
  call.state = owner.states.back().number;
  call.roles = owner.roles;
  call.kms_errors = at.kms_errors;
  call.openings = at.openings;
  if (owner.record != nullptr) {
    call.lineage = lineage_of(*owner.record);
    const auto session = sessions_.find({call.principal, at.name, call.lineage});
    if (session != sessions_.end()) call.session_floor = session->second;
    const auto line = lineages_.find(call.lineage);
    if (line != lineages_.end()) {
      const auto told = line->second.told.find(at.name);
      if (told != line->second.told.end()) call.told_floor = told->second;
    }
  }
  const auto note_forced = [&](const auto& replicas) {
    for (const v1::ReplicaRegionType& replica : replicas)
      forced_.insert(replica.region() + '/' + call.secret);
  };
  if (seen.request.create_secret().force_overwrite_replica_secret())
    note_forced(seen.request.create_secret().add_replica_regions());
  if (seen.request.replicate_secret_to_regions().force_overwrite_replica_secret())
    note_forced(seen.request.replicate_secret_to_regions().add_replica_regions());
  for (const v1::ReplicaRegionType& replica :
       seen.request.replicate_secret_to_regions().add_replica_regions()) {
    for (const auto& [key, link] : owner.links) {
      if (std::get<0>(key) == replica.region() && link.record.phase() == v1::StoredLink::ATTACHED &&
          link.record.status() == v1::StoredLink::Failed)
        call.failed_links.emplace_back(replica.region(), std::get<2>(key), link.written);
    }
  }
}

void Overseer::on_answer(const AnswerSeen& answer) {
  answer_batch(answer);
  hold(Property::S35);
  const auto found = calls_.find(answer.id);
  if (found == calls_.end()) {
    return report(Property::S35, {}, {},
                  "call " + std::to_string(answer.id) + " ended, and is not under way");
  }
  if (!canaries_.find(answer.traced).empty())
    report(Property::S35, found->second.secret, found->second.region,
           "the trace tells a secret value in the answer of call " + std::to_string(answer.id));
  CallGhost& call = found->second;
  if (call.secret.empty()) {
    calls_.erase(found);
    return;
  }
  RegionGhost& at = region(call.region);
  SecretGhost& owner = secret(at, call.secret);
  history(at.name, call.secret).is_answered(answer.id, answer.result);
  if (call.mutates && is_replica(owner.record)) hold(Property::S14);
  const bool open_ended = !answer.result && is_open_ended(answer.result.error());
  if (answer.result) {
    owner.successes[call.request.operation_case()] = now();
    judge_success(at, owner, call, *answer.result);
  } else {
    judge_failure(at, owner, call, answer.result.error());
  }
  const bool may_come = call.request.has_stop_replication_to_replica() || call.mutates;
  forget_call(owner, answer.id, may_come && (open_ended || requests_repeat_));
}

void Overseer::forget_call(SecretGhost& secret, Id id, bool maybe) {
  std::erase(secret.pending, id);
  auto call = calls_.extract(id);
  if (maybe && !call.empty() && (!call.mapped().took_effect || requests_repeat_)) {
    maybe_calls_.insert(std::move(call));
    secret.maybe.push_back(id);
  }
}

DigestOf Overseer::digests(const SecretGhost& secret) const {
  return [this, &secret](const std::string& id) -> std::uint64_t {
    const auto held = secret.values.find(id);
    if (held != secret.values.end()) return held->second.digest;
    return secret.record != nullptr ? digest_in(lineage_of(*secret.record), id) : 0;
  };
}

bool Overseer::in_every_state(const SecretGhost& secret, const CallGhost& call,
                              const std::function<bool(const RecordPtr&)>& holds) const {
  return std::all_of(secret.states.begin(), secret.states.end(), [&](const StateSeen& state) {
    return state.number < call.state || holds(state.record);
  });
}

// ---- success ------------------------------------------------------------------------------------

// S13, S14, S18, S20
void Overseer::judge_success(RegionGhost& at, SecretGhost& secret, CallGhost& call,
                             const v1::ApiResponse& response) {
  const std::string place = secret.name + " in " + at.name;
  const bool lost = secret.record != nullptr && forfeited(lineage_of(*secret.record));
  if (call.mutates && secret.roles == call.roles && is_replica(secret.record))
    report(
        Property::S14, secret.name, at.name,
        place + " is a replica, and " + api::operation_name(call.request) + " was accepted there");
  if (call.request.has_get_secret_value())
    return judge_read(at, secret, call, response.get_secret_value());
  if (call.request.has_describe_secret())
    return judge_description(at, secret, call, response.describe_secret());
  if (call.request.has_list_secret_version_ids())
    return judge_list(at, secret, call, response.list_secret_version_ids());
  if (call.request.has_stop_replication_to_replica()) {
    hold(Property::S13);
    hold(Property::L06);
    if (lost || at.tainted) return;
    if (CallGhost* const twin = twin_that_took_effect(secret, call);
        !call.took_effect && twin != nullptr) {
      twin->took_effect = false;
      return;
    }
    if (!call.took_effect && !requests_repeat_) {
      report(Property::S13, secret.name, at.name,
             place + " was said to be promoted, and is still a replica");
    } else if (call.took_effect && (secret.unsynced || now() < call.durable_at)) {
      report(Property::S13, secret.name, at.name,
             "the promotion of " + place + " was acknowledged before it was durable");
    }
    return;
  }
  if (call.request.has_replicate_secret_to_regions()) {
    for (const auto& [to, generation, written] : call.failed_links) {
      hold(Property::S20);
      const auto link = secret.links.find({to, call.lineage, generation});
      if (link == secret.links.end() || link->second.written != written) continue;
      report(Property::S20, secret.name, to,
             "replication of " + secret.name + " to " + to +
                 " is Failed, and asking again did not start it");
    }
    return;
  }
  if (!call.mutates) {
    if (call.request.update_secret().has_kms_key_id()) judge_rekeyed(at, secret, call);
    return;
  }
  if (lost || at.tainted) return;
  judge_durable(at, secret, call);
  if (call.digest != 0) judge_token(at, secret, call, response);
  judge_effect(secret, call);
  if (call.request.update_secret().has_kms_key_id()) judge_rekeyed(at, secret, call);
}

// S08
void Overseer::judge_durable(RegionGhost& at, SecretGhost& secret, const CallGhost& call) {
  hold(Property::S08);
  if (!call.took_effect) return;
  // A request that came twice is answered by whichever finds the other's commit.
  const bool is_alone =
      !requests_repeat_ && std::none_of(secret.pending.begin(), secret.pending.end(), [&](Id id) {
        return id != call.id && !call.token.empty() && calls_.at(id).token == call.token;
      });
  if (secret.unsynced || (now() < call.durable_at && is_alone))
    report(Property::S08, secret.name, at.name,
           api::operation_name(call.request) + " on " + secret.name + " in " + at.name +
               " was acknowledged before it was durable");
}

// S10
void Overseer::judge_token(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                           const v1::ApiResponse& response) {
  hold(Property::S10);
  const std::string what = "version " + call.token + " of " + secret.name + " in " + at.name;
  if (version_told(response) != call.token)
    report(Property::S10, secret.name, at.name,
           what + " was asked for, and the answer names version " + version_told(response));
  const auto held = secret.values.find(call.token);
  // Deleted and made anew meanwhile, it may hold another value under the token.
  const bool is_the_same = secret.record != nullptr &&
                           (call.lineage.empty() || lineage_of(*secret.record) == call.lineage);
  if (held != secret.values.end() && held->second.digest != 0 && is_the_same &&
      held->second.digest != call.digest && secret.roles == call.roles)
    report(Property::S10, secret.name, at.name,
           what + " was accepted with another value than it has");
}

// Of two calls of one kind that are under way together, the commit may have been this one's.
CallGhost* Overseer::twin_that_took_effect(SecretGhost& secret, const CallGhost& call) {
  for (const Id id : secret.pending) {
    CallGhost& other = calls_.at(id);
    if (id != call.id && other.took_effect && other.token == call.token &&
        other.request.operation_case() == call.request.operation_case())
      return &other;
  }
  return nullptr;
}

// S08, S31: what was acknowledged without a commit must have been so already.
void Overseer::judge_effect(SecretGhost& secret, const CallGhost& call) {
  hold(Property::S31);
  if (call.took_effect) return;
  CallGhost* const twin = twin_that_took_effect(secret, call);
  // Of two that bring one token the other may still have its own commit before it.
  if (twin != nullptr && !call.token.empty()) {
    twin->took_effect = false;
    return;
  }
  const DigestOf digest = digests(secret);
  bool refused = true;
  for (const StateSeen& state : secret.states) {
    if (state.number < call.state) continue;
    SequentialSecret at_then = sequential(state.record);
    const CallEffect effect = apply(call, digest, at_then);
    if (effect == CallEffect::Unchanged) return;
    refused &= effect == CallEffect::Refused;
  }
  const std::string what =
      api::operation_name(call.request) + " on " + secret.name + " in " + call.region;
  if (call.request.has_delete_secret() && secret.record == nullptr) return;
  if (twin != nullptr) {
    twin->took_effect = false;
    return;
  }
  report(refused ? Property::S31 : Property::S08, secret.name, call.region,
         what + (refused ? " was accepted, and had to be refused at every instant of the call"
                         : " was acknowledged, and changed nothing"));
}

// S30
void Overseer::judge_rekeyed(RegionGhost& at, SecretGhost& secret, const CallGhost& call) {
  const std::string& wanted = call.request.update_secret().kms_key_id();
  if (keys_are_odd_ || secret.record == nullptr || secret.roles != call.roles) return;
  if (at.kms_errors != call.kms_errors || forfeited(lineage_of(*secret.record))) return;
  const bool alone = std::none_of(secret.pending.begin(), secret.pending.end(), [&](Id id) {
    return id != call.id && calls_.at(id).request.update_secret().has_kms_key_id();
  });
  if (!alone || wanted.empty() || wanted == kms::kManagedAlias) return;
  if (secret.record->kms_key_id() != wanted) return;
  const auto arn = world_.kms(at.name).resolve(wanted);
  if (!arn) return;
  hold(Property::S30);
  for (const v1::VersionInfo& version : secret.record->versions()) {
    const bool follows = has_label(version, kCurrent) || has_label(version, kPrevious) ||
                         has_label(version, kPending);
    const auto value = secret.values.find(version.version_id());
    if (!follows || version.empty() || value == secret.values.end()) continue;
    const auto& keys = value->second.key_arns;
    if (std::find(keys.begin(), keys.end(), *arn) == keys.end())
      report(Property::S30, secret.name, at.name,
             secret.name + " in " + at.name + " has the key " + wanted + ", and version " +
                 version.version_id() + " does not open with it");
  }
}

// ---- failure ------------------------------------------------------------------------------------

// S09, S10, S31, L06
void Overseer::judge_failure(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                             const Error& error) {
  const std::string what =
      api::operation_name(call.request) + " on " + secret.name + " in " + at.name;
  if (at.tainted || (secret.record != nullptr && forfeited(lineage_of(*secret.record)))) return;
  if (call.request.has_stop_replication_to_replica()) return judge_unharmed(at, secret, call);
  if (is_open_ended(error)) return;
  // What it did may have been the doing of another one like it.
  const int operation = call.request.operation_case();
  const auto success = secret.successes.find(operation);
  const bool was_alone =
      (success == secret.successes.end() || success->second < call.began) &&
      std::none_of(secret.pending.begin(), secret.pending.end(), [&](Id id) {
        return id != call.id && calls_.at(id).request.operation_case() == operation;
      });
  if (call.took_effect && !requests_repeat_ && was_alone)
    return report(call.digest != 0 ? Property::S09 : Property::S31, secret.name, at.name,
                  what + " was answered " + error.code + ", and took effect");
  const DigestOf digest = digests(secret);
  const auto stays_usable = [&](const RecordPtr& record) {
    return record != nullptr && names(call, record) && !is_replica(record) &&
           !record->has_deletion_unix_ns();
  };
  if (error.code == "ResourceExistsException" && call.digest != 0) {
    hold(Property::S10);
    const auto repeats = [&](const RecordPtr& record) {
      return stays_usable(record) && find_version(*record, call.token) != nullptr &&
             digest(call.token) == call.digest;
    };
    if (in_every_state(secret, call, repeats))
      report(Property::S10, secret.name, at.name,
             what + " repeats version " + call.token + " with the same value, and was refused");
  }
  const bool not_found = error.code == "ResourceNotFoundException";
  if (error.code == "ResourceExistsException" && call.request.has_create_secret() &&
      in_every_state(secret, call, [](const RecordPtr& record) { return record == nullptr; }))
    report(Property::S31, secret.name, at.name, what + " found a secret where there was none");
  if (not_found && (call.request.has_describe_secret() || call.request.has_put_secret_value() ||
                    call.request.has_tag_resource() || call.request.has_restore_secret())) {
    hold(Property::S31);
    const auto is_there = [&](const RecordPtr& record) {
      return record != nullptr && names(call, record);
    };
    if (in_every_state(secret, call, is_there))
      report(Property::S31, secret.name, at.name, what + " did not find what was there all along");
  }
  if (not_found && call.request.has_get_secret_value()) {
    hold(Property::S31);
    const v1::GetSecretValueRequest& request = call.request.get_secret_value();
    const auto is_there = [&](const RecordPtr& record) {
      if (record == nullptr || !names(call, record) || record->has_deletion_unix_ns()) return false;
      const v1::VersionInfo* version =
          request.has_version_id()
              ? find_version(*record, request.version_id())
              : holder_of(*record, request.has_version_stage() ? request.version_stage()
                                                               : std::string(kCurrent));
      return version != nullptr && !version->empty();
    };
    if (in_every_state(secret, call, is_there))
      report(Property::S31, secret.name, at.name, what + " did not find what was there all along");
  }
  const bool about_state = error.code == "InvalidParameterException" ||
                           error.code == "InvalidRequestException" || not_found;
  if (about_state && call.request.has_update_secret_version_stage()) {
    hold(Property::S31);
    const auto is_legal = [&](const RecordPtr& record) {
      SequentialSecret state = sequential(record);
      return stays_usable(record) && apply(call, digest, state) != CallEffect::Refused;
    };
    if (in_every_state(secret, call, is_legal))
      report(Property::S31, secret.name, at.name, what + " was refused, and was allowed all along");
  }
}

// L06: what may keep a region from promoting a replica is its own trouble only.
void Overseer::judge_unharmed(RegionGhost& at, SecretGhost& secret, const CallGhost& call) {
  const bool steady = at.up && at.open && call.openings == at.openings && at.lost_commits == 0 &&
                      world_.account().is_enabled(at.name);
  const bool is_copy = in_every_state(secret, call, [&](const RecordPtr& record) {
    return is_replica(record) && names(call, record);
  });
  if (!steady || !is_copy || call.began < local_trouble_) return;
  for (const engine::ActiveFault& active : world_.simulation().faults().active()) {
    if (is_local(active.fault)) return;
  }
  hold(Property::L06);
  report(Property::L06, secret.name, at.name,
         secret.name + " in " + at.name + " could not be promoted, though nothing is wrong there");
}

}  // namespace faultline::regions
