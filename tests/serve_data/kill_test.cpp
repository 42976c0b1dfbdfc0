// A process that serves from a data directory is killed at random moments; another one finds what was
// acknowledged, and nothing that nobody wrote.
#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "tests/serve_data/served_directory.h"

namespace faultline::tools {
namespace {

// Says what it means to do, does it, says that it is durable; until it is killed.
[[noreturn]] void serve_until_killed(const DataDirectoryOptions& options, int round, int report) {
  ServedWorld served(options);
  const auto say = [&](const std::string& line) {
    const ssize_t written = ::write(report, line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) ::_exit(1);
  };
  for (int i = 0;; ++i) {
    const std::string name = "secret-" + std::to_string(i % 7);
    const std::string value = std::to_string(round) + "/" + std::to_string(i) +
                              std::string(static_cast<std::size_t>(i) % 900, '.');
    say("try " + name + " " + value + "\n");
    const bool made = served.west().put(name, value).has_value() ||
                      served.west().create_secret(name, value, {"us-east-1"}).has_value();
    if (!made || !served.directory().make_durable(*served)) ::_exit(1);
    say("done " + name + " " + value + "\n");
    served->run_for(engine::Duration::millis(200));
  }
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer{};
  ssize_t count = 0;
  while ((count = ::read(fd, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

TEST(KillTest, WhatWasAcknowledgedIsFoundAfterAnyDeath) {
  const TemporaryDirectory directory;
  std::mt19937 luck(7);  // NOLINT: the same moments every day, as far as a machine can
  std::map<std::string, std::string> acknowledged;
  std::map<std::string, std::set<std::string>> tried;
  for (int round = 0; round < 12; ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    // Here and not in the child, so that the next ones are of a later day in both.
    const DataDirectoryOptions options = directory.options();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) serve_until_killed(options, round, pipe[1]);
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + luck() % 150));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    std::istringstream report(read_all(pipe[0]));
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ": a call failed";

    std::string word;
    std::string name;
    std::string value;
    while (report >> word >> name >> value) {
      if (word == "done") acknowledged[name] = value;
      tried[name].insert(value);
    }
    ServedWorld served(directory.options());
    for (const auto& [secret, newest] : acknowledged) {
      const std::string found = served.west().value(secret);
      EXPECT_TRUE(tried[secret].contains(found)) << secret << ": " << found;
      // Only what was tried last may have come after it.
      EXPECT_TRUE(found == newest || found == value) << secret << ": acknowledged was " << newest;
      acknowledged[secret] = found;
    }
    for (const auto& [secret, values] : tried) {
      const std::string found = served.west().value(secret);
      EXPECT_TRUE(found == "<ResourceNotFoundException>" || values.contains(found)) << secret;
    }
    served->run_for(engine::Duration::seconds(10));
    for (const auto& [secret, newest] : acknowledged) {
      EXPECT_EQ(served->client("us-east-1").value(secret), newest);
      EXPECT_EQ(served->convergence_gap(secret), "");
    }
    served.make_durable();
  }
  EXPECT_FALSE(acknowledged.empty());
}

}  // namespace
}  // namespace faultline::tools
