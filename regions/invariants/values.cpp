// Stored values, the keys and nonces that seal them, and plaintext where none may be.
#include <algorithm>

#include "engine/hash.h"
#include "engine/simulation.h"
#include "kms/primitives.h"
#include "proto/replication.pb.h"
#include "regions/arn.h"
#include "regions/invariants/overseer.h"
#include "regions/invariants/rotation_moves.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

// kms/envelope.h: one byte of version, then the nonce.
constexpr std::size_t kNonceAt = 1;

std::uint64_t mixed(std::string_view one, std::string_view two, std::string_view three = {},
                    std::string_view four = {}) {
  std::string text;
  for (const std::string_view piece : {one, two, three, four}) {
    text += piece;
    text += '\0';
  }
  return engine::hash64(text);
}

}  // namespace

// S04, S09, S26, S27, S28
void Overseer::take_value(RegionGhost& at, SecretGhost& secret, const v1::StoredSecret* record,
                          const std::string& id, std::string_view bytes) {
  v1::StoredVersion stored;
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  if (record == nullptr) {
    report(Property::S03, secret.name, at.name,
           secret.name + " in " + at.name + " got a value of version " + id +
               ", and there is no such secret");
    return;
  }
  hold(Property::S26);
  hold(Property::S27);
  const MasterKeys::Opened opened = keys_.open(at.name, record->arn(), id, stored);
  const std::string what = "version " + id + " of " + secret.name + " in " + at.name;
  if (opened.trouble == MasterKeys::Trouble::ForeignKey) {
    const std::string whose = opened.foreign_region.empty() ? "no key of the region"
                                                            : "a key of " + opened.foreign_region;
    report(Property::S26, secret.name, at.name, what + " is sealed with " + whose);
  } else if (opened.trouble == MasterKeys::Trouble::Context) {
    report(Property::S27, secret.name, at.name,
           what + " does not open as what it is: it is sealed in another context");
  } else {
    judge_digest(at, *record, id, opened.digest);
  }
  judge_freshness(at, record->arn(), id, stored);
  ValueGhost& value = secret.values[id];
  value.digest = opened.digest;
  value.key_arns.clear();
  for (const v1::WrappedKey& key : stored.keys()) value.key_arns.push_back(key.key_arn());
}

void Overseer::judge_digest(const RegionGhost& at, const v1::StoredSecret& record,
                            const std::string& id, std::uint64_t digest) {
  hold(Property::S04);
  hold(Property::S09);
  const std::string arn = lineage_of(record);
  const std::string what = "version " + id + " of " + record.name();
  if (record.role() == v1::Replica) {
    const auto line = lineages_.find(arn);
    if (line == lineages_.end() || line->second.forfeited) return;
    const auto known = line->second.values.find(id);
    if (known == line->second.values.end()) {
      const bool written_here = has_writers(secret(region(at.name), record.name()));
      report(written_here ? Property::S14 : Property::S09, record.name(), at.name,
             at.name + " holds " + what + ", which " + record.primary_region() + " never had");
    } else if (std::find(known->second.begin(), known->second.end(), digest) ==
               known->second.end()) {
      report(Property::S04, record.name(), at.name,
             at.name + " holds another value in " + what + " than " + record.primary_region());
    }
    return;
  }
  Lineage& line = lineage(arn, at.name, record.name());
  SecretGhost& owner = secret(region(at.name), record.name());
  std::vector<std::uint64_t>& known = line.values[id];
  if (owner.values.contains(id)) {
    if (owner.values[id].digest != digest && owner.values[id].digest != 0 && !line.forfeited)
      report(Property::S04, record.name(), at.name,
             what + " in " + at.name + " has got another value");
    return;
  }
  known.push_back(digest);
  const auto brought = [&](const CallGhost& call) {
    return call.token == id && call.digest == digest;
  };
  const bool asked = std::any_of(owner.pending.begin(), owner.pending.end(),
                                 [&](Id call) { return brought(calls_.at(call)); }) ||
                     std::any_of(owner.maybe.begin(), owner.maybe.end(),
                                 [&](Id call) { return brought(maybe_calls_.at(call)); });
  if (asked || line.forfeited) return;
  if (is_a_trial_copy(record, id)) {
    const v1::VersionInfo* const current = holder_of(record, kCurrent);
    const auto held =
        current == nullptr ? owner.values.end() : owner.values.find(current->version_id());
    if (held != owner.values.end() && held->second.digest == digest) return;
  }
  const bool is_orphan = !has_writers(owner) && record.fenced_generation() > 0;
  const auto under_another = [&](const CallGhost& call) {
    return call.digest == digest && !call.token.empty() && call.token != id;
  };
  const bool renamed = std::any_of(owner.pending.begin(), owner.pending.end(),
                                   [&](Id call) { return under_another(calls_.at(call)); });
  if (renamed) {
    report(Property::S10, record.name(), at.name,
           what + " in " + at.name + " holds what a call brought under another token");
  } else {
    report(is_orphan ? Property::S12 : Property::S09, record.name(), at.name,
           what + " in " + at.name + " holds what no call that is under way has brought");
  }
}

