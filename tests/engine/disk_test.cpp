#include "engine/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/hash.h"
#include "engine/keyed_random.h"
#include "proto/fault.pb.h"

namespace faultline::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::Optional;

class DiskTest : public ::testing::Test {
 protected:
  static RandomStream luck(uint64_t seed = 7) { return KeyedRandom(seed).stream("disk"); }

  // Verbs that expect to succeed.
  DiskFile file(std::string_view name) { return disk_.open(name).value(); }
  void create(std::string_view name) { ASSERT_TRUE(disk_.create(name).has_value()); }
  void write(std::string_view name, std::string_view bytes) {
    if (!disk_.exists(name)) create(name);
    ASSERT_TRUE(file(name).append(bytes).has_value());
  }
  void sync(std::string_view name) { ASSERT_TRUE(file(name).sync().has_value()); }
  void write_synced(std::string_view name, std::string_view bytes) {
    write(name, bytes);
    sync(name);
  }

  Disk disk_{"west", luck()};
};

template <class T>
std::optional<DiskError> error_of(const DiskResult<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

// ---- files --------------------------------------------------------------------------------------

TEST_F(DiskTest, ReadsWhatWasWrittenBeforeAnySync) {
  write("log", "one ");
  write("log", "two");
  EXPECT_EQ(file("log").read(0, 100).value(), "one two");
  EXPECT_EQ(file("log").read(4, 2).value(), "tw");
  EXPECT_EQ(file("log").read(7, 1).value(), "");
  EXPECT_EQ(file("log").read(700, 1).value(), "");
  EXPECT_EQ(disk_.unsynced_bytes(), 7);
}

TEST_F(DiskTest, ListsInByteOrder) {
  for (const auto* name : {"b/2", "b/10", "a", "c", "b"}) write(name, "x");
  EXPECT_THAT(disk_.list(), ElementsAre("a", "b", "b/10", "b/2", "c"));
  EXPECT_THAT(disk_.list("b/"), ElementsAre("b/10", "b/2"));
  EXPECT_EQ(disk_.total_bytes(), 5);
}

TEST_F(DiskTest, ShowsEveryFileToAVisitor) {
  write("b", "22");
  write("a", "1");
  std::vector<std::string> seen;
  disk_.scan([&](std::string_view name, std::string_view bytes) {
    seen.push_back(std::string(name) + "=" + std::string(bytes));
  });
  EXPECT_THAT(seen, ElementsAre("a=1", "b=22"));
}

TEST_F(DiskTest, SaysWhichFileIsMissing) {
  EXPECT_EQ(error_of(disk_.open("x")), DiskError::NotFound);
  EXPECT_EQ(error_of(disk_.remove("x")), DiskError::NotFound);
  EXPECT_EQ(error_of(disk_.rename("x", "y")), DiskError::NotFound);
  EXPECT_EQ(disk_.size("x"), std::nullopt);
  EXPECT_EQ(disk_.contents("x"), std::nullopt);
}

TEST_F(DiskTest, RenamingReplacesAndRemovedFilesLiveOnUnderTheirHandles) {
  write("new", "new");
  write("old", "old");
  const DiskFile replaced = file("old");
  ASSERT_TRUE(disk_.rename("new", "old").has_value());
  EXPECT_THAT(disk_.list(), ElementsAre("old"));
  EXPECT_THAT(disk_.contents("old"), Optional(std::string("new")));
  EXPECT_EQ(replaced.read(0, 9).value(), "old");
  ASSERT_TRUE(disk_.remove("old").has_value());
  EXPECT_EQ(replaced.read(0, 9).value(), "old");
}

TEST_F(DiskTest, RenamingToItselfChangesNothing) {
  write("a", "a");
  ASSERT_TRUE(disk_.rename("a", "a").has_value());
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("a")));
}

TEST_F(DiskTest, SharedBytesStayAsTheyWere) {
  write("a", "old");
  const auto kept = file("a").share().value();
  write("a", " and new");
  EXPECT_TRUE(disk_.flip_bit("a", 0, 0));
  EXPECT_EQ(*kept, "old");
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("nld and new")));
}

// ---- crashes ------------------------------------------------------------------------------------

TEST_F(DiskTest, LoseAllEndsEveryFileAtItsLastSyncedByte) {
  write_synced("a", "kept");
  write("a", " lost");
  write("never synced", "lost");
  const CrashReport report = disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("kept")));
  EXPECT_THAT(disk_.contents("never synced"), Optional(std::string()));
  EXPECT_EQ(report.bytes_lost, 9);
  const std::string expected("a\0 lostnever synced\0lost", 24);
  EXPECT_EQ(report.digest, hash64(expected));
}

