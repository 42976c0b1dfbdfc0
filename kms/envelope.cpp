#include "kms/envelope.h"

#include <limits>
#include <utility>

#include "kms/identifiers.h"
#include "proto/check.h"

namespace faultline::kms {
namespace {

constexpr char kBlobVersion = 1;
constexpr char kValueVersion = 1;
constexpr std::size_t kFixedHeaderBytes = 3;  // version, suite, length of the key id
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kU16Max = std::numeric_limits<std::uint16_t>::max();

void append_u16(std::string& to, std::size_t number) {
  to += static_cast<char>(number >> 8U & 0xffU);
  to += static_cast<char>(number & 0xffU);
}

void append_u16_prefixed(std::string& to, std::string_view text) {
  FL_CHECK(text.size() <= kU16Max) << "a field of " << text.size() << " bytes has no u16 length";
  append_u16(to, text.size());
  to.append(text);
}

void append_u32(std::string& to, std::size_t number) {
  append_u16(to, number >> 16U);
  append_u16(to, number & 0xffffU);
}

std::size_t read_u32(std::string_view bytes) {
  std::size_t number = 0;
  for (const char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

std::string blob_header(WrapSuite suite, std::string_view key_id, std::string_view material_id,
                        std::string_view salt) {
  std::string header;
  header.reserve(kFixedHeaderBytes + key_id.size() + material_id.size() + salt.size());
  header += kBlobVersion;
  header += static_cast<char>(suite);
  header += static_cast<char>(key_id.size());
  return header.append(key_id).append(material_id).append(salt);
}

// Takes `size` bytes off the front; false when there are not so many.
bool take(std::string_view& rest, std::size_t size, std::string_view& part) {
  if (rest.size() < size) return false;
  part = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

std::string value_aad(std::string_view secret_arn, std::string_view version_id, std::uint8_t kind) {
  constexpr std::string_view kDomain = "SMSEC1";
  std::string aad;
  aad.reserve(kDomain.size() + 2 + secret_arn.size() + 2 + version_id.size() + 1);
  aad.append(kDomain);
  append_u16_prefixed(aad, secret_arn);
  append_u16_prefixed(aad, version_id);
  aad += static_cast<char>(kind);
  return aad;
}

}  // namespace

// ---- the key layer ------------------------------------------------------------------------------

bool fits_canonical_form(const EncryptionContext& context) {
  if (context.size() > kU16Max) return false;
  for (const auto& [key, value] : context) {
    if (key.size() > kU16Max || value.size() > kU16Max) return false;
  }
  return true;
}

std::string canonical_context(const EncryptionContext& context) {
  FL_CHECK(context.size() <= kU16Max) << "an encryption context of " << context.size() << " pairs";
  std::size_t size = 2;
  for (const auto& [key, value] : context) size += 4 + key.size() + value.size();
  std::string canonical;
  canonical.reserve(size);
  append_u16(canonical, context.size());
  // std::map has the order: std::string compares bytes as unsigned.
  for (const auto& [key, value] : context) {
    append_u16_prefixed(canonical, key);
    append_u16_prefixed(canonical, value);
  }
  return canonical;
}

Result<ParsedBlob> parse_blob(std::string_view blob) {
  ParsedBlob parsed;
  std::string_view rest = blob;
  std::string_view fixed;
  std::string_view length;
  if (!take(rest, kFixedHeaderBytes, fixed)) return fail(code::kInvalidCiphertext);
  const auto suite = static_cast<WrapSuite>(fixed[1]);
  const bool salted = suite == WrapSuite::Salted;
  if (fixed[0] != kBlobVersion || (suite != WrapSuite::Simulation && !salted)) {
    return fail(code::kInvalidCiphertext);
  }
  parsed.suite = suite;
  const bool whole = take(rest, static_cast<unsigned char>(fixed[2]), parsed.key_id) &&
                     take(rest, kMaterialIdBytes, parsed.material_id) &&
                     take(rest, salted ? kSaltBytes : 0, parsed.salt) &&
                     take(rest, kIvBytes, parsed.iv) && take(rest, kLengthBytes, length);
  if (!whole || !is_key_id(parsed.key_id)) return fail(code::kInvalidCiphertext);
  if (rest.size() < kTagBytes || read_u32(length) != rest.size() - kTagBytes) {
    return fail(code::kInvalidCiphertext);
  }
  parsed.header = blob.substr(
      0, kFixedHeaderBytes + parsed.key_id.size() + kMaterialIdBytes + parsed.salt.size());
  parsed.sealed = rest;
  return parsed;
}

std::string material_id_of(const SecretBytes& material, std::string_view key_id) {
  return Hmac(material).digest("smkms/v1/kmid", key_id);
}

BackingCipher::BackingCipher(const Options& options)
    : key_id_(options.key_id),
      material_id_(options.material_id),
      aad_start_("SMKMS1" + std::string(options.account)),
      material_(SecretBytes::copy_of(options.material->view())) {
  FL_CHECK(is_key_id(key_id_)) << "not a key id: " << key_id_;
  FL_CHECK(material_id_.size() == kMaterialIdBytes) << "a material id has 32 bytes";
  FL_CHECK(material_.size() == kKeyBytes) << "a backing key has 32 bytes";
}

std::string BackingCipher::wrap(std::string_view context, std::string_view plaintext) {
  if (!iv_mac_) iv_mac_.emplace(hkdf_sha256(material_.chars(), {}, "smkms/v1/iv", kKeyBytes));
  const std::string header = blob_header(WrapSuite::Simulation, key_id_, material_id_, {});
  const std::string bound = aad(header, context);
  const std::string digest = iv_mac_->digest(bound, plaintext);
  return seal(cipher(), header, bound, std::string_view(digest).substr(0, kIvBytes), plaintext);
}

std::string BackingCipher::wrap_with_iv(std::string_view iv12, std::string_view context,
                                        std::string_view plaintext) {
  const std::string header = blob_header(WrapSuite::Simulation, key_id_, material_id_, {});
  return seal(cipher(), header, aad(header, context), iv12, plaintext);
}

std::string BackingCipher::wrap_salted(std::string_view salt16, std::string_view iv12,
                                       std::string_view context, std::string_view plaintext) {
  FL_CHECK(salt16.size() == kSaltBytes) << "a salt has 16 bytes, not " << salt16.size();
  const std::string header = blob_header(WrapSuite::Salted, key_id_, material_id_, salt16);
  Aead derived = derived_cipher(salt16);
  return seal(derived, header, aad(header, context), iv12, plaintext);
}

Result<SecretBytes> BackingCipher::unwrap(const ParsedBlob& blob, std::string_view context) {
  const std::string bound = aad(blob.header, context);
  if (blob.suite == WrapSuite::Simulation) {
    return cipher().open_detached(blob.iv, bound, blob.sealed);
  }
  return derived_cipher(blob.salt).open_detached(blob.iv, bound, blob.sealed);
}

std::string BackingCipher::aad(std::string_view header, std::string_view context) const {
  std::string aad;
  aad.reserve(aad_start_.size() + header.size() + context.size());
  return aad.append(aad_start_).append(header).append(context);
}

Aead& BackingCipher::cipher() {
  if (!cipher_) cipher_.emplace(material_);
  return *cipher_;
}

Aead BackingCipher::derived_cipher(std::string_view salt16) const {
  return Aead(hkdf_sha256(material_.chars(), salt16, "smkms/v1/wrap" + key_id_, kKeyBytes));
}

std::string BackingCipher::seal(Aead& aead, std::string_view header, std::string_view aad,
                                std::string_view iv12, std::string_view plaintext) {
  FL_CHECK(plaintext.size() <= kPlaintextBytesMax) << "the KMS wraps at most 4096 bytes";
  std::string blob;
  blob.reserve(header.size() + kIvBytes + kLengthBytes + plaintext.size() + kTagBytes);
  blob.append(header).append(iv12);
  append_u32(blob, plaintext.size());
  aead.append_sealed(blob, iv12, aad, plaintext);
  return blob;
}

// ---- the value layer ----------------------------------------------------------------------------

std::string seal_value(Aead& cipher, std::string_view secret_arn, std::string_view version_id,
                       std::uint8_t kind, std::span<const std::byte> iv12,
                       std::string_view plaintext) {
  const std::string_view iv(reinterpret_cast<const char*>(iv12.data()), iv12.size());
  std::string record;
  record.reserve(1 + kIvBytes + plaintext.size() + kTagBytes);
  record += kValueVersion;
  record.append(iv);
  cipher.append_sealed(record, iv, value_aad(secret_arn, version_id, kind), plaintext);
  return record;
}

Result<SecretBytes> open_value(Aead& cipher, std::string_view secret_arn,
                               std::string_view version_id, std::uint8_t kind,
                               std::string_view sealed) {
  if (sealed.empty() || sealed[0] != kValueVersion) return fail(code::kInvalidCiphertext);
  return cipher.open(value_aad(secret_arn, version_id, kind), sealed.substr(1));
}

std::string seal_value(const SecretBytes& data_key, std::string_view secret_arn,
                       std::string_view version_id, std::uint8_t kind,
                       std::span<const std::byte> iv12, std::string_view plaintext) {
  Aead cipher(data_key);
  return seal_value(cipher, secret_arn, version_id, kind, iv12, plaintext);
}

Result<SecretBytes> open_value(const SecretBytes& data_key, std::string_view secret_arn,
                               std::string_view version_id, std::uint8_t kind,
                               std::string_view sealed) {
  Aead cipher(data_key);
  return open_value(cipher, secret_arn, version_id, kind, sealed);
}

}  // namespace faultline::kms
