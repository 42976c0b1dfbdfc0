// RotationSchedule: when a secret rotates, from its RotationRules. Whole numbers only; all in UTC.
//
//     FL_TRY(const auto schedule, RotationSchedule::parse(rules));
//     const RotationWindow window = schedule.next(last_rotated_s);
//
// Rules      AutomaticallyAfterDays or ScheduleExpression, and Duration, the window's length.
//   days     rate(10 days), or AutomaticallyAfterDays: counted from the UTC date of the last
//            rotation; the window begins at 00:00 and ends with the day, or after Duration.
//   hours    rate(8 hours): a grid that begins at 00:00 of the date of the last rotation; one hour,
//            or Duration. At least 4 hours.
//   cron     cron(0 H DoM Mon DoW *). Windows end with the day, or after one hour where several
//            begin in one day, or after Duration.
// DoM        1-31, with , - * ? / L (the last day) and FRIL (the last Friday).
// Mon        1-12 or JAN-DEC, with , - * /.
// DoW        1-7 or SUN-SAT, with # (the so-manieth of the month) , - * ? / L (Saturday) and FRIL
//            or 6L. One of DoM and DoW is ?, and only one.
// End        a window's last second: 23:59:59 where it ends with the day. This is what users are
//            shown as NextRotationDate.
// Errors     InvalidParameterException; the texts are ours.
// Source     AWS Secrets Manager User Guide, "Schedule expressions in Secrets Manager rotation";
//            API Reference, API_RotationRulesType; dates that people have shown of the service.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/secrets_manager.pb.h"
#include "regions/error.h"

namespace faultline::regions {

// Seconds since 1970.
struct RotationWindow {
  std::int64_t start_s = 0;
  // Its last second.
  std::int64_t end_s = 0;

  friend bool operator==(const RotationWindow&, const RotationWindow&) = default;
};

class RotationSchedule {
 public:
  [[nodiscard]] static Result<RotationSchedule> parse(const v1::RotationRulesType& rules);

  // The first window that begins after an instant at which the secret was rotated, or on which the
  // schedule was set.
  [[nodiscard]] RotationWindow next(std::int64_t after_s) const;

 private:
  enum class Kind { Days, Hours, Cron };
  // Bits by number: hours 0-23, days 1-31, months 1-12, weekdays 1-7 (Sunday is 1).
  struct Cron {
    std::uint32_t hours = 0;
    std::uint32_t months = 0;
    bool by_weekday = false;
    std::uint32_t days = 0;
    bool last_day = false;
    std::uint32_t weekdays = 0;
    // The last such weekday of the month.
    std::uint32_t last_weekdays = 0;
    // By weekday: which ones of the month.
    std::array<std::uint32_t, 8> nth_weekdays{};
  };

  static Result<RotationSchedule> parse_rate(std::string_view expression);
  static Result<RotationSchedule> parse_cron(std::string_view expression);
  Result<void> set_duration(std::string_view duration, std::string_view rules);
  [[nodiscard]] bool matches_day(std::int64_t day) const;
  [[nodiscard]] std::optional<std::int64_t> next_cron_start(std::int64_t after_s) const;
  [[nodiscard]] RotationWindow window_from(std::int64_t start_s) const;

  Kind kind_ = Kind::Days;
  std::int64_t every_ = 0;  // days or hours
  Cron cron_;
  std::int64_t duration_hours_ = 0;  // 0: the default
};

}  // namespace faultline::regions
