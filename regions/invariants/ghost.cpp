#include "regions/invariants/ghost.h"

#include <algorithm>

#include "engine/hash.h"
#include "regions/arn.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

void append(std::string& text, std::string_view piece) {
  text += std::to_string(piece.size());
  text += ':';
  text += piece;
}

}  // namespace

Snapshot snapshot_of(const v1::StoredSecret& secret) {
  Snapshot snapshot;
  snapshot.sequence = secret.sequence();
  std::vector<const v1::VersionInfo*> labelled;
  for (const v1::VersionInfo& version : secret.versions()) {
    if (version.stages_size() == 0) continue;
    labelled.push_back(&version);
    if (has_label(version, kCurrent)) snapshot.current = engine::hash64(version.version_id());
  }
  std::sort(labelled.begin(), labelled.end(), [](const auto* one, const auto* other) {
    return one->version_id() < other->version_id();
  });
  std::string text;
  text.reserve(256);
  for (const v1::VersionInfo* version : labelled) {
    append(text, version->version_id());
    for (const std::string& stage : version->stages()) append(text, stage);
    text += ';';
  }
  snapshot.labels = engine::hash64(text);
  append(text, secret.description());
  append(text, secret.type());
  append(text, secret.resource_policy());
  for (const v1::Tag& tag : secret.tags()) {
    append(text, tag.key());
    append(text, tag.value());
  }
  snapshot.whole = engine::hash64(text);
  return snapshot;
}

std::string lineage_of(const v1::StoredSecret& secret) {
  return secret.role() == v1::Replica ? arn_in_region(secret.arn(), secret.primary_region())
                                      : secret.arn();
}

bool is_replica(const RecordPtr& record) {
  return record != nullptr && record->role() == v1::Replica;
}

bool names(const CallGhost& call, const RecordPtr& record) {
  return record != nullptr && (call.arn.empty() || call.arn == record->arn());
}

std::uint64_t digest_of(v1::StoredVersion::Kind kind, std::string_view plaintext) {
  std::string bytes(1, static_cast<char>('0' + kind));
  bytes += plaintext;
  const std::uint64_t digest = engine::hash64(bytes);
  return digest != 0 ? digest : 1;
}

std::string_view status_of(const v1::StoredLink* link) {
  if (link == nullptr) return "absent";
  if (link->phase() == v1::StoredLink::REMOVING) return "Removing";
  switch (link->status()) {
    case v1::StoredLink::InProgress:
      return "InProgress";
    case v1::StoredLink::InSync:
      return "InSync";
    case v1::StoredLink::Failed:
      return "Failed";
    default:
      return "unknown";
  }
}

}  // namespace faultline::regions
