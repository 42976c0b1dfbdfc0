// `faultline report`, and `--report` of the other commands.
#include <gmock/gmock.h>

#include "tests/scenarios/command_fixture.h"
#include "tools/report/html.h"

namespace faultline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ReportCommandTest : public CommandTest {
 protected:
  // A page where there are pages, and what is said where there are none.
  void expect_page(const Outcome& outcome, int exit_code, const std::string& page) const {
    if (!tools::has_report_page()) {
      EXPECT_EQ(outcome.exit_code, 64);
      EXPECT_THAT(outcome.err, HasSubstr("without Node.js"));
      return;
    }
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_THAT(contents(page), HasSubstr("id=\"run\""));
  }
};

TEST_F(ReportCommandTest, ATraceInEveryFormat) {
  const std::string trace = path("lost.trace");
  ASSERT_EQ(faultline("run -q scenarios/05_lost_in_the_post.textproto --trace " + trace).exit_code,
            0);
  expect_page(faultline("report " + trace + " -o " + path("a.html")), 0, path("a.html"));
  for (const auto& [format, begins] : {
           std::pair{"perfetto", "{\"displayTimeUnit\""       },
           {"shiviz",   "us-west-2 {\"us-west-2\":1}"},
           {"jsonl",    "{\"id\":"                   }
  }) {
    const auto outcome =
        faultline("report " + trace + " --format " + format + " -o " + path(format));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(contents(path(format)), StartsWith(begins));
  }
}

TEST_F(ReportCommandTest, AScenarioIsRun) {
  const auto outcome = faultline(
      "report scenarios/defects/D05_promoted_still_follows.textproto --format mermaid -o " +
      path("a.mmd"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(contents(path("a.mmd")), StartsWith("sequenceDiagram"));
}

TEST_F(ReportCommandTest, WhatIsNoTraceIsRefused) {
  const std::string to = " --format jsonl -o " + path("out");
  const std::string trace = path("a.trace");
  ASSERT_EQ(faultline("run -q scenarios/01_hello_replica.textproto --trace " + trace).exit_code, 0);
  const std::string bytes = contents(trace);
  const auto none = faultline("report " + file("none", "hello") + to);
  EXPECT_EQ(none.exit_code, 65);
  EXPECT_THAT(none.err, HasSubstr("not a trace"));
  const auto cut = faultline("report " + file("cut", bytes.substr(0, bytes.size() / 2)) + to);
  EXPECT_EQ(cut.exit_code, 65);
  EXPECT_THAT(cut.err, HasSubstr("truncated after event"));
  std::string damaged = bytes;
  damaged[bytes.size() / 2] ^= 1;
  const auto changed = faultline("report " + file("damaged", damaged) + to);
  EXPECT_EQ(changed.exit_code, 65);
  EXPECT_THAT(changed.err, HasSubstr("damaged at event"));
  EXPECT_EQ(faultline("report " + path("nowhere") + to).exit_code, 65);
  EXPECT_FALSE(std::filesystem::exists(path("out"))) << "nothing is written of what is refused";
}

TEST_F(ReportCommandTest, ALongRunIsNoSequenceDiagram) {
  const auto outcome = faultline(
      "report scenarios/chaos/three_regions.textproto --format mermaid -o " + path("out"));
  EXPECT_EQ(outcome.exit_code, 65);
  EXPECT_THAT(outcome.err, HasSubstr("shrink it first"));
}

TEST_F(ReportCommandTest, WhatCannotBeWrittenIsSaid) {
  const auto outcome = faultline("report scenarios/01_hello_replica.textproto --format jsonl -o " +
                                 path("no/such/place"));
  EXPECT_EQ(outcome.exit_code, 70);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be written: No such file or directory"));
  EXPECT_EQ(faultline("report scenarios/01_hello_replica.textproto --format pdf -o x").exit_code,
            64);
}

TEST_F(ReportCommandTest, ARunLeavesItsPage) {
  const auto outcome = faultline(
      "run scenarios/defects/D05_promoted_still_follows.textproto --report " + path("a.html"));
  expect_page(outcome,
              faultline("run -q scenarios/defects/D05_promoted_still_follows.textproto").exit_code,
              path("a.html"));
  if (tools::has_report_page()) {
    EXPECT_THAT(outcome.out, HasSubstr("report  " + path("a.html")));
  }
}

TEST_F(ReportCommandTest, AShrunkRunLeavesItsPage) {
  expect_page(faultline("shrink scenarios/defects/D05_promoted_still_follows.textproto --report " +
                        path("a.html")),
              0, path("a.html"));
}

TEST_F(ReportCommandTest, ASweepLeavesAnIndexAndAPageForEachFailure) {
  const std::string base = file("base.textproto", R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    service { defect: "D05" }
    workload { secrets: 1 calls: 10 duration: "10s" } chaos { faults: 2 }
  )");
  const auto outcome =
      faultline("sweep " + base + " --seeds 150 --jobs 2 --progress none --out " + path("found"));
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  const std::string index = contents(path("found/index.html"));
  EXPECT_THAT(index, HasSubstr("<h1>Sweep</h1>"));
  int failures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path("found/failures"))) {
    const std::filesystem::path& name = entry.path();
    if (name.extension() != ".textproto") continue;
    ++failures;
    EXPECT_THAT(index, HasSubstr("failures/" + name.filename().string()));
    std::filesystem::path page = name;
    page.replace_extension(".html");
    EXPECT_EQ(std::filesystem::exists(page), tools::has_report_page());
  }
  EXPECT_GT(failures, 0);
}

}  // namespace
}  // namespace faultline
