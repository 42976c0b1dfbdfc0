// Envelopes: the bytes in which keys and values are kept. Two layers, as in AWS: the KMS wraps a
// data key under a backing key, and the data key seals the value of one secret version.
//
// The wrap blob, a CiphertextBlob of this KMS (integers big-endian):
//
//   offset   size  what
//   0        1     version, 1
//   1        1     suite: 1 AES-256-GCM under the backing key itself, 2 under a key derived from it
//            and the salt
//   2        1     N, length of the key id (36)
//   3        N     key id, ASCII: a UUID, or "mrk-" and 32 hex digits
//   3+N      32    key material id: names the backing key, so that nothing is opened by trial
//   35+N     16    salt, only in suite 2
//            12    IV
//            4     L, length of the ciphertext
//            L     ciphertext
//            16    tag; the blob ends here, to the byte
//
//   AAD            "SMKMS1" ‖ account, 12 digits ‖ the blob from offset 0 up to the IV ‖ canonical
//                  context
//   suite 1 IV     the first 12 bytes of HMAC-SHA256(iv key, AAD ‖ plaintext), iv key =
//                  HKDF-SHA256(backing key, info "smkms/v1/iv"). A counter or a random draw would
//                  repeat when a world is restored or forked; this cannot meet the same IV with
//                  another message. It tells only that two blobs hold the same plaintext in the
//                  same context.
//   suite 2 key    HKDF-SHA256(backing key, salt, info "smkms/v1/wrap" ‖ key id, 32 bytes); salt
//                  and IV are random
//   material id    HMAC-SHA256(backing key, "smkms/v1/kmid" ‖ key id)
//
// The region and the ARN are not bound: related multi-Region keys open each other's blobs, as AWS
// says they do. A 32-byte data key makes a blob of 135 bytes (suite 1) or 151 (suite 2).
//
// The canonical context: u16 count ‖ (u16 length, key, u16 length, value)…, sorted by the bytes of
// the key; the count is there even when it is 0. Lengths make {"ab":"c"} and {"a":"bc"} different.
//
// The value record, what is stored of a secret version:
//
//   offset   size  what
//   0        1     version, 1
//   1        12    IV
//   13       L     ciphertext
//   13+L     16    tag
//
//   AAD            "SMSEC1" ‖ u16 length, secret ARN ‖ u16 length, version id ‖ u8 kind
//
// The channel seal, for what travels between regions: IV ‖ ciphertext ‖ tag with the caller's AAD:
// aead_seal in kms/primitives.h.
//
// Source  ours, for real blobs are opaque; what they bind is AWS's (KMS Developer Guide,
//         "Encryption context"; KMS cryptographic details, "Encrypt"). Real blobs are not
//         compatible with these and do not pretend to be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kms/error.h"
#include "kms/primitives.h"
#include "kms/secret_bytes.h"

namespace faultline::kms {

// Not secret, compared exactly and case-sensitively; the order of the pairs means nothing.
using EncryptionContext = std::map<std::string, std::string>;

// How blobs are made. Either kind is opened wherever its key is.
enum class WrapSuite : std::uint8_t {
  Simulation = 1,  // deterministic and fast: one seed, one blob
  Salted = 2,      // a fresh key for each blob, as the real KMS does: for a server
};

inline constexpr std::size_t kSaltBytes = 16;
inline constexpr std::size_t kMaterialIdBytes = 32;
// AWS KMS API Reference, "Decrypt": CiphertextBlob has 1 to 6144 bytes.
inline constexpr std::size_t kBlobBytesMax = 6144;
// AWS KMS API Reference, "Encrypt": Plaintext has 1 to 4096 bytes.
inline constexpr std::size_t kPlaintextBytesMax = 4096;

// What a canonical context can hold: at most 65,535 pairs, keys and values of at most 65,535 bytes.
[[nodiscard]] bool fits_canonical_form(const EncryptionContext& context);
// Requires fits_canonical_form.
[[nodiscard]] std::string canonical_context(const EncryptionContext& context);

// ---- the key layer ------------------------------------------------------------------------------

// The parts of a wrap blob, as views into it.
struct ParsedBlob {
  WrapSuite suite = WrapSuite::Simulation;
  std::string_view key_id;
  std::string_view material_id;
  std::string_view salt;    // empty in suite 1
  std::string_view header;  // everything before the IV
  std::string_view iv;
  std::string_view sealed;  // ciphertext ‖ tag
};

// Takes a blob apart; InvalidCiphertextException unless every length is exact and the key id looks
// like one. Proves nothing yet about who made it.
[[nodiscard]] Result<ParsedBlob> parse_blob(std::string_view blob);

// The 32 bytes that name one backing key of a key.
[[nodiscard]] std::string material_id_of(const SecretBytes& material, std::string_view key_id);

// One backing key at work: wraps and unwraps, and keeps its ciphers keyed. Belongs to one thread.
class BackingCipher {
 public:
  struct Options {
    std::string_view account;      // 12 digits
    std::string_view key_id;       // 36 characters
    std::string_view material_id;  // 32 bytes
    const SecretBytes* material;   // 32 bytes; copied
  };
  explicit BackingCipher(const Options& options);

