// Using keys. What a key's policy, state and history have to say is KMS's own (kms/kms.h).
// Source  AWS KMS API Reference, "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
//         "GenerateRandom", "Encrypt", "Decrypt", "ReEncrypt".
#include "regions/kms_api/operations.h"

namespace faultline::regions::kms_api {
namespace {

constexpr std::string_view kSymmetric = "SYMMETRIC_DEFAULT";

kms::EncryptionContext context_of(const google::protobuf::Map<std::string, std::string>& pairs) {
  kms::EncryptionContext context;
  for (const auto& [key, value] : pairs) context[key] = value;
  return context;
}

// Of AES_256, AES_128, or a number of bytes: exactly one way to say it.
template <class Request>
Result<std::size_t> bytes_of(const Request& request) {
  if (request.has_key_spec() == request.has_number_of_bytes()) {
    return kms::fail(kms::code::kValidation, "Please specify either number of bytes or key spec.");
  }
  if (request.has_number_of_bytes()) return static_cast<std::size_t>(request.number_of_bytes());
  constexpr std::size_t kAes256 = 32;
  constexpr std::size_t kAes128 = 16;
  return request.key_spec() == "AES_256" ? kAes256 : kAes128;
}

// The keys here are symmetric.
Result<void> check_algorithm(Desk& desk, const std::string& key, const std::string& algorithm) {
  if (algorithm.empty() || algorithm == kSymmetric) return {};
  FL_TRY(const std::string arn, desk.kms.resolve(key));
  return kms::fail("InvalidKeyUsageException", arn +
                                                   " key spec SYMMETRIC_DEFAULT is not valid for " +
                                                   "encryption algorithm " + algorithm + ".");
}

// IGNORE_CIPHERTEXT leaves nothing else to name the key by.
template <class Request>
Result<void> check_blob(const Request& request, const std::string& key) {
  if (request.dry_run_modifiers_size() > 0) {
    if (!request.dry_run()) {
      return kms::fail(kms::code::kValidation, "DryRunModifiers can be used with DryRun only.");
    }
    if (key.empty()) {
      return kms::fail(kms::code::kValidation, "KeyId is required with IGNORE_CIPHERTEXT.");
    }
    return {};
  }
  if (request.has_ciphertext_blob()) return {};
  return kms::fail(kms::code::kValidation,
                   "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
                   "constraint: Member must not be null");
}

}  // namespace

Result<v1::KmsGenerateDataKeyResponse> generate_data_key(
    Desk& desk, const v1::KmsGenerateDataKeyRequest& request) {
  FL_TRY(const std::size_t bytes, bytes_of(request));
  FL_TRY(const auto key, desk.kms.generate_data_key(desk.caller(), request.key_id(),
                                                    context_of(request.encryption_context()), bytes,
                                                    options_of(request)));
  v1::KmsGenerateDataKeyResponse response;
  response.set_ciphertext_blob(key.blob);
  response.set_plaintext(std::string(key.plaintext.chars()));
  response.set_key_id(key.key_arn);
  response.set_key_material_id(kms::key_material_id_of(key.blob));
  return response;
}

Result<v1::KmsGenerateDataKeyWithoutPlaintextResponse> generate_data_key_without_plaintext(
    Desk& desk, const v1::KmsGenerateDataKeyWithoutPlaintextRequest& request) {
  FL_TRY(const std::size_t bytes, bytes_of(request));
  FL_TRY(const auto key, desk.kms.generate_data_key_without_plaintext(
                             desk.caller(), request.key_id(),
                             context_of(request.encryption_context()), bytes, options_of(request)));
  v1::KmsGenerateDataKeyWithoutPlaintextResponse response;
  response.set_ciphertext_blob(key.blob);
  response.set_key_id(key.key_arn);
  response.set_key_material_id(kms::key_material_id_of(key.blob));
  return response;
}

Result<v1::KmsGenerateRandomResponse> generate_random(Desk& desk,
                                                      const v1::KmsGenerateRandomRequest& request) {
  if (!request.has_number_of_bytes()) {
    return kms::fail(kms::code::kValidation, "NumberOfBytes is required.");
  }
  if (request.has_custom_key_store_id()) {
    return kms::fail("UnsupportedOperationException", "Custom key stores are not emulated.");
  }
  FL_TRY_VOID(may(desk, "kms:GenerateRandom"));
  FL_TRY(const auto random,
         desk.kms.generate_random(static_cast<std::size_t>(request.number_of_bytes())));
  v1::KmsGenerateRandomResponse response;
  response.set_plaintext(std::string(random.chars()));
  return response;
}

Result<v1::KmsEncryptResponse> encrypt(Desk& desk, const v1::KmsEncryptRequest& request) {
  FL_TRY_VOID(check_algorithm(desk, request.key_id(), request.encryption_algorithm()));
  FL_TRY(const auto sealed,
         desk.kms.encrypt(desk.caller(), request.key_id(), context_of(request.encryption_context()),
                          request.plaintext(), options_of(request)));
  v1::KmsEncryptResponse response;
  response.set_ciphertext_blob(sealed.blob);
  response.set_key_id(sealed.key_arn);
  response.set_encryption_algorithm(std::string(kSymmetric));
  return response;
}

Result<v1::KmsDecryptResponse> decrypt(Desk& desk, const v1::KmsDecryptRequest& request) {
  FL_TRY_VOID(check_blob(request, request.key_id()));
  if (request.encryption_algorithm() != kSymmetric && request.has_encryption_algorithm()) {
    return kms::fail(kms::code::kInvalidCiphertext);
  }
  FL_TRY(const auto opened, desk.kms.decrypt(desk.caller(), request.ciphertext_blob(),
                                             context_of(request.encryption_context()),
                                             request.key_id(), options_of(request)));
  v1::KmsDecryptResponse response;
  response.set_key_id(opened.key_arn);
  response.set_plaintext(std::string(opened.plaintext.chars()));
  response.set_encryption_algorithm(std::string(kSymmetric));
  response.set_key_material_id(kms::key_material_id_of(request.ciphertext_blob()));
  return response;
}

Result<v1::KmsReEncryptResponse> re_encrypt(Desk& desk, const v1::KmsReEncryptRequest& request) {
  FL_TRY_VOID(check_blob(request, request.source_key_id()));
  FL_TRY_VOID(check_algorithm(desk, request.destination_key_id(),
                              request.destination_encryption_algorithm()));
  FL_TRY(const auto sealed,
         desk.kms.re_encrypt(desk.caller(), request.ciphertext_blob(),
                             context_of(request.source_encryption_context()),
                             request.destination_key_id(),
                             context_of(request.destination_encryption_context()),
                             request.source_key_id(), options_of(request)));
  v1::KmsReEncryptResponse response;
  response.set_ciphertext_blob(sealed.blob);
  response.set_source_key_id(sealed.source_key_arn);
  response.set_key_id(sealed.key_arn);
  response.set_source_encryption_algorithm(std::string(kSymmetric));
  response.set_destination_encryption_algorithm(std::string(kSymmetric));
  response.set_source_key_material_id(kms::key_material_id_of(request.ciphertext_blob()));
  response.set_destination_key_material_id(kms::key_material_id_of(sealed.blob));
  return response;
}

}  // namespace faultline::regions::kms_api
