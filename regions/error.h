// What a client of the emulated service may get instead of an answer: AWS's error names, and AWS's
// texts where they are known.
#pragma once

#include <string>

#include "kms/error.h"
#include "proto/result.h"

namespace faultline::regions {

struct Error {
  // "ResourceNotFoundException", … as on the wire; the emulator's own addition is
  // "ConnectionClosed": the region died before it answered, and the call may or may not have taken
  // effect.
  std::string code;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = Expected<T, Error>;

// ---- the errors that are written in more than one place -----------------------------------------
// Source  AWS Secrets Manager API Reference, and answers recorded from the service.
[[nodiscard]] Error secret_not_found();
[[nodiscard]] Error marked_for_deletion();
[[nodiscard]] Error write_on_replica();
[[nodiscard]] Error invalid_parameter(std::string message);
[[nodiscard]] Error invalid_request(std::string message);
[[nodiscard]] Error internal_service_error();

// ---- how a failure of KMS looks through Secrets Manager -----------------------------------------
// While a value is being written, while one is being read, or while a key is being set or changed.
enum class KmsUse { Write, Read, SetKey };
// Shape    denied: AccessDeniedException "Access to KMS is not allowed". Disabled, pending
//          deletion, deleted: EncryptionFailure or DecryptionFailure with KMS's text. A key that
//          cannot be found while it is being set: InvalidParameterException. Throttled:
//          ThrottlingException. KMS down: InternalServiceError.
// Source   AWS Secrets Manager User Guide, "Secret encryption and decryption"; AWS Managed Services
//          guide (the texts of a disabled key).
[[nodiscard]] Error from_kms(const kms::Error& error, KmsUse use);

}  // namespace faultline::regions
