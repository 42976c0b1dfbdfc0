#include "engine/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace faultline::engine {
namespace {

constexpr int64_t kEpoch = 1'767'225'600'000'000'000;
constexpr int64_t kSecond = 1'000'000'000;

Instant at_seconds(int64_t seconds) { return Instant::from_ns(seconds * kSecond); }

TEST(ClockTest, ReadsEpochPlusElapsed) {
  const Clock clock(kEpoch);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(0)), kEpoch);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(7)), kEpoch + 7 * kSecond);
}

TEST(ClockTest, AnOffsetIsTakenBackExactly) {
  Clock clock(kEpoch);
  clock.set_offset(Duration::hours(1));
  EXPECT_EQ(clock.read_unix_ns(at_seconds(2)), kEpoch + 3'602 * kSecond);
  clock.set_offset(-Duration::minutes(5));
  EXPECT_EQ(clock.read_unix_ns(at_seconds(2)), kEpoch - 298 * kSecond);
  clock.set_offset(Duration::zero());
  EXPECT_EQ(clock.read_unix_ns(at_seconds(2)), kEpoch + 2 * kSecond);
}

TEST(ClockTest, JumpsStayAndAddUp) {
  Clock clock(kEpoch);
  clock.jump(at_seconds(1), 10);
  clock.jump(at_seconds(2), -30);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(3)), kEpoch + 3 * kSecond - 20);
}

TEST(ClockTest, DriftGainsMicrosecondsEachSecond) {
  Clock clock(kEpoch);
  clock.set_drift_ppm(at_seconds(10), 200);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(10)), kEpoch + 10 * kSecond);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(15)), kEpoch + 15 * kSecond + 5 * 200'000);
}

TEST(ClockTest, ReadsTheSameBeforeAndAfterADriftChanges) {
  Clock clock(kEpoch);
  // Drifts and instants that do not divide evenly.
  const int64_t drifts[] = {333, -77, 1, 999'999, -1'000'000, 0, -3};
  Instant now = Instant::from_ns(0);
  for (const int64_t ppm : drifts) {
    const int64_t before = clock.read_unix_ns(now);
    clock.set_drift_ppm(now, ppm);
    EXPECT_EQ(clock.read_unix_ns(now), before) << ppm << " ppm";
    now += Duration::nanos(1'234'567'891);
  }
}

TEST(ClockTest, WhatDriftHasGainedIsKeptWhenItEnds) {
  Clock clock(kEpoch);
  clock.set_drift_ppm(at_seconds(0), -500);
  clock.set_drift_ppm(at_seconds(4), 0);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(100)), kEpoch + 100 * kSecond - 4 * 500'000);
}

TEST(ClockTest, NeverRunsBackwardsWhileItLoses) {
  Clock clock(kEpoch);
  clock.set_drift_ppm(Instant::from_ns(0), -999'999);
  int64_t last = clock.read_unix_ns(Instant::from_ns(0));
  for (int64_t ns = 1; ns < 3'000'000; ns += 997) {
    const int64_t reading = clock.read_unix_ns(Instant::from_ns(ns));
    ASSERT_GE(reading, last);
    last = reading;
  }
}

TEST(ClockTest, StandsStillAtAMillionPpmLost) {
  Clock clock(kEpoch);
  clock.set_drift_ppm(at_seconds(5), -1'000'000);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(500)), kEpoch + 5 * kSecond);
}

TEST(ClockTest, CenturiesOfStrongDriftDoNotOverflow) {
  Clock clock(0);
  clock.set_drift_ppm(Instant::from_ns(0), 1'000'000);
  const int64_t century = int64_t{36'525} * 86'400 * kSecond;
  EXPECT_EQ(clock.read_unix_ns(Instant::from_ns(century)), 2 * century);
}

TEST(ClockTest, SticksAtTheEndOfItsRange) {
  constexpr auto kHighest = std::numeric_limits<int64_t>::max();
  constexpr auto kLowest = std::numeric_limits<int64_t>::min();
  Clock clock(kHighest - 5);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(1)), kHighest);
  clock.set_drift_ppm(Instant::from_ns(0), 1'000'000'000);
  EXPECT_EQ(clock.read_unix_ns(Instant::max()), kHighest);
  Clock early(kLowest + 5);
  early.set_offset(Duration::nanos(-10));
  EXPECT_EQ(early.read_unix_ns(Instant::from_ns(0)), kLowest);
}

TEST(ClockTest, AFrozenClockShowsItsMomentAndThawsAsIfNothingHadBeen) {
  Clock clock(kEpoch);
  clock.freeze(at_seconds(3));
  clock.freeze(at_seconds(4));
  EXPECT_TRUE(clock.is_frozen());
  EXPECT_EQ(clock.read_unix_ns(at_seconds(60)), kEpoch + 3 * kSecond);
  clock.jump(at_seconds(60), 7);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(61)), kEpoch + 3 * kSecond + 7);
  clock.set_drift_ppm(at_seconds(61), 100);
  EXPECT_EQ(clock.read_unix_ns(at_seconds(62)), kEpoch + 3 * kSecond + 7);
  clock.thaw();
  EXPECT_EQ(clock.read_unix_ns(at_seconds(62)), kEpoch + 62 * kSecond + 7 + 100'000);
}

TEST(ClockDeathTest, RefusesADriftThatRunsBackwards) {
  Clock clock(kEpoch);
  EXPECT_DEATH(clock.set_drift_ppm(Instant::from_ns(0), -1'000'001), "no clock drifts like this");
}

}  // namespace
}  // namespace faultline::engine
