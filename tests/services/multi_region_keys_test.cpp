#include <gmock/gmock.h>

#include "regions/other_services.h"
#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using testing::ElementsAre;
using testing::HasSubstr;

class MultiRegionKeysTest : public testing::Test {
 protected:
  std::string replicate(std::string_view to = kEast, std::string_view from = kWest) {
    return calls.kms_error(
        "replicate_key { key_id: '" + id + "' replica_region: '" + std::string(to) + "' }", from);
  }
  std::string state(std::string_view region) {
    const auto answer = calls.kms("describe_key { key_id: '" + id + "' }", region);
    return answer ? answer->describe_key().key_metadata().key_state() : error_text(answer);
  }
  std::string type(std::string_view region) {
    return calls.describe(id, region).multi_region_configuration().multi_region_key_type();
  }
  std::string seal(std::string_view region) {
    return calls.kms_ok("encrypt { key_id: '" + id + "' plaintext: 'hunter2' }", region)
        .encrypt()
        .ciphertext_blob();
  }
  std::string open(const std::string& blob, std::string_view region) {
    v1::KmsRequest request;
    request.mutable_decrypt()->set_ciphertext_blob(blob);
    const auto answer = calls.kms(request.ShortDebugString(), region);
    return answer ? answer->decrypt().plaintext() : error_text(answer);
  }
  std::string material(std::string_view region) {
    return calls.describe(id, region).current_key_material_id();
  }

  OtherCalls calls;
  const std::string id = calls.create_key("multi_region: true");
};

TEST_F(MultiRegionKeysTest, AFreshPrimaryHasNoReplicas) {
  EXPECT_TRUE(id.starts_with("mrk-"));
  EXPECT_EQ(id.size(), 36U);
  const v1::KeyMetadata key = calls.describe(id);
  EXPECT_TRUE(key.multi_region());
  EXPECT_EQ(key.multi_region_configuration().multi_region_key_type(), "PRIMARY");
  EXPECT_EQ(key.multi_region_configuration().primary_key().arn(), calls.arn(id));
  EXPECT_EQ(key.multi_region_configuration().primary_key().region(), kWest);
  EXPECT_EQ(key.multi_region_configuration().replica_keys_size(), 0);
  EXPECT_EQ(calls.kms_error("describe_key { key_id: '" + id + "' }", kEast),
            "NotFoundException: Key '" + calls.arn(id, kEast) + "' does not exist");
}

TEST_F(MultiRegionKeysTest, AReplicaIsCreatingAndThenThere) {
  const auto answer = calls
                          .kms_ok("replicate_key { key_id: '" + id +
                                  "' replica_region: 'us-east-1' tags { tag_key: 'a' tag_value: "
                                  "'b' } }")
                          .replicate_key();
  const v1::KeyMetadata& replica = answer.replica_key_metadata();
  EXPECT_EQ(replica.key_id(), id);
  EXPECT_EQ(replica.arn(), calls.arn(id, kEast));
  EXPECT_EQ(replica.key_state(), "Creating");
  EXPECT_FALSE(replica.enabled());
  EXPECT_FALSE(replica.has_current_key_material_id());
  EXPECT_EQ(replica.description(), "");
  EXPECT_EQ(replica.multi_region_configuration().multi_region_key_type(), "REPLICA");
  EXPECT_THAT(answer.replica_policy(), HasSubstr("arn:aws:iam::123456789012:root"));
  ASSERT_EQ(answer.replica_tags_size(), 1);
  // Listed at once.
  ASSERT_EQ(calls.describe(id).multi_region_configuration().replica_keys_size(), 1);
  EXPECT_EQ(calls.describe(id).multi_region_configuration().replica_keys(0).region(), kEast);
  EXPECT_EQ(calls.kms_error("encrypt { key_id: '" + id + "' plaintext: 'x' }", kEast),
            "KMSInvalidStateException: " + calls.arn(id, kEast) + " is creating.");
  calls.run_for(Duration::seconds(3));
  EXPECT_EQ(state(kEast), "Enabled");
  EXPECT_EQ(material(kEast), material(kWest));
  EXPECT_THAT(calls.told(v1::KEY_CHANGED), ElementsAre("us-east-1 ReplicaCreated"));
  // What one seals the other opens, and no third.
  EXPECT_EQ(open(seal(kWest), kEast), "hunter2");
  EXPECT_EQ(open(seal(kEast), kWest), "hunter2");
  EXPECT_THAT(open(seal(kWest), kBahrain), HasSubstr("The ciphertext refers to"));
}

