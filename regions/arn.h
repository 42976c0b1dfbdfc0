// Secret ARNs, and the rules by which a SecretId names a secret.
//
//   arn:<partition>:secretsmanager:<region>:<account>:secret:<name>-<6 random characters>
//
// Source   AWS Secrets Manager User Guide, "What's in a secret", "Troubleshoot: can't find my
//          secret from a partial ARN".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace faultline::regions {

// "aws", "aws-cn" (cn-*) or "aws-us-gov" (us-gov-*).
[[nodiscard]] std::string_view partition_of(std::string_view region);

// Whether the text has the form of a region's name: ^([a-z]+-)+\d+$
[[nodiscard]] bool looks_like_a_region(std::string_view text);

struct SecretArn {
  std::string partition;
  std::string region;
  std::string account;
  // Everything after "secret:", the six characters included where they are there.
  std::string resource;
};

// Empty when the text is not a secret's ARN.
[[nodiscard]] std::optional<SecretArn> parse_secret_arn(std::string_view text);
[[nodiscard]] std::string make_secret_arn(std::string_view region, std::string_view account,
                                          std::string_view name, std::string_view suffix);
// The same ARN in another region: a replica's from its primary's, and back.
[[nodiscard]] std::string arn_in_region(std::string_view arn, std::string_view region);

// How a SecretId is to be looked up in a region.
struct SecretIdLookup {
  // The name to look for; the secret found must have this ARN unless `any_arn`.
  std::string name;
  bool any_arn = false;
  std::string arn;
};
// A complete ARN must match exactly; a partial one (without hyphen and six characters) names its
// secret like a bare name. A name that itself ends in a hyphen and six characters is therefore not
// found by a partial ARN. Empty: it cannot name any secret of this region.
[[nodiscard]] std::optional<SecretIdLookup> lookup_of(std::string_view secret_id,
                                                      std::string_view region,
                                                      std::string_view account);

}  // namespace faultline::regions
