#include "tools/report/replication_lag.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace faultline::tools {
namespace {

class Lag {
 public:
  explicit Lag(const RunRecord& record) : record_(record) {}

  std::vector<LaggingLink> all() {
    for (const v1::TraceEvent& event : record_.events) note(event);
    return std::move(links_);
  }

 private:
  using Name = std::tuple<std::string, int, int>;  // secret, primary, replica
  struct State {
    std::size_t place = 0;
    std::uint64_t applied = 0;
    bool is_open = false;
  };

  void note(const v1::TraceEvent& event) {
    const auto lane = [&] { return lane_of(record_.scenario, event.actor()); };
    const auto peer = [&] { return lane_of(record_.scenario, event.peer()); };
    switch (event.kind()) {
      case v1::STORE_COMMITTED:
        // What the replica commits is not the primary's doing, but has the primary's number.
        if (event.verb() != "replicate") committed(event, lane());
        break;
      case v1::REPLICATION_STATUS:
        if (event.outcome() == "Gone") {
          end(event, {event.subject(), lane(), peer()});
        } else {
          open({event.subject(), lane(), peer()});
          measure_all(event, lane());
        }
        break;
      case v1::REPLICA_APPLIED:
        if (event.verb() == "applied") {
          State& state = open({event.subject(), peer(), lane()});
          state.applied = event.number();
          measure(event, state);
        }
        break;
      case v1::PROMOTED:
      case v1::REPLICA_REMOVED:
        for (const auto& [name, state] : states_) {
          if (std::get<0>(name) == event.subject() && std::get<2>(name) == lane()) end(event, name);
        }
        break;
      case v1::SECRET_PURGED:
        newest_.erase({event.subject(), lane()});
        break;
      default:
        break;
    }
  }

  void committed(const v1::TraceEvent& event, int lane) {
    std::uint64_t& newest = newest_[{event.subject(), lane}];
    if (event.number() <= newest) return;
    newest = event.number();
    measure_all(event, lane);
  }

  State& open(const Name& name) {
    const auto [found, is_new] = states_.try_emplace(name);
    State& state = found->second;
    if (is_new) {
      state.place = links_.size();
      const auto& [secret, primary, replica] = name;
      links_.push_back({secret, primary, replica, {}});
    }
    // It begins with nothing.
    if (!state.is_open) state.applied = 0;
    state.is_open = true;
    return state;
  }

  void end(const v1::TraceEvent& event, const Name& name) {
    const auto found = states_.find(name);
    if (found == states_.end() || !found->second.is_open) return;
    found->second.is_open = false;
    say(event, found->second, 0);
  }

  void measure_all(const v1::TraceEvent& event, int primary) {
    for (auto at = states_.lower_bound({event.subject(), primary, -1}); at != states_.end(); ++at) {
      if (std::get<0>(at->first) != event.subject() || std::get<1>(at->first) != primary) break;
      if (at->second.is_open) measure(event, at->second);
    }
  }

  void measure(const v1::TraceEvent& event, const State& state) {
    const LaggingLink& link = links_[state.place];
    const auto newest = newest_.find({link.secret, link.primary});
    const std::uint64_t committed = newest == newest_.end() ? 0 : newest->second;
    say(event, state, committed - std::min(committed, state.applied));
  }

  void say(const v1::TraceEvent& event, const State& state, std::uint64_t behind) {
    std::vector<LagChange>& changes = links_[state.place].changes;
    if (!changes.empty() && changes.back().behind == behind) return;
    changes.push_back({event.id(), event.at_ns(), behind});
  }

  const RunRecord& record_;
  std::map<std::pair<std::string, int>, std::uint64_t> newest_;  // by secret and region
  std::map<Name, State> states_;
  std::vector<LaggingLink> links_;
};

}  // namespace

std::vector<LaggingLink> replication_lag(const RunRecord& record) { return Lag(record).all(); }

}  // namespace faultline::tools
