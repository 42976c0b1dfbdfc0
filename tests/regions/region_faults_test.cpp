// The faults of the emulated service, one by one: what clients and replicas see of them, and that
// nothing is left when they end. (regions/world_faults.cpp, regions/front_door.h)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/disk.h"
#include "engine/trace_sinks.h"
#include "proto/trace.pb.h"
#include "regions/level_kv_store.h"
#include "regions/store_format.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegionFaultsTest : public testing::Test {
 protected:
  RegionFaultsTest() {
    world.simulation().trace().add_sink(&sink);
    key = api.make_key("alias/replica", kEast);
    api.ok(
        "create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' "
        "add_replica_regions { region: 'us-east-1' kms_key_id: 'alias/replica' } }");
    world.run_until_idle();
  }

  std::string put(const std::string& value, const std::string& more = "") {
    return api.error("put_secret_value { secret_id: 'db' secret_string: '" + value + "' " + more +
                     " }");
  }
  std::string get(std::string_view region) {
    return api.error("get_secret_value { secret_id: 'db' }", region);
  }
  std::string status() {
    const v1::DescribeSecretResponse secret = api.describe();
    const v1::ReplicationStatusType& replica = secret.replication_status(0);
    return replica.status() +
           (replica.status_message().empty() ? "" : ": " + replica.status_message());
  }
  void heal() {
    world.heal_all();
    world.run_until_idle();
  }
  std::vector<v1::TraceEvent> events(v1::EventKind kind) { return sink.of_kind(kind); }

  SecretsApi api;
  World& world = api.world();
  engine::MemorySink sink;
  std::string key;
};

constexpr const char* kClosed = "ConnectionClosed: The region could not be reached.";
constexpr const char* kInternal = "InternalServiceError: An error occurred on the server side.";

// ---- frames -------------------------------------------------------------------------------------

TEST_F(RegionFaultsTest, ADamagedFrameIsRejectedAndSentAgain) {
  for (const char* how : {"", "truncate: true"}) {
    const std::size_t before = events(v1::MESSAGE_DROPPED).size();
    api.fault("corrupt_next { from: 'us-west-2' to: 'us-east-1' message: 'Replicate' " +
              std::string(how) + " }");
    api.fault("corrupt_next { from: 'us-east-1' to: 'us-west-2' " + std::string(how) + " }");
    EXPECT_EQ(put(std::string("with ") + how), "OK");
    world.run_until_idle();
    const auto dropped = events(v1::MESSAGE_DROPPED);
    ASSERT_EQ(dropped.size(), before + 2);
    EXPECT_EQ(dropped.back().outcome(), "damaged");
    EXPECT_EQ(dropped.back().actor(), kWest);
    EXPECT_EQ(world.convergence_gap("db"), "");
  }
}

TEST_F(RegionFaultsTest, NoSingleBitOfAFrameGetsThrough) {
  std::size_t rejected = 0;
  for (int i = 0; i < 40; ++i) {
    api.fault("corrupt_next { from: 'us-west-2' to: 'us-east-1' message: 'Replicate' }");
    EXPECT_EQ(put(std::to_string(i)), "OK");
    world.run_until_idle();
    EXPECT_EQ(api.value("db", kEast), std::to_string(i));
  }
  for (const auto& dropped : events(v1::MESSAGE_DROPPED))
    rejected += dropped.outcome() == "damaged";
  EXPECT_EQ(rejected, 40U);
}

// ---- calls --------------------------------------------------------------------------------------

TEST_F(RegionFaultsTest, ClientsThatAreCutOffSeeNothingAndReplicationGoesOn) {
  api.fault("clients_cut { region: 'us-east-1' }");
  EXPECT_EQ(get(kEast), kClosed);
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  EXPECT_EQ(status(), "InSync: Replication succeeded");
  heal();
  EXPECT_EQ(api.value("db", kEast), "two");
}

TEST_F(RegionFaultsTest, ACallOnItsWayLosesItsAnswerWhenClientsAreCutOff) {
  std::string answer = "none";
  world.call(kWest, "admin",
             parse_request("put_secret_value { secret_id: 'db' secret_string: 'two' "
                           "client_request_token: 'v2' }"),
             [&](const auto& result) { answer = result ? "OK" : result.error().code; });
  api.fault("clients_cut { region: 'us-west-2' }");
  world.run_until_idle();
  EXPECT_EQ(answer, "ConnectionClosed");
  heal();
  EXPECT_EQ(api.value(), "two");
}

