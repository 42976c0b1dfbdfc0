// What the three operations of replication write down and answer, and what a replica lets its users
// do. How replication then goes is tested with the protocol.
#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

constexpr const char* kReadOnly =
    "InvalidParameterException: Operation not permitted on a replica secret. Call must be made in "
    "primary secret's region.";

class ReplicateTest : public testing::Test {
 protected:
  ReplicateTest() : api_({"us-west-2", "us-east-1", "eu-west-1"}) {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
  }
  v1::ReplicateSecretToRegionsResponse replicate(const std::string& region,
                                                 const std::string& more = "",
                                                 const std::string& key = "") {
    return api_
        .ok("replicate_secret_to_regions { secret_id: 'db' add_replica_regions { region: '" +
            region + "' " + key + " } " + more + " }")
        .replicate_secret_to_regions();
  }
  // "us-east-1 InSync, eu-west-1 Failed".
  template <class Response>
  static std::string statuses(const Response& response) {
    std::string text;
    for (const v1::ReplicationStatusType& status : response.replication_status()) {
      text += (text.empty() ? "" : ", ") + status.region() + " " + status.status();
    }
    return text;
  }
  std::string statuses() { return statuses(api_.describe()); }
  std::vector<v1::StoredLink> links(std::string_view region = kWest) {
    return *api_.world().region(region)->secret_store().links("db");
  }

  SecretsApi api_;
};

TEST_F(ReplicateTest, AnswersAtOnceAndIsDoneLater) {
  const v1::ReplicateSecretToRegionsResponse answer = replicate("us-east-1");
  EXPECT_EQ(answer.arn(), api_.arn());
  EXPECT_EQ(statuses(answer), "us-east-1 InProgress");
  EXPECT_EQ(answer.replication_status(0).kms_key_id(), "alias/aws/secretsmanager");
  EXPECT_FALSE(answer.replication_status(0).has_status_message());
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 InSync");
  EXPECT_EQ(api_.value("db", kEast), "one");
}

TEST_F(ReplicateTest, WritesAnIntentThatSurvivesACrash) {
  replicate("us-east-1");
  api_.world().crash(kWest);
  api_.world().restart(kWest);
  api_.world().run_until_idle();
  EXPECT_EQ(api_.value("db", kEast), "one");
}

TEST_F(ReplicateTest, ShowsAllReplicasInOrderOfAddition) {
  replicate("us-east-1");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(replicate("ap-south-1")), "us-east-1 InSync, ap-south-1 InProgress");
}

TEST_F(ReplicateTest, LeavesAReplicaThatIsWellAsItIs) {
  replicate("us-east-1");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(replicate("us-east-1", "", "kms_key_id: 'alias/other'")), "us-east-1 InSync");
  EXPECT_FALSE(links().front().has_kms_key_id());
  EXPECT_EQ(links().size(), 1U);
}

TEST_F(ReplicateTest, TriesAgainWhatFailed) {
  const std::uint64_t fault = api_.fault("key_denied { region: 'us-east-1' }");
  replicate("us-east-1");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 Failed");
  api_.world().heal(fault);
  const v1::ReplicateSecretToRegionsResponse again = replicate("us-east-1");
  EXPECT_EQ(statuses(again), "us-east-1 InProgress");
  EXPECT_FALSE(again.replication_status(0).has_status_message());
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 InSync");
  EXPECT_EQ(links().size(), 1U);
}

TEST_F(ReplicateTest, TakesAnotherKeyForWhatFailed) {
  api_.make_key("alias/good", kEast);
  replicate("us-east-1", "", "kms_key_id: 'alias/bad'");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 Failed");
  replicate("us-east-1", "", "kms_key_id: 'alias/good'");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 InSync");
  EXPECT_EQ(api_.describe().replication_status(0).kms_key_id(), "alias/good");
  EXPECT_EQ(api_.describe("db", kEast).kms_key_id(), "alias/good");
}

TEST_F(ReplicateTest, OverwritesByForce) {
  api_.ok("create_secret { name: 'db' secret_string: 'another' }", kEast);
  replicate("us-east-1");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 Failed");
  replicate("us-east-1", "force_overwrite_replica_secret: true");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "us-east-1 InSync");
  EXPECT_EQ(api_.value("db", kEast), "one");
}

TEST_F(ReplicateTest, ChecksItsParameters) {
  const auto error = [this](const std::string& more) {
    return api_.error("replicate_secret_to_regions { secret_id: 'db' " + more + " }");
  };
  EXPECT_TRUE(error("").starts_with(
      "ValidationException: 1 validation error detected: Value null at 'addReplicaRegions'"));
  for (const char* region : {"us-west-2", "USEAST", "cn-north-1"}) {
    EXPECT_EQ(error("add_replica_regions { region: '" + std::string(region) + "' }"),
              "InvalidParameterException: Invalid replica region.");
  }
  // A region that may exist elsewhere fails as replication does.
  EXPECT_EQ(error("add_replica_regions { region: 'xx-nowhere-1' }"), "OK");
  api_.world().run_until_idle();
  EXPECT_EQ(statuses(), "xx-nowhere-1 Failed");
}

