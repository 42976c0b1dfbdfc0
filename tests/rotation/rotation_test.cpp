#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/simulation.h"
#include "engine/time.h"
#include "regions/scenario/epoch.h"
#include "tests/rotation/rotation_world.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kAllSteps =
    "RotationStarted createSecret setSecret testSecret finishSecret RotationSucceeded";
constexpr std::string_view kIncomplete =
    "InvalidRequestException: A previous rotation isn't complete. That rotation will be "
    "reattempted.";
constexpr std::string_view kCannotInvoke =
    "AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function. Ensure "
    "that the function policy grants access to the principal secretsmanager.amazonaws.com.";
constexpr std::string_view kOnReplica =
    "InvalidParameterException: Operation not permitted on a replica secret. Call must be made in "
    "primary secret's region.";
constexpr std::string_view kEveryMonth = "rotation_rules { automatically_after_days: 30 }";

RotationFunction failing(std::uint32_t step, std::uint32_t failures) {
  RotationFunction function;
  function.region = kWest;
  function.name = "rotator";
  function.behavior = RotationBehavior::Fails;
  function.fails_at = step;
  function.failures = failures;
  return function;
}

double seconds_of(const std::string& time) {
  return static_cast<double>(parse_epoch(time).value_or(0) / 1'000'000'000);
}

// ---- the four steps -----------------------------------------------------------------------------

TEST(Rotation, MakesANewVersionAndTellsTheReplicas) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2", kEveryMonth), "OK");
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
  EXPECT_EQ(world.value("AWSPENDING"), "<ResourceNotFoundException>");
  world.settle();
  EXPECT_EQ(world.events(), kAllSteps);
  EXPECT_EQ(world.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(world.labels(kEast), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  const std::string made = world.value();
  EXPECT_EQ(made.size(), 32U);
  EXPECT_EQ(world.value("AWSCURRENT", kEast), made);
  EXPECT_EQ(world.value("AWSPREVIOUS", kEast), "hunter2");
}

TEST(Rotation, IsDescribed) {
  RotationWorld world;
  EXPECT_FALSE(world.describe().has_rotation_enabled());
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2", kEveryMonth), "OK");
  world.settle();
  const v1::DescribeSecretResponse here = world.describe();
  EXPECT_TRUE(here.rotation_enabled());
  EXPECT_EQ(here.rotation_lambda_arn(), function_arn("faultline-succeeds"));
  EXPECT_EQ(here.rotation_rules().automatically_after_days(), 30);
  EXPECT_GT(here.last_rotated_date(), seconds_of("2026-01-01T00:00:00Z"));
  EXPECT_EQ(here.next_rotation_date(), seconds_of("2026-01-31T23:59:59Z"));
  // A replica shows what is configured, and rotates nothing.
  const v1::DescribeSecretResponse there = world.describe(kEast);
  EXPECT_TRUE(there.rotation_enabled());
  EXPECT_EQ(there.rotation_rules().automatically_after_days(), 30);
  EXPECT_EQ(there.last_rotated_date(), here.last_rotated_date());
  EXPECT_FALSE(there.has_next_rotation_date());
  const auto listed = world.ok("list_secrets {}").list_secrets();
  ASSERT_EQ(listed.secret_list_size(), 1);
  EXPECT_TRUE(listed.secret_list(0).rotation_enabled());
  EXPECT_EQ(listed.secret_list(0).next_rotation_date(), here.next_rotation_date());
}

TEST(Rotation, ReplacesThePasswordInAValueThatIsJson) {
  RotationWorld world({}, R"({"username":"app","password":"old","port":5432})");
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2"), "OK");
  world.settle();
  EXPECT_THAT(world.value(), AllOf(StartsWith(R"({"username":"app","password":")"),
                                   Not(HasSubstr("old")), HasSubstr(R"(","port":5432})")));
}

TEST(Rotation, AlternatesBetweenTwoUsers) {
  RotationWorld world({}, R"({"username":"app","password":"old"})");
  EXPECT_EQ(world.rotate("faultline-alternating-users", "v2"), "OK");
  world.settle();
  EXPECT_THAT(world.value("AWSCURRENT", kEast), HasSubstr(R"("username":"app_clone")"));
  EXPECT_THAT(world.value("AWSPREVIOUS"), HasSubstr(R"("username":"app")"));
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'db' client_request_token: 'v3' }"), "OK");
  world.settle();
  EXPECT_THAT(world.value(), HasSubstr(R"("username":"app")"));
  EXPECT_EQ(world.labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT");
}

TEST(Rotation, AlternatingUsersNeedUsers) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-alternating-users", "v2"), "OK");
  world.settle();
  EXPECT_EQ(world.value(), "hunter2");
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
}

TEST(Rotation, ASlowFunctionTakesItsTime) {
  RotationWorld world;
  const engine::Instant began = world.world().now();
  EXPECT_EQ(world.rotate("faultline-slow", "v2"), "OK");
  world.settle();
  EXPECT_EQ(world.events(), kAllSteps);
  EXPECT_GT(world.world().now() - began, Duration::seconds(40));
}

// ---- failure ------------------------------------------------------------------------------------

struct FailingStep {
  const char* function;
  const char* events;  // of one attempt
  bool filled;         // AWSPENDING has a value
};

class RotationFails : public testing::TestWithParam<FailingStep> {};

TEST_P(RotationFails, IsTriedFourTimesAndLeavesThePendingVersion) {
  RotationWorld world;
  EXPECT_EQ(world.rotate(GetParam().function, "v2", kEveryMonth), "OK");
  world.settle();
  std::string events = "RotationStarted";
  for (int attempt = 0; attempt < 4; ++attempt) events += std::string(" ") + GetParam().events;
  EXPECT_EQ(world.events(), events);
  EXPECT_EQ(world.value(), "hunter2");
  EXPECT_EQ(world.value("AWSCURRENT", kEast), "hunter2");
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
  EXPECT_EQ(world.labels(kEast), "v1: AWSCURRENT; v2: AWSPENDING");
  EXPECT_EQ(world.value("AWSPENDING").size(), GetParam().filled ? 32U : 27U) << "or an error";
  EXPECT_FALSE(world.describe().has_last_rotated_date());
  // Asked again, it is that rotation that is tried again.
  EXPECT_EQ(world.rotate(GetParam().function, "v3"), kIncomplete);
  world.settle();
  EXPECT_THAT(world.events(), HasSubstr("RotationFailed"));
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
}

INSTANTIATE_TEST_SUITE_P(
    AtEachStep, RotationFails,
    testing::Values(
        FailingStep{"faultline-fails-create", "createSecret(FunctionError) RotationFailed", false},
        FailingStep{"faultline-fails-set", "createSecret setSecret(FunctionError) RotationFailed",
                    true},
        FailingStep{"faultline-fails-test",
                    "createSecret setSecret testSecret(FunctionError) RotationFailed", true},
        FailingStep{"faultline-fails-finish",
                    "createSecret setSecret testSecret finishSecret(FunctionError) RotationFailed",
                    true}),
    [](const auto& param) { return "Step" + std::to_string(param.index + 1); });

TEST(Rotation, GoesWellOnceTheFunctionDoes) {
  RotationWorld world({failing(3, 2)});
  EXPECT_EQ(world.rotate("rotator", "v2"), "OK");
  world.settle();
  EXPECT_THAT(world.events(), HasSubstr("RotationFailed createSecret setSecret testSecret "
                                        "finishSecret RotationSucceeded"));
  EXPECT_EQ(world.labels(kEast), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST(Rotation, ThatWasGivenUpIsTriedAgainWhenAsked) {
  RotationWorld world({failing(1, 4)});
  EXPECT_EQ(world.rotate("rotator", "v2"), "OK");
  world.settle();
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
  EXPECT_EQ(world.rotate("rotator", "v3"), kIncomplete);
  world.settle();
  EXPECT_EQ(world.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST(Rotation, ThatWasGivenUpIsTriedAgainInTheNextWindow) {
  RotationWorld world({failing(4, 4)});
  EXPECT_EQ(world.rotate("rotator", "v2", "rotation_rules { schedule_expression: 'rate(1 day)' }"),
            "OK");
  world.settle();
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
  world.world().run_for(Duration::days(2));
  world.settle();
  EXPECT_THAT(world.events(), HasSubstr("RotationSucceeded"));
  EXPECT_EQ(world.labels(kEast), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

// ---- what is refused ----------------------------------------------------------------------------

TEST(RotateSecret, NeedsAFunctionThatItCanInvoke) {
  RotationFunction closed;
  closed.region = kWest;
  closed.name = "closed";
  closed.invokable = false;
  RotationWorld world({closed});
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'db' client_request_token: 'v2' }"),
            "InvalidRequestException: No Lambda rotation function ARN is associated with this "
            "secret.");
  EXPECT_EQ(world.rotate("closed", "v2"), kCannotInvoke);
  EXPECT_EQ(world.rotate("nobody", "v2"), kCannotInvoke);
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'db' client_request_token: 'v2' "
                        "rotation_lambda_arn: 'arn:aws:lambda:us-east-1:123456789012:function:"
                        "faultline-succeeds' }"),
            kCannotInvoke);
  EXPECT_FALSE(world.describe().has_rotation_enabled());
  EXPECT_FALSE(world.describe().has_rotation_lambda_arn());
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT");
  EXPECT_EQ(world.events(), "");
}

TEST(RotateSecret, NeedsATokenAndRulesThatMakeSense) {
  RotationWorld world;
  v1::ApiRequest request;
  request.mutable_rotate_secret()->set_secret_id("db");
  const auto answer = world.world().call_and_wait(kWest, "admin", request);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), (Error{"InvalidParameterException",
                                   "You must provide a ClientRequestToken value. We recommend a "
                                   "UUID-type value."}));
  EXPECT_THAT(world.rotate("faultline-succeeds", "v2",
                           "rotation_rules { schedule_expression: 'rate(1 hour)' }"),
              HasSubstr("InvalidParameterException: The ScheduleExpression value rate(1 hour)"));
  EXPECT_THAT(
      world.rotate("faultline-succeeds", "v2", "rotation_rules { automatically_after_days: 1001 }"),
      HasSubstr("ValidationException: 1 validation error detected: Value '1001' at "
                "'rotationRules.automaticallyAfterDays'"));
  EXPECT_THAT(world.rotate("faultline-succeeds", "v2",
                           "rotation_rules { automatically_after_days: 1 duration: 'long' }"),
              HasSubstr("ValidationException"));
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT");
}

TEST(RotateSecret, WithATokenThatWasUsedRotatesNothing) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2"), "OK");
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2"), "OK");
  world.settle();
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2"), "OK");
  world.settle();
  EXPECT_EQ(world.events(), kAllSteps);
}

TEST(RotateSecret, OfASecretWithoutAValue) {
  RotationWorld world;
  world.ok("create_secret { name: 'none' client_request_token: 'n1' }");
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'none' client_request_token: 'v2' "
                        "rotation_lambda_arn: '" +
                        function_arn("faultline-succeeds") + "' }"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "staging label: AWSCURRENT");
}

