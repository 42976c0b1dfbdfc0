// sweep, shrink, explore, explain and bench, as a user meets them.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <spawn.h>

#include <csignal>
#include <vector>

#include "proto/report.pb.h"
#include "tests/scenarios/command_fixture.h"

namespace faultline {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// Two regions and a few calls: many runs a second.
constexpr std::string_view kSmall = R"(region { name: "us-west-2" } region { name: "us-east-1" }
workload { secrets: 1 calls: 4 duration: "4s" }
chaos { faults: 1 longest: "2s" }
settle {}
)";
// No tombstones: a late letter brings a removed replica back.
constexpr std::string_view kGhost = R"(region { name: "us-west-2" } region { name: "us-east-1" }
network { jitter: "0s" }
service { defect: "D08" }
step { region: "us-west-2" create_secret { name: "db" secret_string: "<one> & \"two\"" } }
step { at: "1s" region: "us-west-2" replicate_secret_to_regions {
       secret_id: "db" add_replica_regions { region: "us-east-1" } } }
step { at: "5s" region: "us-west-2" remove_regions_from_replication {
       secret_id: "db" remove_replica_regions: "us-east-1" } }
step { at: "6s" region: "us-west-2" list_secrets {} }
)";
// The same, with the letter held back.
const std::string kGhostComes = std::string(kGhost) + R"(
step { at: "900ms" fault { delay_next { from: "us-west-2" to: "us-east-1" message: "Replicate" delay: "9s" } } }
)";

int lines_of(const std::string& text) { return static_cast<int>(std::ranges::count(text, '\n')); }

class SweepCommandTest : public CommandTest {
 protected:
  // Without what only the wall clock knows.
  static v1::SweepSummary summary_of(const std::string& json) {
    v1::SweepSummary summary;
    const auto read = google::protobuf::util::JsonStringToMessage(json, &summary);
    EXPECT_TRUE(read.ok()) << read.ToString() << "\n" << json;
    summary.clear_wall_ns();
    return summary;
  }
  Outcome sweep(const std::string& arguments) const {
    return faultline("sweep --progress none " + arguments);
  }
};

// ---- what cannot be swept -----------------------------------------------------------------------

TEST_F(SweepCommandTest, EveryFileThatCannotBeReadIsNamed) {
  const std::string broken = file("broken.textproto", "region { nam: \"us-west-2\" }\n");
  const Outcome run = sweep("--seeds 1 '" + path("none.textproto") + "' '" + broken + "' '" +
                            file("small.textproto", kSmall) + "'");
  EXPECT_EQ(run.exit_code, 65);
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(run.err, AllOf(HasSubstr("none.textproto"), HasSubstr("broken.textproto:1:")));
}

TEST_F(SweepCommandTest, AWrongCommandLineIsSaidInOneLine) {
  const std::string small = " '" + file("small.textproto", kSmall) + "'";
  struct Wrong {
    const char* arguments;
    const char* says;
  };
  for (const Wrong& wrong : {
           Wrong{"--strategies edgy --seeds 1", "did you mean \"edge\""     },
           Wrong{"--strategies , --seeds 1",    "none is named"             },
           Wrong{"--shard 0/3 --seeds 1",       "0/3 is out of range"       },
           Wrong{"--shard 4/3 --seeds 1",       "4/3 is out of range"       },
           Wrong{"--shard 3 --seeds 1",         "\"3\" is no shard"         },
           Wrong{"--shard -1/3 --seeds 1",      "is no shard"               },
           Wrong{"--shard 1/0 --seeds 1",       "is no shard"               },
           Wrong{"--budget 0s",                 "--budget: it is zero"      },
           Wrong{"--budget soon",               "--budget: "                },
           Wrong{"--seeds 0",                   "--seeds"                   },
           Wrong{"--seeds 1 --budget 1s",       "--budget"                  },
           Wrong{"--jobs 0 --seeds 1",          "--jobs"                    },
           Wrong{"--only 1/edgy/1",             "is not an address of a run"},
  }) {
    const Outcome run = sweep(wrong.arguments + small);
    EXPECT_EQ(run.exit_code, 64) << wrong.arguments;
    EXPECT_THAT(run.err, HasSubstr(wrong.says)) << wrong.arguments;
    EXPECT_THAT(run.out, IsEmpty()) << wrong.arguments;
  }
  EXPECT_EQ(sweep("").exit_code, 64);
}

// ---- what it comes to ---------------------------------------------------------------------------

