#include "tools/report/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "tools/report/state_changes.h"

namespace faultline::tools {
namespace {

// How much an event matters, if a story is too long for all.
enum Weight : int {
  kReads = 10,
  kEnds = 20,      // of faults
  kStatuses = 30,  // that are well
  kCalls = 40,
  kFailures = 50,  // statuses, refusals
  kWork = 60,      // what a replica applies
  kFaults = 70,
  kTurns = 80,  // promotions, removals, crashes, late messages
};

// A message is late if it took so long, or another one overtook it.
constexpr std::int64_t kLateNs = 900'000'000;

void begin_with_capital(std::string& text) {
  // Regions' names stay as they are.
  for (const std::string_view word : {"the ", "what ", "a ", "key ", "everything ", "calls "}) {
    if (!text.starts_with(word)) continue;
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return;
  }
}

std::string seconds(std::int64_t ns) {
  return fmt::format("{}.{:03} s", ns / 1'000'000'000, ns / 1'000'000 % 1'000);
}

std::string secret_words(const std::string& subject) {
  constexpr std::string_view kMark = ":secret:";
  const std::size_t mark = subject.find(kMark);
  return mark == std::string::npos ? subject : subject.substr(mark + kMark.size());
}

bool is_read(const std::string& operation) {
  for (const std::string_view verb : {"Get", "Describe", "List", "BatchGet", "Validate"}) {
    if (operation.starts_with(verb)) return true;
  }
  const std::size_t colon = operation.find(':');
  return colon != std::string::npos && is_read(operation.substr(colon + 1));
}

class Teller {
 public:
  Teller(const RunRecord& record, const std::vector<FaultBand>& faults) : record_(record) {
    for (const FaultBand& band : faults) bands_[band.begin] = &band;
    for (const FaultBand& band : faults) {
      if (band.end != 0) ended_[band.end] = &band;
    }
    for (const v1::TraceEvent& event : record.events) {
      if (event.kind() == v1::STEP) steps_[event.id()] = &event;
      if (event.kind() == v1::CALL_ENDED) answers_[event.number()] = &event;
      if (event.kind() == v1::SERVICE_CALL_ENDED) other_answers_[event.number()] = &event;
    }
  }

  std::vector<Candidate> all() {
    for (place_ = 0; place_ < record_.events.size(); ++place_) tell(record_.events[place_]);
    for (const auto& [text, repeated] : repeated_) tell_repetitions(repeated);
    return std::move(told_);
  }

 private:
  struct Repeated {
    std::size_t candidate = 0;
    std::int64_t last_ns = 0;
  };

  void add(std::string text, SentenceTone tone, int weight, bool is_machinery = false,
           const FaultBand* fault = nullptr) {
    begin_with_capital(text);
    told_.push_back({place_, std::move(text), tone, weight, is_machinery, fault, {}});
  }

  void tell(const v1::TraceEvent& event) {
    using enum SentenceTone;
    const auto secret = [&event] { return secret_words(event.subject()); };
    switch (event.kind()) {
      case v1::STEP:
        step(event);
        break;
      case v1::FAULT_APPLIED:
        // The crash itself tells more.
        if (event.verb() == "crash") break;
        if (const auto band = bands_.find(event.id()); band != bands_.end()) {
          add(band->second->words + ".", Fault, kFaults, false, band->second);
        }
        break;
      case v1::FAULT_HEALED:
        healed(event);
        break;
      case v1::ACTOR_CRASHED:
        add(event.number() == 0
                ? fmt::format("{} crashes; its disk loses nothing.", event.actor())
                : fmt::format("{} crashes, and its disk loses {} bytes that were not yet synced.",
                              event.actor(), event.number()),
            Fault, kTurns);
        break;
      case v1::ACTOR_STARTED:
        if (event.verb() != "restart") break;
        add(fmt::format("{} starts again, with what its disk has kept.", event.actor()), Fault,
            kEnds);
        break;
      case v1::CALL_STARTED:
        call(event, secret(), answers_);
        break;
      case v1::SERVICE_CALL_STARTED:
        call(event, key_words(event.subject()), other_answers_);
        break;
      case v1::MESSAGE_SENT:
        sent_[event.number()] = {&event, false};
        break;
      case v1::MESSAGE_DELIVERED:
        delivered(event);
        break;
      case v1::MESSAGE_DROPPED:
        dropped(event);
        break;
      case v1::REPLICATION_STATUS:
        status(event);
        break;
      case v1::REPLICA_APPLIED:
        applied(event);
        break;
      case v1::PROMOTED:
        add(fmt::format("{} in {} is promoted: it is a secret of its own now.", secret(),
                        event.actor()),
            Plain, kTurns);
        break;
      case v1::REPLICA_REMOVED:
        add(fmt::format("{} removes its replica of {}.", event.actor(), secret()), Plain, kTurns);
        break;
      case v1::SECRET_PURGED:
        add(fmt::format("{} is gone from {}: {}.", secret(), event.actor(), event.text()), Plain,
            kTurns);
        break;
      case v1::ROTATION:
        rotation(event, secret());
        break;
      case v1::STORE_FAILED:
        add(fmt::format("{} closes its store: {}.", event.actor(), event.text()), Bad, kTurns);
        break;
      case v1::STORE_REOPENED:
        add(fmt::format("{} has its store open again.", event.actor()), Plain, kEnds);
        break;
      case v1::KEY_CHANGED:
        key(event);
        break;
      case v1::REGION_OPT_STATUS:
        add(fmt::format("The account has {} as {} now.", event.subject(), event.outcome()), Plain,
            kStatuses);
        break;
      default:
        break;
    }
  }

