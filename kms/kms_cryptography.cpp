// What is done with keys: wrapping, unwrapping, and who may.
#include <algorithm>
#include <array>
#include <utility>

#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/kms_access.h"
#include "kms/validation.h"
#include "proto/kms.pb.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "GenerateDataKey", "GenerateRandom": NumberOfBytes.
constexpr std::size_t kDrawnBytesMax = 1024;

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

Result<void> check_drawn_bytes(std::size_t bytes) {
  return check_value("numberOfBytes", static_cast<std::int64_t>(bytes), 1,
                     static_cast<std::int64_t>(kDrawnBytesMax));
}

AccessQuestion question_of(const Caller& caller, Operation operation,
                           const EncryptionContext& context, const CallOptions& options,
                           std::string_view named) {
  return {.caller = caller,
          .action = action_of(operation),
          .context = &context,
          .grant_tokens = options.grant_tokens.empty() ? nullptr : &options.grant_tokens,
          .named = named};
}

}  // namespace

std::string key_material_id_of(std::string_view blob) {
  const auto parsed = parse_blob(blob);
  return parsed ? to_hex(parsed->material_id) : std::string();
}

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
  BackingCipher& cipher = cipher_of(key, key.current());
  const std::string canonical = canonical_context(context);
  if (suite_ == WrapSuite::Simulation) return cipher.wrap(canonical, plaintext);
  std::array<std::byte, kSaltBytes> salt{};
  std::array<std::byte, kIvBytes> iv{};
  environment_->fill_random("wrap-salt/" + key.key_id, salt);
  environment_->fill_random("wrap-iv/" + key.key_id, iv);
  return cipher.wrap_salted(chars(salt), chars(iv), canonical, plaintext);
}

Result<Key*> Kms::lookup_to_use(const AccessQuestion& question, std::string_view text) {
  FL_TRY(Key * key, lookup(text, AcceptAliases::Yes));
  FL_TRY_VOID(may_use(question, *key));
  // The state's table is the same for all uses of a key.
  FL_TRY_VOID(check_state(*key, Operation::Encrypt));
  return key;
}

// The steps (1) to (3) of decrypt.
Result<Key*> Kms::key_to_open(std::string_view blob, std::string_view key_or_alias,
                              const CallOptions& options) {
  if (options.dry_run && options.ignore_ciphertext) {
    return lookup(key_or_alias, AcceptAliases::Yes);
  }
  FL_TRY_VOID(check_length("ciphertextBlob", blob.size(), 1, kBlobBytesMax));
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
  return key;
}

// The steps (4) and (5) were done.
Result<Kms::Plaintext> Kms::open(const AccessQuestion& question, Key& key, std::string_view blob) {
  FL_TRY(const ParsedBlob parsed, parse_blob(blob));
  BackingKey* backing = key.find_backing_key(parsed.material_id);
  if (backing == nullptr) return fail(code::kInvalidCiphertext);
  FL_TRY(SecretBytes plaintext,
         cipher_of(key, *backing).unwrap(parsed, canonical_context(*question.context)));
  return Plaintext{std::move(plaintext), key.arn};
}

Result<std::string> Kms::key_of_blob(std::string_view blob) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, key_to_open(blob, {}, {}));
  return key->arn;
}

Result<Kms::DataKey> Kms::generate_data_key(const Caller& caller, std::string_view key_or_alias,
                                            const EncryptionContext& context, std::size_t bytes,
                                            const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_drawn_bytes(bytes));
  FL_TRY_VOID(check_context(context));
  FL_TRY_VOID(check_options(options));
  FL_TRY(Key * key, lookup_to_use(question_of(caller, Operation::GenerateDataKey, context, options,
                                              key_or_alias),
                                  key_or_alias));
  FL_TRY_VOID(end_dry_run(options));
  SecretBytes plaintext(bytes);
  environment_->fill_random(data_key_luck(context), plaintext.bytes());
  std::string blob = wrap(*key, context, plaintext.chars());
  return DataKey{std::move(plaintext), std::move(blob), key->arn};
}

