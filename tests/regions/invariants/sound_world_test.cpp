// A sound world breaks nothing, and has had something to judge for nearly every property.
#include <gtest/gtest.h>

#include "regions/invariants/bound.h"
#include "regions/invariants/canary.h"
#include "tests/regions/invariants/watched_world.h"

namespace faultline::regions {
namespace {

using SoundWorld = WatchedWorld;

TEST_F(SoundWorld, HoldsEverything) {
  api.make_key("alias/app");
  replicated();
  put("v2", "second-value");
  world().run_until_idle();
  api.ok("describe_secret { secret_id: 'db' }");
  EXPECT_EQ(api.value("db", kEast), "second-value");
  api.ok(
      "update_secret_version_stage { secret_id: 'db' version_stage: 'AWSCURRENT' "
      "remove_from_version_id: 'v2' move_to_version_id: 'v1' }");
  put("v1", "first-value");
  api.ok("update_secret { secret_id: 'db' kms_key_id: 'alias/app' description: 'new key' }");
  api.ok("tag_resource { secret_id: 'db' tags { key: 'team' value: 'blue' } }");
  world().run_until_idle();
  EXPECT_NE(api.error("delete_secret { secret_id: 'db' }"), "OK");
  EXPECT_NE(api.error("put_secret_value { secret_id: 'db' secret_string: 'no-way' }", kEast), "OK");

  world().cut(kWest, kEast);
  put("v3", "third-value");
  world().run_until_idle();
  world().mend(kWest, kEast);
  api.ok(
      "replicate_secret_to_regions { secret_id: 'db' add_replica_regions "
      "{ region: 'us-east-1' } }");
  world().run_until_idle();
  world().crash(kEast);
  world().restart(kEast);
  world().crash(kWest);
  api.ok("stop_replication_to_replica { secret_id: 'db' }", kEast);
  world().restart(kWest);
  api.ok("put_secret_value { secret_id: 'db' secret_string: 'after-it' }", kEast);
  world().run_until_idle();
  api.ok("delete_secret { secret_id: 'db' }", kEast);
  EXPECT_NE(api.value("db", kEast), "after-it");
  world().run_for(engine::Duration::days(31));
  api.ok(
      "replicate_secret_to_regions { secret_id: 'db' add_replica_regions "
      "{ region: 'us-east-1' } }");
  monitor().settle_begins();
  world().run_for(settle_bound(world()));
  monitor().at_end(
      {.settled = true, .came_to_rest = true, .bound = settle_bound(world()), .dead_regions = {}});
  monitor().was_repeated(true);
  EXPECT_EQ(all(), "");
  for (const PropertyInfo& property : properties()) {
    // They need a failure after the end's healing, or a link that is looked at while it is slow:
    // below.
    const bool rare = property.id == "L03" || property.id == "L02" || property.id == "S34";
    EXPECT_TRUE(rare || held(property.property) > 0) << property.id << ' ' << property.title;
  }
}

// Both were alarms once, and false.
TEST_F(SoundWorld, MayBeAskedAgainWhileItIsUnderWay) {
  world().cut(kWest, kEast);
  api.ok(
      "create_secret { name: 'db' client_request_token: 'v1' secret_string: 'first-value' "
      "add_replica_regions { region: 'us-east-1' } }");
  world().run_for(engine::Duration::seconds(2));
  api.ok(
      "replicate_secret_to_regions { secret_id: 'db' add_replica_regions "
      "{ region: 'us-east-1' } force_overwrite_replica_secret: true }");
  world().run_until_idle();
  EXPECT_EQ(link().status(), v1::StoredLink::Failed);
  EXPECT_EQ(all(), "");
}

TEST_F(SoundWorld, MayFailInWhatItOnceHadAcknowledged) {
  replicated();
  world().disable_region(kEast);
  api.ok(
      "replicate_secret_to_regions { secret_id: 'db' add_replica_regions "
      "{ region: 'us-east-1' } force_overwrite_replica_secret: true }");
  world().run_until_idle();
  EXPECT_EQ(link().status(), v1::StoredLink::Failed);
  EXPECT_EQ(all(), "");
}

// The name is taken there, before and after everything was healed.
TEST_F(SoundWorld, MayFailAgainWhileTheCauseIsThere) {
  api.ok("create_secret { name: 'db' secret_string: 'its-own-value' }", kEast);
  replicated();
  EXPECT_EQ(link().status(), v1::StoredLink::Failed);
  monitor().settle_begins();
  api.ok(
      "replicate_secret_to_regions { secret_id: 'db' add_replica_regions "
      "{ region: 'us-east-1' } }");
  world().run_until_idle();
  monitor().at_end(
      {.settled = true, .came_to_rest = true, .bound = settle_bound(world()), .dead_regions = {}});
  EXPECT_EQ(link().status(), v1::StoredLink::Failed);
  EXPECT_GT(held(Property::L03), 0U);
  EXPECT_EQ(all(), "");
}

TEST(SoundPace, IsJudgedWhileLinksAreUnderWay) {
  SecretsApi api;
  Monitor monitor(api.world(), {.sweep_every = 1});
  api.world().simulation().set_after_event([&] { monitor.after_event(); });
  api.ok(
      "create_secret { name: 'db' secret_string: 'first-value' "
      "add_replica_regions { region: 'us-east-1' } }");
  api.world().run_until_idle();
  const auto& held = monitor.held();
  EXPECT_GT(held[static_cast<std::size_t>(Property::L02)], 0U);
  EXPECT_GT(held[static_cast<std::size_t>(Property::S34)], 0U);
  EXPECT_TRUE(monitor.violations().empty());
}

// Calls that overlap, and calls whose clients are cut off: S31 by search, and it holds.
TEST_F(SoundWorld, HasAnOrderOfItsCalls) {
  replicated();
  const auto ask = [&](const std::string& request) {
    world().call(kWest, "admin", parse_request(request), [](const auto&) {});
  };
  for (int round = 0; round < 5; ++round) {
    const std::string number = std::to_string(round);
    ask("put_secret_value { secret_id: 'db' client_request_token: 'p" + number +
        "' secret_string: 'put-value-" + number + "' }");
    ask("update_secret { secret_id: 'db' client_request_token: 'u" + number +
        "' secret_string: 'update-value-" + number + "' }");
    ask("get_secret_value { secret_id: 'db' }");
    ask("describe_secret { secret_id: 'db' }");
    ask("list_secret_version_ids { secret_id: 'db' include_deprecated: true }");
    ask("tag_resource { secret_id: 'db' tags { key: 'round' value: '" + number + "' } }");
    world().run_for(engine::Duration::millis(3));
  }
  world().crash(kWest);
  world().restart(kWest);
  api.describe();
  world().run_until_idle();
  const std::uint64_t before = held(Property::S31);
  monitor().at_end({});
  EXPECT_GT(held(Property::S31), before);
  EXPECT_EQ(all(), "");
}

TEST(Properties, AreFoundByTheirIds) {
  for (const PropertyInfo& property : properties()) {
    EXPECT_EQ(find_property(property.id), &property);
    EXPECT_FALSE(property.sentence.empty());
    EXPECT_FALSE(property.why.empty());
  }
  EXPECT_EQ(find_property("S39"), nullptr);
}

TEST(Canaries, AreFoundInEveryForm) {
  CanaryNet net;
  net.add_value("hunter2");
  net.add_value("say \"friend\"");
  EXPECT_EQ(net.find("xx hunter2 xx"), "plain text");
  EXPECT_EQ(net.find("xx 68756e74657232 xx"), "hex");
  EXPECT_EQ(net.find("aHVudGVyMg=="), "base64");
  EXPECT_EQ(net.find(std::string("h\0u\0n\0t\0e\0r\0002\0", 14)), "UTF-16");
  EXPECT_EQ(net.find(R"({"word": "say \"friend\""})"), "JSON");
  EXPECT_EQ(net.find("hunter3"), "");
  net.add_public("hunter2 is what everyone calls it");
  EXPECT_EQ(net.find("xx hunter2 xx"), "");
}

}  // namespace
}  // namespace faultline::regions
