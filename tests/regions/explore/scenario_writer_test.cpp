// A scenario as text for people. That what is written is what is read again is shown of drawn
// scenarios in draw_test.cpp.
#include "regions/scenario_writer.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using testing::HasSubstr;

TEST(ScenarioWriter, WritesForPeople) {
  const LoadedScenario loaded = load_or_fail(R"(title: "Two"
    region { name: "us-west-2" } region { name: "us-east-1" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } }
    step { at: "2s" fault { for: "1s" cut { from: "us-west-2" to: "us-east-1" } }
           on { event: "STORE_COMMITTED" region: "us-east-1" nth: 3 delay: "5ms" } }
    settle {})");
  EXPECT_EQ(write_scenario(loaded.scenario, {"What it is", "", "and why."}), R"(# What it is
#
# and why.

title: "Two"

region { name: "us-west-2" }
region { name: "us-east-1" }

# 1. CreateSecret db in us-west-2
step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } }

# 2. when STORE_COMMITTED in us-east-1 (number 3), 5ms later, the network between us-west-2 and us-east-1 is cut (for 1s)
step {
  at: "2s"
  on { event: "STORE_COMMITTED" region: "us-east-1" nth: 3 delay: "5ms" }
  fault { for: "1s" cut { from: "us-west-2" to: "us-east-1" } }
}
settle {}
)");
}

TEST(ScenarioWriter, WritesWhateverTheLibraryHolds) {
  namespace fs = std::filesystem;
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(FAULTLINE_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".textproto") continue;
    ++files;
    const auto loaded = load_scenario_file(entry.path().string());
    ASSERT_TRUE(loaded.has_value()) << entry.path();
    const std::string text = write_scenario(loaded->scenario);
    const auto read = load_scenario("written", text);
    ASSERT_TRUE(read.has_value()) << read.error().front().to_string() << "\n" << text;
    EXPECT_EQ(read->scenario.SerializeAsString(), loaded->scenario.SerializeAsString()) << text;
    EXPECT_EQ(write_scenario(read->scenario), text) << "the same scenario gives the same bytes";
  }
  EXPECT_GT(files, 30);
}

// Values that text must escape, and those that it need not.
TEST(ScenarioWriter, KeepsEveryByteOfAValue) {
  LoadedScenario loaded = load_or_fail(R"(region { name: "us-west-2" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one" } })");
  v1::CreateSecretRequest& create = *loaded.scenario.mutable_step(0)->mutable_create_secret();
  create.set_secret_string("\"quoted\" \\ back\nslash\ttab # no comment ' Grüße 鍵 \x7f");
  loaded.scenario.mutable_step(0)->set_note("a note\nof two lines");
  const std::string text = write_scenario(loaded.scenario);
  EXPECT_THAT(text, HasSubstr("Grüße 鍵"));
  const auto read = load_scenario("written", text);
  ASSERT_TRUE(read.has_value()) << read.error().front().to_string() << "\n" << text;
  EXPECT_EQ(read->scenario.SerializeAsString(), loaded.scenario.SerializeAsString());
}

// Comments are lines of their own, whatever a name or a value that they tell of holds.
TEST(ScenarioWriter, ACommentStaysAComment) {
  v1::Scenario scenario;
  scenario.add_region()->set_name("us-west-2");
  v1::Step& step = *scenario.add_step();
  step.set_region("us-west-2");
  step.mutable_get_secret_value()->set_secret_id("db\nseed: 7\rseed: 8");
  const std::string text = write_scenario(scenario, {"it is \"a\nseed: 9\""});
  v1::Scenario read;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &read)) << text;
  EXPECT_EQ(read.SerializeAsString(), scenario.SerializeAsString()) << text;
}

}  // namespace
}  // namespace faultline::regions::explore
