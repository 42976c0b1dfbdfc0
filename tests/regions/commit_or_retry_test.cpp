// Operations that run into each other while they wait for KMS: none is lost, none is done twice,
// and none writes over what it has not seen.
#include "regions/api/commit_or_retry.h"

#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class CommitOrRetryTest : public testing::Test {
 protected:
  CommitOrRetryTest() {
    api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'one' }");
  }
  // Asks and does not wait. Answers come in the order of asking: "OK" or the code.
  void ask(const std::string& request) {
    const std::size_t place = answers_.size();
    answers_.emplace_back("none");
    v1::ApiRequest parsed = parse_request(request);
    api_.world().call(kWest, "admin", std::move(parsed),
                      [this, place](Result<v1::ApiResponse> result) {
                        answers_[place] = result ? "OK" : result.error().code;
                      });
  }
  void put(const std::string& version, const std::string& value) {
    ask("put_secret_value { secret_id: 'db' client_request_token: '" + version +
        "' secret_string: '" + value + "' }");
  }
  std::string answers() {
    api_.world().run_until_idle();
    std::string text;
    for (const std::string& answer : answers_) text += (text.empty() ? "" : " ") + answer;
    return text;
  }
  v1::StoredSecret stored() {
    return api_.world().region(kWest)->secret_store().secret("db")->value();
  }

  SecretsApi api_;
  std::vector<std::string> answers_;
};

TEST_F(CommitOrRetryTest, TwoPutsAtOnceBothCount) {
  put("v2", "two");
  put("v3", "three");
  EXPECT_EQ(answers(), "OK OK");
  EXPECT_EQ(stored().versions_size(), 3);
  EXPECT_EQ(stored().sequence(), 3U);
  const std::string labels = api_.labels();
  EXPECT_TRUE(labels == "v2: AWSPREVIOUS; v3: AWSCURRENT" ||
              labels == "v2: AWSCURRENT; v3: AWSPREVIOUS")
      << labels;
}

TEST_F(CommitOrRetryTest, ManyPutsAtOnceAllCount) {
  for (int i = 0; i < 12; ++i) put("p" + std::to_string(i), std::to_string(i));
  EXPECT_EQ(answers(), "OK OK OK OK OK OK OK OK OK OK OK OK");
  EXPECT_EQ(stored().versions_size(), 13);
  EXPECT_EQ(stored().sequence(), 13U);
}

TEST_F(CommitOrRetryTest, TheSameCallTwiceAtOnceIsDoneOnce) {
  put("v2", "two");
  put("v2", "two");
  EXPECT_EQ(answers(), "OK OK");
  EXPECT_EQ(stored().versions_size(), 2);
  EXPECT_EQ(stored().sequence(), 2U);
}

TEST_F(CommitOrRetryTest, OneTokenForTwoValuesCountsForOne) {
  put("v2", "two");
  put("v2", "three");
  const std::string both = answers();
  EXPECT_TRUE(both == "OK ResourceExistsException" || both == "ResourceExistsException OK") << both;
  EXPECT_EQ(stored().versions_size(), 2);
}

TEST_F(CommitOrRetryTest, OneNameForTwoSecretsCountsForOne) {
  ask("create_secret { name: 'new' client_request_token: 'a' secret_string: 'a' }");
  ask("create_secret { name: 'new' client_request_token: 'b' secret_string: 'b' }");
  const std::string both = answers();
  EXPECT_TRUE(both == "OK ResourceExistsException" || both == "ResourceExistsException OK") << both;
  EXPECT_EQ(api_.value("new"), both.starts_with("OK") ? "a" : "b");
}

TEST_F(CommitOrRetryTest, APutSeesADeletionThatWasFaster) {
  put("v2", "two");
  ask("delete_secret { secret_id: 'db' }");
  EXPECT_EQ(answers(), "InvalidRequestException OK");
  EXPECT_EQ(stored().versions_size(), 1);
}

// The new secret has the revision that the put has read: it must be told apart nevertheless.
TEST_F(CommitOrRetryTest, APutSeesThatItsSecretWasMadeAgain) {
  const std::string old_arn = api_.arn();
  put("v2", "two");
  ask("delete_secret { secret_id: 'db' force_delete_without_recovery: true }");
  api_.world().run_for(engine::Duration::millis(1));
  ask("create_secret { name: 'db' client_request_token: 'n1' }");
  EXPECT_EQ(answers(), "OK OK OK");
  EXPECT_NE(api_.arn(), old_arn);
  EXPECT_EQ(api_.value(), "two");  // put again, into the new one
  EXPECT_EQ(stored().versions_size(), 1);
}

TEST_F(CommitOrRetryTest, AReadingDoesNotHideAWrite) {
  ask("get_secret_value { secret_id: 'db' }");
  put("v2", "two");
  ask("get_secret_value { secret_id: 'db' }");
  EXPECT_EQ(answers(), "OK OK OK");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  EXPECT_NE(stored().last_accessed_day(), 0);
}

TEST_F(CommitOrRetryTest, AnAnswerComesAfterTheSync) {
  api_.fault("disk { region: 'us-west-2' slow_sync: '5s' }");
  const engine::Instant asked = api_.world().now();
  EXPECT_EQ(api_.error("tag_resource { secret_id: 'db' tags { key: 'team' } }"), "OK");
  EXPECT_GE((api_.world().now() - asked).ns(), engine::Duration::seconds(5).ns());
}

TEST_F(CommitOrRetryTest, WhatWasAnsweredSurvivesACrash) {
  EXPECT_EQ(api_.error("put_secret_value { secret_id: 'db' client_request_token: 'v2' "
                       "secret_string: 'two' }"),
            "OK");
  api_.world().crash(kWest);
  api_.world().restart(kWest);
  EXPECT_EQ(api_.value(), "two");
}

TEST_F(CommitOrRetryTest, AFailedDiskIsAnInternalErrorAndHeals) {
  const std::uint64_t fault = api_.fault("disk { region: 'us-west-2' fail_writes: true }");
  put("v2", "two");
  api_.world().run_for(engine::Duration::millis(500));
  EXPECT_EQ(answers_.back(), "InternalServiceError");
  EXPECT_TRUE(
      api_.error("describe_secret { secret_id: 'db' }").starts_with("InternalServiceError"));
  api_.world().heal(fault);
  api_.world().run_for(engine::Duration::seconds(3));
  // Whether it took effect was not known; asked again with its token it has, once.
  EXPECT_EQ(api_.error("put_secret_value { secret_id: 'db' client_request_token: 'v2' "
                       "secret_string: 'two' }"),
            "OK");
  EXPECT_EQ(api_.labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

// ---- the front door -----------------------------------------------------------------------------

TEST_F(CommitOrRetryTest, ARequestWithoutAnOperationIsRefused) {
  EXPECT_EQ(api_.call(v1::ApiRequest()).error().code, "UnknownOperationException");
  EXPECT_EQ(api::operation_name(v1::ApiRequest()), "");
}

TEST_F(CommitOrRetryTest, OperationsHaveTheNamesOfAws) {
  EXPECT_EQ(api::operation_name(parse_request("create_secret { name: 'db' }")), "CreateSecret");
  EXPECT_EQ(api::operation_name(parse_request("stop_replication_to_replica {}")),
            "StopReplicationToReplica");
  EXPECT_EQ(api::named_secret(parse_request("create_secret { name: 'db' }")), "db");
  EXPECT_EQ(api::named_secret(parse_request("get_secret_value { secret_id: 'id' }")), "id");
  EXPECT_EQ(api::named_secret(parse_request("list_secrets {}")), "");
}

}  // namespace
}  // namespace faultline::regions
