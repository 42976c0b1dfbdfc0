// Staging labels: which version of a secret is the current one, which was, and which is on its way.
// Pure functions on the record of a secret; values are not touched.
//
//   add_version(secret, version, {"AWSCURRENT"});   // the one that had it becomes AWSPREVIOUS
//   move_label(secret, "AWSCURRENT", "v1");         // and back
//
// Invariants (1) a label is attached to at most one version.
//            (2) a secret with versions has AWSCURRENT on exactly one of them.
//            (3) AWSPREVIOUS and AWSCURRENT are never on one version.
//            (4) the stages of a version are sorted, so that answers do not depend on history.
// Trap       an unlabelled version is not gone: it is "deprecated", hidden from most listings and
//            readable by its id until it is pruned.
// Source     AWS Secrets Manager User Guide, "What's in a secret"; AWS Secrets Manager API
//            Reference, API_PutSecretValue, API_UpdateSecretVersionStage; answers recorded from the
//            service.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/storage.pb.h"

namespace faultline::regions {

inline constexpr std::string_view kCurrent = "AWSCURRENT";
inline constexpr std::string_view kPrevious = "AWSPREVIOUS";
inline constexpr std::string_view kPending = "AWSPENDING";

// Over all versions of a secret.
// Source  User Guide, "AWS Secrets Manager quotas".
inline constexpr std::size_t kLabelsMax = 20;
// The newest so many are kept even when they are unlabelled; others may go after a day.
// Source  API Reference, API_PutSecretValue; User Guide, "AWS Secrets Manager quotas".
inline constexpr int kVersionsKept = 100;

// nullptr: there is no such version. The pointers live as long as the secret's list of versions
// does not change.
[[nodiscard]] const v1::VersionInfo* find_version(const v1::StoredSecret& secret,
                                                  std::string_view version_id);
[[nodiscard]] v1::VersionInfo* find_version(v1::StoredSecret& secret, std::string_view version_id);
// The version that a label is attached to; nullptr: none.
[[nodiscard]] const v1::VersionInfo* holder_of(const v1::StoredSecret& secret,
                                               std::string_view label);
[[nodiscard]] bool has_label(const v1::VersionInfo& version, std::string_view label);
[[nodiscard]] std::size_t count_labels(const v1::StoredSecret& secret);

// Adds the newest version and attaches labels to it, wherever they were.
// Rules    The first version is AWSCURRENT, asked or not. A new AWSCURRENT version abandons a
//          rotation that has not come to its end: AWSPENDING is detached, unless it is asked for
//          here. AWSPREVIOUS yields to AWSCURRENT.
// REQUIRES no version has this id; `version` has no stages.
void add_version(v1::StoredSecret& secret, v1::VersionInfo version,
                 const std::vector<std::string>& labels);

// A version that was made without a value gets one, and labels as a new one does. Its sequence
// becomes the secret's, so that the value travels.
// REQUIRES the version exists, and is empty.
void fill_version(v1::StoredSecret& secret, std::string_view version_id,
                  const std::vector<std::string>& labels);

// Attaches a label to a version, and takes it from the one that has it. AWSCURRENT leaves
// AWSPREVIOUS behind and leaves AWSPENDING where it is.
// REQUIRES the version exists; AWSPREVIOUS is not moved to the version that is AWSCURRENT.
void move_label(v1::StoredSecret& secret, std::string_view label, std::string_view to_version_id);
// Takes a label away from the version that has it, if one has.
// REQUIRES the label is not AWSCURRENT.
void detach_label(v1::StoredSecret& secret, std::string_view label);

// Makes room for one more version: takes out the oldest unlabelled versions that are at least 24
// hours old, until fewer than kVersionsKept are left or none may go. Answers their ids, so that
// their values can be erased.
[[nodiscard]] std::vector<std::string> prune_versions(v1::StoredSecret& secret,
                                                      std::int64_t now_unix_ns);

}  // namespace faultline::regions
