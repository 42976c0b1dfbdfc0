// Every file in bad/ has its errors beside it (<name>.errors); a change of a message is a change of
// that file.
#include "regions/scenario_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "regions/scenario/epoch.h"
#include "regions/scenario/spelling.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kBad = fs::path(FAULTLINE_SOURCE_DIR) / "tests" / "scenarios" / "bad";

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string errors_of(const std::string& name, std::string_view text) {
  const auto loaded = load_scenario(name, text);
  if (loaded) return "(valid)\n";
  std::string out;
  for (const InputError& error : loaded.error()) out += error.to_string() + "\n";
  return out;
}

TEST(ScenarioLoaderTest, EveryBadFileGetsItsErrors) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kBad)) {
    if (entry.path().extension() == ".textproto") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  ASSERT_GE(files.size(), 10U);
  for (const fs::path& file : files) {
    const std::string got = errors_of(file.filename().string(), contents(file));
    fs::path golden = file;
    golden.replace_extension(".errors");
    if (std::getenv("FAULTLINE_RECORD_GOLDEN") != nullptr) std::ofstream(golden) << got;
    EXPECT_EQ(got, contents(golden)) << file << "; re-record with FAULTLINE_RECORD_GOLDEN=1";
    EXPECT_THAT(got, HasSubstr(".textproto"));
  }
}

TEST(ScenarioLoaderTest, AMistakeInOneBlockDoesNotHideTheNext) {
  const std::string errors =
      errors_of("two.textproto",
                "region { name: 5 }\n"
                "region { name: \"us-east-1\" }\n"
                "step { at: \"-1s\" region: \"us-east-1\" list_secrets {} }\n"
                "expect { always: maybe }\n");
  EXPECT_THAT(errors, HasSubstr("two.textproto:1:"));
  EXPECT_THAT(errors, HasSubstr("two.textproto:3:8: at cannot be negative"));
  EXPECT_THAT(errors, HasSubstr("two.textproto:4:"));
}

TEST(ScenarioLoaderTest, ErrorsHaveAnEnd) {
  std::string text = "region { name: \"us-west-2\" }\n";
  for (int i = 0; i < 50; ++i)
    text += "step { at: \"-1s\" region: \"us-west-2\" list_secrets {} }\n";
  const auto loaded = load_scenario("many.textproto", text);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), kMostErrors + 1);
  EXPECT_EQ(loaded.error().back().to_string(), "many.textproto: and 30 more");
}

