// The catalogue is complete, and each of its faults can be written, strikes, shows and ends.
#include "regions/fault_catalogue.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/clock.h"
#include "engine/disk.h"
#include "engine/fault_injector.h"
#include "engine/keyed_random.h"
#include "engine/time.h"
#include "regions/fault_text.h"
#include "regions/narrator.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"

namespace faultline::regions {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kRegions = {"us-west-2", "us-east-1"};
constexpr std::string_view kKey = "alias/replica";

v1::Fault parsed(const std::string& text) {
  v1::Fault fault;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &fault)) << text;
  return fault;
}

v1::Step step_of(const std::string& text) {
  v1::Step step;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &step)) << text;
  return step;
}

bool is_operation(std::string_view id) { return id.starts_with("OPS"); }

// ---- the table ----------------------------------------------------------------------------------

TEST(FaultCatalogueTest, HasItsSixtyFiveEntriesOnceAndInOrder) {
  const std::vector<std::pair<std::string, int>> groups = {
      {"NET", 15},
      {"REG", 11},
      {"DSK", 10},
      {"CLK", 5 },
      {"KMS", 12},
      {"API", 5 },
      {"OPS", 7 }
  };
  std::vector<std::string> wanted;
  for (const auto& [group, count] : groups) {
    for (int i = 1; i <= count; ++i) {
      wanted.push_back(group + (i < 10 ? "-0" : "-") + std::to_string(i));
    }
  }
  std::vector<std::string> ids;
  std::set<std::string_view> names;
  for (const FaultEntry& entry : fault_catalogue()) {
    ids.emplace_back(entry.id);
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    for (const std::string_view sentence : {entry.what, entry.why}) {
      EXPECT_TRUE(sentence.ends_with('.')) << entry.id;
    }
  }
  EXPECT_EQ(ids, wanted);
  EXPECT_EQ(ids.size(), 65U);
}

TEST(FaultCatalogueTest, BlocksAreWordsOfTheLanguage) {
  for (const FaultEntry& entry : fault_catalogue()) {
    const auto* words = is_operation(entry.id) ? v1::Step::descriptor() : v1::Fault::descriptor();
    EXPECT_NE(words->FindFieldByName(std::string(entry.block)), nullptr) << entry.id;
  }
}

TEST(FaultCatalogueTest, EntriesAreFoundByIdAndName) {
  ASSERT_NE(find_fault("net-07"), nullptr);
  EXPECT_EQ(find_fault("net-07"), find_fault("Clog, then burst"));
  EXPECT_EQ(find_fault("NET-16"), nullptr);
  EXPECT_EQ(find_fault(""), nullptr);
}

TEST(FaultCatalogueTest, AFaultMayBeSeveral) {
  const auto ids = [](const std::string& text) { return fault_ids_of(parsed(text)); };
  EXPECT_THAT(ids("crash { torn_tail: TEAR }"), ElementsAre("REG-01", "DSK-02"));
  EXPECT_THAT(ids("crash { recover_crashes: 1 }"), ElementsAre("REG-01", "REG-02", "DSK-01"));
  EXPECT_THAT(ids("crash { torn_tail: KEEP_ALL }"), ElementsAre("REG-01"));
  EXPECT_THAT(ids("degrade { loss: '1/2' latency: '1s' }"), ElementsAre("NET-01", "NET-03"));
  EXPECT_THAT(ids("for: '59m' region_disabled {}"), ElementsAre("REG-05"));
  EXPECT_THAT(ids("for: '60m' region_disabled {}"), ElementsAre("REG-05", "REG-11"));
  EXPECT_THAT(ids("clock { offset: '-1s' frozen: true }"), ElementsAre("CLK-02", "CLK-04"));
  EXPECT_THAT(ids("key_disabled {}"), ElementsAre("KMS-01"));
  EXPECT_THAT(ids("kms_slow {}"), IsEmpty());
  EXPECT_THAT(ids(""), IsEmpty());
}

TEST(FaultCatalogueTest, EveryKindButTwoHasAnId) {
  const auto* kinds = v1::Fault::descriptor()->FindOneofByName("kind");
  std::vector<std::string> without;
  for (int i = 0; i < kinds->field_count(); ++i) {
    v1::Fault fault;
    fault.GetReflection()->MutableMessage(&fault, kinds->field(i));
    // These say what they are in their fields.
    if (fault.has_degrade() || fault.has_disk() || fault.has_clock()) continue;
    if (fault_ids_of(fault).empty()) without.push_back(kinds->field(i)->name());
  }
  EXPECT_THAT(without, ElementsAre("kms_unavailable", "kms_slow"));
}

