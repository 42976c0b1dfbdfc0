// What the operations of Kms take and give: callers, options, keys, grants and rotations, in plain
// structs. Dates are nanoseconds since 1970-01-01T00:00:00Z; 0 means that there is none.
//
// Source  AWS KMS API Reference, the data type of the same name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kms/envelope.h"

namespace faultline::v1 {
enum KeyState : int;
class Policy;
class StoredKey;
}  // namespace faultline::v1

namespace faultline::kms {

class PolicyContext;
struct CallerPolicies;

// The alias of the AWS managed key for secrets. The key exists from the moment somebody names this
// alias.
inline constexpr std::string_view kManagedAlias = "alias/aws/secretsmanager";

// Who calls.
struct Caller {
  // A user, a role session, the account's root, or an AWS service such as
  // "secretsmanager.amazonaws.com". Empty: the root of the KMS's account.
  std::string principal_arn{};
  // "secretsmanager.us-west-2.amazonaws.com" when Secrets Manager calls for the principal
  // (kms:ViaService); empty for a direct call.
  std::string via_service{};
  // His own policies (kms/policy_decision.h): the KMS asks them together with the key's. And what
  // conditions may ask about besides what the KMS knows itself. Neither is owned. nullptr: no
  // policies, so he may do what nobody denies; nothing more is known.
  const CallerPolicies* policies = nullptr;
  const PolicyContext* context = nullptr;
};

// What every call that uses a key may say beside its own parameters.
struct CallOptions {
  // At most 10 (ValidationException). What has not the shape of a token is
  // InvalidGrantTokenException; a token whose grant is gone helps nothing.
  std::vector<std::string> grant_tokens{};
  // Answers DryRunOperationException instead of doing what would have succeeded.
  bool dry_run = false;
  // Only in a dry run of Decrypt and ReEncrypt, which then need the key's name: the blob is not
  // looked at.
  bool ignore_ciphertext = false;
};

// On what ground a caller may do something.
enum class Basis : std::uint8_t {
  // The key's policy names the caller: nothing more is needed in the key's account.
  KeyPolicy,
  // The key's policy allows the account, and so leaves it to the caller's own policies, which allow
  // it, too (Caller::policies).
  Account,
  Grant,
};

struct Tag {
  std::string key;    // 1 to 128 characters
  std::string value;  // 0 to 256

  friend bool operator==(const Tag&, const Tag&) = default;
};

struct CreateKey {
  std::string description{};           // at most 8192 characters
  const v1::Policy* policy = nullptr;  // copied; null: the default key policy
  // Also gives the key this alias, as CreateAlias would; empty: none. Ours: a scenario names its
  // keys by alias, and then a key's luck hangs on its name and not on how many keys were made
  // before it.
  std::string alias{};
  std::vector<Tag> tags{};
  bool multi_region = false;
  // The lockout safety check: a policy under which this caller could not put another one is
  // MalformedPolicyDocumentException. Null: BypassPolicyLockoutSafetyCheck.
  const Caller* keeper = nullptr;
};

enum class MultiRegionKeyType : std::uint8_t { None, Primary, Replica };

struct KeyMetadata {
  std::string key_id;
  std::string arn;
  std::string description;
  v1::KeyState state{};  // as it appears, faults included
  std::int64_t created_unix_ns = 0;
  std::int64_t deletion_unix_ns = 0;  // 0 unless the key itself waits for its deletion
  bool aws_managed = false;
  std::string current_key_material_id;  // 64 hex digits; empty while a replica is being made
  int pending_window_days = 0;          // 0 unless the deletion waits for that of the replicas
  MultiRegionKeyType multi_region{};
  std::string primary_region;                // empty: no multi-Region key
  std::vector<std::string> replica_regions;  // in the order in which they came
  // When whoever began to make a replica or to change the primary means to be done.
  std::int64_t state_until_unix_ns = 0;

  // Whether it encrypts and decrypts.
  [[nodiscard]] bool is_usable() const;
};

struct AliasEntry {
  std::string name;  // with "alias/"
  std::string arn;
  std::string target_key_id;
  std::int64_t created_unix_ns = 0;
  std::int64_t updated_unix_ns = 0;
};

// What GetKeyPolicy and PutKeyPolicy call the one policy that a key has.
inline constexpr std::string_view kPolicyName = "default";

struct PutKeyPolicy {
  const Caller* keeper = nullptr;  // as in CreateKey
  std::string_view name = kPolicyName;
};

// AWS KMS Developer Guide, "Grants in AWS KMS". At most 8 pairs; a grant without pairs holds in
// every context.
struct GrantConstraints {
  EncryptionContext equals{};  // the context is this one
  EncryptionContext subset{};  // the context holds these pairs
  std::string source_arn{};

  friend bool operator==(const GrantConstraints&, const GrantConstraints&) = default;
};

struct CreateGrant {
  std::string grantee_principal{};  // an ARN, or a service's name
  std::string retiring_principal{};
  std::vector<std::string> operations{};  // "Decrypt", "GenerateDataKey", …
  GrantConstraints constraints{};
  // Makes the call idempotent: the same parameters under the same name are the same grant.
  std::string name{};
};

struct GrantReceipt {
  std::string grant_id;     // 64 hex digits
  std::string grant_token;  // another one each time; all tokens of a grant are equally good
};

struct GrantEntry {
  std::string key_arn;
  std::string grant_id;
  std::string name;
  std::int64_t created_unix_ns = 0;
  std::string grantee_principal;
  std::string retiring_principal;
  std::string issuing_account;  // "arn:aws:iam::111122223333:root"
  std::vector<std::string> operations;
  GrantConstraints constraints;
};

// RetireGrant names a grant by a token, or by key ARN and grant id.
struct RetireGrant {
  std::string grant_token{};
  std::string key{};
  std::string grant_id{};
};

struct RotationStatus {
  std::string key_arn;
  bool enabled = false;
  int period_days = 0;            // 0 unless enabled
  std::int64_t next_unix_ns = 0;  // 0 unless enabled
  // 0 unless new material of a multi-Region key is on its way to the replicas.
  std::int64_t on_demand_started_unix_ns = 0;
};

struct Rotation {
  std::string key_arn;
  std::string key_material_id;
  std::string_view state;    // "CURRENT", "NON_CURRENT", "PENDING_ROTATION"
  std::int64_t unix_ns = 0;  // 0: the first material
  std::string type;          // "AUTOMATIC", "ON_DEMAND"; empty: the first material
};

// A replica of a multi-Region key, to be made from what Kms::begin_replication gave.
struct CreateReplica {
  const v1::StoredKey* shared = nullptr;
  std::string description{};
  const v1::Policy* policy = nullptr;  // copied; null: the default key policy
  std::vector<Tag> tags{};
  const Caller* keeper = nullptr;  // as in CreateKey
  std::int64_t until_unix_ns = 0;  // as KeyMetadata::state_until_unix_ns
};

}  // namespace faultline::kms
