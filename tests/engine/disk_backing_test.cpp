#include "engine/disk_backing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/disk.h"
#include "engine/keyed_random.h"
#include "proto/fault.pb.h"

namespace faultline::engine {
namespace {

using Files = std::map<std::string, std::string>;

// A backing in memory, which can be told to fail. It does what it is told and nothing more: what it
// should have been told is what the tests are about.
class Mirror final : public DiskBacking {
 public:
  DiskResult<void> replace(const std::vector<File>& files) override {
    FL_TRY_VOID(attempt());
    ++replaced;
    held.clear();
    for (const File& file : files) held.emplace(file.name, file.bytes);
    return {};
  }
  DiskResult<void> store(std::string_view name, std::string_view bytes, uint64_t known) override {
    FL_TRY_VOID(attempt());
    ++stored;
    std::string& file = held.at(std::string(name));
    // What was known stays untouched, as in a real file.
    file = file.substr(0, known) + std::string(bytes.substr(known));
    return {};
  }
  DiskResult<void> create(std::string_view name) override {
    FL_TRY_VOID(attempt());
    held[std::string(name)].clear();
    return {};
  }
  DiskResult<void> rename(std::string_view from, std::string_view to) override {
    FL_TRY_VOID(attempt());
    auto file = held.extract(std::string(from));
    held.insert_or_assign(std::string(to), file.mapped());
    return {};
  }
  DiskResult<void> remove(std::string_view name) override {
    FL_TRY_VOID(attempt());
    held.erase(std::string(name));
    return {};
  }
  DiskResult<void> sync_names() override { return attempt(); }

  Files held;
  int replaced = 0;
  int stored = 0;
  std::optional<DiskError> fails;

 private:
  [[nodiscard]] DiskResult<void> attempt() const {
    if (fails) return tl::unexpected(*fails);
    return {};
  }
};

Disk new_disk() { return {"west", KeyedRandom(7).stream("disk")}; }

// What a crash with LOSE_ALL would leave, without damage that can be put right.
Files durable(const Disk& disk) {
  Disk copy = new_disk();
  copy.load_image(disk.image());
  copy.crash(v1::LOSE_ALL);
  Files files;
  for (const std::string& name : copy.list()) files[name] = *copy.contents(name);
  return files;
}

template <class T>
std::optional<DiskError> error_of(const DiskResult<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

class DiskBackingTest : public ::testing::Test {
 protected:
  DiskBackingTest() { disk_.set_backing(&mirror_, true); }

  DiskFile file(std::string_view name) { return disk_.open(name).value(); }
  void create(std::string_view name) { ASSERT_TRUE(disk_.create(name).has_value()); }
  void write(std::string_view name, std::string_view bytes) {
    if (!disk_.exists(name)) create(name);
    ASSERT_TRUE(file(name).append(bytes).has_value());
  }
  void write_synced(std::string_view name, std::string_view bytes) {
    write(name, bytes);
    ASSERT_TRUE(file(name).sync().has_value());
  }

  Mirror mirror_;
  Disk disk_ = new_disk();
};

TEST_F(DiskBackingTest, HasWhatIsSyncedAndNoMore) {
  write_synced("log", "one ");
  write("log", "two");
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "one "}
  }));
  ASSERT_TRUE(file("log").sync().has_value());
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "one two"}
  }));
}

TEST_F(DiskBackingTest, ALyingSyncStoresNothingAndTheNextHonestOneAll) {
  write("log", "one ");
  disk_.faults().lying_sync = true;
  ASSERT_TRUE(file("log").sync().has_value());
  EXPECT_EQ(mirror_.stored, 0);
  disk_.faults().lying_sync = false;
  write_synced("log", "two");
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "one two"}
  }));
}

