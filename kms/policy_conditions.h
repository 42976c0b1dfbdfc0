// Conditions of policy statements: operators, and what they make of the values of a request.
//
// Rules   Several values of a condition are alternatives; a negated operator holds when none of
//         them matches. A key that the request does not carry: a positive operator does not hold, a
//         negated one does, and with ...IfExists every one does; ForAllValues: holds of no values,
//         ForAnyValue: does not. Null says whether the key must be absent.
// Numbers are decimal fractions of any length and dates are ISO 8601 in UTC or seconds since 1970;
//         a value that is neither does not match.
// Source  IAM User Guide, "IAM JSON policy elements: Condition operators", "Multivalued context
//         keys".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kms/policy.h"
#include "proto/policy.pb.h"

namespace faultline::kms {

// An operator that is not known never holds.
[[nodiscard]] bool condition_holds(const v1::Policy::Condition& condition,
                                   const AccessRequest& request);

// "StringEquals", "ForAllValues:StringLike", "BoolIfExists" …; names are case-sensitive.
[[nodiscard]] bool is_condition_operator(std::string_view name);
// Those without ForAllValues:, ForAnyValue: and IfExists.
[[nodiscard]] const std::vector<std::string>& condition_operators();

}  // namespace faultline::kms
