// StoreMachine: a disk with a LevelKvStore on it and a ledger of what may be found there after a
// crash. Its verbs read like a story:
//
//     StoreMachine west;
//     west.open();
//     west.write({{"a", "1"}}, Sync::Yes);
//     west.crash(v1::TEAR);
//     west.open();
//     EXPECT_EQ(west.complaint(), "");
//
// The ledger holds the contents after each batch that a crash may lose, and before the first of
// them. What is found after opening must be one of these: that is, a prefix of the batches with
// everything in it that was acknowledged with sync. complaint() says what is wrong, once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/disk.h"
#include "engine/disk_env.h"
#include "engine/keyed_random.h"
#include "proto/fault.pb.h"
#include "regions/kv_store.h"
#include "regions/level_kv_store.h"

namespace faultline::regions {

enum class Sync { No, Yes };

class StoreMachine {
 public:
  using Contents = std::map<std::string, std::string>;

  explicit StoreMachine(uint64_t seed = 1, LevelKvStoreOptions options = {})
      : disk_("west", engine::KeyedRandom(seed).stream("disk")), options_(std::move(options)) {}

  engine::Disk& disk() { return disk_; }
  engine::DiskEnv& env() { return env_; }
  LevelKvStore* store() { return store_.get(); }
  [[nodiscard]] bool is_open() const { return store_ != nullptr; }

  // False if opening failed; error() then says why.
  bool open() {
    store_.reset();
    auto opened = LevelKvStore::open(env_, options_);
    if (!opened) {
      error_ = opened.error().message;
      return false;
    }
    store_ = *std::move(opened);
    settle(read_all());
    return true;
  }

  // Whether it was acknowledged. One that was not may be found after the next opening, or not.
  bool write(const WriteBatch& batch, Sync sync) {
    Contents next = possible_[accepted_];
    for (const auto& [key, value] : batch.operations()) {
      if (value) {
        next[key] = *value;
      } else {
        next.erase(key);
      }
    }
    const bool was_healthy = store_->healthy();
    const auto written = store_->write(batch, sync == Sync::Yes);
    // An unhealthy store refuses without trying.
    if (was_healthy) possible_.push_back(std::move(next));
    if (!was_healthy && written) complain("an unhealthy store accepted a batch");
    if (!written) {
      error_ = written.error().message;
      return false;
    }
    accepted_ = possible_.size() - 1;
    if (sync == Sync::Yes) forget_before(accepted_);
    return true;
  }
  bool put(const std::string& key, const std::string& value, Sync sync = Sync::Yes) {
    WriteBatch batch;
    batch.put(key, value);
    return write(batch, sync);
  }

  // The process ends in good order, or dies while the machine lives.
  void close() { store_.reset(); }

  // Power goes.
  engine::CrashReport crash(v1::TornTail tail) {
    disk_.freeze();
    store_.reset();
    const auto report = disk_.crash(tail);
    disk_.thaw();
    return report;
  }

  // Compares what the open store shows with what it has accepted.
  void check_reads() {
    const auto found = read_all();
    if (found && *found != possible_[accepted_]) complain("reads differ from what was accepted");
  }

  [[nodiscard]] const Contents& accepted() const { return possible_[accepted_]; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  // By scanning; nothing if that failed.
  std::optional<Contents> read_all() {
    Contents found;
    const auto scanned = store_->scan("", [&](std::string_view key, std::string_view value) {
      // What an empty database begins with (regions/store_format.h).
      if (key != "f") found.emplace(key, value);
      return true;
    });
    if (scanned) return found;
    error_ = scanned.error().message;
    complain("cannot be read: " + error_);
    return std::nullopt;
  }

 private:
  void settle(const std::optional<Contents>& found) {
    if (!found) return;
    // The latest, if several batches left the same.
    const auto match = std::find(possible_.rbegin(), possible_.rend(), *found);
    if (match == possible_.rend()) {
      complain("recovered " + std::to_string(found->size()) +
               " keys that are no prefix of what was written");
      possible_ = {*found};
    }
    // What was read once must stay.
    accepted_ =
        match == possible_.rend() ? 0 : static_cast<std::size_t>(possible_.rend() - match) - 1;
    forget_before(accepted_);
    possible_.resize(1);
  }

  void forget_before(std::size_t first) {
    possible_.erase(possible_.begin(), possible_.begin() + static_cast<std::ptrdiff_t>(first));
    accepted_ = 0;
  }

  void complain(std::string what) {
    if (complaint_.empty()) complaint_ = std::move(what);
  }

  engine::Disk disk_;
  engine::DiskEnv env_{disk_, [] { return uint64_t{0}; }};
  const LevelKvStoreOptions options_;
  std::unique_ptr<LevelKvStore> store_;
  // Oldest first. The first is durable; those behind accepted_ were never acknowledged.
  std::vector<Contents> possible_{{}};
  std::size_t accepted_ = 0;
  std::string error_;
  std::string complaint_;
};

}  // namespace faultline::regions
