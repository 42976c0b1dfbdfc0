// The world that a scenario describes: its regions, their network, keys and principals.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/disk.h"
#include "proto/scenario.pb.h"
#include "regions/replication/protocol.h"
#include "regions/world.h"

namespace faultline::regions {

// What many worlds may share, so that a sweep makes it once. Both have defaults of their own.
struct SharedParts {
  std::shared_ptr<const ProtocolRegistry> protocols;
  engine::DiskImage empty_database;
};

// REQUIRES: a scenario that was loaded (scenario_loader.h), with the names of these protocols.
[[nodiscard]] std::unique_ptr<World> make_world(const v1::Scenario& scenario, std::uint64_t seed,
                                                const SharedParts& shared = {});

// A policy as the emulated KMS knows it: principals' names become their ARNs.
[[nodiscard]] v1::Policy with_arns(v1::Policy policy, const Account& account);

}  // namespace faultline::regions
