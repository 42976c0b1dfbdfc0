// The defects: each shows in its script, by the property that is named; without it the same script
// holds everything.
#include "regions/defects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "regions/replication/judgement.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

const fs::path kFolder = fs::path(FAULTLINE_SOURCE_DIR) / "scenarios" / "defects";

LoadedScenario load(const DefectInfo& info) {
  auto loaded = load_scenario_file((kFolder / info.file).string());
  if (loaded) return *std::move(loaded);
  for (const InputError& error : loaded.error()) ADD_FAILURE() << error.to_string();
  return {};
}

std::vector<std::string> properties_of(const DefectInfo& info) {
  std::vector<std::string> ids;
  std::istringstream in{std::string(info.properties)};
  for (std::string id; std::getline(in, id, ',');) ids.push_back(id);
  return ids;
}

std::string told(const v1::RunReport& report) {
  std::string text = v1::Verdict_Name(report.verdict()) + "\n";
  for (const auto& violation : report.violations())
    text += violation.property() + " " + violation.where() + " " + violation.expectation() +
            "; but " + violation.found() + "\n";
  return text;
}

class DefectTest : public testing::TestWithParam<DefectInfo> {};

TEST_P(DefectTest, ShowsInItsScriptByTheNamedProperty) {
  const LoadedScenario loaded = load(GetParam());
  const v1::RunReport report = ScenarioRun(loaded, {}).finish();
  EXPECT_EQ(report.verdict(), v1::BROKEN);
  std::set<std::string> violated;
  for (const auto& violation : report.violations()) violated.insert(violation.property());
  EXPECT_THAT(violated, Contains(loaded.scenario.violates())) << told(report);
}

TEST_P(DefectTest, HoldsEverythingWithoutIt) {
  LoadedScenario loaded = load(GetParam());
  loaded.scenario.mutable_service()->clear_defect();
  const v1::RunReport report = ScenarioRun(loaded, {}).finish();
  EXPECT_EQ(report.verdict(), v1::HOLDS) << told(report);
}

TEST_P(DefectTest, DoesNotDependOnLuck) {
  LoadedScenario broken = load(GetParam());
  LoadedScenario sound = broken;
  sound.scenario.mutable_service()->clear_defect();
  for (std::uint64_t seed = 2; seed <= 6; ++seed) {
    const v1::RunReport report = ScenarioRun(broken, {.seed = seed}).finish();
    const bool fired = std::ranges::any_of(report.violations(), [&](const auto& violation) {
      return violation.property() == broken.scenario.violates();
    });
    EXPECT_TRUE(fired) << "seed " << seed << "\n" << told(report);
    const v1::RunReport holds = ScenarioRun(sound, {.seed = seed}).finish();
    EXPECT_EQ(holds.verdict(), v1::HOLDS) << "seed " << seed << "\n" << told(holds);
  }
}

TEST_P(DefectTest, AgreesWithItsFile) {
  const DefectInfo& info = GetParam();
  const v1::Scenario scenario = load(info).scenario;
  EXPECT_THAT(std::string(info.file), StartsWith(std::string(info.id) + "_"));
  ASSERT_EQ(scenario.service().defect_size(), 1);
  EXPECT_EQ(scenario.service().defect(0), info.id);
  EXPECT_EQ(scenario.expected_verdict(), v1::VIOLATED);
  EXPECT_THAT(properties_of(info), Contains(scenario.violates()));
  EXPECT_EQ(find_defect(info.id)->defect, info.defect);
  EXPECT_GE(std::ranges::count(scenario.description(), '\n'), 2) << "three lines of story";
}

INSTANTIATE_TEST_SUITE_P(Catalogue, DefectTest, testing::ValuesIn(defects()),
                         [](const auto& defect) { return std::string(defect.param.id); });

TEST(DefectsTest, AreNumberedInOrderAndHaveAFileEach) {
  std::size_t number = 0;
  std::set<std::string> files;
  for (const DefectInfo& info : defects()) {
    ++number;
    EXPECT_EQ(static_cast<std::size_t>(info.defect), number);
    EXPECT_EQ(std::stoul(std::string(info.id.substr(1))), number);
    files.insert(std::string(info.file));
  }
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".textproto") there.insert(entry.path().filename().string());
  }
  EXPECT_EQ(there, files);
}

TEST(DefectsTest, TheTableOfTheReadmeIsMadeFromTheSource) {
  std::ifstream in(kFolder / "README.md", std::ios::binary);
  std::ostringstream readme;
  readme << in.rdbuf();
  EXPECT_THAT(readme.str(), HasSubstr(defects_as_markdown()));
}