// S28
void Overseer::judge_freshness(const RegionGhost& at, const std::string& arn, const std::string& id,
                               const v1::StoredVersion& stored) {
  if (stored.keys_size() == 0 || stored.sealed_value().size() < kNonceAt + kms::kIvBytes) return;
  hold(Property::S28);
  // The same value may be wrapped once more, for another key; nothing else is sealed with its key.
  const std::uint64_t owner = mixed(at.name, arn, id, stored.sealed_value());
  for (const v1::WrappedKey& key : stored.keys()) {
    const auto [known, is_new] = data_keys_.try_emplace(engine::hash64(key.blob()), owner);
    if (!is_new && known->second != owner)
      report(Property::S28, {}, at.name,
             "version " + id + " of " + arn + " is sealed with a data key that was used before");
  }
}

// ---- the wire -----------------------------------------------------------------------------------

// S25
void Overseer::judge_wire(const MessageSeen& message) {
  if (canaries_.empty()) return;
  hold(Property::S25);
  const std::string_view form = canaries_.find(message.body);
  if (form.empty()) return;
  report(Property::S25, {}, message.from,
         "a secret value, as " + std::string(form) + ", in a " + std::string(message.type) +
             " from " + std::string(message.from) + " to " + std::string(message.to));
}

void Overseer::scan(Property property, std::string_view bytes, std::string_view where,
                    std::string_view region) {
  const std::string_view form = canaries_.find(bytes);
  if (form.empty()) return;
  report(property, {}, region,
         "a secret value, as " + std::string(form) + ", in " + std::string(where) + " of " +
             std::string(region));
}

// S24
void Overseer::judge_at_rest(const RegionGhost& at, const Transaction& transaction) {
  if (canaries_.empty()) return;
  hold(Property::S24);
  for (const WriteBatch::Operation& operation : transaction.writes().operations()) {
    if (operation.value) scan(Property::S24, *operation.value, "a record", at.name);
  }
  if (transaction.written_secret() == nullptr) return;
  const v1::StoredSecret& record = *transaction.written_secret();
  scan(Property::S24, record.description(), "the description of " + record.name(), at.name);
  for (const v1::Tag& tag : record.tags())
    scan(Property::S24, tag.value(), "a tag of " + record.name(), at.name);
  for (const v1::VersionInfo& version : record.versions()) {
    scan(Property::S24, version.version_id(), "a version id of " + record.name(), at.name);
    for (const std::string& stage : version.stages())
      scan(Property::S24, stage, "a label of " + record.name(), at.name);
  }
}

void Overseer::scan_disks() {
  if (canaries_.empty()) return;
  for (const auto& [name, at] : regions_) {
    hold(Property::S24);
    const engine::Disk& disk = world_.simulation().context(*world_.simulation().find(name)).disk();
    disk.scan([&, &region_name = name](std::string_view file, std::string_view bytes) {
      scan(Property::S24, bytes, "the file " + std::string(file), region_name);
    });
  }
}

