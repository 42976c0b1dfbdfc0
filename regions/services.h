// RegionServices: what an API operation may touch, and nothing else. One for each life of a region.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/actor.h"
#include "engine/disk.h"
#include "engine/time.h"
#include "regions/account.h"
#include "regions/defects.h"
#include "regions/kms_gateway.h"
#include "regions/replication/protocol.h"
#include "regions/secret_store.h"

namespace faultline::regions {

class RotationFunctions;
class Rotator;

// How the emulated service behaves; from a scenario's `service`.
struct ServiceConfig {
  std::string protocol = "aws";
  engine::Duration kms_latency = engine::Duration::millis(4);
  engine::Duration sync_latency = engine::Duration::micros(500);  // one sync of the store
  engine::Duration retry_base = engine::Duration::seconds(1);
  engine::Duration retry_cap = engine::Duration::seconds(8);
  std::uint32_t max_attempts = 4;
  // Request rates are limited as AWS's quotas say (quotas.h).
  bool request_quotas = false;
  // How long enabling or disabling a region takes, with the Account API; how long a multi-Region key
  // is Creating or Updating, when the regions can talk; until a grant works without its token, and
  // how long a revoked one works on.
  engine::Duration region_opt_time = engine::Duration::minutes(1);
  engine::Duration key_replication_time = engine::Duration::seconds(2);
  engine::Duration grant_propagation = engine::Duration::zero();
  // Ways in which it is broken on purpose.
  Defects defects{};
};

// Who calls, for access decisions and the trace.
struct Caller {
  std::string principal_arn;
  // Numbers a world's calls from 1.
  std::uint64_t call_id = 0;
};

// References that outlive every operation of this life: a crash destroys the operations' frames
// first.
struct RegionServices {
  engine::ActorContext& ctx;
  const std::string& region;
  const Account& account;
  const ServiceConfig& config;
  KmsGateway& kms;
  // Answers StoreError while it is closed.
  SecretStore& store;
  // Absent while the store is closed.
  const std::unique_ptr<ReplicationProtocol>& replication;
  // Regions of this world, in the order of the scenario.
  const std::vector<std::string>& world_regions;
  // What stands in for Lambda.
  RotationFunctions& rotation_functions;
  // Absent while the store is closed.
  const std::unique_ptr<Rotator>& rotation;
  // The disk failed: the region closes its store and opens it again later.
  std::function<void(std::string_view message)> store_failed;
  // A deletion was scheduled or taken back.
  std::function<void()> deletions_changed;
  // With defect D21 only: the tokens of this life, by secret.
  std::set<std::pair<std::string, std::string>> tokens_in_memory{};

  [[nodiscard]] std::int64_t wall_unix_ns() const { return ctx.wall_unix_ns(); }
  // How long what was just committed takes to become durable.
  [[nodiscard]] engine::Duration sync_time() const { return ctx.disk().sync_cost(); }
};

}  // namespace faultline::regions
