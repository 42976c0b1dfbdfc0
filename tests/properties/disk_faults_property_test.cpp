// A LevelKvStore on a disk that does the worst: whatever a read shows was written, and nothing that
// was acknowledged is missing without an error. A disk that lies about syncs may lose, and never
// garble. (regions/level_kv_store.h)
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "engine/disk.h"
#include "engine/disk_env.h"
#include "engine/keyed_random.h"
#include "proto/fault.pb.h"
#include "regions/level_kv_store.h"

namespace faultline::regions {
namespace {

enum class Trouble { None, FailWrites, FailSyncs, FailReads, Full, LoseRenames, Rot, Stray, Lie };

struct Story {
  std::vector<uint32_t> before;  // sizes of values, a synced batch each
  std::vector<uint32_t> during;
  Trouble trouble = Trouble::None;
  uint32_t amount = 1;
  v1::TornTail tail = v1::LOSE_ALL;
};

std::ostream& operator<<(std::ostream& out, const Story& story) {
  out << "trouble " << static_cast<int>(story.trouble) << " x" << story.amount << ", "
      << v1::TornTail_Name(story.tail) << ", sizes";
  for (const auto size : story.before) out << " " << size;
  out << " |";
  for (const auto size : story.during) out << " " << size;
  return out;
}

rc::Gen<Story> any_story() {
  const auto sizes = rc::gen::scale(
      0.3, rc::gen::container<std::vector<uint32_t>>(rc::gen::weightedOneOf<uint32_t>({
               {4, rc::gen::inRange<uint32_t>(0,     80)    },
               {1, rc::gen::inRange<uint32_t>(1'000, 40'000)}
  })));
  return rc::gen::build<Story>(
      rc::gen::set(&Story::before, sizes), rc::gen::set(&Story::during, sizes),
      rc::gen::set(&Story::trouble,
                   rc::gen::element(Trouble::None, Trouble::FailWrites, Trouble::FailSyncs,
                                    Trouble::FailReads, Trouble::Full, Trouble::LoseRenames,
                                    Trouble::Rot, Trouble::Stray, Trouble::Stray, Trouble::Lie)),
      rc::gen::set(&Story::amount, rc::gen::inRange<uint32_t>(1, 6)),
      rc::gen::set(&Story::tail, rc::gen::element(v1::LOSE_ALL, v1::TEAR, v1::KEEP_ALL)));
}

class Teller {
 public:
  Teller(uint64_t seed, const Story& story)
      : story_(story), disk_("west", engine::KeyedRandom(seed).stream("disk")) {}

  void tell() {
    RC_ASSERT(open());
    for (const uint32_t size : story_.before) put(size);
    strike();
    for (const uint32_t size : story_.during) {
      if (store_ != nullptr && store_->healthy()) put(size);
      check("while it lasts");
    }
    // The machine dies and comes back while the trouble lasts.
    crash();
    if (open()) {
      check("after the crash");
    } else {
      noticed_ = true;
    }
    end_trouble();
    crash();
    const bool opened = open();
    if (!opened && story_.trouble != Trouble::Lie) RC_FAIL(error_);
    check("when all is well");
    // Then nothing may be missing, and nothing may be an error.
    if (opened) check_everything();
  }

  // Whether anything answered an error while the trouble lasted.
  [[nodiscard]] bool noticed() const { return noticed_; }

 private:
  bool open() {
    store_.reset();
    env_ = std::make_unique<engine::DiskEnv>(disk_, [] { return uint64_t{0}; });
    auto opened = LevelKvStore::open(*env_);
    if (!opened) {
      error_ = opened.error().message;
      return false;
    }
    store_ = *std::move(opened);
    return true;
  }
  void crash() {
    disk_.freeze();
    store_.reset();
    env_.reset();
    disk_.crash(story_.tail);
    disk_.thaw();
  }
  void strike() {
    engine::DiskFaults& faults = disk_.faults();
    faults.fail_writes = story_.trouble == Trouble::FailWrites;
    faults.fail_syncs = story_.trouble == Trouble::FailSyncs;
    faults.fail_reads = story_.trouble == Trouble::FailReads;
    faults.full = story_.trouble == Trouble::Full;
    faults.lose_renames = story_.trouble == Trouble::LoseRenames;
    faults.lying_sync = story_.trouble == Trouble::Lie;
    if (story_.trouble == Trouble::Rot) disk_.rot(1, story_.amount);
    if (story_.trouble == Trouble::Stray) disk_.misdirect(1, story_.amount);
  }
  void end_trouble() {
    disk_.faults() = {};
    disk_.repair(1);
  }

  void put(uint32_t size) {
    const std::string key = "k" + std::to_string(size % 7);
    std::string value = std::to_string(++values_) + ":";
    value.resize(value.size() + size, 'v');
    WriteBatch batch;
    batch.put(key, value);
    const bool acknowledged = store_->write(batch, true).has_value();
    std::vector<std::string>& history = written_[key];
    history.push_back(value);
    if (acknowledged) acknowledged_[key] = history.size();
  }

  // What a key may show: the last acknowledged value, or one written after it; on a disk that lies
  // any that was ever written, or none.
  bool may_show(const std::string& key, const std::optional<std::string>& shown) {
    const std::vector<std::string>& history = written_[key];
    const std::size_t acknowledged = acknowledged_.contains(key) ? acknowledged_[key] : 0;
    const bool lies = story_.trouble == Trouble::Lie;
    if (!shown) return acknowledged == 0 || lies;
    const std::size_t first = lies || acknowledged == 0 ? 0 : acknowledged - 1;
    return std::find(history.begin() + static_cast<std::ptrdiff_t>(first), history.end(), *shown) !=
           history.end();
  }

  void check(const std::string& when) {
    if (store_ == nullptr) return;
    for (const auto& [key, history] : written_) {
      const auto shown = store_->get(key);
      noticed_ |= !shown;
      if (shown && !may_show(key, *shown)) {
        RC_FAIL(key + " shows what it may not, " + when + ": " +
                (*shown ? (*shown)->substr(0, 12) : "nothing"));
      }
    }
  }

  void check_everything() {
    for (const auto& [key, history] : written_) RC_ASSERT(store_->get(key).has_value());
  }

  const Story& story_;
  engine::Disk disk_;
  std::unique_ptr<engine::DiskEnv> env_;
  std::unique_ptr<LevelKvStore> store_;
  std::map<std::string, std::vector<std::string>> written_;
  std::map<std::string, std::size_t> acknowledged_;  // how many of them, by key
  uint64_t values_ = 0;
  std::string error_;
  bool noticed_ = false;
};

RC_GTEST_PROP(DiskFaultsProperty, NothingIsGarbledAndNothingIsSilentlyLost, (uint64_t seed)) {
  const Story story = *any_story().as("story");
  Teller(seed, story).tell();
}

// The property would hold without any damage, too.
TEST(DiskFaultsTest, DamageIsNoticedMostly) {
  for (const Trouble trouble : {Trouble::Rot, Trouble::Stray}) {
    int noticed = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
      const Story story{
          .before = {10,  20, 30, 40, 50, 60},
          .during = {15, 25, 35  },
          .trouble = trouble,
          .amount = 2
      };
      Teller teller(seed, story);
      teller.tell();
      noticed += teller.noticed() ? 1 : 0;
    }
    EXPECT_GT(noticed, 60) << static_cast<int>(trouble);
  }
}

}  // namespace
}  // namespace faultline::regions
