// The story of a run: what happened and why, one sentence an event, for people.
//
//     for (const Sentence& sentence : story_of(record, causes, bands)) …
//     // The next Replicate from us-west-2 to us-east-1 is held back by 10s.
//     // PutSecretValue production/DBWest in us-west-2 answers OK.            because of …
//     // production/DBWest in us-east-1 is promoted: a secret of its own now.
//     // The Replicate that us-west-2 sent at 5.014s reaches us-east-1 only now. because of …
//     // us-east-1 applies change 2 of production/DBWest.                     because of …
//     // …: what the old primary still sends changes nothing at a replica that was promoted …
//
// Chosen   of a run that holds: what users and operators do, faults, what becomes of replicas; of
//          a broken one: of these and of the work behind them only what has led to the first
//          violation (causality.h), and the faults in force then. Nothing after it.
// Because  each sentence names the earlier sentences that its event came of, nearest first in time.
// Length   at most kMostSentences; what matters least is left out.
// Ends     with what it came to, if it is over. A property is named with what it says, in plain words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/report/causality.h"
#include "tools/report/fault_bands.h"
#include "tools/report/run_record.h"

namespace faultline::tools {

enum class SentenceTone { Plain, Good, Bad, Fault, Doubt };
// "plain"
[[nodiscard]] std::string_view name_of(SentenceTone tone);

struct Sentence {
  std::uint64_t event = 0;
  std::string text;
  // Events of earlier sentences, ascending.
  std::vector<std::uint64_t> because;
  SentenceTone tone = SentenceTone::Plain;
};

// Of a broken run; and of one that is not.
inline constexpr std::size_t kMostSentencesOfFailure = 15;
inline constexpr std::size_t kMostSentences = 60;

// Empty only for a run without events.
[[nodiscard]] std::vector<Sentence> story_of(const RunRecord& record, const Causality& causes,
                                             const std::vector<FaultBand>& faults);

// The events that show the run's first violation: where it was seen, and its witnesses. Empty: there
// is none.
[[nodiscard]] std::vector<std::uint64_t> first_violation(const RunRecord& record);

}  // namespace faultline::tools
