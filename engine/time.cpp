#include "engine/time.h"

#include <algorithm>
#include <array>

namespace faultline::engine {
namespace {

__extension__ using Wide = __int128;

struct Unit {
  std::string_view name;
  int64_t ns;
};

// Largest first: the order in which they are written.
constexpr std::array<Unit, 7> kUnits = {
    {
     {"d", 86'400'000'000'000},
     {"h", 3'600'000'000'000},
     {"m", 60'000'000'000},
     {"s", 1'000'000'000},
     {"ms", 1'000'000},
     {"us", 1'000},
     {"ns", 1},
     }
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// Reads one duration from the front of what is left of the text, checking every step.
class DurationReader {
 public:
  explicit DurationReader(std::string_view text) : text_(text), rest_(text) {}

  Expected<Duration, std::string> read() {
    if (text_.empty()) return error("");
    while (!rest_.empty()) {
      if (auto problem = read_component(); !problem.empty()) return error(problem);
    }
    return Duration::nanos(total_ns_);
  }

 private:
  // "1.5h" and the like, added to the total. Returns what is wrong, or nothing.
  std::string read_component() {
    const std::string_view whole = take_while(is_digit);
    std::string_view fraction;
    if (!rest_.empty() && rest_.front() == '.') {
      rest_.remove_prefix(1);
      fraction = take_while(is_digit);
      if (fraction.empty()) return "a digit must follow the point";
    }
    if (whole.empty()) return "a number must come first";
    const std::string_view name = take_while(is_letter);
    if (name.empty()) return "a unit must follow " + std::string(whole);
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [name](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end()) return "\"" + std::string(name) + "\" is not a unit";
    if (unit < next_unit_) return "units go from large to small, each once";
    next_unit_ = unit + 1;
    return add(whole, fraction, unit->ns);
  }

  std::string add(std::string_view whole, std::string_view fraction, int64_t unit_ns) {
    int64_t count = 0;
    for (const char digit : whole) {
      if (__builtin_mul_overflow(count, 10, &count) ||
          __builtin_add_overflow(count, digit - '0', &count)) {
        return kTooLong;
      }
    }
    int64_t ns = 0;
    if (__builtin_mul_overflow(count, unit_ns, &ns)) return kTooLong;
    while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
    // Of a day's nanoseconds, 17 halvings are whole; more digits than that never are.
    if (fraction.size() > 18) return kNotWhole;
    Wide numerator = 0;
    Wide denominator = 1;
    for (const char digit : fraction) {
      numerator = 10 * numerator + (digit - '0');
      denominator *= 10;
    }
    numerator *= unit_ns;
    if (numerator % denominator != 0) return kNotWhole;
    if (__builtin_add_overflow(ns, static_cast<int64_t>(numerator / denominator), &ns)) {
      return kTooLong;
    }
    return __builtin_add_overflow(total_ns_, ns, &total_ns_) ? kTooLong : "";
  }

  template <class Predicate>
  std::string_view take_while(Predicate predicate) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), predicate);
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  [[nodiscard]] tl::unexpected<std::string> error(const std::string& problem) const {
    return tl::make_unexpected("\"" + std::string(text_) +
                               "\" is not a duration: " + (problem.empty() ? "" : problem + "; ") +
                               "expected numbers with units d, h, m, s, ms, us, ns, such as "
                               "\"250ms\" or \"1h30m\"");
  }

  static constexpr const char* kTooLong = "it is longer than 292 years";
  static constexpr const char* kNotWhole = "it is not a whole number of nanoseconds";

  std::string_view text_;
  std::string_view rest_;
  const Unit* next_unit_ = kUnits.data();
  int64_t total_ns_ = 0;
};

// "1.5" for 1'500 of 1'000: exact, without trailing zeros after `least_decimals`.
std::string decimal(uint64_t value, uint64_t one, std::size_t least_decimals) {
  std::string out = std::to_string(value / one);
  std::string decimals;
  uint64_t rest = value % one;
  for (uint64_t place = one / 10; place > 0; place /= 10) {
    decimals += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  while (decimals.size() > least_decimals && decimals.back() == '0') decimals.pop_back();
  if (!decimals.empty()) out += "." + decimals;
  return out;
}

// Also right for the smallest int64.
uint64_t magnitude(int64_t value) {
  return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

}  // namespace

Expected<Duration, std::string> parse_duration(std::string_view text) {
  return DurationReader(text).read();
}

Expected<Duration, std::string> parse_signed_duration(std::string_view text) {
  if (!text.starts_with('-')) return parse_duration(text);
  auto positive = parse_duration(text.substr(1));
  if (!positive) return positive;
  return -*positive;
}

std::string format_duration(Duration duration) {
  uint64_t left = magnitude(duration.ns());
  if (left == 0) return "0s";
  std::string out = duration.ns() < 0 ? "-" : "";
  for (const Unit& unit : kUnits) {
    const auto unit_ns = static_cast<uint64_t>(unit.ns);
    if (left < unit_ns) continue;
    // From seconds down, what is left becomes decimals of the first unit that fits.
    if (unit.ns <= 1'000'000'000) return out + decimal(left, unit_ns, 0) + std::string(unit.name);
    out += std::to_string(left / unit_ns) + std::string(unit.name);
    left %= unit_ns;
    if (left == 0) break;
  }
  return out;
}

std::string format_instant(Instant instant) {
  return (instant.ns() < 0 ? "-" : "") + decimal(magnitude(instant.ns()), 1'000'000'000, 3) + "s";
}

}  // namespace faultline::engine
