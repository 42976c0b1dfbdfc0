// faultline explore FILE: every order and every placement of faults, up to a depth.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/explore/search.h"
#include "engine/time.h"
#include "regions/explore/world_model.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_loader.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

using regions::explore::WorldModel;

struct Request {
  std::string file;
  int faults = 2;
  std::size_t depth = 8;
  std::string budget = "60s";
  std::string families = "drop,duplicate,crash";
  bool no_symmetry = false;
  bool all = false;
};

Expected<std::vector<regions::explore::FaultFamily>, std::string> families_of(
    const std::string& list) {
  const auto& known = regions::explore::fault_families();
  std::vector<regions::explore::FaultFamily> families;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string name = list.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty()) continue;
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) {
      return tl::make_unexpected(fmt::format("--families: there is no family \"{}\"{}; known: {}",
                                             name, regions::did_you_mean(name, known),
                                             fmt::join(known, ", ")));
    }
    families.push_back(static_cast<regions::explore::FaultFamily>(found - known.begin()));
  }
  return families;
}

// The choices that lead there, and whether it shows only at the end.
void print_path(WorldModel& model, const std::vector<std::size_t>& path) {
  model.reset();
  int number = 0;
  for (const std::size_t choice : path) {
    fmt::print("  {:>2}. {}\n", ++number, model.describe(choice));
    model.choose(choice);
  }
  if (!model.broken()) fmt::print("  then everything is mended, and the world comes to rest\n");
}

int explore(const Request& request, const Environment& environment) {
  const auto families = families_of(request.families);
  const auto budget = engine::parse_duration(request.budget);
  if (!families || !budget) {
    complain(!families ? families.error() : "--budget: " + budget.error());
    return kUsage;
  }
  const auto loaded = regions::load_scenario_file(request.file, environment.check);
  if (!loaded) {
    complain(loaded.error());
    return kBadInput;
  }
  if (const auto possible = regions::explore::can_be_searched(loaded->scenario); !possible) {
    complain(request.file + ": " + possible.error());
    return kBadInput;
  }
  regions::explore::WorldModelOptions options;
  options.families = *families;
  options.faults = request.faults;
  options.symmetry = !request.no_symmetry;
  options.shared = environment.shared;
  WorldModel model(*loaded, options);

  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double most = static_cast<double>(budget->ns()) / 1e9;
  fmt::print("family     {}\nfaults     {}\ncalls      {} after the set-up\n", request.families,
             request.faults, model.script_size());
  // Deeper and deeper, so that the shortest violation comes first and a budget that ends leaves the
  // certificate of the depth before.
  engine::Certificate last;
  std::size_t exhausted_depth = 0;
  for (std::size_t depth = request.all ? request.depth : 1; depth <= request.depth; ++depth) {
    engine::Search<WorldModel> search(
        {.depth = depth, .may_go_on = [&] { return seconds() < most; }});
    const engine::Certificate certificate = search.run(model);
    fmt::print("depth {:>3}  {}: {} states, {} transitions, {} ends judged, {:.1f} s\n", depth,
               certificate.violation   ? "violated"
               : certificate.exhausted ? "exhausted"
                                       : "not exhausted",
               certificate.states, certificate.transitions, certificate.ends, seconds());
    std::fflush(stdout);
    last = certificate;
    if (certificate.violation || !certificate.exhausted) break;
    exhausted_depth = depth;
  }
  if (last.violation) {
    fmt::print("\nviolated   {}\n", *last.violation);
    print_path(model, last.path);
    return kViolated;
  }
  if (exhausted_depth == 0) {
    fmt::print("\ninconclusive: not even depth 1 was exhausted within {}\n", request.budget);
    return kInconclusive;
  }
  fmt::print("\ncertificate  fault family {}, {} faults, depth {}: exhausted, {}no violation\n",
             request.families, request.faults, exhausted_depth,
             exhausted_depth == last.depth && last.exhausted
                 ? fmt::format("{} states, ", last.states)
                 : "");
  return exhausted_depth == request.depth ? kHolds : kInconclusive;
}

}  // namespace

void add_explore(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command = app.add_subcommand(
      "explore", "Search every order and every placement of faults, up to a depth");
  command->footer(
      "Steps at 0s are the set-up; the calls after it are made in their order, and between them "
      "the "
      "search\nchooses which message arrives, which timer fires and where faults strike. Prints a "
      "certificate of what\nwas exhausted.\n"
      "Exit codes: 0 exhausted without a violation; 1 violated; 2 the budget ended first; 65 bad "
      "file.\n"
      "\n"
      "Example:  faultline explore scenarios/explore/write_remove_promote.textproto --depth 8");
  command->add_option("FILE", request->file, "A scenario whose later steps are calls")->required();
  command->add_option("--faults", request->faults, "At most so many faults (default 2)")
      ->check(CLI::Range(0, 16));
  command->add_option("--depth", request->depth, "At most so many choices (default 8)")
      ->check(CLI::Range(1, 64));
  command
      ->add_option("--families", request->families,
                   "Which faults: drop, duplicate, crash, cut, region, key")
      ->type_name("LIST");
  command->add_option("--budget", request->budget, "End after so long (default 60s)")
      ->type_name("T");
  command->add_flag("--no-symmetry", request->no_symmetry,
                    "Tell replicas apart that could change places");
  command->add_flag("--all", request->all, "Begin with the full depth, not with depth 1");
  command->callback(
      [request, &environment, &exit_code] { exit_code = explore(*request, environment); });
}

}  // namespace faultline::tools
