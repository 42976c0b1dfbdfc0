#include "kms/key_states.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "proto/check.h"
#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

using enum Operation;

enum class Answer : std::uint8_t { Ok, Refused, NotPending, Unsupported };

// The columns of the table. A key whose deletion waits for its replicas is Pending, too.
enum Column : std::size_t { kEnabled, kDisabled, kPending, kUnavailable, kCreating, kUpdating };
constexpr std::size_t kColumns = 6;

struct Row {
  Operation operation;
  std::string_view action;
  std::array<Answer, kColumns> answers;
};

constexpr Answer ok = Answer::Ok;
constexpr Answer no = Answer::Refused;
constexpr Answer np = Answer::NotPending;
constexpr Answer un = Answer::Unsupported;

// clang-format off
constexpr std::array kTable{
//                                                         enabled
//                                                         |   disabled
//                                                         |   |   pending (replica) deletion
//                                                         |   |   |   unavailable
//                                                         |   |   |   |   creating
//                                                         |   |   |   |   |   updating
Row{CancelKeyDeletion,    "kms:CancelKeyDeletion",       {np, np, ok, np, np, np}},
Row{CreateAlias,          "kms:CreateAlias",             {ok, ok, no, ok, ok, ok}},
Row{CreateGrant,          "kms:CreateGrant",             {ok, no, no, ok, no, ok}},
Row{Decrypt,              "kms:Decrypt",                 {ok, no, no, no, no, ok}},
Row{DescribeKey,          "kms:DescribeKey",             {ok, ok, ok, ok, ok, ok}},
Row{DisableKey,           "kms:DisableKey",              {ok, ok, no, ok, no, no}},
Row{DisableKeyRotation,   "kms:DisableKeyRotation",      {ok, no, no, un, no, ok}},
Row{EnableKey,            "kms:EnableKey",               {ok, ok, no, ok, no, no}},
Row{EnableKeyRotation,    "kms:EnableKeyRotation",       {ok, no, no, un, no, ok}},
Row{Encrypt,              "kms:Encrypt",                 {ok, no, no, no, no, ok}},
Row{GenerateDataKey,      "kms:GenerateDataKey",         {ok, no, no, no, no, ok}},
Row{GenerateDataKeyWithoutPlaintext, "kms:GenerateDataKeyWithoutPlaintext",
                                                         {ok, no, no, no, no, ok}},
Row{GetKeyPolicy,         "kms:GetKeyPolicy",            {ok, ok, ok, ok, ok, ok}},
Row{GetKeyRotationStatus, "kms:GetKeyRotationStatus",    {ok, ok, ok, un, ok, ok}},
Row{ListAliases,          "kms:ListAliases",             {ok, ok, ok, ok, ok, ok}},
Row{ListGrants,           "kms:ListGrants",              {ok, ok, ok, ok, ok, ok}},
Row{ListKeyPolicies,      "kms:ListKeyPolicies",         {ok, ok, ok, ok, ok, ok}},
Row{ListKeyRotations,     "kms:ListKeyRotations",        {ok, ok, ok, ok, ok, ok}},
Row{ListResourceTags,     "kms:ListResourceTags",        {ok, ok, ok, ok, ok, ok}},
Row{PutKeyPolicy,         "kms:PutKeyPolicy",            {ok, ok, ok, ok, ok, ok}},
Row{ReEncryptFrom,        "kms:ReEncryptFrom",           {ok, no, no, no, no, ok}},
Row{ReEncryptTo,          "kms:ReEncryptTo",             {ok, no, no, no, no, ok}},
Row{ReplicateKey,         "kms:ReplicateKey",            {ok, no, no, no, no, no}},
Row{RetireGrant,          "kms:RetireGrant",             {ok, ok, ok, ok, ok, ok}},
Row{RevokeGrant,          "kms:RevokeGrant",             {ok, ok, ok, ok, ok, ok}},
Row{RotateKeyOnDemand,    "kms:RotateKeyOnDemand",       {ok, no, no, un, no, no}},
Row{ScheduleKeyDeletion,  "kms:ScheduleKeyDeletion",     {ok, ok, no, ok, ok, no}},
Row{TagResource,          "kms:TagResource",             {ok, ok, no, ok, ok, ok}},
Row{UntagResource,        "kms:UntagResource",           {ok, ok, no, ok, ok, ok}},
Row{UpdateAlias,          "kms:UpdateAlias",             {ok, ok, no, ok, ok, ok}},
Row{UpdateKeyDescription, "kms:UpdateKeyDescription",    {ok, ok, no, ok, ok, ok}},
Row{UpdatePrimaryRegion,  "kms:UpdatePrimaryRegion",     {ok, no, no, no, no, ok}},
};
// clang-format on

constexpr bool is_in_order() {
  for (std::size_t at = 0; at < kTable.size(); ++at) {
    if (static_cast<std::size_t>(kTable[at].operation) != at) return false;
  }
  return true;
}
static_assert(is_in_order());

constexpr std::array<Operation, kTable.size()> kOperations = [] {
  std::array<Operation, kTable.size()> operations{};
  for (std::size_t at = 0; at < kTable.size(); ++at) operations[at] = kTable[at].operation;
  return operations;
}();

struct Phrase {
  Column column;
  std::string_view text;
};

Phrase phrase_of(v1::KeyState state) {
  switch (state) {
    case v1::Disabled:
      return {kDisabled, " is disabled."};
    case v1::PendingDeletion:
      return {kPending, " is pending deletion."};
    case v1::PendingReplicaDeletion:
      return {kPending, " is pending replica deletion."};
    case v1::Unavailable:
      return {kUnavailable, " is unavailable."};
    case v1::Creating:
      return {kCreating, " is creating."};
    case v1::Updating:
      return {kUpdating, " is updating."};
    default:
      FL_CHECK(state == v1::Enabled) << "a key in state " << static_cast<int>(state);
      return {kEnabled, {}};
  }
}

}  // namespace

std::string_view action_of(Operation operation) {
  return kTable[static_cast<std::size_t>(operation)].action;
}

std::span<const Operation> all_operations() { return kOperations; }

Result<void> check_key_state(Operation operation, v1::KeyState state, std::string_view key_arn) {
  const Phrase phrase = phrase_of(state);
  switch (kTable[static_cast<std::size_t>(operation)].answers[phrase.column]) {
    case Answer::Ok:
      return {};
    case Answer::NotPending:
      return fail(code::kInvalidState, std::string(key_arn) + " is not pending deletion.");
    case Answer::Unsupported:
      return fail(code::kUnsupported);
    case Answer::Refused:
      break;
  }
  return fail(state == v1::Disabled ? code::kDisabled : code::kInvalidState,
              std::string(key_arn).append(phrase.text));
}

}  // namespace faultline::kms
