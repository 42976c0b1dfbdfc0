// What is explained in plain words: reasons of failure as runs give them, and pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "regions/defects.h"
#include "regions/failure_reasons.h"
#include "regions/fault_catalogue.h"
#include "regions/invariants/property.h"
#include "regions/pictures.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

const fs::path kLibrary = fs::path(FAULTLINE_SOURCE_DIR) / "scenarios";

class ReasonTest : public testing::TestWithParam<FailureReason> {};

TEST_P(ReasonTest, IsShownByItsScenario) {
  const FailureReason& reason = GetParam();
  const auto loaded = load_scenario_file((kLibrary / reason.scenario).string());
  ASSERT_TRUE(loaded) << reason.scenario;
  Events events;
  ScenarioRun(*loaded, {.sinks = {&events}}).finish();
  const bool is_status = reason.id.starts_with("STATUS-");
  const bool shown = std::ranges::any_of(events.events, [&](const v1::TraceEvent& event) {
    if (event.kind() != v1::REPLICATION_STATUS) return false;
    const std::string& in = is_status ? event.outcome() : event.text();
    return in.find(reason.message) != std::string::npos;
  });
  EXPECT_TRUE(shown) << reason.scenario << " never says " << reason.message;
}

TEST_P(ReasonTest, IsKnownByItsMessage) {
  const FailureReason& reason = GetParam();
  ASSERT_NE(find_failure_reason(reason.id), nullptr);
  EXPECT_EQ(find_failure_reason(reason.id)->title, reason.title);
  if (reason.id.starts_with("STATUS-")) return;
  const auto* known =
      reason_of_message("Replication failed: … " + std::string(reason.message) + " ….");
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->id, reason.id);
}

INSTANTIATE_TEST_SUITE_P(Table, ReasonTest, testing::ValuesIn(failure_reasons()),
                         [](const auto& reason) {
                           std::string name(reason.param.id);
                           std::erase(name, '-');
                           return name;
                         });

TEST(ReasonsTest, AnotherMessageHasNone) {
  EXPECT_EQ(reason_of_message("Replication succeeded"), nullptr);
  EXPECT_EQ(find_failure_reason("REASON-MOON"), nullptr);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Mermaid's grammar, as far as these pictures use it.
void expect_mermaid(const std::string& picture) {
  const auto lines = lines_of(picture);
  ASSERT_GE(lines.size(), 3U) << picture;
  EXPECT_EQ(lines[0], "sequenceDiagram");
  std::set<std::string> participants;
  for (std::size_t at = 1; at < lines.size(); ++at) {
    const std::string& line = lines[at];
    EXPECT_EQ(line.find(';'), std::string::npos) << "ends a statement in Mermaid: " << line;
    EXPECT_EQ(line.find('#'), std::string::npos) << "begins an entity in Mermaid: " << line;
    if (line.starts_with("  participant ")) {
      participants.insert(line.substr(14, 1));
    } else if (line.starts_with("  Note over ")) {
      EXPECT_TRUE(participants.contains(line.substr(12, 1))) << line;
      EXPECT_EQ(line.substr(13, 2), ": ") << line;
    } else {
      EXPECT_TRUE(participants.contains(line.substr(2, 1))) << line;
      const std::string arrow = line.substr(3, line.find(':') - 4);
      EXPECT_THAT(arrow, AnyOf("->>", "-->>", "-x", "--x")) << line;
      EXPECT_TRUE(participants.contains(line.substr(3 + arrow.size(), 1))) << line;
      EXPECT_EQ(line.substr(4 + arrow.size(), 2), ": ") << line;
    }
  }
}

TEST(PicturesTest, AreMermaidText) {
  std::vector<std::string> ids;
  for (const auto& reason : failure_reasons()) ids.emplace_back(reason.id);
  for (const auto& property : properties()) ids.emplace_back(property.id);
  for (const auto& defect : defects()) ids.emplace_back(defect.id);
  for (const auto& fault : fault_catalogue()) ids.emplace_back(fault.id);
  std::size_t pictures = 0;
  for (const std::string& id : ids) {
    const std::string picture = picture_of(id);
    if (picture.empty()) continue;
    ++pictures;
    SCOPED_TRACE(id);
    expect_mermaid(picture);
  }
  EXPECT_GE(pictures, 80U);
}

TEST(PicturesTest, EveryStatusReasonAndDefectHasOne) {
  for (const auto& reason : failure_reasons()) EXPECT_NE(picture_of(reason.id), "") << reason.id;
  for (const auto& defect : defects()) EXPECT_NE(picture_of(defect.id), "") << defect.id;
  EXPECT_EQ(picture_of("S99"), "");
}

TEST(PicturesTest, EveryPropertyHasAScenarioThatIsThere) {
  for (const auto& property : properties()) {
    const std::string_view scenario = scenario_of_property(property.id);
    if (property.property == Property::S36) {
      EXPECT_EQ(scenario, "") << "two runs show it, and no scenario";
      continue;
    }
    ASSERT_NE(scenario, "") << property.id;
    EXPECT_TRUE(fs::exists(kLibrary / scenario)) << scenario;
  }
}

TEST(PicturesTest, AScenarioThatShowsAPropertyChecksIt) {
  for (const auto& property : properties()) {
    const std::string scenario(scenario_of_property(property.id));
    if (scenario.empty()) continue;
    const auto loaded = load_scenario_file((kLibrary / scenario).string());
    ASSERT_TRUE(loaded) << scenario;
    const v1::RunReport report = ScenarioRun(*loaded, {}).finish();
    const auto tally = std::ranges::find(report.properties(), property.id, &v1::PropertyTally::id);
    ASSERT_NE(tally, report.properties().end());
    EXPECT_GT(tally->held(), 0U) << scenario << " has nothing to check for " << property.id;
  }
}

}  // namespace
}  // namespace faultline::regions
