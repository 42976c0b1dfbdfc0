#include "regions/level_kv_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/hash.h"
#include "tests/regions/store_machine.h"

namespace faultline::regions {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

class LevelKvStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(west_.open()); }

  std::optional<std::string> get(std::string_view key) {
    auto value = west_.store()->get(key);
    EXPECT_TRUE(value.has_value()) << value.error().message;
    return value.value_or(std::nullopt);
  }

  std::vector<std::string> keys(std::string_view prefix, std::size_t limit = 100) {
    std::vector<std::string> found;
    EXPECT_TRUE(west_.store()->scan(prefix, [&](std::string_view key, std::string_view) {
      found.emplace_back(key);
      return found.size() < limit;
    }));
    return found;
  }

  // Enough to change logs, flush tables and compact them.
  void write_a_lot() {
    for (int i = 0; i < 400; ++i) {
      ASSERT_TRUE(west_.put("bulk/" + std::to_string(i % 90), std::string(3'000, 'b'), Sync::No));
    }
    ASSERT_TRUE(west_.put("bulk/end", ""));
  }

  std::string only_file(std::string_view suffix) {
    std::string found;
    for (const std::string& name : west_.disk().list("db/")) {
      if (!name.ends_with(suffix)) continue;
      EXPECT_THAT(found, IsEmpty()) << "also " << name;
      found = name;
    }
    return found;
  }

  StoreMachine west_;
};

// ---- what it does -------------------------------------------------------------------------------

TEST_F(LevelKvStoreTest, GetsWhatWasPut) {
  ASSERT_TRUE(west_.put("a", "1"));
  EXPECT_THAT(get("a"), Optional(std::string("1")));
  EXPECT_EQ(get("b"), std::nullopt);
  EXPECT_EQ(get(""), std::nullopt);
}

TEST_F(LevelKvStoreTest, KeysAndValuesAreAnyBytes) {
  const std::string key("k\0\xff", 3);
  const std::string value("\0\n\xfe", 3);
  ASSERT_TRUE(west_.put(key, value));
  ASSERT_TRUE(west_.put("empty", ""));
  EXPECT_THAT(get(key), Optional(value));
  EXPECT_THAT(get("empty"), Optional(std::string()));
}

TEST_F(LevelKvStoreTest, ABatchTakesEffectInItsOrder) {
  ASSERT_TRUE(west_.put("gone", "x"));
  WriteBatch more;
  more.erase("erased then put");
  more.put("erased then put", "2");
  WriteBatch batch;
  batch.put("put then erased", "1");
  batch.erase("put then erased");
  batch.erase("gone");
  batch.erase("never there");
  batch.append(more);
  ASSERT_TRUE(west_.write(batch, Sync::Yes));
  EXPECT_THAT(keys(""), ElementsAre("erased then put"));
}

TEST_F(LevelKvStoreTest, ScansAPrefixInByteOrder) {
  for (const auto* key : {"s/b", "s/a", "s", "s/aa", "t/x", "s/\xff", "r"}) {
    ASSERT_TRUE(west_.put(key, key));
  }
  EXPECT_THAT(keys("s/"), ElementsAre("s/a", "s/aa", "s/b", "s/\xff"));
  EXPECT_THAT(keys("s/", 2), ElementsAre("s/a", "s/aa"));
  EXPECT_THAT(keys("u"), ElementsAre());
  EXPECT_EQ(keys("").size(), 7);
}

TEST_F(LevelKvStoreTest, AVisitorMayRead) {
  ASSERT_TRUE(west_.put("a", "1"));
  ASSERT_TRUE(west_.put("b", "2"));
  std::string seen;
  EXPECT_TRUE(west_.store()->scan("", [&](std::string_view key, std::string_view) {
    seen += get(key).value_or("?");
    return true;
  }));
  EXPECT_EQ(seen, "12");
}

TEST_F(LevelKvStoreTest, ManyTablesReadLikeOneMap) {
  write_a_lot();
  west_.check_reads();
  west_.close();
  ASSERT_TRUE(west_.open());
  EXPECT_EQ(west_.complaint(), "");
  EXPECT_THAT(get("bulk/7"), Optional(std::string(3'000, 'b')));
}

TEST_F(LevelKvStoreTest, ABatchMayBeLargerThanTheWriteBuffer) {
  WriteBatch batch;
  for (int i = 0; i < 30; ++i) batch.put(std::to_string(i), std::string(70'000, 'v'));
  ASSERT_TRUE(west_.write(batch, Sync::Yes));
  ASSERT_TRUE(west_.write(batch, Sync::Yes));
  west_.crash(v1::LOSE_ALL);
  ASSERT_TRUE(west_.open());
  EXPECT_EQ(west_.complaint(), "");
  EXPECT_EQ(west_.accepted().size(), 30);
}

TEST_F(LevelKvStoreTest, DirectoriesAreDatabasesOfTheirOwn) {
  auto other = LevelKvStore::open(west_.env(), {.directory = "other"});
  ASSERT_TRUE(other.has_value());
  ASSERT_TRUE(west_.put("a", "1"));
  EXPECT_EQ(other.value()->get("a").value(), std::nullopt);
}

TEST_F(LevelKvStoreTest, ADirectoryIsOpenOnce) {
  const auto second = LevelKvStore::open(west_.env());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().message, "IO error: lock db/LOCK: already held by process");
  EXPECT_TRUE(west_.put("a", "1")) << "the first is not disturbed";
}

TEST_F(LevelKvStoreTest, ClosingOneStoreTakesNoSafeguardFromAnother) {
  EXPECT_FALSE(LevelKvStore::open(west_.env()).has_value());
  EXPECT_TRUE(LevelKvStore::open(west_.env(), {.directory = "other"}).has_value());
  const std::string left = only_file(".log");
  std::vector<std::string> synced;
  west_.disk().set_sync_observer([&](auto file, auto, auto, auto) { synced.emplace_back(file); });
  // Four fill the write buffer; the fifth finds it full.
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(west_.put(std::to_string(i), std::string(20'000, 'v'), Sync::No));
  }
  EXPECT_NE(only_file(".log"), left);
  EXPECT_THAT(synced, Contains(left));
}

// ---- durability ---------------------------------------------------------------------------------

TEST_F(LevelKvStoreTest, SyncedBatchesSurviveUnsyncedOnesMayNot) {
  ASSERT_TRUE(west_.put("synced", "1"));
  ASSERT_TRUE(west_.put("unsynced", "2", Sync::No));
  west_.crash(v1::LOSE_ALL);
  ASSERT_TRUE(west_.open());
  EXPECT_THAT(keys(""), ElementsAre("synced"));
}

TEST_F(LevelKvStoreTest, AProcessCrashLosesNothingAndWhatWasReadThenStays) {
  ASSERT_TRUE(west_.put("unsynced", "2", Sync::No));
  west_.crash(v1::KEEP_ALL);
  ASSERT_TRUE(west_.open());
  EXPECT_THAT(keys(""), ElementsAre("unsynced"));
  west_.crash(v1::LOSE_ALL);
  ASSERT_TRUE(west_.open());
  EXPECT_THAT(keys(""), ElementsAre("unsynced"));
}

TEST_F(LevelKvStoreTest, AnEmptySyncedBatchMakesEarlierOnesDurable) {
  ASSERT_TRUE(west_.put("a", "1", Sync::No));
  ASSERT_TRUE(west_.write({}, Sync::Yes));
  EXPECT_EQ(west_.disk().unsynced_bytes(), 0);
  west_.crash(v1::LOSE_ALL);
  ASSERT_TRUE(west_.open());
  EXPECT_THAT(keys(""), ElementsAre("a"));
}

TEST_F(LevelKvStoreTest, ClosingSyncsNothing) {
  ASSERT_TRUE(west_.put("a", "1", Sync::No));
  west_.close();
  EXPECT_GT(west_.disk().unsynced_bytes(), 0);
}

TEST_F(LevelKvStoreTest, EveryTornLengthIsRecoveredAndWrittenBehind) {
  ASSERT_TRUE(west_.put("kept", std::string(40, 'k')));
  const engine::DiskImage before = west_.disk().image();
  const std::string log = only_file(".log");
  const uint64_t synced = west_.disk().size(log).value();
  ASSERT_TRUE(west_.put("torn", std::string(100, 't')));
  const std::string whole = west_.disk().contents(log).value();
  west_.close();
  for (std::size_t size = synced; size < whole.size(); ++size) {
    engine::Disk disk("torn", engine::RandomStream());
    disk.load_image(before);
    auto file = disk.open(log).value();
    ASSERT_TRUE(file.append(whole.substr(synced, size - synced)));
    ASSERT_TRUE(file.sync());
    engine::DiskEnv env(disk, [] { return uint64_t{0}; });
    // LevelDB with reuse_logs alone loses "after", or all, at the second opening.
    for (const auto* key : {"after", "after that"}) {
      auto store = LevelKvStore::open(env);
      ASSERT_TRUE(store.has_value()) << size << ": " << store.error().message;
      WriteBatch batch;
      batch.put(key, "x");
      ASSERT_TRUE(store.value()->write(batch, true));
    }
    auto store = LevelKvStore::open(env);
    ASSERT_TRUE(store.has_value()) << size << ": " << store.error().message;
    EXPECT_EQ(store.value()->get("torn").value(), std::nullopt);
    for (const auto* key : {"kept", "after", "after that"}) {
      EXPECT_NE(store.value()->get(key).value(), std::nullopt) << key << " at " << size;
    }
  }
}

TEST_F(LevelKvStoreTest, ALyingSyncIsOutsideThePromiseButStillNoWrongValue) {
  ASSERT_TRUE(west_.put("a", "1"));
  west_.disk().faults().lying_sync = true;
  ASSERT_TRUE(west_.put("a", "2"));
  west_.crash(v1::LOSE_ALL);
  west_.disk().faults() = {};
  auto reopened = LevelKvStore::open(west_.env());
  ASSERT_TRUE(reopened.has_value());
  EXPECT_EQ(reopened.value()->get("a").value(), "1");
}

// ---- failures -----------------------------------------------------------------------------------

TEST_F(LevelKvStoreTest, AFailedSyncLeavesTheOutcomeOpenAndTheStoreClosed) {
  ASSERT_TRUE(west_.put("a", "1"));
  west_.disk().faults().fail_syncs = true;
  EXPECT_FALSE(west_.put("a", "2"));
  EXPECT_THAT(west_.error(), HasSubstr("IO error: db/"));
  EXPECT_THAT(west_.error(), HasSubstr("Input/output error"));
  EXPECT_FALSE(west_.store()->healthy());
  EXPECT_THAT(get("a"), Optional(std::string("1"))) << "reads go on";

  west_.disk().faults() = {};
  EXPECT_FALSE(west_.put("a", "3")) << "also after the fault";
  EXPECT_THAT(west_.error(), HasSubstr("closed after an earlier failure: IO error"));
  // The record was written, so that this time it is found.
  ASSERT_TRUE(west_.open());
  EXPECT_TRUE(west_.store()->healthy());
  EXPECT_THAT(get("a"), Optional(std::string("2")));
}

TEST_F(LevelKvStoreTest, AFailedOrRefusedWriteClosesTheStore) {
  for (const auto& [faults, text] : {
           std::pair{engine::DiskFaults{.fail_writes = true}, "Input/output error"     },
           std::pair{engine::DiskFaults{.full = true},        "No space left on device"}
  }) {
    ASSERT_TRUE(west_.put("a", "1"));
    west_.disk().faults() = faults;
    EXPECT_FALSE(west_.put("a", "2", Sync::No));
    EXPECT_THAT(west_.error(), HasSubstr(text));
    EXPECT_FALSE(west_.store()->healthy());
    west_.disk().faults() = {};
    ASSERT_TRUE(west_.open());
    EXPECT_THAT(get("a"), Optional(std::string("1")));
  }
}

TEST_F(LevelKvStoreTest, AFailedReadIsAnErrorAndPasses) {
  write_a_lot();
  west_.close();
  ASSERT_TRUE(west_.open());
  west_.disk().faults().fail_reads = true;
  const auto value = west_.store()->get("bulk/7");
  ASSERT_FALSE(value.has_value());
  EXPECT_THAT(value.error().message, HasSubstr("Input/output error"));
  EXPECT_FALSE(west_.store()->scan("", [](auto, auto) { return true; }));
  west_.disk().faults() = {};
  EXPECT_THAT(get("bulk/7"), Optional(std::string(3'000, 'b')));
  EXPECT_TRUE(west_.store()->healthy());
}

TEST_F(LevelKvStoreTest, OpeningOnAFailingDiskIsAnErrorAndCanBeRepeated) {
  write_a_lot();
  ASSERT_TRUE(west_.put("unsynced", "1", Sync::No));
  west_.close();
  for (const auto& faults :
       {engine::DiskFaults{.fail_reads = true}, engine::DiskFaults{.fail_syncs = true}}) {
    west_.disk().faults() = faults;
    EXPECT_FALSE(west_.open());
    EXPECT_THAT(west_.error(), HasSubstr("Input/output error"));
  }
  west_.disk().faults() = {};
  EXPECT_TRUE(west_.open());
  EXPECT_EQ(west_.complaint(), "");
}

TEST_F(LevelKvStoreTest, TablesWithoutCurrentAreNotReplacedByANewDatabase) {
  write_a_lot();
  west_.close();
  ASSERT_TRUE(west_.disk().remove("db/CURRENT"));
  EXPECT_FALSE(west_.open());
  EXPECT_EQ(west_.error(), "Corruption: db/CURRENT: is missing, but there are tables");
}

// ---- bit rot ------------------------------------------------------------------------------------

// Flips every bit of every file in turn, and reads all keys.
void every_flipped_bit_is_harmless_or_an_error(StoreMachine& machine, std::size_t stride) {
  machine.close();
  const engine::DiskImage image = machine.disk().image();
  std::size_t harmless = 0;
  std::size_t errors = 0;
  std::size_t number = 0;
  for (const std::string& name : machine.disk().list()) {
    const uint64_t bits = machine.disk().size(name).value() * 8;
    for (uint64_t bit = number++ % stride; bit < bits; bit += stride) {
      engine::Disk disk("rotten", engine::RandomStream());
      disk.load_image(image);
      ASSERT_TRUE(disk.flip_bit(name, bit / 8, static_cast<unsigned>(bit % 8)));
      engine::DiskEnv env(disk, [] { return uint64_t{0}; });
      auto store = LevelKvStore::open(env);
      StoreMachine::Contents found;
      const auto scanned = !store ? StoreStatus(tl::unexpected(store.error()))
                                  : store.value()->scan("", [&](auto key, auto value) {
                                      found.emplace(key, value);
                                      return true;
                                    });
      scanned ? ++harmless : ++errors;
      if (scanned) {
        ASSERT_EQ(found, machine.accepted()) << "bit " << bit << " of " << name;
      }
      for (const auto& [key, value] : machine.accepted()) {
        if (!store) break;
        const auto got = store.value()->get(key);
        ASSERT_TRUE(!got || *got == value) << "bit " << bit << " of " << name;
      }
    }
  }
  EXPECT_GT(errors, harmless);
}

TEST(LevelKvStoreBitRotTest, InALogIsAnError) {
  StoreMachine machine;
  ASSERT_TRUE(machine.open());
  for (const auto* key : {"a", "b", "c"}) ASSERT_TRUE(machine.put(key, std::string(20, 'v')));
  every_flipped_bit_is_harmless_or_an_error(machine, 1);
}

TEST(LevelKvStoreBitRotTest, InATableIsAnError) {
  StoreMachine machine;
  ASSERT_TRUE(machine.open());
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(machine.put("key" + std::to_string(i), std::string(5'000, 'v')));
  }
  ASSERT_GT(machine.disk().list("db/").size(), 3) << "the test should have flushed";
  every_flipped_bit_is_harmless_or_an_error(machine, 1'009);
}

// ---- cost and sameness --------------------------------------------------------------------------

TEST(LevelKvStoreImageTest, OpensFromAnEmptyDatabaseWithoutWriting) {
  const engine::DiskImage image = make_empty_database_image();
  StoreMachine machine;
  machine.disk().load_image(image);
  ASSERT_TRUE(machine.open());
  EXPECT_EQ(machine.disk().operations(), 0);
  EXPECT_TRUE(machine.accepted().empty());
  ASSERT_TRUE(machine.put("a", "1"));
  machine.crash(v1::LOSE_ALL);
  ASSERT_TRUE(machine.open());
  EXPECT_EQ(machine.complaint(), "");

  StoreMachine second;
  second.disk().load_image(image);
  ASSERT_TRUE(second.open());
  EXPECT_TRUE(second.accepted().empty());
}

TEST(LevelKvStoreImageTest, IsAlwaysTheSame) {
  const auto digest = [] {
    engine::Disk disk("x", engine::RandomStream());
    disk.load_image(make_empty_database_image());
    engine::HashChain chain;
    disk.scan([&](std::string_view name, std::string_view bytes) {
      chain.add(name);
      chain.add(bytes);
    });
    EXPECT_EQ(disk.unsynced_bytes(), 0);
    return chain.value().to_hex();
  };
  EXPECT_EQ(digest(), digest());
}

TEST_F(LevelKvStoreTest, ASyncedPutSyncsOnce) {
  int syncs = 0;
  west_.disk().set_sync_observer([&](auto, auto, auto, auto) { ++syncs; });
  ASSERT_TRUE(west_.put("a", std::string(200, 'v')));
  EXPECT_EQ(syncs, 1);
  ASSERT_TRUE(west_.put("b", std::string(200, 'v'), Sync::No));
  EXPECT_EQ(syncs, 1);
}

}  // namespace
}  // namespace faultline::regions
