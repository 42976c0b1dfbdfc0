// Names for keys. An alias needs the permission on its own ARN, which only identity policies can
// give, and on the keys that it points to or is to point to.
// Source  AWS KMS API Reference, "CreateAlias", "UpdateAlias", "DeleteAlias", "ListAliases"; AWS
//         KMS Developer Guide, "Controlling access to aliases".
#include <algorithm>

#include "regions/kms_api/operations.h"
#include "regions/kms_api/paging.h"

namespace faultline::regions::kms_api {
namespace {

constexpr std::size_t kListAliasesDefault = 50;

Result<void> may_name(Desk& desk, const std::string& alias, std::string_view action) {
  return may(desk, action, desk.kms.place().alias_arn(alias));
}

// The key that the alias points to; empty: it points to none, or is not there.
Result<std::string> target_of(Desk& desk, const std::string& alias) {
  FL_TRY(const auto aliases, desk.kms.list_aliases());
  const auto found = std::ranges::find(aliases, alias, &kms::AliasEntry::name);
  return found == aliases.end() ? std::string() : found->target_key_id;
}

// A missing prefix or a reserved one is said before anything is looked up.
bool is_well_named(const std::string& alias) {
  return alias.starts_with("alias/") && !alias.starts_with("alias/aws/");
}

}  // namespace

Result<v1::KmsCreateAliasResponse> create_alias(Desk& desk,
                                                const v1::KmsCreateAliasRequest& request) {
  if (is_well_named(request.alias_name())) {
    FL_TRY_VOID(may_name(desk, request.alias_name(), "kms:CreateAlias"));
    FL_TRY_VOID(may_manage(desk, request.target_key_id(), "kms:CreateAlias"));
  }
  FL_TRY_VOID(desk.kms.create_alias(request.alias_name(), request.target_key_id()));
  return {};
}

Result<v1::KmsUpdateAliasResponse> update_alias(Desk& desk,
                                                const v1::KmsUpdateAliasRequest& request) {
  if (is_well_named(request.alias_name())) {
    FL_TRY_VOID(may_name(desk, request.alias_name(), "kms:UpdateAlias"));
    FL_TRY(const std::string old_key, target_of(desk, request.alias_name()));
    if (!old_key.empty()) FL_TRY_VOID(may_manage(desk, old_key, "kms:UpdateAlias"));
    FL_TRY_VOID(may_manage(desk, request.target_key_id(), "kms:UpdateAlias"));
  }
  FL_TRY_VOID(desk.kms.update_alias(request.alias_name(), request.target_key_id()));
  return {};
}

Result<v1::KmsDeleteAliasResponse> delete_alias(Desk& desk,
                                                const v1::KmsDeleteAliasRequest& request) {
  if (is_well_named(request.alias_name())) {
    FL_TRY_VOID(may_name(desk, request.alias_name(), "kms:DeleteAlias"));
    FL_TRY(const std::string key, target_of(desk, request.alias_name()));
    if (!key.empty()) FL_TRY_VOID(may_manage(desk, key, "kms:DeleteAlias"));
  }
  FL_TRY_VOID(desk.kms.delete_alias(request.alias_name()));
  return {};
}

Result<v1::KmsListAliasesResponse> list_aliases(Desk& desk,
                                                const v1::KmsListAliasesRequest& request) {
  FL_TRY_VOID(may(desk, "kms:ListAliases"));
  if (request.has_key_id()) FL_TRY_VOID(arn_of(desk, request.key_id()));
  FL_TRY(const auto aliases, desk.kms.list_aliases(request.key_id()));
  v1::KmsListAliasesResponse response;
  FL_TRY_VOID(page(
      request, response, "ListAliases", aliases, kListAliasesDefault,
      [](const kms::AliasEntry& alias) { return alias.name; },
      [&](const kms::AliasEntry& alias) {
        v1::AliasListEntry& entry = *response.add_aliases();
        entry.set_alias_name(alias.name);
        entry.set_alias_arn(alias.arn);
        if (alias.target_key_id.empty()) return;
        entry.set_target_key_id(alias.target_key_id);
        entry.set_creation_date(seconds_of(alias.created_unix_ns));
        entry.set_last_updated_date(seconds_of(alias.updated_unix_ns));
      }));
  return response;
}

}  // namespace faultline::regions::kms_api
