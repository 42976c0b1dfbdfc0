#include "regions/explore/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/simulation.h"
#include "proto/trace.pb.h"
#include "regions/fault_catalogue.h"
#include "regions/replication/replica_copy.h"
#include "regions/replication/replica_link.h"
#include "regions/scenario_text.h"

namespace faultline::regions::explore {
namespace {

std::string text(std::string_view view) { return std::string(view); }

// "Replication failed: Region X is not enabled": without the names that differ from run to run.
std::string kind_of_refusal(std::string_view message) {
  std::string kind;
  for (const char c : message.substr(0, 60)) kind += (c >= '0' && c <= '9') ? '#' : c;
  return kind;
}

// "ReplicaLink Acked -> InSync", from the rows that a machine prints of itself; without those that
// lead from `silent`.
std::vector<std::string> rows_of(std::string_view machine, const std::string& table,
                                 std::string_view silent) {
  std::vector<std::string> rows;
  std::size_t begin = 0;
  for (int line = 0; begin < table.size(); ++line) {
    const std::size_t end = std::min(table.find('\n', begin), table.size());
    const std::string row = table.substr(begin, end - begin);
    begin = end + 1;
    if (line < 2 || row.size() < 3) continue;
    std::vector<std::string> cells;
    std::size_t from = 2;
    for (std::size_t bar = row.find(" |", from); bar != std::string::npos;
         bar = row.find(" |", from)) {
      cells.push_back(row.substr(from, bar - from));
      from = bar + 3;
    }
    if (cells.size() < 3 || cells[0] == silent) continue;
    const std::string& to = cells[2].empty() ? cells[0] : cells[2];
    rows.push_back(fmt::format("{} {} -> {}", machine, cells[1], to));
  }
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

const std::vector<std::string>& known_transitions() {
  static const std::vector<std::string> rows = [] {
    std::vector<std::string> all = rows_of("ReplicaLink", ReplicaLink::describe(), "");
    // A copy leaves New as it is made, from what the store holds: no run tells of that.
    const std::vector<std::string> copies = rows_of("ReplicaCopy", ReplicaCopy::describe(), "New");
    all.insert(all.end(), copies.begin(), copies.end());
    return all;
  }();
  return rows;
}

void add(std::map<std::string, std::uint64_t>& into,
         const std::map<std::string, std::uint64_t>& from) {
  for (const auto& [what, count] : from) into[what] += count;
}

}  // namespace

// ---- merging ------------------------------------------------------------------------------------

void Coverage::merge(const Coverage& other) {
  for (const auto& [id, fault] : other.faults) {
    faults[id].applied += fault.applied;
    faults[id].in_flight += fault.in_flight;
  }
  add(transitions, other.transitions);
  add(crossings, other.crossings);
  add(refusals, other.refusals);
}

void Coverage::merge(const v1::CoverageTally& other) {
  for (const auto& fault : other.faults()) {
    if (fault.applied() == 0) continue;
    faults[fault.id()].applied += fault.applied();
    faults[fault.id()].in_flight += fault.in_flight();
  }
  for (const auto& row : other.transitions()) {
    if (row.count() > 0) transitions[row.what()] += row.count();
  }
  for (const auto& row : other.crossings()) crossings[row.what()] += row.count();
  for (const auto& row : other.refusals()) refusals[row.what()] += row.count();
}

v1::CoverageTally Coverage::tally() const {
  v1::CoverageTally out;
  for (const FaultEntry& entry : fault_catalogue()) {
    auto& fault = *out.add_faults();
    fault.set_id(text(entry.id));
    fault.set_name(text(entry.name));
    const auto found = faults.find(text(entry.id));
    if (found == faults.end()) continue;
    fault.set_applied(found->second.applied);
    fault.set_in_flight(found->second.in_flight);
  }
  const auto write = [](const std::map<std::string, std::uint64_t>& from, auto* into) {
    for (const auto& [what, count] : from) {
      auto& row = *into->Add();
      row.set_what(what);
      row.set_count(count);
    }
  };
  std::map<std::string, std::uint64_t> every = transitions;
  for (const std::string& row : known_transitions()) every[row] += 0;
  write(every, out.mutable_transitions());
  write(crossings, out.mutable_crossings());
  write(refusals, out.mutable_refusals());
  return out;
}

// ---- one run ------------------------------------------------------------------------------------

void CoverageListener::on_record(std::uint64_t id, const engine::TraceRecord& record) {
  static_cast<void>(id);
  switch (record.kind) {
    case v1::FAULT_APPLIED:
      return applied(record);
    case v1::FAULT_HEALED:
      in_force_.erase(record.number);
      return;
    case v1::STEP:
      return step_started(record);
    case v1::REPLICATION_STATUS:
      return status_changed(record);
    case v1::MACHINE_MOVED:
      return moved(record);
    default:
      return;
  }
}

void CoverageListener::met(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    ++coverage_.faults[id].applied;
    if (!flying_.empty() && met_in_flight_.insert(id).second) ++coverage_.faults[id].in_flight;
  }
}

CoverageListener::CoverageListener(World& world, const v1::Scenario& scenario, Coverage& coverage)
    : world_(world), coverage_(coverage) {
  for (const v1::Step& step : scenario.step()) {
    const std::vector<std::string_view> ids = fault_ids_of(step);
    if (ids.empty()) continue;
    faulty_steps_.emplace(step_text(step), FaultyStep{
                                               {ids.begin(), ids.end()},
                                               step.has_fault()
    });
  }
}

// Of the step before it, which the trace names in words. Promotions, removals and their like are
// faults, too, where the catalogue says so.
void CoverageListener::step_started(const engine::TraceRecord& record) {
  begun_.clear();
  const auto step = faulty_steps_.find(record.subject);
  if (step == faulty_steps_.end()) return;
  if (step->second.is_fault) {
    begun_ = step->second.ids;
  } else {
    met(step->second.ids);
  }
}

void CoverageListener::applied(const engine::TraceRecord& record) {
  met(begun_);
  in_force_[record.number] = std::exchange(begun_, {});
}

void CoverageListener::status_changed(const engine::TraceRecord& record) {
  const std::string link =
      fmt::format("{}>{}", record.subject, world_.simulation().trace().name(record.peer));
  status_[link] = text(record.outcome);
  if (record.outcome == "Failed") ++coverage_.refusals[kind_of_refusal(record.text)];
  if (record.outcome != "InProgress") {
    flying_.erase(link);
    return;
  }
  flying_.insert(link);
  for (const auto& [number, ids] : in_force_) {
    for (const std::string& id : ids) {
      if (met_in_flight_.insert(id).second) ++coverage_.faults[id].in_flight;
    }
  }
}

void CoverageListener::moved(const engine::TraceRecord& record) {
  const std::string row = fmt::format("{} {} -> {}", record.text, record.verb, record.outcome);
  ++coverage_.transitions[row];
  if (in_force_.empty()) return;
  const auto status = status_.find(
      fmt::format("{}>{}", record.subject, world_.simulation().trace().name(record.peer)));
  const std::string before = status == status_.end() ? "none" : status->second;
  for (const auto& [number, ids] : in_force_) {
    for (const std::string& id : ids) {
      ++coverage_.crossings[fmt::format("{} | {} | {}", row, id, before)];
    }
  }
}

// ---- what it came to ----------------------------------------------------------------------------

std::vector<std::string> faults_never_met(const Coverage& coverage) {
  std::vector<std::string> never;
  for (const FaultEntry& entry : fault_catalogue()) {
    if (!coverage.faults.contains(text(entry.id))) never.push_back(text(entry.id));
  }
  return never;
}

std::vector<std::string> transitions_never_taken(const Coverage& coverage) {
  std::vector<std::string> never;
  for (const std::string& row : known_transitions()) {
    if (!coverage.transitions.contains(row)) never.push_back(row);
  }
  return never;
}

std::string coverage_table(const Coverage& coverage) {
  std::size_t in_flight = 0;
  for (const auto& [id, fault] : coverage.faults) in_flight += fault.in_flight > 0 ? 1 : 0;
  const std::vector<std::string> faults = faults_never_met(coverage);
  const std::vector<std::string> rows = transitions_never_taken(coverage);
  const std::size_t known = fault_catalogue().size();
  std::string out =
      fmt::format("faults       {} of {} met, {} of them while replication was under way\n",
                  known - faults.size(), known, in_flight);
  if (!faults.empty()) out += fmt::format("  never met  {}\n", fmt::join(faults, ", "));
  out += fmt::format("transitions  {} of {} taken, under {} combinations of fault and status\n",
                     known_transitions().size() - rows.size(), known_transitions().size(),
                     coverage.crossings.size());
  for (const std::string& row : rows) out += fmt::format("  never      {}\n", row);
  return out;
}

}  // namespace faultline::regions::explore
