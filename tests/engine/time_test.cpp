#include "engine/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace faultline::engine {
namespace {

TEST(DurationTest, CountsNanoseconds) {
  EXPECT_EQ(Duration::millis(3).ns(), 3'000'000);
  EXPECT_EQ(Duration::days(7), 7 * Duration::hours(24));
  EXPECT_EQ(Duration::seconds(1) - Duration::millis(1), Duration::micros(999'000));
  EXPECT_EQ(Duration::minutes(1) / 4, Duration::seconds(15));
  EXPECT_EQ(Duration::minutes(1) / Duration::seconds(7), 8);
  EXPECT_LT(-Duration::nanos(1), Duration::zero());
}

TEST(InstantTest, SaturatesWhereOverflowMeansNever) {
  const Instant now = Instant::from_ns(5);
  EXPECT_EQ(saturating_add(now, Duration::nanos(3)), Instant::from_ns(8));
  EXPECT_EQ(saturating_add(now, Duration::max()), Instant::max());
  EXPECT_EQ(saturating_add(Instant(), Duration::max()), Instant::max());
}

TEST(InstantTest, DiffersFromADurationInType) {
  const Instant start;
  const Instant later = start + Duration::seconds(2);
  EXPECT_EQ(later - start, Duration::seconds(2));
  EXPECT_LT(start, later);
  static_assert(!std::is_convertible_v<Instant, Duration>);
  static_assert(!std::is_convertible_v<int64_t, Duration>);
}

TEST(ParseDurationTest, ReadsWhatPeopleWrite) {
  const std::pair<const char*, Duration> cases[] = {
      {"0s",                    Duration::zero()                                                            },
      {"250ms",                 Duration::millis(250)                                                       },
      {"1h30m",                 Duration::minutes(90)                                                       },
      {"7d",                    Duration::days(7)                                                           },
      {"1.5s",                  Duration::millis(1500)                                                      },
      {"0.25us",                Duration::nanos(250)                                                        },
      {"1d2h3m4s5ms6us7ns",     Duration::days(1) + Duration::hours(2) + Duration::minutes(3) +
                                Duration::seconds(4) + Duration::nanos(5'006'007)},
      {"9223372036854775807ns", Duration::max()                                                             },
      {"0.00000000001d",        Duration::nanos(864)                                                        },
  };
  for (const auto& [text, expected] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed.has_value()) << text << ": " << parsed.error();
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(ParseDurationTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"",                         "expected numbers with units"      },
      {"5",                        "a unit must follow 5"             },
      {"-5s",                      "a number must come first"         },
      {"5 s",                      "a unit must follow 5"             },
      {"5sec",                     "\"sec\" is not a unit"            },
      {"30m1h",                    "large to small"                   },
      {"1s1s",                     "each once"                        },
      {"1.s",                      "a digit must follow the point"    },
      {".5s",                      "a number must come first"         },
      {"0.5ns",                    "not a whole number of nanoseconds"},
      {"0.000000000000000000001d", "not a whole number of nanoseconds"},
      {"9223372036854775808ns",    "longer than 292 years"            },
      {"300000d",                  "longer than 292 years"            },
      {"106751d24h",               "longer than 292 years"            },
      {"99999999999999999999s",    "longer than 292 years"            },
  };
  for (const auto& [text, problem] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_NE(parsed.error().find(problem), std::string::npos) << text << ": " << parsed.error();
    EXPECT_TRUE(parsed.error().starts_with("\"" + std::string(text) + "\" is not a duration"));
  }
}

TEST(ParseDurationTest, TakesASignOnlyWhereItMeansSomething) {
  EXPECT_EQ(parse_signed_duration("-5m").value(), -Duration::minutes(5));
  EXPECT_EQ(parse_signed_duration("1h").value(), Duration::hours(1));
  EXPECT_FALSE(parse_signed_duration("--5m").has_value());
  EXPECT_FALSE(parse_signed_duration("-").has_value());
}

TEST(FormatDurationTest, WritesTheShortestUsualFormAndReadsItBack) {
  const std::pair<Duration, const char*> cases[] = {
      {Duration::zero(),                                "0s"                        },
      {Duration::days(7),                               "7d"                        },
      {Duration::millis(1500),                          "1.5s"                      },
      {Duration::minutes(90),                           "1h30m"                     },
      {Duration::millis(250),                           "250ms"                     },
      {Duration::nanos(1),                              "1ns"                       },
      {Duration::nanos(1'000'500),                      "1.0005ms"                  },
      {-Duration::minutes(5),                           "-5m"                       },
      {Duration::hours(24) + Duration::nanos(1),        "1d1ns"                     },
      {Duration::seconds(3723) + Duration::millis(500), "1h2m3.5s"                  },
      {Duration::max(),                                 "106751d23h47m16.854775807s"},
  };
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(format_duration(duration), text);
    EXPECT_EQ(parse_signed_duration(text).value(), duration) << text;
  }
  EXPECT_EQ(format_duration(Duration::nanos(std::numeric_limits<int64_t>::min())),
            "-106751d23h47m16.854775808s");
}

TEST(FormatInstantTest, HasThreeDecimalsOrMore) {
  EXPECT_EQ(format_instant(Instant()), "0.000s");
  EXPECT_EQ(format_instant(Instant::from_ns(3'214'000'000)), "3.214s");
  EXPECT_EQ(format_instant(Instant::from_ns(12'345'678'000)), "12.345678s");
  EXPECT_EQ(format_instant(Instant::from_ns(1)), "0.000000001s");
  EXPECT_EQ(format_instant(Instant::from_ns(-1'500'000'000)), "-1.500s");
}

}  // namespace
}  // namespace faultline::engine
