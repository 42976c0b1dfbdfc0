#include "kms/validation.h"

#include <algorithm>
#include <string>

namespace faultline::kms {
namespace {

tl::unexpected<Error> violated(const std::string& subject, std::string_view member,
                               const std::string& rule) {
  return fail(code::kValidation, "1 validation error detected: Value " + subject + "at '" +
                                     std::string(member) +
                                     "' failed to satisfy constraint: " + "Member must " + rule);
}

std::string quoted(std::string_view value) { return "'" + std::string(value) + "' "; }

bool is_alias_character(char c) {
  constexpr std::string_view kOthers = ":/_-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOthers.find(c) != std::string_view::npos;
}

}  // namespace

Result<void> check_length(std::string_view member, std::size_t length, std::size_t min,
                          std::size_t max) {
  if (length < min) {
    return violated({}, member, "have length greater than or equal to " + std::to_string(min));
  }
  if (length > max) {
    return violated({}, member, "have length less than or equal to " + std::to_string(max));
  }
  return {};
}

Result<void> check_value(std::string_view member, std::int64_t value, std::int64_t min,
                         std::int64_t max) {
  const std::string subject = quoted(std::to_string(value));
  if (value < min) {
    return violated(subject, member, "have value greater than or equal to " + std::to_string(min));
  }
  if (value > max) {
    return violated(subject, member, "have value less than or equal to " + std::to_string(max));
  }
  return {};
}

Result<void> check_context(const EncryptionContext& context) {
  if (fits_canonical_form(context)) return {};
  return violated({}, "encryptionContext", "have length less than or equal to 65535");
}

Result<void> check_alias_name(std::string_view alias) {
  constexpr std::string_view kPrefix = "alias/";
  constexpr std::string_view kReserved = "alias/aws/";
  constexpr std::size_t kLengthMax = 256;
  if (alias.size() > kLengthMax) {
    return violated(quoted(alias), "aliasName", "have length less than or equal to 256");
  }
  if (!std::all_of(alias.begin(), alias.end(), is_alias_character)) {
    return violated(quoted(alias), "aliasName",
                    "satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$");
  }
  if (!alias.starts_with(kPrefix) || alias.size() == kPrefix.size()) {
    return fail(code::kValidation,
                "Alias must start with the prefix \"alias/\". Please see "
                "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  }
  if (alias.starts_with(kReserved)) return fail(code::kNotAuthorized);
  return {};
}

tl::unexpected<Error> alias_exists(const Place& place, std::string_view alias) {
  return fail(code::kAlreadyExists,
              "An alias with the name " + place.alias_arn(alias) + " already exists");
}

}  // namespace faultline::kms
