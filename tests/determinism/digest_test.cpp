// A sweep's digest: one line that tells two sweeps apart, however their runs were shared out.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "regions/explore/campaign.h"
#include "tests/determinism/leaky_run.h"

namespace faultline::determinism {
namespace {

using regions::explore::Campaign;
using regions::explore::Judged;
using regions::explore::Tally;

// Runs of other seeds, one a counter.
class DigestTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kRuns = 5;

  DigestTest() {
    regions::explore::CampaignOptions options;
    options.shared = parts_with(nullptr);
    options.check.protocols = {"leaky"};
    const Campaign campaign({scenario()}, options);
    for (std::uint64_t counter = 0; counter < kRuns; ++counter) {
      runs_.push_back(campaign.judge({
          {1, "planted", counter},
          scenario(), counter
      }));
    }
  }

  [[nodiscard]] Tally tally_of(const std::vector<std::size_t>& numbers) const {
    Tally tally;
    for (const std::size_t number : numbers) tally.add(runs_[number]);
    return tally;
  }
  [[nodiscard]] std::string digest_of(const std::vector<std::size_t>& numbers) const {
    return tally_of(numbers).summary().digest();
  }

  std::vector<Judged> runs_;
};

TEST_F(DigestTest, DoesNotDependOnTheOrder) {
  EXPECT_EQ(digest_of({0, 1, 2, 3, 4}), digest_of({3, 0, 4, 2, 1}));
}

TEST_F(DigestTest, DoesNotDependOnWhoMadeWhichRun) {
  Tally workers = tally_of({4, 1});
  workers.merge(tally_of({0, 3, 2}));
  EXPECT_EQ(workers.summary().digest(), digest_of({0, 1, 2, 3, 4}));

  Tally machines;
  machines.merge(tally_of({2, 4}).summary());
  machines.merge(tally_of({}).summary());
  machines.merge(tally_of({3, 1, 0}).summary());
  EXPECT_EQ(machines.summary().digest(), digest_of({0, 1, 2, 3, 4}));
}

TEST_F(DigestTest, ShowsARunThatIsMissingAndOneThatIsCountedTwice) {
  EXPECT_NE(digest_of({0, 1, 2, 3}), digest_of({0, 1, 2, 3, 4}));
  EXPECT_NE(digest_of({0, 1, 2, 2}), digest_of({0, 1}));
  EXPECT_NE(digest_of({0, 1, 2, 2}), digest_of({0, 1, 2}));
}

TEST_F(DigestTest, ShowsThatOneRunCameOutInAnotherWay) {
  const std::string before = digest_of({0, 1, 2, 3, 4});
  runs_[3].report.set_hash(runs_[4].report.hash());
  EXPECT_NE(digest_of({0, 1, 2, 3, 4}), before);
}

TEST_F(DigestTest, ShowsThatTwoRunsChangedPlaces) {
  ASSERT_NE(runs_[0].report.hash(), runs_[1].report.hash());
  const std::string before = digest_of({0, 1});
  const std::string first = runs_[0].report.hash();
  runs_[0].report.set_hash(runs_[1].report.hash());
  runs_[1].report.set_hash(first);
  EXPECT_NE(digest_of({0, 1}), before);
}

}  // namespace
}  // namespace faultline::determinism
