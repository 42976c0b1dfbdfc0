// What the fields of steps, faults and expectations have in common.
#include <google/protobuf/descriptor.h>

#include "engine/fault_injector.h"
#include "kms/kms.h"
#include "proto/check.h"
#include "regions/arn.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using google::protobuf::FieldDescriptor;

// Instants are 64 bits of nanoseconds, 292 years. What is scheduled may lie a century ahead, and
// everything that happens after it, each wait of a retry included, still has room.
constexpr Duration kLatestSchedule = Duration::days(36'500);
constexpr Duration kLongestDelay = Duration::days(30);

Duration longest(std::string_view field) {
  const bool is_schedule = field == "at" || field == "within" || field == "after" ||
                           field == "run_for" || field == "for";
  return is_schedule ? kLatestSchedule : kLongestDelay;
}

const FieldDescriptor& descriptor_of(const Spot& spot, std::string_view field) {
  const auto* descriptor = spot.message().GetDescriptor()->FindFieldByName(std::string(field));
  FL_CHECK(descriptor != nullptr) << "no field " << field;
  return *descriptor;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// A UUID, as KMS key ids are.
bool looks_like_a_key_id(std::string_view text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

}  // namespace

std::string text_of(const Spot& spot, std::string_view field, int index) {
  const auto& message = spot.message();
  const FieldDescriptor& descriptor = descriptor_of(spot, field);
  return descriptor.is_repeated()
             ? message.GetReflection()->GetRepeatedString(message, &descriptor, index)
             : message.GetReflection()->GetString(message, &descriptor);
}

int count_of(const Spot& spot, std::string_view field) {
  const auto& message = spot.message();
  const FieldDescriptor& descriptor = descriptor_of(spot, field);
  if (descriptor.is_repeated()) return message.GetReflection()->FieldSize(message, &descriptor);
  return message.GetReflection()->HasField(message, &descriptor) ? 1 : 0;
}

bool has_field(const Spot& spot, std::string_view field) {
  return spot.message().GetDescriptor()->FindFieldByName(std::string(field)) != nullptr;
}

void ScenarioChecker::complain(const Spot& spot, std::string_view field, std::string message,
                               int index) {
  complaints_.add(spot.place(field, index), std::move(message));
}

std::optional<Duration> ScenarioChecker::duration(const Spot& spot, std::string_view field,
                                                  Zero zero) {
  if (count_of(spot, field) == 0) return std::nullopt;
  const std::string text = text_of(spot, field);
  if (text.starts_with('-')) {
    complain(spot, field, std::string(field) + " cannot be negative: " + quoted(text));
    return std::nullopt;
  }
  const auto parsed = engine::parse_duration(text);
  if (!parsed) {
    complain(spot, field, std::string(field) + ": " + parsed.error());
    return std::nullopt;
  }
  if (*parsed > longest(field)) {
    complain(
        spot, field,
        std::string(field) + " is too long: at most " + engine::format_duration(longest(field)));
    return std::nullopt;
  }
  if (zero == Zero::Refused && *parsed == Duration::zero()) {
    complain(spot, field, std::string(field) + " must be more than nothing");
    return std::nullopt;
  }
  return *parsed;
}

void ScenarioChecker::ratio(const Spot& spot, std::string_view field) {
  if (count_of(spot, field) == 0) return;
  const auto parsed = engine::parse_ratio(text_of(spot, field));
  if (!parsed) complain(spot, field, std::string(field) + ": " + parsed.error());
}

bool ScenarioChecker::required(const Spot& spot, std::string_view field, std::string_view what) {
  if (count_of(spot, field) > 0 && !text_of(spot, field).empty()) return true;
  complain(spot, field, std::string(what) + " is missing");
  return false;
}

bool ScenarioChecker::declared_region(const Spot& spot, std::string_view field) {
  const std::string name = text_of(spot, field);
  if (!required(spot, field, field)) return false;
  if (holds(names_.regions, name)) return true;
  if (!names_.has_all("region")) return false;
  complain(spot, field,
           "region " + quoted(name) + " is not declared" + did_you_mean(name, names_.regions));
  return false;
}

void ScenarioChecker::known_principal(const Spot& spot, std::string_view field) {
  const std::string name = text_of(spot, field);
  if (name.empty() || holds(names_.principals, name) || holds(names_.principal_arns, name)) return;
  if (!names_.has_all("principal")) return;
  complain(
      spot, field,
      "principal " + quoted(name) + " is not declared" + did_you_mean(name, names_.principals));
}

void ScenarioChecker::known_secret(const Spot& spot, std::string_view field) {
  if (!required(spot, field, field)) return;
  const std::string id = text_of(spot, field);
  const std::string name = secret_named(id, names_.secrets);
  if (holds(names_.secrets, name) || !names_.has_all("step")) return;
  complain(spot, field,
           "no step creates a secret named " + quoted(name) + did_you_mean(name, names_.secrets));
}

void ScenarioChecker::known_error(const Spot& spot, std::string_view field) {
  const std::string code = text_of(spot, field);
  if (code.empty() || holds(known_errors(), code)) return;
  complain(spot, field,
           quoted(code) + " is no error of the service" + did_you_mean(code, known_errors()));
}

void ScenarioChecker::known_value(const Spot& spot, std::string_view field, int index,
                                  std::string_view secret_id) {
  const std::string name = secret_named(secret_id, names_.secrets);
  const std::string value = text_of(spot, field, index);
  const auto written = names_.values.find(name);
  static const std::vector<std::string> kNone;
  const auto& values = written == names_.values.end() ? kNone : written->second;
  // An unknown secret is complained about by itself.
  if (holds(values, value) || !names_.has_all("step") || !holds(names_.secrets, name)) return;
  complain(spot, field,
           "no step writes the value " + quoted(value) + " to " + quoted(name) +
               did_you_mean(value, values),
           index);
}

void ScenarioChecker::known_key(const Spot& spot, std::string_view field, const std::string& region,
                                KeyUse use) {
  std::string key = text_of(spot, field);
  if (const std::size_t alias = key.find(":alias/");
      key.starts_with("arn:") && alias != std::string::npos) {
    key = key.substr(alias + 1);
  }
  if (key == kms::kManagedAlias) {
    if (use == KeyUse::Change) {
      complain(spot, field, quoted(key) + " is managed by AWS; its owner cannot change it");
    }
    return;
  }
  if (key.starts_with("arn:") || looks_like_a_key_id(key)) return;
  const auto declared = names_.keys.find(region);
  static const std::vector<std::string> kNone;
  const auto& aliases = declared == names_.keys.end() ? kNone : declared->second;
  if (holds(aliases, key) || !names_.has_all("key") || !names_.has_all("region")) return;
  std::string message = "region " + region + " has no key " + quoted(key);
  std::vector<std::string> likely = aliases;
  likely.emplace_back(kms::kManagedAlias);
  complain(spot, field, message + did_you_mean(key, likely));
}

void ScenarioChecker::known_actions(const Spot& spot, std::string_view field) {
  for (int i = 0; i < count_of(spot, field); ++i) {
    const std::string action = text_of(spot, field, i);
    if (action.find_first_of("*?") != std::string::npos && lower(action).starts_with("kms:"))
      continue;
    if (action == "*") continue;
    bool known = false;
    for (const auto& word : kms_actions()) known = known || lower(word) == lower(action);
    if (known) continue;
    complain(spot, field,
             quoted(action) + " is no action of KMS" + did_you_mean(action, kms_actions()), i);
  }
}

void ScenarioChecker::one_of(const Spot& spot, std::string_view field, int index,
                             std::string_view what, const std::vector<std::string>& known) {
  const std::string text = text_of(spot, field, index);
  if (holds(known, text)) return;
  std::string message = quoted(text) + " is no " + std::string(what) + did_you_mean(text, known);
  if (closest(text, known).empty()) {
    message += "; there are ";
    for (const auto& word : known) message += (&word == &known.front() ? "" : ", ") + word;
  }
  complain(spot, field, std::move(message), index);
}

void ScenarioChecker::size_between(const Spot& spot, std::string_view field, std::size_t least,
                                   std::size_t most, std::string_view what) {
  for (int i = 0; i < count_of(spot, field); ++i) {
    const std::size_t size = text_of(spot, field, i).size();
    if (size >= least && size <= most) continue;
    complain(spot, field,
             std::string(what) + " is " + std::to_string(size) + " bytes long: AWS takes " +
                 std::to_string(least) + " to " + std::to_string(most),
             i);
  }
}

const std::vector<std::string>& known_errors() {
  static const std::vector<std::string> kErrors = {
      "AccessDeniedException",       "ConnectionClosed",
      "DecryptionFailure",           "EncryptionFailure",
      "InternalServiceError",        "InvalidNextTokenException",
      "InvalidParameterException",   "InvalidRequestException",
      "LimitExceededException",      "MalformedPolicyDocumentException",
      "PreconditionNotMetException", "PublicPolicyException",
      "ResourceExistsException",     "ResourceNotFoundException",
      "ThrottlingException",         "UnrecognizedClientException",
      "ValidationException"};
  return kErrors;
}

Duration time_of(const v1::Step& step) {
  if (step.at().empty()) return Duration::zero();
  return engine::parse_duration(step.at()).value_or(Duration::zero());
}

}  // namespace faultline::regions
