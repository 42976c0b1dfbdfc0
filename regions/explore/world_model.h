// WorldModel: a scenario as something that can be searched (engine/explore/search.h): the same
// regions, stores, keys and protocol as in any run, but nothing happens of itself. At each state the
// search chooses what comes next:
//
//     a message arrives, whichever of those on their way        deliver
//     a timer of a region fires                                 timer
//     the next call of the scenario is made                     call
//     a fault, while the budget lasts                           drop, duplicate, crash, cut, region,
//                                                               key
//
// What lies within one turn, or waits for KMS or a disk only, goes on at once: coroutines are no
// choices. Steps of the scenario at 0s are made and come to rest before the search begins.
//
// States   are equal when what the stores hold, what is on its way, which timers wait, where the
//          machines stand, what is broken and what is left of the script and of the budget are;
//          wall-clock times and nonces are left out. Of states in which replicas have changed
//          places, one is kept (symmetry).
// Judged   by the properties of regions/invariants after every event; at the end of a branch
//          everything is mended, and the world must come to rest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event_queue.h"
#include "engine/hash.h"
#include "proto/result.h"
#include "proto/scenario.pb.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_world.h"

namespace faultline::regions::explore {

enum class FaultFamily { Drop, Duplicate, Crash, Cut, Region, Key };
// In the order of the enumeration: "drop", …
[[nodiscard]] const std::vector<std::string>& fault_families();

struct WorldModelOptions {
  std::vector<FaultFamily> families = {FaultFamily::Drop, FaultFamily::Duplicate,
                                       FaultFamily::Crash};
  int faults = 2;
  bool symmetry = true;
  SharedParts shared{};
};

// Its steps are calls, but for those at 0s; none follows an event or is drawn at random.
// Errors: a sentence that says what to take out.
[[nodiscard]] Expected<void, std::string> can_be_searched(const v1::Scenario& scenario);

class WorldModel {
 public:
  // `loaded` outlives the model. REQUIRES: can_be_searched.
  WorldModel(const LoadedScenario& loaded, WorldModelOptions options);
  ~WorldModel();
  WorldModel(const WorldModel&) = delete;
  WorldModel& operator=(const WorldModel&) = delete;

  // ---- what a search needs ----------------------------------------------------------------------
  void reset();
  [[nodiscard]] std::size_t choices() const;
  void choose(std::size_t index);
  [[nodiscard]] engine::Hash128 state() const;
  [[nodiscard]] std::optional<std::string> broken() const;
  [[nodiscard]] std::optional<std::string> end();

  // ---- for people ---------------------------------------------------------------------------------
  // "us-east-1 receives Replicate from us-west-2"
  [[nodiscard]] std::string describe(std::size_t index) const;
  // The property that broken() or end() saw first; empty: none.
  [[nodiscard]] std::string property() const;
  // How many steps are left for the search, and how many replays it has made.
  [[nodiscard]] std::size_t script_size() const;
  [[nodiscard]] std::uint64_t resets() const { return resets_; }

 private:
  struct Life;
  struct Choice;

  void note_links();
  void find_choices();
  [[nodiscard]] std::vector<std::string> names_of(const std::vector<std::string>& replicas) const;
  void go_on();
  [[nodiscard]] std::string state_text() const;

  const LoadedScenario& loaded_;
  const WorldModelOptions options_;
  std::vector<int> setup_;   // steps, by index
  std::vector<int> script_;  // calls, by index
  std::unique_ptr<Life> life_;
  std::uint64_t resets_ = 0;
};

}  // namespace faultline::regions::explore
