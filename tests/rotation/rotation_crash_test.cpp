// The primary dies at every access to its disk that a rotation makes, and comes back a little
// later: the rotation goes on, and ends as it would have.
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "engine/disk.h"
#include "engine/simulation.h"
#include "tests/rotation/rotation_world.h"

namespace faultline::regions {
namespace {

using engine::Duration;

// Answers false when the rotation is over before its disk was accessed so often.
bool rotates_with_a_crash_after(std::uint64_t accesses, v1::TornTail tail) {
  RotationWorld world;
  engine::Simulation& simulation = world.world().simulation();
  engine::Disk& disk = simulation.context(*simulation.find(kWest)).disk();
  disk.interrupt_after(accesses, [&] {
    world.world().crash(kWest, tail);
    simulation.after(
        Duration::millis(300), [&] { world.world().restart(kWest); }, "restart");
  });
  const std::string rotate =
      "rotate_secret { secret_id: 'db' client_request_token: 'v2' "
      "rotation_lambda_arn: '" +
      function_arn("faultline-succeeds") + "' }";
  const std::string answer = world.error(rotate);
  world.settle();
  const bool crashed = !disk.cancel_interrupt();
  if (answer != "OK") {
    // It died, or its store failed first. A client asks again, with the same token.
    EXPECT_EQ(world.error(rotate), "OK");
    world.settle();
  }
  EXPECT_EQ(world.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT") << "access " << accesses;
  EXPECT_EQ(world.labels(kEast), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(world.value("AWSCURRENT", kEast), world.value());
  EXPECT_TRUE(world.describe().has_last_rotated_date());
  return crashed;
}

TEST(RotationCrash, AnywhereItIsResumed) {
  std::uint64_t accesses = 0;
  while (rotates_with_a_crash_after(accesses, v1::LOSE_ALL)) ++accesses;
  EXPECT_GT(accesses, 20U) << "every step commits";
}

TEST(RotationCrash, WithATornTail) {
  std::uint64_t accesses = 0;
  while (rotates_with_a_crash_after(accesses, v1::TEAR)) ++accesses;
  EXPECT_GT(accesses, 20U);
}

}  // namespace
}  // namespace faultline::regions
