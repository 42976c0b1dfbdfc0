// Inspector: looks into a world without touching it: no virtual time passes, no trace is written,
// no message is sent. For expectations, invariants and tests.
//
// A value is read with the region's own keys, as the account's root would through Secrets Manager:
// a disabled, missing or denied key is an error here too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/storage.pb.h"
#include "regions/error.h"

namespace faultline::regions {

class World;

class Inspector {
 public:
  // The world outlives the inspector.
  explicit Inspector(World& world) : world_(world) {}

  // By name or (partial) ARN of that region. Absent: no such secret, or the region is down.
  [[nodiscard]] std::optional<v1::StoredSecret> secret(std::string_view region,
                                                       std::string_view secret_id) const;
  // Attached links only, in the order in which they were made.
  [[nodiscard]] std::vector<v1::StoredLink> replicas(std::string_view region,
                                                     std::string_view secret_name) const;
  // The region whose secret of this name has attached links (the first in the world's order).
  [[nodiscard]] std::optional<std::string> primary_region(std::string_view secret_name) const;

  // Errors   as GetSecretValue: ResourceNotFoundException, DecryptionFailure,
  // AccessDeniedException, …; "ConnectionClosed" when the region
  //          is down.
  [[nodiscard]] Result<std::string> value(std::string_view region, std::string_view secret_id,
                                          std::string_view stage) const;
  [[nodiscard]] Result<std::string> version_value(std::string_view region,
                                                  const v1::StoredSecret& secret,
                                                  const std::string& version_id) const;

  // Whether every replica that a primary lists is InSync and equal to it: labelled versions,
  // labels, values, description and tags. Says what differs first; empty: converged. A secret
  // without replicas has converged.
  [[nodiscard]] std::string convergence_gap(std::string_view secret_name) const;

 private:
  std::string gap_between(std::string_view primary_region, const v1::StoredSecret& primary,
                          const v1::StoredLink& link) const;
  World& world_;
};

}  // namespace faultline::regions