TEST_F(DiskBackingTest, AnErrorIsTheOperationsAndChangesNothing) {
  write_synced("log", "one ");
  write("log", "two");
  const auto fails = [&](DiskError error, const std::function<DiskResult<void>()>& operation) {
    mirror_.fails = error;
    EXPECT_EQ(error_of(operation()), error);
    mirror_.fails.reset();
    EXPECT_TRUE(disk_.bring_backing_in_step().has_value());
    EXPECT_EQ(disk_.list(), std::vector<std::string>{"log"});
    EXPECT_EQ(file("log").unsynced_bytes(), 3);
    EXPECT_EQ(mirror_.held, (Files{
                                {"log", "one "}
    }));
  };
  for (const DiskError error : {DiskError::Io, DiskError::Full}) {
    fails(error, [&] { return file("log").sync(); });
    fails(error, [&] { return disk_.create("other").map([](const DiskFile&) {}); });
    fails(error, [&] { return disk_.create("log").map([](const DiskFile&) {}); });
    fails(error, [&] { return disk_.rename("log", "other"); });
    fails(error, [&] { return disk_.remove("log"); });
    fails(error, [&] { return disk_.sync_directory(); });
  }
  ASSERT_TRUE(file("log").sync().has_value());
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "one two"}
  }));
}

TEST_F(DiskBackingTest, ASyncObserverHearsThatTheRealDiskFailed) {
  std::vector<std::string> outcomes;
  disk_.set_sync_observer([&](std::string_view, uint64_t, uint64_t, std::string_view outcome) {
    outcomes.emplace_back(outcome);
  });
  write("log", "one");
  mirror_.fails = DiskError::Io;
  EXPECT_FALSE(file("log").sync().has_value());
  mirror_.fails.reset();
  EXPECT_TRUE(file("log").sync().has_value());
  EXPECT_EQ(outcomes, (std::vector<std::string>{"failed", "ok"}));
}

TEST_F(DiskBackingTest, ARegionThatNobodyUsedCostsNothingUntilItsFirstCommit) {
  Disk disk = new_disk();
  ASSERT_TRUE(disk.create("CURRENT").value().append("MANIFEST").has_value());
  ASSERT_TRUE(disk.open("CURRENT").value().sync().has_value());
  Mirror mirror;
  disk.set_backing(&mirror, false);
  ASSERT_TRUE(disk.open("CURRENT").value().sync().has_value());
  ASSERT_TRUE(disk.create("log").has_value());
  ASSERT_TRUE(disk.sync_directory().has_value());
  EXPECT_TRUE(mirror.held.empty());
  EXPECT_EQ(mirror.replaced, 0);
  ASSERT_TRUE(disk.open("log").value().append("batch").has_value());
  ASSERT_TRUE(disk.open("log").value().sync().has_value());
  EXPECT_EQ(mirror.held, (Files{
                             {"CURRENT", "MANIFEST"},
                             {"log",     "batch"   }
  }));
  EXPECT_EQ(mirror.replaced, 1);
}

TEST_F(DiskBackingTest, WhatIsWrittenToAFileWithoutANameIsNotMirrored) {
  write_synced("log", "one");
  DiskFile removed = file("log");
  ASSERT_TRUE(disk_.remove("log").has_value());
  ASSERT_TRUE(removed.append("two").has_value());
  ASSERT_TRUE(removed.sync().has_value());
  EXPECT_TRUE(mirror_.held.empty());
}

TEST_F(DiskBackingTest, DamageThatCanBePutRightIsNotStored) {
  write_synced("log", "one ");
  disk_.rot(1, 3);
  disk_.misdirect(2, 1);
  write_synced("log", "two ");
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "one two "}
  }));
  EXPECT_NE(disk_.contents("log"), "one two ");
  disk_.repair(1);
  disk_.repair(2);
  write_synced("log", "three");
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "one two three"}
  }));
}

TEST_F(DiskBackingTest, AFlippedBitIsOnTheRealDiskToo) {
  write_synced("log", "a");
  ASSERT_TRUE(disk_.flip_bit("log", 0, 0));
  EXPECT_EQ(mirror_.held, (Files{
                              {"log", "`"}
  }));
}

