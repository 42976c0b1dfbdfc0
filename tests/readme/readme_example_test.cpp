// The C++ example of the README, compiled and run; and proof that the README shows these very
// lines.

// [README]
#include <gtest/gtest.h>

#include "regions/faultline.h"

using namespace faultline;

TEST(OurReplication, CatchesUpAfterTheNetworkHeals) {
  regions::World world({
      .regions = {"us-west-2", "us-east-1"},
        .seed = 7
  });
  auto west = world.client("us-west-2");
  auto east = world.client("us-east-1");
  west.create_secret("production/DBWest", "hunter2", {"us-east-1"});
  world.run_for(engine::Duration::seconds(5));
  EXPECT_EQ(east.value("production/DBWest"), "hunter2");

  world.cut("us-west-2", "us-east-1");
  west.put("production/DBWest", "hunter3");
  world.run_for(engine::Duration::seconds(2));
  EXPECT_EQ(west.replica_status("production/DBWest", "us-east-1"), "InProgress");
  EXPECT_EQ(east.value("production/DBWest"), "hunter2");  // stale, and nobody there knows

  world.mend("us-west-2", "us-east-1");
  world.run_until_idle();
  EXPECT_EQ(east.value("production/DBWest"), "hunter3");
  EXPECT_EQ(world.convergence_gap("production/DBWest"), "");
}
// [README]

#include <fstream>
#include <sstream>
#include <string>

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Readme, ShowsTheExampleThatIsCompiledHere) {
  const std::string root = FAULTLINE_SOURCE_DIR;
  const std::string source = text_of(root + "/tests/readme/readme_example_test.cpp");
  const std::string mark = "// [README]\n";
  const auto from = source.find(mark) + mark.size();
  const std::string example = source.substr(from, source.find(mark, from) - from);
  ASSERT_GT(example.size(), 100U);
  const std::string readme = text_of(root + "/README.md");
  EXPECT_NE(readme.find("```cpp\n" + example + "```\n"), std::string::npos)
      << "README.md should show:\n"
      << example;
}

}  // namespace
