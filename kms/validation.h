// The shape of a request, checked as AWS checks it and refused in its words:
//
//   1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must
//   have length less than or equal to 4096
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kms/envelope.h"
#include "kms/error.h"
#include "kms/identifiers.h"

namespace faultline::kms {

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

}  // namespace faultline::kms