TEST_F(ReplicateTest, OwesEveryChangeToTheReplicas) {
  replicate("us-east-1");
  api_.world().run_until_idle();
  for (const char* request : {
           "put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'two' }",
           "update_secret { secret_id: 'db' description: 'new' }",
           "update_secret_version_stage { secret_id: 'db' version_stage: 'blue' "
           "move_to_version_id: 'v2' }",
           "tag_resource { secret_id: 'db' tags { key: 'team' value: 'blue' } }",
           "untag_resource { secret_id: 'db' tag_keys: 'team' }",
       }) {
    api_.ok(request);
    EXPECT_EQ(statuses(), "us-east-1 InProgress") << request;
    EXPECT_FALSE(api_.describe().replication_status(0).has_status_message());
    api_.world().run_until_idle();
    EXPECT_EQ(statuses(), "us-east-1 InSync") << request;
    EXPECT_EQ(api_.world().convergence_gap("db"), "") << request;
  }
}

// ---- removing -----------------------------------------------------------------------------------

TEST_F(ReplicateTest, RemovesReplicasFromTheListAtOnce) {
  replicate("us-east-1");
  replicate("ap-south-1");
  api_.world().run_until_idle();
  const v1::RemoveRegionsFromReplicationResponse answer =
      api_.ok("remove_regions_from_replication { secret_id: 'db' "
              "remove_replica_regions: 'us-east-1' remove_replica_regions: 'eu-west-9' }")
          .remove_regions_from_replication();
  EXPECT_EQ(answer.arn(), api_.arn());
  EXPECT_EQ(statuses(answer), "ap-south-1 Failed");
  EXPECT_EQ(statuses(), "ap-south-1 Failed");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.value("db", kEast), "<ResourceNotFoundException>");
}

TEST_F(ReplicateTest, RemovingWhatIsNoReplicaIsIgnored) {
  EXPECT_EQ(api_.error("remove_regions_from_replication { secret_id: 'db' "
                       "remove_replica_regions: 'us-east-1' }"),
            "OK");
  EXPECT_TRUE(api_.error("remove_regions_from_replication { secret_id: 'db' }")
                  .starts_with("ValidationException"));
}

TEST_F(ReplicateTest, AddsARemovedRegionWithANewLink) {
  replicate("us-east-1");
  api_.world().run_until_idle();
  api_.world().cut(kWest, kEast);
  api_.ok(
      "remove_regions_from_replication { secret_id: 'db' remove_replica_regions: 'us-east-1' }");
  replicate("us-east-1");
  ASSERT_EQ(links().size(), 2U);
  EXPECT_EQ(links()[0].phase(), v1::StoredLink::REMOVING);
  EXPECT_EQ(links()[1].phase(), v1::StoredLink::ATTACHED);
  EXPECT_EQ(links()[1].generation(), links()[0].generation() + 1);
  EXPECT_EQ(statuses(), "us-east-1 InProgress");
  api_.world().mend(kWest, kEast);
  api_.world().run_for(engine::Duration::minutes(5));
  replicate("us-east-1");
  api_.world().run_for(engine::Duration::minutes(5));
  EXPECT_EQ(statuses(), "us-east-1 InSync");
  EXPECT_EQ(api_.value("db", kEast), "one");
}

// ---- promotion ----------------------------------------------------------------------------------

class ReplicaTest : public ReplicateTest {
 protected:
  ReplicaTest() {
    replicate("us-east-1");
    api_.world().run_until_idle();
  }
  std::string promote() {
    return api_.error("stop_replication_to_replica { secret_id: 'db' }", kEast);
  }
};

TEST_F(ReplicaTest, BecomesASecretOfItsOwn) {
  const std::string arn = api_.arn("db", kEast);
  EXPECT_EQ(api_.ok("stop_replication_to_replica { secret_id: 'db' }", kEast)
                .stop_replication_to_replica()
                .arn(),
            arn);
  EXPECT_EQ(api_.arn("db", kEast), arn);
  api_.ok("put_secret_value { secret_id: 'db' secret_string: 'mine' }", kEast);
  api_.ok("put_secret_value { secret_id: 'db' secret_string: 'theirs' }", kWest);
  api_.world().run_until_idle();
  EXPECT_EQ(api_.value("db", kEast), "mine");
  EXPECT_EQ(api_.value("db", kWest), "theirs");
  EXPECT_EQ(statuses(), "");
}

TEST_F(ReplicaTest, IsPromotedWhileThePrimaryIsGone) {
  api_.world().crash(kWest);
  EXPECT_EQ(promote(), "OK");
  EXPECT_EQ(api_.value("db", kEast), "one");
  EXPECT_EQ(api_.error("delete_secret { secret_id: 'db' }", kEast), "OK");
}

TEST_F(ReplicaTest, IsPromotedOnce) {
  const std::string not_a_replica =
      "InvalidParameterException: Operation not permitted on a secret that isn't a replica.";
  EXPECT_EQ(promote(), "OK");
  EXPECT_EQ(promote(), not_a_replica);
  EXPECT_EQ(api_.error("stop_replication_to_replica { secret_id: 'db' }", kWest), not_a_replica);
}

