// The world that `faultline serve` begins with, as a scenario: what the command line says, or a
// scenario file, made fit to be served.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/result.h"
#include "regions/scenario_loader.h"
#include "tools/serve/server_clock.h"

namespace faultline::tools {

struct WorldWish {
  // Empty: no file.
  std::string scenario_file;
  // Empty: every region of AWS's own partition, the opt-in ones not enabled.
  std::vector<std::string> regions;
  // Empty: "123456789012", or the file's.
  std::string account;
  // Decides everything that is luck. Absent: the file's, or one that nobody can guess.
  std::optional<std::uint64_t> seed;
  bool follows_machine = true;  // its clock
  // What the machine's clock shows.
  std::int64_t now_unix_ns = 0;
};

// Work within a region takes no time of its own by default, for the server's own work takes time: what
// is simulated is what lies between regions. The clock begins with what the machine's shows, unless
// the world was given a seed and a clock that does not follow the machine's: then every run is the
// same run. Expectations are not judged here, nor what steps want, and nothing is drawn: a workload
// and chaos become steps.
// Errors   all that is wrong, each with its place.
[[nodiscard]] Expected<regions::LoadedScenario, regions::InputErrors> served_world(
    const WorldWish& wish, const regions::CheckOptions& check);

}  // namespace faultline::tools
