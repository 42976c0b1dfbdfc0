// `faultline lesson` and `faultline explain`, as a user runs them.
#include <gmock/gmock.h>

#include "proto/report.pb.h"
#include "regions/defects.h"
#include "regions/failure_reasons.h"
#include "regions/fault_catalogue.h"
#include "regions/invariants/property.h"
#include "tests/scenarios/command_fixture.h"

namespace faultline {
namespace {

using testing::HasSubstr;
using testing::Not;

class LessonCommandTest : public CommandTest {};

TEST_F(LessonCommandTest, ListsTheCourse) {
  const Outcome outcome = faultline("lesson");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("  1  One secret, three Regions"));
  EXPECT_THAT(outcome.out, HasSubstr(" 24  Capstone: find it"));
  EXPECT_THAT(outcome.out, HasSubstr("24 lessons, "));
}

TEST_F(LessonCommandTest, TheSyllabusStandsInTheReadme) {
  const Outcome outcome = faultline("lesson --syllabus");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(contents(FAULTLINE_SOURCE_DIR "/scenarios/README.md"), HasSubstr(outcome.out));
}

TEST_F(LessonCommandTest, ARightPrediction) {
  const Outcome outcome = faultline("lesson 8 --answer 2");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Lesson 8 of 24: Promote while cut off"));
  EXPECT_THAT(outcome.out, HasSubstr("Before the run"));
  EXPECT_THAT(outcome.out, HasSubstr("is cut (split)"));
  EXPECT_THAT(outcome.out, HasSubstr("You are right"));
  // What is told before the question does not answer it.
  EXPECT_LT(outcome.out.find("Before the run"), outcome.out.find("two\nsecrets have gone"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("Not so")));
  EXPECT_THAT(outcome.out, HasSubstr("The card"));
  EXPECT_THAT(outcome.out, HasSubstr("faultline run scenarios/defects/D05_"));
  EXPECT_THAT(outcome.out,
              HasSubstr("faultline run scenarios/08_promote_while_cut_off.textproto --seed 1 "
                        "--report lesson08.html"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b[")));
}

TEST_F(LessonCommandTest, AWrongOneIsToldWhyNot) {
  const Outcome outcome = faultline("lesson 6 --answer 1");
  EXPECT_EQ(outcome.exit_code, 0) << "a wrong answer is no violation: " << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("You said     1. hunter3: it arrived last"));
  EXPECT_THAT(outcome.out, HasSubstr("Arrival is no order."));
  EXPECT_THAT(outcome.out, HasSubstr("it is \"hunter4\""));
  EXPECT_THAT(outcome.out, HasSubstr("Right is     2. hunter4"));
  EXPECT_THAT(outcome.out, HasSubstr("faultline lesson 6 --broken"));
}

TEST_F(LessonCommandTest, TakesAnAnswerFromAPipe) {
  const std::string answer = file("answer", "2\n");
  EXPECT_THAT(faultline("lesson 6 <'" + answer + "'").out, HasSubstr("You are right"));
  const Outcome none = faultline("lesson 6 </dev/null");
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_THAT(none.out, HasSubstr("Right is"));
  const Outcome bad = faultline("lesson 6 <'" + file("bad", "seven\n") + "'");
  EXPECT_EQ(bad.exit_code, 64);
  EXPECT_THAT(bad.err, HasSubstr("a number from 1 to 3"));
}

TEST_F(LessonCommandTest, DoesNotAskIfToldNot) {
  const Outcome outcome = faultline("lesson 6 --no-ask <'" + file("answer", "1\n") + "'");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, Not(HasSubstr("You said")));
}

TEST_F(LessonCommandTest, TheBrokenTwinIsViolated) {
  const Outcome outcome = faultline("lesson 13 --broken");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Broken: D04 StageMoveAsOperation."));
  EXPECT_THAT(outcome.out, HasSubstr("S06 ReplicaMonotone"));
  const Outcome none = faultline("lesson 2 --broken");
  EXPECT_EQ(none.exit_code, 64);
  EXPECT_THAT(none.err, HasSubstr("lesson 2 has no broken twin"));
}

TEST_F(LessonCommandTest, TheCapstoneIsViolatedAndAnswered) {
  const Outcome outcome = faultline("lesson 24 --answer 2");
  EXPECT_EQ(outcome.exit_code, 1) << "as run";
  EXPECT_THAT(outcome.out, HasSubstr("violated, as the scenario says it should be"));
  EXPECT_THAT(outcome.out, HasSubstr("You are right"));
  const std::string before = outcome.out.substr(0, outcome.out.find("The question"));
  EXPECT_THAT(before, Not(HasSubstr("D09"))) << "the defect is not given away";
}

TEST_F(LessonCommandTest, JsonForPrograms) {
  const Outcome outcome =
      faultline("lesson 6 --answer 1 --json >'" + path("lesson.json") +
                "' && python3 -c 'import json,sys; l=json.load(open(\"" + path("lesson.json") +
                "\")); print(l[\"number\"], l[\"predicted\"], "
                "[a[\"holds\"] for a in l[\"answers\"]], l[\"run\"][\"hash\"] "
                "== l[\"hash\"], l[\"card\"][\"minutes\"])'");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "6 False [False, True, False] True 20\n");
  const Outcome list = faultline("lesson --json >'" + path("list.json") +
                                 "' && python3 -c 'import json; l=json.load(open(\"" +
                                 path("list.json") + "\")); print(len(l), l[0][\"title\"])'");
  EXPECT_EQ(list.out, "24 One secret, three Regions\n") << list.err;
}

TEST_F(LessonCommandTest, WorksFromAnyDirectory) {
  const Outcome outcome =
      faultline("list >/dev/null; cd / && '" FAULTLINE_COMMAND "' lesson 1 --answer 2");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("You are right"));
}