TEST_F(DiskTest, UnspecifiedLosesAll) {
  write("a", "lost");
  EXPECT_EQ(disk_.crash(v1::TORN_TAIL_UNSPECIFIED).bytes_lost, 4);
}

TEST_F(DiskTest, KeepAllKeepsBytesYetUnsynced) {
  write("a", "12345");
  const CrashReport report = disk_.crash(v1::KEEP_ALL);
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("12345")));
  EXPECT_EQ(report.bytes_lost, 0);
  EXPECT_EQ(report.digest, 0);
  EXPECT_EQ(disk_.unsynced_bytes(), 5);
  EXPECT_EQ(disk_.crash(v1::LOSE_ALL).bytes_lost, 5);
}

TEST_F(DiskTest, TearCutsAnywhereBetweenSyncedAndWritten) {
  std::set<uint64_t> lengths;
  for (int round = 0; round < 200; ++round) {
    write_synced("a", "ss");
    write("a", "uuuu");
    const CrashReport report = disk_.crash(v1::TEAR);
    const uint64_t length = disk_.size("a").value();
    EXPECT_EQ(report.bytes_lost, 6 - length);
    EXPECT_EQ(disk_.unsynced_bytes(), 0) << "what was torn is on the platter";
    lengths.insert(length);
    ASSERT_TRUE(disk_.remove("a").has_value());
  }
  EXPECT_THAT(lengths, ElementsAre(2, 3, 4, 5, 6)) << "both ends and every place between";
}

TEST_F(DiskTest, TornLengthDependsOnlyOnLuckCrashNumberAndName) {
  const auto torn = [](uint64_t seed, bool with_neighbour) {
    Disk disk("west", luck(seed));
    if (with_neighbour) {
      EXPECT_TRUE(disk.create("a")->append(std::string(500, 'a')));
    }
    EXPECT_TRUE(disk.create("b")->append(std::string(1'000, 'b')));
    disk.crash(v1::TEAR);
    return disk.size("b").value();
  };
  EXPECT_EQ(torn(1, false), torn(1, true));
  EXPECT_NE(torn(1, false), torn(2, false));
}

TEST_F(DiskTest, SyncedBytesSurviveEveryCrash) {
  write_synced("a", "kept");
  for (const auto tail : {v1::LOSE_ALL, v1::TEAR, v1::KEEP_ALL}) {
    write("a", "");
    EXPECT_EQ(disk_.crash(tail).bytes_lost, 0);
    EXPECT_THAT(disk_.contents("a"), Optional(std::string("kept")));
  }
}

TEST_F(DiskTest, HandlesFromBeforeACrashAreOfNoUse) {
  write_synced("a", "kept");
  DiskFile old = file("a");
  disk_.crash(v1::KEEP_ALL);
  EXPECT_EQ(error_of(old.append("x")), DiskError::Io);
  EXPECT_EQ(error_of(old.sync()), DiskError::Io);
  EXPECT_EQ(error_of(old.read(0, 1)), DiskError::Io);
  EXPECT_TRUE(file("a").append("x").has_value());
}

TEST_F(DiskTest, AFrozenDiskTakesNothing) {
  write("a", "a");
  DiskFile open = file("a");
  disk_.freeze();
  EXPECT_EQ(error_of(open.append("b")), DiskError::Io);
  EXPECT_EQ(error_of(open.sync()), DiskError::Io);
  EXPECT_EQ(error_of(disk_.create("b")), DiskError::Io);
  EXPECT_EQ(error_of(disk_.rename("a", "b")), DiskError::Io);
  EXPECT_EQ(error_of(disk_.remove("a")), DiskError::Io);
  EXPECT_EQ(error_of(disk_.sync_directory()), DiskError::Io);
  EXPECT_EQ(open.read(0, 9).value(), "a") << "a dying process may still look";
  disk_.thaw();
  EXPECT_TRUE(open.append("b").has_value());
  EXPECT_EQ(disk_.unsynced_bytes(), 2);
}

// ---- faults -------------------------------------------------------------------------------------

TEST_F(DiskTest, FailedWritesWriteNothing) {
  write("a", "a");
  disk_.faults().fail_writes = true;
  EXPECT_EQ(error_of(file("a").append("b")), DiskError::Io);
  EXPECT_EQ(error_of(disk_.create("b")), DiskError::Io);
  EXPECT_EQ(error_of(disk_.rename("a", "b")), DiskError::Io);
  EXPECT_EQ(error_of(disk_.remove("a")), DiskError::Io);
  EXPECT_TRUE(file("a").sync().has_value());
  EXPECT_EQ(file("a").read(0, 9).value(), "a");
  EXPECT_THAT(disk_.list(), ElementsAre("a"));
  disk_.faults().fail_writes = false;
  EXPECT_TRUE(file("a").append("b").has_value());
}

TEST_F(DiskTest, AFullDiskTakesNoBytesButLetsGo) {
  write("a", "a");
  disk_.faults().full = true;
  EXPECT_EQ(error_of(file("a").append("b")), DiskError::Full);
  EXPECT_EQ(error_of(disk_.create("b")), DiskError::Full);
  EXPECT_TRUE(file("a").sync().has_value());
  EXPECT_TRUE(disk_.rename("a", "c").has_value());
  EXPECT_TRUE(disk_.remove("c").has_value());
}

TEST_F(DiskTest, AFailedSyncLeavesTheBytesToALaterOne) {
  write("a", "abc");
  disk_.faults().fail_syncs = true;
  EXPECT_EQ(error_of(file("a").sync()), DiskError::Io);
  EXPECT_EQ(disk_.unsynced_bytes(), 3);
  disk_.faults().fail_syncs = false;
  sync("a");
  EXPECT_EQ(disk_.crash(v1::LOSE_ALL).bytes_lost, 0);
}

TEST_F(DiskTest, ALyingSyncIsFoundOutByACrash) {
  write("a", "abc");
  disk_.faults().lying_sync = true;
  EXPECT_TRUE(file("a").sync().has_value());
  EXPECT_EQ(disk_.crash(v1::LOSE_ALL).bytes_lost, 3);
}

TEST_F(DiskTest, FailedReadsTouchOnlyReading) {
  write("a", "abc");
  disk_.faults().fail_reads = true;
  EXPECT_EQ(error_of(file("a").read(0, 1)), DiskError::Io);
  EXPECT_EQ(error_of(file("a").share()), DiskError::Io);
  EXPECT_TRUE(file("a").append("d").has_value());
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("abcd"))) << "looking from outside";
}

TEST_F(DiskTest, BitRotChangesOneBitAndNothingElse) {
  write_synced("a", "abc");
  EXPECT_TRUE(disk_.flip_bit("a", 1, 3));
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("ajc")));
  EXPECT_TRUE(disk_.flip_bit("a", 1, 3));
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("abc")));
  EXPECT_FALSE(disk_.flip_bit("a", 3, 0));
  EXPECT_FALSE(disk_.flip_bit("b", 0, 0));
  EXPECT_EQ(disk_.unsynced_bytes(), 0);
}