TEST(DefectsTest, ASetHasWhatWasAdded) {
  Defects set;
  EXPECT_TRUE(set.empty());
  set.add(Defect::D22);
  set.add(Defect::D01);
  for (const DefectInfo& info : defects()) {
    EXPECT_EQ(set.has(info.defect), info.defect == Defect::D01 || info.defect == Defect::D22);
  }
  EXPECT_EQ(set, (Defects{Defect::D01, Defect::D22}));
}

TEST(DefectsTest, AnUnknownOneIsNamedWithWhatWasMeant) {
  const auto loaded = load_scenario("test.textproto", R"(
    region { name: "us-west-2" }
    service { defect: "D01" defect: "D99" })");
  ASSERT_FALSE(loaded);
  ASSERT_EQ(loaded.error().size(), 1U);
  EXPECT_THAT(loaded.error()[0].to_string(), HasSubstr("test.textproto:3:"));
  EXPECT_THAT(loaded.error()[0].to_string(),
              HasSubstr("no defect is called \"D99\"; did you mean \"D09\"?"));
}

// ---- what a defect does to a judgement ----------------------------------------------------------
constexpr const char* kPrimaryArn =
    "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf";
constexpr const char* kReplicaArn =
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

v1::Replicate offer(std::uint64_t sequence) {
  v1::Replicate offer;
  offer.mutable_link()->set_secret_arn(kPrimaryArn);
  offer.mutable_link()->set_secret_name("db");
  offer.mutable_link()->set_generation(1);
  offer.set_sequence(sequence);
  return offer;
}

void add_version(v1::Replicate& offer, std::uint64_t sequence, const std::string& label) {
  v1::VersionInfo& info = *offer.add_versions()->mutable_info();
  info.set_version_id("v" + std::to_string(sequence));
  info.set_sequence(sequence);
  info.add_stages(label);
}

v1::StoredSecret replica(std::uint64_t sequence) {
  v1::StoredSecret secret;
  secret.set_name("db");
  secret.set_arn(kReplicaArn);
  secret.set_role(v1::Replica);
  secret.set_primary_region("us-west-2");
  secret.set_generation(1);
  secret.set_sequence(sequence);
  return secret;
}

Judgement judged(const v1::Replicate& offer, const v1::StoredSecret& held, Defects defects) {
  return judge(offer, "us-east-1", true, &held, false, std::nullopt, defects);
}

TEST(DefectiveJudgementTest, TheLastToArriveWins) {
  EXPECT_EQ(judged(offer(4), replica(5), {}).verdict, Verdict::Known);
  EXPECT_EQ(judged(offer(4), replica(5), {Defect::D01}).verdict, Verdict::Take);
}

TEST(DefectiveJudgementTest, OnlyAValueMakesNews) {
  v1::Replicate rollback = offer(6);
  add_version(rollback, 1, "AWSCURRENT");
  add_version(rollback, 2, "AWSPREVIOUS");
  v1::StoredSecret held = replica(5);
  for (const auto& version : rollback.versions()) *held.add_versions() = version.info();
  EXPECT_EQ(judged(rollback, held, {}).verdict, Verdict::Take);
  EXPECT_EQ(judged(rollback, held, {Defect::D03}).verdict, Verdict::Known);
  add_version(rollback, 6, "AWSPENDING");
  EXPECT_EQ(judged(rollback, held, {Defect::D03}).verdict, Verdict::Take);
}

TEST(DefectiveJudgementTest, ASwapIsCarriedOutAtEveryDelivery) {
  v1::Replicate put = offer(5);
  add_version(put, 4, "AWSPREVIOUS");
  add_version(put, 5, "AWSCURRENT");
  EXPECT_FALSE(is_a_swap(put));
  EXPECT_EQ(judged(put, replica(5), {Defect::D04}).verdict, Verdict::Known);
  v1::Replicate rollback = offer(5);
  add_version(rollback, 3, "AWSCURRENT");
  add_version(rollback, 4, "AWSPREVIOUS");
  EXPECT_TRUE(is_a_swap(rollback));
  EXPECT_EQ(judged(rollback, replica(5), {}).verdict, Verdict::Known);
  EXPECT_EQ(judged(rollback, replica(5), {Defect::D04}).verdict, Verdict::Take);
  EXPECT_EQ(judged(rollback, replica(6), {Defect::D04}).verdict, Verdict::Known);
}

TEST(DefectiveJudgementTest, APromotedSecretHasNoFence) {
  v1::StoredSecret promoted = replica(5);
  promoted.set_role(v1::Standalone);
  promoted.set_fenced_generation(1);
  EXPECT_EQ(judged(offer(6), promoted, {}).reason, v1::FENCED);
  EXPECT_EQ(judged(offer(6), promoted, {Defect::D05}).verdict, Verdict::Take);
}

}  // namespace
}  // namespace faultline::regions
