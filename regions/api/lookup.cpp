#include "regions/api/lookup.h"

#include <optional>

#include "regions/arn.h"

namespace faultline::regions::api {

Error store_trouble(RegionServices& region, const StoreError& error) {
  // A store that was closed meanwhile has been reported by whoever closed it.
  if (region.store.is_open()) region.store_failed(error.message);
  return internal_service_error();
}

Error deleted_meanwhile() {
  return invalid_request("You can't perform this operation on the secret because it was deleted.");
}

Result<std::shared_ptr<const v1::StoredSecret>> look_at_secret(RegionServices& region,
                                                               const std::string& secret_id) {
  const std::optional<SecretIdLookup> lookup =
      lookup_of(secret_id, region.region, region.account.id());
  if (!lookup) return tl::make_unexpected(secret_not_found());
  FL_TRY(auto secret, checked(region, region.store.look(lookup->name)));
  if (secret == nullptr || (!lookup->any_arn && secret->arn() != lookup->arn)) {
    return tl::make_unexpected(secret_not_found());
  }
  return secret;
}

Result<v1::StoredSecret> find_secret(RegionServices& region, const std::string& secret_id) {
  FL_TRY(const auto secret, look_at_secret(region, secret_id));
  return *secret;
}

Result<v1::StoredSecret> find_usable(RegionServices& region, const std::string& secret_id) {
  FL_TRY(v1::StoredSecret secret, find_secret(region, secret_id));
  if (secret.has_deletion_unix_ns()) return tl::make_unexpected(marked_for_deletion());
  return secret;
}

Result<v1::StoredSecret> find_writable(RegionServices& region, const std::string& secret_id) {
  FL_TRY(v1::StoredSecret secret, find_usable(region, secret_id));
  if (secret.role() == v1::Replica) return tl::make_unexpected(write_on_replica());
  return secret;
}

Result<std::vector<v1::StoredLink>> find_links(RegionServices& region,
                                               const std::string& secret_name) {
  return checked(region, region.store.links(secret_name));
}

}  // namespace faultline::regions::api
