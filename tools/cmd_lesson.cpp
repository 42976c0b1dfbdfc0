// faultline lesson [N]: the course. A question, a prediction, a run, and why.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "regions/course.h"
#include "regions/defects.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/lesson_text.h"
#include "tools/library.h"
#include "tools/teller.h"
#include "tools/terminal.h"
#include "tools/verdict_text.h"

namespace faultline::tools {
namespace {

struct Request {
  int number = 0;
  int answer = 0;
  std::string library;
  bool no_ask = false;
  bool broken = false;
  bool json = false;
  bool syllabus = false;
  bool verbose = false;
};

using Course = std::vector<regions::LoadedScenario>;

// What a person may answer, or a pipe: a number, and nothing for none.
enum class Reading { Given, None, Bad };
Reading read_answer(int most, Chosen& chosen) {
  std::string text;
  if (!std::getline(std::cin, text)) return Reading::None;
  text.erase(text.find_last_not_of(" \t\r") + 1);
  text.erase(0, text.find_first_not_of(" \t"));
  if (text.empty()) return Reading::None;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || number < 1 || number > most) return Reading::Bad;
  chosen = number;
  return Reading::Given;
}

// False: what came by the pipe is no answer; it has said so.
bool ask(const v1::Prediction& predict, Chosen& chosen) {
  const int most = predict.answer_size();
  const bool is_terminal = ::isatty(STDIN_FILENO) == 1;
  for (;;) {
    if (is_terminal) {
      fmt::print("\nYour answer, 1 to {} (Enter: none): ", most);
      std::fflush(stdout);
    }
    switch (read_answer(most, chosen)) {
      case Reading::Given:
      case Reading::None:
        return true;
      case Reading::Bad:
        if (is_terminal) continue;
        complain(fmt::format("the answer is a number from 1 to {}", most));
        return false;
    }
  }
}

// Where the broken twin shows: by the lesson's own steps, or by the defect's script.
TwinPlace twin_of(const regions::LoadedScenario& lesson, const regions::RunOptions& options) {
  const v1::LessonCard& card = lesson.scenario.lesson();
  const regions::DefectInfo* defect = regions::find_defect(card.broken_twin());
  if (defect == nullptr) return {};
  const regions::LoadedScenario twin = regions::broken_twin_of(lesson);
  const bool shows = regions::ScenarioRun(twin, options).finish().verdict() == v1::BROKEN;
  const std::filesystem::path script =
      std::filesystem::path(lesson.file).parent_path() / "defects" / std::string(defect->file);
  return {.command = shows ? fmt::format("faultline lesson {} --broken", card.number())
                           : fmt::format("faultline run {}", shell_quoted(script.string())),
          .what = fmt::format("{} {}: {}", defect->id, defect->name, defect->what)};
}

int run_lesson(const Request& request, const regions::LoadedScenario& found, std::size_t lessons,
               const Environment& environment) {
  const regions::RunOptions quietly{.shared = environment.shared};
  const v1::LessonCard& card = found.scenario.lesson();
  if (request.broken && card.broken_twin().empty()) {
    complain(fmt::format("lesson {} has no broken twin", card.number()));
    return kUsage;
  }
  const regions::LoadedScenario lesson = request.broken ? regions::broken_twin_of(found) : found;
  const v1::Prediction& predict = lesson.scenario.predict();
  if (request.answer < 0 || request.answer > predict.answer_size()) {
    complain(fmt::format("--answer: a number from 1 to {}", predict.answer_size()));
    return kUsage;
  }
  Chosen chosen;
  if (request.answer > 0) chosen = request.answer;
  if (!request.json) {
    print_plan(lesson, lessons);
    if (request.broken) {
      const auto* defect = regions::find_defect(card.broken_twin());
      fmt::print("\nBroken: {} {}. {}\n", defect->id, defect->name, defect->what);
    } else {
      print_question(predict);
      const bool asks = !request.no_ask && !chosen && predict.answer_size() > 0;
      if (asks && !ask(predict, chosen)) return kUsage;
    }
    fmt::print("\n");
  }

  regions::RunOptions options = quietly;
  Teller teller(lesson.scenario, request.verbose);
  if (!request.json) options.sinks.push_back(&teller);
  regions::ScenarioRun run(lesson, options);
  const v1::RunReport report = run.finish();
  const auto answers = regions::judge_answers(lesson, quietly);
  const std::string page = fmt::format("lesson{:02}.html", card.number());
  const Commands commands{
      .twin = request.broken ? TwinPlace{} : twin_of(found, quietly),
      .report = fmt::format("faultline run {} --seed {} --report {}", shell_quoted(found.file),
                            report.seed(), page),
      .console = fmt::format("faultline serve --console --clock manual --seed {} --scenario {}",
                             report.seed(), shell_quoted(found.file))};
  if (request.json) {
    fmt::print("{}", lesson_json({.lesson = lesson,
                                  .report = report,
                                  .answers = answers,
                                  .chosen = chosen,
                                  .commands = commands}));
    return exit_code_of(report.verdict());
  }
  fmt::print("\n");
  print_verdict({.report = report,
                 .scenario = lesson.scenario,
                 .left_open = run.left_open(),
                 .command = fmt::format("faultline lesson {}{}", card.number(),
                                        request.broken ? " --broken" : "")});
  if (!request.broken) {
    print_story(lesson);
    print_prediction(predict, answers, chosen);
    print_card(card, commands);
  }
  return exit_code_of(report.verdict());
}

const regions::LoadedScenario* lesson_numbered(const Course& course, int number) {
  for (const auto& lesson : course) {
    if (lesson.scenario.lesson().number() == static_cast<std::uint32_t>(number)) return &lesson;
  }
  return nullptr;
}

int lesson(const Request& request, const Environment& environment) {
  const std::string directory =
      request.library.empty() ? library_directory().string() : request.library;
  const auto course = regions::load_course(directory, environment.check);
  if (!course) {
    complain(course.error());
    return kBadInput;
  }
  if (course->empty()) {
    complain(directory + ": no lessons (scenarios with a lesson { } block) here");
    return kBadInput;
  }
  if (request.syllabus) {
    fmt::print("{}", syllabus_text(*course));
    return kHolds;
  }
  if (request.number == 0) {
    if (request.json) {
      fmt::print("{}", course_json(*course));
    } else {
      print_course(*course);
    }
    return kHolds;
  }
  const auto* found = lesson_numbered(*course, request.number);
  if (found == nullptr) {
    complain(fmt::format("there is no lesson {}; the last one is {}", request.number,
                         course->back().scenario.lesson().number()));
    return kUsage;
  }
  return run_lesson(request, *found, course->size(), environment);
}

}  // namespace

