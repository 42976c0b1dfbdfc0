#include "regions/scenario/epoch.h"

#include <fmt/format.h>

#include <optional>

namespace faultline::regions {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Nanoseconds of ".25Z", or of "Z" alone.
std::optional<std::int64_t> fraction_and_zone(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 3 || text.size() > 11 || text.front() != '.' || text.back() != 'Z') {
    return std::nullopt;
  }
  std::int64_t ns = 0;
  for (std::size_t i = 1; i <= 9; ++i) {
    const bool given = i < text.size() - 1;
    if (given && (text[i] < '0' || text[i] > '9')) return std::nullopt;
    ns = ns * 10 + (given ? text[i] - '0' : 0);
  }
  return ns;
}

}  // namespace

Expected<std::int64_t, std::string> parse_epoch(std::string_view text) {
  const auto error = [&](std::string_view expected) {
    return tl::make_unexpected("\"" + std::string(text) + "\" is not a time: expected " +
                               std::string(expected));
  };
  constexpr std::string_view kForm = "RFC 3339 in UTC, such as \"2026-01-01T00:00:00Z\"";
  constexpr std::size_t kUpToSeconds = 19;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return error(kForm);
  }
  const auto ns = fraction_and_zone(text.substr(kUpToSeconds));
  if (!ns) return error(kForm);
  if (*year < 1970 || *year > 2199) return error("a year from 1970 to 2199");
  if (*month < 1 || *month > 12 || *day < 1 || *day > days_in_month(*year, *month) || *hour > 23 ||
      *minute > 59 || *second > 59) {
    return error("a day and a time of day that exist");
  }
  std::int64_t days = *day - 1;
  for (int y = 1970; y < *year; ++y) days += days_in_month(y, 2) + 337;
  for (int m = 1; m < *month; ++m) days += days_in_month(*year, m);
  const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
  return seconds * 1'000'000'000 + *ns;
}

std::string format_epoch(std::int64_t unix_ns) {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  const std::int64_t seconds = unix_ns / kSecondNs;
  std::int64_t days = seconds / 86'400;
  const std::int64_t of_day = seconds % 86'400;
  int year = 1970;
  const auto days_in = [](int of) { return days_in_month(of, 2) + 337; };
  while (days >= days_in(year)) days -= days_in(year++);
  int month = 1;
  while (days >= days_in_month(year, month)) days -= days_in_month(year, month++);
  std::string fraction;
  if (const std::int64_t ns = unix_ns % kSecondNs; ns > 0) {
    fraction = fmt::format(".{:09}", ns);
    while (fraction.ends_with('0')) fraction.pop_back();
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", year, month, days + 1,
                     of_day / 3'600, of_day / 60 % 60, of_day % 60, fraction);
}

}  // namespace faultline::regions
