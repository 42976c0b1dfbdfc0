#include "tools/lesson_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "regions/scenario_text.h"
#include "tools/json_text.h"
#include "tools/report/exports.h"
#include "tools/terminal.h"
#include "tools/verdict_text.h"
#include "tools/wrapped_text.h"

namespace faultline::tools {
namespace {

using regions::LoadedScenario;
using regions::Tone;

constexpr int kMargin = 12;

std::string verdict_of(const LoadedScenario& lesson) {
  return lesson.scenario.expected_verdict() == v1::VIOLATED ? "violated" : "holds";
}

std::string duration_text(std::uint32_t minutes) {
  return minutes < 60 ? fmt::format("{} min", minutes)
                      : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::uint32_t minutes_of(const std::vector<LoadedScenario>& course) {
  std::uint32_t minutes = 0;
  for (const auto& lesson : course) minutes += lesson.scenario.lesson().minutes();
  return minutes;
}

void heading(const std::string& text) {
  fmt::print("\n{}\n", painted(text, Tone::Good, wants_colours()));
}

void line(std::string_view label, const std::string& text) {
  if (!text.empty()) fmt::print("{}", wrapped(label, text, kMargin));
}

std::string trigger_text(const v1::On& on) {
  return fmt::format(", at the first {}{}{}", on.event(), on.outcome().empty() ? "" : " ",
                     on.outcome());
}

int right_of(const v1::Prediction& predict) {
  const auto right = std::ranges::find_if(predict.answer(), &v1::Prediction::Answer::right);
  return static_cast<int>(right - predict.answer().begin());
}

}  // namespace

std::string syllabus_text(const std::vector<LoadedScenario>& course) {
  return fmt::format("{}\n{} lessons, {}.\n", regions::course_as_markdown(course), course.size(),
                     duration_text(minutes_of(course)));
}

void print_course(const std::vector<LoadedScenario>& course) {
  std::size_t width = 0;
  for (const auto& lesson : course) width = std::max(width, lesson.scenario.title().size());
  for (const auto& lesson : course) {
    const v1::LessonCard& card = lesson.scenario.lesson();
    fmt::print("{:>3}  {:<{}}  {:>3} min  {}\n", card.number(), lesson.scenario.title(), width,
               card.minutes(), card.idea());
  }
  fmt::print("\n{} lessons, {}. Begin with: faultline lesson {}\n", course.size(),
             duration_text(minutes_of(course)), course.front().scenario.lesson().number());
}

std::string course_json(const std::vector<LoadedScenario>& course) {
  std::string out = "[\n";
  for (const auto& lesson : course) {
    const v1::LessonCard& card = lesson.scenario.lesson();
    out += fmt::format(
        " {{\"number\": {}, \"title\": {}, \"file\": {}, \"minutes\": {}, \"idea\": {}, "
        "\"verdict\": {}, \"broken_twin\": {}}}{}\n",
        card.number(), json_quoted(lesson.scenario.title()), json_quoted(lesson.file),
        card.minutes(), json_quoted(card.idea()), json_quoted(verdict_of(lesson)),
        json_quoted(card.broken_twin()), &lesson == &course.back() ? "" : ",");
  }
  return out + "]\n";
}

void print_plan(const LoadedScenario& lesson, std::size_t lessons) {
  const v1::LessonCard& card = lesson.scenario.lesson();
  fmt::print("Lesson {} of {}: {} ({} min)\n{}\n", card.number(), lessons, lesson.scenario.title(),
             card.minutes(), lesson.file);
  heading("What will happen");
  std::size_t width = 0;
  for (const auto& step : lesson.scenario.step()) width = std::max(width, step.region().size());
  for (const v1::Step& step : lesson.scenario.step()) {
    // The notes and what is wanted of the answers would give the question away.
    fmt::print("{:>8}  {:<{}}  {}{}\n", step.at().empty() ? "0s" : step.at(), step.region(), width,
               regions::step_text(step), step.has_on() ? trigger_text(step.on()) : "");
  }
  if (lesson.scenario.has_settle()) {
    const std::string& at = lesson.scenario.settle().at();
    fmt::print("{:>8}  {:<{}}  everything is mended\n", at, "", width);
  }
}

void print_story(const LoadedScenario& lesson) {
  heading("The story");
  fmt::print("{}\n", lesson.scenario.description());
}

void print_question(const v1::Prediction& predict) {
  if (predict.answer().empty()) return;
  heading("Before the run");
  fmt::print("{}", wrapped("", predict.question(), 0));
  int number = 0;
  for (const auto& answer : predict.answer()) {
    fmt::print("{}", wrapped(fmt::format("  {}", ++number), answer.text(), 4));
  }
  std::fflush(stdout);
}

void print_prediction(const v1::Prediction& predict,
                      const std::vector<regions::AnswerJudged>& answers, Chosen chosen) {
  if (predict.answer().empty()) return;
  heading("The question");
  line("", predict.question());
  const int right = right_of(predict);
  if (chosen && *chosen - 1 != right) {
    const auto at = static_cast<std::size_t>(*chosen - 1);
    const auto& answer = predict.answer(*chosen - 1);
    line("You said", fmt::format("{}. {}", *chosen, answer.text()));
    line("Not so", answer.because());
    if (!answers[at].found.empty()) {
      line("In the run", fmt::format("not so: {}; {}", answers[at].shown, answers[at].found));
    }
  }
  const auto& answer = predict.answer(right);
  const bool predicted = chosen && *chosen - 1 == right;
  line(predicted ? "You are right" : "Right is", fmt::format("{}. {}", right + 1, answer.text()));
  line("Because", answer.because());
  const auto& judged = answers[static_cast<std::size_t>(right)];
  line("In the run", judged.holds
                         ? judged.shown
                         : fmt::format("it is not so here: {}; {}", judged.shown, judged.found));
}

void print_card(const v1::LessonCard& card, const Commands& commands) {
  heading("The card");
  line("Lesson", card.idea());
  line("It happened", card.incident());
  line("AWS says", card.aws_passage());
  line("In AWS", card.in_the_console());
  for (const std::string& question : card.ask()) line("Ask", question);
  heading("Go on");
  if (!commands.twin.command.empty()) {
    line("Break it", commands.twin.what);
    fmt::print("{:<{}} {}\n", "", kMargin, commands.twin.command);
  }
  fmt::print("{:<{}} {}\n", "See it", kMargin, commands.report);
  fmt::print("{:<{}} {}\n", "Play it", kMargin, commands.console);
}

std::string lesson_json(const LessonRun& run) {
  const v1::Scenario& scenario = run.lesson.scenario;
  const v1::LessonCard& card = scenario.lesson();
  std::string out = fmt::format(
      "{{\n \"number\": {},\n \"title\": {},\n \"file\": {},\n \"story\": {},\n \"question\": {},\n"
      " \"answers\": [",
      card.number(), json_quoted(scenario.title()), json_quoted(run.lesson.file),
      json_quoted(scenario.description()), json_quoted(scenario.predict().question()));
  for (int i = 0; i < scenario.predict().answer_size(); ++i) {
    const auto& answer = scenario.predict().answer(i);
    const auto& judged = run.answers[static_cast<std::size_t>(i)];
    out += fmt::format(
        "{}\n  {{\"text\": {}, \"right\": {}, \"because\": {}, \"shown_by\": {}, \"holds\": {}, "
        "\"found\": {}}}",
        i == 0 ? "" : ",", json_quoted(answer.text()), answer.right(),
        json_quoted(answer.because()), json_quoted(judged.shown), judged.holds,
        json_quoted(judged.found));
  }
  const bool asked = run.chosen.has_value();
  out += fmt::format(
      "\n ],\n \"chosen\": {},\n \"predicted\": {},\n \"verdict\": {},\n \"hash\": {},\n"
      " \"broken_twin\": {},\n \"broken_twin_command\": {},\n \"report_command\": {},\n"
      " \"console_command\": {},\n \"card\": {},\n \"run\": {}}}\n",
      asked ? fmt::format("{}", *run.chosen) : "null",
      asked ? (*run.chosen - 1 == right_of(scenario.predict()) ? "true" : "false") : "null",
      json_quoted(verdict_word(run.report.verdict())), json_quoted(run.report.hash()),
      json_quoted(card.broken_twin()), json_quoted(run.commands.twin.command),
      json_quoted(run.commands.report), json_quoted(run.commands.console), json_text(card),
      json_text(run.report));
  return out;
}

}  // namespace faultline::tools