  // Calls, faults and crashes are told by what they cause.
  void step(const v1::TraceEvent& event) {
    const std::string& verb = event.verb();
    if (verb == "settle") return add("Everything is mended.", SentenceTone::Plain, kEnds);
    for (const std::string_view deed : {"enable_region", "disable_region", "enable_key",
                                        "disable_key", "rotate_key", "put_key_policy"}) {
      if (verb == deed) {
        return add(fmt::format("An operator acts: {}.", event.subject()), SentenceTone::Plain,
                   kCalls);
      }
    }
  }

  void healed(const v1::TraceEvent& event) {
    const auto band = ended_.find(event.id());
    if (band == ended_.end()) return;
    const std::string& kind = event.verb();
    // These end by doing what they were for.
    if (kind.ends_with("_next") || kind == "late_ghost" || kind == "reset_connection" ||
        kind == "wipe" || kind == "key_rotated") {
      return;
    }
    add(fmt::format("It is over that {}.", band->second->words), SentenceTone::Fault, kEnds);
  }

  void call(const v1::TraceEvent& event, const std::string& about,
            const std::map<std::uint64_t, const v1::TraceEvent*>& answers) {
    auto step = steps_.find(event.cause());
    // What is done when everything is mended is not in its words.
    if (step != steps_.end() && step->second->actor().empty()) step = steps_.end();
    const auto answer = answers.find(event.number());
    const bool ok = answer != answers.end() && answer->second->outcome() == "OK";
    std::string text = step != steps_.end() && !step->second->subject().empty()
                           ? step->second->subject()
                           : fmt::format("{} {}", event.verb(), about);
    text += fmt::format(", asked of {}", event.actor());
    if (step == steps_.end()) text += fmt::format(" by {}", event.text());
    if (answer == answers.end()) {
      text += record_.goes_on ? ", is not answered yet." : ", is not answered.";
    } else if (ok) {
      text += ", answers OK.";
    } else {
      text += fmt::format(", answers {}{}{}", answer->second->outcome(),
                          answer->second->text().empty() ? "" : ": ", answer->second->text());
      if (!text.ends_with('.')) text += '.';
    }
    const bool read = is_read(event.verb());
    // What a function of a rotation does is told by the rotation.
    const bool behind = step == steps_.end() && !event.text().empty() && event.cause() != 0;
    add(std::move(text), ok ? SentenceTone::Plain : SentenceTone::Bad, read ? kReads : kCalls,
        (read && ok) || behind);
  }

  void delivered(const v1::TraceEvent& event) {
    const auto found = sent_.find(event.number());
    if (found == sent_.end()) return;
    auto& [sending, had_come] = found->second;
    const auto link = std::pair(event.peer(), event.actor());
    std::uint64_t& newest = newest_[link];
    const bool overtaken = event.number() < newest && sending->verb() == newest_type_[link];
    if (event.number() > newest) {
      newest = event.number();
      newest_type_[link] = sending->verb();
    }
    const bool late = event.at_ns() - sending->at_ns() >= kLateNs || overtaken;
    if (had_come) {
      add(fmt::format("The {} from {} reaches {} a second time.", event.verb(), event.peer(),
                      event.actor()),
          SentenceTone::Fault, kTurns, true);
    } else if (late) {
      add(fmt::format("The {} that {} sent at {} reaches {} only now.", event.verb(), event.peer(),
                      seconds(sending->at_ns()), event.actor()),
          SentenceTone::Fault, kTurns, true);
    }
    had_come = true;
  }

  void dropped(const v1::TraceEvent& event) {
    add_repeated(event,
                 fmt::format("A {} from {} to {} is lost ({})", event.verb(), event.peer(),
                             event.actor(), event.outcome()),
                 SentenceTone::Fault);
  }

  // What happens again and again is told where it begins. `text` has no full stop yet.
  void add_repeated(const v1::TraceEvent& event, const std::string& text, SentenceTone tone) {
    const auto [known, is_first] =
        repeated_.emplace(text, Repeated{.candidate = told_.size(), .last_ns = 0});
    known->second.last_ns = event.at_ns();
    if (is_first) return add(text, tone, kFailures);
    told_[known->second.candidate].more.push_back(place_);
  }

  void tell_repetitions(const Repeated& repeated) {
    Candidate& candidate = told_[repeated.candidate];
    if (const std::size_t more = candidate.more.size(); more > 0) {
      candidate.text += fmt::format(", and {} more until {}", more, seconds(repeated.last_ns));
    }
    if (!candidate.text.ends_with('.')) candidate.text += '.';
  }

