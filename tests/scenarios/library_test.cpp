// The scenario library: every file in scenarios/ is run, twice, and told of in scenarios/README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "regions/build_id.h"
#include "regions/narrator.h"
#include "regions/replay.h"
#include "regions/trace_file.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kSource = FAULTLINE_SOURCE_DIR;

std::vector<fs::path> library() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kSource / "scenarios")) {
    if (entry.path().extension() == ".textproto") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

LoadedScenario load(const fs::path& path) {
  auto loaded = load_scenario_file(path.string());
  if (loaded) return *std::move(loaded);
  for (const InputError& error : loaded.error()) ADD_FAILURE() << error.to_string();
  return {};
}

class ScenarioLibraryTest : public testing::TestWithParam<fs::path> {};

TEST_P(ScenarioLibraryTest, ComesToItsVerdict) {
  const LoadedScenario loaded = load(GetParam());
  ScenarioRun run(loaded, {});
  const v1::RunReport report = run.finish();
  const bool violated = loaded.scenario.expected_verdict() == v1::VIOLATED;
  EXPECT_EQ(report.verdict(), violated ? v1::BROKEN : v1::HOLDS);
  for (const auto& violation : report.violations()) {
    if (!violated)
      ADD_FAILURE() << violation.where() << ": " << violation.expectation() << "; but "
                    << violation.found();
  }
  for (const auto& open : run.left_open()) ADD_FAILURE() << open;
}

TEST_P(ScenarioLibraryTest, RunsTheSameTwice) {
  const LoadedScenario loaded = load(GetParam());
  const v1::RunReport first = ScenarioRun(loaded, {}).finish();
  const v1::RunReport second = ScenarioRun(loaded, {}).finish();
  EXPECT_EQ(first.hash(), second.hash());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_P(ScenarioLibraryTest, RunsTheSameWatchedOrNot) {
  const LoadedScenario loaded = load(GetParam());
  Events events;
  EXPECT_EQ(ScenarioRun(loaded, {.sinks = {&events}}).finish().hash(),
            ScenarioRun(loaded, {}).finish().hash());
}

TEST_P(ScenarioLibraryTest, HoldsForOtherSeedsToo) {
  // A lesson that depends on luck teaches the wrong thing.
  const LoadedScenario loaded = load(GetParam());
  const bool violated = loaded.scenario.expected_verdict() == v1::VIOLATED;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(ScenarioRun(loaded, {.seed = seed}).finish().verdict(),
              violated ? v1::BROKEN : v1::HOLDS)
        << "seed " << seed;
  }
}

TEST_P(ScenarioLibraryTest, ReplaysIdentically) {
  const LoadedScenario loaded = load(GetParam());
  std::ostringstream out;
  v1::TraceHeader header;
  header.set_format(kTraceFormat);
  header.set_build(std::string(build_id()));
  header.set_scenario(loaded.scenario.SerializeAsString());
  header.set_scenario_name(loaded.file);
  header.set_seed(seed_of(loaded.scenario, {}));
  TraceWriter writer(out, header);
  const v1::RunReport report = ScenarioRun(loaded, {.sinks = {&writer}}).finish();
  ASSERT_TRUE(writer.finish(footer_of(report)));
  const auto recorded = read_trace(out.str());
  ASSERT_TRUE(recorded) << recorded.error();
  const auto result = replay("x.trace", *recorded);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->difference) << result->difference->recorded << "\n"
                                   << result->difference->now;
}

TEST_P(ScenarioLibraryTest, IsWrittenAsALesson) {
  const LoadedScenario loaded = load(GetParam());
  EXPECT_FALSE(loaded.scenario.title().empty());
  EXPECT_GE(std::ranges::count(loaded.scenario.description(), '\n'), 4) << "five lines of story";
  EXPECT_THAT(contents(GetParam()), HasSubstr("# What to notice\n"));
  EXPECT_GT(loaded.scenario.expect_size(), 0);
  EXPECT_TRUE(loaded.scenario.has_predict());
  EXPECT_TRUE(loaded.scenario.has_lesson());
}

TEST_P(ScenarioLibraryTest, IsInTheSyllabusWithItsVerdict) {
  const LoadedScenario loaded = load(GetParam());
  const std::string verdict =
      loaded.scenario.expected_verdict() == v1::VIOLATED ? "violated" : "holds";
  const std::string row =
      "| `" + GetParam().filename().string() + "` | " + loaded.scenario.title() + " | ";
  const std::string syllabus = contents(kSource / "scenarios" / "README.md");
  const std::size_t at = syllabus.find(row);
  ASSERT_NE(at, std::string::npos) << "scenarios/README.md has no row that begins with: " << row;
  EXPECT_THAT(syllabus.substr(at, syllabus.find('\n', at) - at), HasSubstr("| " + verdict + " |"));
}

std::string lesson_name(const testing::TestParamInfo<fs::path>& lesson) {
  std::string name = lesson.param.stem().string();
  std::erase(name, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Library, ScenarioLibraryTest, testing::ValuesIn(library()), lesson_name);

TEST(SyllabusTest, NamesNoFileThatIsNotThere) {
  std::istringstream syllabus(contents(kSource / "scenarios" / "README.md"));
  std::size_t rows = 0;
  for (std::string line; std::getline(syllabus, line);) {
    if (!line.starts_with("| `")) continue;
    ++rows;
    EXPECT_TRUE(fs::exists(kSource / "scenarios" / line.substr(3, line.find('`', 3) - 3))) << line;
  }
  EXPECT_EQ(rows, library().size());
}

// What `faultline run` prints between title and verdict, without colours.
std::string narration(const LoadedScenario& loaded) {
  struct Teller : engine::TraceSink {
    Narrator narrator;
    std::string text;
    void on_event(const v1::TraceEvent& event) override {
      const auto line = narrator.tell(event);
      if (!line) return;
      if (!line->note.empty()) text += "# " + line->note + "\n";
      if (!line->text.empty())
        text += engine::format_instant(line->at) + "  " + line->where + "  " + line->text + "\n";
    }
  } teller;
  ScenarioRun(loaded, {.sinks = {&teller}}).finish();
  return teller.text;
}

TEST(NarrationTest, TheFirstScenarioReadsAsItDid) {
  const fs::path golden = kSource / "tests" / "scenarios" / "golden" / "01_hello_replica.txt";
  const std::string got = narration(load(kSource / "scenarios" / "01_hello_replica.textproto"));
  if (std::getenv("FAULTLINE_RECORD_GOLDEN") != nullptr) std::ofstream(golden) << got;
  EXPECT_EQ(got, contents(golden))
      << "re-record with FAULTLINE_RECORD_GOLDEN=1 and read the difference";
}

TEST(NarrationTest, TheStoryHasNoSecretThatTheScenarioDoesNotExpect) {
  const LoadedScenario loaded = load_or_fail(R"(
    region { name: "us-west-2" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "canary" } }
    step { at: "1s" region: "us-west-2" get_secret_value { secret_id: "db" } })");
  Events events;
  ScenarioRun(loaded, {.sinks = {&events}}).finish();
  Narrator narrator(Detail::Machinery);
  for (const auto& event : events.events) {
    EXPECT_EQ(event.SerializeAsString().find("canary"), std::string::npos)
        << event.ShortDebugString();
    const auto line = narrator.tell(event);
    if (line) {
      EXPECT_EQ(line->text.find("canary"), std::string::npos) << line->text;
    }
  }
}

}  // namespace
}  // namespace faultline::regions