TEST_F(MultiRegionKeysTest, RefusesWhatCannotBeReplicated) {
  const std::string plain = calls.create_key();
  EXPECT_THAT(
      calls.kms_error("replicate_key { key_id: '" + plain + "' replica_region: 'us-east-1' }"),
      HasSubstr("UnsupportedOperationException: " + calls.arn(plain) +
                " is not a multi-region primary key."));
  ASSERT_EQ(replicate(), "OK");
  EXPECT_THAT(replicate(), HasSubstr("AlreadyExistsException"));
  calls.run_for(Duration::seconds(3));
  EXPECT_THAT(replicate(kBahrain, kEast), HasSubstr("is not a multi-region primary key."));
  calls.world().disable_region(kBahrain);
  EXPECT_THAT(replicate(kBahrain), HasSubstr("is not enabled in your account"));
  EXPECT_THAT(replicate("eu-west-1"), HasSubstr("is not enabled in your account"));
  EXPECT_EQ(calls.describe(id).multi_region_configuration().replica_keys_size(), 1);
}

TEST_F(MultiRegionKeysTest, WaitsWhileTheNetworkIsCut) {
  calls.world().cut(kWest, kEast);
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::minutes(5));
  EXPECT_EQ(state(kEast), "Creating");
  calls.world().mend(kWest, kEast);
  // Healing wakes it: the world does not come to rest without it.
  calls.world().run_until_idle();
  EXPECT_EQ(state(kEast), "Enabled");
}

TEST_F(MultiRegionKeysTest, NewMaterialIsUsedWhenAllHaveIt) {
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  const std::string old = material(kWest);
  const std::string blob = seal(kEast);
  calls.world().cut(kWest, kEast);
  calls.kms_ok("rotate_key_on_demand { key_id: '" + id + "' }");
  calls.run_for(Duration::minutes(1));
  EXPECT_EQ(material(kWest), old);
  EXPECT_EQ(material(kEast), old);
  EXPECT_TRUE(calls.kms_ok("get_key_rotation_status { key_id: '" + id + "' }")
                  .get_key_rotation_status()
                  .has_on_demand_rotation_start_date());
  calls.world().mend(kWest, kEast);
  calls.run_for(Duration::seconds(5));
  EXPECT_NE(material(kWest), old);
  EXPECT_EQ(material(kEast), material(kWest));
  EXPECT_EQ(open(blob, kWest), "hunter2");
  EXPECT_EQ(open(seal(kWest), kEast), "hunter2");
  EXPECT_THAT(calls.kms_error("rotate_key_on_demand { key_id: '" + id + "' }", kEast),
              HasSubstr("UnsupportedOperationException"));
}

TEST_F(MultiRegionKeysTest, NewMaterialWaitsForAKmsThatAnswersNobody) {
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  const std::string old = material(kWest);
  constexpr std::uint64_t kDown = 1'000'000;
  calls.world().kms(kEast).fail_all(kDown, {"KMSInternalException", "down"});
  calls.kms_ok("rotate_key_on_demand { key_id: '" + id + "' }");
  calls.run_for(Duration::minutes(1));
  EXPECT_EQ(material(kWest), old);
  const std::string blob = seal(kWest);
  calls.world().kms(kEast).lift(kDown);
  EXPECT_EQ(open(blob, kEast), "hunter2");
  calls.run_for(Duration::seconds(5));
  EXPECT_NE(material(kWest), old);
  EXPECT_EQ(open(seal(kWest), kEast), "hunter2");
}

TEST_F(MultiRegionKeysTest, ALateReplicaOpensOldBlobs) {
  const std::string blob = seal(kWest);
  calls.kms_ok("rotate_key_on_demand { key_id: '" + id + "' }");
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  EXPECT_EQ(open(blob, kEast), "hunter2");
}

