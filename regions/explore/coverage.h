// Coverage: what a campaign has met. Of every fault of the catalogue: whether it was in force, and
// whether that was while replication was under way. Of every row of the machines' tables: whether it
// was taken, and under which faults; but for rows that a machine takes as it is made, which no run
// tells of.
//
// Collected as a run goes (a listener of its trace), then merged; merging is commutative, so that
// workers and machines need no order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/trace.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"
#include "regions/world.h"

namespace faultline::regions::explore {

struct Coverage {
  struct Fault {
    std::uint64_t applied = 0;
    // While some link was InProgress.
    std::uint64_t in_flight = 0;
  };
  std::map<std::string, Fault> faults;               // by id
  std::map<std::string, std::uint64_t> transitions;  // "ReplicaLink Acked -> InSync"
  std::map<std::string, std::uint64_t> crossings;    // … | NET-09 | InProgress
  std::map<std::string, std::uint64_t> refusals;     // messages of Failed links

  void merge(const Coverage& other);
  void merge(const v1::CoverageTally& other);
  [[nodiscard]] v1::CoverageTally tally() const;
};

// Collects one run's.
class CoverageListener final : public engine::TraceListener {
 public:
  // All outlive this.
  CoverageListener(World& world, const v1::Scenario& scenario, Coverage& coverage);

  void on_record(std::uint64_t id, const engine::TraceRecord& record) override;

 private:
  void met(const std::vector<std::string>& ids);
  void applied(const engine::TraceRecord& record);
  void step_started(const engine::TraceRecord& record);
  void status_changed(const engine::TraceRecord& record);
  void moved(const engine::TraceRecord& record);

  World& world_;
  Coverage& coverage_;
  // Steps that the catalogue knows, by their words.
  struct FaultyStep {
    std::vector<std::string> ids;
    bool is_fault = false;
  };
  std::map<std::string, FaultyStep, std::less<>> faulty_steps_;
  // Ids of the fault whose step has begun.
  std::vector<std::string> begun_;
  // Ids of the faults in force, by the injector's number.
  std::map<std::uint64_t, std::vector<std::string>> in_force_;
  std::map<std::string, std::string> status_;  // by secret and region
  std::set<std::string> flying_;               // those that are InProgress
  std::set<std::string> met_in_flight_;        // ids, once a run
};

// The catalogue's faults that no run has met, by id.
[[nodiscard]] std::vector<std::string> faults_never_met(const Coverage& coverage);
// Rows of the machines' tables that no run has taken.
[[nodiscard]] std::vector<std::string> transitions_never_taken(const Coverage& coverage);
// For a terminal.
[[nodiscard]] std::string coverage_table(const Coverage& coverage);

}  // namespace faultline::regions::explore