TEST_F(ReplicaTest, MayHaveReplicasOnceItIsPromoted) {
  promote();
  EXPECT_EQ(api_.error("replicate_secret_to_regions { secret_id: 'db' "
                       "add_replica_regions { region: 'ap-south-1' } }",
                       kEast),
            "OK");
  EXPECT_EQ(api_.describe("db", kEast).primary_region(), kEast);
}

// ---- what a replica allows ----------------------------------------------------------------------

TEST_F(ReplicaTest, RefusesWrites) {
  for (const char* request : {
           "put_secret_value { secret_id: 'db' secret_string: 'x' }",
           "put_secret_value { secret_id: 'db' client_request_token: 'v1' secret_string: 'one' }",
           "update_secret { secret_id: 'db' secret_string: 'x' }",
           "update_secret { secret_id: 'db' description: 'x' }",
           "update_secret { secret_id: 'db' description: 'x' kms_key_id: '' }",
           "update_secret_version_stage { secret_id: 'db' version_stage: 'x' "
           "move_to_version_id: 'v1' }",
           "tag_resource { secret_id: 'db' tags { key: 'team' } }",
           "untag_resource { secret_id: 'db' tag_keys: 'team' }",
           "delete_secret { secret_id: 'db' }",
           "delete_secret { secret_id: 'db' force_delete_without_recovery: true }",
           "restore_secret { secret_id: 'db' }",
           "replicate_secret_to_regions { secret_id: 'db' "
           "add_replica_regions { region: 'ap-south-1' } }",
           "remove_regions_from_replication { secret_id: 'db' "
           "remove_replica_regions: 'ap-south-1' }",
       }) {
    EXPECT_EQ(api_.error(request, kEast), kReadOnly) << request;
  }
  EXPECT_EQ(api_.labels("db", kEast), "v1: AWSCURRENT");
}

TEST_F(ReplicaTest, AllowsReading) {
  EXPECT_EQ(api_.value("db", kEast), "one");
  EXPECT_EQ(api_.value(api_.arn("db", kEast), kEast), "one");
  const std::string arn = api_.arn("db", kEast);
  EXPECT_EQ(api_.value(arn.substr(0, arn.size() - 7), kEast), "one");
  EXPECT_EQ(api_.error("list_secret_version_ids { secret_id: 'db' }", kEast), "OK");
}

TEST_F(ReplicaTest, HasAKeyOfItsOwn) {
  const std::string key = api_.make_key("alias/mine", kEast);
  EXPECT_EQ(api_.error("update_secret { secret_id: 'db' kms_key_id: 'alias/mine' }", kEast), "OK");
  EXPECT_EQ(api_.describe("db", kEast).kms_key_id(), "alias/mine");
  EXPECT_FALSE(api_.describe("db", kWest).has_kms_key_id());
  const auto keys_of_the_newest = [this] {
    const auto listed = api_.ok("list_secret_version_ids { secret_id: 'db' }", kEast);
    const auto& versions = listed.list_secret_version_ids().versions();
    std::string text;
    for (const std::string& one : versions.at(versions.size() - 1).kms_key_ids()) text += one + " ";
    return text;
  };
  EXPECT_EQ(keys_of_the_newest(), key + " DefaultEncryptionKey ");
  api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'two' }");
  api_.world().run_until_idle();
  EXPECT_EQ(api_.labels("db", kEast), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_EQ(keys_of_the_newest(), key + " ");
}

TEST_F(ReplicaTest, ListsAVersionThatCameLateInItsPlace) {
  for (const char* version : {"v2", "v3"}) {
    api_.ok("put_secret_value { secret_id: 'db' client_request_token: '" + std::string(version) +
            "' secret_string: 'x' }");
  }
  replicate("eu-west-1");
  api_.world().run_until_idle();
  // v1 had no label when the link was made, and gets one now.
  api_.ok(
      "update_secret_version_stage { secret_id: 'db' version_stage: 'blue' "
      "move_to_version_id: 'v1' }");
  api_.world().run_until_idle();
  std::string all;
  std::string token;
  do {
    const v1::ApiResponse page =
        api_.ok("list_secret_version_ids { secret_id: 'db' max_results: 1" +
                    (token.empty() ? "" : " next_token: '" + token + "'") + " }",
                "eu-west-1");
    all += short_token(page.list_secret_version_ids().versions(0).version_id()) + " ";
    token = page.list_secret_version_ids().next_token();
  } while (!token.empty());
  EXPECT_EQ(all, "v1 v2 v3 ");
}

TEST_F(ReplicaTest, NotesItsOwnReadings) {
  api_.value("db", kEast);
  EXPECT_TRUE(api_.describe("db", kEast).has_last_accessed_date());
  EXPECT_FALSE(api_.describe("db", kWest).has_last_accessed_date());
}

}  // namespace
}  // namespace faultline::regions
