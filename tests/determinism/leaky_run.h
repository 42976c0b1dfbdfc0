// A run of two Regions whose protocol leaks, here or in a process of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/trace.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_world.h"
#include "regions/trace_file.h"
#include "tests/determinism/planted_sources.h"

namespace faultline::determinism {

inline constexpr std::string_view kWest = "us-west-2";
inline constexpr std::string_view kEast = "us-east-1";

// One secret, one replica, three values.
[[nodiscard]] const regions::LoadedScenario& scenario();
// With the protocol that the scenario asks for; nullptr: without a leak.
[[nodiscard]] regions::SharedParts parts_with(const PlantedSource* source);

// Variables of the environment, "NAME=value", that take the place of this process's own.
using Surroundings = std::vector<std::string>;

// This program once more, as a process of its own, with one run. "" as a source: none.
// A failure of the process is a failure of the test, and leaves the result empty.
[[nodiscard]] regions::RecordedRun run_elsewhere(std::string_view source,
                                                 const Surroundings& surroundings);

// What that process does: run, and write the trace. Returns its exit code.
[[nodiscard]] int run_here(const std::string& source, const std::string& trace_file);

// A new directory, which goes with its content when this goes.
class ScratchDirectory {
 public:
  // Where directories can be made.
  explicit ScratchDirectory(const std::string& root);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  // "": it could not be made.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace faultline::determinism
