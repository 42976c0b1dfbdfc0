#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>

#include "engine/explore/delta.h"
#include "engine/explore/search.h"
#include "tests/engine/link_model.h"

namespace faultline::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Lt;
using ::testing::Optional;

bool always() { return true; }

bool holds_all(const Subset& subset, std::initializer_list<std::size_t> wanted) {
  for (const std::size_t one : wanted) {
    if (std::find(subset.begin(), subset.end(), one) == subset.end()) return false;
  }
  return true;
}

TEST(Minimise, LeavesTheItemsThatMatter) {
  int trials = 0;
  const Subset kept = minimise(
      100,
      [&](const Subset& subset) {
        ++trials;
        return holds_all(subset, {3, 42, 99});
      },
      always);
  EXPECT_THAT(kept, ElementsAre(3, 42, 99));
  EXPECT_THAT(trials, Lt(100));
}

TEST(Minimise, LeavesNothingWhereNothingMatters) {
  EXPECT_THAT(minimise(
                  17, [](const Subset&) { return true; }, always),
              IsEmpty());
}

TEST(Minimise, StopsWhenItMayNotGoOn) {
  int left = 3;
  const Subset kept = minimise(
      64, [](const Subset& subset) { return holds_all(subset, {63}); }, [&] { return left-- > 0; });
  EXPECT_TRUE(holds_all(kept, {63}));
  EXPECT_THAT(kept.size(), Ge(2U));
}

TEST(Smallest, FindsWhatNoSingleRemovalFinds) {
  // Either the pair {0, 1} or all of {2, 3, 4, 5}: from the whole, taking single items may end at
  // the four.
  const auto fails = [](const Subset& subset) {
    return holds_all(subset, {0, 1}) || holds_all(subset, {2, 3, 4, 5});
  };
  const SmallestSubset smallest_one = smallest(6, fails, always);
  EXPECT_THAT(smallest_one.subset, ElementsAre(0, 1));
  EXPECT_TRUE(smallest_one.exhausted);
}

TEST(Smallest, SaysThatItWasNotExhausted) {
  EXPECT_FALSE(smallest(
                   6, [](const Subset&) { return false; }, [] { return false; })
                   .exhausted);
}

// ---- search -------------------------------------------------------------------------------------

Certificate search(LinkModel model, std::size_t depth, bool stops = true) {
  Search<LinkModel> search(
      {.depth = depth, .may_go_on = always, .stops_at_violation = stops, .judges_ends = false});
  return search.run(model);
}

TEST(Search, ExhaustsASoundModel) {
  const Certificate certificate = search(LinkModel(2, 2), 1000);
  EXPECT_TRUE(certificate.exhausted);
  EXPECT_THAT(certificate.violation, Eq(std::nullopt));
}

TEST(Search, FindsTheShortOrderThatBreaksAnUnsoundOne) {
  const Certificate certificate = search(LinkModel(1, 1, true), 4);
  ASSERT_TRUE(certificate.violation.has_value());
  // Put, deliver, acknowledge: the sync has not happened.
  LinkModel model(1, 1, true);
  for (const std::size_t choice : certificate.path) model.choose(choice);
  EXPECT_THAT(model.broken(), Optional(Eq("acknowledged 1, durable 0")));
}

TEST(Search, SeesMoreTheDeeperItGoes) {
  std::uint64_t before = 0;
  for (std::size_t depth = 1; depth <= 8; ++depth) {
    const Certificate certificate = search(LinkModel(2, 2), depth);
    EXPECT_THAT(certificate.states, testing::Gt(before));
    before = certificate.states;
  }
}

// The same model behind an interface that cannot be copied: reset and brought back by its choices.
class Uncopyable {
 public:
  explicit Uncopyable(LinkModel model) : model_(model) {}
  Uncopyable(const Uncopyable&) = delete;
  Uncopyable& operator=(const Uncopyable&) = delete;
  void reset() { model_.reset(); }
  [[nodiscard]] std::size_t choices() const { return model_.choices(); }
  void choose(std::size_t index) { model_.choose(index); }
  [[nodiscard]] Hash128 state() const { return model_.state(); }
  [[nodiscard]] std::optional<std::string> broken() const { return model_.broken(); }
  [[nodiscard]] std::optional<std::string> end() { return model_.end(); }

 private:
  LinkModel model_;
};

TEST(Search, BringsBackWhatItCannotCopy) {
  Uncopyable model{LinkModel(2, 1)};
  Search<Uncopyable> replaying(
      {.depth = 12, .may_go_on = always, .stops_at_violation = true, .judges_ends = false});
  const Certificate replayed = replaying.run(model);
  const Certificate copied = search(LinkModel(2, 1), 12);
  EXPECT_THAT(replayed.states, Eq(copied.states));
  EXPECT_THAT(replayed.transitions, Eq(copied.transitions));
}

// What a command prints.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  while (const std::size_t read = fread(buffer, 1, sizeof(buffer), pipe)) out.append(buffer, read);
  pclose(pipe);
  return out;
}

// "    1234 states, stored"
std::uint64_t states_stored(const std::string& report) {
  const std::size_t end = report.find(" states, stored");
  if (end == std::string::npos) return 0;
  std::size_t begin = end;
  while (begin > 0 && std::isdigit(static_cast<unsigned char>(report[begin - 1])) != 0) --begin;
  return std::stoull(report.substr(begin, end - begin));
}

class SpinTest : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(SpinTest, CountsTheSameStates) {
  if (output_of("command -v spin").empty()) GTEST_SKIP() << "spin is not installed";
  const auto [puts, faults] = GetParam();
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) /
                          ("spin-" + std::to_string(puts) + "-" + std::to_string(faults));
  fs::create_directories(folder);
  const std::string report = output_of(
      "cd '" + folder.string() + "' && spin -DPUTS=" + std::to_string(puts) +
      " -DFAULTS=" + std::to_string(faults) +
      " -a '" FAULTLINE_SOURCE_DIR
      "/tests/engine/link_model.pml' 2>&1 && cc -O1 -DSAFETY -DNOREDUCE -DMEMLIM=512 -o pan pan.c "
      "2>&1 && ./pan -E -m1000000 2>&1");
  const Certificate certificate = search(LinkModel(puts, faults), 100'000);
  EXPECT_TRUE(certificate.exhausted);
  EXPECT_THAT(states_stored(report), Eq(certificate.states)) << report;
  fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SpinTest,
                         testing::Values(std::pair{1, 0}, std::pair{1, 2}, std::pair{2, 1},
                                         std::pair{2, 2}, std::pair{3, 1}));

}  // namespace
}  // namespace faultline::engine
