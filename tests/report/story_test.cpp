#include "tools/report/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/report/library.h"

namespace faultline {
namespace {

using testing::HasSubstr;
using tools::Sentence;

struct Told {
  explicit Told(const tools::RunRecord& run)
      : causes(run), bands(tools::fault_bands(run)), story(tools::story_of(run, causes, bands)) {}

  tools::Causality causes;
  std::vector<tools::FaultBand> bands;
  std::vector<Sentence> story;
};

// "#32 fault The next … (because of #4, #7)"
std::string as_text(const std::vector<Sentence>& story) {
  std::ostringstream out;
  for (const Sentence& sentence : story) {
    out << '#' << sentence.event << ' ' << tools::name_of(sentence.tone) << ": " << sentence.text;
    for (std::size_t i = 0; i < sentence.because.size(); ++i) {
      out << (i == 0 ? " [because of #" : ", #") << sentence.because[i];
    }
    out << (sentence.because.empty() ? "\n" : "]\n");
  }
  return out.str();
}

std::string golden(const std::string& name) {
  std::ifstream in(std::string(FAULTLINE_SOURCE_DIR "/tests/report/golden/") + name);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(StoryTest, IsToldInTheOrderOfCauses) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    const Told told(run);
    ASSERT_FALSE(told.story.empty());
    std::uint64_t before = 0;
    std::set<std::uint64_t> earlier;
    for (const Sentence& sentence : told.story) {
      ASSERT_LT(told.causes.place_of(sentence.event), told.causes.size());
      EXPECT_GE(sentence.event, before) << sentence.text;
      before = sentence.event;
      const std::vector<bool> past = told.causes.past({sentence.event});
      for (const std::uint64_t reason : sentence.because) {
        EXPECT_LT(reason, sentence.event);
        EXPECT_TRUE(earlier.contains(reason)) << "it is told";
        EXPECT_TRUE(past[told.causes.place_of(reason)]) << "it is a cause";
      }
      earlier.insert(sentence.event);
      EXPECT_FALSE(sentence.text.empty());
      EXPECT_EQ(sentence.text.back(), '.') << sentence.text;
      EXPECT_EQ(sentence.text.find('\n'), std::string::npos);
    }
  }
}

TEST(StoryTest, OfAFailureIsShortAndEndsWithTheProperty) {
  int broken = 0;
  for (const auto& run : library()) {
    if (run.report.violations_size() == 0) continue;
    SCOPED_TRACE(run.file);
    ++broken;
    const Told told(run);
    EXPECT_LE(told.story.size(), tools::kMostSentencesOfFailure);
    EXPECT_GE(told.story.size(), 2U) << "something led to it";
    EXPECT_FALSE(told.story.back().because.empty());
    EXPECT_EQ(told.story.back().event, run.report.violations(0).event());
    EXPECT_EQ(told.story.back().tone, tools::SentenceTone::Bad);
    if (const std::string& id = run.report.violations(0).property(); !id.empty()) {
      EXPECT_THAT(told.story.back().text, HasSubstr(id));
    }
  }
  EXPECT_GE(broken, 20);
}

TEST(StoryTest, OfARunThatHoldsEndsWell) {
  const Told told(library_run("01_hello_replica"));
  EXPECT_THAT(told.story.back().text, HasSubstr("everything that was expected held"));
  EXPECT_EQ(told.story.back().tone, tools::SentenceTone::Good);
}

TEST(StoryTest, OfALessonIsThis) {
  EXPECT_EQ(as_text(Told(library_run("08_promote_while_cut_off")).story),
            golden("08_promote_while_cut_off.txt"));
}

TEST(StoryTest, OfADefectIsThis) {
  EXPECT_EQ(as_text(Told(library_run("D05_promoted_still_follows")).story),
            golden("D05_promoted_still_follows.txt"));
}

TEST(StoryTest, OfALongRunKeepsWhatMattersMost) {
  const auto& run = library_run("three_regions");
  const Told told(run);
  EXPECT_LE(told.story.size(), tools::kMostSentences);
}

TEST(StoryTest, OfAnExpectationSaysWhatLedToIt) {
  const auto run = run_of(R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    step { at: "0s" region: "us-west-2"
           create_secret { name: "s" secret_string: "the-first-one"
                           add_replica_regions { region: "us-east-1" } } }
    step { at: "1s" fault { drop_next { from: "us-west-2" to: "us-east-1" count: 9 } } }
    step { at: "2s" region: "us-west-2"
           put_secret_value { secret_id: "s" secret_string: "the-second-one" } }
    expect { at: "4s"
             value { secret_id: "s" region: "us-east-1" secret_string: "the-second-one" } }
  )");
  const Told told(run);
  const std::string text = as_text(told.story);
  EXPECT_THAT(text, HasSubstr("is lost"));
  EXPECT_THAT(text, HasSubstr("The next 9 messages from us-west-2 to us-east-1 are lost."));
  EXPECT_THAT(told.story.back().text, HasSubstr("But it is ‹value 1›."));
}

TEST(StoryTest, SentencesAreWhole) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    for (const Sentence& sentence : Told(run).story) {
      EXPECT_TRUE(sentence.text.ends_with('.')) << sentence.text;
      EXPECT_EQ(sentence.text.find(".."), std::string::npos) << sentence.text;
      EXPECT_EQ(sentence.text.find("  "), std::string::npos) << sentence.text;
    }
  }
}

}  // namespace
}  // namespace faultline