TEST(FaultCatalogueTest, WhatOperatorsDoHasIds) {
  const auto ids = [](const std::string& text) { return fault_ids_of(step_of(text)); };
  EXPECT_THAT(ids("stop_replication_to_replica { secret_id: 'db' }"), ElementsAre("OPS-01"));
  EXPECT_THAT(ids("remove_regions_from_replication { secret_id: 'db' }"), ElementsAre("OPS-02"));
  EXPECT_THAT(ids("replicate_secret_to_regions { secret_id: 'db' }"), ElementsAre("OPS-03"));
  EXPECT_THAT(
      ids("replicate_secret_to_regions { secret_id: 'db' force_overwrite_replica_secret: true }"),
      ElementsAre("OPS-03", "OPS-07"));
  EXPECT_THAT(ids("create_secret { name: 'db' force_overwrite_replica_secret: true }"),
              ElementsAre("OPS-07"));
  EXPECT_THAT(ids("create_secret { name: 'db' }"), IsEmpty());
  EXPECT_THAT(ids("delete_secret { secret_id: 'db' }"), ElementsAre("OPS-04"));
  EXPECT_THAT(ids("put_secret_value { secret_id: 'db' }"), ElementsAre("OPS-05"));
  EXPECT_THAT(ids("update_secret { secret_id: 'db' secret_string: 'x' kms_key_id: 'alias/a' }"),
              ElementsAre("OPS-05", "OPS-06"));
  EXPECT_THAT(ids("update_secret { secret_id: 'db' description: 'x' }"), IsEmpty());
  EXPECT_THAT(ids("rotate_key { region: 'a' key: 'alias/a' }"), ElementsAre("KMS-10"));
  EXPECT_THAT(ids("enable_key { region: 'a' key: 'alias/a' }"), ElementsAre("KMS-02"));
  EXPECT_THAT(ids("crash { region: 'a' }"), ElementsAre("REG-01", "DSK-01"));
  EXPECT_THAT(ids("fault { cut { one_way: true } }"), ElementsAre("NET-10"));
  EXPECT_THAT(ids("get_secret_value { secret_id: 'db' }"), IsEmpty());
}

// ---- the examples -------------------------------------------------------------------------------

// A secret with a replica under a key of its own is written while the fault lasts, and read after.
std::string scenario_with(const v1::Fault& fault) {
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.PrintToString(fault, &text);
  return R"(
region { name: "us-west-2" }
region { name: "us-east-1" }
key { region: "us-east-1" alias: "alias/replica" }
run_for: "3h"
step { at: "1s" region: "us-west-2" create_secret {
  name: "db" secret_string: "one"
  add_replica_regions { region: "us-east-1" kms_key_id: "alias/replica" } } }
step { at: "9s" fault { )" +
         text + R"( } }
step { at: "10s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "two" }
       want { anything: true } }
step { at: "11s" region: "us-east-1" get_secret_value { secret_id: "db" } want { anything: true } }
step { at: "12s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "three" }
       want { anything: true } }
step { at: "30s" heal {} }
# What operators do when all is well again: the region is restarted, what has failed is asked for
# again, and a value is written.
step { at: "10000s" crash { region: "us-east-1" torn_tail: KEEP_ALL } }
step { at: "10001s" restart { region: "us-east-1" } }
step { at: "10010s" region: "us-west-2" replicate_secret_to_regions {
  secret_id: "db" add_replica_regions { region: "us-east-1" kms_key_id: "alias/replica" } }
  want { anything: true } }
step { at: "10020s" region: "us-west-2" put_secret_value { secret_id: "db" secret_string: "four" } }
)";
}

struct Watcher : engine::TraceSink {
  int applied = 0;
  int healed = 0;
  std::string kind;
  std::vector<std::string> lines;
  Narrator narrator{Detail::Story};
  void on_event(const v1::TraceEvent& event) override {
    if (event.kind() == v1::FAULT_APPLIED) {
      ++applied;
      kind = event.verb();
    }
    healed += event.kind() == v1::FAULT_HEALED ? 1 : 0;
    if (const auto line = narrator.tell(event)) lines.push_back(line->text);
  }
};

class FaultExampleTest : public ::testing::TestWithParam<std::string> {};

TEST_P(FaultExampleTest, IsWellFormedStrikesShowsEndsAndIsOvercome) {
  const std::string& id = GetParam();
  v1::Fault fault = example_fault(id, kRegions, kKey);
  ASSERT_NE(engine::fault_kind(fault), "");
  EXPECT_EQ(engine::fault_kind(fault), find_fault(id)->block);
  EXPECT_THAT(fault_ids_of(fault), Contains(id));

  const auto loaded = load_scenario("example.textproto", scenario_with(fault));
  if (!loaded) {
    for (const InputError& error : loaded.error()) ADD_FAILURE() << error.to_string();
    return;
  }
  Watcher watcher;
  RunOptions options;
  options.sinks = {&watcher};
  ScenarioRun run(*loaded, options);
  const v1::RunReport report = run.finish();
  EXPECT_EQ(watcher.applied, 1);
  EXPECT_EQ(watcher.healed, 1);
  EXPECT_EQ(watcher.kind, find_fault(id)->block);
  EXPECT_THAT(watcher.lines, Contains(::testing::HasSubstr(fault_text(fault))));
  for (const auto& violation : report.violations()) {
    // Nothing but what the fault itself takes away may be missed: a disk that loses what it had, or
    // gets back what it had, is not put right by any protocol.
    ADD_FAILURE() << violation.expectation() << ": " << violation.found();
  }
  EXPECT_TRUE(run.world().simulation().faults().active().empty());
  EXPECT_EQ(run.world().convergence_gap("db"), "");
  EXPECT_EQ(run.world().client("us-east-1").value("db"), "four");
}

