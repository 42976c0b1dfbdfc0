#include "regions/course.h"

#include <algorithm>
#include <filesystem>

#include "proto/check.h"
#include "regions/scenario_text.h"

namespace faultline::regions {
namespace {

namespace fs = std::filesystem;

std::string file_name(const LoadedScenario& loaded) {
  return fs::path(loaded.file).filename().string();
}

void complain_of_equal_numbers(const std::vector<LoadedScenario>& course, InputErrors& errors) {
  for (std::size_t at = 1; at < course.size(); ++at) {
    const auto number = course[at].scenario.lesson().number();
    if (course[at - 1].scenario.lesson().number() != number) continue;
    errors.push_back({course[at].file, 0, 0,
                      "lesson number " + std::to_string(number) + " is also that of " +
                          file_name(course[at - 1])});
  }
}

}  // namespace

Expected<std::vector<LoadedScenario>, InputErrors> load_course(const std::string& directory,
                                                               const CheckOptions& options) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".textproto") files.push_back(entry->path());
  }
  InputErrors errors;
  if (error) {
    errors.push_back({directory, 0, 0, "cannot be listed: " + error.message()});
    return tl::make_unexpected(std::move(errors));
  }
  std::ranges::sort(files);
  std::vector<LoadedScenario> course;
  for (const fs::path& file : files) {
    auto loaded = load_scenario_file(file.string(), options);
    if (!loaded) {
      errors.insert(errors.end(), loaded.error().begin(), loaded.error().end());
    } else if (loaded->scenario.has_lesson()) {
      course.push_back(*std::move(loaded));
    }
  }
  std::ranges::stable_sort(
      course, {}, [](const LoadedScenario& lesson) { return lesson.scenario.lesson().number(); });
  complain_of_equal_numbers(course, errors);
  if (!errors.empty()) return tl::make_unexpected(std::move(errors));
  return course;
}

std::vector<AnswerJudged> judge_answers(const LoadedScenario& loaded, const RunOptions& options) {
  std::vector<AnswerJudged> judged;
  for (const auto& answer : loaded.scenario.predict().answer()) {
    LoadedScenario asked = loaded;
    asked.scenario.clear_expect();
    asked.expect_lines.clear();
    *asked.scenario.add_expect() = answer.shown_by();
    const std::string shown = expect_text(answer.shown_by());
    ScenarioRun run(
        asked,
        {.seed = options.seed, .shared = options.shared, .most_events = options.most_events});
    const v1::RunReport report = run.finish();
    AnswerJudged& line = judged.emplace_back();
    line.right = answer.right();
    line.holds = report.expectations_met() == 1;
    line.shown = shown;
    // Other violations of the run are none of the answer's.
    for (const auto& violation : report.violations()) {
      if (violation.property().empty() && violation.expectation() == shown) {
        line.found = violation.found();
      }
    }
  }
  return judged;
}

LoadedScenario broken_twin_of(const LoadedScenario& lesson) {
  const std::string& defect = lesson.scenario.lesson().broken_twin();
  FL_CHECK(!defect.empty()) << lesson.file << " has no broken twin";
  LoadedScenario twin = lesson;
  twin.scenario.mutable_service()->add_defect(defect);
  return twin;
}

std::string course_as_markdown(const std::vector<LoadedScenario>& course) {
  std::string out =
      "| file | title | idea | verdict | minutes | broken twin |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const LoadedScenario& loaded : course) {
    const v1::LessonCard& card = loaded.scenario.lesson();
    const bool violated = loaded.scenario.expected_verdict() == v1::VIOLATED;
    out += "| `" + file_name(loaded) + "` | " + loaded.scenario.title() + " | " + card.idea() +
           " | " + (violated ? "violated" : "holds") + " | " + std::to_string(card.minutes()) +
           " | " + (card.broken_twin().empty() ? "–" : card.broken_twin()) + " |\n";
  }
  return out;
}

}  // namespace faultline::regions
