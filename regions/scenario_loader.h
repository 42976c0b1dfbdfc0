// Loading a scenario: text in, a checked scenario out, or everything that is wrong with it.
//
//     const auto loaded = load_scenario("lost.textproto", text);
//     if (!loaded) for (const InputError& error : loaded.error()) print(error.to_string());
//     // lost.textproto:12:9: "step" has no field "put_secret_valu"; did you mean
//     "put_secret_value"?
//
// What passes here can run: names are declared, times and sizes are in range, faults have something
// to break (scenario/check.h).
// Errors   all of a file's, in the order of its lines, at most
// kMostErrors (the last one then says how many more). A block that
//          cannot be read is reported by its first mistake and left out of the check.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "proto/result.h"
#include "proto/scenario.pb.h"
#include "regions/scenario/check.h"

namespace faultline::regions {

inline constexpr std::size_t kMostErrors = 20;
// A scenario is written by hand or by a shrinker; what is larger is something else.
inline constexpr std::size_t kMostScenarioBytes = 8'000'000;

struct LoadedScenario {
  v1::Scenario scenario;
  // As it was named; for messages.
  std::string file;
  // Where steps and expectations stand, by index; 1-based lines, empty for a scenario that was
  // never text.
  std::vector<int> step_lines;
  std::vector<int> expect_lines;
};

using InputErrors = std::vector<InputError>;

[[nodiscard]] Expected<LoadedScenario, InputErrors> load_scenario(std::string file,
                                                                  std::string_view text,
                                                                  const CheckOptions& options = {});

// Errors also: it cannot be read, is a directory, is no text.
[[nodiscard]] Expected<LoadedScenario, InputErrors> load_scenario_file(
    const std::string& path, const CheckOptions& options = {});

// A scenario that was built in C++ or read from a trace.
[[nodiscard]] Expected<LoadedScenario, InputErrors> adopt_scenario(
    std::string name, v1::Scenario scenario, const CheckOptions& options = {});

// The bytes of a file, for loaders.
// Errors   one sentence with the path and what the system says; also for directories and for files
// of more than `most` bytes.
[[nodiscard]] Expected<std::string, InputError> read_file(const std::string& path,
                                                          std::size_t most);

}  // namespace faultline::regions
