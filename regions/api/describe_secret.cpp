#include <string>
#include <utility>
#include <vector>

#include "regions/access/authorize.h"
#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {

// A secret that is scheduled for deletion is described like any other.
Answer<v1::DescribeSecretResponse> describe_secret(RegionServices& region, Caller caller,
                                                   v1::DescribeSecretRequest request) {
  Validation members;
  members.secret_id(request);
  FL_CO_TRY_VOID(members.result());
  FL_CO_TRY_VOID(check_secret_id(request.secret_id()));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  FL_CO_TRY(const auto found, look_at_secret(region, request.secret_id()));
  const v1::StoredSecret& secret = *found;
  FL_CO_TRY(const std::vector<v1::StoredLink> links, find_links(region, secret.name()));

  v1::DescribeSecretResponse response;
  describe_common(secret, response);
  if (secret.ever_tagged()) describe_tags(secret, *response.mutable_tags());
  describe_stages(secret, *response.mutable_version_ids_to_stages());
  std::string primary_region = primary_region_of(secret, links, region.region);
  if (!primary_region.empty()) response.set_primary_region(std::move(primary_region));
  for (const v1::StoredLink& link : links) {
    if (is_attached(link)) *response.add_replication_status() = status_of(link);
  }
  co_return response;
}

}  // namespace faultline::regions::api
