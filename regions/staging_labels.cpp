#include "regions/staging_labels.h"

#include <algorithm>
#include <utility>

#include "proto/check.h"

namespace faultline::regions {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

void attach(v1::VersionInfo& version, std::string_view label) {
  auto& stages = *version.mutable_stages();
  const auto at = std::lower_bound(stages.begin(), stages.end(), label);
  if (at != stages.end() && *at == label) return;
  const int index = static_cast<int>(at - stages.begin());
  stages.Add(std::string(label));
  std::rotate(stages.begin() + index, stages.end() - 1, stages.end());
}

void detach(v1::VersionInfo& version, std::string_view label) {
  auto& stages = *version.mutable_stages();
  const auto at = std::lower_bound(stages.begin(), stages.end(), label);
  if (at != stages.end() && *at == label) stages.erase(at);
}

void detach_everywhere(v1::StoredSecret& secret, std::string_view label) {
  for (v1::VersionInfo& version : *secret.mutable_versions()) detach(version, label);
}

void move_current(v1::StoredSecret& secret, v1::VersionInfo& to) {
  if (has_label(to, kCurrent)) return;
  v1::VersionInfo* from = nullptr;
  for (v1::VersionInfo& version : *secret.mutable_versions()) {
    if (has_label(version, kCurrent)) from = &version;
  }
  detach_everywhere(secret, kPrevious);
  if (from != nullptr) {
    detach(*from, kCurrent);
    attach(*from, kPrevious);
  }
  attach(to, kCurrent);
}

void label_new_value(v1::StoredSecret& secret, v1::VersionInfo& added,
                     const std::vector<std::string>& labels) {
  const auto asked = [&labels](std::string_view label) {
    return std::ranges::find(labels, label) != labels.end();
  };
  const bool becomes_current = asked(kCurrent) || holder_of(secret, kCurrent) == nullptr;
  if (becomes_current) {
    detach_everywhere(secret, kPending);
    move_current(secret, added);
  }
  for (const std::string& label : labels) {
    if (label == kCurrent || (label == kPrevious && becomes_current)) continue;
    detach_everywhere(secret, label);
    attach(added, label);
  }
}

}  // namespace

const v1::VersionInfo* find_version(const v1::StoredSecret& secret, std::string_view version_id) {
  for (const v1::VersionInfo& version : secret.versions()) {
    if (version.version_id() == version_id) return &version;
  }
  return nullptr;
}

v1::VersionInfo* find_version(v1::StoredSecret& secret, std::string_view version_id) {
  for (v1::VersionInfo& version : *secret.mutable_versions()) {
    if (version.version_id() == version_id) return &version;
  }
  return nullptr;
}

const v1::VersionInfo* holder_of(const v1::StoredSecret& secret, std::string_view label) {
  for (const v1::VersionInfo& version : secret.versions()) {
    if (has_label(version, label)) return &version;
  }
  return nullptr;
}

bool has_label(const v1::VersionInfo& version, std::string_view label) {
  return std::binary_search(version.stages().begin(), version.stages().end(), label);
}

std::size_t count_labels(const v1::StoredSecret& secret) {
  std::size_t count = 0;
  for (const v1::VersionInfo& version : secret.versions()) {
    count += static_cast<std::size_t>(version.stages_size());
  }
  return count;
}

void add_version(v1::StoredSecret& secret, v1::VersionInfo version,
                 const std::vector<std::string>& labels) {
  FL_CHECK(find_version(secret, version.version_id()) == nullptr)
      << "version " << version.version_id() << " exists";
  FL_CHECK(version.stages().empty()) << "a new version has no labels yet";
  v1::VersionInfo& added = *secret.add_versions();
  added = std::move(version);
  label_new_value(secret, added, labels);
}

void fill_version(v1::StoredSecret& secret, std::string_view version_id,
                  const std::vector<std::string>& labels) {
  v1::VersionInfo* const filled = find_version(secret, version_id);
  FL_CHECK(filled != nullptr && filled->empty()) << version_id << " waits for no value";
  filled->set_empty(false);
  filled->set_sequence(secret.sequence());
  label_new_value(secret, *filled, labels);
}

void move_label(v1::StoredSecret& secret, std::string_view label, std::string_view to_version_id) {
  v1::VersionInfo* const to = find_version(secret, to_version_id);
  FL_CHECK(to != nullptr) << "no version " << to_version_id;
  if (label == kCurrent) {
    move_current(secret, *to);
    return;
  }
  FL_CHECK(label != kPrevious || !has_label(*to, kCurrent)) << "AWSPREVIOUS on AWSCURRENT";
  detach_everywhere(secret, label);
  attach(*to, label);
}

void detach_label(v1::StoredSecret& secret, std::string_view label) {
  FL_CHECK(label != kCurrent) << "AWSCURRENT moves, it does not go away";
  detach_everywhere(secret, label);
}

std::vector<std::string> prune_versions(v1::StoredSecret& secret, std::int64_t now_unix_ns) {
  std::vector<std::string> pruned;
  auto& versions = *secret.mutable_versions();
  for (auto at = versions.begin(); at != versions.end() && versions.size() >= kVersionsKept;) {
    const bool may_go = at->stages().empty() && now_unix_ns - at->created_unix_ns() >= kDayNs;
    if (!may_go) {
      ++at;
      continue;
    }
    pruned.push_back(at->version_id());
    at = versions.erase(at);
  }
  return pruned;
}

}  // namespace faultline::regions
