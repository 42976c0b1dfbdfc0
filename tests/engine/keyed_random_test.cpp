#include "engine/keyed_random.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace faultline::engine {
namespace {

using Words = std::array<uint64_t, 2>;

TEST(PhiloxTest, GivesTheKnownAnswersOfRandom123) {
  EXPECT_EQ(philox2x64({0, 0}, 0), (Words{0xca00a0459843d731, 0x66c24222c9a845b5}));
  EXPECT_EQ(philox2x64({UINT64_MAX, UINT64_MAX}, UINT64_MAX),
            (Words{0x65b021d60cd8310f, 0x4d02f3222f86df20}));
  EXPECT_EQ(philox2x64({0x243f6a8885a308d3, 0x13198a2e03707344}, 0xa4093822299f31d0),
            (Words{0x0a5e742c2997341c, 0xb0f883d38000de5d}));
}

TEST(KeyedRandomTest, IsAFunctionOfSeedNameAndIndex) {
  const RandomStream stream = KeyedRandom(7).stream("link/a->b");
  EXPECT_EQ(stream.at(3), KeyedRandom(7).stream("link/a->b").at(3));
  EXPECT_NE(stream.at(3), stream.at(4));
  EXPECT_NE(stream.at(3), KeyedRandom(8).stream("link/a->b").at(3));
  EXPECT_NE(stream.at(3), KeyedRandom(7).stream("link/b->a").at(3));
}

// Were this to change, every recorded run would be another one.
TEST(KeyedRandomTest, StaysWhatItIs) {
  const RandomStream stream = KeyedRandom(1).stream("link/us-west-2->us-east-1");
  EXPECT_EQ(stream.at(0), 811420675230212454U);
  EXPECT_EQ(stream.at(1), 11962594850534244246U);
}

TEST(RandomStreamTest, BelowStaysBelowAndReachesEverything) {
  const RandomStream stream = KeyedRandom(7).stream("dice");
  std::vector<int> faces(6);
  for (uint64_t i = 0; i < 6'000; ++i) ++faces.at(stream.below(i, 6));
  for (const int count : faces) EXPECT_NEAR(count, 1'000, 150);
  EXPECT_EQ(stream.below(0, 1), 0U);
}

TEST(RandomStreamTest, ChanceIsAsGoodAsItsRatio) {
  const RandomStream stream = KeyedRandom(7).stream("loss");
  int hits = 0;
  for (uint64_t i = 0; i < 20'000; ++i) hits += stream.chance(i, {1, 20});
  EXPECT_NEAR(hits, 1'000, 150);
  EXPECT_FALSE(stream.chance(0, {0, 20}));
  EXPECT_FALSE(stream.chance(0, {1, 0}));
  EXPECT_TRUE(stream.chance(0, {20, 20}));
}

TEST(RandomStreamTest, BetweenIncludesBothEnds) {
  const RandomStream stream = KeyedRandom(7).stream("jitter");
  std::set<int64_t> seen;
  for (uint64_t i = 0; i < 100; ++i) {
    seen.insert(stream.between(i, Duration::nanos(-1), Duration::nanos(1)).ns());
  }
  EXPECT_EQ(seen, (std::set<int64_t>{-1, 0, 1}));
  const Duration lowest = Duration::nanos(INT64_MIN);
  EXPECT_GE(stream.between(0, lowest, Duration::max()), lowest);
}

TEST(RandomStreamTest, FillsTheSameBytesWhateverTheLength) {
  const RandomStream stream = KeyedRandom(7).stream("key");
  std::vector<std::byte> shorter(5);
  std::vector<std::byte> longer(100);
  stream.fill(9, shorter);
  stream.fill(9, longer);
  EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  std::vector<std::byte> other(100);
  stream.fill(10, other);
  EXPECT_NE(longer, other);
  EXPECT_GT(std::set<std::byte>(longer.begin(), longer.end()).size(), 60U);
}

}  // namespace
}  // namespace faultline::engine