TEST_F(DiskTest, ASlowSyncCostsMore) {
  EXPECT_EQ(disk_.sync_cost(), Duration::micros(500));
  disk_.faults().slow_sync = Duration::seconds(2);
  disk_.set_base_sync_cost(Duration::millis(1));
  EXPECT_EQ(disk_.sync_cost(), Duration::millis(2'001));
}

// ---- names --------------------------------------------------------------------------------------

class LostRenamesTest : public DiskTest {
 protected:
  LostRenamesTest() { disk_.faults().lose_renames = true; }
};

TEST_F(DiskTest, NamesAreDurableAtOnceUnlessRenamesAreLost) {
  write_synced("a", "a");
  ASSERT_TRUE(disk_.rename("a", "b").has_value());
  write("c", "");
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre("b", "c"));
}

TEST_F(LostRenamesTest, ACreatedFileIsLostUntilItIsSynced) {
  write("lost", "x");
  write_synced("kept", "x");
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre("kept"));
}

TEST_F(LostRenamesTest, ARenameIsUndone) {
  write_synced("CURRENT", "old");
  write_synced("tmp", "new");
  ASSERT_TRUE(disk_.rename("tmp", "CURRENT").has_value());
  EXPECT_EQ(disk_.unsynced_names(), 2);
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.contents("CURRENT"), Optional(std::string("old")));
  EXPECT_THAT(disk_.contents("tmp"), Optional(std::string("new")));
}

TEST_F(LostRenamesTest, SyncingTheFileKeepsItsRename) {
  write_synced("tmp", "new");
  ASSERT_TRUE(disk_.rename("tmp", "CURRENT").has_value());
  sync("CURRENT");
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre("CURRENT")) << "not under both names";
}

TEST_F(LostRenamesTest, SyncingTheDirectoryKeepsEverything) {
  write_synced("tmp", "new");
  write_synced("gone", "x");
  ASSERT_TRUE(disk_.rename("tmp", "CURRENT").has_value());
  ASSERT_TRUE(disk_.remove("gone").has_value());
  ASSERT_TRUE(disk_.sync_directory().has_value());
  EXPECT_EQ(disk_.unsynced_names(), 0);
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre("CURRENT"));
}

TEST_F(LostRenamesTest, ARemovedFileComesBackWithItsSyncedBytes) {
  write_synced("a", "kept");
  write("a", "lost");
  ASSERT_TRUE(disk_.remove("a").has_value());
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("kept")));
}

