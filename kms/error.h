// Error: an answer of the KMS that is not success, in the words that AWS uses, because clients
// match on them.
//
// Some answers of AWS have no text at all; then `message` is empty and the wire form has no message
// member.
// Source  AWS KMS API Reference, the "Errors" section of each operation, and "Common Errors".
#pragma once

#include <string>
#include <string_view>

#include "proto/result.h"

namespace faultline::kms {

struct Error {
  std::string code;     // "NotFoundException"; one of the codes below
  std::string message;  // may be empty

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = Expected<T, Error>;

// The codes that this KMS answers or that a fault makes it answer.
namespace code {
inline constexpr std::string_view kAccessDenied = "AccessDeniedException";
inline constexpr std::string_view kAlreadyExists = "AlreadyExistsException";
inline constexpr std::string_view kConflict = "ConflictException";
inline constexpr std::string_view kDependencyTimeout = "DependencyTimeoutException";
inline constexpr std::string_view kDisabled = "DisabledException";
inline constexpr std::string_view kDryRun = "DryRunOperationException";
inline constexpr std::string_view kIncorrectKey = "IncorrectKeyException";
inline constexpr std::string_view kInternal = "KMSInternalException";
inline constexpr std::string_view kInvalidArn = "InvalidArnException";
inline constexpr std::string_view kInvalidCiphertext = "InvalidCiphertextException";
inline constexpr std::string_view kInvalidGrantId = "InvalidGrantIdException";
inline constexpr std::string_view kInvalidGrantToken = "InvalidGrantTokenException";
inline constexpr std::string_view kInvalidState = "KMSInvalidStateException";
inline constexpr std::string_view kLimitExceeded = "LimitExceededException";
inline constexpr std::string_view kMalformedPolicy = "MalformedPolicyDocumentException";
inline constexpr std::string_view kNotAuthorized = "NotAuthorizedException";
inline constexpr std::string_view kNotFound = "NotFoundException";
inline constexpr std::string_view kTag = "TagException";
inline constexpr std::string_view kThrottling = "ThrottlingException";
inline constexpr std::string_view kUnsupported = "UnsupportedOperationException";
inline constexpr std::string_view kValidation = "ValidationException";
}  // namespace code

// An Error ready to be returned from a function that answers Result<T>.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string_view code, std::string message = {}) {
  return tl::make_unexpected(Error{std::string(code), std::move(message)});
}

}  // namespace faultline::kms
