// The world that a scenario describes: its regions, their network, keys and principals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/disk.h"
#include "proto/scenario.pb.h"
#include "regions/replication/protocol.h"
#include "regions/world.h"

namespace faultline::regions {

// What many worlds may share, so that a sweep makes it once. Both have defaults of their own.
struct SharedParts {
  std::shared_ptr<const ProtocolRegistry> protocols{};
  engine::DiskImage empty_database{};
  // As in WorldOptions. A world with an image of an earlier life has the keys and the regions'
  // statuses of the image and not of the scenario, and goes on at the image's time, unless another
  // one is given.
  std::shared_ptr<const WorldImage> image{};
  std::optional<std::int64_t> epoch_unix_ns{};
  std::function<void(const std::string& region, engine::Disk& disk)> adopt_disk{};
  std::function<void(std::span<std::byte>)> entropy{};
  kms::WrapSuite wrap_suite = kms::WrapSuite::Simulation;
};

// REQUIRES: a scenario that was loaded (scenario_loader.h), with the names of these protocols.
[[nodiscard]] std::unique_ptr<World> make_world(const v1::Scenario& scenario, std::uint64_t seed,
                                                const SharedParts& shared = {});

// A policy as the emulated KMS knows it: principals' names become their ARNs.
[[nodiscard]] v1::Policy with_arns(v1::Policy policy, const Account& account);

}  // namespace faultline::regions
