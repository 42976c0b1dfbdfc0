#include "engine/disk_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/options.h>
#include <leveldb/slice.h>
#include <leveldb/status.h>
#include <leveldb/write_batch.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "engine/hash.h"
#include "engine/keyed_random.h"
#include "proto/fault.pb.h"

namespace faultline::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

// Unwraps LevelDB's owning out-parameters.
template <class File>
using Opener = leveldb::Status (leveldb::Env::*)(const std::string&, File**);

class DiskEnvTest : public ::testing::Test {
 protected:
  template <class File>
  std::unique_ptr<File> open(Opener<File> opener, const std::string& name) {
    File* file = nullptr;
    status_ = (env_.env()->*opener)(name, &file);
    EXPECT_EQ(file != nullptr, status_.ok());
    return std::unique_ptr<File>(file);
  }
  auto create(const std::string& name) { return open(&leveldb::Env::NewWritableFile, name); }
  auto append_to(const std::string& name) { return open(&leveldb::Env::NewAppendableFile, name); }
  auto read(const std::string& name) { return open(&leveldb::Env::NewSequentialFile, name); }
  auto read_anywhere(const std::string& name) {
    return open(&leveldb::Env::NewRandomAccessFile, name);
  }

  std::unique_ptr<leveldb::DB> open_database() {
    leveldb::Options options;
    options.env = env_.env();
    options.create_if_missing = true;
    options.write_buffer_size = 64 * 1024;
    options.compression = leveldb::kNoCompression;
    leveldb::DB* database = nullptr;
    status_ = leveldb::DB::Open(options, "db", &database);
    env_.drain();
    return std::unique_ptr<leveldb::DB>(database);
  }

  Disk disk_{"west", KeyedRandom(1).stream("disk")};
  DiskEnv env_{disk_, [] { return uint64_t{42}; }};
  leveldb::Status status_;
};

// ---- files --------------------------------------------------------------------------------------

TEST_F(DiskEnvTest, ReadsSequentiallyWithSkips) {
  ASSERT_TRUE(create("a")->Append("0123456789").ok());
  const auto file = read("a");
  char scratch[8];
  leveldb::Slice bytes;
  ASSERT_TRUE(file->Read(3, &bytes, scratch).ok());
  EXPECT_EQ(bytes.ToString(), "012");
  ASSERT_TRUE(file->Skip(4).ok());
  ASSERT_TRUE(file->Read(8, &bytes, scratch).ok());
  EXPECT_EQ(bytes.ToString(), "789");
  ASSERT_TRUE(file->Skip(100).ok());
  ASSERT_TRUE(file->Read(8, &bytes, scratch).ok());
  EXPECT_EQ(bytes.ToString(), "");
}

