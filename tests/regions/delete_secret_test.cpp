// Deletion and recovery, in virtual time.
#include <gtest/gtest.h>

#include "regions/arn.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

using engine::Duration;

constexpr const char* kMarked =
    "InvalidRequestException: You can't perform this operation on the secret because it was marked "
    "for deletion.";
constexpr const char* kNotFound =
    "ResourceNotFoundException: Secrets Manager can't find the specified secret.";

class DeleteSecretTest : public testing::Test {
 protected:
  DeleteSecretTest() {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
  }
  std::string remove(const std::string& more) {
    return api_.error("delete_secret { secret_id: 'db' " + more + " }");
  }

  SecretsApi api_;
};

TEST_F(DeleteSecretTest, WaitsThirtyDaysUnlessToldOtherwise) {
  const double now = api_.now_seconds();
  const v1::DeleteSecretResponse answer =
      api_.ok("delete_secret { secret_id: 'db' }").delete_secret();
  EXPECT_EQ(answer.name(), "db");
  EXPECT_EQ(answer.deletion_date(), now + 30 * 86'400);
  EXPECT_EQ(api_.describe().deleted_date(), answer.deletion_date());
}

TEST_F(DeleteSecretTest, TakesEffectAtTheEndOfTheWindow) {
  api_.ok("delete_secret { secret_id: 'db' recovery_window_in_days: 7 }");
  api_.world().run_for(Duration::days(7) - Duration::seconds(1));
  EXPECT_TRUE(api_.describe().has_deleted_date());
  api_.world().run_for(Duration::seconds(2));
  EXPECT_EQ(api_.error("describe_secret { secret_id: 'db' }"), kNotFound);
  api_.ok("create_secret { name: 'db' secret_string: 'another' }");
  EXPECT_EQ(api_.value(), "another");
}

TEST_F(DeleteSecretTest, IsTakenBack) {
  api_.ok("delete_secret { secret_id: 'db' recovery_window_in_days: 7 }");
  const v1::RestoreSecretResponse restored =
      api_.ok("restore_secret { secret_id: 'db' }").restore_secret();
  EXPECT_EQ(restored.arn(), api_.arn());
  EXPECT_EQ(api_.value(), "one");
  api_.world().run_for(Duration::days(40));
  EXPECT_EQ(api_.value(), "one");
}

TEST_F(DeleteSecretTest, IsScheduledAgainAfterItWasTakenBack) {
  api_.ok("delete_secret { secret_id: 'db' recovery_window_in_days: 7 }");
  api_.ok("restore_secret { secret_id: 'db' }");
  api_.world().run_for(Duration::days(3));
  api_.ok("delete_secret { secret_id: 'db' recovery_window_in_days: 7 }");
  api_.world().run_for(Duration::days(5));
  EXPECT_TRUE(api_.describe().has_deleted_date());
  api_.world().run_for(Duration::days(3));
  EXPECT_EQ(api_.error("describe_secret { secret_id: 'db' }"), kNotFound);
}

TEST_F(DeleteSecretTest, SurvivesACrash) {
  api_.ok("delete_secret { secret_id: 'db' recovery_window_in_days: 7 }");
  api_.world().crash(kWest);
  api_.world().run_for(Duration::days(8));
  api_.world().restart(kWest);
  api_.world().run_for(Duration::seconds(1));
  EXPECT_EQ(api_.error("describe_secret { secret_id: 'db' }"), kNotFound);
}

TEST_F(DeleteSecretTest, RestoringWhatIsNotScheduledDoesNothing) {
  EXPECT_EQ(api_.error("restore_secret { secret_id: 'db' }"), "OK");
  EXPECT_EQ(api_.value(), "one");
  EXPECT_EQ(api_.error("restore_secret { secret_id: 'no' }"), kNotFound);
}

TEST_F(DeleteSecretTest, ChecksTheWindow) {
  const std::string range =
      "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days "
      "(inclusive).";
  EXPECT_EQ(remove("recovery_window_in_days: 6"), range);
  EXPECT_EQ(remove("recovery_window_in_days: 31"), range);
  EXPECT_EQ(remove("recovery_window_in_days: 7 force_delete_without_recovery: true"),
            "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction "
            "with RecoveryWindowInDays.");
  EXPECT_EQ(remove("recovery_window_in_days: 7 force_delete_without_recovery: false"), "OK");
}

TEST_F(DeleteSecretTest, TwiceIsRefusedUnlessForced) {
  EXPECT_EQ(remove(""), "OK");
  EXPECT_EQ(remove(""), kMarked);
  EXPECT_EQ(remove("force_delete_without_recovery: true"), "OK");
  EXPECT_EQ(remove(""), kNotFound);
}

TEST_F(DeleteSecretTest, ByForceIsAtOnce) {
  const std::string arn = api_.arn();
  const v1::DeleteSecretResponse answer =
      api_.ok("delete_secret { secret_id: 'db' force_delete_without_recovery: true }")
          .delete_secret();
  EXPECT_EQ(answer.arn(), arn);
  EXPECT_TRUE(answer.has_deletion_date());
  EXPECT_EQ(api_.error("describe_secret { secret_id: 'db' }"), kNotFound);
  EXPECT_FALSE(
      api_.world().region(kWest)->secret_store().version("db", full_token("v1"))->has_value());
}

TEST_F(DeleteSecretTest, ByForceOfNothingSucceeds) {
  const v1::DeleteSecretResponse answer =
      api_.ok("delete_secret { secret_id: 'no' force_delete_without_recovery: true }")
          .delete_secret();
  EXPECT_EQ(answer.name(), "no");
  EXPECT_TRUE(parse_secret_arn(answer.arn()).has_value());
  EXPECT_TRUE(answer.has_deletion_date());
  EXPECT_EQ(api_.error("delete_secret { secret_id: 'no' }"), kNotFound);
}

TEST_F(DeleteSecretTest, RefusesAllElseWhileItIsScheduled) {
  api_.ok("delete_secret { secret_id: 'db' }");
  for (const char* request : {
           "get_secret_value { secret_id: 'db' }",
           "put_secret_value { secret_id: 'db' secret_string: 'x' }",
           "update_secret { secret_id: 'db' description: 'x' }",
           "update_secret { secret_id: 'db' kms_key_id: '' }",
           "update_secret_version_stage { secret_id: 'db' version_stage: 'x' "
           "move_to_version_id: 'v1' }",
           "tag_resource { secret_id: 'db' tags { key: 'team' } }",
           "untag_resource { secret_id: 'db' tag_keys: 'team' }",
           "replicate_secret_to_regions { secret_id: 'db' "
           "add_replica_regions { region: 'us-east-1' } }",
           "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' "
           "}",
           "stop_replication_to_replica { secret_id: 'db' }",
       }) {
    EXPECT_EQ(api_.error(request), kMarked) << request;
  }
  for (const char* request :
       {"describe_secret { secret_id: 'db' }", "list_secret_version_ids { secret_id: 'db' }"}) {
    EXPECT_EQ(api_.error(request), "OK") << request;
  }
}

// ---- with replicas ------------------------------------------------------------------------------

class DeletePrimaryTest : public testing::Test {
 protected:
  DeletePrimaryTest() : api_({"us-west-2", "us-east-1", "eu-west-1"}) {
    api_.ok(
        "create_secret { name: 'db' secret_string: 'one' "
        "add_replica_regions { region: 'us-east-1' } "
        "add_replica_regions { region: 'eu-west-1' } }");
    api_.world().run_until_idle();
  }
  SecretsApi api_;
};

TEST_F(DeletePrimaryTest, IsRefusedWhileThereAreReplicas) {
  const std::string arn = api_.arn();
  const std::string refused = "InvalidParameterException: You can't delete secret " + arn +
                              " that still has replica regions [us-east-1, eu-west-1].";
  EXPECT_EQ(api_.error("delete_secret { secret_id: 'db' }"), refused);
  EXPECT_EQ(api_.error("delete_secret { secret_id: 'db' force_delete_without_recovery: true }"),
            refused);
  api_.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' }");
  EXPECT_EQ(api_.error("delete_secret { secret_id: '" + arn + "' }"),
            "InvalidParameterException: You can't delete secret " + arn +
                " that still has replica regions [eu-west-1].");
}

TEST_F(DeletePrimaryTest, CountsAReplicaThatFailed) {
  api_.ok(
      "create_secret { name: 'other' secret_string: 'x' "
      "add_replica_regions { region: 'ap-south-1' } }");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.describe("other").replication_status(0).status(), "Failed");
  EXPECT_TRUE(api_.error("delete_secret { secret_id: 'other' }")
                  .ends_with("that still has replica regions [ap-south-1]."));
}

TEST_F(DeletePrimaryTest, StillRemovesReplicasThatWereOnTheirWayOut) {
  api_.world().cut(kWest, kEast);
  api_.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' "
      "remove_replica_regions: 'eu-west-1' }");
  api_.ok("delete_secret { secret_id: 'db' force_delete_without_recovery: true }");
  api_.world().run_for(Duration::seconds(5));
  EXPECT_EQ(api_.value("db", "eu-west-1"), "<ResourceNotFoundException>");
  EXPECT_EQ(api_.value("db", kEast), "one");
  api_.world().mend(kWest, kEast);
  api_.world().run_for(Duration::hours(1));
  EXPECT_EQ(api_.value("db", kEast), "<ResourceNotFoundException>");
}

}  // namespace
}  // namespace faultline::regions
