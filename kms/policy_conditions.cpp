#include "kms/policy_conditions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "kms/identifiers.h"

namespace faultline::kms {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// ---- comparisons: what a condition wants, and what the request has ------------------------------

bool string_equals(std::string_view wanted, std::string_view value) { return wanted == value; }

// Source  IAM User Guide, "Amazon Resource Name (ARN) condition operators": each of the six parts
//         is compared by itself, so that a * does not reach over a colon.
bool arn_like(std::string_view wanted, std::string_view value) {
  if (wanted == "*") return true;
  constexpr int kParts = 6;
  for (int part = 1; part < kParts; ++part) {
    const std::size_t wanted_end = wanted.find(':');
    const std::size_t value_end = value.find(':');
    if (wanted_end == std::string_view::npos || value_end == std::string_view::npos) return false;
    if (!text_matches(wanted.substr(0, wanted_end), value.substr(0, value_end))) return false;
    wanted.remove_prefix(wanted_end + 1);
    value.remove_prefix(value_end + 1);
  }
  return text_matches(wanted, value);
}

// A decimal fraction, without the zeros that say nothing.
struct Decimal {
  bool is_negative = false;
  std::string_view integer;
  std::string_view fraction;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal number;
  if (text.starts_with('-') || text.starts_with('+')) {
    number.is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  number.integer = text.substr(0, point);
  number.fraction = text.substr(std::min(point + 1, text.size()));
  if (number.integer.empty() && number.fraction.empty()) return std::nullopt;
  if (!std::all_of(number.integer.begin(), number.integer.end(), is_digit) ||
      !std::all_of(number.fraction.begin(), number.fraction.end(), is_digit)) {
    return std::nullopt;
  }
  while (number.integer.starts_with('0')) number.integer.remove_prefix(1);
  while (number.fraction.ends_with('0')) number.fraction.remove_suffix(1);
  if (number.integer.empty() && number.fraction.empty()) number.is_negative = false;
  return number;
}

// Below, equal or above zero, as `a` is less than, equal to or more than `b`.
int compare(const Decimal& a, const Decimal& b) {
  if (a.is_negative != b.is_negative) return a.is_negative ? -1 : 1;
  int order = 0;
  if (a.integer.size() != b.integer.size()) {
    order = a.integer.size() < b.integer.size() ? -1 : 1;
  } else {
    order = a.integer.compare(b.integer);
    if (order == 0) order = a.fraction.compare(b.fraction);
  }
  return a.is_negative ? -order : order;
}

std::optional<int> compare_numbers(std::string_view value, std::string_view wanted) {
  const auto a = parse_decimal(value);
  const auto b = parse_decimal(wanted);
  if (!a || !b) return std::nullopt;
  return compare(*a, *b);
}

// Takes `digits` digits off the front.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that
// the leap day is the last.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (month <= 2) --year;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

// The offset that ends a time, in seconds; "Z", "+hh:mm", "-hh:mm".
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "Z") return 0;
  const bool is_west = text.starts_with('-');
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || !text.empty()) return std::nullopt;
  const std::int64_t seconds = *hours * 3'600 + *minutes * 60;
  return is_west ? -seconds : seconds;
}

