// Calls of KMS and the Account API as steps of a scenario: checked, run, written and told.
#include <gmock/gmock.h>

#include "regions/narrator.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_text.h"
#include "regions/scenario_writer.h"

namespace faultline::regions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kWorld = R"(
seed: 7
region { name: "us-west-2" }
region { name: "me-south-1" enabled: false }
key { region: "us-west-2" alias: "alias/db" }
)";

std::vector<std::string> complaints(const std::string& steps) {
  const auto loaded = load_scenario("test.textproto", kWorld + steps);
  std::vector<std::string> out;
  if (loaded) return out;
  for (const InputError& error : loaded.error()) out.push_back(error.message);
  return out;
}

v1::RunReport run(const std::string& steps) {
  const auto loaded = load_scenario("test.textproto", kWorld + steps);
  if (!loaded) {
    for (const InputError& error : loaded.error()) ADD_FAILURE() << error.to_string();
    return {};
  }
  return ScenarioRun(*loaded, {}).finish();
}

std::string step(const std::string& text) { return "step { " + text + " }\n"; }
std::string kms(const std::string& text) {
  return step("region: 'us-west-2' kms { " + text + " }");
}

TEST(OtherCallsInScenariosTest, AreChecked) {
  EXPECT_THAT(complaints(kms("disable_key { key_id: '{alias/db}' }")), ElementsAre());
  EXPECT_THAT(complaints(kms("disable_key { key_id: 'alias/db' }")),
              ElementsAre(HasSubstr("write \"{alias/db}\"")));
  EXPECT_THAT(complaints(kms("describe_key { key_id: 'alias/bd' }")),
              ElementsAre(HasSubstr("did you mean \"alias/db\"?")));
  EXPECT_THAT(complaints(kms("disable_key { key_id: '{alias/bd}' }")),
              ElementsAre(HasSubstr("did you mean \"alias/db\"?")));
  EXPECT_THAT(complaints(kms("disable_key { key_id: '{created 1}' }")),
              ElementsAre(HasSubstr("create 0 keys")));
  EXPECT_THAT(complaints(kms("")), ElementsAre(HasSubstr("kms names no operation")));
  EXPECT_THAT(complaints(kms("encrypt { key_id: 'alias/db' }")),
              ElementsAre(HasSubstr("Value null at 'plaintext'")));
  EXPECT_THAT(complaints(step("kms { list_keys { } }")),
              ElementsAre(HasSubstr("region is missing")));
  EXPECT_THAT(complaints(kms("create_alias { alias_name: 'alias/x' target_key_id: '{alias/db}' }") +
                         kms("describe_key { key_id: 'alias/x' }")),
              ElementsAre());
  EXPECT_THAT(complaints(step("account { enable_region { region_name: 'me-south-2' } }")),
              ElementsAre(HasSubstr("did you mean \"me-south-1\"?")));
  EXPECT_THAT(complaints(step("region: 'us-west-2' account { list_regions { } }")),
              ElementsAre(HasSubstr("is in no region")));
  EXPECT_THAT(complaints(step("account { }")), ElementsAre(HasSubstr("names no operation")));
  EXPECT_THAT(complaints(step("region: 'us-west-2' kms { list_keys { limit: 0 } } want { error: "
                              "'ValidationExeption' }")),
              ElementsAre(HasSubstr("did you mean \"ValidationException\"?")));
}

TEST(OtherCallsInScenariosTest, AreHeldAgainstWhatWasWanted) {
  const std::string refused =
      "region: 'us-west-2' kms { encrypt { key_id: 'alias/db' plaintext: 'x' "
      "} } want { error: 'DisabledException' message: 'is disabled' } ";
  const auto good = run(kms("disable_key { key_id: '{alias/db}' }") + step("at: '1s' " + refused));
  EXPECT_EQ(good.violations_size(), 0) << good.ShortDebugString();
  const auto bad = run(step(refused));
  ASSERT_EQ(bad.violations_size(), 1);
  EXPECT_EQ(bad.violations(0).expectation(),
            "kms:Encrypt alias/db in us-west-2 comes to DisabledException (\"is disabled\")");
  EXPECT_EQ(bad.violations(0).found(), "OK");
}

