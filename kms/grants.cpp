#include "kms/grants.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "kms/identifiers.h"
#include "kms/policy.h"
#include "kms/validation.h"
#include "proto/check.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "CreateGrant": those that a symmetric encryption key can be used for.
constexpr std::array<std::string_view, 9> kOperationsOfSymmetricKeys{
    "Decrypt",       "Encrypt",     "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom", "ReEncryptTo", "CreateGrant",     "RetireGrant",
    "DescribeKey"};
constexpr std::array<std::string_view, 8> kOtherOperations{"Sign",
                                                           "Verify",
                                                           "GetPublicKey",
                                                           "GenerateDataKeyPair",
                                                           "GenerateDataKeyPairWithoutPlaintext",
                                                           "GenerateMac",
                                                           "VerifyMac",
                                                           "DeriveSharedSecret"};
constexpr std::size_t kPairsMax = 8;
constexpr std::size_t kValueLengthMax = 384;
constexpr std::size_t kIdLength = 64;

template <class Range>
bool contains(const Range& range, std::string_view wanted) {
  return std::find(range.begin(), range.end(), wanted) != range.end();
}

bool includes(const EncryptionContext& whole, const EncryptionContext& part) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// AWS KMS Developer Guide, "Using grant constraints": they mean cryptographic operations.
bool ignores_context(std::string_view operation) {
  return operation == "DescribeKey" || operation == "RetireGrant" || operation == "CreateGrant";
}

bool meets(const GrantConstraints& constraints, const GrantQuestion& question) {
  if (!constraints.source_arn.empty() &&
      (question.source_arns == nullptr ||
       !contains(*question.source_arns, constraints.source_arn))) {
    return false;
  }
  if (ignores_context(question.operation)) return true;
  static const EncryptionContext kNone;
  const EncryptionContext& context = question.context != nullptr ? *question.context : kNone;
  return (constraints.equals.empty() || constraints.equals == context) &&
         (constraints.subset.empty() || includes(context, constraints.subset));
}

// AWS KMS Developer Guide, "Granting CreateGrant permission".
bool is_no_more(const CreateGrant& child, const Grant& parent) {
  const GrantConstraints& outer = parent.constraints;
  const GrantConstraints& inner = child.constraints;
  return std::all_of(child.operations.begin(), child.operations.end(),
                     [&](const std::string& each) { return contains(parent.operations, each); }) &&
         (outer.equals.empty() || outer.equals == inner.equals) &&
         (outer.subset.empty() || includes(inner.subset, outer.subset) ||
          includes(inner.equals, outer.subset)) &&
         (outer.source_arn.empty() || outer.source_arn == inner.source_arn);
}

bool works(const Grant& grant, const GrantQuestion& question) {
  if (grant.ended_unix_ns != 0 &&
      question.now_unix_ns >= grant.ended_unix_ns + question.propagation_ns) {
    return false;
  }
  if (question.now_unix_ns >= grant.effective_unix_ns) return true;
  return question.tokens != nullptr &&
         std::any_of(question.tokens->begin(), question.tokens->end(),
                     [&](const std::string& token) { return contains(grant.tokens, token); });
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<void> check_pairs(std::string_view member, const EncryptionContext& pairs) {
  FL_TRY_VOID(check_length(member, pairs.size(), 0, kPairsMax));
  for (const auto& [key, value] : pairs) {
    FL_TRY_VOID(check_length(member, value.size(), 0, kValueLengthMax));
  }
  return {};
}

Result<void> check_operation(const std::string& operation, std::size_t ordinal) {
  if (contains(kOperationsOfSymmetricKeys, operation)) return {};
  if (contains(kOtherOperations, operation)) {
    // The text is ours; AWS documents that the operation must be one of the key's type.
    return fail(code::kValidation, "Grant operation " + operation +
                                       " is not supported for symmetric encryption keys.");
  }
  std::string names;
  const auto list = [&names](const auto& operations) {
    for (const std::string_view each : operations)
      names.append(names.empty() ? "" : ", ").append(each);
  };
  list(kOperationsOfSymmetricKeys);
  list(kOtherOperations);
  return fail(code::kValidation, "1 validation error detected: Value '" + operation +
                                     "' at 'operations." + std::to_string(ordinal) +
                                     ".member' failed to satisfy constraint: Member must " +
                                     "satisfy enum value set: [" + names + "]");
}

}  // namespace

