#include "kms/primitives.h"

#include <utility>

#include <cryptopp/aes.h>
#include <cryptopp/gcm.h>
#include <cryptopp/hkdf.h>
#include <cryptopp/hmac.h>
#include <cryptopp/misc.h>
#include <cryptopp/sha.h>

#include "proto/check.h"

namespace faultline::kms {
namespace {

using Byte = CryptoPP::byte;

// Where empty input points: Crypto++ gives null pointers a meaning of their own in places.
constexpr Byte kNothing[1] = {0};

const Byte* in(std::string_view text) {
  return text.empty() ? kNothing : reinterpret_cast<const Byte*>(text.data());
}
Byte* out(std::string& text) { return reinterpret_cast<Byte*>(text.data()); }
Byte* out(SecretBytes& secret) { return reinterpret_cast<Byte*>(secret.bytes().data()); }

std::string_view chars(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// ---- AES-256-GCM --------------------------------------------------------------------------------

struct Aead::Ciphers {
  SecretBytes key;
  CryptoPP::GCM<CryptoPP::AES>::Encryption seal;
  CryptoPP::GCM<CryptoPP::AES>::Decryption open;
  bool seal_keyed = false;
  bool open_keyed = false;

  // GCM cannot be keyed without an IV; this one is never used, since the one-shot calls bring their
  // own.
  template <class Direction>
  void ensure_keyed(Direction& direction, bool& keyed) {
    if (keyed) return;
    constexpr Byte kUnusedIv[kIvBytes] = {};
    direction.SetKeyWithIV(in(key.chars()), kKeyBytes, kUnusedIv, kIvBytes);
    keyed = true;
  }
};

Aead::Aead(const SecretBytes& key32) : ciphers_(std::make_unique<Ciphers>()) {
  FL_CHECK(key32.size() == kKeyBytes) << "an AES-256 key has 32 bytes, not " << key32.size();
  ciphers_->key = SecretBytes::copy_of(key32.view());
}

Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

void Aead::set_key(const SecretBytes& key32) {
  FL_CHECK(key32.size() == kKeyBytes) << "an AES-256 key has 32 bytes, not " << key32.size();
  if (key32 == ciphers_->key) return;
  ciphers_->key = SecretBytes::copy_of(key32.view());
  ciphers_->seal_keyed = false;
  ciphers_->open_keyed = false;
}

std::string Aead::seal(std::span<const std::byte> iv12, std::string_view aad,
                       std::string_view plaintext) {
  std::string sealed;
  sealed.reserve(kIvBytes + plaintext.size() + kTagBytes);
  sealed.append(chars(iv12));
  append_sealed(sealed, chars(iv12), aad, plaintext);
  return sealed;
}

Result<SecretBytes> Aead::open(std::string_view aad, std::string_view sealed) {
  if (sealed.size() < kIvBytes + kTagBytes) return fail(code::kInvalidCiphertext);
  return open_detached(sealed.substr(0, kIvBytes), aad, sealed.substr(kIvBytes));
}

void Aead::append_sealed(std::string& to, std::string_view iv12, std::string_view aad,
                         std::string_view plaintext) {
  FL_CHECK(iv12.size() == kIvBytes) << "an IV has 12 bytes, not " << iv12.size();
  ciphers_->ensure_keyed(ciphers_->seal, ciphers_->seal_keyed);
  const std::size_t start = to.size();
  to.resize(start + plaintext.size() + kTagBytes);
  Byte* const ciphertext = out(to) + start;
  ciphers_->seal.EncryptAndAuthenticate(ciphertext, ciphertext + plaintext.size(), kTagBytes,
                                        in(iv12), kIvBytes, in(aad), aad.size(), in(plaintext),
                                        plaintext.size());
}

Result<SecretBytes> Aead::open_detached(std::string_view iv12, std::string_view aad,
                                        std::string_view sealed) {
  if (iv12.size() != kIvBytes || sealed.size() < kTagBytes) return fail(code::kInvalidCiphertext);
  ciphers_->ensure_keyed(ciphers_->open, ciphers_->open_keyed);
  const std::size_t bytes = sealed.size() - kTagBytes;
  SecretBytes plaintext(bytes);
  Byte nowhere = 0;  // for a message without bytes
  // Crypto++ writes the plaintext before it knows whether the tag is true; when it is not, the
  // plaintext is wiped here as it goes out of scope.
  const bool genuine = ciphers_->open.DecryptAndVerify(
      bytes == 0 ? &nowhere : out(plaintext), in(sealed.substr(bytes)), kTagBytes, in(iv12),
      kIvBytes, in(aad), aad.size(), in(sealed), bytes);
  if (!genuine) return fail(code::kInvalidCiphertext);
  return plaintext;
}

std::string aead_seal(const SecretBytes& key32, std::span<const std::byte> iv12,
                      std::string_view aad, std::string_view plaintext) {
  return Aead(key32).seal(iv12, aad, plaintext);
}

Result<SecretBytes> aead_open(const SecretBytes& key32, std::string_view aad,
                              std::string_view sealed) {
  return Aead(key32).open(aad, sealed);
}

void prepare_for_threads() {
  std::string unused;
  Aead(SecretBytes(kKeyBytes)).append_sealed(unused, std::string(kIvBytes, '\0'), {}, {});
}

// ---- HMAC, HKDF, SHA-256 ------------------------------------------------------------------------

struct Hmac::Mac {
  CryptoPP::HMAC<CryptoPP::SHA256> hmac;
};

Hmac::Hmac(const SecretBytes& key) : mac_(std::make_unique<Mac>()) {
  mac_->hmac.SetKey(in(key.chars()), key.size());
}

Hmac::~Hmac() = default;
Hmac::Hmac(Hmac&&) noexcept = default;
Hmac& Hmac::operator=(Hmac&&) noexcept = default;

std::string Hmac::digest(std::string_view first, std::string_view second) {
  std::string digest(kSha256Bytes, '\0');
  mac_->hmac.Update(in(first), first.size());
  if (!second.empty()) mac_->hmac.Update(in(second), second.size());
  mac_->hmac.Final(out(digest));
  return digest;
}

SecretBytes hkdf_sha256(std::string_view ikm, std::string_view salt, std::string_view info,
                        std::size_t length) {
  FL_CHECK(length <= 255 * kSha256Bytes) << "HKDF-SHA256 makes at most 8160 bytes, not " << length;
  SecretBytes derived(length);
  if (length == 0) return derived;
  CryptoPP::HKDF<CryptoPP::SHA256>().DeriveKey(out(derived), length, in(ikm), ikm.size(), in(salt),
                                               salt.size(), in(info), info.size());
  return derived;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::string digest(kSha256Bytes, '\0');
  CryptoPP::HMAC<CryptoPP::SHA256>(in(key), key.size())
      .CalculateDigest(out(digest), in(data), data.size());
  return digest;
}

std::string sha256(std::string_view data) {
  std::string digest(kSha256Bytes, '\0');
  CryptoPP::SHA256().CalculateDigest(out(digest), in(data), data.size());
  return digest;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CryptoPP::VerifyBufsEqual(in(a), in(b), a.size()));
}

}  // namespace faultline::kms
