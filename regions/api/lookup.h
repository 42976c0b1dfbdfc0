// From a SecretId to the secret, and the two guards that most operations put before it.
//
// Errors  all: ResourceNotFoundException, InternalServiceError.
// Order   of the guards: scheduled for deletion, then replica.
// Source  AWS Secrets Manager User Guide, "Troubleshoot", "Standalone secret"; API Reference.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/storage.pb.h"
#include "regions/error.h"
#include "regions/services.h"

namespace faultline::regions::api {

// Any secret of this region, whatever its state: to be read, as it is now; or to be changed.
[[nodiscard]] Result<std::shared_ptr<const v1::StoredSecret>> look_at_secret(
    RegionServices& region, const std::string& secret_id);
[[nodiscard]] Result<v1::StoredSecret> find_secret(RegionServices& region,
                                                   const std::string& secret_id);
// One that is not scheduled for deletion: else InvalidRequestException.
[[nodiscard]] Result<v1::StoredSecret> find_usable(RegionServices& region,
                                                   const std::string& secret_id);
// One that is no replica either: else InvalidParameterException.
[[nodiscard]] Result<v1::StoredSecret> find_writable(RegionServices& region,
                                                     const std::string& secret_id);

// Attached and removing ones, oldest first.
[[nodiscard]] Result<std::vector<v1::StoredLink>> find_links(RegionServices& region,
                                                             const std::string& secret_name);

// What a call is told whose secret was there when it began and is gone, deleted without recovery.
// InvalidRequestException.
// Source  the answers that the Terraform AWS provider knows to wait for.
[[nodiscard]] Error deleted_meanwhile();

// The store failed: tells the region, and answers what the client gets.
[[nodiscard]] Error store_trouble(RegionServices& region, const StoreError& error);
template <class T>
[[nodiscard]] Result<T> checked(RegionServices& region, StoreResult<T> result) {
  if (result.has_value()) return std::move(result).value();
  return tl::make_unexpected(store_trouble(region, result.error()));
}

}  // namespace faultline::regions::api