TEST_F(LessonCommandTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(faultline("lesson 25").exit_code, 64);
  EXPECT_THAT(faultline("lesson 25").err, HasSubstr("there is no lesson 25; the last one is 24"));
  EXPECT_THAT(faultline("lesson 6 --answer 4").err, HasSubstr("--answer: a number from 1 to 3"));
  EXPECT_EQ(faultline("lesson 6 --answer 4").exit_code, 64);
  EXPECT_EQ(faultline("lesson 0").exit_code, 64);
  EXPECT_EQ(faultline("lesson --library '" + path("nowhere") + "'").exit_code, 65);
  const std::string empty = path("");
  const Outcome none = faultline("lesson --library '" + empty + "'");
  EXPECT_EQ(none.exit_code, 65);
  EXPECT_THAT(none.err, HasSubstr("no lessons"));
}

TEST_F(LessonCommandTest, MarkupAndEscapesOfATitleStayText) {
  file("evil.textproto",
       "title: \"<script>alert(\\\"1\\\")</script>\"\nregion { name: \"us-west-2\" }\n"
       "lesson { number: 1 idea: \"a \\\"quote\\\", a \\\\ and a \\n break\" }\n");
  const Outcome outcome =
      faultline("lesson --library '" + path("") + "' --json >'" + path("out.json") +
                "' && python3 -m json.tool '" + path("out.json") + "' >/dev/null");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Outcome run = faultline("lesson 1 --library '" + path("") + "' </dev/null");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, Not(HasSubstr("Before the run"))) << "it has no question";
}

TEST_F(LessonCommandTest, EveryIdIsExplained) {
  std::vector<std::string> ids;
  for (const auto& reason : regions::failure_reasons()) ids.emplace_back(reason.id);
  for (const auto& defect : regions::defects()) ids.emplace_back(defect.id);
  ids.insert(ids.end(), {"S12", "S36", "L06", "NET-06", "OPS-02", "reason-kms"});
  const Outcome all = faultline("explain");
  for (const std::string& id : ids) {
    const Outcome outcome = faultline("explain " + id);
    EXPECT_EQ(outcome.exit_code, 0) << id << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("What")) << id;
    if (id != "reason-kms") {
      EXPECT_THAT(all.out, HasSubstr("  " + id + " ")) << "listed";
    }
  }
}

TEST_F(LessonCommandTest, AReasonIsExplainedWithItsScenarioAndPicture) {
  for (const std::string& wanted :
       {std::string("REASON-KMS"),
        std::string("'Replication failed: Access to KMS is not allowed'")}) {
    const Outcome outcome = faultline("explain " + wanted);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("REASON-KMS KMS does not allow it"));
    EXPECT_THAT(outcome.out, HasSubstr("scenarios/03_locked_out_by_kms.textproto"));
    EXPECT_THAT(outcome.out, HasSubstr("    sequenceDiagram\n"));
  }
}

TEST_F(LessonCommandTest, APropertyNamesItsLessonAndADefectToo) {
  const Outcome property = faultline("explain S12");
  EXPECT_THAT(property.out, HasSubstr("scenarios/16_the_old_primary_knocks.textproto"));
  EXPECT_THAT(property.out, HasSubstr("scenarios/defects/D05_"));
  const Outcome defect = faultline("explain D04");
  EXPECT_THAT(defect.out, HasSubstr("faultline lesson 13  (Twice delivered)"));
}

}  // namespace
}  // namespace faultline
