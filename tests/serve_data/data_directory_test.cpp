#include "tools/serve/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <leveldb/db.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/serve_data/served_directory.h"

namespace faultline::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

class DataDirectoryTest : public ::testing::Test {
 protected:
  // What opening it is refused with.
  [[nodiscard]] std::string refusal(DataDirectoryOptions options) const {
    const auto opened = DataDirectory::open(options);
    return opened ? "(opened)" : opened.error();
  }
  [[nodiscard]] DataDirectoryOptions options() const { return directory_.options(); }

  TemporaryDirectory directory_;
};

// ---- what lasts ---------------------------------------------------------------------------------

TEST_F(DataDirectoryTest, EverythingIsThereAgain) {
  std::string hash;
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2", {"us-east-1"}).has_value());
    ASSERT_TRUE(served.west().put("db", "hunter3").has_value());
    ASSERT_TRUE(served->kms("eu-west-1").create_key({.alias = "alias/replica"}).has_value());
    served->run_for(engine::Duration::seconds(5));
    served->account().set_opt_status("eu-west-1", regions::RegionOptStatus::Disabled);
    served.make_durable();
    hash = served->state_hash();
  }
  ServedWorld served(options());
  EXPECT_EQ(served->state_hash(), hash);
  EXPECT_EQ(served.west().value("db"), "hunter3");
  EXPECT_EQ(served->client("us-east-1").value("db"), "hunter3");
  EXPECT_EQ(served.west().replica_status("db", "us-east-1"), "InSync");
  EXPECT_TRUE(served->kms("eu-west-1").describe_key("alias/replica").has_value());
  EXPECT_FALSE(served->account().is_enabled("eu-west-1"));
}

TEST_F(DataDirectoryTest, AnAcknowledgedCallNeedsNoFarewell) {
  const fs::path copy = directory_.path() + ".copy";
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    served.make_durable();
    fs::copy(directory_.path(), copy, fs::copy_options::recursive);
  }
  DataDirectoryOptions copied = options();
  copied.path = copy;
  ServedWorld served(copied);
  EXPECT_EQ(served.west().value("db"), "hunter2");
  fs::remove_all(copy);
}

// The store has more and more tables and logs.
TEST_F(DataDirectoryTest, LogsThatBecomeTablesAreFollowed) {
  const std::string large(20'000, 'x');
  std::string hash;
  {
    ServedWorld served(options());
    for (int i = 0; i < 30; ++i) {
      const std::string name = "secret-" + std::to_string(i);
      ASSERT_TRUE(served.west().create_secret(name, large + name).has_value());
    }
    served.make_durable();
    hash = served->state_hash();
  }
  EXPECT_THAT(directory_.names("us-west-2"), Contains(HasSubstr(".ldb")));
  ServedWorld served(options());
  EXPECT_EQ(served->state_hash(), hash);
  EXPECT_EQ(served.west().value("secret-7"), large + "secret-7");
}

TEST_F(DataDirectoryTest, ALinkThatWasNotAcknowledgedIsSentAgainWithANewKey) {
  {
    ServedWorld served(options());
    served->cut("us-west-2", "us-east-1");
    ASSERT_TRUE(served.west().create_secret("db", "hunter2", {"us-east-1"}).has_value());
    served.make_durable();
    EXPECT_EQ(served->client("us-east-1").value("db"), "<ResourceNotFoundException>");
  }
  ServedWorld served(options());
  served->run_for(engine::Duration::seconds(5));
  EXPECT_EQ(served->client("us-east-1").value("db"), "hunter2");
}

TEST_F(DataDirectoryTest, NoLuckIsDrawnTwice) {
  std::string first;
  std::string first_key;
  {
    ServedWorld served(options());
    first = served.west().create_secret("db", "hunter2")->arn();
    first_key = served->kms("us-west-2").create_key({})->key_id;
    served.make_durable();
    EXPECT_EQ(served->life(), 0);
  }
  fs::remove_all(directory_.path() + "/us-west-2");
  ServedWorld served(options());
  EXPECT_EQ(served->life(), 1);
  EXPECT_NE(served.west().create_secret("db", "hunter2")->arn(), first);
  EXPECT_NE(served->kms("us-west-2").create_key({})->key_id, first_key);
}

TEST_F(DataDirectoryTest, ADeathBeforeTheFirstAnswerLeavesADirectoryThatIsNew) {
  ASSERT_TRUE(DataDirectory::open(options()).has_value());
  ServedWorld served(options());
  EXPECT_EQ(served->life(), 0);
}

TEST_F(DataDirectoryTest, TheSeedIsRememberedUnlessAnotherOneIsGiven) {
  DataDirectoryOptions any = options();
  any.seed.reset();
  const std::uint64_t drawn = DataDirectory::open(any).value()->seed();
  EXPECT_EQ(DataDirectory::open(any).value()->seed(), drawn);
  any.seed = 9;
  EXPECT_EQ(DataDirectory::open(any).value()->seed(), 9);
  any.seed.reset();
  EXPECT_EQ(DataDirectory::open(any).value()->seed(), drawn);
}

TEST_F(DataDirectoryTest, TheClockGoesOnWhereItStoodIfNobodySaysMore) {
  DataDirectoryOptions manual = options();
  const std::int64_t start = *manual.now_unix_ns;
  {
    ServedWorld served(manual);
    served->run_for(engine::Duration::seconds(7 * 24 * 3600));
    served.make_durable();
  }
  manual.now_unix_ns.reset();
  EXPECT_EQ(DataDirectory::open(manual).value()->image()->wall_unix_ns,
            start + engine::Duration::seconds(7 * 24 * 3600).ns());
}

TEST_F(DataDirectoryTest, RegionsThatAreNotServedKeepWhatTheyHave) {
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    served.make_durable();
  }
  DataDirectoryOptions fewer = options();
  fewer.regions = {"us-east-1"};
  {
    ServedWorld served(fewer);
    ASSERT_TRUE(served->client("us-east-1").create_secret("other", "x").has_value());
    served.make_durable();
  }
  ServedWorld served(options());
  EXPECT_EQ(served.west().value("db"), "hunter2");
  EXPECT_EQ(served->client("us-east-1").value("other"), "x");
}

