// Which members a description has, and when.
#include <gtest/gtest.h>

#include <set>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class DescribeSecretTest : public testing::Test {
 protected:
  // The members that are there, by their AWS names, but for the four that always are.
  std::set<std::string> members(std::string_view region = kWest) {
    const v1::DescribeSecretResponse described = api_.describe("db", region);
    std::set<std::string> names;
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    described.GetReflection()->ListFields(described, &fields);
    for (const auto* field : fields) names.insert(field->json_name());
    for (const char* always : {"ARN", "Name", "CreatedDate", "LastChangedDate"}) {
      EXPECT_EQ(names.erase(always), 1U) << always;
    }
    return names;
  }
  void create(const std::string& more) { api_.ok("create_secret { name: 'db' " + more + " }"); }

  SecretsApi api_;
};

using Members = std::set<std::string>;

TEST_F(DescribeSecretTest, OfASecretWithoutAnythingHasFourMembers) {
  create("");
  EXPECT_EQ(members(), Members());
}

TEST_F(DescribeSecretTest, HasLabelsWhenThereIsAValue) {
  create("secret_string: 'x'");
  EXPECT_EQ(members(), Members{"VersionIdsToStages"});
}

TEST_F(DescribeSecretTest, HasADescriptionThatIsNotEmpty) {
  create("description: 'a database'");
  EXPECT_EQ(members(), Members{"Description"});
  api_.ok("update_secret { secret_id: 'db' description: '' }");
  EXPECT_EQ(members(), Members());
}

TEST_F(DescribeSecretTest, HasTagsOnceTagged) {
  create("");
  api_.ok("tag_resource { secret_id: 'db' tags { key: 'team' value: 'blue' } }");
  EXPECT_EQ(members(), Members{"Tags"});
  api_.ok("untag_resource { secret_id: 'db' tag_keys: 'team' }");
  EXPECT_EQ(members(), Members{"Tags"});
  EXPECT_EQ(api_.describe().tags().values_size(), 0);
}

TEST_F(DescribeSecretTest, HasTheDayOfReadingOnceRead) {
  create("secret_string: 'x'");
  api_.value();
  EXPECT_EQ(members(), (Members{"LastAccessedDate", "VersionIdsToStages"}));
}

TEST_F(DescribeSecretTest, HasAKeyThatIsTheCustomers) {
  const std::string key = api_.make_key("alias/mine");
  create("kms_key_id: 'alias/mine'");
  EXPECT_EQ(members(), Members{"KmsKeyId"});
  EXPECT_EQ(api_.describe().kms_key_id(), "alias/mine");  // as given
  api_.ok("update_secret { secret_id: 'db' kms_key_id: '" + key + "' }");
  EXPECT_EQ(api_.describe().kms_key_id(), key);
  api_.ok("update_secret { secret_id: 'db' kms_key_id: '' }");
  EXPECT_EQ(members(), Members());
}

TEST_F(DescribeSecretTest, HasADeletionDateWhenScheduled) {
  create("");
  api_.ok("delete_secret { secret_id: 'db' }");
  EXPECT_EQ(members(), Members{"DeletedDate"});
  api_.ok("restore_secret { secret_id: 'db' }");
  EXPECT_EQ(members(), Members());
}

TEST_F(DescribeSecretTest, HasReplicasAtThePrimaryAndThePrimaryEverywhere) {
  create("secret_string: 'x' add_replica_regions { region: 'us-east-1' }");
  api_.world().run_until_idle();
  EXPECT_EQ(members(), (Members{"PrimaryRegion", "ReplicationStatus", "VersionIdsToStages"}));
  EXPECT_EQ(api_.describe().primary_region(), kWest);
  EXPECT_EQ(api_.describe().replication_status(0).status(), "InSync");
  EXPECT_EQ(api_.describe().replication_status(0).status_message(), "Replication succeeded");
  EXPECT_EQ(members(kEast), (Members{"PrimaryRegion", "VersionIdsToStages"}));
  EXPECT_EQ(api_.describe("db", kEast).primary_region(), kWest);
}

TEST_F(DescribeSecretTest, ForgetsThePrimaryWithTheLastReplica) {
  create("secret_string: 'x' add_replica_regions { region: 'us-east-1' }");
  api_.world().run_until_idle();
  api_.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' }");
  EXPECT_EQ(members(), Members{"VersionIdsToStages"});
}

TEST_F(DescribeSecretTest, ForgetsThePrimaryWithThePromotion) {
  create("secret_string: 'x' add_replica_regions { region: 'us-east-1' }");
  api_.world().run_until_idle();
  api_.ok("stop_replication_to_replica { secret_id: 'db' }", kEast);
  EXPECT_EQ(members(kEast), Members{"VersionIdsToStages"});
}

TEST_F(DescribeSecretTest, DatesInMilliseconds) {
  create("secret_string: 'x'");
  const v1::DescribeSecretResponse before = api_.describe();
  EXPECT_EQ(before.created_date(), before.last_changed_date());
  EXPECT_EQ(before.created_date() * 1'000,
            static_cast<double>(static_cast<std::int64_t>(before.created_date() * 1'000)));
  api_.world().run_for(engine::Duration::millis(1'500));
  api_.ok("put_secret_value { secret_id: 'db' secret_string: 'x' }");
  EXPECT_GE(api_.describe().last_changed_date(), before.last_changed_date() + 1.5);
  EXPECT_EQ(api_.describe().created_date(), before.created_date());
}

}  // namespace
}  // namespace faultline::regions
