#include <algorithm>
#include <array>
#include <string>

#include "kms/envelope.h"
#include "proto/check.h"
#include "tests/fuzz/targets.h"

namespace faultline::fuzz {
namespace {

constexpr std::string_view kKeyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
constexpr std::string_view kPlaintext = "a data key of thirty-two bytes!!";

// Bytes of the fuzzer over those of a good one: what few fuzzers would come upon.
std::string laid_over(std::string good, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i < good.size()) {
      good[i] = static_cast<char>(good[i] ^ bytes[i]);
    } else {
      good += bytes[i];
    }
  }
  return good;
}

// Whatever it is, it opens only if it is what was sealed.
void open_blob(kms::BackingCipher& cipher, std::string_view context, std::string_view blob,
               std::string_view good) {
  const auto parsed = kms::parse_blob(blob);
  if (!parsed) {
    FL_CHECK(parsed.error().code == kms::code::kInvalidCiphertext) << parsed.error().code;
    FL_CHECK(blob != good) << "a good blob cannot be taken apart";
    return;
  }
  const auto opened = cipher.unwrap(*parsed, context);
  FL_CHECK(opened.has_value() == (blob == good)) << "a forged blob opens, or a good one does not";
  if (opened) FL_CHECK(opened->chars() == kPlaintext) << "another plaintext";
}

}  // namespace

void envelope(std::string_view bytes) {
  if (bytes.empty()) return;
  const unsigned how = static_cast<unsigned char>(bytes[0]) % 6;
  bytes.remove_prefix(1);
  const kms::SecretBytes key =
      kms::SecretBytes::copy_of(std::string_view("0123456789abcdef0123456789abcdef"));
  if (how < 2) {
    static constexpr std::array<std::byte, kms::kIvBytes> kIv{};
    const std::string good =
        kms::seal_value(key, "arn", "version", kms::kValueString, kIv, kPlaintext);
    const std::string sealed = how == 0 ? std::string(bytes) : laid_over(good, bytes);
    const auto opened = kms::open_value(key, "arn", "version", kms::kValueString, sealed);
    FL_CHECK(opened.has_value() == (sealed == good)) << "a forged value opens, or a good one not";
    FL_CHECK(!kms::open_value(key, "arn", "version", kms::kValueBinary, sealed).has_value())
        << "a string comes back as binary";
    return;
  }
  const std::string material_id = kms::material_id_of(key, kKeyId);
  kms::BackingCipher cipher(
      {.account = "123456789012", .key_id = kKeyId, .material_id = material_id, .material = &key});
  const std::string context = kms::canonical_context({
      {"SecretARN", "arn"}
  });
  const bool salted = how % 2 == 1;
  const std::string good =
      salted ? cipher.wrap_salted("0123456789abcdef", "0123456789ab", context, kPlaintext)
             : cipher.wrap(context, kPlaintext);
  open_blob(cipher, context, how < 4 ? std::string(bytes) : laid_over(good, bytes), good);
}

}  // namespace faultline::fuzz
