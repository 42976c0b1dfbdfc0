// The built command, run in a shell as a user does.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace faultline {

struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class CommandTest : public testing::Test {
 protected:
  CommandTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   ("faultline_" + std::to_string(::getpid()) + "_" + name())) {
    std::filesystem::create_directories(directory_);
  }
  ~CommandTest() override { std::filesystem::remove_all(directory_); }

  static std::string name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  // In the root of the sources, so that "scenarios/…" is there.
  Outcome faultline(const std::string& arguments, const std::string& environment = "") const {
    const std::filesystem::path out = directory_ / "stdout", err = directory_ / "stderr";
    const std::string line = "cd '" FAULTLINE_SOURCE_DIR "' && " + environment +
                             " '" FAULTLINE_COMMAND "' " + arguments + " >'" + out.string() +
                             "' 2>'" + err.string() + "'";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out), contents(err)};
  }
  // A file of this test; its path.
  std::string file(const std::string& file_name, std::string_view text) const {
    const std::filesystem::path path = directory_ / file_name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  std::string path(const std::string& file_name) const { return (directory_ / file_name).string(); }

 private:
  std::filesystem::path directory_;
};

}  // namespace faultline