Grant& GrantTable::add(Grant grant) {
  std::string id = grant.grant_id;
  const auto [at, added] = grants_.emplace(std::move(id), std::move(grant));
  FL_CHECK(added) << "two grants with the id " << at->first;
  by_grantee_[at->second.grantee_principal].insert(at->first);
  if (at->second.ended_unix_ns != 0) ended_.emplace(at->second.ended_unix_ns, at->first);
  return at->second;
}

Grant* GrantTable::find(std::string_view grant_id) {
  const auto found = grants_.find(grant_id);
  return found == grants_.end() ? nullptr : &found->second;
}

Grant* GrantTable::find_same(const CreateGrant& request, std::string_view issuing_principal) {
  const auto ids = by_grantee_.find(request.grantee_principal);
  if (request.name.empty() || ids == by_grantee_.end()) return nullptr;
  for (const std::string& id : ids->second) {
    Grant& grant = *find(id);
    if (grant.ended_unix_ns == 0 && grant.name == request.name &&
        grant.retiring_principal == request.retiring_principal &&
        grant.issuing_principal == issuing_principal && grant.operations == request.operations &&
        grant.constraints == request.constraints) {
      return &grant;
    }
  }
  return nullptr;
}

void GrantTable::remove(std::string_view grant_id) {
  const auto found = grants_.find(grant_id);
  FL_CHECK(found != grants_.end()) << "no grant to remove: " << grant_id;
  const auto ids = by_grantee_.find(found->second.grantee_principal);
  ids->second.erase(found->first);
  if (ids->second.empty()) by_grantee_.erase(ids);
  ended_.erase({found->second.ended_unix_ns, found->first});
  grants_.erase(found);
}

void GrantTable::end(Grant& grant, std::int64_t now_unix_ns) {
  grant.ended_unix_ns = now_unix_ns;
  ended_.emplace(now_unix_ns, grant.grant_id);
}

bool GrantTable::remove_ended(std::int64_t ended_unix_ns) {
  bool any = false;
  while (!ended_.empty() && ended_.begin()->first <= ended_unix_ns) {
    const std::string id = ended_.begin()->second;
    remove(id);
    any = true;
  }
  return any;
}

std::int64_t GrantTable::first_end() const { return ended_.empty() ? 0 : ended_.begin()->first; }

bool GrantTable::allows(const GrantQuestion& question) const {
  const auto allows_him = [&](const std::string& id) {
    const Grant& grant = grants_.find(id)->second;
    return contains(grant.operations, question.operation) && works(grant, question) &&
           meets(grant.constraints, question) &&
           (question.child == nullptr || is_no_more(*question.child, grant));
  };
  return std::any_of(by_grantee_.begin(), by_grantee_.end(), [&](const auto& entry) {
    return principal_matches(entry.first, question.principal_arn) &&
           std::any_of(entry.second.begin(), entry.second.end(), allows_him);
  });
}

std::string make_grant_token(std::string_view key_id, std::string_view grant_id,
                             std::string_view random32) {
  return std::string(key_id).append(".").append(grant_id).append(".").append(to_hex(random32));
}

std::optional<TokenParts> parse_grant_token(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::string_view rest = token.substr(first + 1);
  if (rest.size() != 2 * kIdLength + 1 || rest[kIdLength] != '.') return std::nullopt;
  const TokenParts parts{token.substr(0, first), rest.substr(0, kIdLength)};
  if (!is_key_id(parts.key_id) || !is_lower_hex(parts.grant_id) ||
      !is_lower_hex(rest.substr(kIdLength + 1))) {
    return std::nullopt;
  }
  return parts;
}

Result<void> check_grant(const CreateGrant& request) {
  FL_TRY_VOID(check_length("granteePrincipal", request.grantee_principal.size(), 1, 256));
  FL_TRY_VOID(check_length("retiringPrincipal", request.retiring_principal.size(), 0, 256));
  FL_TRY_VOID(check_length("name", request.name.size(), 0, 256));
  if (request.operations.empty()) {
    // The text is ours: in the model the list is required and may be empty.
    return fail(code::kValidation, "A grant must allow at least one operation.");
  }
  for (std::size_t at = 0; at < request.operations.size(); ++at) {
    FL_TRY_VOID(check_operation(request.operations[at], at + 1));
  }
  FL_TRY_VOID(check_pairs("constraints.encryptionContextEquals", request.constraints.equals));
  FL_TRY_VOID(check_pairs("constraints.encryptionContextSubset", request.constraints.subset));
  return {};
}

}  // namespace faultline::kms
