// What a scenario leaves to luck, and how its run ends.
#include <google/protobuf/descriptor.h>

#include "regions/explore/draw.h"
#include "regions/fault_catalogue.h"
#include "regions/scenario/check.h"

namespace faultline::regions {
namespace {

constexpr std::uint32_t kMostSecrets = 64;
constexpr std::uint32_t kMostCalls = 100'000;
constexpr std::uint32_t kMostFaults = 10'000;
constexpr std::uint32_t kMostWeight = 1'000'000;

}  // namespace

void ScenarioChecker::check_workload() {
  if (!scenario_.has_workload()) return;
  const Spot spot = root_.child("workload");
  if (is_unreadable_(spot.place())) return;
  const v1::Workload& workload = scenario_.workload();
  if (workload.secrets() > kMostSecrets) complain(spot, "secrets", "at most 64 secrets");
  if (workload.calls() > kMostCalls) complain(spot, "calls", "at most 100 000 calls");
  duration(spot, "duration", Zero::Refused);
  std::vector<std::string> known;
  for (const auto& kind : explore::operation_kinds()) known.emplace_back(kind.name);
  bool any = workload.mix_size() == 0;
  for (int i = 0; i < workload.mix_size(); ++i) {
    const Spot entry = spot.child("mix", i);
    one_of(entry, "operation", -1, "kind of call", known);
    any = any || workload.mix(i).weight() > 0;
    if (workload.mix(i).weight() > kMostWeight) complain(entry, "weight", "at most 1 000 000");
  }
  if (!any) complain(spot, "mix", "nothing can be drawn: every weight is 0");
  for (int i = 0; i < workload.primary_region_size(); ++i) {
    one_of(spot, "primary_region", i, "region", names_.regions);
  }
}

void ScenarioChecker::check_chaos() {
  if (!scenario_.has_chaos()) return;
  const Spot spot = root_.child("chaos");
  if (is_unreadable_(spot.place())) return;
  const v1::Chaos& chaos = scenario_.chaos();
  if (chaos.faults() > kMostFaults) complain(spot, "faults", "at most 10 000 faults");
  if (chaos.none() && (chaos.faults() > 0 || chaos.mix_size() > 0)) {
    complain(spot, "none", "none, or some: not both");
  }
  duration(spot, "longest", Zero::Refused);
  std::vector<std::string> known;
  for (const auto& choice : explore::all_fault_choices()) {
    known.push_back(choice.id);
    known.emplace_back(find_fault(choice.id)->block);
  }
  bool any = chaos.mix_size() == 0;
  for (int i = 0; i < chaos.mix_size(); ++i) {
    const Spot entry = spot.child("mix", i);
    one_of(entry, "kind", -1, "kind of fault", known);
    if (chaos.mix(i).weight() > kMostWeight) complain(entry, "weight", "at most 1 000 000");
    any = any || chaos.mix(i).weight() > 0;
  }
  if (!any) complain(spot, "mix", "nothing can be drawn: every weight is 0");
}

void ScenarioChecker::check_settle() {
  if (!scenario_.has_settle()) return;
  const Spot spot = root_.child("settle");
  if (is_unreadable_(spot.place())) return;
  duration(spot, "at");
  for (int i = 0; i < scenario_.settle().dead_region_size(); ++i) {
    one_of(spot, "dead_region", i, "region", names_.regions);
  }
  if (!scenario_.run_for().empty()) {
    complain(spot, "at", "a run that settles ends when it has come to rest: leave out run_for");
  }
}

}  // namespace faultline::regions
