// What a lesson adds to a scenario: the question before the run, and the card after it.
#include <algorithm>

#include "regions/defects.h"
#include "regions/scenario/check.h"

namespace faultline::regions {
namespace {

constexpr int kFewestAnswers = 2;
constexpr int kMostAnswers = 5;
constexpr std::uint32_t kMostLessons = 1'000;
constexpr std::uint32_t kMostMinutes = 600;

}  // namespace

void ScenarioChecker::check_prediction() {
  if (!scenario_.has_predict()) return;
  const Spot spot = root_.child("predict");
  if (is_unreadable_(spot.place())) return;
  const v1::Prediction& predict = scenario_.predict();
  required(spot, "question", "the question");
  if (predict.answer_size() < kFewestAnswers || predict.answer_size() > kMostAnswers) {
    complaints_.add(spot.place(), "a question has 2 to 5 answers; this one has " +
                                      std::to_string(predict.answer_size()));
  }
  const auto right = std::ranges::count_if(predict.answer(), &v1::Prediction::Answer::right);
  if (right != 1) {
    complaints_.add(spot.place(), "exactly one answer is right: true; here " +
                                      (right == 0 ? "none is" : std::to_string(right) + " are"));
  }
  for (int i = 0; i < predict.answer_size(); ++i) {
    check_answer(predict.answer(i), spot.child("answer", i));
    for (int j = 0; j < i; ++j) {
      if (predict.answer(j).text() != predict.answer(i).text()) continue;
      complain(spot.child("answer", i), "text", "this answer is given twice");
      break;
    }
  }
}

void ScenarioChecker::check_answer(const v1::Prediction::Answer& answer, const Spot& spot) {
  required(spot, "text", "the answer's text");
  required(spot, "because", "why the answer is right or wrong");
  if (!answer.has_shown_by()) {
    complaints_.add(spot.place(), "shown_by is missing: what holds in the run if this is right");
    return;
  }
  const Spot shown_by = spot.child("shown_by");
  const v1::Expect& expect = answer.shown_by();
  // A run that never met a `sometimes` has not decided.
  if (expect.when_case() == v1::Expect::kSometimes || expect.has_leads_to()) {
    complaints_.add(shown_by.place(),
                    "one run must decide it: at, within, always, never or at_end");
  }
  check_when(expect, shown_by);
  check_what(expect, shown_by);
}

void ScenarioChecker::check_lesson() {
  if (!scenario_.has_lesson()) return;
  const Spot spot = root_.child("lesson");
  if (is_unreadable_(spot.place())) return;
  const v1::LessonCard& lesson = scenario_.lesson();
  if (lesson.number() == 0) {
    complain(spot, "number", "the lesson's number is missing: its place in the course, from 1");
  } else if (lesson.number() > kMostLessons) {
    complain(spot, "number", "number is at most 1000");
  }
  required(spot, "idea", "what the lesson teaches");
  if (lesson.minutes() > kMostMinutes) complain(spot, "minutes", "minutes is at most 600");
  for (int i = 0; i < lesson.ask_size(); ++i) {
    if (lesson.ask(i).empty()) complain(spot, "ask", "the question is empty", i);
  }
  if (!lesson.broken_twin().empty() && find_defect(lesson.broken_twin()) == nullptr) {
    complain(spot, "broken_twin", no_such_defect(lesson.broken_twin()));
  }
}

}  // namespace faultline::regions