TEST(ScenarioLoaderTest, ASecretValueHasAtMost65536Bytes) {
  const auto with_value = [](std::size_t bytes, std::string_view want) {
    return errors_of("big.textproto",
                     "region { name: \"us-west-2\" }\nstep { region: \"us-west-2\" create_secret { "
                     "name: \"db\" secret_string: \"" +
                         std::string(bytes, 'x') + "\" } " + std::string(want) + " }\n");
  };
  EXPECT_EQ(with_value(65'536, ""), "(valid)\n");
  EXPECT_EQ(with_value(65'537, ""),
            "big.textproto:2:55: a secret value is 65537 bytes long: AWS takes 1 to 65536\n");
  // Unless the service is to say so.
  EXPECT_EQ(with_value(65'537, "want { error: \"ValidationException\" }"), "(valid)\n");
}

TEST(ScenarioLoaderTest, KmsHasTheWordAboutItsKeys) {
  const std::string description(8'193, 'x');
  EXPECT_THAT(errors_of("x",
                        "region { name: \"us-west-2\" }\n"
                        "key { region: \"us-west-2\" alias: \"alias/a\" description: \"" +
                            description + "\" }"),
              HasSubstr("x:2:1: KMS would refuse this key: ValidationException"));
}

TEST(ScenarioLoaderTest, WhatIsNoTextIsSaidToBeNone) {
  EXPECT_EQ(errors_of("x", std::string("region\0", 7)),
            "x: this is not a text file: it has a zero byte at offset 6\n");
  EXPECT_EQ(errors_of("x", "FLTRACE1…"),
            "x: this is a recorded trace; `faultline replay` runs it again\n");
  EXPECT_THAT(errors_of("x",
                        "\x7f"
                        "ELF garbage"),
              HasSubstr("x:1:1: "));
  EXPECT_THAT(errors_of("x", "title: \"\xff\xfe\"\nregion { name: \"us-west-2\" }"),
              HasSubstr("UTF-8"));
  EXPECT_THAT(errors_of("x", "title: \"\\377\"\nregion { name: \"us-west-2\" }"),
              HasSubstr("x:1:1: title is not UTF-8 text"));
}

TEST(ScenarioLoaderTest, DeepNestingIsRefusedAndNotFollowed) {
  std::string deep = "region { name: \"us-west-2\" }\n";
  for (int i = 0; i < 200'000; ++i) deep += "x {";
  EXPECT_THAT(errors_of("deep.textproto", deep), HasSubstr("deep.textproto:2:"));
}

// Not a proof, but a broad net for the parser's recovery and for the checker: no mutation of a good
// file may do worse than being refused with a place.
TEST(ScenarioLoaderTest, NoMutationDoesWorseThanBeingRefused) {
  const std::string good =
      contents(fs::path(FAULTLINE_SOURCE_DIR) / "scenarios" / "03_locked_out_by_kms.textproto");
  constexpr std::string_view kOther = "{}\"':;#\\\n<>[]-0z\x01\xff";
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string text = good;
    text[i] = kOther[i % kOther.size()];
    for (const std::string& mutant : {text, good.substr(0, i), good.substr(i)}) {
      const auto loaded = load_scenario("mutant", mutant);
      if (loaded) continue;
      ASSERT_FALSE(loaded.error().empty());
      EXPECT_LE(loaded.error().size(), kMostErrors + 1);
      for (const InputError& error : loaded.error()) EXPECT_FALSE(error.message.empty());
    }
  }
}

TEST(ScenarioLoaderTest, FilesThatCannotBeReadAreNamed) {
  const auto missing = load_scenario_file("/nonexistent/x.textproto");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().front().to_string(),
            "/nonexistent/x.textproto: cannot be read: No such file or directory");
  const auto directory = load_scenario_file("/");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().front().to_string(), "/: this is a directory");
}

TEST(ScenarioLoaderTest, StepsAndExpectationsKnowTheirLines) {
  const LoadedScenario loaded = load_or_fail(
      "region { name: \"us-west-2\" }\n"
      "step {\n  region: \"us-west-2\" create_secret { name: \"db\" secret_string: \"v\" } }\n"
      "\n"
      "expect { at_end: true converged { secret_id: \"db\" } }\n");
  EXPECT_THAT(loaded.step_lines, ElementsAre(2));
  EXPECT_THAT(loaded.expect_lines, ElementsAre(5));
}

TEST(ScenarioLoaderTest, AScenarioThatWasNeverTextIsCheckedToo) {
  v1::Scenario scenario;
  scenario.add_region()->set_name("us-west-2");
  scenario.add_step()->mutable_crash()->set_region("us-west-1");
  const auto loaded = adopt_scenario("in C++", scenario);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().to_string(),
            "in C++: region \"us-west-1\" is not declared; did you mean \"us-west-2\"?");
}

TEST(ScenarioLoaderTest, SecretsMayBeNamedByArn) {
  load_or_fail(R"(
    region { name: "us-west-2" }
    step { region: "us-west-2" create_secret { name: "a/b-abcdef" secret_string: "v" } }
    step { region: "us-west-2" create_secret { name: "c" secret_string: "v" } }
    step { region: "us-west-2" get_secret_value { secret_id: "arn:aws:secretsmanager:us-west-2:123456789012:secret:a/b-abcdef" } }
    step { region: "us-west-2" get_secret_value { secret_id: "arn:aws:secretsmanager:us-west-2:123456789012:secret:c" } }
    step { region: "us-west-2" get_secret_value { secret_id: "arn:aws:secretsmanager:us-west-2:123456789012:secret:c-123abc" } })");
}

TEST(SpellingTest, FindsWhatWasMeant) {
  const std::vector<std::string> words = {"put_secret_value", "get_secret_value", "us-east-1",
                                          "kms:GenerateDataKey"};
  EXPECT_EQ(closest("put_secret_valu", words), "put_secret_value");
  EXPECT_EQ(closest("PutSecretValue", words), "put_secret_value");
  EXPECT_EQ(closest("put_secret", words), "put_secret_value");
  EXPECT_EQ(closest("us-esat-1", words), "us-east-1");
  EXPECT_EQ(closest("banana", words), "");
  EXPECT_EQ(closest("", words), "");
  EXPECT_EQ(closest(std::string(100'000, 'x'), words), "");
}

TEST(SpellingTest, CountsSwapsOnce) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  EXPECT_EQ(edit_distance("abc", "acb"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(EpochTest, ReadsRfc3339InUtc) {
  EXPECT_EQ(parse_epoch("2026-01-01T00:00:00Z").value(), kDefaultEpochUnixNs);
  EXPECT_EQ(parse_epoch("1970-01-01T00:00:00Z").value(), 0);
  EXPECT_EQ(parse_epoch("2000-02-29T12:34:56.25Z").value(), 951'827'696'250'000'000);
  for (const char* bad :
       {"", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+01:00",
        "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.1234567890Z"}) {
    EXPECT_FALSE(parse_epoch(bad)) << bad;
  }
}

}  // namespace
}  // namespace faultline::regions
