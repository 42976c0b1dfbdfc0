// Each property is broken once, by what no client asked for, and is seen.
#include <gtest/gtest.h>

#include "tests/regions/invariants/watched_world.h"

namespace faultline::regions {
namespace {

using ForgedState = WatchedWorld;

TEST_F(ForgedState, NoCurrentVersion) {
  replicated();
  EXPECT_EQ(all(), "");
  forge(kWest,
        [](Transaction&, v1::StoredSecret& secret) { secret.mutable_versions(0)->clear_stages(); });
  EXPECT_TRUE(saw(Property::S01)) << all();
  EXPECT_TRUE(saw(Property::S08)) << all();
  EXPECT_TRUE(saw(Property::S07)) << all();
}

TEST_F(ForgedState, OneLabelOnTwoVersions) {
  replicated();
  put("v2", "second-value");
  forge(kWest, [](Transaction&, v1::StoredSecret& secret) {
    secret.mutable_versions(0)->add_stages("blue");
    secret.mutable_versions(1)->add_stages("blue");
  });
  EXPECT_TRUE(saw(Property::S02)) << all();
}

TEST_F(ForgedState, AValueIsGone) {
  replicated();
  forge(kWest, [](Transaction& transaction, v1::StoredSecret&) {
    transaction.erase_version("db", full_token("v1"));
  });
  EXPECT_TRUE(saw(Property::S03)) << all();
}

TEST_F(ForgedState, AVersionGetsAnotherValue) {
  replicated();
  const std::string arn = record(kWest).arn();
  forge(kWest, [&](Transaction& transaction, v1::StoredSecret&) {
    transaction.put_version("db", full_token("v1"),
                            sealed(kWest, arn, full_token("v1"), "another-value"));
  });
  EXPECT_TRUE(saw(Property::S04)) << all();
}

TEST_F(ForgedState, AReplicaHoldsWhatItsPrimaryNeverHad) {
  replicated();
  forge(kEast, [](Transaction&, v1::StoredSecret& secret) {
    secret.set_description("never said");
    secret.set_sequence(secret.sequence() + 1);
  });
  EXPECT_TRUE(saw(Property::S05)) << all();
  EXPECT_TRUE(saw(Property::S07)) << all();
}

TEST_F(ForgedState, AReplicaGoesBack) {
  replicated();
  const v1::StoredSecret old = record(kEast);
  put("v2", "second-value");
  world().run_until_idle();
  EXPECT_EQ(all(), "");
  forge(kEast, [&](Transaction&, v1::StoredSecret& secret) {
    const std::uint64_t revision = secret.revision();
    secret = old;
    secret.set_revision(revision);
  });
  EXPECT_TRUE(saw(Property::S06)) << all();
  EXPECT_TRUE(saw(Property::S07)) << all();
}

TEST_F(ForgedState, InSyncIsNotTrue) {
  replicated();
  world().cut(kWest, kEast);
  put("v2", "second-value");
  v1::StoredLink link = this->link();
  link.set_status(v1::StoredLink::InSync);
  forge_link(link);
  EXPECT_TRUE(saw(Property::S07)) << all();
  EXPECT_TRUE(saw(Property::S16)) << all();
}

TEST_F(ForgedState, AVersionThatNobodyBrought) {
  replicated();
  const std::string arn = record(kWest).arn();
  forge(kWest, [&](Transaction& transaction, v1::StoredSecret& secret) {
    v1::VersionInfo version;
    version.set_version_id(full_token("ghost"));
    add_version(secret, std::move(version), {});
    transaction.put_version("db", full_token("ghost"),
                            sealed(kWest, arn, full_token("ghost"), "ghost-value"));
  });
  EXPECT_TRUE(saw(Property::S09)) << all();
}

TEST_F(ForgedState, OneVersionIdTwice) {
  replicated();
  forge(kWest, [](Transaction&, v1::StoredSecret& secret) {
    secret.add_versions()->set_version_id(full_token("v1"));
  });
  EXPECT_TRUE(saw(Property::S10)) << all();
}

TEST_F(ForgedState, AReplicaPromotesItself) {
  replicated();
  forge(kEast, [](Transaction&, v1::StoredSecret& secret) { secret.set_role(v1::Standalone); });
  EXPECT_TRUE(saw(Property::S11)) << all();
}

TEST_F(ForgedState, APromotedReplicaIsWrittenTo) {
  replicated();
  api.ok("stop_replication_to_replica { secret_id: 'db' }", kEast);
  world().run_until_idle();
  EXPECT_EQ(all(), "");
  forge(kEast, [](Transaction&, v1::StoredSecret& secret) { secret.set_description("from afar"); });
  EXPECT_TRUE(saw(Property::S12)) << all();
}

TEST_F(ForgedState, APromotedReplicaFollowsAgain) {
  replicated();
  api.ok("stop_replication_to_replica { secret_id: 'db' }", kEast);
  world().run_until_idle();
  forge(kEast, [](Transaction&, v1::StoredSecret& secret) { secret.set_role(v1::Replica); });
  EXPECT_TRUE(saw(Property::S12)) << all();
}

TEST_F(ForgedState, ARemovedReplicaIsBack) {
  replicated();
  const v1::StoredSecret copy = record(kEast);
  api.ok(
      "remove_regions_from_replication { secret_id: 'db' "
      "remove_replica_regions: 'us-east-1' }");
  world().run_until_idle();
  EXPECT_EQ(all(), "");
  Transaction transaction("forged");
  v1::StoredSecret risen = copy;
  risen.set_revision(0);
  transaction.put_secret(risen);
  ASSERT_TRUE(store(kEast).commit(std::move(transaction)).has_value());
  EXPECT_TRUE(saw(Property::S15)) << all();
}

TEST_F(ForgedState, AReplicaVanishes) {
  replicated();
  Transaction transaction("forged");
  transaction.erase_secret("db");
  ASSERT_TRUE(store(kEast).commit(std::move(transaction)).has_value());
  EXPECT_TRUE(saw(Property::S23)) << all();
}

TEST_F(ForgedState, ASecretWithReplicasIsDeleted) {
  replicated();
  Transaction transaction("forged");
  transaction.erase_secret("db");
  ASSERT_TRUE(store(kWest).commit(std::move(transaction)).has_value());
  EXPECT_TRUE(saw(Property::S17)) << all();
  EXPECT_TRUE(saw(Property::S18)) << all();
}

TEST_F(ForgedState, FailedWithoutAReasonAndWithoutACause) {
  replicated();
  put("v2", "second-value");
  v1::StoredLink link = this->link();
  link.set_status(v1::StoredLink::Failed);
  forge_link(link);
  EXPECT_TRUE(saw(Property::S19)) << all();
  link.set_status_message("Replication failed: The moon is full.");
  link.set_status(v1::StoredLink::InProgress);
  forge_link(link);
  link.set_status(v1::StoredLink::Failed);
  forge_link(link);
  EXPECT_TRUE(saw(Property::S21)) << all();
}

TEST_F(ForgedState, InSyncBecomesFailed) {
  replicated();
  v1::StoredLink link = this->link();
  link.set_status(v1::StoredLink::Failed);
  link.set_status_message("Replication failed: The moon is full.");
  forge_link(link);
  EXPECT_TRUE(saw(Property::S22)) << all();
}

TEST_F(ForgedState, AnEmptyShell) {
  replicated();
  forge(kEast, [](Transaction&, v1::StoredSecret& secret) {
    secret.clear_versions();
    secret.set_sequence(secret.sequence() + 1);
  });
  EXPECT_TRUE(saw(Property::S23)) << all();
}

TEST_F(ForgedState, PlaintextInARecord) {
  replicated();
  forge(kWest, [](Transaction&, v1::StoredSecret& secret) {
    secret.set_description("it is first-value, do not tell");
  });
  EXPECT_TRUE(saw(Property::S24)) << all();
}

TEST_F(ForgedState, AnotherRegionsKey) {
  replicated();
  const std::string arn = record(kEast).arn();
  forge(kEast, [&](Transaction& transaction, v1::StoredSecret&) {
    transaction.put_version("db", full_token("v1"),
                            sealed(kWest, arn, full_token("v1"), "first-value"));
  });
  EXPECT_TRUE(saw(Property::S26)) << all();
}

TEST_F(ForgedState, AnotherSecretsContextAndADataKeyUsedTwice) {
  replicated();
  const v1::StoredVersion stored = *store(kWest).version("db", full_token("v1")).value();
  forge(kWest, [&](Transaction& transaction, v1::StoredSecret& secret) {
    v1::VersionInfo version;
    version.set_version_id(full_token("v2"));
    add_version(secret, std::move(version), {});
    transaction.put_version("db", full_token("v2"), stored);
  });
  EXPECT_TRUE(saw(Property::S27)) << all();
  EXPECT_TRUE(saw(Property::S28)) << all();
}

TEST_F(ForgedState, InProgressForEver) {
  replicated();
  v1::StoredLink link = this->link();
  link.set_status(v1::StoredLink::InProgress);
  forge_link(link);
  monitor().settle_begins();
  world().run_for(engine::Duration::minutes(5));
  monitor().at_end({.settled = true,
                    .came_to_rest = true,
                    .bound = engine::Duration::minutes(5),
                    .dead_regions = {}});
  EXPECT_TRUE(saw(Property::L01)) << all();
  EXPECT_TRUE(saw(Property::L02)) << all();
  EXPECT_TRUE(saw(Property::S34)) << all();
}

TEST_F(ForgedState, AReplicaOfWhichNobodyKnows) {
  replicated();
  Transaction transaction("forged");
  transaction.erase_link("db", link());
  ASSERT_TRUE(store(kWest).commit(std::move(transaction)).has_value());
  EXPECT_TRUE(saw(Property::S16)) << all();
  monitor().settle_begins();
  monitor().at_end({.settled = true, .came_to_rest = true, .bound = {}, .dead_regions = {}});
  EXPECT_TRUE(saw(Property::L04)) << all();
}

TEST_F(ForgedState, TheWorldDoesNotComeToRest) {
  replicated();
  put("v2", "second-value");
  monitor().at_end({.settled = true, .came_to_rest = false, .bound = {}, .dead_regions = {}});
  EXPECT_TRUE(saw(Property::L05)) << all();
}

}  // namespace
}  // namespace faultline::regions
