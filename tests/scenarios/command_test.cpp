// The built command, as a user meets it: what it prints where, and its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenarios/command_fixture.h"

namespace faultline {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kViolated = R"(title: "Too hopeful"
region { name: "us-west-2" }
region { name: "us-east-1" }
step { region: "us-west-2" create_secret { name: "db" secret_string: "one" add_replica_regions { region: "us-east-1" } } }
expect { at: "1ms" because: "we are in a hurry" replica { secret_id: "db" region: "us-east-1" status: InSync } }
)";

TEST_F(CommandTest, ARunThatHoldsTellsAndSaysSo) {
  const Outcome run = faultline("run scenarios/01_hello_replica.textproto");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, IsEmpty());
  EXPECT_THAT(
      run.out,
      StartsWith("One secret, three Regions\nscenarios/01_hello_replica.textproto, seed 1\n\n"));
  EXPECT_THAT(run.out,
              HasSubstr("CreateSecret production/DBWest, replicas us-east-1, eu-west-1\n"));
  EXPECT_THAT(run.out,
              HasSubstr("production/DBWest in us-east-1 is InSync: Replication succeeded\n"));
  EXPECT_THAT(run.out, HasSubstr("\nholds: 7 of 7 expectations met"));
  EXPECT_THAT(run.out, HasSubstr("\nhash    "));
  EXPECT_THAT(run.out, Not(HasSubstr("\x1b"))) << "no colours but on a terminal";
}

TEST_F(CommandTest, AViolatedRunEndsWithTheCommandThatRepeatsIt) {
  const std::string scenario = file("it is hopeful.textproto", kViolated);
  const Outcome run = faultline("run '" + scenario + "' --seed 7 --until 1h");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("violated: 0 of 1 expectations met"));
  EXPECT_THAT(run.out, HasSubstr("  at 1ms, replica us-east-1 of db is InSync\n  but no primary "
                                 "lists it\n  at 0.001s, event "));
  EXPECT_THAT(run.out, HasSubstr(", " + scenario + ":5\n  because we are in a hurry\n"));
  const std::string repeat = "faultline run '" + scenario + "' --seed 7 --until 1h";
  EXPECT_THAT(run.out, EndsWith("repeat  " + repeat + "\n"));
  const Outcome again = faultline(repeat.substr(std::string("faultline ").size()));
  EXPECT_EQ(again.out, run.out);
}

TEST_F(CommandTest, AnInconclusiveRunIsNeither) {
  const Outcome run = faultline("run scenarios/01_hello_replica.textproto --until 5s");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, HasSubstr("\ninconclusive: 3 of 7 expectations met"));
  EXPECT_THAT(run.out, HasSubstr("production/DBWest has converged: not judged\n"));
}

TEST_F(CommandTest, QuietTellsOnlyTheVerdict) {
  const Outcome run = faultline("run -q scenarios/01_hello_replica.textproto");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, StartsWith("holds: "));
}

TEST_F(CommandTest, VerboseTellsOfTheMachinery) {
  const std::string out = faultline("run -v scenarios/01_hello_replica.textproto").out;
  EXPECT_THAT(out, AllOf(HasSubstr("sends Replicate"), HasSubstr("KMS GenerateDataKey"),
                         HasSubstr("ReplicaLink of production/DBWest")));
}

TEST_F(CommandTest, JsonIsOneReport) {
  const Outcome run = faultline("run --json scenarios/01_hello_replica.textproto");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, StartsWith("{\n"));
  EXPECT_THAT(run.out, EndsWith("}\n"));
  EXPECT_THAT(run.out, HasSubstr("\"verdict\": \"HOLDS\""));
  EXPECT_THAT(run.out, HasSubstr("\"expectations_met\": 7"));
  const Outcome broken = faultline("run --json " + file("v.textproto", kViolated));
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.out, HasSubstr("\"found\": \"no primary lists it\""));
}

TEST_F(CommandTest, SeedsAreDecimalOrHexadecimal) {
  const std::string ten = faultline("run -q --seed 10 scenarios/01_hello_replica.textproto").out;
  EXPECT_EQ(ten, faultline("run -q --seed 0xA scenarios/01_hello_replica.textproto").out);
  EXPECT_NE(ten, faultline("run -q scenarios/01_hello_replica.textproto").out);
}

TEST_F(CommandTest, ARecordedRunReplays) {
  const std::string trace = path("run.trace");
  const Outcome run =
      faultline("run scenarios/05_lost_in_the_post.textproto --seed 3 --trace " + trace);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("trace   " + trace));
  const Outcome replay = faultline("replay " + trace);
  EXPECT_EQ(replay.exit_code, 0) << replay.err;
  EXPECT_THAT(replay.out, AllOf(StartsWith("scenarios/05_lost_in_the_post.textproto, seed 3\n"),
                                HasSubstr("identical: ")));
}