TEST_F(DiskBackingTest, AReplacedDiskReplacesTheFiles) {
  write_synced("log", "one");
  Disk other = new_disk();
  ASSERT_TRUE(other.create("new").value().append("two").has_value());
  ASSERT_TRUE(other.open("new").value().sync().has_value());
  disk_.load_image(other.image());
  EXPECT_EQ(mirror_.held, (Files{
                              {"new", "two"}
  }));
  disk_.load_image(DiskImage());
  EXPECT_TRUE(mirror_.held.empty());
}

TEST_F(DiskBackingTest, AnImageOfForeignFilesIsSynced) {
  disk_.load_image(DiskImage::holding({
      {"b", "two"},
      {"a", "one"}
  }));
  EXPECT_EQ(disk_.unsynced_bytes(), 0);
  EXPECT_EQ(mirror_.held, (Files{
                              {"a", "one"},
                              {"b", "two"}
  }));
}

// ---- any sequence -------------------------------------------------------------------------------

// A file name out of a few, so that operations meet each other.
std::string some_name() { return "f" + std::to_string(*rc::gen::inRange(0, 4)); }

void change(Disk& disk, uint64_t number) {
  const std::string name = some_name();
  const auto file = disk.open(name);
  switch (*rc::gen::inRange(0, 20)) {
    case 0:
    case 1:
      return static_cast<void>(disk.create(name));
    case 2:
      return static_cast<void>(disk.rename(name, some_name()));
    case 3:
      return static_cast<void>(disk.remove(name));
    case 4:
      return static_cast<void>(disk.sync_directory());
    case 5:
      disk.crash(*rc::gen::element(v1::LOSE_ALL, v1::TEAR, v1::KEEP_ALL));
      return disk.thaw();
    case 6:
      disk.faults().lying_sync = *rc::gen::arbitrary<bool>();
      return;
    case 7:
      disk.faults().lose_renames = *rc::gen::arbitrary<bool>();
      return;
    case 8:
      disk.faults().fail_syncs = *rc::gen::arbitrary<bool>();
      return;
    case 9:
      disk.faults().full = *rc::gen::arbitrary<bool>();
      return;
    case 10:
      return disk.rot(number % 5, 2);
    case 11:
      return disk.misdirect(number % 5, 1);
    case 12:
      return disk.repair(number % 5);
    case 13:
      return disk.load_image(disk.image());
    case 14:
      return disk.freeze_after(2);
    case 15:
      if (file && file->size() > 0) disk.flip_bit(name, number % file->size(), 1);
      return;
    case 16:
    case 17:
      if (file) static_cast<void>(DiskFile(*file).sync());
      return;
    default:
      if (file) static_cast<void>(DiskFile(*file).append("<" + std::to_string(number) + ">"));
      return;
  }
}

RC_GTEST_PROP(DiskBackingProperty, TheMirrorIsWhatACrashWouldLeave, ()) {
  Mirror mirror;
  Disk disk = new_disk();
  disk.set_backing(&mirror, true);
  const int operations = *rc::gen::inRange(1, 80);
  for (int i = 0; i < operations; ++i) {
    change(disk, static_cast<uint64_t>(i));
    RC_ASSERT(mirror.held == durable(disk));
  }
}

// Whatever failed meanwhile: after one sync that answers success everything is as it should be.
RC_GTEST_PROP(DiskBackingProperty, AMirrorThatFailedComesBackInStep, ()) {
  Mirror mirror;
  Disk disk = new_disk();
  disk.set_backing(&mirror, true);
  const int operations = *rc::gen::inRange(1, 80);
  for (int i = 0; i < operations; ++i) {
    if (*rc::gen::inRange(0, 4) == 0) mirror.fails = DiskError::Io;
    change(disk, static_cast<uint64_t>(i));
    mirror.fails.reset();
  }
  disk.thaw();
  disk.faults() = {};
  auto file = disk.create("last");
  RC_ASSERT(file.has_value());
  RC_ASSERT(file->append("bytes").has_value());
  RC_ASSERT(file->sync().has_value());
  RC_ASSERT(mirror.held == durable(disk));
}

}  // namespace
}  // namespace faultline::engine