// Seconds since 1970. Parts of a second do not count.
std::optional<std::int64_t> parse_date(std::string_view text) {
  constexpr std::size_t kSecondsDigitsMax = 12;
  if (!text.empty() && text.size() <= kSecondsDigitsMax &&
      std::all_of(text.begin(), text.end(), is_digit) && text.size() != 4) {
    return take_number(text, text.size());
  }
  const auto year = take_number(text, 4);
  if (!year) return std::nullopt;
  std::int64_t month = 1;
  std::int64_t day = 1;
  for (std::int64_t* part : {&month, &day}) {
    if (!take(text, '-')) break;
    const auto number = take_number(text, 2);
    if (!number) return std::nullopt;
    *part = *number;
  }
  if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  std::int64_t seconds = days_of(*year, month, day) * 86'400;
  if (text.empty()) return seconds;
  if (!take(text, 'T')) return std::nullopt;
  for (const std::int64_t unit : {std::int64_t{3'600}, std::int64_t{60}, std::int64_t{1}}) {
    if (unit != 3'600 && !take(text, ':')) break;
    const auto number = take_number(text, 2);
    if (!number || *number > 60) return std::nullopt;
    seconds += *number * unit;
  }
  if (take(text, '.')) {
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  const auto offset = parse_offset(text);
  if (!offset) return std::nullopt;
  return seconds - *offset;
}

std::optional<int> compare_dates(std::string_view value, std::string_view wanted) {
  const auto a = parse_date(value);
  const auto b = parse_date(wanted);
  if (!a || !b) return std::nullopt;
  return *a < *b ? -1 : static_cast<int>(*a > *b);
}

using Compare = std::optional<int> (*)(std::string_view value, std::string_view wanted);

template <Compare compare_them>
bool is_equal(std::string_view wanted, std::string_view value) {
  const auto order = compare_them(value, wanted);
  return order && *order == 0;
}
template <Compare compare_them>
bool is_less(std::string_view wanted, std::string_view value) {
  const auto order = compare_them(value, wanted);
  return order && *order < 0;
}
template <Compare compare_them>
bool is_at_most(std::string_view wanted, std::string_view value) {
  const auto order = compare_them(value, wanted);
  return order && *order <= 0;
}
template <Compare compare_them>
bool is_more(std::string_view wanted, std::string_view value) {
  const auto order = compare_them(value, wanted);
  return order && *order > 0;
}
template <Compare compare_them>
bool is_at_least(std::string_view wanted, std::string_view value) {
  const auto order = compare_them(value, wanted);
  return order && *order >= 0;
}

// IPv4 only: the emulated clients have no other addresses.
std::optional<std::uint32_t> parse_address(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, '.')) return std::nullopt;
    std::uint32_t number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 3 && is_digit(text[digits])) {
      number = number * 10 + static_cast<std::uint32_t>(text[digits++] - '0');
    }
    if (digits == 0 || number > 255) return std::nullopt;
    text.remove_prefix(digits);
    address = (address << 8U) | number;
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

bool address_in(std::string_view wanted, std::string_view value) {
  std::uint32_t bits = 32;
  const std::size_t slash = wanted.find('/');
  if (slash != std::string_view::npos) {
    std::string_view text = wanted.substr(slash + 1);
    const auto number = text.size() > 2 ? std::nullopt : take_number(text, text.size());
    if (!number || *number > 32 || slash + 1 == wanted.size()) return false;
    bits = static_cast<std::uint32_t>(*number);
  }
  const auto network = parse_address(wanted.substr(0, slash));
  const auto address = parse_address(value);
  if (!network || !address) return false;
  return bits == 0 || (*network >> (32 - bits)) == (*address >> (32 - bits));
}

// ---- operators ----------------------------------------------------------------------------------

using Matches = bool (*)(std::string_view wanted, std::string_view value);

struct Operator {
  std::string_view name;
  Matches matches;
  bool is_negated;
};

constexpr std::array kOperators = {
    Operator{"ArnEquals",                 arn_like,                     false},
    Operator{"ArnLike",                   arn_like,                     false},
    Operator{"ArnNotEquals",              arn_like,                     true },
    Operator{"ArnNotLike",                arn_like,                     true },
    Operator{"BinaryEquals",              string_equals,                false},
    Operator{"Bool",                      same_without_case,            false},
    Operator{"DateEquals",                is_equal<compare_dates>,      false},
    Operator{"DateGreaterThan",           is_more<compare_dates>,       false},
    Operator{"DateGreaterThanEquals",     is_at_least<compare_dates>,   false},
    Operator{"DateLessThan",              is_less<compare_dates>,       false},
    Operator{"DateLessThanEquals",        is_at_most<compare_dates>,    false},
    Operator{"DateNotEquals",             is_equal<compare_dates>,      true },
    Operator{"IpAddress",                 address_in,                   false},
    Operator{"NotIpAddress",              address_in,                   true },
    Operator{"NumericEquals",             is_equal<compare_numbers>,    false},
    Operator{"NumericGreaterThan",        is_more<compare_numbers>,     false},
    Operator{"NumericGreaterThanEquals",  is_at_least<compare_numbers>, false},
    Operator{"NumericLessThan",           is_less<compare_numbers>,     false},
    Operator{"NumericLessThanEquals",     is_at_most<compare_numbers>,  false},
    Operator{"NumericNotEquals",          is_equal<compare_numbers>,    true },
    Operator{"StringEquals",              string_equals,                false},
    Operator{"StringEqualsIgnoreCase",    same_without_case,            false},
    Operator{"StringLike",                text_matches,                 false},
    Operator{"StringNotEquals",           string_equals,                true },
    Operator{"StringNotEqualsIgnoreCase", same_without_case,            true },
    Operator{"StringNotLike",             text_matches,                 true },
};
constexpr std::string_view kNull = "Null";

// An operator with what stands before and after it.
struct Written {
  enum class Set { One, All, Any };
  Set set = Set::One;
  bool if_exists = false;
  std::string_view base;
};

Written taken_apart(std::string_view name) {
  constexpr std::string_view kAll = "ForAllValues:";
  constexpr std::string_view kAny = "ForAnyValue:";
  constexpr std::string_view kIfExists = "IfExists";
  Written written;
  if (name.starts_with(kAll)) {
    written.set = Written::Set::All;
    name.remove_prefix(kAll.size());
  } else if (name.starts_with(kAny)) {
    written.set = Written::Set::Any;
    name.remove_prefix(kAny.size());
  }
  if (name.ends_with(kIfExists)) {
    written.if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  written.base = name;
  return written;
}

const Operator* find_operator(std::string_view base) {
  const auto* found = std::find_if(kOperators.begin(), kOperators.end(),
                                   [base](const Operator& each) { return each.name == base; });
  return found == kOperators.end() ? nullptr : &*found;
}

bool is_null_operator(const Written& written) {
  return written.base == kNull && !written.if_exists && written.set == Written::Set::One;
}

// ---- the request --------------------------------------------------------------------------------

// A role's session has the ARN of its role here.
std::string principal_of(std::string_view arn) {
  constexpr std::string_view kSession = ":assumed-role/";
  const std::size_t session = arn.find(kSession);
  if (session == std::string_view::npos) return std::string(arn);
  const std::string_view role = arn.substr(session + kSession.size());
  std::string out(arn.substr(0, arn.find(":sts:")));
  return out + ":iam::" + std::string(account_of_arn(arn)) + ":role/" +
         std::string(role.substr(0, role.find('/')));
}

// What a request says of itself, where its context does not.
std::optional<std::string> said_by_request(std::string_view key, const AccessRequest& request) {
  std::string value;
  if (same_without_case(key, "kms:ViaService")) {
    value = request.via_service;
  } else if (same_without_case(key, "aws:PrincipalArn")) {
    value = principal_of(request.principal_arn);
  } else if (same_without_case(key, "kms:CallerAccount") ||
             same_without_case(key, "aws:PrincipalAccount")) {
    value = account_of_arn(request.principal_arn);
  }
  if (value.empty()) return std::nullopt;
  return value;
}

bool holds(const v1::Policy::Condition& condition, const Written& written, const Operator& op,
           const std::vector<std::string>& values) {
  const auto holds_of = [&](const std::string& value) {
    const bool is_matched =
        std::any_of(condition.values().begin(), condition.values().end(),
                    [&](const std::string& wanted) { return op.matches(wanted, value); });
    return is_matched != op.is_negated;
  };
  const bool is_all =
      written.set == Written::Set::All || (written.set == Written::Set::One && op.is_negated);
  return is_all ? std::all_of(values.begin(), values.end(), holds_of)
                : std::any_of(values.begin(), values.end(), holds_of);
}

bool holds_of_nothing(const Written& written, const Operator& op) {
  switch (written.set) {
    case Written::Set::All:
      return true;
    case Written::Set::Any:
      return written.if_exists;
    case Written::Set::One:
      break;
  }
  return written.if_exists || op.is_negated;
}

}  // namespace

bool condition_holds(const v1::Policy::Condition& condition, const AccessRequest& request) {
  const Written written = taken_apart(condition.operator_());
  std::vector<std::string> own;
  const std::vector<std::string>* values =
      request.context == nullptr ? nullptr : request.context->find(condition.key());
  if (values == nullptr) {
    if (auto said = said_by_request(condition.key(), request)) own.push_back(*std::move(said));
    values = &own;
  }
  if (is_null_operator(written)) {
    return std::any_of(condition.values().begin(), condition.values().end(),
                       [&](const std::string& wanted) {
                         return same_without_case(wanted, values->empty() ? "true" : "false");
                       });
  }
  const Operator* const op = find_operator(written.base);
  if (op == nullptr) return false;
  return values->empty() ? holds_of_nothing(written, *op) : holds(condition, written, *op, *values);
}

bool is_condition_operator(std::string_view name) {
  const Written written = taken_apart(name);
  return is_null_operator(written) || find_operator(written.base) != nullptr;
}

const std::vector<std::string>& condition_operators() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Operator& each : kOperators) names.emplace_back(each.name);
    names.emplace_back(kNull);
    return names;
  }();
  return kNames;
}

}  // namespace faultline::kms
