#include "regions/arn.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "proto/check.h"

namespace faultline::regions {
namespace {

constexpr std::size_t kSuffixLength = 6;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The name in "name-AbCdEf"; empty when there is no such ending. A hyphen among the last six does
// not count as one of them.
std::string_view without_suffix(std::string_view resource) {
  const std::size_t hyphen = resource.rfind('-');
  if (hyphen == std::string_view::npos || hyphen == 0) return {};
  if (resource.size() - hyphen - 1 != kSuffixLength) return {};
  return resource.substr(0, hyphen);
}

}  // namespace

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

bool looks_like_a_region(std::string_view text) {
  const std::size_t last_hyphen = text.rfind('-');
  if (last_hyphen == std::string_view::npos) return false;
  const std::string_view number = text.substr(last_hyphen + 1);
  if (number.empty() || !std::ranges::all_of(number, is_digit)) return false;
  bool in_word = false;
  for (const char c : text.substr(0, last_hyphen + 1)) {
    if (c == '-' && !in_word) return false;
    if (c != '-' && !is_lower(c)) return false;
    in_word = c != '-';
  }
  return true;
}

std::optional<SecretArn> parse_secret_arn(std::string_view text) {
  // arn : partition : service : region : account : "secret" : resource
  std::array<std::string_view, 6> fields;
  for (std::string_view& field : fields) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    field = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const auto& [arn, partition, service, region, account, type] = fields;
  if (arn != "arn" || service != "secretsmanager" || type != "secret") return std::nullopt;
  if (partition.empty() || region.empty() || account.empty() || text.empty()) return std::nullopt;
  return SecretArn{.partition = std::string(partition),
                   .region = std::string(region),
                   .account = std::string(account),
                   .resource = std::string(text)};
}

std::string make_secret_arn(std::string_view region, std::string_view account,
                            std::string_view name, std::string_view suffix) {
  std::string arn = "arn:";
  arn += partition_of(region);
  arn += ":secretsmanager:";
  arn += region;
  arn += ":";
  arn += account;
  arn += ":secret:";
  arn += name;
  arn += "-";
  arn += suffix;
  return arn;
}

std::string arn_in_region(std::string_view arn, std::string_view region) {
  const std::optional<SecretArn> parsed = parse_secret_arn(arn);
  FL_CHECK(parsed.has_value()) << "not the ARN of a secret: " << arn;
  std::string moved = "arn:" + parsed->partition + ":secretsmanager:";
  moved += region;
  return moved + ":" + parsed->account + ":secret:" + parsed->resource;
}

std::optional<SecretIdLookup> lookup_of(std::string_view secret_id, std::string_view region,
                                        std::string_view account) {
  if (!secret_id.starts_with("arn:")) {
    return SecretIdLookup{.name = std::string(secret_id), .any_arn = true, .arn = {}};
  }
  const std::optional<SecretArn> arn = parse_secret_arn(secret_id);
  if (!arn || arn->region != region || arn->account != account ||
      arn->partition != partition_of(region)) {
    return std::nullopt;
  }
  const std::string_view name = without_suffix(arn->resource);
  if (name.empty()) return SecretIdLookup{.name = arn->resource, .any_arn = true, .arn = {}};
  return SecretIdLookup{.name = std::string(name), .any_arn = false, .arn = std::string(secret_id)};
}

}  // namespace faultline::regions
