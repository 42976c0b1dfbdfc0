#include "regions/api/validate.h"

#include <algorithm>
#include <set>
#include <utility>

#include "regions/arn.h"

namespace faultline::regions::api {
namespace {

std::string at_least(std::size_t length) {
  return "Member must have length greater than or equal to " + std::to_string(length);
}

std::string at_most(std::size_t length) {
  return "Member must have length less than or equal to " + std::to_string(length);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("/_+=.@-").find(c) != std::string_view::npos;
}

Error invalid_name() {
  return {"ValidationException",
          "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
          "following: -/_+=.@!"};
}

}  // namespace

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void Validation::fail(std::string_view member, std::string_view value,
                      std::string_view constraint) {
  std::string error = "Value '";
  error += value;
  error += "' at '";
  error += member;
  error += "' failed to satisfy constraint: ";
  error += constraint;
  add(std::move(error));
}

void Validation::required(std::string_view member, bool present) {
  if (present) return;
  add("Value null at '" + std::string(member) +
      "' failed to satisfy constraint: Member must not be null");
}

void Validation::length(std::string_view member, std::string_view value, Limits limits) {
  const std::size_t count = characters(value);
  if (count < limits.min) fail(member, value, at_least(limits.min));
  if (count > limits.max) fail(member, value, at_most(limits.max));
}

void Validation::secret_length(std::string_view member, std::string_view value, Limits limits) {
  const auto add_masked = [&](const std::string& constraint) {
    add("Value at '" + std::string(member) + "' failed to satisfy constraint: " + constraint);
  };
  if (value.size() < limits.min) add_masked(at_least(limits.min));
  if (value.size() > limits.max) add_masked(at_most(limits.max));
}

void Validation::range(std::string_view member, std::int64_t value, Limits limits) {
  if (value < static_cast<std::int64_t>(limits.min)) {
    fail(member, std::to_string(value),
         "Member must have value greater than or equal to " + std::to_string(limits.min));
  }
  if (value > static_cast<std::int64_t>(limits.max)) {
    fail(member, std::to_string(value),
         "Member must have value less than or equal to " + std::to_string(limits.max));
  }
}

void Validation::check_list(std::string_view member, const std::vector<std::string>& values,
                            Limits count, Limits each) {
  const std::string shown = "[" + joined(values) + "]";
  if (values.size() < count.min) fail(member, shown, at_least(count.min));
  if (values.size() > count.max) fail(member, shown, at_most(count.max));
  const bool fits = std::ranges::all_of(values, [each](const std::string& value) {
    const std::size_t length = characters(value);
    return length >= each.min && length <= each.max;
  });
  if (!fits) {
    fail(member, shown,
         "Member must satisfy constraint: [" + at_most(each.max) + ", " + at_least(each.min) + "]");
  }
}

void Validation::one_of(std::string_view member, std::string_view value,
                        const std::vector<std::string_view>& allowed) {
  if (std::ranges::find(allowed, value) != allowed.end()) return;
  const std::vector<std::string> names(allowed.begin(), allowed.end());
  fail(member, value, "Member must satisfy enum value set: [" + joined(names) + "]");
}

void Validation::tag(int number, const v1::Tag& tag) {
  const std::string member = "tags." + std::to_string(number) + ".member.";
  required(member + "key", tag.has_key());
  if (tag.has_key()) length(member + "key", tag.key(), kTagKeyLength);
  length(member + "value", tag.value(), {0, 256});
}

Result<void> Validation::result() const {
  if (errors_.empty()) return {};
  std::string text = std::to_string(errors_.size()) +
                     (errors_.size() == 1 ? " validation error" : " validation errors") +
                     " detected: " + errors_.front();
  for (std::size_t i = 1; i < errors_.size(); ++i) text += "; " + errors_[i];
  return tl::make_unexpected(Error{"ValidationException", std::move(text)});
}

Result<void> check_new_name(std::string_view name) {
  if (std::ranges::all_of(name, is_name_character)) return {};
  return tl::make_unexpected(invalid_name());
}

Result<void> check_secret_id(std::string_view secret_id) {
  if (secret_id.starts_with("arn:")) return {};
  const bool fits =
      std::ranges::all_of(secret_id, [](char c) { return is_name_character(c) || c == '!'; });
  if (fits) return {};
  return tl::make_unexpected(invalid_name());
}

Result<void> check_token_present(bool present) {
  if (present) return {};
  return tl::make_unexpected(invalid_request(
      "You must provide a ClientRequestToken value. We recommend a UUID-type value."));
}

Result<void> check_one_value(bool has_binary, bool has_string) {
  if (!has_binary || !has_string) return {};
  return tl::make_unexpected(invalid_parameter(
      "You can't specify both a binary secret value and a string secret value in the same "
      "secret."));
}

Result<void> check_tag_keys(const google::protobuf::RepeatedPtrField<v1::Tag>& tags) {
  for (const v1::Tag& tag : tags) {
    // "aws:" in either case.
    // Source  AWS General Reference, "Tagging AWS resources".
    std::string prefix = tag.key().substr(0, 4);
    for (char& c : prefix) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (prefix != "aws:") continue;
    return tl::make_unexpected(
        invalid_parameter("Tag keys that start with aws: are reserved for use by AWS."));
  }
  return {};
}

Result<void> check_replica_regions(
    const google::protobuf::RepeatedPtrField<v1::ReplicaRegionType>& regions,
    std::string_view own_region) {
  std::set<std::string_view> seen;
  for (const v1::ReplicaRegionType& replica : regions) {
    const std::string& region = replica.region();
    const bool valid = looks_like_a_region(region) && characters(region) <= 128 &&
                       region != own_region && partition_of(region) == partition_of(own_region) &&
                       seen.insert(region).second;
    if (!valid) return tl::make_unexpected(invalid_parameter("Invalid replica region."));
  }
  return {};
}

}  // namespace faultline::regions::api