TEST_F(CommandTest, DamagedTracesAreRefused) {
  const std::string trace = path("run.trace");
  ASSERT_EQ(faultline("run -q scenarios/01_hello_replica.textproto --trace " + trace).exit_code, 0);
  const std::string bytes = contents(trace);
  const Outcome cut = faultline("replay " + file("cut.trace", bytes.substr(0, bytes.size() / 2)));
  EXPECT_EQ(cut.exit_code, 65);
  EXPECT_THAT(cut.err, MatchesRegex(".*cut.trace: truncated after event [0-9]+\n"));
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 4;
  const Outcome damaged = faultline("replay " + file("flipped.trace", flipped));
  EXPECT_EQ(damaged.exit_code, 65);
  EXPECT_THAT(damaged.err, MatchesRegex(".*flipped.trace: damaged at event [0-9]+\n"));
  const Outcome none = faultline("replay scenarios/01_hello_replica.textproto");
  EXPECT_EQ(none.exit_code, 65);
  EXPECT_THAT(none.err, HasSubstr("not a trace"));
  EXPECT_EQ(faultline("run " + trace).exit_code, 65);
}

TEST_F(CommandTest, TheLibraryIsListed) {
  const Outcome list = faultline("list");
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_THAT(list.out, HasSubstr("scenarios/05_lost_in_the_post.textproto"));
  EXPECT_THAT(list.out, HasSubstr("  holds     Lost in the post\n"));
  EXPECT_EQ(faultline("list scenarios").out, list.out);
  EXPECT_EQ(faultline("list /nonexistent").exit_code, 65);
  EXPECT_EQ(faultline("list proto").exit_code, 65);
}

TEST_F(CommandTest, ScenariosAreChecked) {
  const Outcome good = faultline(
      "check scenarios/01_hello_replica.textproto "
      "scenarios/02_the_region_you_never_enabled.textproto");
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_THAT(good.out, HasSubstr("01_hello_replica.textproto: valid, 3 steps, 7 expectations\n"));
  const Outcome bad = faultline(
      "check tests/scenarios/bad/unknown_field.textproto scenarios/01_hello_replica.textproto");
  EXPECT_EQ(bad.exit_code, 65);
  EXPECT_THAT(bad.err, HasSubstr("unknown_field.textproto:4:3: "));
  EXPECT_THAT(bad.err, HasSubstr("did you mean \"put_secret_value\"?"));
  EXPECT_THAT(bad.out, HasSubstr("01_hello_replica.textproto: valid"));
}

TEST_F(CommandTest, BadInputIs65AndOneClearMessage) {
  const auto expect_bad = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = faultline(arguments);
    EXPECT_EQ(outcome.exit_code, 65) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(message)) << arguments;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
  };
  expect_bad("run /nonexistent.textproto",
             "/nonexistent.textproto: cannot be read: No such file or directory");
  expect_bad("run scenarios", "scenarios: this is a directory");
  expect_bad("run '" FAULTLINE_COMMAND "'", "");
  expect_bad("run " + file("empty.textproto", ""), "a scenario needs at least one region");
  expect_bad("run " + file("negative.textproto",
                           "region { name: \"us-west-2\" } step { at: \"-1s\" heal {} }"),
             "at cannot be negative");
  expect_bad("run " + file("region.textproto", "region { name: \"us-west-2\" } step { crash {} }"),
             "region is missing");
  expect_bad("replay /nonexistent.trace", "cannot be read");
  expect_bad("replay " + file("empty.trace", ""), "not a trace: it is empty");
}

TEST_F(CommandTest, AWrongCommandLineIs64AndAHint) {
  const auto expect_usage = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = faultline(arguments);
    EXPECT_EQ(outcome.exit_code, 64) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(message)) << arguments;
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments;
  };
  expect_usage("", "Usage: faultline");
  expect_usage("rnu x", "there is no command \"rnu\"; did you mean \"run\"?");
  expect_usage("banana", "there is no command \"banana\"");
  expect_usage("run", "FILE is required");
  expect_usage("run scenarios/01_hello_replica.textproto --sede 7",
               "there is no option --sede; did you mean \"--seed\"?");
  expect_usage("run scenarios/01_hello_replica.textproto --seed seven", "\"seven\" is not a seed");
  expect_usage("run scenarios/01_hello_replica.textproto --seed 99999999999999999999",
               "is not a seed");
  expect_usage("run scenarios/01_hello_replica.textproto --until soon", "--until: ");
  expect_usage("run scenarios/01_hello_replica.textproto -q -v", "excludes");
  expect_usage("run scenarios/01_hello_replica.textproto more", "one argument too many");
  expect_usage("run scenarios/01_hello_replica.textproto --trace /nonexistent/x",
               "/nonexistent/x: cannot be written");
  expect_usage("check", "FILE is required");
}

TEST_F(CommandTest, HelpIsEverywhere) {
  for (const char* command : {"", "run ", "replay ", "list ", "check "}) {
    const Outcome help = faultline(std::string(command) + "--help");
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Usage: faultline")) << command;
    EXPECT_THAT(help.out, HasSubstr("Exit codes: 0")) << command;
    EXPECT_THAT(help.err, IsEmpty()) << command;
  }
  EXPECT_THAT(faultline("--version").out, MatchesRegex("faultline [0-9.]+\\+[0-9a-f]{16}\n"));
}

}  // namespace
}  // namespace faultline
