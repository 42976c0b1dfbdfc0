// Is a source of nondeterminism noticed? Each of the twelve is planted and must be found, with the
// first event that differs; without one, nothing may differ, whatever stands around the run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/personality.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/trace_sinks.h"
#include "regions/explore/campaign.h"
#include "tests/determinism/leaky_protocol.h"
#include "tests/determinism/leaky_run.h"
#include "tests/determinism/planted_sources.h"

namespace faultline::determinism {
namespace {

using regions::explore::Campaign;
using regions::explore::Judged;
using regions::explore::Tally;
using testing::ContainsRegex;
using testing::HasSubstr;

std::vector<std::string_view> sources_that_show(bool in_process) {
  std::vector<std::string_view> names;
  for (const PlantedSource& source : planted_sources()) {
    if (source.shows_in_process == in_process) names.push_back(source.name);
  }
  return names;
}

// How the trace names what a source does first. A delay shows at the timer, whichever run's comes
// first.
std::string_view event_of(Route route) { return route == Route::Delay ? "TIMER_FIRED" : kWhisper; }

std::string name_of_source(const testing::TestParamInfo<std::string_view>& parameter) {
  return std::string(parameter.param);
}

// ---- within one process --------------------------------------------------------------------------

Judged judge(const PlantedSource* source, std::uint64_t counter) {
  regions::explore::CampaignOptions options;
  options.shared = parts_with(source);
  options.check.protocols = {"leaky"};
  return Campaign(
             {
                 scenario()
  },
             options)
      .judge({{1, "planted", counter}, scenario(), 1});
}

// A sweep makes one run in twenty a second time, chosen by address: the first of these.
Judged judge_twice(const PlantedSource* source) {
  for (std::uint64_t counter = 0; counter < 2'000; ++counter) {
    if (judge(nullptr, counter).compared) return judge(source, counter);
  }
  ADD_FAILURE() << "no run was made twice";
  return {};
}

class WithinAProcessTest : public testing::TestWithParam<std::string_view> {};

TEST_P(WithinAProcessTest, TheSecondRunGivesItAway) {
  const PlantedSource& source = planted_source(GetParam());
  const Judged judged = judge_twice(&source);
  EXPECT_TRUE(judged.compared);
  EXPECT_THAT(judged.difference, ContainsRegex("^event [0-9]+: "));
  EXPECT_THAT(judged.difference, HasSubstr(std::string(event_of(source.route))));

  Tally tally;
  tally.add(judged);
  EXPECT_EQ(regions::explore::verdict_of(tally.summary()), "NONDETERMINISTIC");
}

INSTANTIATE_TEST_SUITE_P(Planted, WithinAProcessTest, testing::ValuesIn(sources_that_show(true)),
                         name_of_source);

TEST(DeterminismControlTest, WithoutASourceTheSecondRunIsTheSame) {
  const Judged judged = judge_twice(nullptr);
  EXPECT_TRUE(judged.compared);
  EXPECT_EQ(judged.difference, "");
  EXPECT_EQ(judged.report.verdict(), v1::HOLDS);
}

// ---- between processes ---------------------------------------------------------------------------

constexpr std::string_view kFileNames = "abcdefghijklmnop";

// Makes one directory and gives how the file system lists it.
std::string make_files(const std::string& directory, const std::string& names) {
  std::filesystem::create_directory(directory);
  for (const char name : names) std::ofstream(directory + "/" + name).put('x');
  std::string listed;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    listed += entry.path().filename().string();
  }
  return listed;
}

// Two directories with the same files, made in opposite orders. Some file systems list by age, such
// as tmpfs; others by a hash of the name, and there nothing could be found.
struct TwoDirectories {
  explicit TwoDirectories(const std::string& root) : scratch(root) {
    if (scratch.path().empty()) return;
    const std::string names(kFileNames);
    differ = make_files(first(), names) != make_files(second(), {names.rbegin(), names.rend()});
  }
  [[nodiscard]] std::string first() const { return scratch.path() + "/first"; }
  [[nodiscard]] std::string second() const { return scratch.path() + "/second"; }

  ScratchDirectory scratch;
  bool differ = false;
};

bool addresses_are_random() {
  std::ifstream setting("/proc/sys/kernel/randomize_va_space");
  int level = 0;
  setting >> level;
  const int persona = personality(0xffffffff);
  return level >= 1 && persona >= 0 && (persona & ADDR_NO_RANDOMIZE) == 0;
}

bool processor_can_fuse() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("fma") != 0;
#else
  return true;
#endif
}

