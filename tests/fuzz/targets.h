// What is fuzzed: each target takes any bytes, does with them what a server would, and holds what
// comes out against what must be true of it. A failure ends the program (FL_CHECK, or a sanitizer).
#pragma once

#include <string_view>

namespace faultline::fuzz {

// A connection's bytes: parsed as HTTP in pieces, and handled by two fronts, one that verifies. The
// first byte says how large the pieces are.
void http(std::string_view bytes);
// A body of one operation, or an answer; the first byte says whose.
void json(std::string_view bytes);
// A policy document; the first byte says of what.
void policy(std::string_view bytes);
// The text of a scenario.
void scenario(std::string_view bytes);
// A blob of KMS or a sealed value; the first byte says which, and whether the rest is one or is
// laid over a good one.
void envelope(std::string_view bytes);

struct Target {
  std::string_view name;  // of its folder in corpus/, too
  void (*run)(std::string_view bytes);
  // How many bent inputs the ordinary test takes: a second's worth.
  int smoke_inputs;
};

inline constexpr Target kTargets[] = {
    {"http",     http,     20'000},
    {"json",     json,     20'000},
    {"policy",   policy,   20'000},
    {"scenario", scenario, 600   },
    {"envelope", envelope, 10'000},
};

}  // namespace faultline::fuzz
