// Course: the lessons of a scenario library, in their order, and what a run says of the answers to
// a lesson's question.
//
//     const auto course = load_course("scenarios");
//     const auto answers = judge_answers(course->front(), {});   // one line for each answer
//     answers[0].holds;                                          // exactly the right one's
//
// A lesson is a scenario file with a `lesson` block; its place is lesson.number, which no two files
// of a course share. Deterministic; reads files, and nothing else from outside.
#pragma once

#include <string>
#include <vector>

#include "proto/result.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"

namespace faultline::regions {

// The lessons directly in `directory` (*.textproto), by number; files without a `lesson` block are
// none. Errors: of every file that cannot be read or makes no sense, and of numbers that stand in
// two files; a directory that cannot be listed.
[[nodiscard]] Expected<std::vector<LoadedScenario>, InputErrors> load_course(
    const std::string& directory, const CheckOptions& options = {});

struct AnswerJudged {
  bool right = false;  // as the lesson says
  bool holds = false;  // what shows it held in the run
  std::string shown;   // what shows it, in words
  std::string found;   // what was so instead; empty where it held
};

// One for each answer of the scenario's question, in order. Each is judged in a run of its own, so
// that the lesson's run and hash stay what they are without a question. Of `options` the seed, the
// shared parts and most_events count.
[[nodiscard]] std::vector<AnswerJudged> judge_answers(const LoadedScenario& loaded,
                                                      const RunOptions& options);

// The lesson's world with its broken twin's defect. REQUIRES: the lesson names one.
[[nodiscard]] LoadedScenario broken_twin_of(const LoadedScenario& lesson);

// The table of scenarios/README.md: a row for each lesson.
[[nodiscard]] std::string course_as_markdown(const std::vector<LoadedScenario>& course);

}  // namespace faultline::regions
