// Grants: permissions for one principal on one key, given and taken back without touching a policy.
//
// Source  AWS KMS Developer Guide, "Grants in AWS KMS", "Creating grants", "Managing grants"; AWS
//         KMS API Reference, "CreateGrant".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kms/error.h"
#include "kms/kms_types.h"

namespace faultline::kms {

struct Grant {
  std::string grant_id;  // 64 hex digits
  std::string name;
  std::string grantee_principal;
  std::string retiring_principal;
  std::string issuing_account;    // "arn:aws:iam::111122223333:root"
  std::string issuing_principal;  // who called
  std::vector<std::string> operations;
  GrantConstraints constraints;
  std::int64_t created_unix_ns = 0;
  std::int64_t effective_unix_ns = 0;  // from then on it works without its token
  std::int64_t ended_unix_ns = 0;      // 0: it was neither revoked nor retired
  std::vector<std::string> tokens;
};

// What somebody wants to do, as grants see it.
struct GrantQuestion {
  std::string_view principal_arn;
  std::string_view operation;                  // "Decrypt"
  const EncryptionContext* context = nullptr;  // null: none
  const std::vector<std::string>* source_arns = nullptr;
  const std::vector<std::string>* tokens = nullptr;
  std::int64_t now_unix_ns = 0;
  std::int64_t propagation_ns = 0;
  // The grant that he wants to make, if that is what he wants: it may say no more than the one that
  // lets him.
  const CreateGrant* child = nullptr;
};

// The grants of one key.
class GrantTable {
 public:
  using Grants = std::map<std::string, Grant, std::less<>>;  // by id

  [[nodiscard]] const Grants& grants() const { return grants_; }
  [[nodiscard]] bool empty() const { return grants_.empty(); }

  // The id must be new.
  Grant& add(Grant grant);
  // Null when there is none.
  [[nodiscard]] Grant* find(std::string_view grant_id);
  // The one that Name makes the same; null: none.
  [[nodiscard]] Grant* find_same(const CreateGrant& request, std::string_view issuing_principal);
  void remove(std::string_view grant_id);
  // Revoked or retired now.
  void end(Grant& grant, std::int64_t now_unix_ns);
  // Removes what ended before, or at, `ended_unix_ns`; whether there was any.
  bool remove_ended(std::int64_t ended_unix_ns);
  // The earliest end; 0: none has ended.
  [[nodiscard]] std::int64_t first_end() const;

  // Whether one of them lets him.
  [[nodiscard]] bool allows(const GrantQuestion& question) const;

 private:
  Grants grants_;
  // Most questions are about few grantees of many.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> by_grantee_;
  std::set<std::pair<std::int64_t, std::string>> ended_;  // by date
};

// What a token says: whose grant it is. A token is the key id, the grant id and 32 random bytes.
struct TokenParts {
  std::string_view key_id;
  std::string_view grant_id;
};
[[nodiscard]] std::string make_grant_token(std::string_view key_id, std::string_view grant_id,
                                           std::string_view random32);
[[nodiscard]] std::optional<TokenParts> parse_grant_token(std::string_view token);

// The shape of a request. ValidationException.
[[nodiscard]] Result<void> check_grant(const CreateGrant& request);

}  // namespace faultline::kms