TEST_F(DiskEnvTest, RandomReadsCopyNothingAndKeepTheirBytes) {
  ASSERT_TRUE(create("a")->Append("0123456789").ok());
  const auto file = read_anywhere("a");
  leveldb::Slice early;
  ASSERT_TRUE(file->Read(2, 3, &early, nullptr).ok());
  EXPECT_EQ(early.ToString(), "234");
  // The file changes, and then goes, under its readers.
  ASSERT_TRUE(disk_.flip_bit("a", 2, 0));
  ASSERT_TRUE(append_to("a")->Append(std::string(100'000, 'x')).ok());
  ASSERT_TRUE(env_.env()->RemoveFile("a").ok());
  leveldb::Slice late;
  ASSERT_TRUE(file->Read(2, 3, &late, nullptr).ok());
  EXPECT_EQ(early.ToString(), "234");
  EXPECT_EQ(late.ToString(), "334");
  ASSERT_TRUE(file->Read(200'000, 3, &late, nullptr).ok());
  EXPECT_EQ(late.ToString(), "");
}

TEST_F(DiskEnvTest, NewFilesReplaceAndAppendableFilesGoOn) {
  ASSERT_TRUE(create("a")->Append("one").ok());
  ASSERT_TRUE(append_to("a")->Append("two").ok());
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("onetwo")));
  ASSERT_TRUE(create("a")->Append("three").ok());
  EXPECT_THAT(disk_.contents("a"), Optional(std::string("three")));
  ASSERT_TRUE(append_to("b")->Append("new").ok());
  EXPECT_THAT(disk_.contents("b"), Optional(std::string("new")));
}

TEST_F(DiskEnvTest, SyncsOnlyWhatItIsAskedTo) {
  const auto file = create("a");
  ASSERT_TRUE(file->Append("ab").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("cd").ok());
  ASSERT_TRUE(file->Flush().ok());
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(disk_.unsynced_bytes(), 2);
}

TEST_F(DiskEnvTest, SyncingAManifestSyncsTheDirectoryFirst) {
  const auto table = create("db/000005.ldb");
  const auto manifest = create("db/MANIFEST-000004");
  EXPECT_EQ(disk_.unsynced_names(), 2);
  ASSERT_TRUE(manifest->Sync().ok());
  EXPECT_EQ(disk_.unsynced_names(), 0);
}

TEST_F(DiskEnvTest, NamesAreListedRelativeToTheirDirectory) {
  for (const auto* name : {"db/b", "db/a", "db/sub/c", "dbx", "other/d"}) create(name);
  std::vector<std::string> children{"stale"};
  ASSERT_TRUE(env_.env()->GetChildren("db", &children).ok());
  EXPECT_THAT(children, ElementsAre("a", "b"));
  ASSERT_TRUE(env_.env()->GetChildren("nowhere", &children).ok());
  EXPECT_THAT(children, IsEmpty());
  EXPECT_TRUE(env_.env()->FileExists("db/a"));
  EXPECT_FALSE(env_.env()->FileExists("db"));
}

TEST_F(DiskEnvTest, SizesAndRenames) {
  uint64_t size = 9;
  ASSERT_TRUE(create("a")->Append("abc").ok());
  ASSERT_TRUE(env_.env()->RenameFile("a", "b").ok());
  ASSERT_TRUE(env_.env()->GetFileSize("b", &size).ok());
  EXPECT_EQ(size, 3);
  EXPECT_TRUE(env_.env()->GetFileSize("a", &size).IsNotFound());
}

TEST_F(DiskEnvTest, ALockIsHeldOnce) {
  leveldb::FileLock* lock = nullptr;
  leveldb::FileLock* second = nullptr;
  ASSERT_TRUE(env_.env()->LockFile("db/LOCK", &lock).ok());
  status_ = env_.env()->LockFile("db/LOCK", &second);
  EXPECT_EQ(status_.ToString(), "IO error: lock db/LOCK: already held by process");
  EXPECT_EQ(second, nullptr);
  ASSERT_TRUE(env_.env()->UnlockFile(lock).ok());
  ASSERT_TRUE(env_.env()->LockFile("db/LOCK", &lock).ok());
  ASSERT_TRUE(env_.env()->UnlockFile(lock).ok());
}

// ---- errors -------------------------------------------------------------------------------------

TEST_F(DiskEnvTest, SaysWhatLinuxSays) {
  EXPECT_EQ(read("a"), nullptr);
  EXPECT_EQ(status_.ToString(), "NotFound: a: No such file or directory");
  EXPECT_EQ(read_anywhere("a"), nullptr);
  EXPECT_TRUE(status_.IsNotFound());
  EXPECT_TRUE(env_.env()->RemoveFile("a").IsNotFound());

  const auto file = create("a");
  disk_.faults().full = true;
  EXPECT_EQ(file->Append("x").ToString(), "IO error: a: No space left on device");
  EXPECT_EQ(create("b"), nullptr);
  EXPECT_EQ(status_.ToString(), "IO error: b: No space left on device");
  disk_.faults() = {.fail_writes = true};
  EXPECT_EQ(file->Append("x").ToString(), "IO error: a: Input/output error");
  EXPECT_EQ(env_.env()->RenameFile("a", "b").ToString(), "IO error: a: Input/output error");
  disk_.faults() = {.fail_syncs = true};
  EXPECT_EQ(file->Sync().ToString(), "IO error: a: Input/output error");
  EXPECT_EQ(env_.write_errors(), 5);
  disk_.faults() = {.fail_reads = true};
  leveldb::Slice bytes;
  char scratch[1];
  EXPECT_EQ(read("a")->Read(1, &bytes, scratch).ToString(), "IO error: a: Input/output error");
  EXPECT_EQ(read_anywhere("a")->Read(0, 1, &bytes, scratch).ToString(),
            "IO error: a: Input/output error");
  EXPECT_EQ(env_.write_errors(), 5);
}

// ---- sync on close ------------------------------------------------------------------------------

TEST_F(DiskEnvTest, MaySyncWhatIsClosed) {
  env_.set_sync_on_close("db", true);
  ASSERT_TRUE(create("db/a")->Append("abc").ok());
  EXPECT_EQ(disk_.unsynced_bytes(), 0);
  const uint64_t operations = disk_.operations();
  create("db/b")->Close();
  EXPECT_EQ(disk_.operations(), operations + 1) << "nothing to sync in an empty file";
  ASSERT_TRUE(create("other/a")->Append("abc").ok());
  EXPECT_EQ(disk_.unsynced_bytes(), 3) << "another directory";
  env_.set_sync_on_close("db", false);
  ASSERT_TRUE(create("db/c")->Append("abc").ok());
  EXPECT_EQ(disk_.unsynced_bytes(), 6);
}

TEST_F(DiskEnvTest, NothingIsWrittenBehindBytesThatCouldNotBeSyncedOnClose) {
  env_.set_sync_on_close("db", true);
  auto left = create("db/left.log");
  ASSERT_TRUE(left->Append("abc").ok());
  const auto next = create("db/next.log");
  disk_.faults().fail_syncs = true;
  left.reset();
  disk_.faults().fail_syncs = false;
  EXPECT_EQ(next->Append("def").ToString(), "IO error: db/next.log: Input/output error");
  EXPECT_TRUE(create("other/next.log")->Append("def").ok());
  env_.set_sync_on_close("db", true);
  EXPECT_TRUE(next->Append("def").ok());
}

// ---- one thread ---------------------------------------------------------------------------------

TEST_F(DiskEnvTest, BackgroundWorkWaitsForDrain) {
  struct Work {
    leveldb::Env* env;
    int runs = 0;
    static void run(void* self) {
      auto* work = static_cast<Work*>(self);
      if (++work->runs < 3) work->env->Schedule(&Work::run, self);
    }
  } work{env_.env()};
  env_.env()->Schedule(&Work::run, &work);
  EXPECT_EQ(work.runs, 0);
  EXPECT_EQ(env_.queued(), 1);
  EXPECT_EQ(env_.drain(), 3) << "what it queues meanwhile included";
  EXPECT_EQ(work.runs, 3);
  EXPECT_EQ(env_.drain(), 0);
}

TEST_F(DiskEnvTest, TimeIsGivenAndSleepTakesNone) {
  EXPECT_EQ(env_.env()->NowMicros(), 42);
  env_.env()->SleepForMicroseconds(1'000'000'000);
}

using DiskEnvDeathTest = DiskEnvTest;

TEST_F(DiskEnvDeathTest, RefusesToStartAThread) {
  EXPECT_DEATH(env_.env()->StartThread([](void*) {}, nullptr), "a simulation has one");
}

TEST_F(DiskEnvDeathTest, RefusesToDieBeforeItsDatabase) {
  EXPECT_DEATH(
      {
        DiskEnv env(disk_, [] { return uint64_t{0}; });
        leveldb::FileLock* lock = nullptr;
        if (!env.env()->LockFile("db/LOCK", &lock).ok()) std::_Exit(0);
      },
      "a database outlives its environment: db/LOCK");
}

// ---- LevelDB on it ------------------------------------------------------------------------------

TEST_F(DiskEnvTest, ADatabaseLivesInTheDisk) {
  auto database = open_database();
  ASSERT_NE(database, nullptr) << status_.ToString();
  EXPECT_TRUE(database->Put({}, "key", "value").ok());
  env_.drain();
  database.reset();
  database = open_database();
  std::string value;
  EXPECT_TRUE(database->Get({}, "key", &value).ok());
  EXPECT_EQ(value, "value");
  EXPECT_THAT(disk_.list(),
              ElementsAre("db/000005.ldb", "db/000006.log", "db/CURRENT", "db/MANIFEST-000004"));
}

TEST_F(DiskEnvTest, TheSameCallsLeaveTheSameBytes) {
  const auto files_after = [](int puts) {
    Disk disk("west", KeyedRandom(1).stream("disk"));
    uint64_t now = 0;
    DiskEnv env(disk, [&] { return now += 7; });
    leveldb::Options options;
    options.env = env.env();
    options.create_if_missing = true;
    options.write_buffer_size = 64 * 1024;
    leveldb::DB* opened = nullptr;
    EXPECT_TRUE(leveldb::DB::Open(options, "db", &opened).ok());
    const std::unique_ptr<leveldb::DB> database(opened);
    const RandomStream luck = KeyedRandom(5).stream("keys");
    std::size_t background = 0;
    for (uint64_t i = 0; i < static_cast<uint64_t>(puts); ++i) {
      const std::string key = "key-" + std::to_string(luck.below(2 * i, 500));
      EXPECT_TRUE(database->Put({}, key, std::string(luck.below(2 * i + 1, 2'000), 'v')).ok());
      background += env.drain();
    }
    EXPECT_GT(background, 20) << "the test should flush and compact";
    HashChain chain;
    disk.scan([&](std::string_view name, std::string_view bytes) {
      chain.add(name);
      chain.add(bytes);
    });
    return chain.value().to_hex();
  };
  EXPECT_EQ(files_after(4'000), files_after(4'000));
  EXPECT_NE(files_after(4'000), files_after(4'001));
}

TEST_F(DiskEnvTest, ADatabaseStartsNoThread) {
  const auto threads = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Threads:")) return line;
    }
    return std::string("unknown");
  };
  const std::string before = threads();
  const auto database = open_database();
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(database->Put({}, std::to_string(i), std::string(1'000, 'v')).ok());
    env_.drain();
  }
  EXPECT_EQ(threads(), before);
}

// A table's last bytes have no checksum: LevelDB 1.23 follows a damaged size there out of its memory.
TEST_F(DiskEnvTest, ADamagedFooterOfATableIsAnError) {
  {
    const auto file = create("db/000007.ldb");
    std::string table(100, 'x');
    // Two handles: (0, 2^64-3), (0, 0); padding and the magic number do not matter here.
    table +=
        std::string("\0\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0", 13) + std::string(35, '\0');
    ASSERT_TRUE(file->Append(table).ok());
  }
  const auto file = read_anywhere("db/000007.ldb");
  char scratch[64];
  leveldb::Slice bytes;
  EXPECT_TRUE(file->Read(0, 48, &bytes, scratch).ok());
  const leveldb::Status footer = file->Read(100, 48, &bytes, scratch);
  EXPECT_TRUE(footer.IsCorruption()) << footer.ToString();
  // A table that a lying disk has cut short.
  const leveldb::Status beyond = file->Read(4'000, 48, &bytes, scratch);
  EXPECT_TRUE(beyond.IsCorruption()) << beyond.ToString();
}

TEST_F(DiskEnvTest, ABatchMayBeLargerThanTheWriteBuffer) {
  const auto database = open_database();
  leveldb::WriteBatch batch;
  for (int i = 0; i < 100; ++i) batch.Put(std::to_string(i), std::string(80 * 1024, 'v'));
  ASSERT_TRUE(database->Write({}, &batch).ok());
  env_.drain();
  std::string value;
  EXPECT_TRUE(database->Get({}, "99", &value).ok());
  EXPECT_EQ(value.size(), 80 * 1024);
}

}  // namespace
}  // namespace faultline::engine