TEST_F(RegionFaultsTest, WithoutItsControlPlaneARegionCanOnlyBeRead) {
  api.fault("control_plane_down { region: 'us-west-2' }");
  EXPECT_EQ(put("two"), kInternal);
  EXPECT_EQ(api.error("delete_secret { secret_id: 'db' }"), kInternal);
  EXPECT_EQ(api.error("create_secret { name: 'x' secret_string: 'x' }"), kInternal);
  EXPECT_EQ(get(kWest), "OK");
  EXPECT_EQ(api.error("describe_secret { secret_id: 'db' }"), "OK");
  EXPECT_EQ(api.error("list_secrets {}"), "OK");
  EXPECT_EQ(api.error("list_secret_version_ids { secret_id: 'db' }"), "OK");
  heal();
  EXPECT_EQ(put("two"), "OK");
}

TEST_F(RegionFaultsTest, ThrottledAndFailingCallsDoNothing) {
  api.fault("name: 'throttled' api_throttled { region: 'us-west-2' operation: 'PutSecretValue' }");
  EXPECT_EQ(put("two"), "ThrottlingException: Rate exceeded");
  EXPECT_EQ(get(kWest), "OK") << "another operation";
  api.fault("api_fails { region: 'us-west-2' }");
  EXPECT_EQ(get(kWest), kInternal);
  EXPECT_EQ(put("two"), "ThrottlingException: Rate exceeded") << "the oldest speaks";
  EXPECT_EQ(get(kEast), "OK") << "another region";
  heal();
  EXPECT_EQ(api.labels(), "v1: AWSCURRENT");
}

TEST_F(RegionFaultsTest, FailuresAfterTheEffectAndLostAnswersHideWhatWasDone) {
  const auto after =
      api.fault("api_fails_after { region: 'us-west-2' operation: 'PutSecretValue' }");
  EXPECT_EQ(put("two", "client_request_token: 'v2'"), kInternal);
  world.heal(after);
  EXPECT_EQ(api.value(), "two");
  EXPECT_EQ(put("two", "client_request_token: 'v2'"), "OK") << "asked again";
  const auto lost = api.fault("reply_lost { region: 'us-west-2' operation: 'PutSecretValue' }");
  EXPECT_EQ(put("three", "client_request_token: 'v3'"), kClosed);
  world.heal(lost);
  EXPECT_EQ(api.value(), "three");
}

TEST_F(RegionFaultsTest, ARequestThatArrivesTwiceTakesEffectOnce) {
  api.fault("duplicate_requests { region: 'us-west-2' }");
  EXPECT_EQ(put("two", "client_request_token: 'v2'"), "OK");
  EXPECT_EQ(api.error("create_secret { name: 'other' secret_string: 'x' }"), "OK");
  world.run_until_idle();
  heal();
  EXPECT_EQ(api.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(api.labels("db", kEast), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(api.value("other"), "x");
}

TEST_F(RegionFaultsTest, ALaggingReplicaAnswersWhatWas) {
  api.fault("replica_lag { region: 'us-east-1' by: '300ms' }");
  EXPECT_EQ(put("two"), "OK");
  world.run_for(Duration::millis(250));
  EXPECT_EQ(api.value("db", kEast), "one");
  world.run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "two");
  EXPECT_EQ(status(), "InSync: Replication succeeded");
}

// ---- regions ------------------------------------------------------------------------------------

TEST_F(RegionFaultsTest, CallsToAPausedRegionWaitForIt) {
  std::string answer = "none";
  api.fault("for: '20s' pause { region: 'us-east-1' }");
  world.call(kEast, "admin", parse_request("get_secret_value { secret_id: 'db' }"),
             [&](const auto& result) { answer = result ? "OK" : result.error().code; });
  world.run_for(Duration::seconds(19));
  EXPECT_EQ(answer, "none");
  world.run_until_idle();
  EXPECT_EQ(answer, "OK");
}

TEST_F(RegionFaultsTest, APausedReplicaCatchesUp) {
  api.fault("for: '20s' pause { region: 'us-east-1' }");
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "two");
  EXPECT_EQ(world.convergence_gap("db"), "");
}

TEST_F(RegionFaultsTest, ACallToAPausedRegionDiesWithIt) {
  std::string answer = "none";
  api.fault("pause { region: 'us-east-1' }");
  world.call(kEast, "admin", parse_request("get_secret_value { secret_id: 'db' }"),
             [&](const auto& result) { answer = result ? "OK" : result.error().code; });
  world.crash(kEast);
  world.restart(kEast);
  heal();
  EXPECT_EQ(answer, "ConnectionClosed");
  EXPECT_EQ(get(kEast), "OK");
}