TEST_F(SweepCommandTest, JobsMakeNoDifference) {
  const std::string small = " '" + file("small.textproto", kSmall) + "'";
  const Outcome one = sweep("--json --seeds 12 --jobs 1" + small);
  const Outcome two = sweep("--json --seeds 12 --jobs 3" + small);
  // Too few runs for every property.
  EXPECT_EQ(one.exit_code, 2);
  EXPECT_THAT(one.err, IsEmpty());
  const v1::SweepSummary summary = summary_of(one.out);
  EXPECT_EQ(summary.runs(), 12U);
  EXPECT_EQ(summary.verdict(), "INCONCLUSIVE");
  EXPECT_EQ(summary.DebugString(), summary_of(two.out).DebugString());
}

TEST_F(SweepCommandTest, ShardsAddUpToTheWhole) {
  const std::string small = " '" + file("small.textproto", kSmall) + "'";
  EXPECT_EQ(sweep("--seeds 12 --out '" + path("all") + "'" + small).exit_code, 2);
  for (const std::string shard : {"1", "2"}) {
    const Outcome part =
        sweep("--seeds 6 --shard " + shard + "/2 --out '" + path(shard) + "'" + small);
    EXPECT_EQ(part.exit_code, 2);
  }
  const Outcome merged = sweep("--json --merge '" + path("1") + "' '" + path("2") + "'");
  EXPECT_EQ(merged.exit_code, 2);
  v1::SweepSummary sum = summary_of(merged.out);
  v1::SweepSummary whole = summary_of(contents(path("all/summary.json")));
  for (v1::SweepSummary* summary : {&sum, &whole}) {
    summary->clear_campaign();
    summary->clear_shard();
    summary->clear_shards();
  }
  EXPECT_EQ(sum.DebugString(), whole.DebugString());
}

TEST_F(SweepCommandTest, WhatIsNoSummaryIsNotMerged) {
  std::filesystem::create_directories(path("other"));
  file("other/summary.json", R"({"format": 7})");
  const Outcome other = sweep("--merge '" + path("other") + "'");
  EXPECT_EQ(other.exit_code, 65);
  EXPECT_THAT(other.err, HasSubstr("it is of format 7; this build reads format 1"));
  file("other/summary.json", "{");
  EXPECT_THAT(sweep("--merge '" + path("other") + "'").err,
              HasSubstr("it is no summary of a sweep"));
  EXPECT_EQ(sweep("--merge '" + path("none") + "'").exit_code, 65);
}

TEST_F(SweepCommandTest, AFailureIsShrunkWrittenAndRunFirstTheNextTime) {
  const std::string ghost = file("ghost.textproto", kGhostComes);
  const std::string corpus = path("corpus");
  const Outcome run = sweep("--seeds 2 --jobs 1 --strategies plain --out '" + path("out") +
                            "' --corpus '" + corpus + "' '" + ghost + "'");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, AllOf(HasSubstr("\nFAILED       S15 "), HasSubstr(" of 5 steps, minimal"),
                             HasSubstr("\nverdict      violated: 1 distinct failures\n")));
  const std::size_t begin = run.out.find("faultline run ") + std::string("faultline run ").size();
  const std::string written = run.out.substr(begin, run.out.find('\n', begin) - begin);
  const Outcome again = faultline("run " + written);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr("S15"));
  const v1::SweepSummary summary = summary_of(contents(path("out/summary.json")));
  ASSERT_EQ(summary.failures_size(), 1);
  EXPECT_EQ(summary.failures(0).runs(), 2U);
  EXPECT_EQ(summary.failures(0).target(), "S15");
  EXPECT_THAT(contents(path("out/coverage.json")), HasSubstr("\"NET-"));
  // It stands in the corpus now, and fails there; that is the same failure.
  const Outcome next = sweep("--seeds 1 --jobs 1 --corpus '" + corpus + "' '" +
                             file("small.textproto", kSmall) + "'");
  EXPECT_EQ(next.exit_code, 1);
  EXPECT_THAT(next.out, HasSubstr("corpus 1 (1 failed)"));
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(corpus)) ++entries;
  EXPECT_EQ(entries, 1U);
}