TEST(RotateSecret, AReplicaIsNotRotated) {
  RotationWorld world;
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'db' client_request_token: 'v2' }", kEast),
            kOnReplica);
  EXPECT_EQ(world.error("cancel_rotate_secret { secret_id: 'db' }", kEast), kOnReplica);
}

TEST(Rotation, IsOffAfterAPromotion) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2", kEveryMonth), "OK");
  world.settle();
  world.ok("stop_replication_to_replica { secret_id: 'db' }", kEast);
  world.settle();
  const v1::DescribeSecretResponse promoted = world.describe(kEast);
  EXPECT_TRUE(promoted.has_rotation_enabled());
  EXPECT_FALSE(promoted.rotation_enabled());
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'db' client_request_token: 'v3' }", kEast),
            kCannotInvoke);
  EXPECT_EQ(world.error("rotate_secret { secret_id: 'db' client_request_token: 'v3' "
                        "rotation_lambda_arn: 'arn:aws:lambda:us-east-1:123456789012:function:"
                        "faultline-succeeds' }",
                        kEast),
            "OK");
  world.settle();
  EXPECT_EQ(world.labels(kEast), "v2: AWSPREVIOUS; v3: AWSCURRENT");
  EXPECT_EQ(world.labels(kWest), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

// ---- what may come between ----------------------------------------------------------------------

TEST(CancelRotateSecret, LeavesWhatThereIs) {
  RotationWorld world;
  EXPECT_EQ(world.error("cancel_rotate_secret { secret_id: 'db' }").substr(0, 24),
            "InvalidRequestException:");
  EXPECT_EQ(world.rotate("faultline-slow", "v2", kEveryMonth), "OK");
  world.world().run_for(Duration::seconds(15));
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
  const auto answer = world.ok("cancel_rotate_secret { secret_id: 'db' }").cancel_rotate_secret();
  EXPECT_EQ(short_token(answer.version_id()), "v2");
  world.settle();
  EXPECT_EQ(world.events(), "RotationStarted createSecret");
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT; v2: AWSPENDING");
  const v1::DescribeSecretResponse secret = world.describe();
  EXPECT_FALSE(secret.rotation_enabled());
  EXPECT_EQ(secret.rotation_rules().automatically_after_days(), 30);
  EXPECT_EQ(secret.rotation_lambda_arn(), function_arn("faultline-slow"));
  EXPECT_FALSE(secret.has_next_rotation_date());
  // The caller must clean up.
  EXPECT_EQ(world.rotate("faultline-succeeds", "v3"), kIncomplete);
  world.ok(
      "update_secret_version_stage { secret_id: 'db' version_stage: 'AWSPENDING' "
      "remove_from_version_id: 'v2' }");
  EXPECT_EQ(world.rotate("faultline-succeeds", "v3"), "OK");
  world.settle();
  EXPECT_EQ(world.labels(), "v1: AWSPREVIOUS; v3: AWSCURRENT");
}

TEST(Rotation, IsAbandonedByAValueOfSomebodyElse) {
  for (const char* const write :
       {"put_secret_value { secret_id: 'db' client_request_token: 'v3' secret_string: 'mine' }",
        "update_secret { secret_id: 'db' client_request_token: 'v3' secret_string: 'mine' }"}) {
    RotationWorld world;
    EXPECT_EQ(world.rotate("faultline-slow", "v2",
                           "rotation_rules { schedule_expression: 'rate(1 day)' }"),
              "OK");
    world.world().run_for(Duration::seconds(15));
    world.ok(write);
    world.settle();
    EXPECT_EQ(world.events(), "RotationStarted createSecret RotationAbandoned");
    EXPECT_EQ(world.labels(kEast), "v1: AWSPREVIOUS; v3: AWSCURRENT");
    EXPECT_TRUE(world.describe().rotation_enabled());
    EXPECT_EQ(world.describe().next_rotation_date(), seconds_of("2026-01-02T23:59:59Z"));
    EXPECT_EQ(world.rotate("faultline-succeeds", "v4"), "OK");
    world.settle();
    EXPECT_EQ(world.labels(), "v3: AWSPREVIOUS; v4: AWSCURRENT");
  }
}

TEST(Rotation, AValueOfSomebodyElseCountsForTheSchedule) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2", kEveryMonth), "OK");
  world.settle();
  world.world().run_for(Duration::days(10));
  world.ok("put_secret_value { secret_id: 'db' client_request_token: 'v3' secret_string: 'mine' }");
  EXPECT_EQ(world.describe().next_rotation_date(), seconds_of("2026-02-10T23:59:59Z"));
  // A label alone does not.
  world.world().run_for(Duration::days(1));
  world.ok(
      "put_secret_value { secret_id: 'db' client_request_token: 'v4' secret_string: 'x' "
      "version_stages: 'mine' }");
  EXPECT_EQ(world.describe().next_rotation_date(), seconds_of("2026-02-10T23:59:59Z"));
}

