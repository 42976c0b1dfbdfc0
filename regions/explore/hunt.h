// A hunt: a campaign on this thread until something fails, and the failure shrunk. What a test in
// C++ wants of a sweep.
//
//     const auto found = hunt({.regions = {"us-west-2", "us-east-1"}, .protocol = "mine",
//                              .protocols = my_protocols, .runs = 500});
//     if (found) std::cout << found->scenario;     // text of a scenario file that fails again
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/report.pb.h"
#include "proto/scenario.pb.h"
#include "regions/replication/protocol.h"

namespace faultline::regions::explore {

struct HuntOptions {
  // The world, unless `base` says it all: regions, each with the key "alias/app", and a protocol.
  std::vector<std::string> regions = {"us-west-2", "us-east-1", "eu-west-1"};
  std::string protocol = "aws";
  // Absent: the portfolio's own.
  std::optional<v1::Workload> workload{};
  std::optional<v1::Chaos> chaos{};
  std::optional<v1::Scenario> base{};

  // Default: the built-in ones.
  std::shared_ptr<const ProtocolRegistry> protocols{};
  // Other campaigns have other runs.
  std::uint64_t campaign = 1;
  std::uint64_t runs = 200;
  // Names of the portfolio's arms; empty: all.
  std::vector<std::string> strategies{};
  // Runs that shrinking may take.
  std::uint64_t shrink_replays = 3'000;
};

struct Found {
  // "S12" or the text of an expectation, and what was seen.
  std::string target;
  std::string found;
  // The run it was found in: "1/edge/173".
  std::string address;
  // The shrunk scenario, as the text of a file.
  std::string scenario;
};

// Nothing: every run held. A run that is not the same twice is found as S36, with the first event
// that differs.
// Determinism  the same options find the same.
// REQUIRES: a base that passes the check.
[[nodiscard]] std::optional<Found> hunt(const HuntOptions& options);

}  // namespace faultline::regions::explore
