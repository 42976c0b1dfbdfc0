// faultline time, faultline world: the clock and the state of a running server.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "engine/time.h"
#include "regions/scenario/epoch.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/serve/owners_file.h"
#include "tools/server_option.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  ServerOption server;
  std::string by;
  std::string speed = "real";
  std::uint32_t steps = 1;
  std::string snapshot;
  std::uint64_t event = 0;
  std::string file;
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

int set_clock(const Request& request, const std::string& text) {
  v1::ControlRequest control;
  control.mutable_set_clock()->set_text(text);
  return ask_for_status(request, control, true);
}

int step(const Request& request) {
  v1::ControlRequest control;
  control.mutable_step_events()->set_count(request.steps);
  return ask_for_status(request, control, true);
}

int rewind(const Request& request) {
  v1::ControlRequest control;
  control.mutable_rewind()->set_event(request.event);
  return ask_for_status(request, control, false);
}

int save(const Request& request) {
  int written = kHolds;
  v1::ControlRequest control;
  control.mutable_save_session();
  const int asked = ask_and(request.server, control, [&](const v1::ControlResponse& response) {
    const auto file = create_owners_file(request.file);
    const std::string& text = response.saved().scenario();
    if (!file || std::fwrite(text.data(), 1, text.size(), file->get()) != text.size()) {
      complain(file ? request.file + ": cannot be written" : file.error());
      written = kBadInput;
      return;
    }
    fmt::print("{}: {} steps, which run to hash {}; it holds the secret values that were sent\n",
               request.file, response.saved().steps(), response.saved().trace_hash());
  });
  return asked != kHolds ? asked : written;
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
  CLI::App* pause =
      time->add_subcommand("pause", "From now on it moves only with calls, steps and `advance`");
  request->server.add_to(*pause);
  pause->callback([=, &exit_code] { exit_code = set_clock(*request, "manual"); });
  CLI::App* run = time->add_subcommand("run", "From now on it follows the machine's");
  run->add_option("SPEED", request->speed,
                  "real, x60 (sixty times as fast), x1/20 (twenty times slower). Default real");
  request->server.add_to(*run);
  run->callback([=, &exit_code] { exit_code = set_clock(*request, request->speed); });
  CLI::App* steps = time->add_subcommand(
      "step", "On to the next event; for a paused server that was started with --console");
  steps->add_option("N", request->steps, "So many of them. Default 1")
      ->check(CLI::Range(1, 10'000));
  request->server.add_to(*steps);
  steps->callback([=, &exit_code] { exit_code = step(*request); });
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
  // A server remembers what was done when it was started with --console.
  CLI::App* back = world->add_subcommand(
      "rewind", "Make it what it was after an event; what came later is forgotten (--console)");
  back->add_option("EVENT", request->event, "Its number; 0: the beginning")->required();
  request->server.add_to(*back);
  back->callback([=, &exit_code] { exit_code = rewind(*request); });
  CLI::App* saves = world->add_subcommand(
      "save", "Write what was done as a scenario that `faultline run` repeats (--console)");
  saves->add_option("FILE", request->file, "A new file; only you may read it")->required();
  request->server.add_to(*saves);
  saves->callback([=, &exit_code] { exit_code = save(*request); });
}

}  // namespace faultline::tools