TEST_F(SweepCommandTest, ACorpusThatCannotBeReadWhollyIsRunInPart) {
  std::filesystem::create_directories(path("corpus"));
  file("corpus/a_other.textproto", "# faultline corpus 9\n" + std::string(kSmall));
  file("corpus/b_broken.textproto", "region { nam: \"us-west-2\" }\n");
  file("corpus/c_good.textproto", "# faultline corpus 1\n" + kGhostComes);
  file("corpus/notes.txt", "no scenario\n");
  const Outcome run = sweep("--seeds 1 --jobs 1 --corpus '" + path("corpus") + "' '" +
                            file("small.textproto", kSmall) + "'");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr("a_other.textproto: it is of corpus format 9; this build "
                                       "reads format 1\n"),
                             HasSubstr("b_broken.textproto:1:")));
  EXPECT_EQ(lines_of(run.err), 2) << run.err;
  EXPECT_THAT(run.out, HasSubstr("corpus 1 (1 failed)"));
}

TEST_F(SweepCommandTest, AnOutputThatCannotBeWrittenCostsNotTheSummary) {
  const std::string small = file("small.textproto", kSmall);
  const Outcome run = sweep("--seeds 2 --out '" + small + "/out' --junit '" + small +
                            "/junit.xml' '" + small + "'");
  EXPECT_EQ(run.exit_code, 70);
  EXPECT_EQ(lines_of(run.err), 2) << run.err;
  EXPECT_THAT(run.err, AllOf(HasSubstr("/out/failures: cannot be made: "),
                             HasSubstr("/junit.xml: cannot be written: ")));
  EXPECT_THAT(run.out, AllOf(StartsWith("runs         2 in "), HasSubstr("\nverdict      ")));
}

TEST_F(SweepCommandTest, TheFirstFailureMayBeTheLast) {
  const Outcome run = sweep("--json --fail-fast --seeds 50 --jobs 1 --strategies plain '" +
                            file("ghost.textproto", kGhostComes) + "'");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(summary_of(run.out).runs(), 1U);
}

TEST_F(SweepCommandTest, OneRunIsPrintedAsAScenarioThatRuns) {
  const std::string small = file("small.textproto", kSmall);
  const Outcome only = sweep("--only 1/edge/3 '" + small + "'");
  EXPECT_EQ(only.exit_code, 0);
  EXPECT_THAT(only.out, StartsWith("# Run 1/edge/3 of "));
  EXPECT_EQ(faultline("run -q '" + file("only.textproto", only.out) + "'").exit_code, 0);
}

// ---- for machines -------------------------------------------------------------------------------

// Every tag is closed by its own, and what is special is escaped.
void expect_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find("?>") + 2; at < xml.size();) {
    const std::size_t tag = xml.find('<', at);
    const std::string text = xml.substr(at, tag - at);
    for (std::size_t amp = text.find('&'); amp != std::string::npos;
         amp = text.find('&', amp + 1)) {
      EXPECT_THAT(text.substr(amp, text.find(';', amp) - amp),
                  AnyOf("&amp", "&lt", "&gt", "&quot"));
    }
    if (tag == std::string::npos) break;
    // Values of attributes hold no '>': it is escaped.
    const std::size_t end = xml.find('>', tag);
    ASSERT_NE(end, std::string::npos);
    const std::string inside = xml.substr(tag + 1, end - tag - 1);
    EXPECT_EQ(std::ranges::count(inside, '"') % 2, 0) << inside;
    if (inside.starts_with('/')) {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(inside.substr(1), open.back());
      open.pop_back();
    } else if (!inside.ends_with('/')) {
      open.push_back(inside.substr(0, inside.find(' ')));
    }
    at = end + 1;
  }
  EXPECT_THAT(open, IsEmpty());
}

int occurrences(const std::string& text, const std::string& of) {
  int count = 0;
  for (std::size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + 1)) ++count;
  return count;
}

TEST_F(SweepCommandTest, JunitIsWellFormedAndCounts) {
  const std::string scenario = kGhostComes + R"(
    expect { at: "500ms" value { secret_id: "db" region: "us-east-1" secret_string: "<one> & \"two\"" } })";
  const Outcome run = sweep("--seeds 1 --strategies plain --junit '" + path("junit.xml") + "' '" +
                            file("ghost.textproto", scenario) + "'");
  EXPECT_EQ(run.exit_code, 1);
  const std::string xml = contents(path("junit.xml"));
  expect_well_formed(xml);
  EXPECT_THAT(xml, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite "));
  EXPECT_THAT(xml, HasSubstr("&lt;one&gt; &amp; &quot;two&quot;"));
  const auto counted = [&](const std::string& attribute, const std::string& tag) {
    EXPECT_THAT(xml,
                HasSubstr(" " + attribute + "=\"" + std::to_string(occurrences(xml, tag)) + "\""));
  };
  counted("tests", "<testcase ");
  counted("failures", "<failure ");
  counted("skipped", "<skipped ");
}

