// The cryptographic primitives that the KMS and the regions build on: AES-256-GCM, HKDF, HMAC and
// SHA-256. Crypto++ does the work, and only primitives.cpp and secret_bytes.cpp know it.
//
// What is fixed and why (NIST SP 800-38D; Crypto++ 8.7): keys have 32 bytes, IVs 12 (with other
// lengths Crypto++ can encrypt wrongly when the counter wraps) and tags 16 (Crypto++ accepts a tag
// of no bytes at all). Never seal two messages under one key and IV.
//
// Determinism  everything here is a function of its arguments; nothing draws luck.
// Threads      an object belongs to one thread; there is no hidden state between objects (see
//              prepare_for_threads).
// Errors       what cannot be opened is InvalidCiphertextException without text, whatever the
//              reason was. Arguments of impossible lengths are a caller's mistake and end the run
//              (FL_CHECK).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kms/error.h"
#include "kms/secret_bytes.h"

namespace faultline::kms {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kIvBytes = 12;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kSha256Bytes = 32;

// AES-256-GCM under one key, keyed once and used often: keying costs more than sealing a short
// message. A direction is keyed when it is first used.
class Aead {
 public:
  explicit Aead(const SecretBytes& key32);
  ~Aead();
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;

  // Goes on with another key, and keeps the machinery. Free when it is the key that is already
  // there.
  void set_key(const SecretBytes& key32);

  // iv ‖ ciphertext ‖ tag; 28 bytes longer than the plaintext.
  [[nodiscard]] std::string seal(std::span<const std::byte> iv12, std::string_view aad,
                                 std::string_view plaintext);
  // The reverse of seal. Nothing of the plaintext is left behind when the tag is false.
  [[nodiscard]] Result<SecretBytes> open(std::string_view aad, std::string_view sealed);

  // For formats that place the parts themselves: appends ciphertext ‖ tag to `out`.
  void append_sealed(std::string& out, std::string_view iv12, std::string_view aad,
                     std::string_view plaintext);
  // `sealed` is ciphertext ‖ tag.
  [[nodiscard]] Result<SecretBytes> open_detached(std::string_view iv12, std::string_view aad,
                                                  std::string_view sealed);

 private:
  struct Ciphers;
  std::unique_ptr<Ciphers> ciphers_;
};

// Aead for a key that is used once.
[[nodiscard]] std::string aead_seal(const SecretBytes& key32, std::span<const std::byte> iv12,
                                    std::string_view aad, std::string_view plaintext);
[[nodiscard]] Result<SecretBytes> aead_open(const SecretBytes& key32, std::string_view aad,
                                            std::string_view sealed);

// HMAC-SHA256 under one key, keyed once and used often.
class Hmac {
 public:
  explicit Hmac(const SecretBytes& key);
  ~Hmac();
  Hmac(Hmac&&) noexcept;
  Hmac& operator=(Hmac&&) noexcept;

  // Of the two parts one after the other: a caller need not join them. 32 bytes.
  [[nodiscard]] std::string digest(std::string_view first, std::string_view second = {});

 private:
  struct Mac;
  std::unique_ptr<Mac> mac_;
};

// RFC 5869. `length` is 0 to 8160 (255 digests); an empty salt is 32 zero bytes, as the RFC says.
[[nodiscard]] SecretBytes hkdf_sha256(std::string_view ikm, std::string_view salt,
                                      std::string_view info, std::size_t length);
// 32 bytes each.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);
[[nodiscard]] std::string sha256(std::string_view data);

// For MACs, tokens and keys. The time it takes tells the lengths, not where the bytes differ.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

// A program that runs simulations on several threads calls this before it starts them: on a CPU
// without carry-less multiplication Crypto++ fills one table for the whole process when the first
// GCM object is keyed, and does not lock while it does.
void prepare_for_threads();

}  // namespace faultline::kms
