// What `faultline lesson` says: the course as a list, a lesson's question, what the run says of the
// answer that was given, and the card. For people on standard output, and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/report.pb.h"
#include "regions/course.h"

namespace faultline::tools {

// The table of scenarios/README.md, with how long it all takes.
[[nodiscard]] std::string syllabus_text(const std::vector<regions::LoadedScenario>& course);

void print_course(const std::vector<regions::LoadedScenario>& course);
[[nodiscard]] std::string course_json(const std::vector<regions::LoadedScenario>& course);

// The steps, and not what comes of them; `lessons`: how many there are.
void print_plan(const regions::LoadedScenario& lesson, std::size_t lessons);
// The question with its answers, numbered from 1.
void print_question(const v1::Prediction& predict);

// An answer's number; absent: none was given.
using Chosen = std::optional<int>;

// Told after the run: it gives the answer away.
void print_story(const regions::LoadedScenario& lesson);
// Whether the prediction was right, and why; of the chosen one that is wrong, why it is not.
void print_prediction(const v1::Prediction& predict,
                      const std::vector<regions::AnswerJudged>& answers, Chosen chosen);

// Where the lesson's broken twin is to be seen.
struct TwinPlace {
  std::string command;  // empty: the lesson has none
  std::string what;     // "D04 StageMoveAsOperation: …"
};
struct Commands {
  TwinPlace twin;
  std::string report;
  std::string console;  // where one may take a hand in it
};
void print_card(const v1::LessonCard& card, const Commands& commands);

struct LessonRun {
  const regions::LoadedScenario& lesson;
  const v1::RunReport& report;
  const std::vector<regions::AnswerJudged>& answers;
  Chosen chosen;
  const Commands& commands;
};
[[nodiscard]] std::string lesson_json(const LessonRun& run);

}  // namespace faultline::tools
