// The AWS KMS API in front of a region's Kms: a request in, its response or error out, at once.
// What a call takes, and what faults make of it, is other_services.h's.
//
//   kms_api::Desk desk{.kms = kms, .call = call, .account = account, .multi_region = keys};
//   kms_api::dispatch(desk, request);
//
// Checks   in this order: the shape of the request (validate.h); KMS answers at all; the key
//          exists; the caller may; the key's state. AWS does not document its order.
// Errors   as on the page of each operation. What is not emulated, such as asymmetric keys and key
//          stores, is UnsupportedOperationException.
// Files    one for each family of operations: keys, aliases, cryptography, policies, grants,
//          rotation, multi_region, tags.
// Source   AWS KMS API Reference, API version 2014-11-01.
#pragma once

#include <string>
#include <string_view>

#include "kms/kms.h"
#include "proto/kms_api.pb.h"
#include "regions/access/authorize.h"
#include "regions/account.h"

namespace faultline::regions {
class MultiRegionKeys;
}  // namespace faultline::regions

namespace faultline::regions::kms_api {

// What an operation may touch.
struct Desk {
  kms::Kms& kms;
  const access::KmsCall& call;
  const Account& account;
  // For what concerns other regions.
  MultiRegionKeys& multi_region;

  [[nodiscard]] const kms::Caller& caller() const { return call.caller(); }
};

// "CreateKey"; "" for a request without an operation.
[[nodiscard]] std::string operation_name(const v1::KmsRequest& request);
// The key or alias that it names, as it does; "" for none.
[[nodiscard]] std::string named_key(const v1::KmsRequest& request);

[[nodiscard]] kms::Result<v1::KmsResponse> dispatch(Desk& desk, const v1::KmsRequest& request);

// What conditions in policies may ask about this request, besides what KMS knows itself: such as
// kms:ReplicaRegion. Refers to the request.
// Source  AWS KMS Developer Guide, "Condition keys for AWS KMS".
[[nodiscard]] kms::PolicyContext::Fill conditions_of(const v1::KmsRequest& request);

}  // namespace faultline::regions::kms_api
