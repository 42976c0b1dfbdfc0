#include <string>
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
  FL_CO_TRY(const std::vector<v1::StoredLink> links, find_links(region, found->name()));
  co_return describe(*found, links, region.region);
}

}  // namespace faultline::regions::api
