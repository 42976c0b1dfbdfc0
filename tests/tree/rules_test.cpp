// Shows each rule of the tree failing on a small bad snippet, and passing on the nearest good one.
#include "tests/tree/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tree/ban_list.h"

namespace faultline::tree {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SourceTextTest, CommentsBecomeSpacesAndLinesStay) {
  EXPECT_EQ(without_comments("a // b\nc /* d\ne */ f", Literals::Keep), "a     \nc     \n     f");
}

TEST(SourceTextTest, LiteralsAreBlankedOnRequest) {
  EXPECT_EQ(without_comments(R"x(f("rand()", 'x', "\"//"))x", Literals::Blank),
            R"x(f("      ", ' ', "    "))x");
  EXPECT_EQ(without_comments("f(\"// no comment\")", Literals::Keep), "f(\"// no comment\")");
}

TEST(SourceTextTest, RawStringsEndAtTheirDelimiter) {
  EXPECT_EQ(without_comments("R\"y(\" // )\" )y\" + z", Literals::Blank),
            "R\"" + std::string(12, ' ') + "\" + z");
}

TEST(SourceTextTest, DigitSeparatorsOpenNoLiteral) {
  EXPECT_EQ(without_comments("1'000 + rand(); // '", Literals::Blank), "1'000 + rand();     ");
}

TEST(SourceTextTest, FindsIncludesOfBothKinds) {
  const SourceFile file{"engine/a.cpp",
                        "#include \"engine/a.h\"\n// #include <no>\n#  include <map>\n"};
  const auto includes = includes_of(file);
  ASSERT_THAT(includes, SizeIs(2));
  EXPECT_EQ(includes[0].path, "engine/a.h");
  EXPECT_TRUE(includes[0].quoted);
  EXPECT_EQ(includes[1].path, "map");
  EXPECT_FALSE(includes[1].quoted);
  EXPECT_EQ(includes[1].line, 3);
}

TEST(DirectionRuleTest, SaysWhoMayUseWhom) {
  EXPECT_THAT(wrong_direction({"engine/disk.cpp", "#include \"kms/envelope.h\"\n"}),
              ElementsAre("engine/disk.cpp includes kms/envelope.h: engine may use proto only."));
  EXPECT_THAT(wrong_direction({"kms/kms.h", "#include \"regions/world.h\"\n"}), SizeIs(1));
  EXPECT_THAT(wrong_direction({"regions/world.h", "#include \"tools/cli.h\"\n"}), SizeIs(1));
  EXPECT_THAT(wrong_direction({"proto/check.h", "#include \"engine/time.h\"\n"}),
              ElementsAre("proto/check.h includes engine/time.h: proto may use no other layer."));
  EXPECT_THAT(wrong_direction({"tools/cmd_run.cpp", "#include \"tests/support/model.h\"\n"}),
              SizeIs(1));
}

TEST(DirectionRuleTest, LetsTheArrowsPass) {
  EXPECT_THAT(wrong_direction(
                  {"engine/disk.cpp", "#include \"engine/disk.h\"\n#include \"proto/check.h\"\n"}),
              IsEmpty());
  EXPECT_THAT(wrong_direction({"regions/world.h", "#include \"kms/kms.h\"\n#include <map>\n"}),
              IsEmpty());
  EXPECT_THAT(wrong_direction({"tests/kms/kms_test.cpp", "#include \"kms/kms.h\"\n"}), IsEmpty());
  EXPECT_THAT(wrong_direction({"engine/disk.cpp", "// not #include \"kms/kms.h\"\n"}), IsEmpty());
}

TEST(IncludeRuleTest, WantsPathsFromTheRoot) {
  const Paths paths = {"engine/time.h", "proto/trace.proto"};
  EXPECT_THAT(unknown_includes({"engine/disk.h", "#include \"time.h\"\n"}, paths),
              ElementsAre(HasSubstr("engine/disk.h:1: \"time.h\" is no file seen from the root")));
  EXPECT_THAT(unknown_includes({"engine/disk.h", "#include \"proto/gone.pb.h\"\n"}, paths),
              SizeIs(1));
  EXPECT_THAT(
      unknown_includes(
          {"engine/disk.h", "#include \"engine/time.h\"\n#include \"proto/trace.pb.h\"\n"}, paths),
      IsEmpty());
}

TEST(LeakRuleTest, KeepsHeavyHeadersInSources) {
  EXPECT_THAT(leaked_headers({"kms/envelope.h", "#include <cryptopp/gcm.h>\n"}), SizeIs(1));
  EXPECT_THAT(leaked_headers({"regions/store.h", "#include <leveldb/db.h>\n"}), SizeIs(1));
  EXPECT_THAT(leaked_headers({"engine/hash.h", "#include <xxhash.h>\n"}), SizeIs(1));
  EXPECT_THAT(
      leaked_headers({"regions/replica_link.h", "#include <boost/msm/back/state_machine.hpp>\n"}),
      SizeIs(1));
  EXPECT_THAT(
      leaked_headers({"regions/link.h", "#include \"regions/replication/machine_table.h\"\n"}),
      SizeIs(1));
  EXPECT_THAT(leaked_headers({"kms/envelope.cpp", "#include <cryptopp/gcm.h>\n"}), IsEmpty());
}