// A world in the place of the first one, as a reset makes it.
TEST_F(DataDirectoryTest, AWorldThatTakesThePlaceOfAnotherReplacesWhatIsThere) {
  std::string hash;
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("before", "hunter2").has_value());
    served.make_durable();
    const auto image = std::make_shared<const regions::WorldImage>(served->image());
    hash = served->state_hash();
    ASSERT_TRUE(served.west().create_secret("after", "hunter3").has_value());
    ASSERT_TRUE(served->client("eu-west-1").create_secret("elsewhere", "x").has_value());
    served.make_durable();
    served.replace(image);
    EXPECT_EQ(served->state_hash(), hash);
  }
  ServedWorld served(options());
  EXPECT_EQ(served->state_hash(), hash);
  EXPECT_EQ(served.west().value("before"), "hunter2");
  EXPECT_EQ(served.west().value("after"), "<ResourceNotFoundException>");
}

TEST_F(DataDirectoryTest, AWipedRegionIsWipedOnTheRealDisk) {
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    v1::Fault fault;
    fault.mutable_wipe()->set_region("us-west-2");
    served->apply(fault);
    served->run_for(engine::Duration::seconds(1));
    served.make_durable();
  }
  ServedWorld served(options());
  EXPECT_EQ(served.west().value("db"), "<ResourceNotFoundException>");
}

// ---- what it costs and looks like ---------------------------------------------------------------

TEST_F(DataDirectoryTest, ARegionThatNobodyUsedHasNoDirectory) {
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    EXPECT_EQ(served->client("eu-west-1").value("db"), "<ResourceNotFoundException>");
    served.make_durable();
  }
  EXPECT_THAT(directory_.names(), ElementsAre("clock", "format", "lock", "state.pb", "us-west-2"));
}

TEST_F(DataDirectoryTest, WhoeverIsNotTheOwnerReadsNothing) {
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    served.make_durable();
  }
  const auto mode = [](const fs::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    return found.st_mode & 0777U;
  };
  EXPECT_EQ(mode(directory_.path()), 0700U);
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
    EXPECT_EQ(mode(entry.path()), entry.is_directory() ? 0700U : 0600U) << entry.path();
  }
}

TEST_F(DataDirectoryTest, LevelDbItselfOpensARegion) {
  {
    ServedWorld served(options());
    ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    served.make_durable();
  }
  {
    leveldb::DB* opened = nullptr;
    const auto status =
        leveldb::DB::Open(leveldb::Options(), directory_.path() + "/us-west-2", &opened);
    const std::unique_ptr<leveldb::DB> db(opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<leveldb::Iterator> at(db->NewIterator(leveldb::ReadOptions()));
    std::string all;
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      all += at->key().ToString() + at->value().ToString();
    }
    EXPECT_THAT(all, HasSubstr("arn:aws:secretsmanager:us-west-2:111122223333:secret:db-"));
    EXPECT_THAT(all, Not(HasSubstr("hunter2")));
  }
  // It has left its LOG and its LOCK there.
  ServedWorld served(options());
  EXPECT_EQ(served.west().value("db"), "hunter2");
}