Result<Kms::Ciphertext> Kms::generate_data_key_without_plaintext(const Caller& caller,
                                                                 std::string_view key_or_alias,
                                                                 const EncryptionContext& context,
                                                                 std::size_t bytes,
                                                                 const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_drawn_bytes(bytes));
  FL_TRY_VOID(check_context(context));
  FL_TRY_VOID(check_options(options));
  FL_TRY(Key * key, lookup_to_use(question_of(caller, Operation::GenerateDataKeyWithoutPlaintext,
                                              context, options, key_or_alias),
                                  key_or_alias));
  FL_TRY_VOID(end_dry_run(options));
  SecretBytes plaintext(bytes);
  environment_->fill_random(data_key_luck(context), plaintext.bytes());
  return Ciphertext{wrap(*key, context, plaintext.chars()), key->arn};
}

Result<SecretBytes> Kms::generate_random(std::size_t bytes) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_drawn_bytes(bytes));
  SecretBytes random(bytes);
  environment_->fill_random("random", random.bytes());
  return random;
}

Result<Kms::Ciphertext> Kms::encrypt(const Caller& caller, std::string_view key_or_alias,
                                     const EncryptionContext& context, std::string_view plaintext,
                                     const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_length("plaintext", plaintext.size(), 1, kPlaintextBytesMax));
  FL_TRY_VOID(check_context(context));
  FL_TRY_VOID(check_options(options));
  FL_TRY(Key * key,
         lookup_to_use(question_of(caller, Operation::Encrypt, context, options, key_or_alias),
                       key_or_alias));
  FL_TRY_VOID(end_dry_run(options));
  return Ciphertext{wrap(*key, context, plaintext), key->arn};
}

Result<Kms::Plaintext> Kms::decrypt(const Caller& caller, std::string_view blob,
                                    const EncryptionContext& context, std::string_view key_or_alias,
                                    const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_context(context));
  FL_TRY_VOID(check_options(options));
  FL_TRY(Key * key, key_to_open(blob, key_or_alias, options));
  const AccessQuestion question =
      question_of(caller, Operation::Decrypt, context, options, key_or_alias);
  FL_TRY_VOID(may_use(question, *key));
  FL_TRY_VOID(check_state(*key, Operation::Decrypt));
  if (options.dry_run && options.ignore_ciphertext) FL_TRY_VOID(end_dry_run(options));
  FL_TRY(Plaintext opened, open(question, *key, blob));
  FL_TRY_VOID(end_dry_run(options));
  return opened;
}

Result<Kms::ReEncrypted> Kms::re_encrypt(const Caller& caller, std::string_view blob,
                                         const EncryptionContext& source_context,
                                         std::string_view destination_key_or_alias,
                                         const EncryptionContext& destination_context,
                                         std::string_view source_key_or_alias,
                                         const CallOptions& options) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_context(destination_context));
  FL_TRY_VOID(check_context(source_context));
  FL_TRY_VOID(check_options(options));
  FL_TRY(Key * source, key_to_open(blob, source_key_or_alias, options));
  const AccessQuestion from =
      question_of(caller, Operation::ReEncryptFrom, source_context, options, source_key_or_alias);
  FL_TRY_VOID(may_use(from, *source));
  FL_TRY_VOID(check_state(*source, Operation::ReEncryptFrom));
  const AccessQuestion to = question_of(caller, Operation::ReEncryptTo, destination_context,
                                        options, destination_key_or_alias);
  if (options.dry_run && options.ignore_ciphertext) {
    FL_TRY_VOID(lookup_to_use(to, destination_key_or_alias));
    FL_TRY_VOID(end_dry_run(options));
  }
  FL_TRY(const Plaintext opened, open(from, *source, blob));
  FL_TRY(Key * destination, lookup_to_use(to, destination_key_or_alias));
  FL_TRY_VOID(end_dry_run(options));
  return ReEncrypted{wrap(*destination, destination_context, opened.plaintext.chars()),
                     destination->arn, source->arn};
}

}  // namespace faultline::kms