  // `context` is in canonical form here and below. A plaintext has at most 4096 bytes.
  // Suite 1 with its synthetic IV: the same arguments give the same blob.
  [[nodiscard]] std::string wrap(std::string_view context, std::string_view plaintext);
  // Suite 1 with a given IV: for test vectors.
  [[nodiscard]] std::string wrap_with_iv(std::string_view iv12, std::string_view context,
                                         std::string_view plaintext);
  // Suite 2. Salt and IV must be fresh.
  [[nodiscard]] std::string wrap_salted(std::string_view salt16, std::string_view iv12,
                                        std::string_view context, std::string_view plaintext);

  // Opens a blob of either suite that names this backing key. InvalidCiphertextException without
  // text when anything differs.
  [[nodiscard]] Result<SecretBytes> unwrap(const ParsedBlob& blob, std::string_view context);

 private:
  [[nodiscard]] std::string aad(std::string_view header, std::string_view context) const;
  [[nodiscard]] Aead& cipher();
  [[nodiscard]] Aead derived_cipher(std::string_view salt16) const;
  [[nodiscard]] static std::string seal(Aead& aead, std::string_view header, std::string_view aad,
                                        std::string_view iv12, std::string_view plaintext);

  std::string key_id_;
  std::string material_id_;
  std::string aad_start_;  // domain and account
  SecretBytes material_;
  std::optional<Aead> cipher_;  // suite 1; made when first needed
  std::optional<Hmac> iv_mac_;  // likewise
};

// ---- the value layer ----------------------------------------------------------------------------

// Kinds of values: they are bound, so that a string cannot come back as binary.
inline constexpr std::uint8_t kValueString = 1;
inline constexpr std::uint8_t kValueBinary = 2;

// Seals and opens the value of one secret version. One data key serves one version only, and an IV
// is never used twice with it. The ARN and the version id have at most 65,535 bytes. Opening fails
// with InvalidCiphertextException without text.
[[nodiscard]] std::string seal_value(const SecretBytes& data_key, std::string_view secret_arn,
                                     std::string_view version_id, std::uint8_t kind,
                                     std::span<const std::byte> iv12, std::string_view plaintext);
[[nodiscard]] Result<SecretBytes> open_value(const SecretBytes& data_key,
                                             std::string_view secret_arn,
                                             std::string_view version_id, std::uint8_t kind,
                                             std::string_view sealed);

// The same with a cipher that the caller keeps and that set_key has given the data key: about half
// the cost for short values.
[[nodiscard]] std::string seal_value(Aead& cipher, std::string_view secret_arn,
                                     std::string_view version_id, std::uint8_t kind,
                                     std::span<const std::byte> iv12, std::string_view plaintext);
[[nodiscard]] Result<SecretBytes> open_value(Aead& cipher, std::string_view secret_arn,
                                             std::string_view version_id, std::uint8_t kind,
                                             std::string_view sealed);

}  // namespace faultline::kms