// ---- an interruption ----------------------------------------------------------------------------

// A sweep that would go on for ten minutes is interrupted when it has begun: it says so of an entry
// of its corpus that it cannot read.
TEST_F(SweepCommandTest, AnInterruptionLeavesAValidSummary) {
  std::filesystem::create_directories(path("corpus"));
  file("corpus/other.textproto", "# faultline corpus 9\n");
  const std::string small = file("small.textproto", kSmall);
  const std::string err = path("stderr");
  const std::string line = "exec '" FAULTLINE_COMMAND
                           "' sweep --progress none --budget 10m --out '" +
                           path("out") + "' --corpus '" + path("corpus") + "' '" + small + "' >'" +
                           path("stdout") + "' 2>'" + err + "'";
  const char* const arguments[] = {"sh", "-c", line.c_str(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char* const*>(arguments),
                        environ),
            0);
  int status = 0;
  while (contents(err).find('\n') == std::string::npos && waitpid(child, &status, WNOHANG) == 0) {
    ::usleep(10'000);
  }
  ASSERT_EQ(::kill(child, SIGINT), 0);
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const v1::SweepSummary summary = summary_of(contents(path("out/summary.json")));
  EXPECT_TRUE(summary.interrupted());
  EXPECT_EQ(summary.format(), 1U);
  EXPECT_THAT(contents(path("stdout")), HasSubstr("(interrupted; what stands here is valid)\n"));
  EXPECT_EQ(sweep("--merge '" + path("out") + "'").exit_code, 130);
}

// ---- shrink -------------------------------------------------------------------------------------

TEST_F(SweepCommandTest, WhatHoldsIsNotShrunk) {
  const Outcome run = faultline("shrink scenarios/01_hello_replica.textproto");
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(run.err, HasSubstr("this run violates nothing: there is nothing to shrink"));
  EXPECT_EQ(faultline("shrink '" + path("none") + "'").exit_code, 65);
}

TEST_F(SweepCommandTest, AFailingScenarioOrItsTraceIsShrunk) {
  const std::string ghost = file("ghost.textproto", kGhostComes);
  const Outcome printed = faultline("shrink '" + ghost + "'");
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_THAT(printed.err, AllOf(StartsWith("S15: "), HasSubstr(" of 5 steps are left after "),
                                 HasSubstr("; no fewer of them do it\n")));
  const Outcome again = faultline("run -q '" + file("printed.textproto", printed.out) + "'");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr("S15"));

  EXPECT_EQ(
      faultline("run -q '" + ghost + "' --seed 5 --trace '" + path("run.trace") + "'").exit_code,
      1);
  const std::string small = path("small.textproto");
  const Outcome written = faultline("shrink '" + path("run.trace") + "' -o '" + small + "'");
  EXPECT_EQ(written.exit_code, 0);
  EXPECT_EQ(written.out, small + "\n");
  EXPECT_THAT(contents(small), AllOf(HasSubstr("# Violates S15 "), Not(HasSubstr("seed:"))));
}

TEST_F(SweepCommandTest, ShrinkingMayBeCutShort) {
  const Outcome run =
      faultline("shrink --budget 0s '" + file("ghost.textproto", kGhostComes) + "'");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("5 of 5 steps are left after "));
  EXPECT_THAT(run.out, HasSubstr("list_secrets"));
}

TEST_F(SweepCommandTest, AWrongCommandLineOfShrinkIsSaid) {
  const std::string ghost = " '" + file("ghost.textproto", kGhostComes) + "'";
  const Outcome unknown = faultline("shrink --property S155" + ghost);
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.err, HasSubstr("there is no property \"S155\"; did you mean \"S15\"?"));
  const Outcome other = faultline("shrink --property S12" + ghost);
  EXPECT_EQ(other.exit_code, 64);
  EXPECT_THAT(other.err, HasSubstr("this run does not violate S12"));
  EXPECT_EQ(faultline("shrink --budget soon" + ghost).exit_code, 64);
  const Outcome nowhere = faultline("shrink -o '" + path("no/such/place") + "'" + ghost);
  EXPECT_EQ(nowhere.exit_code, 70);
  EXPECT_THAT(nowhere.err, HasSubstr("no/such/place: cannot be written: "));
}

// ---- explore ------------------------------------------------------------------------------------