  void status(const v1::TraceEvent& event) {
    const std::string replica =
        fmt::format("the replica of {} in {}", secret_words(event.subject()), event.peer());
    const std::string& status = event.outcome();
    if (status == "InProgress") return;
    if (status == "Gone") {
      return add(fmt::format("{} no longer lists {}.", event.actor(), replica), SentenceTone::Plain,
                 kStatuses);
    }
    const bool failed = status == "Failed";
    std::string text = fmt::format("{} lists {} as {}", event.actor(), replica, status);
    if (failed && !event.text().empty()) text += ": " + event.text();
    add(text.ends_with('.') ? text : text + ".", failed ? SentenceTone::Bad : SentenceTone::Good,
        failed ? kFailures : kStatuses);
  }

  void applied(const v1::TraceEvent& event) {
    const std::string change =
        fmt::format("change {} of {}", event.number(), secret_words(event.subject()));
    if (event.verb() == "applied") {
      return add(fmt::format("{} applies {}, which {} sent.", event.actor(), change, event.peer()),
                 SentenceTone::Plain, kWork, true);
    }
    const std::string& why = event.text().empty() ? event.outcome() : event.text();
    add(fmt::format("{} {} {}{}{}.", event.actor(),
                    event.verb() == "refused" ? "refuses" : "ignores", change,
                    why.empty() ? "" : ": ", why),
        SentenceTone::Plain, kFailures);
  }

  void rotation(const v1::TraceEvent& event, const std::string& secret) {
    using enum SentenceTone;
    const std::string& verb = event.verb();
    const bool ok = event.outcome() == "OK";
    if (verb == "RotationStarted") {
      return add(fmt::format("The rotation of {} begins in {}.", secret, event.actor()), Plain,
                 kCalls);
    }
    if (verb == "RotationSucceeded") {
      return add(fmt::format("{} in {} is rotated.", secret, event.actor()), Good, kFailures);
    }
    if (verb == "RotationFailed" || verb == "RotationAbandoned") {
      return add_repeated(event,
                          fmt::format("The rotation of {} in {} {}", secret, event.actor(),
                                      verb == "RotationFailed" ? "fails: " + event.outcome()
                                                               : std::string("is abandoned")),
                          Bad);
    }
    add(ok ? fmt::format("Its step {} is done.", verb)
           : fmt::format("Its step {} fails: {}.", verb, event.outcome()),
        ok ? Plain : Bad, ok ? kStatuses : kFailures, true);
  }

  void key(const v1::TraceEvent& event) {
    static const std::map<std::string, std::string> kWords = {
        {"Deleted",         "is deleted: its date has come"         },
        {"MaterialRotated", "encrypts with new material from now on"},
        {"ReplicaCreated",  "is there now, and can be used"         },
        {"BecamePrimary",   "is the primary key now"                },
        {"BecameReplica",   "is a replica key now"                  },
    };
    const auto words = kWords.find(event.verb());
    add(fmt::format("The {} in {} {}.", key_words(event.subject()), event.actor(),
                    words == kWords.end() ? "loses a replica" : words->second),
        SentenceTone::Plain, kStatuses);
  }

  const RunRecord& record_;
  std::size_t place_ = 0;
  std::map<std::uint64_t, const FaultBand*> bands_, ended_;                 // by event
  std::map<std::uint64_t, const v1::TraceEvent*> steps_;                    // by event
  std::map<std::uint64_t, const v1::TraceEvent*> answers_, other_answers_;  // by call
  // By message: its sending, and whether it has come.
  std::map<std::uint64_t, std::pair<const v1::TraceEvent*, bool>> sent_;
  // By link: the newest message that has come, and of which type.
  std::map<std::pair<std::string, std::string>, std::uint64_t> newest_;
  std::map<std::pair<std::string, std::string>, std::string> newest_type_;
  std::map<std::string, Repeated> repeated_;  // by text
  std::vector<Candidate> told_;
};

}  // namespace

std::string for_people(std::string text) {
  if (const std::size_t at = text.find(" (Service: "); at != std::string::npos) {
    const std::size_t end = text.find(')', at);
    if (end != std::string::npos) text.erase(at, end + 1 - at);
  }
  constexpr std::size_t kUuid = 36, kShown = 8;
  const auto is_uuid_at = [&text](std::size_t at) {
    for (std::size_t i = 0; i < kUuid; ++i) {
      const auto c = static_cast<unsigned char>(text[at + i]);
      const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
      if (hyphen ? c != '-' : std::isxdigit(c) == 0) return false;
    }
    return true;
  };
  for (std::size_t at = 0; at + kUuid <= text.size(); ++at) {
    if (is_uuid_at(at)) text.erase(at + kShown, kUuid - kShown);
  }
  // What others have said ends with a full stop already, mostly.
  if (text.ends_with("..")) text.pop_back();
  return text;
}

std::vector<Candidate> candidates_of(const RunRecord& record,
                                     const std::vector<FaultBand>& faults) {
  return Teller(record, faults).all();
}

}  // namespace faultline::tools
