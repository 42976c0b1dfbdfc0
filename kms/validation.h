// The shape of a request, checked as AWS checks it and refused in its words:
//
//   1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must
//   have length less than or equal to 4096
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kms/envelope.h"
#include "kms/error.h"
#include "kms/identifiers.h"
#include "kms/kms_types.h"

namespace faultline::kms {

// Of UTF-8 text, as AWS counts.
[[nodiscard]] std::size_t characters(std::string_view text);

// `member` is spelt as in the request, with a small first letter. Both bounds are allowed values.
// The value itself is not in the text: it may be secret or long.
[[nodiscard]] Result<void> check_length(std::string_view member, std::size_t length,
                                        std::size_t min, std::size_t max);
[[nodiscard]] Result<void> check_value(std::string_view member, std::int64_t value,
                                       std::int64_t min, std::int64_t max);

// That the context can be written in canonical form.
[[nodiscard]] Result<void> check_context(const EncryptionContext& context);

// A name that a user may give to an alias.
// Source  AWS KMS API Reference, "CreateAlias".
[[nodiscard]] Result<void> check_alias_name(std::string_view alias);
[[nodiscard]] tl::unexpected<Error> alias_exists(const Place& place, std::string_view alias);
// A multi-Region key is there already. The text is ours; AWS documents the code only.
[[nodiscard]] tl::unexpected<Error> key_exists(const Place& place, std::string_view key_id);
[[nodiscard]] tl::unexpected<Error> no_such_alias(const Place& place, std::string_view alias);

// That a key which has the tags `old` may get these, too. ValidationException, TagException.
// Source  AWS KMS API Reference, "TagResource".
[[nodiscard]] Result<void> check_tags(const std::vector<Tag>& tags, const std::vector<Tag>& old);
// Where it has them: the tags with what is new in them.
[[nodiscard]] std::vector<Tag> merge_tags(std::vector<Tag> old, const std::vector<Tag>& tags);

}  // namespace faultline::kms