std::vector<std::string> ids_of_faults() {
  std::vector<std::string> ids;
  for (const FaultEntry& entry : fault_catalogue()) {
    if (!is_operation(entry.id)) ids.emplace_back(entry.id);
  }
  return ids;
}

INSTANTIATE_TEST_SUITE_P(All, FaultExampleTest, ::testing::ValuesIn(ids_of_faults()),
                         [](const auto& example) {
                           std::string name = example.param;
                           std::erase(name, '-');
                           return name;
                         });

// ---- exact healing ------------------------------------------------------------------------------

// Everything that faults change and healing must put back, in words.
std::string state_of(World& world) {
  std::string out;
  const auto add = [&out](const std::string& part) { out += part + "; "; };
  engine::Simulation& sim = world.simulation();
  for (const std::string& region : world.regions()) {
    const engine::ActorId id = *sim.find(region);
    add(region + (sim.is_up(id) ? " up" : " down"));
    if (sim.is_hindered(id)) add("hindered");
    const engine::DiskFaults& disk = sim.context(id).disk().faults();
    const bool bad = disk.fail_writes || disk.fail_syncs || disk.fail_reads || disk.full ||
                     disk.lying_sync || disk.lose_renames ||
                     disk.slow_sync != engine::Duration::zero();
    if (bad) add("bad disk");
    add("clock " +
        std::to_string(sim.context(id).wall_unix_ns() - sim.epoch_unix_ns() - sim.now().ns()));
    if (!world.account().is_enabled(region)) add("disabled");
    const auto managed = world.kms(region).describe_key("alias/aws/secretsmanager");
    add(managed ? v1::KeyState_Name(managed->state) : managed.error().code);
    for (const std::string& other : world.regions()) {
      const engine::ActorId to = *sim.find(other);
      if (sim.network().is_cut(id, to)) add("cut");
      if (sim.network().effective(id, to) != engine::LinkConditions{}) add("worse link");
    }
  }
  const auto key = world.kms(kRegions[1]).describe_key(kKey);
  add(key ? v1::KeyState_Name(key->state) : key.error().code);
  return out;
}

// All of them at once, several of each kind, healed in another order than they came.
TEST(FaultCatalogueTest, OverlappingFaultsHealExactly) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world({.regions = kRegions, .seed = seed});
    world.kms(kRegions[1]).create_key({.alias = std::string(kKey)}).value();
    auto west = world.client(kRegions[0]);
    ASSERT_TRUE(west.create_secret("db", "one", {kRegions[1]}));
    world.run_until_idle();
    const std::string before = state_of(world);

    const engine::RandomStream luck = engine::KeyedRandom(seed).stream("overlaps");
    std::uint64_t asked = 0;
    std::vector<std::uint64_t> faults;
    for (int i = 0; i < 40; ++i) {
      const auto ids = ids_of_faults();
      const auto& id = ids[luck.below(asked++, ids.size())];
      const bool turned = luck.below(asked++, 2) == 0;
      v1::Fault fault = turned && !id.starts_with("KMS")
                            ? example_fault(id, {kRegions[1], kRegions[0]}, kKey)
                            : example_fault(id, kRegions, kKey);
      fault.clear_for_();
      // What it takes away is not given back by healing it.
      if (id == "REG-09" || id == "REG-10" || id == "DSK-10") continue;
      faults.push_back(world.apply(fault));
      world.run_for(engine::Duration::millis(static_cast<std::int64_t>(luck.below(asked++, 900))));
      if (luck.below(asked++, 3) > 0) continue;
      const std::size_t healed = luck.below(asked++, faults.size());
      world.heal(faults[healed]);
    }
    for (; !faults.empty(); faults.pop_back()) {
      std::swap(faults.back(), faults[luck.below(asked++, faults.size())]);
      world.heal(faults.back());
    }
    world.heal_all();  // swizzles and one-shots that came again
    world.run_for(engine::Duration::minutes(10));
    EXPECT_EQ(state_of(world), before) << "seed " << seed;
    EXPECT_TRUE(west.put("db", "two")) << "seed " << seed;
    EXPECT_EQ(west.value("db"), "two") << "seed " << seed;
    EXPECT_NE(world.client(kRegions[1]).value("db"), "<InternalServiceError>") << "seed " << seed;
  }
}

TEST(FaultCatalogueTest, WhatIsNoFaultHasNoExample) {
  EXPECT_EQ(engine::fault_kind(example_fault("OPS-01", kRegions, kKey)), "");
  EXPECT_EQ(engine::fault_kind(example_fault("NET-99", kRegions, kKey)), "");
}

}  // namespace
}  // namespace faultline::regions