TEST_F(DataDirectoryTest, ACommitWritesKeysBeforeTheRecordsThatNeedThem) {
  ServedWorld served(options());
  served.make_durable();
  // Makes the managed key. No reply has left; the record is there, and so is its key.
  ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
  const fs::path copy = directory_.path() + ".copy";
  fs::copy(directory_.path(), copy, fs::copy_options::recursive);
  DataDirectoryOptions copied = options();
  copied.path = copy;
  ServedWorld again(copied);
  EXPECT_EQ(again.west().value("db"), "hunter2");
  fs::remove_all(copy);
}

// ---- errors -------------------------------------------------------------------------------------

TEST_F(DataDirectoryTest, ASecondServerIsRefusedByTheProcessOfTheFirst) {
  ServedWorld served(options());
  const auto before = directory_.contents();
  EXPECT_EQ(refusal(options()),
            directory_.path() + " is in use by process " + std::to_string(::getpid()));
  EXPECT_EQ(directory_.contents(), before);
}

TEST_F(DataDirectoryTest, AFileIsNotADirectory) {
  std::ofstream(directory_.path()) << "text";
  EXPECT_EQ(refusal(options()), directory_.path() + " is not a directory");
  fs::remove(directory_.path());
}

TEST_F(DataDirectoryTest, WhatCannotBeReadIsRefused) {
  fs::create_symlink(directory_.path(), directory_.path());
  EXPECT_THAT(refusal(options()), HasSubstr(directory_.path() + " cannot be read: "));
  fs::remove(directory_.path());
  if (::geteuid() == 0) return;  // may read everything
  fs::create_directory(directory_.path());
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0), 0);
  EXPECT_EQ(refusal(options()), directory_.path() + " cannot be read: Permission denied");
}

TEST_F(DataDirectoryTest, AParentMustExist) {
  DataDirectoryOptions deep = options();
  deep.path += "/one/two";
  EXPECT_EQ(refusal(deep), deep.path + ": No such file or directory");
}

TEST_F(DataDirectoryTest, SomebodyElsesDirectoryIsLeftAlone) {
  fs::create_directory(directory_.path());
  std::ofstream(directory_.path() + "/thesis.tex") << "text";
  const auto before = directory_.contents();
  EXPECT_EQ(refusal(options()),
            directory_.path() +
                " is not a data directory of faultline, and not empty: it has thesis.tex");
  EXPECT_EQ(directory_.contents(), before);
  std::ofstream(directory_.path() + "/format") << "A4\n";
  EXPECT_EQ(refusal(options()),
            directory_.path() + "/format is not of a data directory of faultline");
}

TEST_F(DataDirectoryTest, AnEmptyDirectoryIsTaken) {
  fs::create_directory(directory_.path());
  fs::create_directory(directory_.path() + "/lost+found");
  EXPECT_EQ(refusal(options()), "(opened)");
}

class UsedDataDirectoryTest : public DataDirectoryTest {
 protected:
  UsedDataDirectoryTest() {
    const DataDirectoryOptions first = options();
    used_unix_ns_ = *first.now_unix_ns;
    ServedWorld served(first);
    EXPECT_TRUE(served.west().create_secret("db", "hunter2").has_value());
    served.make_durable();
  }

  // Refused with these words, and nothing is written.
  void expect_refused(const DataDirectoryOptions& options, const std::string& words) {
    const auto before = directory_.contents();
    EXPECT_THAT(refusal(options), HasSubstr(words));
    EXPECT_THAT(refusal(options), Not(HasSubstr("\n")));
    EXPECT_EQ(directory_.contents(), before);
  }
  void overwrite(const std::string& name, const std::string& bytes) {
    std::ofstream(directory_.path() + "/" + name, std::ios::binary) << bytes;
  }

  std::int64_t used_unix_ns_ = 0;
};

TEST_F(UsedDataDirectoryTest, ANewerFormatIsRefused) {
  overwrite("format", "faultline data directory\nformat: 2\nwhatever: it says\n");
  expect_refused(options(),
                 directory_.path() + " has format 2, and this faultline knows formats up to 1");
}

