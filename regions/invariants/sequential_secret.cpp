#include "regions/invariants/sequential_secret.h"

#include <utility>

namespace faultline::regions {
namespace {

using Labels = std::set<std::string>;
using Operation = v1::ApiRequest::OperationCase;

constexpr std::size_t kMostLabels = 20;
constexpr const char* kNow = "AWSCURRENT";
constexpr const char* kBefore = "AWSPREVIOUS";
constexpr const char* kComing = "AWSPENDING";

std::string* holder(SequentialSecret& secret, const std::string& label, std::string& id) {
  for (const auto& [version, labels] : secret.versions) {
    if (!labels.contains(label)) continue;
    id = version;
    return &id;
  }
  return nullptr;
}

void take_off(SequentialSecret& secret, const std::string& label) {
  for (auto& [version, labels] : secret.versions) labels.erase(label);
}

std::size_t count(const SequentialSecret& secret) {
  std::size_t sum = 0;
  for (const auto& [version, labels] : secret.versions) sum += labels.size();
  return sum;
}

void make_current(SequentialSecret& secret, const std::string& version) {
  std::string was;
  const bool had = holder(secret, kNow, was) != nullptr;
  if (had && was == version) return;
  take_off(secret, kBefore);
  take_off(secret, kNow);
  if (had) secret.versions[was].insert(kBefore);
  secret.versions[version].insert(kNow);
}

// A new value under the caller's token, or the repetition of one.
CallEffect put(SequentialSecret& secret, const CallGhost& call, const DigestOf& digest,
               Labels labels) {
  const std::map<std::string, Labels> before = secret.versions;
  const bool fills = secret.empty.erase(call.token) > 0;
  if (secret.versions.contains(call.token) && !fills) {
    const std::uint64_t held = digest(call.token);
    return held == 0 || held == call.digest ? CallEffect::Unchanged : CallEffect::Refused;
  }
  std::string current;
  if (labels.empty() || holder(secret, kNow, current) == nullptr) labels.insert(kNow);
  secret.versions.try_emplace(call.token);
  if (labels.contains(kNow)) {
    take_off(secret, kComing);
    labels.erase(kBefore);
    make_current(secret, call.token);
  }
  for (const std::string& label : labels) {
    if (label == kNow) continue;
    take_off(secret, label);
    secret.versions[call.token].insert(label);
  }
  if (count(secret) > kMostLabels) return CallEffect::Refused;
  return secret.versions == before ? CallEffect::Unchanged : CallEffect::Changed;
}

CallEffect create(SequentialSecret& secret, const CallGhost& call, const DigestOf& digest) {
  const v1::CreateSecretRequest& request = call.request.create_secret();
  if (secret.exists) {
    const bool repeats =
        !secret.scheduled && call.digest != 0 && secret.versions.contains(call.token);
    return repeats ? put(secret, call, digest, {}) : CallEffect::Refused;
  }
  secret = {};
  secret.exists = true;
  secret.description = request.description();
  secret.type = request.type();
  for (const v1::Tag& tag : request.tags()) secret.tags[tag.key()] = tag.value();
  if (call.digest != 0) secret.versions[call.token] = {kNow};
  return CallEffect::Changed;
}

CallEffect update(SequentialSecret& secret, const CallGhost& call, const DigestOf& digest) {
  const v1::UpdateSecretRequest& request = call.request.update_secret();
  CallEffect verdict = CallEffect::Unchanged;
  if (call.digest != 0) verdict = put(secret, call, digest, {kNow});
  if (verdict == CallEffect::Refused) return verdict;
  const auto set = [&verdict](std::string& held, const std::string& given) {
    if (held == given) return;
    held = given;
    verdict = CallEffect::Changed;
  };
  if (request.has_description()) set(secret.description, request.description());
  if (request.has_type()) set(secret.type, request.type());
  return verdict;
}

CallEffect move_stage(SequentialSecret& secret, const CallGhost& call) {
  const v1::UpdateSecretVersionStageRequest& request = call.request.update_secret_version_stage();
  const std::string& label = request.version_stage();
  const std::string& from = request.remove_from_version_id();
  const std::string& to = request.move_to_version_id();
  if (!from.empty() && !secret.versions.contains(from)) return CallEffect::Refused;
  if (!to.empty() && !secret.versions.contains(to)) return CallEffect::Refused;
  std::string held;
  const bool is_held = holder(secret, label, held) != nullptr;
  if (is_held ? from != held : !from.empty()) return CallEffect::Refused;
  if (to.empty()) {
    if (!is_held || label == kNow) return CallEffect::Refused;
    take_off(secret, label);
    return CallEffect::Changed;
  }
  if (label == kBefore && secret.versions[to].contains(kNow)) return CallEffect::Refused;
  if (secret.versions[to].contains(label)) return CallEffect::Unchanged;
  if (label == kNow) {
    make_current(secret, to);
  } else {
    take_off(secret, label);
    secret.versions[to].insert(label);
  }
  return count(secret) > kMostLabels ? CallEffect::Refused : CallEffect::Changed;
}

CallEffect tag(SequentialSecret& secret, const CallGhost& call) {
  const auto before = secret.tags;
  for (const v1::Tag& added : call.request.tag_resource().tags())
    secret.tags[added.key()] = added.value();
  return secret.tags == before ? CallEffect::Unchanged : CallEffect::Changed;
}

CallEffect untag(SequentialSecret& secret, const CallGhost& call) {
  CallEffect verdict = CallEffect::Unchanged;
  for (const std::string& key : call.request.untag_resource().tag_keys()) {
    if (secret.tags.erase(key) > 0) verdict = CallEffect::Changed;
  }
  return verdict;
}

CallEffect set_policy(SequentialSecret& secret, const std::string& policy) {
  const bool same = secret.policy == policy;
  secret.policy = policy;
  return same ? CallEffect::Unchanged : CallEffect::Changed;
}

CallEffect remove(SequentialSecret& secret, const CallGhost& call) {
  const bool force = call.request.delete_secret().force_delete_without_recovery();
  if (!secret.exists) return force ? CallEffect::Unchanged : CallEffect::Refused;
  if (force) {
    secret = {};
    return CallEffect::Changed;
  }
  if (secret.scheduled) return CallEffect::Refused;
  secret.scheduled = true;
  return CallEffect::Changed;
}

CallEffect restore(SequentialSecret& secret) {
  if (!secret.exists) return CallEffect::Refused;
  return std::exchange(secret.scheduled, false) ? CallEffect::Changed : CallEffect::Unchanged;
}

}  // namespace

bool SequentialSecret::looks_like(const SequentialSecret& other) const {
  if (exists != other.exists) return false;
  if (!exists) return true;
  if (scheduled != other.scheduled || description != other.description || type != other.type ||
      policy != other.policy || tags != other.tags)
    return false;
  const auto labelled = [](const SequentialSecret& secret) {
    std::map<std::string, Labels> found;
    for (const auto& [version, labels] : secret.versions) {
      if (!labels.empty()) found.emplace(version, labels);
    }
    return found;
  };
  return labelled(*this) == labelled(other);
}

SequentialSecret sequential(const RecordPtr& record) {
  SequentialSecret secret;
  if (record == nullptr) return secret;
  secret.exists = true;
  secret.arn = record->arn();
  secret.scheduled = record->has_deletion_unix_ns();
  secret.description = record->description();
  secret.type = record->type();
  secret.policy = record->resource_policy();
  for (const v1::Tag& tag : record->tags()) secret.tags[tag.key()] = tag.value();
  for (const v1::VersionInfo& version : record->versions()) {
    secret.versions[version.version_id()] = {version.stages().begin(), version.stages().end()};
    if (version.empty()) secret.empty.insert(version.version_id());
  }
  return secret;
}

CallEffect apply(const CallGhost& call, const DigestOf& digest, SequentialSecret& secret) {
  const Operation operation = call.request.operation_case();
  if (operation == Operation::kCreateSecret) return create(secret, call, digest);
  if (operation == Operation::kDeleteSecret) return remove(secret, call);
  if (operation == Operation::kRestoreSecret) return restore(secret);
  if (!secret.exists || secret.scheduled) return CallEffect::Refused;
  switch (operation) {
    case Operation::kPutSecretValue: {
      const auto& stages = call.request.put_secret_value().version_stages();
      return put(secret, call, digest, Labels(stages.begin(), stages.end()));
    }
    case Operation::kUpdateSecret:
      return update(secret, call, digest);
    case Operation::kUpdateSecretVersionStage:
      return move_stage(secret, call);
    case Operation::kTagResource:
      return tag(secret, call);
    case Operation::kUntagResource:
      return untag(secret, call);
    case Operation::kPutResourcePolicy:
      return set_policy(secret, call.request.put_resource_policy().resource_policy());
    case Operation::kDeleteResourcePolicy:
      return set_policy(secret, {});
    default:
      return CallEffect::Unchanged;
  }
}

}  // namespace faultline::regions
