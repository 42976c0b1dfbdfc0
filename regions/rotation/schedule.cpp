#include "regions/rotation/schedule.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "proto/check.h"

namespace faultline::regions {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kLeastHours = 4;
constexpr std::int64_t kDaysMost = 1'000;
// February 29 comes after eight years at most, when a century is passed.
constexpr std::int64_t kDaysToSearch = 9 * 366;
// 2000-01-01: from where an expression that never matches is found out.
constexpr std::int64_t kSomeDay = 10'957;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED",
                                                       "THU", "FRI", "SAT"};

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

struct Date {
  std::int64_t year = 0;
  int month = 0;
  int day = 0;
};

// Days since 1970-01-01 to a date, in eras of 400 years that begin on March 1.
// Source  H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
Date date_of(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = floor_div(days, 146'097);
  const std::int64_t of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;
  Date date;
  date.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  date.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

int days_in(const Date& date) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
  return kDays[static_cast<std::size_t>(date.month - 1)] + (date.month == 2 && leap ? 1 : 0);
}

// 1: Sunday.
int weekday_of(std::int64_t days) {
  const std::int64_t since_sunday = days + 4;
  return static_cast<int>(since_sunday - floor_div(since_sunday, 7) * 7) + 1;
}

bool has_bit(std::uint32_t bits, std::int64_t number) { return (bits >> number & 1U) != 0; }

Error invalid(std::string_view what, std::string_view value, std::string_view why) {
  return invalid_parameter("The " + std::string(what) + " value " + std::string(value) +
                           " isn't valid: " + std::string(why) + ".");
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// A short number without a sign.
std::optional<std::int64_t> number_in(std::string_view text) {
  if (text.empty() || text.size() > 6) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

// One field of a cron expression: its numbers and the names that stand for them.
struct Field {
  std::string_view name;
  std::int64_t least = 0;
  std::int64_t most = 0;
  const std::string_view* names = nullptr;
  std::size_t count = 0;

  [[nodiscard]] std::optional<std::int64_t> value(std::string_view text) const {
    for (std::size_t at = 0; at < count; ++at) {
      if (names[at] == text) return least + static_cast<std::int64_t>(at);
    }
    const auto number = number_in(text);
    if (!number || *number < least || *number > most) return std::nullopt;
    return number;
  }

  // "*", "5", "5-9", "5/2", "5-9/2", "*/2" as bits.
  [[nodiscard]] std::optional<std::uint32_t> bits(std::string_view item) const {
    const std::size_t slash = item.find('/');
    std::int64_t step = 1;
    if (slash != std::string_view::npos) {
      const auto every = number_in(item.substr(slash + 1));
      if (!every || *every == 0) return std::nullopt;
      step = *every;
    }
    const std::string_view range = item.substr(0, slash);
    std::int64_t from = least;
    std::int64_t to = most;
    if (range != "*") {
      const std::size_t dash = range.find('-');
      const auto first = value(range.substr(0, dash));
      const auto last = dash == std::string_view::npos ? first : value(range.substr(dash + 1));
      if (!first || !last || *first > *last) return std::nullopt;
      from = *first;
      to = dash == std::string_view::npos && slash != std::string_view::npos ? most : *last;
    }
    std::uint32_t found = 0;
    for (std::int64_t number = from; number <= to; number += step) found |= 1U << number;
    return found;
  }
};

constexpr Field kHourField{"hours", 0, 23, nullptr, 0};
constexpr Field kDayField{"day-of-month", 1, 31, nullptr, 0};
constexpr Field kMonthField{"month", 1, 12, kMonths.data(), kMonths.size()};
constexpr Field kWeekdayField{"day-of-week", 1, 7, kWeekdays.data(), kWeekdays.size()};

Error invalid_field(std::string_view expression, const Field& field, std::string_view text) {
  return invalid("ScheduleExpression", expression,
                 "'" + std::string(text) + "' isn't a valid " + std::string(field.name) + " field");
}

// "FRIL", and where numbers may stand for weekdays "6L".
std::optional<std::uint32_t> last_weekday_bit(std::string_view item, bool with_numbers) {
  if (item.size() < 2 || !item.ends_with('L')) return std::nullopt;
  item.remove_suffix(1);
  if (!with_numbers && number_in(item)) return std::nullopt;
  const auto weekday = kWeekdayField.value(item);
  if (!weekday) return std::nullopt;
  return 1U << *weekday;
}

}  // namespace

// ---- reading ------------------------------------------------------------------------------------

Result<RotationSchedule> RotationSchedule::parse(const v1::RotationRulesType& rules) {
  const bool by_days = rules.has_automatically_after_days();
  if (by_days == rules.has_schedule_expression()) {
    return tl::make_unexpected(invalid_parameter(
        by_days ? "You can't specify both AutomaticallyAfterDays and ScheduleExpression."
                : "You must specify either AutomaticallyAfterDays or ScheduleExpression."));
  }
  RotationSchedule schedule;
  if (by_days) {
    const std::int64_t days = rules.automatically_after_days();
    if (days < 1 || days > kDaysMost) {
      return tl::make_unexpected(invalid_parameter(
          "The AutomaticallyAfterDays value must be between 1 and 1000 days (inclusive)."));
    }
    schedule.every_ = days;
  } else {
    const std::string_view expression = rules.schedule_expression();
    if (expression.starts_with("rate(") && expression.ends_with(')')) {
      FL_TRY(schedule, parse_rate(expression));
    } else if (expression.starts_with("cron(") && expression.ends_with(')')) {
      FL_TRY(schedule, parse_cron(expression));
    } else {
      return tl::make_unexpected(invalid("ScheduleExpression", expression,
                                         "it must be a rate expression, such as rate(10 days), or "
                                         "a cron expression, such as cron(0 16 1,15 * ? *)"));
    }
  }
  if (rules.has_duration()) {
    FL_TRY_VOID(schedule.set_duration(rules.duration(), rules.schedule_expression()));
  }
  return schedule;
}

Result<RotationSchedule> RotationSchedule::parse_rate(std::string_view expression) {
  const std::string_view inner = expression.substr(5, expression.size() - 6);
  const std::vector<std::string_view> parts = split(inner, ' ');
  const auto every = number_in(parts.front());
  const bool hours = parts.size() == 2 && (parts[1] == "hour" || parts[1] == "hours");
  const bool days = parts.size() == 2 && (parts[1] == "day" || parts[1] == "days");
  if (!every || *every == 0 || (!hours && !days)) {
    return tl::make_unexpected(invalid("ScheduleExpression", expression,
                                       "a rate is a positive number and a unit, hours or days"));
  }
  if (hours && *every < kLeastHours) {
    return tl::make_unexpected(invalid("ScheduleExpression", expression,
                                       "a secret can't be rotated more often than every 4 hours"));
  }
  if (*every > (hours ? kDaysMost * 24 : kDaysMost)) {
    return tl::make_unexpected(
        invalid("ScheduleExpression", expression, "a secret is rotated at least every 1000 days"));
  }
  RotationSchedule schedule;
  schedule.kind_ = hours ? Kind::Hours : Kind::Days;
  schedule.every_ = *every;
  return schedule;
}

Result<RotationSchedule> RotationSchedule::parse_cron(std::string_view expression) {
  const std::string_view inner = expression.substr(5, expression.size() - 6);
  const std::vector<std::string_view> fields = split(inner, ' ');
  const auto refuse = [expression](std::string_view why) {
    return tl::make_unexpected(invalid("ScheduleExpression", expression, why));
  };
  if (fields.size() != 6) {
    return refuse(
        "a cron expression has six fields: minutes, hours, day of month, month, day of "
        "week, year");
  }
  if (fields[0] != "0") return refuse("the minutes field must be 0");
  if (fields[5] != "*") return refuse("the year field must be *");
  if ((fields[2] == "?") == (fields[4] == "?")) {
    return refuse("either the day-of-month or the day-of-week field must be ?, and not both");
  }
  RotationSchedule schedule;
  schedule.kind_ = Kind::Cron;
  Cron& cron = schedule.cron_;
  const auto hours = kHourField.bits(fields[1]);
  if (!hours || fields[1].find_first_of("*-") != std::string_view::npos) {
    return tl::make_unexpected(invalid_field(expression, kHourField, fields[1]));
  }
  cron.hours = *hours;
  for (std::int64_t hour = 0, before = -kLeastHours; hour < 24; ++hour) {
    if (!has_bit(cron.hours, hour)) continue;
    if (hour - before < kLeastHours) {
      return refuse("a secret can't be rotated more often than every 4 hours");
    }
    before = hour;
  }
  for (const std::string_view item : split(fields[3], ',')) {
    const auto months = kMonthField.bits(item);
    if (!months) return tl::make_unexpected(invalid_field(expression, kMonthField, fields[3]));
    cron.months |= *months;
  }
  cron.by_weekday = fields[2] == "?";
  const Field& field = cron.by_weekday ? kWeekdayField : kDayField;
  const std::string_view text = cron.by_weekday ? fields[4] : fields[2];
  for (const std::string_view item : split(text, ',')) {
    const std::size_t sharp = item.find('#');
    if (item == "L") {
      cron.last_day |= !cron.by_weekday;
      if (cron.by_weekday) cron.weekdays |= 1U << 7U;
    } else if (const auto last = last_weekday_bit(item, cron.by_weekday)) {
      cron.last_weekdays |= *last;
    } else if (cron.by_weekday && sharp != std::string_view::npos) {
      const auto weekday = kWeekdayField.value(item.substr(0, sharp));
      const auto nth = number_in(item.substr(sharp + 1));
      if (!weekday || !nth || *nth < 1 || *nth > 5) {
        return tl::make_unexpected(invalid_field(expression, field, text));
      }
      cron.nth_weekdays[static_cast<std::size_t>(*weekday)] |= 1U << *nth;
    } else {
      const auto bits = field.bits(item);
      if (!bits) return tl::make_unexpected(invalid_field(expression, field, text));
      (cron.by_weekday ? cron.weekdays : cron.days) |= *bits;
    }
  }
  if (!schedule.next_cron_start(kSomeDay * kDay)) return refuse("there is no such day");
  return schedule;
}

// A window must not run into the next one, nor into the next day unless it is one of a grid of
// hours.
Result<void> RotationSchedule::set_duration(std::string_view duration, std::string_view rules) {
  const auto hours = duration.ends_with('h') ? number_in(duration.substr(0, duration.size() - 1))
                                             : std::optional<std::int64_t>();
  if (!hours || *hours == 0) {
    return tl::make_unexpected(
        invalid("Duration", duration, "it is a number of hours, such as 3h"));
  }
  bool fits = *hours <= 24;
  if (kind_ == Kind::Hours) fits = *hours <= every_;
  for (std::int64_t hour = 0, before = -24; kind_ == Kind::Cron && hour < 24; ++hour) {
    if (!has_bit(cron_.hours, hour)) continue;
    fits = fits && hour + *hours <= 24 && hour - before >= *hours;
    before = hour;
  }
  if (!fits) {
    return tl::make_unexpected(
        invalid("Duration", duration,
                "the rotation window must not go into the next UTC day or the next window" +
                    (rules.empty() ? std::string() : " of " + std::string(rules))));
  }
  duration_hours_ = *hours;
  return {};
}

// ---- windows ------------------------------------------------------------------------------------

bool RotationSchedule::matches_day(std::int64_t day) const {
  const Date date = date_of(day);
  if (!has_bit(cron_.months, date.month)) return false;
  const int weekday = weekday_of(day);
  const int last = days_in(date);
  if (has_bit(cron_.last_weekdays, weekday) && date.day + 7 > last) return true;
  if (!cron_.by_weekday) {
    return has_bit(cron_.days, date.day) || (cron_.last_day && date.day == last);
  }
  const int nth = (date.day - 1) / 7 + 1;
  return has_bit(cron_.weekdays, weekday) ||
         has_bit(cron_.nth_weekdays[static_cast<std::size_t>(weekday)], nth);
}

std::optional<std::int64_t> RotationSchedule::next_cron_start(std::int64_t after_s) const {
  const std::int64_t today = floor_div(after_s, kDay);
  for (std::int64_t day = today; day < today + kDaysToSearch; ++day) {
    if (!matches_day(day)) continue;
    for (std::int64_t hour = 0; hour < 24; ++hour) {
      const std::int64_t start = day * kDay + hour * kHour;
      if (has_bit(cron_.hours, hour) && start > after_s) return start;
    }
  }
  return std::nullopt;
}

RotationWindow RotationSchedule::window_from(std::int64_t start_s) const {
  std::int64_t length = duration_hours_ * kHour;
  if (length == 0) {
    const bool of_hours =
        kind_ == Kind::Hours || (kind_ == Kind::Cron && std::popcount(cron_.hours) > 1);
    length = of_hours ? kHour : kDay - (start_s - floor_div(start_s, kDay) * kDay);
  }
  return {.start_s = start_s, .end_s = start_s + length - 1};
}

RotationWindow RotationSchedule::next(std::int64_t after_s) const {
  const std::int64_t midnight = floor_div(after_s, kDay) * kDay;
  switch (kind_) {
    case Kind::Days:
      return window_from(midnight + every_ * kDay);
    case Kind::Hours: {
      const std::int64_t grid = every_ * kHour;
      return window_from(midnight + (floor_div(after_s - midnight, grid) + 1) * grid);
    }
    case Kind::Cron:
      break;
  }
  const auto start = next_cron_start(after_s);
  FL_CHECK(start.has_value()) << "a cron expression that was not checked";
  return window_from(*start);
}

}  // namespace faultline::regions