TEST_F(SweepCommandTest, ASearchEndsWithItsCertificate) {
  const Outcome run =
      faultline("explore scenarios/explore/write_remove_promote.textproto --depth 2 --faults 1");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("\ndepth   2  exhausted: "));
  EXPECT_THAT(run.out, HasSubstr("\ncertificate  fault family drop,duplicate,crash, 1 faults, "
                                 "depth 2: exhausted, "));
  EXPECT_THAT(run.out, EndsWith(" states, no violation\n"));
}

TEST_F(SweepCommandTest, ASearchThatFindsSomethingTellsTheWay) {
  const Outcome run =
      faultline("explore --depth 7 --faults 0 '" + file("ghost.textproto", kGhost) + "'");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(
      run.out,
      AllOf(HasSubstr("\nviolated   S15 "),
            HasSubstr("   1. us-west-2 is called: ReplicateSecretToRegions db"),
            HasSubstr(
                "RemoveReplica from us-west-2 to us-east-1 arrives\n  then everything is mended")));
}

TEST_F(SweepCommandTest, WhatCannotBeSearchedIsSaid) {
  const Outcome chaos = faultline("explore scenarios/chaos/three_regions.textproto");
  EXPECT_EQ(chaos.exit_code, 65);
  EXPECT_THAT(chaos.err, HasSubstr("a scenario with a workload or chaos cannot be searched"));
  EXPECT_EQ(faultline("explore '" + file("ghost.textproto", kGhostComes) + "'").exit_code, 65);
  EXPECT_EQ(faultline("explore '" + path("none") + "'").exit_code, 65);
  const std::string good = "explore scenarios/explore/write_remove_promote.textproto ";
  const Outcome family = faultline(good + "--families dropp");
  EXPECT_EQ(family.exit_code, 64);
  EXPECT_THAT(family.err, HasSubstr("did you mean \"drop\"?"));
  EXPECT_EQ(faultline(good + "--budget soon").exit_code, 64);
  EXPECT_EQ(faultline(good + "--depth 0").exit_code, 64);
  const Outcome late = faultline(good + "--budget 0s");
  EXPECT_EQ(late.exit_code, 2);
  EXPECT_THAT(late.out, HasSubstr("inconclusive: not even depth 1 was exhausted within 0s\n"));
}

// ---- explain and bench --------------------------------------------------------------------------

TEST_F(SweepCommandTest, EveryIdIsExplained) {
  const Outcome list = faultline("explain");
  EXPECT_EQ(list.exit_code, 0);
  std::vector<std::string> ids;
  std::istringstream in(list.out);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  ")) ids.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  EXPECT_THAT(ids, SizeIs(testing::Ge(44U + 22U + 65U)));
  std::string script = "set -e\n";
  for (const std::string& id : ids) script += "'" FAULTLINE_COMMAND "' explain " + id + "\n";
  const std::string out = path("explained");
  EXPECT_EQ(std::system(("sh '" + file("all.sh", script) + "' >'" + out + "' 2>&1").c_str()), 0);
  const std::string explained = contents(out);
  for (const std::string& id : ids) EXPECT_THAT("\n" + explained, HasSubstr("\n" + id + " ")) << id;
  EXPECT_EQ(occurrences(explained, "\nWhat "), static_cast<int>(ids.size()));
  EXPECT_EQ(occurrences(explained, "\nWhy "), static_cast<int>(ids.size()));
}

TEST_F(SweepCommandTest, IdsAreReadInAnyCaseAndMistakesAreGuessed) {
  EXPECT_EQ(faultline("explain net-06").out, faultline("explain NET-06").out);
  const Outcome unknown = faultline("explain D99");
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("nothing is called \"D99\"; did you mean \"D"),
                                 HasSubstr("See faultline explain for all of them.")));
}

TEST_F(SweepCommandTest, BenchSaysWhatItFound) {
  const Outcome run = faultline("bench defects D15 --campaigns 1 --jobs 1 --budget 500ms");
  EXPECT_THAT(run.exit_code, AnyOf(0, 2)) << "it is a matter of the machine";
  EXPECT_THAT(run.out, AllOf(StartsWith("default portfolio: CPU seconds"), HasSubstr("\nD15 "),
                             HasSubstr(" of 1 searches within 500ms\n")));
  const Outcome unknown = faultline("bench defects D99");
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.err, HasSubstr("no defect is called \"D99\"; did you mean"));
  EXPECT_EQ(faultline("bench").exit_code, 64);
  EXPECT_EQ(faultline("bench defects --budget soon").exit_code, 64);
}

}  // namespace
}  // namespace faultline
