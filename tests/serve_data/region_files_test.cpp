#include "tools/serve/region_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/disk.h"
#include "engine/keyed_random.h"
#include "proto/fault.pb.h"
#include "tests/serve_data/served_directory.h"

namespace faultline::tools {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

engine::DiskResult<void> nothing_before() { return {}; }

void put(const std::string& directory, const std::string& log) {
  fs::create_directory(directory);
  ASSERT_TRUE(replace_file(directory, "CURRENT", "MANIFEST-1\n").has_value());
  ASSERT_TRUE(replace_file(directory, "1.log", log).has_value());
}

class RegionFilesTest : public ::testing::Test {
 protected:
  RegionFilesTest() { fs::create_directory(parent_.path()); }
  [[nodiscard]] std::string log() const {
    return RegionFiles::read(directory_).value().at("db/1.log");
  }
  [[nodiscard]] std::vector<std::string> left() const {
    return list_directory(parent_.path()).value();
  }

  TemporaryDirectory parent_;
  const std::string directory_ = parent_.path() + "/us-west-2";
};

// What a death at each point of a replacement leaves.
TEST_F(RegionFilesTest, BeforeTheNewDirectoryIsWholeTheOldOneCounts) {
  put(directory_, "old");
  fs::create_directory(directory_ + ".new");
  ASSERT_TRUE(RegionFiles::recover(directory_).has_value());
  EXPECT_EQ(log(), "old");
  EXPECT_EQ(left(), std::vector<std::string>{"us-west-2"});
}

TEST_F(RegionFilesTest, BetweenTheRenamesTheNewOneCounts) {
  put(directory_ + ".old", "old");
  put(directory_ + ".new", "new");
  ASSERT_TRUE(RegionFiles::recover(directory_).has_value());
  EXPECT_EQ(log(), "new");
  EXPECT_EQ(left(), std::vector<std::string>{"us-west-2"});
}

TEST_F(RegionFilesTest, AfterTheRenamesTheNewOneCounts) {
  put(directory_ + ".old", "old");
  put(directory_, "new");
  ASSERT_TRUE(RegionFiles::recover(directory_).has_value());
  EXPECT_EQ(log(), "new");
  EXPECT_EQ(left(), std::vector<std::string>{"us-west-2"});
}

TEST_F(RegionFilesTest, AFirstDirectoryThatWasNotWholeIsNone) {
  fs::create_directory(directory_ + ".new");
  ASSERT_TRUE(RegionFiles::recover(directory_).has_value());
  EXPECT_TRUE(left().empty());
}

TEST_F(RegionFilesTest, WhatIsToBeDoneBeforeStoringIsDoneBeforeAndItsErrorIsTheStores) {
  put(directory_, "one");
  std::string seen;
  bool fails = false;
  RegionFiles files(directory_, [&]() -> engine::DiskResult<void> {
    seen = log();
    if (fails) return tl::unexpected(engine::DiskError::Full);
    return {};
  });
  ASSERT_TRUE(files.store("db/1.log", "one two", 3).has_value());
  EXPECT_EQ(seen, "one");
  fails = true;
  EXPECT_EQ(files.store("db/1.log", "one two three", 7).error(), engine::DiskError::Full);
  EXPECT_EQ(log(), "one two");
}

TEST_F(RegionFilesTest, WhoHasLostTheDirectoryWritesNothing) {
  put(directory_, "one");
  RegionFiles files(directory_, nothing_before);
  files.retire();
  EXPECT_FALSE(files.store("db/1.log", "two", 0).has_value());
  EXPECT_FALSE(files.create("db/2.log").has_value());
  EXPECT_FALSE(files.rename("db/1.log", "db/2.log").has_value());
  EXPECT_FALSE(files.remove("db/1.log").has_value());
  EXPECT_FALSE(files.replace({}).has_value());
  EXPECT_EQ(log(), "one");
}

TEST_F(RegionFilesTest, ADirectoryThatIsGoneIsAnError) {
  RegionFiles files(directory_, nothing_before);
  EXPECT_EQ(files.store("db/1.log", "one", 0).error(), engine::DiskError::Io);
  EXPECT_EQ(files.create("db/1.log").error(), engine::DiskError::Io);
}

// The real files follow a disk through operations and crashes.
RC_GTEST_FIXTURE_PROP(RegionFilesTest, TheFilesAreWhatACrashWouldLeave, ()) {
  fs::remove_all(directory_);
  RegionFiles files(directory_, nothing_before);
  engine::Disk disk("west", engine::KeyedRandom(7).stream("disk"));
  disk.set_backing(&files, false);
  const auto name = [] { return "db/" + std::to_string(*rc::gen::inRange(1, 4)) + ".log"; };
  ASSERT_TRUE(disk.create("db/1.log")->append("first").has_value());
  ASSERT_TRUE(disk.open("db/1.log")->sync().has_value());
  const int operations = *rc::gen::inRange(1, 30);
  for (int i = 0; i < operations; ++i) {
    auto file = disk.open(name());
    switch (*rc::gen::inRange(0, 9)) {
      case 0:
        static_cast<void>(disk.create(name()));
        break;
      case 1:
        static_cast<void>(disk.rename(name(), name()));
        break;
      case 2:
        static_cast<void>(disk.remove(name()));
        break;
      case 3:
        disk.crash(*rc::gen::element(v1::LOSE_ALL, v1::TEAR));
        disk.thaw();
        break;
      case 4:
      case 5:
        if (file) RC_ASSERT(file->sync().has_value());
        break;
      default:
        if (file) RC_ASSERT(file->append("<" + std::to_string(i) + ">").has_value());
    }
    Files durable;
    for (const std::string& each : disk.list()) {
      durable[each] =
          disk.contents(each)->substr(0, *disk.size(each) - disk.open(each)->unsynced_bytes());
    }
    RC_ASSERT(RegionFiles::read(directory_).value() == durable);
  }
}

}  // namespace
}  // namespace faultline::tools
