// Sweeper: a campaign on all cores. Each worker makes runs of its own, each run alone on its thread;
// what they share is a counter, and the list of failures behind a lock.
//
// A failure is made again, shrunk, and told from others by what it violates and by what is left of
// it; of one property the first few kinds are shrunk, the rest are counted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proto/report.pb.h"
#include "regions/explore/campaign.h"
#include "regions/explore/shrink.h"

namespace faultline::tools {

struct SweepLimits {
  // Runs in all; absent: until the budget is spent.
  std::optional<std::uint64_t> runs;
  std::chrono::nanoseconds budget = std::chrono::seconds(60);
  unsigned jobs = 1;
  std::chrono::nanoseconds shrink_budget = std::chrono::seconds(10);
  // Of one property, so many failures are shrunk.
  int shrunk_each = 3;
  // The first failure ends the sweep.
  bool stops_at_failure = false;
};

struct SweepProgress {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::size_t failures = 0;
  double seconds = 0;
};

class Sweeper {
 public:
  // All outlive the sweeper. `interrupted`: set from outside, ends the sweep after the runs that are
  // under way.
  Sweeper(const regions::explore::Campaign& campaign, SweepLimits limits,
          const std::atomic<bool>& interrupted)
      : campaign_(campaign), limits_(limits), interrupted_(interrupted) {}

  // Before run(): scenarios that failed once, to be run first.
  void run_corpus(const std::vector<regions::LoadedScenario>& corpus);
  // Called about every `interval` from one of the workers.
  void set_progress(std::chrono::nanoseconds interval,
                    std::function<void(const SweepProgress&)> tell);

  // Returns when the limits are reached.
  [[nodiscard]] v1::SweepSummary run();

 private:
  void work(regions::explore::Tally& tally);
  [[nodiscard]] bool goes_on(std::uint64_t index) const;
  void note_failure(const regions::explore::Judged& judged);
  void shrink_failure(const regions::explore::Judged& judged,
                      const regions::explore::Target& target);
  void tell_progress(std::uint64_t events);
  [[nodiscard]] std::chrono::nanoseconds elapsed() const {
    return std::chrono::steady_clock::now() - begin_;
  }

  const regions::explore::Campaign& campaign_;
  const SweepLimits limits_;
  const std::atomic<bool>& interrupted_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<bool> stop_{false};

  std::mutex mutex_;
  std::map<std::string, v1::FailureFound> failures_;  // by target and fingerprint
  std::map<std::string, int> shrunk_;                 // by target
  std::map<std::string, std::uint64_t> runs_failed_;  // by target
  regions::explore::Tally tally_;
  std::chrono::nanoseconds interval_{0};
  std::chrono::nanoseconds next_tell_{0};
  std::function<void(const SweepProgress&)> tell_;
};

}  // namespace faultline::tools
