// The tables in regions/replication/README.md are the machines' own. To print them anew: regions_tests --gtest_filter='MachineTables*'
// fails with the right text.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "regions/replication/replica_copy.h"
#include "regions/replication/replica_link.h"

namespace faultline::regions {
namespace {

std::string table_in_readme(const std::string& machine) {
  std::ifstream file(std::string(FAULTLINE_SOURCE_DIR) + "/regions/replication/README.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string readme = text.str();
  const std::string begin = "<!-- " + machine + " -->\n";
  const auto from = readme.find(begin);
  if (from == std::string::npos) return "no table of " + machine;
  const auto start = from + begin.size();
  return readme.substr(start, readme.find("<!-- end -->", start) - start);
}

TEST(MachineTables, InTheReadmeAreTheMachinesOwn) {
  EXPECT_EQ(table_in_readme("ReplicaLink"), ReplicaLink::describe());
  EXPECT_EQ(table_in_readme("ReplicaCopy"), ReplicaCopy::describe());
}

}  // namespace
}  // namespace faultline::regions
