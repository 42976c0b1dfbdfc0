#include "tools/serve/served_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "regions/explore/draw.h"
#include "regions/region_list.h"
#include "regions/scenario/epoch.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_text.h"

namespace faultline::tools {
namespace {

regions::InputErrors complaint(std::string message) {
  return {
      InputError{.file = "faultline serve", .message = std::move(message)}
  };
}

std::uint64_t unguessable_seed() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32U | entropy();
}

Expected<void, regions::InputErrors> name_regions(const WorldWish& wish, v1::Scenario& scenario) {
  if (wish.regions.empty()) {
    for (const regions::RegionInfo& info : regions::aws_regions()) {
      v1::RegionSpec& region = *scenario.add_region();
      region.set_name(std::string(info.name));
      if (info.opt_in) region.set_enabled(false);
    }
    return {};
  }
  std::vector<std::string> known;
  for (const regions::RegionInfo& info : regions::aws_regions()) known.emplace_back(info.name);
  for (const std::string& name : wish.regions) {
    if (std::ranges::find(known, name) == known.end()) {
      return tl::make_unexpected(complaint(fmt::format("--regions: AWS has no region \"{}\"{}",
                                                       name, regions::did_you_mean(name, known))));
    }
    scenario.add_region()->set_name(name);
  }
  return {};
}

}  // namespace

Expected<regions::LoadedScenario, regions::InputErrors> served_world(
    const WorldWish& wish, const regions::CheckOptions& check) {
  regions::LoadedScenario loaded;
  if (!wish.scenario_file.empty()) {
    if (!wish.regions.empty()) {
      return tl::make_unexpected(
          complaint("--regions and --scenario: the scenario says which regions there are"));
    }
    FL_TRY(loaded, regions::load_scenario_file(wish.scenario_file, check));
  } else {
    loaded.file = "faultline serve";
    loaded.scenario.set_title("A session of faultline serve");
    FL_TRY_VOID(name_regions(wish, loaded.scenario));
  }
  v1::Scenario& scenario = loaded.scenario;
  const bool has_seed = wish.seed.has_value() || scenario.seed() != 0;
  if (wish.seed) scenario.set_seed(*wish.seed);
  while (scenario.seed() == 0) scenario.set_seed(unguessable_seed());
  if (!wish.account.empty()) scenario.set_account(wish.account);
  if (regions::explore::is_random(scenario)) {
    loaded = regions::explore::with_steps_drawn(loaded, scenario.seed());
  }
  scenario.clear_expect();
  scenario.clear_settle();
  scenario.clear_run_for();
  scenario.clear_expected_verdict();
  scenario.clear_violates();
  scenario.clear_predict();
  scenario.clear_lesson();
  // What comes of its steps depends on whoever uses the world, too.
  for (v1::Step& step : *scenario.mutable_step()) {
    if (!regions::is_call(step)) continue;
    step.clear_want();
    step.mutable_want()->set_anything(true);
  }
  if (wish.follows_machine || (!has_seed && scenario.epoch().empty())) {
    scenario.set_epoch(regions::format_epoch(wish.now_unix_ns));
  }
  if (wish.follows_machine) {
    v1::ServiceSpec& service = *scenario.mutable_service();
    if (service.kms_latency().empty()) service.set_kms_latency("0s");
    if (service.sync_latency().empty()) service.set_sync_latency("0s");
  }
  return regions::adopt_scenario(loaded.file, scenario, check);
}

}  // namespace faultline::tools