void Overseer::add_public(const v1::ApiRequest& request) {
  const auto tell = [this](const auto& message) {
    if constexpr (requires { message.client_request_token(); })
      canaries_.add_public(message.client_request_token());
    if constexpr (requires { message.description(); }) canaries_.add_public(message.description());
    if constexpr (requires { message.name(); }) canaries_.add_public(message.name());
    if constexpr (requires { message.secret_id(); }) canaries_.add_public(message.secret_id());
    if constexpr (requires { message.kms_key_id(); }) canaries_.add_public(message.kms_key_id());
    if constexpr (requires { message.tags(); }) {
      for (const v1::Tag& tag : message.tags()) {
        canaries_.add_public(tag.key());
        canaries_.add_public(tag.value());
      }
    }
    if constexpr (requires { message.version_stages(); }) {
      for (const std::string& stage : message.version_stages()) canaries_.add_public(stage);
    }
    if constexpr (requires { message.add_replica_regions(); }) {
      for (const v1::ReplicaRegionType& replica : message.add_replica_regions())
        canaries_.add_public(replica.kms_key_id());
    }
    if constexpr (requires { message.version_stage(); })
      canaries_.add_public(message.version_stage());
    if constexpr (requires { message.secret_string(); }) {
      canaries_.add_value(message.secret_string());
      canaries_.add_value(message.secret_binary());
    }
  };
  switch (request.operation_case()) {
    case v1::ApiRequest::kCreateSecret:
      return tell(request.create_secret());
    case v1::ApiRequest::kPutSecretValue:
      return tell(request.put_secret_value());
    case v1::ApiRequest::kUpdateSecret:
      return tell(request.update_secret());
    case v1::ApiRequest::kUpdateSecretVersionStage:
      return tell(request.update_secret_version_stage());
    case v1::ApiRequest::kTagResource:
      return tell(request.tag_resource());
    case v1::ApiRequest::kReplicateSecretToRegions:
      return tell(request.replicate_secret_to_regions());
    default:
      return;
  }
}

// S29
// What a key has sealed is looked at also when the key is gone.
void Overseer::on_kms_request(const KmsRequestSeen& request) {
  const bool may_be_the_last_time =
      request.request.has_schedule_key_deletion() && request.error.empty();
  if (may_be_the_last_time) keys_.learn(std::string(request.region));
}

void Overseer::on_kms_call(const KmsCallSeen& call) {
  RegionGhost& at = region(call.region);
  if (!call.error.empty()) {
    ++at.kms_errors;
    return;
  }
  const auto part = [&](const char* name) {
    const auto found = call.context.find(name);
    return found == call.context.end() ? std::string_view() : std::string_view(found->second);
  };
  kms_uses_[mixed(call.region, call.principal_arn, part("SecretARN"), part("SecretVersionId"))] =
      ++kms_count_;
  hold(Property::S29);
  if (keys_are_odd_) return;
  const std::string what = std::string(call.operation) + " in " + at.name;
  if (call.principal_arn.empty() || !principals_.contains(call.principal_arn)) {
    report(
        Property::S29, {}, at.name,
        what + " was called in the name of " +
            (call.principal_arn.empty() ? "the account's root" : std::string(call.principal_arn)) +
            ", who asked for nothing");
  }
  const auto key = world_.kms(call.region).describe_key(call.key);
  if (!key || !key->is_usable())
    report(Property::S29, {}, at.name, what + " succeeded with a key that is not enabled");
  const kms::Caller caller{.principal_arn = std::string(call.principal_arn),
                           .via_service = "secretsmanager." + at.name + ".amazonaws.com"};
  const auto allowed =
      world_.kms(call.region).authorize(caller, call.key, "kms:" + std::string(call.operation));
  if (key && !allowed)
    report(Property::S29, {}, at.name,
           what + " succeeded for " + caller.principal_arn + ", who may not");
}

}  // namespace faultline::regions
