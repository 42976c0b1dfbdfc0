#include "tools/report/state_changes.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace faultline::tools {
namespace {

// What a fault does to a chip: which, and what it says while it lasts.
struct Effect {
  std::string what;
  std::string value;
};

Effect effect_of(const FaultBand& band) {
  const std::string& kind = band.kind;
  if (kind == "disk" || kind == "old_binary") return {"disk", band.words};
  if (kind == "clock" || kind == "clock_skew") return {"clock", band.words};
  if (kind == "pause") return {"up", "paused"};
  if (kind == "slow_region") return {"up", "slow"};
  if (kind == "region_disabled") return {"region", "DISABLED"};
  const bool is_key = kind.starts_with("key_") || kind.starts_with("kms_") ||
                      kind == "grant_revoked" || kind == "wrong_key" ||
                      kind == "context_mismatch" || kind == "replica_key_missing";
  return is_key && kind != "key_rotated" ? Effect{"key", band.words} : Effect{};
}

// A request that changes what can be done with a key, when it was answered OK.
std::string key_value(const std::string& operation) {
  static const std::map<std::string, std::string> kValues = {
      {"kms:DisableKey",          "disabled"        },
      {"kms:EnableKey",           ""                },
      {"kms:ScheduleKeyDeletion", "pending deletion"},
      {"kms:CancelKeyDeletion",   "disabled"        },
  };
  const auto found = kValues.find(operation);
  return found == kValues.end() ? "?" : found->second;
}

class Changes {
 public:
  Changes(const RunRecord& record, const std::vector<FaultBand>& faults) : record_(record) {
    for (const FaultBand& band : faults) {
      starts_[band.begin].push_back(&band);
      if (band.end != 0) ends_[band.end].push_back(&band);
    }
    std::set<std::string> secrets;
    for (const v1::TraceEvent& event : record.events) {
      if (event.kind() == v1::REPLICATION_STATUS) secrets.insert(event.subject());
    }
    several_ = secrets.size() > 1;
  }

  std::vector<StateChange> all() {
    for (const v1::TraceEvent& event : record_.events) {
      if (event.kind() == v1::FAULT_APPLIED) {
        for (const FaultBand* band : starts_[event.id()]) apply(event, *band, true);
      } else if (event.kind() == v1::FAULT_HEALED) {
        for (const FaultBand* band : ends_[event.id()]) apply(event, *band, false);
      }
      note(event);
    }
    return std::move(changes_);
  }

 private:
  void change(const v1::TraceEvent& event, int lane, const std::string& what, const std::string& of,
              const std::string& value) {
    if (lane < 0) return;
    std::string& now = now_[{lane, what, of}];
    if (now == value) return;
    now = value;
    changes_.push_back({event.id(), lane, what, of, value});
  }

  void apply(const v1::TraceEvent& event, const FaultBand& band, bool begins) {
    const Effect effect = effect_of(band);
    if (effect.what.empty()) return;
    for (const int lane : band.lanes) {
      change(event, lane, effect.what, "", begins ? effect.value : "");
    }
  }

  void note(const v1::TraceEvent& event) {
    const auto lane = [&] { return lane_of(record_.scenario, event.actor()); };
    const std::string& subject = event.subject();
    switch (event.kind()) {
      case v1::ACTOR_CRASHED:
        change(event, lane(), "up", "", "down");
        if (event.number() > 0) {
          change(event, lane(), "disk", "", fmt::format("lost {} unsynced bytes", event.number()));
        }
        break;
      case v1::ACTOR_STARTED:
        change(event, lane(), "up", "", "");
        change(event, lane(), "disk", "", "");
        break;
      case v1::STORE_FAILED:
        change(event, lane(), "disk", "", "closed: " + event.text());
        break;
      case v1::STORE_REOPENED:
        change(event, lane(), "disk", "", "");
        break;
      case v1::STORE_COMMITTED:
        committed(event, lane());
        break;
      case v1::REPLICATION_STATUS:
        status(event, lane());
        break;
      case v1::REPLICA_APPLIED:
        if (event.verb() != "applied") break;
        change(event, lane(), "role", subject, "Replica");
        change(event, lane(), "sequence", subject, std::to_string(event.number()));
        break;
      case v1::PROMOTED:
        change(event, lane(), "role", subject, "Standalone");
        break;
      case v1::REPLICA_REMOVED:
      case v1::SECRET_PURGED:
        change(event, lane(), "role", subject, "");
        change(event, lane(), "sequence", subject, "");
        break;
      case v1::KEY_CHANGED:
        change(event, lane(), "key", key_words(subject),
               event.verb() == "Deleted" ? "deleted" : "");
        break;
      case v1::SERVICE_CALL_ENDED:
        if (const std::string value = key_value(event.verb());
            value != "?" && event.outcome() == "OK") {
          change(event, lane(), "key", key_words(subject), value);
        }
        break;
      case v1::REGION_OPT_STATUS:
        change(event, lane_of(record_.scenario, subject), "region", "", event.outcome());
        break;
      default:
        break;
    }
  }

  void committed(const v1::TraceEvent& event, int lane) {
    if (event.verb() == "CreateSecret") change(event, lane, "role", event.subject(), "Standalone");
    if (event.number() == 0 || event.verb() == "replicate") return;
    change(event, lane, "sequence", event.subject(), std::to_string(event.number()));
  }

  void status(const v1::TraceEvent& event, int lane) {
    const std::string& secret = event.subject();
    const std::string of = several_ ? secret + " → " + event.peer() : event.peer();
    std::set<std::string>& links = links_[{lane, secret}];
    if (event.outcome() == "Gone") {
      links.erase(event.peer());
      change(event, lane, "status", of, "");
    } else {
      links.insert(event.peer());
      const bool failed = event.outcome() == "Failed" && !event.text().empty();
      change(event, lane, "status", of,
             failed ? fmt::format("Failed: {}", event.text()) : event.outcome());
    }
    change(event, lane, "role", secret, links.empty() ? "Standalone" : "Primary");
  }

  const RunRecord& record_;
  bool several_ = false;
  std::map<std::uint64_t, std::vector<const FaultBand*>> starts_, ends_;  // by event
  std::map<std::tuple<int, std::string, std::string>, std::string> now_;
  std::map<std::pair<int, std::string>, std::set<std::string>> links_;
  std::vector<StateChange> changes_;
};

}  // namespace

std::string key_words(const std::string& key) {
  constexpr std::string_view kMark = ":key/";
  const std::size_t mark = key.rfind(kMark);
  std::string id = mark == std::string::npos ? key : key.substr(mark + kMark.size());
  constexpr std::size_t kUuid = 36, kShown = 8;
  if (id.starts_with("mrk-")) id = id.substr(0, 4 + kShown);
  if (id.size() == kUuid && id[kShown] == '-') id = id.substr(0, kShown);
  return id.starts_with("alias/") || id == key ? id : "key " + id;
}

std::vector<StateChange> state_changes(const RunRecord& record,
                                       const std::vector<FaultBand>& faults) {
  return Changes(record, faults).all();
}

}  // namespace faultline::tools
