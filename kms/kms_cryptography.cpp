// What is done with keys: wrapping, unwrapping, and who may.
#include <algorithm>
#include <array>
#include <utility>

#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/validation.h"
#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "GenerateDataKey": NumberOfBytes.
constexpr std::size_t kDataKeyBytesMax = 1024;

std::string data_key_luck(const EncryptionContext& context) {
  // As Secrets Manager fills the context: Secrets Manager User Guide, "Secret encryption and
  // decryption in AWS Secrets Manager".
  const auto arn = context.find("SecretARN");
  const auto version = context.find("SecretVersionId");
  if (arn != context.end() && version != context.end()) {
    return "data-key/" + arn->second + "/" + version->second;
  }
  return "data-key/" + canonical_context(context);
}

std::string_view chars(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

BackingCipher& Kms::cipher_of(const Key& key, BackingKey& backing) const {
  if (!backing.cipher) {
    backing.cipher.emplace(BackingCipher::Options{.account = place_.account,
                                                  .key_id = key.key_id,
                                                  .material_id = backing.material_id,
                                                  .material = &backing.material});
  }
  return *backing.cipher;
}

std::string Kms::wrap(Key& key, const EncryptionContext& context, std::string_view plaintext) {
  BackingCipher& cipher = cipher_of(key, key.backing_keys.back());
  const std::string canonical = canonical_context(context);
  if (suite_ == WrapSuite::Simulation) return cipher.wrap(canonical, plaintext);
  std::array<std::byte, kSaltBytes> salt{};
  std::array<std::byte, kIvBytes> iv{};
  environment_->fill_random("wrap-salt/" + key.key_id, salt);
  environment_->fill_random("wrap-iv/" + key.key_id, iv);
  return cipher.wrap_salted(chars(salt), chars(iv), canonical, plaintext);
}

Result<Kms::Plaintext> Kms::open(const Caller& caller, std::string_view blob,
                                 const EncryptionContext& context, std::string_view key_or_alias,
                                 std::string_view action) {
  FL_TRY_VOID(check_length("ciphertextBlob", blob.size(), 1, kBlobBytesMax));
  FL_TRY_VOID(check_context(context));
  FL_TRY(const ParsedBlob parsed, parse_blob(blob));
  Key* key = find(parsed.key_id);
  if (key == nullptr) {
    return fail(code::kAccessDenied,
                "The ciphertext refers to a customer master key that does not exist, does not "
                "exist in this region, or you are not allowed to access.");
  }
  if (!key_or_alias.empty()) {
    FL_TRY(const Key* named, lookup(key_or_alias, AcceptAliases::Yes));
    if (named != key) {
      return fail(code::kIncorrectKey,
                  "The key ID in the request does not identify a CMK that can perform this "
                  "operation.");
    }
  }
  FL_TRY_VOID(may_use(caller, *key, action));
  FL_TRY_VOID(require_enabled(*key));
  const auto backing =
      std::find_if(key->backing_keys.begin(), key->backing_keys.end(),
                   [&](const BackingKey& each) { return each.material_id == parsed.material_id; });
  if (backing == key->backing_keys.end()) return fail(code::kInvalidCiphertext);
  FL_TRY(SecretBytes plaintext,
         cipher_of(*key, *backing).unwrap(parsed, canonical_context(context)));
  return Plaintext{std::move(plaintext), key->arn};
}

Result<Kms::DataKey> Kms::generate_data_key(const Caller& caller, std::string_view key_or_alias,
                                            const EncryptionContext& context, std::size_t bytes) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_value("numberOfBytes", static_cast<std::int64_t>(bytes), 1,
                          static_cast<std::int64_t>(kDataKeyBytesMax)));
  FL_TRY_VOID(check_context(context));
  FL_TRY(Key * key, lookup_to_use(caller, key_or_alias, "kms:GenerateDataKey"));
  SecretBytes plaintext(bytes);
  environment_->fill_random(data_key_luck(context), plaintext.bytes());
  std::string blob = wrap(*key, context, plaintext.chars());
  return DataKey{std::move(plaintext), std::move(blob), key->arn};
}

Result<Kms::Ciphertext> Kms::encrypt(const Caller& caller, std::string_view key_or_alias,
                                     const EncryptionContext& context, std::string_view plaintext) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("plaintext", plaintext.size(), 1, kPlaintextBytesMax));
  FL_TRY_VOID(check_context(context));
  FL_TRY(Key * key, lookup_to_use(caller, key_or_alias, "kms:Encrypt"));
  return Ciphertext{wrap(*key, context, plaintext), key->arn};
}

Result<Kms::Plaintext> Kms::decrypt(const Caller& caller, std::string_view blob,
                                    const EncryptionContext& context,
                                    std::string_view key_or_alias) {
  FL_TRY_VOID(begin_call());
  return open(caller, blob, context, key_or_alias, "kms:Decrypt");
}

Result<Kms::Ciphertext> Kms::re_encrypt(const Caller& caller, std::string_view blob,
                                        const EncryptionContext& source_context,
                                        std::string_view destination_key_or_alias,
                                        const EncryptionContext& destination_context,
                                        std::string_view source_key_or_alias) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_context(destination_context));
  FL_TRY(const Plaintext opened,
         open(caller, blob, source_context, source_key_or_alias, "kms:ReEncryptFrom"));
  FL_TRY(Key * key, lookup_to_use(caller, destination_key_or_alias, "kms:ReEncryptTo"));
  return Ciphertext{wrap(*key, destination_context, opened.plaintext.chars()), key->arn};
}

}  // namespace faultline::kms