void add_lesson(CLI::App& app, const Environment& environment, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* command = app.add_subcommand(
      "lesson", "The course: list it, or take a lesson: question, prediction, run, and why");
  command->footer(
      "On a terminal the lesson waits for an answer; on a pipe it reads one from standard input.\n"
      "Exit codes: as of `faultline run`; 64 no such lesson or answer; 65 no library.\n"
      "\n"
      "Example:  faultline lesson\n"
      "          faultline lesson 8 --answer 2");
  command->add_option("N", request->number, "Which lesson; none: list them")
      ->check(CLI::PositiveNumber);
  CLI::Option* answer =
      command->add_option("--answer", request->answer, "Your prediction, instead of being asked")
          ->type_name("K")
          ->check(CLI::PositiveNumber);
  CLI::Option* no_ask = command->add_flag("--no-ask", request->no_ask, "Do not wait for an answer");
  command->add_flag("--broken", request->broken,
                    "Run the lesson's world with the defect of its broken twin");
  command->add_flag("--syllabus", request->syllabus,
                    "Print the table of scenarios/README.md, and no lesson");
  CLI::Option* json = command->add_flag("--json", request->json, "Print JSON, and ask nothing");
  CLI::Option* verbose =
      command->add_flag("-v,--verbose", request->verbose,
                        "Tell also of messages, KMS calls and steps of the state machines");
  command
      ->add_option("--library", request->library,
                   "Where the lessons are; default: as for `faultline list`")
      ->type_name("DIR");
  answer->excludes(no_ask);
  json->excludes(verbose);
  command->callback(
      [request, &environment, &exit_code] { exit_code = lesson(*request, environment); });
}

}  // namespace faultline::tools
