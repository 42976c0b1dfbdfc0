// faultline bench defects: how long a sweep takes to find each defect of the catalogue; with
// --ablate, each strategy alone.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/time.h"
#include "regions/defects.h"
#include "regions/explore/campaign.h"
#include "regions/level_kv_store.h"
#include "regions/runner.h"
#include "regions/scenario/spelling.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  std::string budget = "10s";
  std::uint64_t campaigns = 3;
  std::vector<std::string> defects;
  unsigned jobs = 0;
  bool ablate = false;
};

// Three regions with a key each: what every defect needs, and nothing made for one of them.
regions::LoadedScenario base_with(std::string_view defect) {
  regions::LoadedScenario base{{}, fmt::format("{}", defect), {}, {}};
  for (const char* region : {"us-west-2", "us-east-1", "eu-west-1"}) {
    base.scenario.add_region()->set_name(region);
    v1::KeySpec& key = *base.scenario.add_key();
    key.set_region(region);
    key.set_alias("alias/app");
  }
  base.scenario.mutable_service()->add_defect(std::string(defect));
  return base;
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// One search for one defect.
struct Search {
  const regions::DefectInfo* defect;
  std::string arm;  // empty: the portfolio
  std::uint64_t campaign;
  // What came of it.
  bool found = false;
  std::uint64_t runs = 0;
  double seconds = 0;
  std::string by{};     // the arm
  std::string wrong{};  // another property that was violated before
};

bool names(std::string_view list, const std::string& id) {
  return !id.empty() && list.find(id) != std::string_view::npos;
}

void carry_out(Search& search, double budget, const engine::DiskImage& empty) {
  regions::explore::CampaignOptions options;
  options.campaign = search.campaign;
  if (!search.arm.empty()) options.arms = {search.arm};
  options.shared.empty_database = empty;
  const regions::explore::Campaign campaign({base_with(search.defect->id)}, options);
  const double begin = thread_seconds();
  for (std::uint64_t i = 0; !search.found && search.seconds < budget; ++i) {
    auto made = campaign.case_at(i);
    search.by = made.address.arm;
    regions::RunOptions run;
    run.seed = made.seed;
    run.shared = options.shared;
    run.most_events = options.most_events;
    const v1::RunReport report = regions::ScenarioRun(made.loaded, std::move(run)).finish();
    ++search.runs;
    search.seconds = thread_seconds() - begin;
    for (const v1::Violation& violation : report.violations()) {
      if (names(search.defect->properties, violation.property())) search.found = true;
    }
    if (!search.found && report.violations_size() > 0 && search.wrong.empty()) {
      search.wrong = report.violations(0).property();
    }
  }
}

template <class T>
T median(std::vector<T> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// One line of the table: all campaigns of one defect and one arm.
std::string line_of(const std::vector<Search>& searches, const regions::DefectInfo& defect,
                    const std::string& arm) {
  std::size_t found = 0;
  std::size_t all = 0;
  std::vector<std::uint64_t> runs;
  std::vector<double> seconds;
  std::string wrong;
  for (const Search& search : searches) {
    if (search.defect != &defect || search.arm != arm) continue;
    ++all;
    runs.push_back(search.runs);
    seconds.push_back(search.seconds);
    if (search.found) ++found;
    if (!search.wrong.empty() && !search.found) wrong = search.wrong;
  }
  return fmt::format("{:<4} {:>2}  {:<26} {:>3}/{:<3} {:>8} {:>9.2f} {:>9.2f}  {}{}\n", defect.id,
                     defect.depth, defect.name, found, all, median(runs), median(seconds),
                     seconds.empty() ? 0 : *std::ranges::max_element(seconds), defect.properties,
                     wrong.empty() ? "" : " (saw " + wrong + ")");
}

int bench(const Request& request) {
  const auto budget = engine::parse_duration(request.budget);
  if (!budget) {
    complain("--budget: " + budget.error());
    return kUsage;
  }
  std::vector<const regions::DefectInfo*> chosen;
  for (const std::string& id : request.defects) {
    if (regions::find_defect(id) == nullptr) {
      complain(regions::no_such_defect(id));
      return kUsage;
    }
    chosen.push_back(regions::find_defect(id));
  }
  if (chosen.empty()) {
    for (const auto& defect : regions::defects()) chosen.push_back(&defect);
  }
  std::vector<std::string> arms = {""};
  if (request.ablate) {
    for (const auto& arm : regions::explore::portfolio()) arms.emplace_back(arm.name);
  }
  std::vector<Search> searches;
  for (const std::string& arm : arms) {
    for (const auto* defect : chosen) {
      for (std::uint64_t i = 1; i <= request.campaigns; ++i) searches.push_back({defect, arm, i});
    }
  }
  const engine::DiskImage empty = regions::make_empty_database_image();
  const double seconds = static_cast<double>(budget->ns()) / 1e9;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < searches.size(); i = next++) {
      carry_out(searches[i], seconds, empty);
    }
  };
  {
    const unsigned jobs =
        request.jobs > 0 ? request.jobs : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < jobs; ++i) workers.emplace_back(work);
    work();
  }
  std::size_t missed = 0;
  for (const std::string& arm : arms) {
    fmt::print("{}: CPU seconds on one core until the property named is violated\n",
               arm.empty() ? "default portfolio" : "strategy " + arm);
    fmt::print("id    d  defect                       found     runs    median     worst  by\n");
    for (const auto* defect : chosen) fmt::print("{}", line_of(searches, *defect, arm));
    const auto of_arm = [&](const Search& search) { return search.arm == arm; };
    const auto all = std::ranges::count_if(searches, of_arm);
    const auto found = std::ranges::count_if(
        searches, [&](const Search& search) { return of_arm(search) && search.found; });
    fmt::print("      found {} of {} searches within {}\n\n", found, all, request.budget);
    if (arm.empty()) missed = static_cast<std::size_t>(all - found);
  }
  return missed == 0 ? kHolds : kInconclusive;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command = app.add_subcommand("bench", "Measure how well bugs are found");
  command->require_subcommand(1);
  CLI::App* defects =
      command->add_subcommand("defects",
                              "Search for each defect of the catalogue, and tell how long "
                              "it took to see the property that it breaks");
  defects->footer("Exit codes: 0 all were found; 2 some were not within the budget.");
  defects->add_option("ID", request->defects, "Only these (default: all)");
  defects->add_option("--budget", request->budget, "CPU time for each search (default 10s)")
      ->type_name("T");
  defects->add_option("--campaigns", request->campaigns, "Searches for each defect (default 3)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  defects->add_option("--jobs", request->jobs, "Searches at a time (default: one a core)")
      ->type_name("N");
  defects->add_flag("--ablate", request->ablate, "Each strategy alone, too");
  defects->callback([request, &exit_code] { exit_code = bench(*request); });
}

}  // namespace faultline::tools