TEST(Rotation, PausesWhileTheSecretIsScheduledForDeletion) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-slow", "v2"), "OK");
  world.world().run_for(Duration::seconds(15));
  world.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: "
      "'us-east-1' }");
  world.ok("delete_secret { secret_id: 'db' }");
  world.settle();
  EXPECT_EQ(world.events(), "RotationStarted createSecret");
  world.ok("restore_secret { secret_id: 'db' }");
  world.settle();
  EXPECT_EQ(world.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

// ---- a trial ------------------------------------------------------------------------------------

TEST(RotateSecret, NotImmediatelyOnlyTestsTheFunction) {
  RotationWorld world;
  EXPECT_EQ(
      world.rotate("faultline-succeeds", "v2",
                   "rotate_immediately: false rotation_rules { automatically_after_days: 1 }"),
      "OK");
  EXPECT_EQ(world.value("AWSPENDING"), "hunter2");
  world.settle();
  EXPECT_EQ(world.events(), "TestRotationStarted testSecret TestRotationSucceeded");
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT");
  EXPECT_EQ(world.labels(kEast), "v1: AWSCURRENT");
  const auto versions = world.ok(
      "list_secret_version_ids { secret_id: 'db' include_deprecated: "
      "true }");
  EXPECT_EQ(versions.list_secret_version_ids().versions_size(), 1);
  EXPECT_TRUE(world.describe().rotation_enabled());
  EXPECT_FALSE(world.describe().has_last_rotated_date());
  world.world().run_for(Duration::days(2));
  EXPECT_THAT(world.events(), StartsWith(std::string(kAllSteps)));
}

TEST(RotateSecret, ATrialMayFail) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-fails-test", "v2", "rotate_immediately: false"), "OK");
  world.settle();
  EXPECT_EQ(world.events(),
            "TestRotationStarted testSecret(FunctionError) TestRotationFailed(FunctionError)");
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT");
}

