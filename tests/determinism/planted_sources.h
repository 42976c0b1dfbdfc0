// Twelve sources of nondeterminism, planted on purpose: what the emulator must never ask. Each
// answers some bytes, and LeakyProtocol lets them decide what it does.
//
// A source differs from one run to the next either within a process, or only between processes with
// other surroundings: addresses, environment, the file system, compiler flags. That it differs is
// certain, or so nearly that no test will ever see it: at least 2^40 to 1.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::determinism {

// How the bytes get into the run.
enum class Route {
  Delay,  // how long a timer takes
  Order,  // what is sent first: one message a byte
  Body,   // what a message says
};

struct PlantedSource {
  std::string_view name;
  Route route = Route::Body;
  // Found by making a run twice in one process.
  bool shows_in_process = false;
  // One for each life of a protocol; what it holds lives as long.
  std::function<std::string()> (*make)() = nullptr;
};

[[nodiscard]] const std::vector<PlantedSource>& planted_sources();
// REQUIRES: one of these names.
[[nodiscard]] const PlantedSource& planted_source(std::string_view name);

// Variables of the environment that sources read.
inline constexpr const char* kHurry = "FAULTLINE_PLANTED_HURRY";
inline constexpr const char* kDirectory = "FAULTLINE_PLANTED_DIRECTORY";
inline constexpr const char* kContraction = "FAULTLINE_PLANTED_CONTRACTION";  // "fast": fused

// contraction.cpp, compiled twice: x*y+z in one rounding, and in two.
[[nodiscard]] double retry_factor_fused(double start);
[[nodiscard]] double retry_factor_unfused(double start);

}  // namespace faultline::determinism
