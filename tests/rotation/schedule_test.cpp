#include "regions/rotation/schedule.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regions/scenario/epoch.h"

namespace faultline::regions {
namespace {

using testing::HasSubstr;

v1::RotationRulesType days(std::int64_t count, const std::string& duration = "") {
  v1::RotationRulesType rules;
  rules.set_automatically_after_days(count);
  if (!duration.empty()) rules.set_duration(duration);
  return rules;
}

v1::RotationRulesType expression(const std::string& text, const std::string& duration = "") {
  v1::RotationRulesType rules;
  rules.set_schedule_expression(text);
  if (!duration.empty()) rules.set_duration(duration);
  return rules;
}

std::int64_t at(const std::string& text) {
  const auto parsed = parse_epoch(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(0) / 1'000'000'000;
}

void expect_window(const v1::RotationRulesType& rules, const std::string& after,
                   const std::string& start, const std::string& end) {
  const auto schedule = RotationSchedule::parse(rules);
  ASSERT_TRUE(schedule.has_value()) << schedule.error().message;
  const RotationWindow window = schedule->next(at(after));
  EXPECT_EQ(window.start_s, at(start)) << rules.ShortDebugString() << " after " << after;
  EXPECT_EQ(window.end_s, at(end)) << rules.ShortDebugString() << " after " << after;
}

std::string refusal(const v1::RotationRulesType& rules) {
  const auto schedule = RotationSchedule::parse(rules);
  return schedule.has_value() ? "OK" : schedule.error().code + ": " + schedule.error().message;
}

// What people have shown of the service.
TEST(RotationSchedule, FourDatesOfTheService) {
  expect_window(days(30), "2026-01-22T06:42:22Z", "2026-02-21T00:00:00Z", "2026-02-21T23:59:59Z");
  expect_window(days(30), "2024-02-22T07:16:00Z", "2024-03-23T00:00:00Z", "2024-03-23T23:59:59Z");
  expect_window(expression("cron(0 0 ? * 2 *)"), "2023-10-16T07:18:00Z", "2023-10-23T00:00:00Z",
                "2023-10-23T23:59:59Z");
  expect_window(expression("cron(0 0 ? * 2 *)"), "2026-09-07T18:14:00Z", "2026-09-14T00:00:00Z",
                "2026-09-14T23:59:59Z");
}

TEST(RotationSchedule, RatesOfDays) {
  expect_window(expression("rate(10 days)"), "2026-01-01T12:00:00Z", "2026-01-11T00:00:00Z",
                "2026-01-11T23:59:59Z");
  expect_window(expression("rate(1 day)", "3h"), "2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z",
                "2026-03-01T02:59:59Z");
}

TEST(RotationSchedule, RatesOfHoursAreAGridFromMidnight) {
  expect_window(expression("rate(8 hours)"), "2026-01-01T07:59:59Z", "2026-01-01T08:00:00Z",
                "2026-01-01T08:59:59Z");
  expect_window(expression("rate(8 hours)"), "2026-01-01T08:00:00Z", "2026-01-01T16:00:00Z",
                "2026-01-01T16:59:59Z");
  expect_window(expression("rate(12 hours)", "4h"), "2026-01-01T13:00:00Z", "2026-01-02T00:00:00Z",
                "2026-01-02T03:59:59Z");
}

TEST(RotationSchedule, CronExpressions) {
  // The 1st and the 15th, at 16:00.
  expect_window(expression("cron(0 16 1,15 * ? *)", "2h"), "2026-01-01T16:00:00Z",
                "2026-01-15T16:00:00Z", "2026-01-15T17:59:59Z");
  // The last day of the month.
  expect_window(expression("cron(0 0 L * ? *)"), "2024-02-03T00:00:00Z", "2024-02-29T00:00:00Z",
                "2024-02-29T23:59:59Z");
  // The first Monday: #; the last Friday: L.
  expect_window(expression("cron(0 0 ? * MON#1 *)"), "2026-01-06T00:00:00Z", "2026-02-02T00:00:00Z",
                "2026-02-02T23:59:59Z");
  expect_window(expression("cron(0 0 ? * 6L *)"), "2026-01-06T00:00:00Z", "2026-01-30T00:00:00Z",
                "2026-01-30T23:59:59Z");
  expect_window(expression("cron(0 0 FRIL * ? *)"), "2026-01-06T00:00:00Z", "2026-01-30T00:00:00Z",
                "2026-01-30T23:59:59Z");
  // Every third month; every eight hours from eight.
  expect_window(expression("cron(0 4 1 */3 ? *)"), "2026-01-02T00:00:00Z", "2026-04-01T04:00:00Z",
                "2026-04-01T23:59:59Z");
  expect_window(expression("cron(0 8/8 * * ? *)"), "2026-01-02T09:00:00Z", "2026-01-02T16:00:00Z",
                "2026-01-02T16:59:59Z");
  // A day that comes every eight years at the rarest.
  expect_window(expression("cron(0 0 29 FEB ? *)"), "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z",
                "2104-02-29T23:59:59Z");
}

TEST(RotationSchedule, EitherDaysOrAnExpression) {
  EXPECT_EQ(refusal({}),
            "InvalidParameterException: You must specify either AutomaticallyAfterDays or "
            "ScheduleExpression.");
  v1::RotationRulesType both = days(1);
  both.set_schedule_expression("rate(1 day)");
  EXPECT_EQ(refusal(both),
            "InvalidParameterException: You can't specify both AutomaticallyAfterDays and "
            "ScheduleExpression.");
  EXPECT_THAT(refusal(days(0)), HasSubstr("between 1 and 1000 days"));
  EXPECT_THAT(refusal(days(1'001)), HasSubstr("between 1 and 1000 days"));
  EXPECT_EQ(refusal(days(1'000)), "OK");
}

TEST(RotationSchedule, ExpressionsThatAreNone) {
  for (const char* const text : {"every day",
                                 "rate(day)",
                                 "rate(0 days)",
                                 "rate(-1 days)",
                                 "rate(1 week)",
                                 "rate(1  day)",
                                 "rate(10 days",
                                 "rate(99999999999 days)",
                                 "cron()",
                                 "cron(0 0 1 * *)",
                                 "cron(5 0 1 * ? *)",
                                 "cron(0 0 1 * ? 2030)",
                                 "cron(0 0 1 * 2 *)",
                                 "cron(0 0 ? * ? *)",
                                 "cron(0 24 1 * ? *)",
                                 "cron(0 * 1 * ? *)",
                                 "cron(0 0 32 * ? *)",
                                 "cron(0 0 1 13 ? *)",
                                 "cron(0 0 1 JANUARY ? *)",
                                 "cron(0 0 ? * 8 *)",
                                 "cron(0 0 ? * MON#6 *)",
                                 "cron(0 0 ? * MON#0 *)",
                                 "cron(0 0 5-1 * ? *)",
                                 "cron(0 0 1/0 * ? *)",
                                 "cron(0 0 31 2 ? *)",
                                 "cron(0 0 1,, * ? *)",
                                 "cron(0 0 5L * ? *)"}) {
    EXPECT_THAT(refusal(expression(text)),
                HasSubstr("InvalidParameterException: The ScheduleExpression value "))
        << text;
  }
}

TEST(RotationSchedule, NotMoreOftenThanEveryFourHours) {
  EXPECT_THAT(refusal(expression("rate(3 hours)")), HasSubstr("every 4 hours"));
  EXPECT_EQ(refusal(expression("rate(4 hours)")), "OK");
  EXPECT_THAT(refusal(expression("cron(0 0/3 * * ? *)")), HasSubstr("every 4 hours"));
  EXPECT_EQ(refusal(expression("cron(0 0/4 * * ? *)")), "OK");
}

TEST(RotationSchedule, WindowsEndBeforeTheNext) {
  EXPECT_EQ(refusal(days(1, "24h")), "OK");
  for (const auto& rules :
       {days(1, "25h"), days(1, "0h"), days(1, "h"), days(1, "3"), days(1, "3m"),
        expression("rate(4 hours)", "5h"), expression("cron(0 20 1 * ? *)", "5h"),
        expression("cron(0 0/8 * * ? *)", "9h")}) {
    EXPECT_THAT(refusal(rules), HasSubstr("InvalidParameterException: The Duration value "))
        << rules.ShortDebugString();
  }
}

}  // namespace
}  // namespace faultline::regions
