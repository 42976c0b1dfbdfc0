// Rotation: the functions that a scenario declares, and the calls that name them.
// Source  AWS Lambda API Reference, API_CreateFunction (names of functions); AWS Secrets Manager
//         API Reference, API_RotateSecret.
#include <algorithm>

#include "regions/arn.h"
#include "regions/rotation/functions.h"
#include "regions/rotation/schedule.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// "arn:aws:lambda:us-west-2:123456789012:function:rotator" in parts; fewer: it is none.
std::vector<std::string> parts_of(std::string_view arn) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = arn.find(':');
    parts.emplace_back(arn.substr(0, end));
    if (end == std::string_view::npos) return parts;
    arn.remove_prefix(end + 1);
  }
}

}  // namespace

void ScenarioChecker::check_rotation_functions() {
  for (int i = 0; i < scenario_.rotation_function_size(); ++i) {
    const v1::RotationFunctionSpec& function = scenario_.rotation_function(i);
    const Spot spot = root_.child("rotation_function", i);
    if (is_unreadable_(spot.place())) continue;
    declared_region(spot, "region");
    duration(spot, "step_time");
    const bool fails = function.behavior() == v1::RotationFunctionSpec::FAILS;
    if (fails && (function.fails_at() < 1 || function.fails_at() > 4)) {
      complain(spot, "fails_at",
               "fails_at is 1 to 4: createSecret, setSecret, testSecret, finishSecret");
    }
    for (const char* field : {"fails_at", "failures"}) {
      if (!fails && count_of(spot, field) > 0) {
        complain(spot, field, std::string(field) + " is for functions whose behavior is FAILS");
      }
    }
    if (!required(spot, "name", "the function's name")) continue;
    constexpr std::string_view kCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (function.name().size() > 64 ||
        function.name().find_first_not_of(kCharacters) != std::string::npos) {
      complain(spot, "name",
               quoted(function.name()) +
                   " is not a function's name: up to 64 letters, digits, hyphens and underscores");
    }
    for (int j = 0; j < i; ++j) {
      const v1::RotationFunctionSpec& other = scenario_.rotation_function(j);
      if (other.region() == function.region() && other.name() == function.name()) {
        complain(spot, "name",
                 function.region() + " has two rotation functions " + quoted(function.name()));
        break;
      }
    }
  }
}

void ScenarioChecker::check_rotation_rules(const Spot& call) {
  const auto& request = static_cast<const v1::RotateSecretRequest&>(call.message());
  const auto schedule = RotationSchedule::parse(request.rotation_rules());
  if (!schedule) complain(call, "rotation_rules", schedule.error().message);
}

// Where the call is to be refused, any function will do.
void ScenarioChecker::check_rotation_lambda(const v1::Step& step, const Spot& call) {
  const std::string field = "rotation_lambda_arn";
  const std::string arn = text_of(call, field);
  const std::vector<std::string> parts = parts_of(arn);
  if (parts.size() != 7 || parts[0] != "arn" || parts[2] != "lambda" || parts[5] != "function") {
    return complain(call, field,
                    quoted(arn) +
                        " is not a function's ARN, such as "
                        "\"arn:aws:lambda:us-west-2:123456789012:function:rotator\"");
  }
  if (parts[3] != step.region()) {
    return complain(call, field, "the function is in " + parts[3] + ", and the secret is not");
  }
  std::vector<std::string> known = built_in_rotation_functions();
  for (const v1::RotationFunctionSpec& function : scenario_.rotation_function()) {
    if (function.region() == step.region()) known.push_back(function.name());
  }
  if (holds(known, parts[6]) || !names_.has_all("rotation_function")) return;
  complain(call, field,
           step.region() + " has no rotation function " + quoted(parts[6]) +
               did_you_mean(parts[6], known));
}

}  // namespace faultline::regions