TEST_F(MultiRegionKeysTest, ThePrimaryRegionChanges) {
  ASSERT_EQ(replicate(), "OK");
  ASSERT_EQ(replicate(kBahrain), "OK");
  calls.run_for(Duration::seconds(5));
  calls.kms_ok("update_primary_region { key_id: '" + id + "' primary_region: 'us-east-1' }");
  EXPECT_EQ(state(kWest), "Updating");
  EXPECT_EQ(state(kEast), "Updating");
  // Cryptography goes on; management does not.
  EXPECT_EQ(open(seal(kWest), kEast), "hunter2");
  EXPECT_EQ(calls.kms_error("disable_key { key_id: '" + id + "' }"),
            "KMSInvalidStateException: " + calls.arn(id) + " is updating.");
  calls.run_for(Duration::seconds(6));
  EXPECT_EQ(type(kWest), "REPLICA");
  EXPECT_EQ(type(kEast), "PRIMARY");
  EXPECT_EQ(state(kWest), "Enabled");
  for (const auto region : {kWest, kEast, kBahrain}) {
    EXPECT_EQ(calls.describe(id, region).multi_region_configuration().primary_key().region(), kEast)
        << region;
  }
  EXPECT_EQ(calls.kms_error("rotate_key_on_demand { key_id: '" + id + "' }", kEast), "OK");
}

TEST_F(MultiRegionKeysTest, TheChangeOfPrimaryWaitsForTheNetwork) {
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(5));
  calls.world().cut(kWest, kEast);
  calls.kms_ok("update_primary_region { key_id: '" + id + "' primary_region: 'us-east-1' }");
  calls.run_for(Duration::minutes(1));
  EXPECT_EQ(state(kWest), "Updating");
  calls.world().mend(kWest, kEast);
  calls.world().run_until_idle();
  EXPECT_EQ(type(kEast), "PRIMARY");
}

TEST_F(MultiRegionKeysTest, APrimaryIsDeletedAfterItsReplicas) {
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  const auto scheduled =
      calls.kms_ok("schedule_key_deletion { key_id: '" + id + "' pending_window_in_days: 7 }")
          .schedule_key_deletion();
  EXPECT_EQ(scheduled.key_state(), "PendingReplicaDeletion");
  EXPECT_FALSE(scheduled.has_deletion_date());
  EXPECT_EQ(calls.describe(id).pending_deletion_window_in_days(), 7);
  calls.run_for(Duration::days(20));
  EXPECT_EQ(state(kWest), "PendingReplicaDeletion");
  calls.kms_ok("schedule_key_deletion { key_id: '" + id + "' pending_window_in_days: 7 }", kEast);
  calls.run_for(Duration::days(7) + Duration::minutes(1));
  EXPECT_EQ(state(kWest), "PendingDeletion");
  EXPECT_TRUE(calls.describe(id).has_deletion_date());
  calls.run_for(Duration::days(8));
  EXPECT_THAT(state(kWest), HasSubstr("does not exist"));
  EXPECT_THAT(calls.told(v1::KEY_CHANGED),
              ElementsAre("us-east-1 ReplicaCreated", "us-east-1 Deleted",
                          "us-west-2 ReplicaDeleted us-east-1", "us-west-2 Deleted"));
}

TEST_F(MultiRegionKeysTest, ADeletedReplicaCanBeMadeAgain) {
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  calls.kms_ok("schedule_key_deletion { key_id: '" + id + "' pending_window_in_days: 7 }", kEast);
  EXPECT_THAT(replicate(), HasSubstr("AlreadyExistsException"));
  calls.run_for(Duration::days(8));
  EXPECT_EQ(calls.describe(id).multi_region_configuration().replica_keys_size(), 0);
  EXPECT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  EXPECT_EQ(state(kEast), "Enabled");
}

TEST_F(MultiRegionKeysTest, ARegionsOwnStateStaysItsOwn) {
  ASSERT_EQ(replicate(), "OK");
  calls.run_for(Duration::seconds(3));
  calls.kms_ok("disable_key { key_id: '" + id + "' }", kEast);
  EXPECT_EQ(state(kWest), "Enabled");
  EXPECT_EQ(state(kEast), "Disabled");
  calls.kms_ok("enable_key_rotation { key_id: '" + id + "' rotation_period_in_days: 90 }");
  calls.run_for(Duration::seconds(3));
  EXPECT_TRUE(calls.kms_ok("get_key_rotation_status { key_id: '" + id + "' }", kEast)
                  .get_key_rotation_status()
                  .key_rotation_enabled());
}

}  // namespace
}  // namespace faultline::regions
