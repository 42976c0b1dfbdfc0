// Campaign: the runs of a sweep, as a sequence that can be cut anywhere: by a budget, over workers,
// over machines. Run number i is the same run whoever makes it.
//
//     Campaign campaign(bases, {.campaign = 7});
//     for (std::uint64_t i = 0; i < 1000; ++i) {
//       const Judged judged = campaign.judge(campaign.case_at(i));
//       tally.add(judged);
//     }
//
// Threads  const methods may be called from many threads at once; a Tally belongs to one.
// Twice    a run that violates something, and one in twenty of the others, is made twice; if the two
//          differ that is nondeterminism, and the first event that differs is named.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/hash.h"
#include "proto/report.pb.h"
#include "regions/explore/coverage.h"
#include "regions/explore/portfolio.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_world.h"

namespace faultline::regions::explore {

struct CampaignOptions {
  std::uint64_t campaign = 1;
  // Names of arms; empty: all, each with its share. Named ones have equal shares.
  std::vector<std::string> arms{};
  // This machine's part: runs number shard, shard + shards, …
  std::uint64_t shard = 0;
  std::uint64_t shards = 1;
  SharedParts shared{};
  CheckOptions check{};
  std::uint64_t most_events = 2'000'000;  // of the simulator, a run
};

// One run, judged.
struct Judged {
  Case made;
  v1::RunReport report;
  Coverage coverage;
  bool compared = false;
  // Nothing: the second run was the same, or there was none.
  std::string difference{};
};

class Campaign {
 public:
  // REQUIRES: at least one base; arms that exist; shard < shards.
  Campaign(std::vector<LoadedScenario> bases, CampaignOptions options);

  // The so-manieth run of this shard.
  [[nodiscard]] Case case_at(std::uint64_t index) const;
  [[nodiscard]] Judged judge(Case made) const;

  [[nodiscard]] const std::vector<LoadedScenario>& bases() const { return bases_; }
  [[nodiscard]] const CampaignOptions& options() const { return options_; }

 private:
  const std::vector<LoadedScenario> bases_;
  const CampaignOptions options_;
  // The order in which arms take turns.
  std::vector<std::string> wheel_;
};

// What many runs came to. Merging does not depend on the order.
class Tally {
 public:
  void add(const Judged& judged);
  void merge(const Tally& other);
  void merge(const v1::SweepSummary& other);

  // Everything but the failures, which the one who shrinks them adds; and the verdict.
  [[nodiscard]] v1::SweepSummary summary() const;

  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }
  // Properties that no run has put to the test, by id.
  [[nodiscard]] std::vector<std::string> vacuous() const;

 private:
  struct Arm {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
  };
  struct Property {
    std::uint64_t held = 0;
    std::uint64_t violated = 0;
  };
  std::uint64_t runs_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t compared_ = 0;
  std::int64_t simulated_ns_ = 0;
  std::map<std::string, Arm> arms_;
  std::map<std::string, Property> properties_;
  std::set<std::string> nondeterminism_;
  std::set<std::string> sometimes_unmet_;
  std::set<std::string> sometimes_met_;
  Coverage coverage_;
  // The sum of every run's own: a run that is counted twice shows, which with an exclusive or it would not.
  engine::Hash128 digest_;
};

// The verdict of a summary: "HOLDS", "BROKEN", "INCONCLUSIVE" or "NONDETERMINISTIC".
[[nodiscard]] std::string verdict_of(const v1::SweepSummary& summary);

}  // namespace faultline::regions::explore