TEST(OtherCallsInScenariosTest, AreWordsAndComeBackFromAFile) {
  const std::string text =
      kms("disable_key { key_id: '{alias/db}' }") + step("account { list_regions { } }") +
      step("principal: 'admin' account { enable_region { region_name: 'me-south-1' } }");
  const auto loaded = load_scenario("test.textproto", kWorld + text);
  ASSERT_TRUE(loaded.has_value());
  const v1::Scenario& scenario = loaded->scenario;
  EXPECT_EQ(step_text(scenario.step(0)), "kms:DisableKey alias/db");
  EXPECT_EQ(step_text(scenario.step(1)), "account:ListRegions");
  EXPECT_EQ(step_text(scenario.step(2)), "account:EnableRegion me-south-1, as admin");
  const auto again = load_scenario("again.textproto", write_scenario(scenario));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->scenario.SerializeAsString(), scenario.SerializeAsString());
}

TEST(OtherCallsInScenariosTest, AreTold) {
  struct Story : engine::TraceSink {
    Narrator narrator{Detail::Story};
    std::vector<std::string> lines;
    void on_event(const v1::TraceEvent& event) override {
      if (const auto line = narrator.tell(event)) lines.push_back(line->text);
    }
  } story;
  const auto loaded =
      load_scenario("test.textproto",
                    kWorld + kms("disable_key { key_id: '{alias/db}' }") +
                        step("at: '1s' account { enable_region { region_name: 'me-south-1' } }"));
  ASSERT_TRUE(loaded.has_value());
  ScenarioRun(*loaded, {.sinks = {&story}}).finish();
  EXPECT_THAT(story.lines, testing::Contains("kms:DisableKey alias/db"));
  EXPECT_THAT(story.lines, testing::Contains("kms:DisableKey answers OK"));
  EXPECT_THAT(story.lines, testing::Contains("me-south-1 is ENABLING in the account"));
  EXPECT_THAT(story.lines, testing::Contains("me-south-1 is ENABLED in the account"));
}

// Keys that clients have disabled or given up are mended at the end like those that faults disable.
TEST(OtherCallsInScenariosTest, SettleMendsKeysThatClientsHaveDisabled) {
  const std::string secret = step(
      "region: 'us-west-2' create_secret { name: 'db' secret_string: 'x' kms_key_id: 'alias/db' }");
  for (const char* deed :
       {"disable_key { key_id: '{alias/db}' }", "schedule_key_deletion { key_id: '{alias/db}' }"}) {
    const auto report =
        run(secret + step("at: '1s' region: 'us-west-2' kms { " + std::string(deed) + " }") +
            "settle { at: '2s' }\n"
            "expect { eventually_after_heal: true value { secret_id: 'db' region: 'us-west-2' "
            "secret_string: 'x' } }\n");
    EXPECT_EQ(report.violations_size(), 0) << report.ShortDebugString();
    EXPECT_EQ(report.verdict(), v1::HOLDS) << deed;
  }
}

// What clients do to keys is no fault of the protocol, and no property may say so: keys that change
// all the time, and keys that are gone for good.
TEST(OtherCallsInScenariosTest, NoPropertyRaisesAFalseAlarm) {
  constexpr const char* kGone = R"(
region { name: "us-west-2" }
region { name: "us-east-1" }
key { region: "us-west-2" alias: "alias/app" }
key { region: "us-east-1" alias: "alias/app" }
step { at: "10s" region: "us-west-2"
       kms { schedule_key_deletion { key_id: "{alias/app}" pending_window_in_days: 7 } } }
step { at: "12s" region: "us-east-1"
       kms { schedule_key_deletion { key_id: "{alias/app}" pending_window_in_days: 7 } } }
workload { secrets: 2 calls: 40 duration: "20s" }
chaos { faults: 2 longest: "9s" }
settle { at: "8d" }
)";
  const auto changing = load_scenario_file(FAULTLINE_SOURCE_DIR "/scenarios/chaos/keys.textproto");
  const auto gone = load_scenario("gone.textproto", kGone);
  ASSERT_TRUE(changing.has_value() && gone.has_value());
  for (const auto* scenario : {&*changing, &*gone}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      const v1::RunReport report = ScenarioRun(*scenario, {.seed = seed}).finish();
      EXPECT_EQ(report.violations_size(), 0)
          << scenario->file << ", seed " << seed << ": " << report.ShortDebugString();
    }
  }
}

}  // namespace
}  // namespace faultline::regions