TEST_F(LostRenamesTest, ANameUsedTwiceGoesBackToTheLastDurableFile) {
  write_synced("a", "first");
  ASSERT_TRUE(disk_.remove("a").has_value());
  write("a", "second");
  ASSERT_TRUE(disk_.remove("a").has_value());
  write_synced("a", "third");
  ASSERT_TRUE(disk_.remove("a").has_value());
  write("a", "fourth");
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("third")));
}

TEST_F(LostRenamesTest, AProcessCrashLosesNoName) {
  write("a", "x");
  disk_.crash(v1::KEEP_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre("a"));
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre());
}

TEST_F(LostRenamesTest, ALyingDirectorySyncKeepsNothing) {
  write("a", "x");
  disk_.faults().lying_sync = true;
  EXPECT_TRUE(disk_.sync_directory().has_value());
  disk_.crash(v1::LOSE_ALL);
  EXPECT_THAT(disk_.list(), ElementsAre());
}

// ---- failing every point once -------------------------------------------------------------------

TEST_F(DiskTest, FreezesAfterSoManyOperations) {
  disk_.freeze_after(2);
  auto created = disk_.create("a");
  ASSERT_TRUE(created.has_value());
  EXPECT_TRUE(created->append("a").has_value());
  EXPECT_FALSE(disk_.is_frozen());
  EXPECT_EQ(error_of(created->sync()), DiskError::Io);
  EXPECT_TRUE(disk_.is_frozen());
  EXPECT_EQ(disk_.operations(), 2);
  EXPECT_EQ(disk_.crash(v1::LOSE_ALL).bytes_lost, 1);
  disk_.thaw();
  EXPECT_TRUE(file("a").append("a").has_value());
}

TEST_F(DiskTest, FailsOneOperationAndGoesOn) {
  write("a", "");
  disk_.fail_once_after(1);
  EXPECT_TRUE(file("a").append("1").has_value());
  EXPECT_EQ(error_of(file("a").append("2")), DiskError::Io);
  EXPECT_TRUE(file("a").append("3").has_value());
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("13")));
}

// ---- observing ----------------------------------------------------------------------------------

TEST_F(DiskTest, TellsOfEverySyncWithTheBytesSinceTheLast) {
  std::vector<std::tuple<std::string, uint64_t, uint64_t, std::string>> told;
  disk_.set_sync_observer(
      [&](std::string_view name, uint64_t bytes, uint64_t digest, std::string_view outcome) {
        told.emplace_back(name, bytes, digest, outcome);
      });
  write_synced("a", "12");
  write("a", "345");
  disk_.faults().fail_syncs = true;
  EXPECT_FALSE(file("a").sync().has_value());
  disk_.faults() = {.lying_sync = true};
  sync("a");
  disk_.faults() = {};
  sync("a");
  disk_.freeze();
  EXPECT_FALSE(file("a").sync().has_value());
  EXPECT_THAT(told, ElementsAre(FieldsAre("a", 2, hash64("12"), "ok"),
                                FieldsAre("a", 3, hash64("345"), "failed"),
                                FieldsAre("a", 3, hash64("345"), "lied"),
                                FieldsAre("a", 3, hash64("345"), "ok")));
}

// ---- images -------------------------------------------------------------------------------------

TEST_F(DiskTest, AnImageIsAPrivateCopyForEveryDiskThatLoadsIt) {
  write_synced("a", "synced");
  write("a", " and not");
  const DiskImage image = disk_.image();
  write("a", "!");

  Disk first("first", luck());
  Disk second("second", luck());
  first.load_image(image);
  second.load_image(image);
  ASSERT_TRUE(first.open("a")->append("?").has_value());
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("synced and not!")));
  EXPECT_THAT(first.contents("a"), Optional(std::string("synced and not?")));
  EXPECT_THAT(second.contents("a"), Optional(std::string("synced and not")));
  second.crash(v1::LOSE_ALL);
  EXPECT_THAT(second.contents("a"), Optional(std::string("synced")));
  EXPECT_THAT(first.contents("a"), Optional(std::string("synced and not?")));
  EXPECT_EQ(image.file_count(), 1);
}

TEST_F(DiskTest, LoadingReplacesEveryFile) {
  write("a", "x");
  disk_.load_image(DiskImage());
  EXPECT_THAT(disk_.list(), ElementsAre());
  EXPECT_EQ(disk_.unsynced_names(), 0);
}

TEST(DiskErrorTest, SpeaksLikeLinux) {
  EXPECT_EQ(describe(DiskError::NotFound), "No such file or directory");
  EXPECT_EQ(describe(DiskError::Io), "Input/output error");
  EXPECT_EQ(describe(DiskError::Full), "No space left on device");
}

}  // namespace
}  // namespace faultline::engine
