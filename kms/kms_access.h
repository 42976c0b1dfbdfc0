// Who may: what an operation of Kms asks before it does anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kms/key_states.h"
#include "kms/kms_types.h"

namespace faultline::kms {

// Refers to the parameters of the call and lives as long as they do.
struct AccessQuestion {
  const Caller& caller;
  std::string_view action;                                 // "kms:Decrypt"
  const EncryptionContext* context = nullptr;              // null: none
  const std::vector<std::string>* grant_tokens = nullptr;  // null: none
  std::string_view named = {};                             // the key as the caller wrote it
  const CreateGrant* grant = nullptr;                      // the one that is to be made
  bool wants_basis = false;  // whether KeyPolicy and Account are told apart
};

// ValidationException beyond 10 tokens, InvalidGrantTokenException for what is no token.
[[nodiscard]] Result<void> check_options(const CallOptions& options);

// DryRunOperationException if that is all that was wanted: the last check of every operation.
[[nodiscard]] Result<void> end_dry_run(const CallOptions& options);

}  // namespace faultline::kms
