// Long stories in which the built-in protocol was wrong once: ghosts after a promotion, failover and
// failover back, links that are made again, answers that are lost.
#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

using engine::Duration;

class ReplicationHazardsTest : public testing::Test {
 protected:
  void create() {
    api_.ok(
        "create_secret { name: 'db' secret_string: 'one' "
        "add_replica_regions { region: 'us-east-1' } }");
  }
  void stop(std::string_view region) {
    api_.ok("stop_replication_to_replica { secret_id: 'db' }", region);
  }
  void replicate(std::string_view from, const std::string& to, const std::string& more = "",
                 const std::string& key = "") {
    api_.ok("replicate_secret_to_regions { secret_id: 'db' add_replica_regions { region: '" + to +
                "' " + key + " } " + more + " }",
            from);
  }
  std::string status(std::string_view from = kWest) {
    std::string text;
    const auto described = api_.describe("db", from);
    for (const auto& replica : described.replication_status())
      text += replica.region() + " " + replica.status() + " " + replica.status_message();
    return text;
  }
  void settle(Duration time = Duration::seconds(20)) { api_.world().run_for(time); }

  SecretsApi api_;
};

TEST_F(ReplicationHazardsTest, AGhostDoesNotRaiseAPromotedSecretThatWasDeleted) {
  api_.fault("delay_next { from: 'us-west-2' to: 'us-east-1' message: 'Replicate' delay: '10s' }");
  create();
  settle(Duration::seconds(3));
  ASSERT_EQ(api_.value("db", kEast), "one") << "the second letter came";
  stop(kEast);
  api_.ok("delete_secret { secret_id: 'db' force_delete_without_recovery: true }", kEast);
  settle();
  EXPECT_EQ(api_.value("db", kEast), "<ResourceNotFoundException>");
}

TEST_F(ReplicationHazardsTest, FailsOverAndBackAgainAndAgain) {
  create();
  settle();
  std::string primary(kWest);
  std::string replica(kEast);
  for (int round = 1; round <= 4; ++round) {
    SCOPED_TRACE(round);
    stop(replica);
    settle();
    ASSERT_EQ(status(primary), "");
    api_.ok(
        "put_secret_value { secret_id: 'db' secret_string: 'value " + std::to_string(round) + "' }",
        replica);
    replicate(replica, primary, "force_overwrite_replica_secret: true");
    std::swap(primary, replica);
    settle();
    ASSERT_EQ(status(primary), replica + " InSync Replication succeeded");
    ASSERT_EQ(api_.value("db", replica), "value " + std::to_string(round));
  }
}

TEST_F(ReplicationHazardsTest, FailsOverAndBackWhenARegionWasRemovedInBetween) {
  create();
  settle();
  stop(kEast);
  settle();
  replicate(kEast, std::string(kWest), "force_overwrite_replica_secret: true");
  settle();
  stop(kWest);
  settle();
  // The number of this link must not be one that east's tombstones or west's fence know of.
  replicate(kWest, std::string(kEast), "force_overwrite_replica_secret: true");
  settle();
  api_.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' }");
  settle();
  replicate(kWest, std::string(kEast));
  settle();
  ASSERT_EQ(status(kWest), "us-east-1 InSync Replication succeeded");
  stop(kEast);
  settle();
  replicate(kEast, std::string(kWest), "force_overwrite_replica_secret: true");
  settle();
  EXPECT_EQ(status(kEast), "us-west-2 InSync Replication succeeded");
}

TEST_F(ReplicationHazardsTest, ALinkThatIsMadeAnewSealsEverythingByItsOwnKey) {
  create();
  settle();
  const std::string key = api_.make_key("alias/new", kEast);
  api_.fault(
      "delay_next { from: 'us-west-2' to: 'us-east-1' message: 'RemoveReplica' delay: '10s' }");
  api_.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' }");
  replicate(kWest, "us-east-1", "", "kms_key_id: 'alias/new'");
  settle(Duration::millis(500));
  ASSERT_EQ(status(), "us-east-1 InSync Replication succeeded") << "it overtook the removal";
  SecretStore& store = api_.world().region(kEast)->secret_store();
  const auto secret = *store.look("db");
  ASSERT_NE(secret, nullptr);
  const auto version = *store.version("db", secret->versions(0).version_id());
  ASSERT_TRUE(version);
  ASSERT_EQ(version->keys_size(), 1);
  EXPECT_EQ(version->keys(0).key_arn(), key);
  settle();
  EXPECT_EQ(api_.value("db", kEast), "one") << "the removal was of the link before";
}

TEST_F(ReplicationHazardsTest, APromotionIsToldUntilItIsHeard) {
  create();
  settle();
  api_.fault("drop_next { from: 'us-east-1' to: 'us-west-2' message: 'ReplicaDetached' count: 2 }");
  stop(kEast);
  settle(Duration::millis(500));
  EXPECT_EQ(status(), "us-east-1 InSync Replication succeeded") << "west has not heard of it";
  settle();
  EXPECT_EQ(status(), "");
}

TEST_F(ReplicationHazardsTest, APromotionIsToldAfterACrashToo) {
  create();
  settle();
  api_.fault("drop_next { from: 'us-east-1' to: 'us-west-2' message: 'ReplicaDetached' }");
  stop(kEast);
  api_.world().crash(kEast);
  api_.world().restart(kEast);
  settle();
  EXPECT_EQ(status(), "");
}

TEST_F(ReplicationHazardsTest, ForceThatIsAskedForWhileARefusalIsUnderWayIsNotForgotten) {
  api_.ok("create_secret { name: 'db' secret_string: 'here before' }", kEast);
  api_.ok("create_secret { name: 'db' secret_string: 'one' }");
  replicate(kWest, "us-east-1");
  settle(Duration::millis(20));
  replicate(kWest, "us-east-1", "force_overwrite_replica_secret: true");
  settle();
  EXPECT_EQ(status(), "us-east-1 InSync Replication succeeded");
  EXPECT_EQ(api_.value("db", kEast), "one");
}

}  // namespace
}  // namespace faultline::regions
