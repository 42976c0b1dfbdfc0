// Grants: given, listed, taken back.
#include <algorithm>
#include <array>
#include <utility>

#include "kms/grants.h"
#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/kms_access.h"
#include "kms/policy.h"
#include "kms/policy_decision.h"
#include "kms/validation.h"
#include "proto/check.h"

namespace faultline::kms {
namespace {

// AWS KMS Developer Guide, "Resource quotas".
constexpr std::size_t kGrantsMax = 50'000;
constexpr std::size_t kRandomBytes = 32;

std::string draw(Environment& environment, const std::string& purpose) {
  std::array<std::byte, kRandomBytes> random{};
  environment.fill_random(purpose, random);
  return {reinterpret_cast<const char*>(random.data()), random.size()};
}

GrantEntry entry_of(const Key& key, const Grant& grant) {
  return {.key_arn = key.arn,
          .grant_id = grant.grant_id,
          .name = grant.name,
          .created_unix_ns = grant.created_unix_ns,
          .grantee_principal = grant.grantee_principal,
          .retiring_principal = grant.retiring_principal,
          .issuing_account = grant.issuing_account,
          .operations = grant.operations,
          .constraints = grant.constraints};
}

Result<void> check_grant_id(std::string_view grant_id) {
  return check_length("grantId", grant_id.size(), 1, 128);
}

}  // namespace

void Kms::set_grant_propagation(std::int64_t ns) { store_->set_grant_propagation(ns); }

Result<GrantReceipt> Kms::create_grant(const Caller& caller, std::string_view key_id,
                                       const CreateGrant& request, const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_grant(request));
  FL_TRY_VOID(check_options(options));
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  FL_TRY_VOID(may_use({.caller = caller,
                       .action = action_of(Operation::CreateGrant),
                       .grant_tokens = &options.grant_tokens,
                       .named = key_id,
                       .grant = &request},
                      *key));
  FL_TRY_VOID(check_state(*key, Operation::CreateGrant));
  const std::string issuer =
      caller.principal_arn.empty() ? place_.root_arn() : caller.principal_arn;
  Grant* grant = key->grants.find_same(request, issuer);
  if (grant == nullptr && key->grants.grants().size() >= kGrantsMax) {
    // The text is ours; AWS documents the code only.
    return fail(code::kLimitExceeded, key->arn + " has 50000 grants; no more can be created.");
  }
  FL_TRY_VOID(end_dry_run(options));
  const std::int64_t now = environment_->now_unix_ns();
  if (grant == nullptr) {
    grant = &key->grants.add({.grant_id = to_hex(draw(*environment_, "grant-id/" + key->key_id)),
                              .name = request.name,
                              .grantee_principal = request.grantee_principal,
                              .retiring_principal = request.retiring_principal,
                              .issuing_account = place_.root_arn(),
                              .issuing_principal = issuer,
                              .operations = request.operations,
                              .constraints = request.constraints,
                              .created_unix_ns = now,
                              .effective_unix_ns = now + store_->grant_propagation_ns(),
                              .tokens = {}});
  }
  grant->tokens.push_back(make_grant_token(key->key_id, grant->grant_id,
                                           draw(*environment_, "grant-token/" + grant->grant_id)));
  store_->touch(*key);
  return GrantReceipt{grant->grant_id, grant->tokens.back()};
}

Result<std::vector<GrantEntry>> Kms::list_grants(std::string_view key_id) {
  return list_grants(key_id, GrantFilter{});
}

Result<std::vector<GrantEntry>> Kms::list_grants(std::string_view key_id,
                                                 const GrantFilter& filter) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_id, AcceptAliases::No));
  std::vector<GrantEntry> entries;
  for (const auto& [id, grant] : key->grants.grants()) {
    if (grant.ended_unix_ns != 0) continue;
    if (!filter.grant_id.empty() && filter.grant_id != id) continue;
    if (!filter.grantee_principal.empty() && filter.grantee_principal != grant.grantee_principal) {
      continue;
    }
    entries.push_back(entry_of(*key, grant));
  }
  // AWS KMS API Reference, "ListGrants".
  if (!filter.grant_id.empty() && entries.empty()) return fail(code::kInvalidGrantId);
  return entries;
}

