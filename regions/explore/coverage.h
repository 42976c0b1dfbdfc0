// Coverage: what a campaign has met. Of every fault of the catalogue: whether it was in force, and
// whether that was while replication was under way. Of every row of the machines' tables: whether it
// was taken, and under which faults.
//
// Collected as a run goes (a listener of its trace), then merged; merging is commutative, so that
// workers and machines need no order.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/fault_injector.h"
#include "engine/trace.h"
#include "regions/runner.h"

namespace faultline::regions::explore {

struct Coverage {
  struct Fault {
    std::uint64_t applied = 0;
    // While some link was InProgress.
    std::uint64_t in_flight = 0;
  };
  std::map<std::string, Fault> faults;  // by id
  // "ReplicaLink Acked InSync"
  std::map<std::string, std::uint64_t> transitions;
  // A transition, the id of a fault in force, and the status of that link before it.
  std::map<std::string, std::uint64_t> crossings;
  std::map<std::string, std::uint64_t> refusals;  // messages of Failed links, by their kind

  void merge(const Coverage& other);
};

// Collects one run's.
class CoverageListener final : public engine::TraceListener {
 public:
  // Both outlive this. Steps that count as faults (promotions, removals) are noted at once.
  CoverageListener(ScenarioRun& run, const v1::Scenario& scenario, Coverage& coverage);
  ~CoverageListener() override;
  CoverageListener(const CoverageListener&) = delete;
  CoverageListener& operator=(const CoverageListener&) = delete;

  void on_record(std::uint64_t id, const engine::TraceRecord& record) override;

 private:
  void note_faults_in_force(bool in_flight);

  ScenarioRun& run_;
  Coverage& coverage_;
  // Ids of the faults in force, by the injector's number.
  std::map<std::uint64_t, std::vector<std::string>> in_force_;
  std::map<std::string, std::string> status_;  // by secret and region
  std::set<std::string> seen_in_flight_;
};

// A table for a terminal.
[[nodiscard]] std::string coverage_table(const Coverage& coverage);
[[nodiscard]] std::string coverage_json(const Coverage& coverage);

}  // namespace faultline::regions::explore