TEST(CancelRotateSecret, EndsATrial) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-slow", "v2", "rotate_immediately: false"), "OK");
  world.ok("cancel_rotate_secret { secret_id: 'db' }");
  world.settle();
  EXPECT_EQ(world.labels(), "v1: AWSCURRENT");
}

// ---- schedules ----------------------------------------------------------------------------------

TEST(Rotation, HappensInEachWindow) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2",
                         "rotation_rules { schedule_expression: 'cron(0 8 ? * MON *)' "
                         "duration: '2h' }"),
            "OK");
  world.settle();
  EXPECT_EQ(world.events(), kAllSteps);
  // 2026-01-01 is a Thursday.
  for (const char* const monday : {"2026-01-05", "2026-01-12", "2026-01-19"}) {
    const std::string end = std::string(monday) + "T09:59:59Z";
    EXPECT_EQ(world.describe().next_rotation_date(), seconds_of(end));
    const auto wall = [&] { return world.describe().last_rotated_date(); };
    world.world().run_for(Duration::days(7));
    world.settle();
    EXPECT_EQ(world.events(), kAllSteps);
    EXPECT_GE(wall(), seconds_of(std::string(monday) + "T08:00:00Z"));
    EXPECT_LE(wall(), seconds_of(end) + 60);
  }
}

