// Schedules against a reference that looks at every hour, day by day, on a calendar that is counted
// up one day at a time.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "regions/rotation/schedule.h"

namespace faultline::regions {
namespace {

constexpr std::int64_t kDay = 86'400;

struct Calendar {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int weekday = 5;  // a Thursday; Sunday is 1

  [[nodiscard]] int last() const {
    if (month == 2) {
      const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
      return leap ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }
  void next() {
    weekday = weekday % 7 + 1;
    if (++day <= last()) return;
    day = 1;
    if (++month <= 12) return;
    month = 1;
    ++year;
  }
};

// One field as it was drawn: the text, and the numbers that it means.
struct Drawn {
  std::string text;
  std::set<int> numbers;
};

Drawn draw_list(int least, int most, bool with_step) {
  Drawn drawn;
  const int items = *rc::gen::inRange(1, 4);
  for (int i = 0; i < items; ++i) {
    const int from = *rc::gen::inRange(least, most + 1);
    const int kind = *rc::gen::inRange(0, with_step ? 3 : 2);
    if (i > 0) drawn.text += ",";
    drawn.text += std::to_string(from);
    int to = from;
    int step = 1;
    if (kind == 1) {
      to = *rc::gen::inRange(from, most + 1);
      drawn.text += "-" + std::to_string(to);
    } else if (kind == 2) {
      to = most;
      step = *rc::gen::inRange(1, 12);
      drawn.text += "/" + std::to_string(step);
    }
    for (int number = from; number <= to; number += step) drawn.numbers.insert(number);
  }
  return drawn;
}

RC_GTEST_PROP(RotationScheduleProperties, CronIsWhatACalendarSays, ()) {
  const int first_hour = *rc::gen::inRange(0, 24);
  const int hour_step = *rc::gen::element(0, 4, 6, 8, 12);
  std::string hours = std::to_string(first_hour);
  std::set<int> at_hours{first_hour};
  if (hour_step != 0) {
    hours += "/" + std::to_string(hour_step);
    for (int hour = first_hour; hour < 24; hour += hour_step) at_hours.insert(hour);
  }
  const bool every_month = *rc::gen::inRange(0, 2) == 0;
  const Drawn months =
      every_month ? Drawn{"*", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}} : draw_list(1, 12, true);
  const bool by_weekday = *rc::gen::inRange(0, 2) == 0;
  // 28 days at most, so that every month has one.
  Drawn days = by_weekday ? draw_list(1, 7, true) : draw_list(1, 28, true);
  const bool last_day = !by_weekday && *rc::gen::inRange(0, 4) == 0;
  if (last_day) days.text += ",L";
  const int nth_of = by_weekday ? *rc::gen::inRange(0, 8) : 0;  // 0: none
  const int nth = *rc::gen::inRange(1, 5);
  if (nth_of != 0) days.text += "," + std::to_string(nth_of) + "#" + std::to_string(nth);
  const int last_of = by_weekday ? *rc::gen::inRange(0, 8) : 0;
  if (last_of != 0) days.text += "," + std::to_string(last_of) + "L";

  v1::RotationRulesType rules;
  rules.set_schedule_expression("cron(0 " + hours + " " + (by_weekday ? "?" : days.text) + " " +
                                months.text + " " + (by_weekday ? days.text : "?") + " *)");
  RC_LOG() << rules.schedule_expression() << "\n";
  const auto schedule = RotationSchedule::parse(rules);
  RC_ASSERT(schedule.has_value());
  const std::int64_t after = *rc::gen::inRange<std::int64_t>(0, 40'000 * kDay);
  const RotationWindow window = schedule->next(after);
  RC_ASSERT(window.start_s > after);
  RC_ASSERT(window.end_s > window.start_s);

  Calendar date;
  for (std::int64_t day = 0;; ++day, date.next()) {
    RC_ASSERT(day * kDay <= window.start_s);
    if ((day + 1) * kDay <= after) continue;
    bool matches = days.numbers.contains(by_weekday ? date.weekday : date.day);
    matches |= last_day && date.day == date.last();
    matches |= nth_of == date.weekday && (date.day + 6) / 7 == nth;
    matches |= last_of == date.weekday && date.day + 7 > date.last();
    if (!matches || !months.numbers.contains(date.month)) continue;
    const auto hour = std::find_if(at_hours.begin(), at_hours.end(),
                                   [&](int one) { return day * kDay + one * 3'600 > after; });
    if (hour == at_hours.end()) continue;
    RC_ASSERT(window.start_s == day * kDay + *hour * 3'600);
    return;
  }
}

RC_GTEST_PROP(RotationScheduleProperties, RatesGoOnForEver, ()) {
  const bool hours = *rc::gen::inRange(0, 2) == 0;
  const int every = *rc::gen::inRange(hours ? 4 : 1, 200);
  v1::RotationRulesType rules;
  rules.set_schedule_expression("rate(" + std::to_string(every) + (hours ? " hours)" : " days)"));
  const auto schedule = RotationSchedule::parse(rules);
  RC_ASSERT(schedule.has_value());
  const std::int64_t after = *rc::gen::inRange<std::int64_t>(0, 40'000 * kDay);
  const RotationWindow window = schedule->next(after);
  const std::int64_t step = every * (hours ? std::int64_t{3'600} : kDay);
  RC_ASSERT(window.start_s > after);
  RC_ASSERT(window.start_s - after <= step);
  RC_ASSERT((window.start_s - after / kDay * kDay) % step == 0);
  // A rotation in its window leads to the next one.
  RC_ASSERT(schedule->next(window.end_s).start_s > window.end_s);
}

}  // namespace
}  // namespace faultline::regions