TEST(BanListTest, EveryWordIsFound) {
  for (const Ban& ban : ban_list()) {
    const std::string word(ban.word);
    std::string use = "auto x = std::" + word;
    if (ban.match == Match::Call) use = "auto x = " + word + " (3)";
    if (ban.match == Match::NullCall) use = "auto x = " + word + "(nullptr)";
    if (ban.match == Match::StdEnding) use = "std::uniform_int" + word + "<int> x";
    EXPECT_THAT(banned_uses({"engine/a.cpp", "int y;\n" + use + ";\n"}),
                ElementsAre(HasSubstr("engine/a.cpp:2: ")))
        << use;
  }
  EXPECT_THAT(banned_uses({"regions/a.cpp", "#include <iostream>\n"}), SizeIs(1));
}

TEST(BanListTest, SaysWhatToUseInstead) {
  EXPECT_THAT(
      banned_uses({"kms/a.cpp", "auto t = std::chrono::system_clock::now();\n"}),
      ElementsAre(HasSubstr(
          "kms/a.cpp:1: std::chrono::system_clock::now is banned: ask ActorContext::now()")));
}

TEST(BanListTest, LeavesOtherWordsAlone) {
  const std::string text =
      "#include <ostream>\n"
      "// system_clock would be wrong here, and so would rand()\n"
      "const char* s = \"getenv(\";\n"
      "int random = operand(1) + rand_index + spread(2);\n"
      "const auto at = event.time(index);\n"
      "trace.log(x); retries.pow(2); kms::hash(y); std::this_is_fine z;\n"
      "thread_local int t; auto d = engine::latency_distribution;\n";
  EXPECT_THAT(banned_uses({"engine/a.cpp", text}), IsEmpty());
}

TEST(BanListTest, ToolsAndTestsMayDoWhatTheyLike) {
  const std::string text = "#include <iostream>\nauto t = std::chrono::steady_clock::now();\n";
  EXPECT_THAT(banned_uses({"tools/cmd_sweep.cpp", text}), IsEmpty());
  EXPECT_THAT(banned_uses({"tests/bench/run_bench.cpp", text}), IsEmpty());
}

TEST(LengthRuleTest, CountsLines) {
  std::string text;
  for (int line = 0; line < 501; ++line) text += "int x;\n";
  EXPECT_THAT(too_long({"engine/a.cpp", text}),
              ElementsAre(HasSubstr("engine/a.cpp has 501 lines")));
  EXPECT_THAT(too_long({"tests/engine/a_test.cpp", text}), IsEmpty());
  EXPECT_THAT(too_long({"engine/a.cpp", text.substr(7)}), IsEmpty());
}

TEST(TopLevelRuleTest, NamesStrangersAndMissing) {
  std::set<std::string> names = {
      "proto", "engine",  "kms",       "regions",        "scenarios",         "tools",
      "tests", "LICENSE", "README.md", "CMakeLists.txt", "CMakePresets.json", "build",
      ".git"};
  EXPECT_THAT(wrong_top_level(names), IsEmpty());
  names.insert("docs");
  names.erase("LICENSE");
  EXPECT_THAT(wrong_top_level(names), ElementsAre(HasSubstr("docs does not belong at the root"),
                                                  "LICENSE is missing at the root."));
}

TEST(ReadmeRuleTest, EveryHeaderIsNamed) {
  const Paths paths = {"engine/README.md",       "engine/time.h",   "engine/real_time.h",
                       "engine/explore/sweep.h", "engine/time.cpp", "kms/kms.h"};
  const SourceFile readme{"engine/README.md", "| `real_time.h` | x |\n| `explore/sweep.h` | y |\n"};
  EXPECT_THAT(
      unnamed_files(readme, paths),
      ElementsAre("engine/time.h is not named in engine/README.md: say there what it is for."));
}

TEST(ReadmeRuleTest, ASubfoldersOwnReadmeTakesOver) {
  const Paths paths = {"engine/README.md", "engine/explore/README.md", "engine/explore/sweep.h"};
  EXPECT_THAT(unnamed_files({"engine/README.md", ""}, paths), IsEmpty());
  EXPECT_THAT(unnamed_files({"engine/explore/README.md", "Start with sweep.h."}, paths), IsEmpty());
  EXPECT_THAT(unnamed_files({"engine/explore/README.md", ""}, paths), SizeIs(1));
}

TEST(ReadmeRuleTest, ListedFilesExist) {
  const Paths paths = {"engine/README.md", "engine/time.h", "engine/explore/sweep.h", "README.md"};
  const std::string text =
      "| `time.h .cpp` | there |\n"
      "- `gone.h` not there\n"
      "    explore/sweep.h   there\n"
      "- `sweep.h` under its heading\n"
      "`your_own.cpp` may also begin a sentence.\n"
      "    scenario.textproto -> in a drawing too\n"
      "    lost.cpp\n"
      "- `net/gone.cpp` neither\n"
      "A sentence may speak of your_own.h freely.\n";
  EXPECT_THAT(missing_files({"engine/README.md", text}, paths),
              ElementsAre("engine/README.md:2 lists gone.h, which does not exist.",
                          "engine/README.md:7 lists lost.cpp, which does not exist.",
                          "engine/README.md:8 lists net/gone.cpp, which does not exist."));
}

TEST(ReadmeRuleTest, EveryFolderHasOne) {
  EXPECT_THAT(folders_without_readme({"engine/time.h", "kms/README.md", "README.md"}),
              ElementsAre(HasSubstr("engine/README.md is missing")));
}

}  // namespace
}  // namespace faultline::tree
