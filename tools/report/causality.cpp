#include "tools/report/causality.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace faultline::tools {
namespace {

// "us-west-2<->us-east-1", "us-west-2->*": whether a message on this way can feel it.
bool concerns(const std::string& subject, const std::string& from, const std::string& to) {
  const std::size_t arrow = subject.find("->");
  if (arrow == std::string::npos) return subject.empty() || subject == from || subject == to;
  const bool both = arrow > 0 && subject[arrow - 1] == '<';
  const std::string one = subject.substr(0, both ? arrow - 1 : arrow);
  const std::string other = subject.substr(arrow + 2);
  const auto is = [](const std::string& end, const std::string& region) {
    return end == "*" || end == region;
  };
  return (is(one, from) && is(other, to)) || (both && is(one, to) && is(other, from));
}

// Of a region: everything that it does afterwards is done in that state.
bool is_life(const v1::TraceEvent& event) {
  return event.kind() == v1::ACTOR_CRASHED || event.kind() == v1::STORE_FAILED ||
         event.kind() == v1::STORE_REOPENED ||
         (event.kind() == v1::ACTOR_STARTED && event.verb() == "restart");
}

// What others can see of some work.
bool is_result(const v1::TraceEvent& event) {
  return event.kind() == v1::STORE_COMMITTED || event.kind() == v1::REPLICA_APPLIED ||
         event.kind() == v1::REPLICATION_STATUS || event.kind() == v1::CALL_ENDED ||
         event.kind() == v1::PROMOTED || event.kind() == v1::REPLICA_REMOVED;
}

// Of faults, by the name of the kind: whether messages feel it. The others are of the service, of
// its keys above all.
bool is_of_network(const std::string& kind) {
  static const std::set<std::string> kKinds = {
      "cut",          "isolate", "degrade",          "drop_next",    "delay_next", "clog",
      "swizzle_clog", "flap",    "reset_connection", "corrupt_next", "crash",      "duplicate_next",
      "late_ghost",   "pause",   "slow_region",      "old_binary",   "wipe",       "replica_lag"};
  return kKinds.contains(kind);
}

}  // namespace

Causality::Causality(const RunRecord& record) : events_(record.events) {
  added_.reserve(events_.size() * 2);
  for (std::size_t place = 0; place < events_.size(); ++place) add(place, events_[place].cause());
  for (const v1::Violation& violation : record.report.violations()) {
    const std::size_t place = place_of(violation.event());
    if (place == events_.size()) continue;
    for (const std::uint64_t witness : violation.witness()) add(place, witness);
  }
  link_faults();
  link_states();
  put_in_order();
}