TEST(Rotation, WaitsInTheBackground) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2", kEveryMonth), "OK");
  world.settle();
  EXPECT_LT(world.world().now() - engine::Instant(), Duration::minutes(1));
}

TEST(Rotation, GoesOnByItsScheduleAfterACrash) {
  RotationWorld world;
  EXPECT_EQ(world.rotate("faultline-succeeds", "v2",
                         "rotation_rules { schedule_expression: 'rate(1 day)' }"),
            "OK");
  world.settle();
  world.events();
  world.world().crash(kWest);
  world.world().restart(kWest);
  world.world().run_for(Duration::days(2));
  EXPECT_THAT(world.events(), StartsWith(std::string(kAllSteps)));
}

TEST(Rotation, IsTheSameEveryTime) {
  const auto hash = [](std::uint64_t seed) {
    RotationWorld world({failing(2, 1)}, "hunter2", seed);
    EXPECT_EQ(
        world.rotate("rotator", "v2", "rotation_rules { schedule_expression: 'rate(4 hours)' }"),
        "OK");
    world.world().run_for(Duration::days(1));
    return world.world().simulation().trace().hash();
  };
  EXPECT_EQ(hash(1), hash(1));
  EXPECT_NE(hash(1), hash(2));
}

}  // namespace
}  // namespace faultline::regions
