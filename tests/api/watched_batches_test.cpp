// Reads through a batch are reads: the properties that judge what clients read judge them, too.
#include <gtest/gtest.h>

#include <string>

#include "tests/regions/invariants/watched_world.h"

namespace faultline::regions {
namespace {

class WatchedBatchesTest : public WatchedWorld {
 protected:
  void read(std::string_view region = kWest,
            const std::string& request = "secret_id_list: 'db' secret_id_list: 'none'") {
    api.ok("batch_get_secret_value { " + request + " }", region);
  }
};

TEST_F(WatchedBatchesTest, HoldEverythingInASoundWorld) {
  replicated();
  const std::uint64_t before = held(Property::S29);
  read();
  read(kEast, "filters { key: 'name' values: 'd' }");
  // Each is judged twice: KMS has opened something, and a value was given out.
  EXPECT_EQ(held(Property::S29), before + 4);
  put("v2", "second-value");
  read();
  world().run_until_idle();
  read(kEast);
  monitor().at_end({.settled = false, .came_to_rest = true, .bound = {}, .dead_regions = {}});
  EXPECT_EQ(all(), "");
}

TEST_F(WatchedBatchesTest, AreJudgedWhileOthersWrite) {
  replicated();
  for (int i = 2; i < 12; ++i) {
    const std::string version = "v" + std::to_string(i);
    world().call(kWest, "admin",
                 parse_request("put_secret_value { secret_id: 'db' client_request_token: '" +
                               version + "' secret_string: 'value-" + version + "' }"),
                 {});
    world().call(kWest, "admin",
                 parse_request("batch_get_secret_value { secret_id_list: 'db' "
                               "secret_id_list: 'other' }"),
                 {});
    world().call(kEast, "admin",
                 parse_request("batch_get_secret_value { filters { key: 'all' values: 'db' } }"),
                 {});
    world().run_for(engine::Duration::millis(3));
  }
  world().crash(kEast);
  world().restart(kEast);
  world().run_until_idle();
  monitor().at_end({.settled = false, .came_to_rest = true, .bound = {}, .dead_regions = {}});
  EXPECT_EQ(all(), "");
}

// The record says that another version is the current one, and no client has asked for that.
TEST_F(WatchedBatchesTest, SeeAReplicaGoBackwards) {
  replicated();
  put("v2", "second-value");
  world().run_until_idle();
  read(kEast);
  EXPECT_EQ(all(), "");
  forge(kEast, [](Transaction&, v1::StoredSecret& secret) {
    move_label(secret, kCurrent, full_token("v1"));
  });
  read(kEast);
  EXPECT_TRUE(saw(Property::S32)) << all();
}

TEST_F(WatchedBatchesTest, SeeAValueThatIsNotTheVersions) {
  replicated();
  const std::string id = full_token("v1");
  forge(kWest, [&](Transaction& transaction, v1::StoredSecret& secret) {
    transaction.put_version("db", id, sealed(kWest, secret.arn(), id, "another-value"));
  });
  read();
  EXPECT_TRUE(saw(Property::S04)) << all();
}

}  // namespace
}  // namespace faultline::regions