// A list of its own for each event would cost a long run more than all the rest.
void Causality::put_in_order() {
  std::vector<std::size_t> ends(events_.size() + 1);
  for (const auto& [place, earlier] : added_) ++ends[place + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  influences_.resize(added_.size());
  for (const auto& [place, earlier] : added_) influences_[ends[place]++] = earlier;
  added_ = {};
  // ends[place] is where those of the place end now; what is there twice is taken out.
  begins_.reserve(events_.size() + 1);
  begins_.push_back(0);
  std::size_t kept = 0, begin = 0;
  for (std::size_t place = 0; place < events_.size(); ++place) {
    const auto all = std::span(influences_).subspan(begin, ends[place] - begin);
    begin = ends[place];
    std::ranges::sort(all);
    for (const std::size_t earlier : all) {
      if (kept == begins_.back() || influences_[kept - 1] != earlier) influences_[kept++] = earlier;
    }
    begins_.push_back(kept);
  }
  influences_.resize(kept);
}

std::size_t Causality::place_of(std::uint64_t id) const {
  // Ids of a whole run follow each other.
  const std::uint64_t guess = events_.empty() ? 0 : id - events_.front().id();
  if (guess < events_.size() && events_[guess].id() == id) return guess;
  const auto found = std::ranges::lower_bound(events_, id, {}, &v1::TraceEvent::id);
  if (found == events_.end() || found->id() != id) return events_.size();
  return static_cast<std::size_t>(found - events_.begin());
}

void Causality::add(std::size_t place, std::uint64_t influence) {
  if (influence == 0 || influence >= events_[place].id()) return;
  const std::size_t earlier = place_of(influence);
  if (earlier < events_.size()) added_.emplace_back(place, earlier);
}

void Causality::link_faults() {
  struct InForce {
    std::uint64_t applied = 0;
    std::string subject, kind, text;
  };
  std::map<std::uint64_t, InForce> faults;                  // by fault
  std::map<std::uint64_t, std::uint64_t> sent;              // by message
  std::map<std::uint64_t, std::vector<std::uint64_t>> hit;  // by message: what may delay it
  std::map<std::string, std::uint64_t> lost;                // by type and way: the last one
  std::set<std::pair<bool, std::uint64_t>> failing;         // calls
  for (const v1::TraceEvent& event : events_) {
    if (event.kind() != v1::CALL_ENDED && event.kind() != v1::SERVICE_CALL_ENDED) continue;
    if (event.outcome() != "OK") {
      failing.emplace(event.kind() == v1::CALL_ENDED, event.number());
    }
  }
  const auto in_force = [&](std::size_t place, const auto& is_meant) {
    for (const auto& [number, fault] : faults) {
      if (is_meant(fault)) add(place, fault.applied);
    }
  };
  for (std::size_t place = 0; place < events_.size(); ++place) {
    const v1::TraceEvent& event = events_[place];
    const auto is_service_fault_here = [&event](const InForce& fault) {
      return !is_of_network(fault.kind) &&
             (fault.subject == event.actor() || fault.subject.empty());
    };
    switch (event.kind()) {
      case v1::FAULT_APPLIED:
        faults[event.number()] = {event.id(), event.subject(), event.verb(), event.text()};
        break;
      case v1::FAULT_HEALED:
        if (const auto fault = faults.find(event.number()); fault != faults.end()) {
          add(place, fault->second.applied);
          faults.erase(fault);
        }
        break;
      case v1::MESSAGE_SENT:
        sent[event.number()] = event.id();
        for (const auto& [number, fault] : faults) {
          const bool other_type = fault.text.find("message: ") != std::string::npos &&
                                  fault.text.find('"' + event.verb() + '"') == std::string::npos;
          if (is_of_network(fault.kind) && !other_type &&
              concerns(fault.subject, event.actor(), event.peer())) {
            hit[event.number()].push_back(fault.applied);
          }
        }
        break;
      case v1::MESSAGE_DELIVERED:
      case v1::MESSAGE_DROPPED: {
        if (const auto message = sent.find(event.number()); message != sent.end()) {
          add(place, message->second);
        }
        if (const auto used = hit.find(event.number()); used != hit.end()) {
          for (const std::uint64_t fault : used->second) add(place, fault);
        }
        if (event.kind() == v1::MESSAGE_DELIVERED) break;
        in_force(place, [&](const InForce& fault) {
          return is_of_network(fault.kind) && concerns(fault.subject, event.peer(), event.actor());
        });
        // It was sent again because the one before had been lost.
        std::uint64_t& before = lost[event.verb() + '|' + event.peer() + '|' + event.actor()];
        add(place, before);
        before = event.id();
        break;
      }
      case v1::REPLICATION_STATUS:
        if (event.outcome() != "Failed") break;
        for (const auto& [way, id] : lost) {
          if (way.ends_with('|' + event.actor() + '|' + event.peer()) ||
              way.ends_with('|' + event.peer() + '|' + event.actor())) {
            add(place, id);
          }
        }
        break;
      case v1::KMS_CALL:
        if (event.outcome() != "OK") in_force(place, is_service_fault_here);
        break;
      case v1::REPLICA_APPLIED:
        if (event.verb() == "refused") in_force(place, is_service_fault_here);
        break;
      case v1::CALL_STARTED:
      case v1::SERVICE_CALL_STARTED:
        if (failing.contains({event.kind() == v1::CALL_STARTED, event.number()})) {
          in_force(place, is_service_fault_here);
        }
        break;
      default:
        break;
    }
  }
}

void Causality::link_states() {
  // By region; and by region and secret. The names are the events' own.
  std::map<std::string_view, std::uint64_t> lives;
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> secrets;
  for (std::size_t place = 0; place < events_.size(); ++place) {
    const v1::TraceEvent& event = events_[place];
    if (event.kind() == v1::VIOLATION) {
      link_work(place);
      // What must come to pass is judged over the world, whatever the moment.
      if (event.cause() == 0 || event.subject().starts_with('L')) link_judgement(place);
    }
    if (event.actor().empty()) continue;
    if (const auto life = lives.find(event.actor()); life != lives.end()) {
      // Whether a message is lost on its way has nothing to do with it.
      if (event.kind() != v1::MESSAGE_DROPPED || event.outcome() == "down") {
        add(place, life->second);
      }
    }
    if (is_life(event)) lives[event.actor()] = event.id();
    if (event.subject().empty()) continue;
    const std::pair<std::string_view, std::string_view> secret(event.actor(), event.subject());
    const auto known = secrets.find(secret);
    if (known != secrets.end()) add(place, known->second);
    const bool is_copy = event.kind() == v1::REPLICA_APPLIED && event.verb() == "applied";
    const bool changed =
        event.kind() == v1::PROMOTED || event.kind() == v1::REPLICA_REMOVED ||
        event.kind() == v1::SECRET_PURGED ||
        // By a client, and not by replication.
        (event.kind() == v1::STORE_COMMITTED && event.number() > 0 && event.verb() != "replicate");
    if (changed || (is_copy && known == secrets.end())) secrets[secret] = event.id();
  }
}

// A judge who looks over somebody's shoulder sees what the same work has done so far.
void Causality::link_work(std::size_t place) {
  const std::uint64_t cause = events_[place].cause();
  if (cause == 0) return;
  for (std::size_t at = place; at-- > 0 && events_[at].id() > cause;) {
    if (events_[at].cause() == cause && is_result(events_[at])) add(place, events_[at].id());
  }
}

// A judge who looks at the world, and not at one event, sees what had become of the regions and the
// secrets that it speaks of.
void Causality::link_judgement(std::size_t place) {
  const std::string said = events_[place].subject() + ' ' + events_[place].text();
  std::map<std::string, std::uint64_t> last;  // by what it is about
  bool names_a_region = false;
  const auto speaks_of = [&said](const std::string& name) {
    return !name.empty() && said.find(name) != std::string::npos;
  };
  for (std::size_t at = 0; at < place; ++at) {
    names_a_region = names_a_region || speaks_of(events_[at].actor());
  }
  for (std::size_t at = 0; at < place; ++at) {
    const v1::TraceEvent& event = events_[at];
    const bool is_state = is_result(event);
    const bool is_loss = event.kind() == v1::MESSAGE_DROPPED;
    if (!is_state && !is_loss && !is_life(event)) continue;
    if (is_life(event)) {
      last["life of " + event.actor()] = event.id();
      continue;
    }
    if (names_a_region && !speaks_of(event.actor()) && !speaks_of(event.peer())) continue;
    if (is_state && !speaks_of(event.subject())) continue;
    last[v1::EventKind_Name(event.kind()) + event.actor() + '|' + event.peer()] = event.id();
  }
  for (const auto& [what, id] : last) add(place, id);
}

std::vector<bool> Causality::past(const std::vector<std::uint64_t>& ids) const {
  std::vector<bool> is_in(events_.size());
  for (const std::uint64_t id : ids) {
    if (const std::size_t place = place_of(id); place < is_in.size()) is_in[place] = true;
  }
  // Influences are earlier, so that one way back is enough.
  for (std::size_t place = is_in.size(); place-- > 0;) {
    if (!is_in[place]) continue;
    for (const std::size_t earlier : influences(place)) is_in[earlier] = true;
  }
  return is_in;
}

}  // namespace faultline::tools
