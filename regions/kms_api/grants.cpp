// Grants: permissions that are given and ended one by one.
// Source  AWS KMS API Reference, "CreateGrant", "ListGrants", "ListRetirableGrants", "RetireGrant",
//         "RevokeGrant"; AWS KMS Developer Guide, "Grants in AWS KMS".
#include "regions/kms_api/operations.h"
#include "regions/kms_api/paging.h"

namespace faultline::regions::kms_api {
namespace {

constexpr std::size_t kListGrantsDefault = 50;

tl::unexpected<kms::Error> invalid(std::string message) {
  return kms::fail(kms::code::kValidation, std::move(message));
}

kms::GrantConstraints constraints_of(const v1::GrantConstraints& constraints) {
  kms::GrantConstraints out;
  for (const auto& [key, value] : constraints.encryption_context_equals()) out.equals[key] = value;
  for (const auto& [key, value] : constraints.encryption_context_subset()) out.subset[key] = value;
  out.source_arn = constraints.source_arn();
  return out;
}

void show(const kms::GrantEntry& grant, v1::GrantListEntry& entry) {
  entry.set_key_id(grant.key_arn);
  entry.set_grant_id(grant.grant_id);
  if (!grant.name.empty()) entry.set_name(grant.name);
  entry.set_creation_date(seconds_of(grant.created_unix_ns));
  entry.set_grantee_principal(grant.grantee_principal);
  if (!grant.retiring_principal.empty()) entry.set_retiring_principal(grant.retiring_principal);
  entry.set_issuing_account(grant.issuing_account);
  for (const std::string& operation : grant.operations) entry.add_operations(operation);
  if (grant.constraints == kms::GrantConstraints()) return;
  auto& constraints = *entry.mutable_constraints();
  for (const auto& [key, value] : grant.constraints.equals) {
    (*constraints.mutable_encryption_context_equals())[key] = value;
  }
  for (const auto& [key, value] : grant.constraints.subset) {
    (*constraints.mutable_encryption_context_subset())[key] = value;
  }
  if (!grant.constraints.source_arn.empty()) {
    constraints.set_source_arn(grant.constraints.source_arn);
  }
}

template <class Request, class Response>
Result<Response> grants_page(const Request& request, const std::vector<kms::GrantEntry>& grants,
                             std::string_view list) {
  Response response;
  FL_TRY_VOID(page(
      request, response, list, grants, kListGrantsDefault,
      [](const kms::GrantEntry& grant) { return grant.grant_id; },
      [&](const kms::GrantEntry& grant) { show(grant, *response.add_grants()); }));
  return response;
}

}  // namespace

Result<v1::KmsCreateGrantResponse> create_grant(Desk& desk,
                                                const v1::KmsCreateGrantRequest& request) {
  if (request.has_grantee_principal() == request.has_grantee_service_principal()) {
    return invalid("Exactly one of GranteePrincipal and GranteeServicePrincipal must be specified");
  }
  const bool to_service = request.has_grantee_service_principal();
  if (to_service &&
      (request.constraints().source_arn().empty() ||
       (!request.has_retiring_principal() && !request.has_retiring_service_principal()))) {
    return invalid(
        "A grant to a service principal needs a SourceArn constraint and a retiring principal");
  }
  FL_TRY_VOID(arn_of(desk, request.key_id()));
  FL_TRY(const kms::GrantReceipt receipt,
         desk.kms.create_grant(
             desk.caller(), request.key_id(),
             {
                 .grantee_principal =
                     to_service ? request.grantee_service_principal() : request.grantee_principal(),
                 .retiring_principal = request.has_retiring_service_principal()
                                           ? request.retiring_service_principal()
                                           : request.retiring_principal(),
                 .operations = {request.operations().begin(), request.operations().end()},
                 .constraints = constraints_of(request.constraints()),
                 .name = request.name()
  },
             options_of(request)));
  v1::KmsCreateGrantResponse response;
  response.set_grant_token(receipt.grant_token);
  response.set_grant_id(receipt.grant_id);
  return response;
}

Result<v1::KmsListGrantsResponse> list_grants(Desk& desk, const v1::KmsListGrantsRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:ListGrants"));
  FL_TRY(
      const auto grants,
      desk.kms.list_grants(request.key_id(), {.grant_id = request.grant_id(),
                                              .grantee_principal = request.grantee_principal()}));
  return grants_page<v1::KmsListGrantsRequest, v1::KmsListGrantsResponse>(request, grants,
                                                                          "ListGrants");
}

Result<v1::KmsListRetirableGrantsResponse> list_retirable_grants(
    Desk& desk, const v1::KmsListRetirableGrantsRequest& request) {
  FL_TRY_VOID(may(desk, "kms:ListRetirableGrants"));
  FL_TRY(const auto grants, desk.kms.list_retirable_grants(request.retiring_principal()));
  return grants_page<v1::KmsListRetirableGrantsRequest, v1::KmsListRetirableGrantsResponse>(
      request, grants, "ListRetirableGrants");
}

Result<v1::KmsRetireGrantResponse> retire_grant(Desk& desk,
                                                const v1::KmsRetireGrantRequest& request) {
  const bool by_id = request.has_key_id() && request.has_grant_id();
  if (!request.has_grant_token() && !by_id) {
    return invalid("Grant token OR (grant ID, key ID) must be specified");
  }
  FL_TRY_VOID(desk.kms.retire_grant(desk.caller(),
                                    {.grant_token = request.grant_token(),
                                     .key = request.key_id(),
                                     .grant_id = request.grant_id()},
                                    options_of(request)));
  return {};
}

Result<v1::KmsRevokeGrantResponse> revoke_grant(Desk& desk,
                                                const v1::KmsRevokeGrantRequest& request) {
  FL_TRY_VOID(arn_of(desk, request.key_id()));
  FL_TRY_VOID(desk.kms.revoke_grant(desk.caller(), request.key_id(), request.grant_id(),
                                    options_of(request)));
  return {};
}

}  // namespace faultline::regions::kms_api
