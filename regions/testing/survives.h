// For GoogleTest: a replication protocol under chaos, in one line. Include it where GoogleTest is;
// the library itself does not depend on it.
//
//     TEST(MyProtocol, SurvivesChaos) {
//       EXPECT_TRUE(faultline::chaos::survives({.protocol = "mine", .protocols = my_protocols()}));
//     }
//
// A failure's message is the shrunk scenario as text: paste it into a file, and `faultline run` and
// `faultline replay` (built with the same protocols: tools/command.h) show it again.
#pragma once

#include <gtest/gtest.h>

#include "regions/explore/hunt.h"

namespace faultline::chaos {

using regions::explore::HuntOptions;

[[nodiscard]] inline ::testing::AssertionResult survives(const HuntOptions& options) {
  const auto found = regions::explore::hunt(options);
  if (!found) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << found->target << ": " << found->found << "\nfound by run " << found->address << "\n\n"
         << found->scenario;
}

}  // namespace faultline::chaos