TEST_F(UsedDataDirectoryTest, ADamagedFormatIsRefused) {
  overwrite("format", "faultline data directory\nformat: 1\naccount: 111122223333\n");
  expect_refused(options(), directory_.path() + "/format is damaged");
}

TEST_F(UsedDataDirectoryTest, AnotherAccountIsRefused) {
  DataDirectoryOptions other = options();
  other.account = "444455556666";
  expect_refused(other,
                 directory_.path() + " belongs to account 111122223333, not to 444455556666");
}

TEST_F(UsedDataDirectoryTest, AClockThatWentBackwardsIsRefused) {
  DataDirectoryOptions earlier = options();
  earlier.now_unix_ns = used_unix_ns_ - DataDirectory::kClockToleranceNs - 1'500'000'000;
  expect_refused(earlier, "the clock went backwards: " + directory_.path() + " was last used 6.5");
  earlier.now_unix_ns = used_unix_ns_ - DataDirectory::kClockToleranceNs + 1'000'000'000;
  EXPECT_EQ(refusal(earlier), "(opened)");
}

TEST_F(UsedDataDirectoryTest, ADamagedClockIsRefused) {
  overwrite("clock", "noon\n");
  expect_refused(options(), directory_.path() + "/clock is damaged");
}

TEST_F(UsedDataDirectoryTest, DamagedKeysAreRefused) {
  overwrite("state.pb", "\xff\xff");
  expect_refused(options(), directory_.path() + "/state.pb is damaged");
}

TEST_F(UsedDataDirectoryTest, KeysThatContradictThemselvesAreRefused) {
  v1::DataDirectoryState state;
  v1::DataDirectoryRegion& west = *state.add_regions();
  west.set_name("us-west-2");
  west.set_opt_status("ENABLED");
  west.mutable_kms()->add_keys()->set_key_id("no key");
  overwrite("state.pb", state.SerializeAsString());
  expect_refused(options(), directory_.path() + "/state.pb is damaged: us-west-2: ");
}

TEST_F(UsedDataDirectoryTest, ADamagedStoreIsRefused) {
  overwrite("us-west-2/CURRENT", "MANIFEST-000099\n");
  expect_refused(options(), directory_.path() + "/us-west-2 cannot be opened: ");
  fs::remove(directory_.path() + "/us-west-2/CURRENT");
  expect_refused(options(), directory_.path() + "/us-west-2 holds no database: CURRENT is missing");
}

TEST_F(UsedDataDirectoryTest, ATornLogIsNotDamage) {
  std::string log;
  for (const std::string& name : directory_.names("us-west-2")) {
    if (name.ends_with(".log")) log = "us-west-2/" + name;
  }
  const std::string bytes = directory_.contents().at(log);
  ServedWorld(options()).make_durable();
  // The beginning of one more record.
  overwrite(log, bytes + bytes.substr(0, 10));
  ServedWorld served(options());
  EXPECT_EQ(served.west().value("db"), "hunter2");
}

TEST_F(DataDirectoryTest, NamesThatAreNotRegionsAreRefused) {
  for (const char* name : {"", "../etc", "lock", "a.new"}) {
    DataDirectoryOptions odd = options();
    odd.regions.emplace_back(name);
    EXPECT_THAT(refusal(odd), HasSubstr("cannot be kept there"));
  }
  EXPECT_FALSE(fs::exists(directory_.path()));
}

// ---- a real disk that fails ---------------------------------------------------------------------

// Files of this process end at so many bytes, as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(DataDirectoryTest, WhatCannotBeWrittenIsNotAcknowledged) {
  ServedWorld served(options());
  ASSERT_TRUE(served.west().create_secret("db", "hunter2").has_value());
  served.make_durable();
  {
    const FileSizeLimit limit(2048);
    const auto refused = served.west().put("db", std::string(4000, 'x'));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "InternalServiceError");
  }
  served->run_for(engine::Duration::seconds(2));
  ASSERT_TRUE(served.west().put("db", "hunter3").has_value());
  served.make_durable();
  EXPECT_EQ(served.west().value("db"), "hunter3");
}

TEST_F(DataDirectoryTest, KeysThatCannotBeWrittenAreSaidSo) {
  ServedWorld served(options());
  served.make_durable();
  ASSERT_TRUE(served->kms("us-west-2").create_key({.description = std::string(4000, 'x')}));
  {
    const FileSizeLimit limit(2048);
    const auto failed = served.directory().make_durable(*served);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error(), directory_.path() + "/state.pb: File too large");
  }
  served.make_durable();
}

}  // namespace
}  // namespace faultline::tools
