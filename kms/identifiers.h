// Names of keys: ids, ARNs and aliases, and what a caller may write where AWS says KeyId.
//
// Source  AWS KMS Developer Guide, "Key identifiers (KeyId)"; AWS General Reference, "Amazon
//         Resource Names (ARNs)".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "kms/error.h"

namespace faultline::kms {

// A random UUID (RFC 4122, version 4) in lower case, from 16 random bytes; six of their bits are
// overwritten.
[[nodiscard]] std::string format_uuid(std::span<const std::byte, 16> random);

// Two lower-case digits a byte.
[[nodiscard]] std::string to_hex(std::string_view bytes);

// "aws", "aws-cn", "aws-us-gov" …: the partition that a region belongs to.
[[nodiscard]] std::string_view partition_of(std::string_view region);

// A lower-case UUID, or "mrk-" and 32 lower-case hex digits.
[[nodiscard]] bool is_key_id(std::string_view text);

// Where a KMS is; every ARN that it makes says so.
struct Place {
  std::string account;  // 12 digits
  std::string region;   // "us-west-2"

  // "arn:aws:kms:us-west-2:111122223333:key/<key id>"
  [[nodiscard]] std::string key_arn(std::string_view key_id) const;
  // "arn:aws:kms:us-west-2:111122223333:alias/replica"; `alias` has its "alias/" prefix.
  [[nodiscard]] std::string alias_arn(std::string_view alias) const;
  // "arn:aws:iam::111122223333:root"
  [[nodiscard]] std::string root_arn() const;
};

// The account in an ARN of any service; empty when the text is no ARN or names none.
[[nodiscard]] std::string_view account_of_arn(std::string_view arn);

// What a KeyId member says, taken apart.
struct KeyReference {
  enum class Kind { KeyId, Alias };
  Kind kind = Kind::KeyId;
  std::string_view name;  // the bare key id, or the alias with its "alias/" prefix; a view of the
                          // text that was parsed
};

// Aliases are not accepted by the operations that manage a key.
enum class AcceptAliases { No, Yes };

// Takes a KeyId member apart: a key id, a key ARN, an alias name or an alias ARN. Does not look
// anything up.
// Errors  ValidationException (not 1 to 2048 long); InvalidArnException (no KMS ARN);
//         NotFoundException `Invalid arn <region>` for an ARN of another region, `Key '<arn>' does
//         not exist` or `Alias <arn> is not found.` for one of another account, `Invalid keyId
//         '<text>'` for anything else that is not a key id, an alias among them where none is
//         accepted.
[[nodiscard]] Result<KeyReference> parse_key_reference(const Place& place, std::string_view text,
                                                       AcceptAliases aliases);

}  // namespace faultline::kms
