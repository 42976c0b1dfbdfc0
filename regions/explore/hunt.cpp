#include "regions/explore/hunt.h"

#include <utility>

#include "proto/check.h"
#include "regions/explore/campaign.h"
#include "regions/explore/shrink.h"
#include "regions/explore/shrunk_text.h"
#include "regions/level_kv_store.h"
#include "regions/scenario_loader.h"

namespace faultline::regions::explore {
namespace {

v1::Scenario base_of(const HuntOptions& options) {
  v1::Scenario base = options.base.value_or(v1::Scenario());
  if (base.region_size() == 0) {
    for (const std::string& region : options.regions) {
      base.add_region()->set_name(region);
      v1::KeySpec& key = *base.add_key();
      key.set_region(region);
      key.set_alias("alias/app");
    }
  }
  if (base.service().protocol().empty()) base.mutable_service()->set_protocol(options.protocol);
  if (options.workload) *base.mutable_workload() = *options.workload;
  if (options.chaos) *base.mutable_chaos() = *options.chaos;
  return base;
}

}  // namespace

std::optional<Found> hunt(const HuntOptions& options) {
  CampaignOptions campaign_options;
  campaign_options.campaign = options.campaign;
  campaign_options.arms = options.strategies;
  campaign_options.shared.protocols =
      options.protocols != nullptr ? options.protocols : std::make_shared<const ProtocolRegistry>();
  campaign_options.shared.empty_database = make_empty_database_image();
  campaign_options.check.protocols = campaign_options.shared.protocols->names();
  auto base = adopt_scenario("a hunt", base_of(options), campaign_options.check);
  FL_CHECK(base.has_value()) << base.error().front().to_string();
  const Campaign campaign({std::move(*base)}, campaign_options);

  for (std::uint64_t i = 0; i < options.runs; ++i) {
    const Judged judged = campaign.judge(campaign.case_at(i));
    const std::string address = judged.made.address.to_string();
    if (!judged.difference.empty()) return Found{"S36", judged.difference, address, {}};
    if (judged.report.violations_size() == 0) continue;
    const Target target = target_of(judged.report);
    Found found{target.to_string(), judged.report.violations(0).found(), address, {}};
    ShrinkOptions shrinking;
    shrinking.shared = campaign_options.shared;
    shrinking.check = campaign_options.check;
    shrinking.most_replays = options.shrink_replays;
    const auto shrunk = shrink(judged.made.loaded, target, shrinking);
    if (shrunk) found.scenario = shrunk_text(*shrunk, target, shrinking.shared);
    return found;
  }
  return std::nullopt;
}

}  // namespace faultline::regions::explore