// AddressSanitizer fills new memory itself, and leaves MALLOC_PERTURB_ aside.
Surroundings memory_filled_with(int byte) {
  const char* options = std::getenv("ASAN_OPTIONS");
  return {"MALLOC_PERTURB_=" + std::to_string(byte),
          "ASAN_OPTIONS=" + (options == nullptr ? "" : std::string(options) + ":") +
              "max_malloc_fill_size=65536:malloc_fill_byte=" + std::to_string(byte)};
}

struct Contrast {
  Surroundings first;
  Surroundings second;
};

// Surroundings between which the source differs; or why there are none on this machine.
Expected<Contrast, std::string> contrast_of(std::string_view source,
                                            const TwoDirectories& directories) {
  const auto variable = [](const char* name, const std::string& first, const std::string& second) {
    return Contrast{{std::string(name) + "=" + first}, {std::string(name) + "=" + second}};
  };
  if (source == "UnorderedIteration") {
    if (addresses_are_random()) return Contrast{};
    return tl::make_unexpected(std::string("addresses are the same in every process here"));
  }
  if (source == "UninitialisedRead") return Contrast{memory_filled_with(1), memory_filled_with(2)};
  if (source == "Locale") return variable("LC_ALL", "C", "C.UTF-8");
  if (source == "Environment") return variable(kHurry, "1", "2");
  if (source == "FloatContraction") {
    if (processor_can_fuse()) return variable(kContraction, "off", "fast");
    return tl::make_unexpected(std::string("this processor cannot fuse"));
  }
  EXPECT_EQ(source, "DirectoryOrder");
  if (directories.differ) return variable(kDirectory, directories.first(), directories.second());
  return tl::make_unexpected(std::string("no file system here lists files by age"));
}

class BetweenProcessesTest : public testing::TestWithParam<std::string_view> {
 protected:
  [[nodiscard]] const TwoDirectories& directories() const {
    return in_memory_.differ ? in_memory_ : on_disk_;
  }

 private:
  const TwoDirectories in_memory_{"/dev/shm"};
  const TwoDirectories on_disk_{testing::TempDir()};
};

TEST_P(BetweenProcessesTest, OtherSurroundingsGiveItAway) {
  const auto contrast = contrast_of(GetParam(), directories());
  if (!contrast) GTEST_SKIP() << contrast.error();
  const auto first = run_elsewhere(GetParam(), contrast->first);
  const auto second = run_elsewhere(GetParam(), contrast->second);
  ASSERT_FALSE(first.events.empty());
  EXPECT_NE(first.footer.hash(), second.footer.hash());
  const auto difference = engine::first_difference(first.events, second.events);
  ASSERT_TRUE(difference);
  EXPECT_THAT(difference->to_string(),
              HasSubstr(std::string(event_of(planted_source(GetParam()).route))));
}

TEST_P(BetweenProcessesTest, WithoutASourceTheyDoNotMatter) {
  const auto contrast = contrast_of(GetParam(), directories());
  if (!contrast) GTEST_SKIP() << contrast.error();
  const auto first = run_elsewhere("", contrast->first);
  const auto second = run_elsewhere("", contrast->second);
  ASSERT_FALSE(first.events.empty());
  EXPECT_EQ(first.footer.verdict(), "HOLDS");
  EXPECT_EQ(first.footer.hash(), second.footer.hash());
  const auto difference = engine::first_difference(first.events, second.events);
  EXPECT_FALSE(difference) << difference->to_string();
}

INSTANTIATE_TEST_SUITE_P(Planted, BetweenProcessesTest, testing::ValuesIn(sources_that_show(false)),
                         name_of_source);

TEST(DeterminismControlTest, AllTwelveArePlanted) {
  EXPECT_EQ(planted_sources().size(), 12U);
  EXPECT_EQ(sources_that_show(true).size(), 6U);
  EXPECT_EQ(sources_that_show(false).size(), 6U);
}

}  // namespace
}  // namespace faultline::determinism

// `--planted SOURCE FILE` makes one run, for the tests that need a process of its own.
int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--planted") {
    return faultline::determinism::run_here(argv[2], argv[3]);
  }
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
