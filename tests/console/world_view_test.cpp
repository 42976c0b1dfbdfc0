// The world as the console shows it: right, without a secret value, and without being noticed.
#include "tools/console/world_view.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "engine/simulation.h"
#include "tests/console/console_session.h"
#include "tools/console/live_run.h"
#include "tools/serve/base64.h"

namespace faultline::tools {
namespace {

using engine::Duration;
namespace json = boost::json;

class WorldViewTest : public ConsoleSession {
 protected:
  static json::object region(const json::value& world, const std::string& name) {
    for (const auto& region : world.at("regions").as_array()) {
      if (text(region.at("name")) == name) return region.as_object();
    }
    ADD_FAILURE() << "no region " << name;
    return {};
  }
};

TEST_F(WorldViewTest, ShowsSecretsAsDescribeSecretDoes) {
  const auto session = open();
  ASSERT_EQ(fault(*session, {"key-denied", "--region", "eu-west-1", "--for", "10m"}), "");
  ASSERT_EQ(create(*session, "db", "hunter2", {"us-east-1", "eu-west-1"}), "OK");
  advance(*session, Duration::minutes(2));
  WorldView view;
  const json::value world = parsed(view.json(*session));

  EXPECT_EQ(text(world.at("clock")), "manual");
  EXPECT_TRUE(world.at("paused").as_bool());
  EXPECT_EQ(text(world.at("seed")), "7");
  EXPECT_EQ(world.at("calls").as_int64(), 1);
  EXPECT_EQ(world.at("operations_in_flight").as_int64(), 0);
  EXPECT_EQ(text(world.at("wall")).size(), std::string("2026-11-24T16:06:41.123Z").size());
  EXPECT_EQ(text(world.at("trace_hash")).size(), 32U);

  const json::object west = region(world, "us-west-2");
  EXPECT_EQ(text(west.at("long_name")), "US West (Oregon)");
  EXPECT_EQ(text(west.at("status")), "ENABLED_BY_DEFAULT");
  EXPECT_TRUE(west.at("up").as_bool());
  const json::object& secret = west.at("secrets").at(0).as_object();
  EXPECT_EQ(text(secret.at("Name")), "db");
  EXPECT_EQ(text(secret.at("role")), "primary");
  EXPECT_EQ(text(secret.at("PrimaryRegion")), "us-west-2");
  EXPECT_EQ(secret.at("VersionIdsToStages").as_object().size(), 1U);
  const json::array& statuses = secret.at("ReplicationStatus").as_array();
  ASSERT_EQ(statuses.size(), 2U);
  EXPECT_EQ(text(statuses[0].at("Status")), "InSync");
  EXPECT_EQ(text(statuses[1].at("Status")), "Failed");
  EXPECT_NE(text(statuses[1].at("StatusMessage")).find("Access to KMS is not allowed"),
            std::string::npos);

  EXPECT_EQ(text(region(world, "us-east-1").at("secrets").at(0).at("role")), "replica");
  const json::object ireland = region(world, "eu-west-1");
  EXPECT_TRUE(ireland.at("secrets").as_array().empty());
  EXPECT_TRUE(ireland.at("involved").as_bool());
  EXPECT_NE(text(ireland.at("keys").at(0).at("trouble")), "");
  EXPECT_EQ(text(region(world, "us-east-1").at("keys").at(0).at("trouble")), "");

  const json::object& denied = world.at("faults").at(0).as_object();
  EXPECT_EQ(text(denied.at("name")), "fault-1");
  EXPECT_EQ(text(denied.at("regions").at(0)), "eu-west-1");
  EXPECT_NE(text(denied.at("text")).find("denies everyone"), std::string::npos);
  EXPECT_GT(denied.at("left_ns").as_int64(), 0);
}

TEST_F(WorldViewTest, ShowsMachinesDisksAndClocks) {
  const auto session = open();
  ASSERT_EQ(create(*session, "db", "hunter2", {"us-east-1"}), "OK");
  advance(*session, Duration::seconds(5));
  ASSERT_EQ(fault(*session, {"clock", "--region", "us-west-2", "--offset", "2h"}), "");
  ASSERT_EQ(fault(*session, {"disk", "--region", "us-west-2", "--fail-writes"}), "");
  ASSERT_EQ(fault(*session, {"pause", "--region", "eu-west-1"}), "");
  ASSERT_EQ(fault(*session, {"kms-unavailable", "--region", "us-west-2"}), "");
  ASSERT_EQ(fault(*session, {"crash", "--region", "us-east-1"}), "");
  WorldView view;
  const json::value world = parsed(view.json(*session));
  const json::object west = region(world, "us-west-2");
  EXPECT_EQ(west.at("clock_offset_ns").as_int64(), Duration::hours(2).ns());
  EXPECT_EQ(text(west.at("disk").at("trouble")), "writes fail");
  EXPECT_GT(west.at("disk").at("bytes").as_int64(), 0);
  EXPECT_TRUE(region(world, "eu-west-1").at("paused").as_bool());
  const json::object east = region(world, "us-east-1");
  EXPECT_FALSE(east.at("up").as_bool());
  EXPECT_EQ(east.at("secrets").as_array().size(), 1U) << "what its disk holds";
  // It may stay down, be told to start again, and be forgotten with its world.
  view.clear();
  EXPECT_EQ(parsed(view.json(*session)).at("regions").as_array().size(), 3U);
}

TEST_F(WorldViewTest, KeepsTheKeysInSightWhileKmsIsDown) {
  const auto session = open();
  ASSERT_EQ(create(*session, "db", "hunter2"), "OK");
  WorldView view;
  const auto before = region(parsed(view.json(*session)), "us-west-2").at("keys").as_array();
  ASSERT_FALSE(before.empty());
  ASSERT_EQ(fault(*session, {"kms-unavailable", "--region", "us-west-2"}), "");
  EXPECT_EQ(region(parsed(view.json(*session)), "us-west-2").at("keys").as_array().size(),
            before.size());
}

// One session is looked at after every step, the other never. The second restarts its region, so that
// its store reads from tables, and then the disk fails: whoever had looked through the region would
// have left it something to remember.
TEST_F(WorldViewTest, LookingChangesNothing) {
  const auto play = [](bool looks) {
    const auto session = open();
    WorldView view;
    LiveRun run({.scenario = session->scenario(), .seed = session->seed()});
    if (looks) session->world().simulation().trace().add_sink(&run);
    std::vector<std::string> outcomes;
    const auto look = [&](std::string outcome) {
      outcomes.push_back(std::move(outcome));
      if (!looks) return;
      const auto now = session->world().now();
      const auto hash = session->world().simulation().trace().hash();
      EXPECT_FALSE(view.json(*session).empty());
      EXPECT_FALSE(run.json().empty());
      EXPECT_EQ(session->world().now(), now);
      EXPECT_EQ(session->world().simulation().trace().hash(), hash);
    };
    look(create(*session, "db", "hunter2", {"us-east-1", "eu-west-1"}));
    look(fault(*session,
               {"crash", "--region", "us-west-2", "--recover-crashes", "3", "--for", "1s"}));
    for (int i = 0; i < 8; ++i) {
      advance(*session, Duration::millis(700));
      look("on");
    }
    look(fault(*session, {"disk", "--region", "us-west-2", "--fail-reads", "--for", "2s"}));
    look(read(*session, "us-west-2", "db"));
    advance(*session, Duration::seconds(10));
    look(put(*session, "db", "hunter3", 'u'));
    look(fault(*session, {"disk", "--region", "us-east-1", "--bit-rot", "3", "--for", "2s"}));
    look(read(*session, "us-east-1", "db"));
    advance(*session, Duration::minutes(1));
    outcomes.push_back(session->world().simulation().trace().hash().to_hex());
    outcomes.push_back(session->world().state_hash());
    return outcomes;
  };
  EXPECT_EQ(play(true), play(false));
}

// ---- secrecy ------------------------------------------------------------------------------------

std::string hex(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

TEST_F(WorldViewTest, NoSecretValueIsShown) {
  const auto session = open();
  WorldView view;
  LiveRun run({.scenario = session->scenario(), .seed = session->seed()});
  session->world().simulation().trace().add_sink(&run);
  std::vector<std::string> values;
  for (const char* value :
       {"canary-of-create-7b1f", "canary-of-put-93ac", "canary-of-refused-0d4e"}) {
    values.emplace_back(value);
  }
  std::string seen;
  const auto look = [&] { seen += view.json(*session) + run.json(); };
  ASSERT_EQ(create(*session, "db", values[0], {"us-east-1"}), "OK");
  look();
  ASSERT_EQ(fault(*session, {"drop-next", "--from", "us-west-2", "--to", "us-east-1"}), "");
  ASSERT_EQ(put(*session, "db", values[1], 'u'), "OK");
  look();
  v1::ApiRequest replicate;
  replicate.mutable_replicate_secret_to_regions()->set_secret_id("db");
  replicate.mutable_replicate_secret_to_regions()->add_add_replica_regions()->set_region(
      "eu-west-1");
  ASSERT_EQ(call(*session, "us-west-2", replicate), "OK");
  advance(*session, Duration::minutes(1));
  ASSERT_EQ(read(*session, "eu-west-1", "db"), "OK");
  // Refused: the token is used, and the value is too long.
  EXPECT_NE(put(*session, "db", values[2], 'u'), "OK");
  EXPECT_NE(put(*session, "db", values[2] + std::string(70'000, 'x'), 'v'), "OK");
  look();
  for (const std::string& value : values) {
    EXPECT_EQ(seen.find(value), std::string::npos) << value;
    EXPECT_EQ(seen.find(hex(value)), std::string::npos) << value;
    // At each of the three places of a block.
    for (std::size_t skipped = 0; skipped < 3; ++skipped) {
      std::string encoded;
      append_base64(value.substr(skipped), encoded);
      EXPECT_EQ(seen.find(encoded.substr(0, 16)), std::string::npos) << value;
    }
  }
  EXPECT_NE(seen.find("PutSecretValue"), std::string::npos) << "the calls themselves are told";
}

// ---- cost ---------------------------------------------------------------------------------------

TEST_F(WorldViewTest, IsQuickInAWorldOfAllRegions) {
  const auto session = open({});
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(create(*session, "secret-" + std::to_string(i), "value", {"us-east-1", "eu-west-1"}),
              "OK");
  }
  advance(*session, Duration::minutes(1));
  WorldView view;
  std::string json = view.json(*session);
  EXPECT_GE(parsed(json).at("regions").as_array().size(), 30U);
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kTimes = 10;
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_EQ(put(*session, "secret-0", "value", static_cast<char>('a' + i)), "OK");
    json = view.json(*session);
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  const auto each = std::chrono::duration_cast<std::chrono::microseconds>(took).count() / kTimes;
  std::cout << "a call and the world after it: " << each << " us, " << json.size() << " bytes\n";
}

}  // namespace
}  // namespace faultline::tools
