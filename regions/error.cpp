#include "regions/error.h"

#include <string_view>
#include <utility>

namespace faultline::regions {
namespace {

// AWS's own text around KMS's. A request id would be luck that no run needs, so it is all zeros.
std::string quoted(const kms::Error& error, std::string_view verb) {
  std::string text = "Secrets Manager can't ";
  text += verb;
  text += " the secret value: ";
  if (!error.message.empty()) text += error.message + " ";
  return text + "(Service: AWSKMS; Status Code: 400; Error Code: " + error.code +
         "; Request ID: 00000000-0000-0000-0000-000000000000; Proxy: null)";
}

// KMS hides whether the key of a ciphertext is gone or forbidden behind one code, and says which in
// the text.
bool key_is_gone(const kms::Error& error) {
  return error.message.starts_with("The ciphertext refers to");
}

}  // namespace

Error secret_not_found() {
  return {"ResourceNotFoundException", "Secrets Manager can't find the specified secret."};
}

Error marked_for_deletion() {
  return invalid_request(
      "You can't perform this operation on the secret because it was marked for deletion.");
}

Error write_on_replica() {
  return invalid_parameter(
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.");
}

Error invalid_parameter(std::string message) {
  return {"InvalidParameterException", std::move(message)};
}

Error invalid_request(std::string message) {
  return {"InvalidRequestException", std::move(message)};
}

Error internal_service_error() {
  return {"InternalServiceError", "An error occurred on the server side."};
}

Error from_kms(const kms::Error& error, KmsUse use) {
  if (error.code == kms::code::kAccessDenied && !key_is_gone(error)) {
    return {"AccessDeniedException", "Access to KMS is not allowed"};
  }
  if (error.code == kms::code::kThrottling) return {"ThrottlingException", "Rate exceeded"};
  if (error.code == kms::code::kInternal || error.code == kms::code::kDependencyTimeout)
    return internal_service_error();

  const bool names_no_key = error.code == kms::code::kNotFound ||
                            error.code == kms::code::kInvalidArn ||
                            error.code == kms::code::kValidation;
  if (use == KmsUse::SetKey && names_no_key) {
    return invalid_parameter("The operation failed because of an invalid KMS key: Invalid keyId");
  }
  if (use == KmsUse::Read) return {"DecryptionFailure", quoted(error, "decrypt")};
  return {"EncryptionFailure", quoted(error, "encrypt")};
}

}  // namespace faultline::regions