Result<std::vector<GrantEntry>> Kms::list_retirable_grants(std::string_view retiring_principal) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("retiringPrincipal", retiring_principal.size(), 1, 256));
  std::vector<GrantEntry> entries;
  for (const auto& [key_id, key] : std::as_const(*store_).keys()) {
    if (state_of(key) == v1::Deleted) continue;
    for (const auto& [id, grant] : key.grants.grants()) {
      if (grant.ended_unix_ns == 0 && grant.retiring_principal == retiring_principal) {
        entries.push_back(entry_of(key, grant));
      }
    }
  }
  return entries;
}

// AWS KMS Developer Guide, "Retiring and revoking grants".
Result<void> Kms::retire_grant(const Caller& caller, const RetireGrant& request,
                               const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  const bool by_token = !request.grant_token.empty();
  if (by_token != (request.key.empty() && request.grant_id.empty()) ||
      (!by_token && (request.key.empty() || request.grant_id.empty()))) {
    return fail(code::kValidation, "Grant token OR (grant ID, key ID) must be specified");
  }
  Key* key = nullptr;
  Grant* grant = nullptr;
  if (by_token) {
    const auto parts = parse_grant_token(request.grant_token);
    key = parts ? find(parts->key_id) : nullptr;
    grant = key != nullptr ? key->grants.find(parts->grant_id) : nullptr;
    if (grant == nullptr || grant->ended_unix_ns != 0 ||
        std::find(grant->tokens.begin(), grant->tokens.end(), request.grant_token) ==
            grant->tokens.end()) {
      return fail(code::kInvalidGrantToken);
    }
  } else {
    FL_TRY_VOID(check_grant_id(request.grant_id));
    FL_TRY(key, lookup(request.key, AcceptAliases::No));
    grant = key->grants.find(request.grant_id);
    if (grant == nullptr || grant->ended_unix_ns != 0) return fail(code::kInvalidGrantId);
  }
  const std::string root = place_.root_arn();
  const std::string& principal = caller.principal_arn.empty() ? root : caller.principal_arn;
  const bool grantee_may = std::find(grant->operations.begin(), grant->operations.end(),
                                     "RetireGrant") != grant->operations.end();
  if (principal != grant->issuing_account &&
      (grant->retiring_principal.empty() ||
       !principal_matches(grant->retiring_principal, principal)) &&
      !(grantee_may && principal_matches(grant->grantee_principal, principal))) {
    return fail(code::kAccessDenied,
                denial_text(principal, action_of(Operation::RetireGrant), key->arn,
                            {.allowed = false, .is_explicit = false, .by = Ruling::By::Resource}));
  }
  FL_TRY_VOID(check_state(*key, Operation::RetireGrant));
  FL_TRY_VOID(end_dry_run(options));
  key->grants.end(*grant, environment_->now_unix_ns());
  store_->touch(*key);
  settle();
  return {};
}

Result<void> Kms::revoke_grant(const Caller& caller, std::string_view key_id,
                               std::string_view grant_id, const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_grant_id(grant_id));
  FL_TRY(Key * key, lookup(key_id, AcceptAliases::No));
  FL_TRY_VOID(may_use(
      {.caller = caller, .action = action_of(Operation::RevokeGrant), .named = key_id}, *key));
  FL_TRY_VOID(check_state(*key, Operation::RevokeGrant));
  Grant* grant = key->grants.find(grant_id);
  if (grant == nullptr || grant->ended_unix_ns != 0) return fail(code::kInvalidGrantId);
  FL_TRY_VOID(end_dry_run(options));
  key->grants.end(*grant, environment_->now_unix_ns());
  store_->touch(*key);
  settle();
  return {};
}

}  // namespace faultline::kms
