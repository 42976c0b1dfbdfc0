// faultline time, faultline world: the clock and the state of a running server.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "engine/time.h"
#include "regions/scenario/epoch.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/server_option.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  ServerOption server;
  std::string by;
  std::string snapshot;
  bool hash = false;
};

void print_clock(const v1::ServerStatus& status) {
  fmt::print("{}  ({} after the start; clock {})\n", regions::format_epoch(status.wall_unix_ns()),
             engine::format_duration(engine::Duration::nanos(status.now_ns())), status.clock());
}

void print_status(const v1::ServerStatus& status) {
  print_clock(status);
  fmt::print("account {}, {} calls answered, {} faults in force, seed {}\n", status.account(),
             status.calls(), status.faults(), status.seed());
  for (const auto& region : status.regions()) {
    if (region.secrets() == 0 && region.keys() == 0 && region.up() && region.enabled()) continue;
    if (region.secrets() == 0 && region.keys() == 0 && region.up() && !region.enabled()) continue;
    fmt::print("  {:<16} {} secrets, {} keys{}{}\n", region.name(), region.secrets(), region.keys(),
               region.enabled() ? "" : ", not enabled", region.up() ? "" : ", down");
  }
  if (!status.recording().empty()) {
    fmt::print("recording {}, trace hash {}\n", status.recording(), status.trace_hash());
  }
  for (const std::string& name : status.snapshots()) fmt::print("snapshot {}\n", name);
  if (!status.state_hash().empty()) fmt::print("state hash {}\n", status.state_hash());
}

int ask_for_status(const Request& request, const v1::ControlRequest& control, bool clock_only) {
  return ask_and(request.server, control, [&](const v1::ControlResponse& response) {
    clock_only ? print_clock(response.status()) : print_status(response.status());
  });
}

int advance(const Request& request) {
  const auto by = engine::parse_duration(request.by);
  if (!by || *by <= engine::Duration::zero()) {
    complain(by ? "a clock goes forwards only: give a time greater than 0" : by.error());
    return kUsage;
  }
  v1::ControlRequest control;
  control.mutable_advance_clock()->set_by_ns(by->ns());
  return ask_for_status(request, control, true);
}

}  // namespace

void add_time(CLI::App& app, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* time = app.add_subcommand("time", "The clock of a running server");
  time->require_subcommand(1);
  CLI::App* advances = time->add_subcommand("advance", "Move a manual clock forward");
  advances->add_option("TIME", request->by, "By how much: 90s, 7d")->required();
  request->server.add_to(*advances);
  advances->callback([=, &exit_code] { exit_code = advance(*request); });
  CLI::App* now = time->add_subcommand("now", "What it shows");
  request->server.add_to(*now);
  now->callback([=, &exit_code] {
    v1::ControlRequest control;
    control.mutable_get_status();
    exit_code = ask_for_status(*request, control, true);
  });
}

void add_world(CLI::App& app, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* world = app.add_subcommand("world", "The state of a running server");
  world->require_subcommand(1);
  CLI::App* status = world->add_subcommand("status", "Clock, regions, faults, snapshots");
  status->add_flag("--hash", request->hash, "Also a digest of all that regions and KMS hold");
  request->server.add_to(*status);
  status->callback([=, &exit_code] {
    v1::ControlRequest control;
    control.mutable_get_status()->set_state_hash(request->hash);
    exit_code = ask_for_status(*request, control, false);
  });
  CLI::App* snapshot = world->add_subcommand("snapshot", "Remember the world as it is");
  snapshot->add_option("NAME", request->snapshot, "Under this name")->required();
  request->server.add_to(*snapshot);
  snapshot->callback([=, &exit_code] {
    v1::ControlRequest control;
    control.mutable_take_snapshot()->set_name(request->snapshot);
    exit_code = ask_for_status(*request, control, false);
  });
  CLI::App* reset =
      world->add_subcommand("reset", "Make it what it was at a snapshot, or at the start");
  reset->add_option("NAME", request->snapshot, "The snapshot. Absent: the start");
  request->server.add_to(*reset);
  reset->callback([=, &exit_code] {
    v1::ControlRequest control;
    control.mutable_reset_world()->set_snapshot(request->snapshot);
    exit_code = ask_for_status(*request, control, false);
  });
}

}  // namespace faultline::tools