TEST_F(RegionFaultsTest, ASlowRegionTakesLongerForEveryStep) {
  const auto took = [this] {
    const double before = api.now_seconds();
    EXPECT_EQ(get(kEast), "OK");
    return api.now_seconds() - before;
  };
  EXPECT_LT(took(), 0.1);
  api.fault("slow_region { region: 'us-east-1' delay: '300ms' }");
  EXPECT_GE(took(), 0.6) << "the call, and the answer of KMS";
  heal();
  EXPECT_LT(took(), 0.1);
}

TEST_F(RegionFaultsTest, AnOldBinaryRefusesTheStore) {
  const auto first = api.fault("old_binary { region: 'us-east-1' }");
  const auto second = api.fault("old_binary { region: 'us-east-1' }");
  world.run_for(Duration::seconds(10));
  ASSERT_THAT(events(v1::STORE_FAILED), ::testing::Not(IsEmpty()));
  EXPECT_EQ(events(v1::STORE_FAILED).front().text(),
            "the store has format 2, and this binary knows formats up to 1");
  EXPECT_EQ(get(kEast), kInternal);
  world.heal(first);
  world.run_for(Duration::seconds(1));
  EXPECT_EQ(get(kEast), kInternal) << "the other one still holds";
  world.heal(second);
  world.run_for(Duration::seconds(1));
  EXPECT_EQ(api.value("db", kEast), "one");
}

TEST_F(RegionFaultsTest, ARegionMayDieAtEveryPointOfItsRecovery) {
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(api.error("create_secret { name: 's" + std::to_string(i) +
                        "' secret_string: 'x' add_replica_regions { region: 'us-east-1' } }"),
              "OK");
  }
  EXPECT_EQ(put("two"), "OK");
  for (const char* tail : {"LOSE_ALL", "TEAR", "KEEP_ALL"}) {
    for (const char* region : {"us-west-2", "us-east-1"}) {
      const std::size_t before = events(v1::ACTOR_CRASHED).size();
      api.fault("for: '1s' crash { region: '" + std::string(region) + "' torn_tail: " + tail +
                " recover_crashes: 25 }");
      world.run_until_idle();
      EXPECT_EQ(events(v1::ACTOR_CRASHED).size(), before + 26);
    }
  }
  EXPECT_EQ(api.value("db", kEast), "two");
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(world.convergence_gap("s" + std::to_string(i)), "");
    EXPECT_EQ(api.value("s" + std::to_string(i), kEast), "x");
  }
}

TEST_F(RegionFaultsTest, AReplicaFromAnOldBackupIsBroughtUpToDateByTheNextChange) {
  const auto backup = api.fault("old_backup { region: 'us-east-1' }");
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  world.heal(backup);
  world.run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "one");
  EXPECT_EQ(put("three"), "OK");
  world.run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "three");
  EXPECT_EQ(world.convergence_gap("db"), "");
}

TEST_F(RegionFaultsTest, AWipedRegionStartsEmptyAndIsFilledAgain) {
  api.fault("wipe { region: 'us-east-1' }");
  EXPECT_THAT(get(kEast), HasSubstr("ResourceNotFoundException"));
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "two");
  EXPECT_EQ(world.convergence_gap("db"), "");
}

TEST_F(RegionFaultsTest, AWipedRegionThatIsDownStaysDown) {
  const auto crash = api.fault("crash { region: 'us-east-1' }");
  api.fault("wipe { region: 'us-east-1' }");
  EXPECT_THAT(get(kEast), HasSubstr("ConnectionClosed"));
  world.heal(crash);
  EXPECT_THAT(get(kEast), HasSubstr("ResourceNotFoundException"));
}

TEST_F(RegionFaultsTest, AnOldBackupTakesTheRegionBack) {
  const auto backup = api.fault("old_backup { region: 'us-west-2' }");
  EXPECT_EQ(put("two"), "OK");
  EXPECT_EQ(api.error("create_secret { name: 'young' secret_string: 'x' }"), "OK");
  world.run_until_idle();
  world.heal(backup);
  world.run_until_idle();
  EXPECT_EQ(api.value(), "one");
  EXPECT_EQ(api.value("young"), "<ResourceNotFoundException>");
  EXPECT_EQ(api.value("db", kEast), "two") << "the replica is ahead of its primary";
}

TEST_F(RegionFaultsTest, RottenBytesAreAnErrorUntilTheyAreScrubbed) {
  // So many that something of what is read at the opening is hit.
  api.fault("disk { region: 'us-east-1' bit_rot: 200 }");
  world.crash(kEast);
  world.restart(kEast);
  world.run_for(Duration::seconds(5));
  ASSERT_THAT(events(v1::STORE_FAILED), ::testing::Not(IsEmpty()));
  EXPECT_EQ(get(kEast), kInternal);
  world.heal_all();
  world.run_for(Duration::minutes(2));
  EXPECT_EQ(api.value("db", kEast), "one");
}

