// Linearizability: whether what clients were told of one secret in one region can be explained by
// calls that take effect one after the other, each at an instant between its call and its answer.
// From the clients' history alone: what the region commits is not looked at.
//
//     History history;
//     history.begins(call);                     // in the order in which it happens
//     history.is_answered(call.id, result);
//     …
//     const Linearization found = linearize(history);
//     if (found.verdict == Linearization::Verdict::Impossible) … found.counterexample
//
// How       the search of Wing and Gong, with Lowe's memo: a set of calls that are over, together
//           with the state they lead to, is tried once. A read or a refusal that fits is taken at
//           once: that is as good as taking it later. What was noted with took_effect is
//           only tried first, and decides nothing.
// Open      a call whose outcome its client does not know may take effect at any instant from its
//           beginning on, or never.
// Not known calls that the specification (sequential_secret.h) says nothing of are not in a
//           history: replicas, keys, pages of lists. What it does not know ends a history: see
//           ends_here.
// Source    J. Wing, C. Gong: Testing and Verifying Concurrent Objects, JPDC 1993. G. Lowe: Testing
//           for Linearizability, CCPE 2017.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "regions/error.h"
#include "regions/invariants/ghost.h"

namespace faultline::regions {

// What the answer to a call says of the secret, right after the call.
struct Told {
  enum class Outcome {
    Unknown,       // maybe done, maybe not
    Done,          //
    NothingThere,  // refused: there is no such secret
    NoVersion,     // refused: no such secret, or no such version or label
    IsThere,       // refused: there is a secret
    OtherValue,    // refused: the version has another value
  };
  Outcome outcome = Outcome::Unknown;
  // Absent: it says nothing of it.
  std::optional<std::string> version_id;
  std::optional<std::set<std::string>> labels;  // of that version
  std::optional<std::uint64_t> digest;          // of that version's value
  std::optional<std::map<std::string, std::set<std::string>>> labelled;
  std::optional<std::map<std::string, std::string>> tags;
  std::optional<std::string> description;
  std::optional<std::string> type;
  std::optional<std::string> policy;  // empty: none
  std::optional<bool> scheduled;
};

struct ClientCall {
  CallGhost asked;
  Told told;
  // Instants, as places in the order of all that happens. Absent: it may still take effect.
  std::uint64_t begins = 0;
  std::optional<std::uint64_t> ends;
  // When it seems to have taken effect: which order is tried first.
  std::optional<std::uint64_t> hint;
};

// One secret's calls in one region. There is no secret of the name when it begins.
class History {
 public:
  // More is not kept: what is kept is judged. Versions that may have been pruned are beyond it.
  static constexpr std::size_t kCallsMax = 256;
  static constexpr std::size_t kValuesMax = 90;

  void begins(const CallGhost& call);
  void is_answered(std::uint64_t id, const Result<v1::ApiResponse>& result);
  void took_effect(std::uint64_t id);
  // Something has happened that the specification does not know. What was answered before is
  // judged; what is under way stays open; what comes later is not heard.
  void ends_here() { is_over_ = true; }

  // In the order of their beginnings.
  [[nodiscard]] const std::vector<ClientCall>& calls() const { return calls_; }

 private:
  std::vector<ClientCall> calls_;
  std::uint64_t now_ = 0;
  std::size_t values_ = 0;
  bool is_over_ = false;
};

struct Counterexample {
  // The calls that no order explains; the first has the earliest answer.
  std::vector<std::uint64_t> calls;
  // In plain words; names calls and versions, never a value.
  std::string found;
};

struct Linearization {
  enum class Verdict { Found, Impossible, NotJudged };
  Verdict verdict = Verdict::Found;
  std::optional<Counterexample> counterexample;  // where it is impossible
  std::size_t states = 0;                        // that were looked at
};

// Looks at `most_states` at most: more, and the history is not judged.
[[nodiscard]] Linearization linearize(const History& history, std::size_t most_states = 20'000);

}  // namespace faultline::regions
