// Two regions, a secret "db" and its replica, watched by every property; and what its rotations
// did, as the trace tells it.
//
//     RotationWorld world;
//     world.ok("rotate_secret { secret_id: 'db' client_request_token: 'v2' … }");
//     world.settle();
//     EXPECT_EQ(world.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/trace.h"
#include "regions/invariants/monitor.h"
#include "regions/rotation/function.h"
#include "regions/world.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {

class RotationWorld : private engine::TraceSink {
 public:
  explicit RotationWorld(std::vector<RotationFunction> functions = {},
                         std::string value = "hunter2", std::uint64_t seed = 1);
  // Nothing that the properties know of was broken.
  ~RotationWorld() override;

  v1::ApiResponse ok(std::string_view request, std::string_view region = kWest);
  // "Code: message", or "OK".
  std::string error(std::string_view request, std::string_view region = kWest);
  Result<v1::ApiResponse> call(std::string_view request, std::string_view region = kWest);
  // RotateSecret of "db" by a function of us-west-2, under this token.
  std::string rotate(std::string_view function, std::string_view token, std::string_view more = "");

  std::string value(std::string_view stage = "AWSCURRENT", std::string_view region = kWest);
  // "v1: AWSPREVIOUS; v2: AWSCURRENT"
  std::string labels(std::string_view region = kWest);
  v1::DescribeSecretResponse describe(std::string_view region = kWest);
  // What rotations did since the last time: "RotationStarted createSecret setSecret(Throttling…) …"
  std::string events();
  // Until nothing is under way; then the replica must hold what the primary holds.
  void settle();

  World& world() { return world_; }

 private:
  void on_event(const v1::TraceEvent& event) override;

  World world_;
  Monitor monitor_;
  std::string events_;
};

[[nodiscard]] std::string function_arn(std::string_view name);

}  // namespace faultline::regions