// ---- KMS ----------------------------------------------------------------------------------------

TEST_F(RegionFaultsTest, AGrantThatGoesInFlightFailsTheReplica) {
  api.fault("grant_revoked { region: 'us-east-1' key: 'alias/replica' }");
  EXPECT_EQ(get(kEast), "AccessDeniedException: Access to KMS is not allowed");
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  EXPECT_EQ(status(), "Failed: Replication failed: Access to KMS is not allowed");
}

TEST_F(RegionFaultsTest, AKmsThatTimesOutIsTriedAgain) {
  const auto fault = api.fault("for: '5s' kms_timeout { region: 'us-east-1' delay: '1s' }");
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  EXPECT_EQ(status(), "InSync: Replication succeeded");
  EXPECT_EQ(api.value("db", kEast), "two");
  world.heal(fault);
  api.fault("kms_timeout { region: 'us-west-2' }");
  const double before = api.now_seconds();
  EXPECT_EQ(put("three"), kInternal);
  EXPECT_GE(api.now_seconds() - before, 10.0) << "the default";
  heal();
  EXPECT_EQ(put("three"), "OK");
}

TEST_F(RegionFaultsTest, AKeyThatCannotBeNamedFailsTheReplica) {
  for (const char* kind : {"wrong_key", "replica_key_missing"}) {
    const auto fault =
        api.fault(std::string(kind) + " { region: 'us-east-1' key: 'alias/replica' }");
    EXPECT_EQ(put(kind), "OK");
    world.run_until_idle();
    EXPECT_THAT(status(), HasSubstr("Failed: Replication failed:"));
    world.heal(fault);
    api.ok(
        "replicate_secret_to_regions { secret_id: 'db' add_replica_regions { region: 'us-east-1' "
        "kms_key_id: 'alias/replica' } }");
    world.run_until_idle();
    EXPECT_EQ(api.value("db", kEast), kind);
  }
}

TEST_F(RegionFaultsTest, AWrongKeyStillReadsWhatIsThere) {
  api.fault("wrong_key { region: 'us-east-1' key: 'alias/replica' }");
  EXPECT_EQ(api.value("db", kEast), "one");
}

TEST_F(RegionFaultsTest, ARotatedKeyReadsWhatWasWrittenBefore) {
  const auto material = [this] {
    return world.kms(kEast).describe_key("alias/replica").value().current_key_material_id;
  };
  const std::string before = material();
  api.fault("key_rotated { region: 'us-east-1' key: 'alias/replica' }");
  EXPECT_NE(material(), before);
  EXPECT_TRUE(world.simulation().faults().active().empty());
  EXPECT_EQ(api.value("db", kEast), "one");
  EXPECT_EQ(put("two"), "OK");
  world.run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "two");
}

TEST_F(RegionFaultsTest, AnotherContextDecryptsNothing) {
  const auto first = api.fault("context_mismatch { region: 'us-east-1' }");
  api.fault("context_mismatch { region: 'us-east-1' }");
  EXPECT_THAT(get(kEast), HasSubstr("DecryptionFailure"));
  EXPECT_THAT(get(kEast), HasSubstr("InvalidCiphertextException"));
  world.heal(first);
  EXPECT_THAT(get(kEast), HasSubstr("DecryptionFailure"));
  heal();
  EXPECT_EQ(get(kEast), "OK");
}

// ---- the format of a store ----------------------------------------------------------------------

TEST(StoreFormatTest, IsWrittenOnceAndChecked) {
  engine::Disk disk("x", engine::RandomStream());
  engine::DiskEnv env(disk, [] { return uint64_t{0}; });
  const auto store = LevelKvStore::open(env).value();
  EXPECT_EQ(check_store_format(*store, kStoreFormat).error().message,
            "Corruption: the store has lost its format");
  ASSERT_TRUE(write_store_format(*store));
  EXPECT_TRUE(check_store_format(*store, kStoreFormat));
  EXPECT_FALSE(check_store_format(*store, kStoreFormatBefore));
  WriteBatch batch;
  batch.put("f", "two");
  ASSERT_TRUE(store->write(batch, true));
  EXPECT_EQ(check_store_format(*store, kStoreFormat).error().message,
            "Corruption: the store's format is not a number");
}

}  // namespace
}  // namespace faultline::regions
