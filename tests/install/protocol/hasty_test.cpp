// What a user's own test looks like; here the protocol is wrong, so that the tests look for failure.
#include <gtest/gtest.h>

#include <string>

#include <hasty_protocol.h>
#include "regions/faultline.h"
#include "regions/testing/expect.h"
#include "regions/testing/survives.h"

namespace {

using namespace faultline;

chaos::HuntOptions hasty() {
  chaos::HuntOptions options;
  options.regions = {"us-west-2", "us-east-1"};
  options.protocol = "hasty";
  options.protocols = with_hasty_protocol();
  options.runs = 50;
  return options;
}

TEST(HastyProtocol, DoesNotSurviveAndSaysWhy) {
  const auto result = chaos::survives(hasty());
  ASSERT_FALSE(result);
  const std::string message = result.message();
  EXPECT_NE(message.find("S07"), std::string::npos) << message;
  EXPECT_NE(message.find("create_secret"), std::string::npos) << message;
}

// What the message shows is a scenario file that fails again, without a seed.
TEST(HastyProtocol, IsShownByAScenarioThatRepeatsIt) {
  const auto found = regions::explore::hunt(hasty());
  ASSERT_TRUE(found.has_value());
  const auto loaded = regions::load_scenario("found.textproto", found->scenario,
                                             {
                                                 .protocols = {"aws", "hasty"}
  });
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_LE(loaded->scenario.step_size(), 3) << found->scenario;
  EXPECT_EQ(loaded->scenario.seed(), 0U);
  regions::RunOptions run;
  run.shared.protocols = with_hasty_protocol();
  const v1::RunReport report = regions::ScenarioRun(*loaded, run).finish();
  ASSERT_GT(report.violations_size(), 0);
  EXPECT_EQ(report.violations(0).property(), found->target);
}

// An expectation of the user's own is hunted like a property.
TEST(BuiltInProtocol, IsHeldToWhatAUserExpects) {
  chaos::HuntOptions options;
  options.regions = {"us-west-2", "us-east-1"};
  options.runs = 40;
  options.workload.emplace().set_secrets(1);
  options.base.emplace();
  // Wrong, on purpose: replicas do fail under chaos.
  *options.base->add_expect() =
      chaos::never(chaos::replica_is("secret-1", "us-east-1", v1::ReplicaIs::Failed));
  const auto found = regions::explore::hunt(options);
  ASSERT_TRUE(found.has_value());
  EXPECT_NE(found->target.find("never"), std::string::npos) << found->target;
}

TEST(BuiltInProtocol, SurvivesChaos) {
  EXPECT_TRUE(chaos::survives({
      .regions = {"us-west-2", "us-east-1"},
        .runs = 30
  }));
}

}  // namespace
