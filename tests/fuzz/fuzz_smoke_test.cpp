// Every target with every seed of its corpus, and with some thousand inputs that were bent in a
// fixed way: what a machine without libFuzzer can do, the same each time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace faultline::fuzz {
namespace {

namespace fs = std::filesystem;

void add_files(const fs::path& folder, std::vector<fs::path>& to) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) to.push_back(entry.path());
  }
}

// In the order of their names. The scenarios of the library are seeds, too.
std::vector<std::string> seeds_of(std::string_view target) {
  const fs::path root = FAULTLINE_SOURCE_DIR;
  std::vector<fs::path> paths;
  add_files(root / "tests/fuzz/corpus" / target, paths);
  if (target == "scenario") add_files(root / "scenarios", paths);
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Bender {
 public:
  explicit Bender(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::uint64_t n = 1 + below(6); n > 0; --n) bend(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : luck_() % bound; }

  std::string piece_of(const std::string& text) {
    const std::size_t at = below(text.size());
    return text.substr(at, below(40));
  }
  void bend(std::string& text) {
    static constexpr std::string_view kPieces[] = {"-1",
                                                   "99999999999999999999",
                                                   "1e999",
                                                   "null",
                                                   "\"\\ud800\"",
                                                   "[[[[[[[[",
                                                   "{}",
                                                   "\xff\xfe",
                                                   "\r\n\r\n",
                                                   "%00",
                                                   "Content-Length: 3\r\n",
                                                   "\xed\xa0\x80",
                                                   "\"",
                                                   "}",
                                                   "true",
                                                   "\0"};
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        return;
      case 1:
        text.erase(at, 1 + below(8));
        return;
      case 2:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        return;
      case 3:
        text.insert(at, piece_of(seeds_[below(seeds_.size())]));
        return;
      case 4:
        text.insert(at, piece_of(text));
        return;
      default:
        text.resize(at);
        return;
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 luck_{20'171'017};
};

class FuzzSmokeTest : public testing::TestWithParam<Target> {};

TEST_P(FuzzSmokeTest, SurvivesItsSeedsAndWhatBecomesOfThem) {
  const std::vector<std::string> seeds = seeds_of(GetParam().name);
  ASSERT_GE(seeds.size(), 4U);
  GetParam().run("");
  for (const std::string& seed : seeds) GetParam().run(seed);
  Bender bender(seeds);
  for (int i = 0; i < GetParam().smoke_inputs; ++i) {
    const std::string input = bender.next();
    SCOPED_TRACE(i);
    GetParam().run(input);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzSmokeTest, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace faultline::fuzz
