// The Account Management API, as far as regions go: a request in, its response or error out, at
// once.
//
// Errors   ValidationException, ConflictException, TooManyRequestsException,
//          AccessDeniedException. Of an account other than the caller's only an organisation may
//          speak, and there is none here.
// Source   AWS Account Management Reference, "EnableRegion", "DisableRegion", "GetRegionOptStatus",
//          "ListRegions".
#pragma once

#include <string>

#include "proto/account_api.pb.h"
#include "regions/access/authorize.h"
#include "regions/account.h"
#include "regions/error.h"
#include "regions/region_opt_in.h"

namespace faultline::regions::account_api {

struct Desk {
  const Account& account;
  const access::KmsCall& call;
  RegionOptIn& opt_in;
  // Of the world; they count as AWS's own, whatever their names.
  const std::vector<std::string>& world_regions;
};

// "EnableRegion"; "" for a request without an operation.
[[nodiscard]] std::string operation_name(const v1::AccountRequest& request);
// The region that it names; "" for none.
[[nodiscard]] std::string named_region(const v1::AccountRequest& request);

[[nodiscard]] Result<v1::AccountResponse> dispatch(Desk& desk, const v1::AccountRequest& request);

}  // namespace faultline::regions::account_api
