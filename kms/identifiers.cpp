#include "kms/identifiers.h"

#include <algorithm>
#include <array>
#include <optional>

namespace faultline::kms {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kKeyIdBytes = 36;
constexpr std::size_t kReferenceBytesMax = 2048;  // AWS KMS API Reference: KeyId, 1 to 2048
constexpr std::string_view kAliasPrefix = "alias/";
constexpr std::string_view kKeyPrefix = "key/";

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_uuid(std::string_view text) {
  if (text.size() != kKeyIdBytes) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return true;
}

struct Arn {
  std::string_view partition, service, region, account, resource;
};

// "arn:partition:service:region:account:resource"; the resource may hold colons.
std::optional<Arn> parse_arn(std::string_view text) {
  std::array<std::string_view, 5> parts;
  for (std::string_view& part : parts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn") return std::nullopt;
  return Arn{parts[1], parts[2], parts[3], parts[4], text};
}

tl::unexpected<Error> invalid_key_id(std::string_view text) {
  return fail(code::kNotFound, "Invalid keyId '" + std::string(text) + "'");
}

Result<KeyReference> parse_arn_reference(const Place& place, std::string_view text,
                                         AcceptAliases aliases) {
  const std::optional<Arn> arn = parse_arn(text);
  const bool is_key = arn && arn->resource.starts_with(kKeyPrefix);
  const bool is_alias = arn && arn->resource.starts_with(kAliasPrefix);
  // The text is ours; AWS documents the code only.
  if ((!is_key && !is_alias) || arn->service != "kms" ||
      arn->partition != partition_of(arn->region)) {
    return fail(code::kInvalidArn, "Invalid arn " + std::string(text));
  }
  if (is_alias && aliases == AcceptAliases::No) return invalid_key_id(text);
  if (arn->region != place.region) {
    return fail(code::kNotFound, "Invalid arn " + std::string(arn->region));
  }
  // Keys of other accounts are not emulated; nobody here may see them.
  if (arn->account != place.account) {
    return fail(code::kNotFound, is_alias ? "Alias " + std::string(text) + " is not found."
                                          : "Key '" + std::string(text) + "' does not exist");
  }
  if (is_alias) return KeyReference{KeyReference::Kind::Alias, arn->resource};
  const std::string_view key_id = arn->resource.substr(kKeyPrefix.size());
  if (!is_key_id(key_id)) return invalid_key_id(key_id);
  return KeyReference{KeyReference::Kind::KeyId, key_id};
}

tl::unexpected<Error> bad_length(std::string_view text, std::string_view rule) {
  return fail(code::kValidation, "1 validation error detected: Value '" + std::string(text) +
                                     "' at 'keyId' failed to satisfy constraint: Member must have "
                                     "length " +
                                     std::string(rule));
}

}  // namespace

std::string format_uuid(std::span<const std::byte, 16> random) {
  std::string uuid;
  uuid.reserve(kKeyIdBytes);
  for (std::size_t i = 0; i < random.size(); ++i) {
    auto byte = std::to_integer<unsigned>(random[i]);
    if (i == 6) byte = (byte & 0x0fU) | 0x40U;  // version 4
    if (i == 8) byte = (byte & 0x3fU) | 0x80U;  // variant of RFC 4122
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += kHexDigits[byte >> 4U];
    uuid += kHexDigits[byte & 15U];
  }
  return uuid;
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kHexDigits[byte >> 4U];
    hex += kHexDigits[byte & 15U];
  }
  return hex;
}

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  if (region.starts_with("eusc-")) return "aws-eusc";
  return "aws";
}

bool is_key_id(std::string_view text) {
  constexpr std::string_view kMultiRegion = "mrk-";
  if (!text.starts_with(kMultiRegion)) return is_uuid(text);
  return text.size() == kKeyIdBytes && std::all_of(text.begin() + 4, text.end(), is_lower_hex);
}

std::string Place::key_arn(std::string_view key_id) const {
  std::string arn = "arn:";
  arn.append(partition_of(region)).append(":kms:").append(region).append(":").append(account);
  return arn.append(":").append(kKeyPrefix).append(key_id);
}

std::string Place::alias_arn(std::string_view alias) const {
  std::string arn = "arn:";
  arn.append(partition_of(region)).append(":kms:").append(region).append(":").append(account);
  return arn.append(":").append(alias);
}

std::string Place::root_arn() const {
  return "arn:" + std::string(partition_of(region)) + ":iam::" + account + ":root";
}

std::string_view account_of_arn(std::string_view arn) {
  const std::optional<Arn> parts = parse_arn(arn);
  return parts ? parts->account : std::string_view();
}

Result<KeyReference> parse_key_reference(const Place& place, std::string_view text,
                                         AcceptAliases aliases) {
  if (text.empty()) return bad_length(text, "greater than or equal to 1");
  if (text.size() > kReferenceBytesMax) return bad_length(text, "less than or equal to 2048");
  if (text.starts_with("arn:")) return parse_arn_reference(place, text, aliases);
  if (text.starts_with(kAliasPrefix) && aliases == AcceptAliases::Yes) {
    return KeyReference{KeyReference::Kind::Alias, text};
  }
  if (!is_key_id(text)) return invalid_key_id(text);
  return KeyReference{KeyReference::Kind::KeyId, text};
}

}  // namespace faultline::kms
