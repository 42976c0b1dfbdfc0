// What is said to clients, to KMS and between regions, forged: the monitor hears it as a listener
// does.
#include <gtest/gtest.h>

#include "proto/replication.pb.h"
#include "regions/invariants/bound.h"
#include "tests/regions/invariants/watched_world.h"

namespace faultline::regions {
namespace {

class ForgedTraffic : public WatchedWorld {
 protected:
  // A call that is heard, and answered as the test says, without the region's doing.
  void claim(std::string_view region, std::string_view request,
             const Result<v1::ApiResponse>& result) {
    const v1::ApiRequest parsed = parse_request(request);
    const std::uint64_t id = 1'000'000 + ++claims_;
    monitor().on_call({id, region, "arn:aws:iam::123456789012:user/admin", parsed});
    monitor().on_answer({id, result, {}});
  }

 private:
  std::uint64_t claims_ = 0;
};

v1::ApiResponse put_answer(const std::string& version) {
  v1::ApiResponse response;
  response.mutable_put_secret_value()->set_version_id(version);
  return response;
}

v1::ApiResponse read_answer(const v1::StoredSecret& secret, const std::string& version,
                            const std::string& value, const std::string& stage) {
  v1::ApiResponse response;
  v1::GetSecretValueResponse& read = *response.mutable_get_secret_value();
  read.set_arn(secret.arn());
  read.set_version_id(version);
  read.set_secret_string(value);
  read.add_version_stages(stage);
  return response;
}

TEST_F(ForgedTraffic, AcknowledgedAndNotThere) {
  replicated();
  claim(kWest,
        "put_secret_value { secret_id: 'db' client_request_token: 'v9' secret_string: 'nine' }",
        put_answer(full_token("v9")));
  EXPECT_TRUE(saw(Property::S08)) << all();
}

TEST_F(ForgedTraffic, AcceptedThoughItHadToBeRefused) {
  replicated();
  claim(kWest,
        "put_secret_value { secret_id: 'db' client_request_token: 'v1' secret_string: 'other' }",
        put_answer(full_token("v1")));
  EXPECT_TRUE(saw(Property::S10)) << all();
  EXPECT_TRUE(saw(Property::S31)) << all();
}

TEST_F(ForgedTraffic, ARepetitionIsRefused) {
  replicated();
  claim(kWest,
        "put_secret_value { secret_id: 'db' client_request_token: 'v1' "
        "secret_string: 'first-value' }",
        tl::make_unexpected(Error{"ResourceExistsException", ""}));
  EXPECT_TRUE(saw(Property::S10)) << all();
}

TEST_F(ForgedTraffic, AReplicaAcceptsAWrite) {
  replicated();
  claim(kEast, "tag_resource { secret_id: 'db' tags { key: 'a' value: 'b' } }", v1::ApiResponse());
  EXPECT_TRUE(saw(Property::S14)) << all();
}

TEST_F(ForgedTraffic, PromotedInWordsOnly) {
  replicated();
  claim(kEast, "stop_replication_to_replica { secret_id: 'db' }", v1::ApiResponse());
  EXPECT_TRUE(saw(Property::S13)) << all();
}

TEST_F(ForgedTraffic, APromotionIsRefusedForNothing) {
  replicated();
  claim(kEast, "stop_replication_to_replica { secret_id: 'db' }",
        tl::make_unexpected(Error{"InternalServiceError", ""}));
  EXPECT_TRUE(saw(Property::L06)) << all();
}

TEST_F(ForgedTraffic, AValueThatIsNotThere) {
  replicated();
  claim(kWest, "get_secret_value { secret_id: 'db' }",
        read_answer(record(kWest), full_token("v7"), "seventh", "AWSCURRENT"));
  EXPECT_TRUE(saw(Property::S31)) << all();
}

TEST_F(ForgedTraffic, AValueWithoutKms) {
  replicated();
  claim(kWest, "get_secret_value { secret_id: 'db' }",
        read_answer(record(kWest), full_token("v1"), "first-value", "AWSCURRENT"));
  EXPECT_TRUE(saw(Property::S29)) << all();
}

TEST_F(ForgedTraffic, AnotherValueIsRead) {
  replicated();
  claim(kWest, "get_secret_value { secret_id: 'db' }",
        read_answer(record(kWest), full_token("v1"), "not-it", "AWSCURRENT"));
  EXPECT_TRUE(saw(Property::S04)) << all();
}

TEST_F(ForgedTraffic, ReadWhileItIsScheduledForDeletion) {
  api.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'first-value' }");
  api.ok("delete_secret { secret_id: 'db' }");
  EXPECT_EQ(all(), "");
  claim(kWest, "get_secret_value { secret_id: 'db' }",
        read_answer(record(kWest), full_token("v1"), "first-value", "AWSCURRENT"));
  EXPECT_TRUE(saw(Property::S18)) << all();
}

TEST_F(ForgedTraffic, WhatIsThereIsNotFound) {
  replicated();
  claim(kWest, "describe_secret { secret_id: 'db' }",
        tl::make_unexpected(Error{"ResourceNotFoundException", ""}));
  EXPECT_TRUE(saw(Property::S31)) << all();
}

TEST_F(ForgedTraffic, PlaintextOnTheWire) {
  replicated();
  monitor().on_message({kWest, kEast, "Greeting", "the password is Zmlyc3QtdmFsdWU= today"});
  EXPECT_TRUE(saw(Property::S25)) << all();
}

TEST_F(ForgedTraffic, PlaintextInTheTrace) {
  replicated();
  const v1::ApiRequest request = parse_request("describe_secret { secret_id: 'db' }");
  monitor().on_call({77'777, kWest, "arn:aws:iam::123456789012:user/admin", request});
  const Result<v1::ApiResponse> none = tl::make_unexpected(Error{"ConnectionClosed", ""});
  monitor().on_answer({77'777, none, "it was 66697273742d76616c7565"});
  EXPECT_TRUE(saw(Property::S35)) << all();
}

TEST_F(ForgedTraffic, OneNonceForTwoValues) {
  replicated();
  v1::Replicate offer;
  offer.mutable_link()->set_secret_arn(record(kWest).arn());
  offer.mutable_link()->set_generation(1);
  offer.add_versions()->set_sealed_value(std::string(12, 'n') + "one");
  monitor().on_message({kWest, kEast, "Replicate", offer.SerializeAsString()});
  EXPECT_FALSE(saw(Property::S28)) << all();
  offer.mutable_versions(0)->set_sealed_value(std::string(12, 'n') + "two");
  monitor().on_message({kWest, kEast, "Replicate", offer.SerializeAsString()});
  EXPECT_TRUE(saw(Property::S28)) << all();
}

TEST_F(ForgedTraffic, OneChangeIsSentForEver) {
  replicated();
  v1::Replicate offer;
  offer.mutable_link()->set_secret_arn(record(kWest).arn());
  offer.mutable_link()->set_generation(1);
  const std::string body = offer.SerializeAsString();
  for (int i = 0; i < 10; ++i) monitor().on_message({kWest, kEast, "Replicate", body});
  EXPECT_TRUE(saw(Property::S38)) << all();
}

TEST_F(ForgedTraffic, AKeyIsUsedInNobodysName) {
  replicated();
  const kms::EncryptionContext context;
  monitor().on_kms_call({.region = kWest,
                         .operation = "Decrypt",
                         .principal_arn = {},
                         .key = "no-such-key",
                         .context = context,
                         .error = {},
                         .blob = {}});
  EXPECT_TRUE(saw(Property::S29)) << all();
}

// The region went back by itself, and what was read is what it holds: only clients can tell.
TEST_F(ForgedTraffic, NoOrderExplainsWhatClientsWereTold) {
  replicated();
  const v1::StoredSecret old = record(kWest);
  put("v2", "second-value");
  EXPECT_EQ(api.value(), "second-value");
  forge(kWest, [&](Transaction&, v1::StoredSecret& secret) {
    *secret.mutable_versions() = old.versions();
  });
  EXPECT_EQ(api.value(), "first-value");
  EXPECT_FALSE(saw(Property::S31)) << all();
  monitor().at_end({});
  EXPECT_TRUE(saw(Property::S31)) << all();
}

TEST_F(ForgedTraffic, ANewKeyThatDoesNotOpenWhatIsThere) {
  api.make_key("alias/app");
  replicated();
  forge(kWest, [](Transaction&, v1::StoredSecret& secret) { secret.set_kms_key_id("alias/app"); });
  claim(kWest, "update_secret { secret_id: 'db' kms_key_id: 'alias/app' }", v1::ApiResponse());
  EXPECT_TRUE(saw(Property::S30)) << all();
}

TEST_F(ForgedTraffic, AReaderGoesBackInTime) {
  replicated();
  const v1::StoredSecret old = record(kEast);
  put("v2", "second-value");
  world().run_until_idle();
  EXPECT_EQ(api.value("db", kEast), "second-value");
  EXPECT_EQ(all(), "");
  forge(kEast, [&](Transaction&, v1::StoredSecret& secret) {
    *secret.mutable_versions() = old.versions();
  });
  EXPECT_EQ(api.value("db", kEast), "first-value");
  EXPECT_TRUE(saw(Property::S32)) << all();
  EXPECT_FALSE(saw(Property::S33)) << all();
}

TEST_F(ForgedTraffic, InSyncWasToldAndAnOlderStateIsRead) {
  replicated();
  const v1::StoredSecret old = record(kEast);
  put("v2", "second-value");
  world().run_until_idle();
  api.ok("describe_secret { secret_id: 'db' }");
  EXPECT_EQ(all(), "");
  forge(kEast, [&](Transaction&, v1::StoredSecret& secret) {
    *secret.mutable_versions() = old.versions();
  });
  EXPECT_EQ(api.value("db", kEast), "first-value");
  EXPECT_TRUE(saw(Property::S33)) << all();
  EXPECT_FALSE(saw(Property::S32)) << all();
}

TEST(ForgedTime, GoesBack) {
  SecretsApi api;
  engine::Duration ahead = engine::Duration::seconds(1);
  Monitor monitor(api.world(), {.clock = [&] { return api.world().now() + ahead; }});
  monitor.after_event();
  monitor.after_event();
  EXPECT_TRUE(monitor.violations().empty());
  ahead = {};
  monitor.after_event();
  ASSERT_EQ(monitor.violations().size(), 1U);
  EXPECT_EQ(monitor.violations().front().property, Property::S37);
}

TEST_F(ForgedTraffic, AListThatIsNotSo) {
  replicated();
  put("v2", "second-value");
  v1::ApiResponse response;
  v1::SecretVersionsListEntry& entry = *response.mutable_list_secret_version_ids()->add_versions();
  entry.set_version_id(full_token("v1"));
  entry.add_version_stages("AWSCURRENT");
  claim(kWest, "list_secret_version_ids { secret_id: 'db' }", response);
  EXPECT_TRUE(saw(Property::S31)) << all();
}

TEST_F(ForgedTraffic, ASecondRunDiffers) {
  monitor().was_repeated(true);
  EXPECT_FALSE(saw(Property::S36));
  monitor().was_repeated(false);
  EXPECT_TRUE(saw(Property::S36));
}

TEST_F(ForgedTraffic, AFailedReplicaIsAskedForAgainInVain) {
  replicated();
  world().cut(kWest, kEast);
  put("v2", "second-value");
  world().run_until_idle();
  ASSERT_EQ(link().status(), v1::StoredLink::Failed);
  EXPECT_EQ(all(), "");
  claim(kWest,
        "replicate_secret_to_regions { secret_id: 'db' add_replica_regions "
        "{ region: 'us-east-1' } }",
        v1::ApiResponse());
  EXPECT_TRUE(saw(Property::S20)) << all();
  // Settled, asked again, and still Failed: the cut is there, and the monitor is told it is not.
  world().mend(kWest, kEast);
  monitor().settle_begins();
  v1::StoredLink link = this->link();
  link.set_status(v1::StoredLink::InProgress);
  forge_link(link);
  link.set_status(v1::StoredLink::Failed);
  forge_link(link);
  monitor().at_end({.settled = true, .came_to_rest = true, .bound = {}, .dead_regions = {}});
  EXPECT_TRUE(saw(Property::L03)) << all();
}

}  // namespace
}  // namespace faultline::regions
