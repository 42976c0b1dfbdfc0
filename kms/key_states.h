// Which operation works in which state of a key, and what it answers where it does not.
//
// Source  AWS KMS Developer Guide, "Key states of AWS KMS keys": the table in key_states.cpp is its
//         table, without the columns and rows of keys that this KMS does not have. RotateKeyOnDemand
//         is not in it; here it is refused in every state but Enabled.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kms/error.h"

namespace faultline::v1 {
enum KeyState : int;
}  // namespace faultline::v1

namespace faultline::kms {

enum class Operation : std::uint8_t {
  CancelKeyDeletion,
  CreateAlias,
  CreateGrant,
  Decrypt,
  DescribeKey,
  DisableKey,
  DisableKeyRotation,
  EnableKey,
  EnableKeyRotation,
  Encrypt,
  GenerateDataKey,
  GenerateDataKeyWithoutPlaintext,
  GetKeyPolicy,
  GetKeyRotationStatus,
  ListAliases,
  ListGrants,
  ListKeyPolicies,
  ListKeyRotations,
  ListResourceTags,
  PutKeyPolicy,
  ReEncryptFrom,
  ReEncryptTo,
  ReplicateKey,
  RetireGrant,
  RevokeGrant,
  RotateKeyOnDemand,
  ScheduleKeyDeletion,
  TagResource,
  UntagResource,
  UpdateAlias,  // of the new target
  UpdateKeyDescription,
  UpdatePrimaryRegion,
};

// "kms:Decrypt".
[[nodiscard]] std::string_view action_of(Operation operation);
// Every operation, in the order of the enumeration.
[[nodiscard]] std::span<const Operation> all_operations();

// Errors  DisabledException `<arn> is disabled.`; KMSInvalidStateException `<arn> is pending
//         deletion.`, `… pending replica deletion.`, `… unavailable.`, `… creating.`, `…
//         updating.`, `<arn> is not pending deletion.`; UnsupportedOperationException without text.
[[nodiscard]] Result<void> check_key_state(Operation operation, v1::KeyState state,
                                           std::string_view key_arn);

}  // namespace faultline::kms
