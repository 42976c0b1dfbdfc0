// Sentences: the events of a run that are worth one, each with how much it matters. What a story
// (story.h) is chosen from.
#pragma once

#include <optional>
#include <vector>

#include "tools/report/story.h"

namespace faultline::tools {

struct Candidate {
  std::size_t place = 0;  // in record.events
  // Not for_people yet: of a long run most are not told.
  std::string text;
  SentenceTone tone = SentenceTone::Plain;
  // More matters more; see sentences.cpp.
  int weight = 0;
  // Of the work behind what users see: told only of a broken run.
  bool is_machinery = false;
  // A fault: told of a broken run if it was in force at the violation.
  const FaultBand* fault = nullptr;
  // Places of later events of the same kind, which are told with it.
  std::vector<std::size_t> more{};
};
// Without what only a machine reads: the ends of ids, the part of KMS's errors that never differs.
// With one full stop at its end instead of two.
[[nodiscard]] std::string for_people(std::string text);

// In the order of the run; without violations and the end.
[[nodiscard]] std::vector<Candidate> candidates_of(const RunRecord& record,
                                                   const std::vector<FaultBand>& faults);

}  // namespace faultline::tools
