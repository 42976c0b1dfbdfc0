#include "kms/envelope.h"

#include <gtest/gtest.h>

#include "kms/identifiers.h"

namespace faultline::kms {
namespace {

std::string bytes(int first, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += static_cast<char>(first + i);
  return text;
}

// The golden vectors: made with Crypto++ and checked with OpenSSL when the format was fixed. If one
// of these changes, old blobs no longer open.
class GoldenBlobTest : public testing::Test {
 protected:
  static constexpr std::string_view kAccount = "111122223333";
  static constexpr std::string_view kKeyId = "mrk-1234abcd12ab34cd56ef1234567890ab";
  const std::string material_id = bytes(0xa0, 32);
  const std::string salt = bytes(0xc0, 16);
  const std::string iv = bytes(0xe0, 12);
  const std::string plaintext = bytes(0x40, 32);
  const SecretBytes material = SecretBytes::copy_of(bytes(0x00, 32));
  const EncryptionContext context{
      {"SecretARN",       "arn:aws:secretsmanager:us-east-1:111122223333:secret:MySecret-a1b2c3"},
      {"SecretVersionId", "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"                                }
  };
  BackingCipher cipher{
      {.account = kAccount, .key_id = kKeyId, .material_id = material_id, .material = &material}
  };

  // As the format says it, put together by hand.
  [[nodiscard]] std::string header(char suite) const {
    std::string header{1, suite, 36};
    header.append(kKeyId).append(material_id);
    return suite == 2 ? header + salt : header;
  }
  [[nodiscard]] std::string aad(char suite, const EncryptionContext& with) const {
    return "SMKMS1" + std::string(kAccount) + header(suite) + canonical_context(with);
  }
  [[nodiscard]] static std::string ciphertext_of(std::string_view blob) {
    return to_hex(blob.substr(blob.size() - 48, 32));
  }
  [[nodiscard]] static std::string tag_of(std::string_view blob) {
    return to_hex(blob.substr(blob.size() - 16));
  }
};

TEST_F(GoldenBlobTest, TheContextHasItsCanonicalForm) {
  const std::string canonical = canonical_context(context);
  EXPECT_EQ(canonical.size(), 138U);
  EXPECT_EQ(to_hex(canonical.substr(0, 10)), "00020009536563726574");
  EXPECT_EQ(to_hex(canonical_context({})), "0000");
}

TEST_F(GoldenBlobTest, SuiteOne) {
  const std::string blob = cipher.wrap_with_iv(iv, canonical_context(context), plaintext);
  EXPECT_EQ(blob.size(), 135U);
  EXPECT_EQ(blob.substr(0, blob.size() - 48), header(1) + iv + std::string("\0\0\0\x20", 4));
  EXPECT_EQ(ciphertext_of(blob),
            "74838bc0b185cc6c884a34051251b6cc95f469b4aad19b4fc4d83026506c76d5");
  EXPECT_EQ(tag_of(blob), "bfffd9b36681c465c650f26e12828ca2");
  EXPECT_EQ(aad(1, context).size(), 227U);
  EXPECT_EQ(to_hex(sha256(aad(1, context))),
            "7756ab47c1cecaa526fe9f1538be620d6180c87ae7f322aca601c6a77ed8b9f7");
  EXPECT_EQ(cipher.unwrap(*parse_blob(blob), canonical_context(context))->chars(), plaintext);
}

TEST_F(GoldenBlobTest, SuiteTwo) {
  const std::string blob = cipher.wrap_salted(salt, iv, canonical_context(context), plaintext);
  EXPECT_EQ(blob.size(), 151U);
  EXPECT_EQ(blob.substr(0, blob.size() - 48), header(2) + iv + std::string("\0\0\0\x20", 4));
  EXPECT_EQ(ciphertext_of(blob),
            "8e9e9f10d84ac507fab873ab664cc2f2fb3fb9556ab4487def870c4120884f7a");
  EXPECT_EQ(tag_of(blob), "8f02e9d8b9e968ab3f0a8bfa2cc8fbb4");
  EXPECT_EQ(aad(2, context).size(), 243U);
  EXPECT_EQ(to_hex(sha256(aad(2, context))),
            "450f2d137296b80ff0eecf11f0d485c1f47ccfe03fc04c7184b67dbcf1b42436");
  EXPECT_EQ(
      to_hex(
          hkdf_sha256(material.chars(), salt, "smkms/v1/wrap" + std::string(kKeyId), 32).chars()),
      "6c0c211f59dcd3c5b91e69dd578d0acb6abba227b84a6ab2dc5ebe14a86cc92f");
  EXPECT_EQ(cipher.unwrap(*parse_blob(blob), canonical_context(context))->chars(), plaintext);
}

TEST_F(GoldenBlobTest, SuiteOneWithoutContext) {
  const std::string blob = cipher.wrap_with_iv(iv, canonical_context({}), plaintext);
  EXPECT_EQ(aad(1, {}).size(), 91U);
  EXPECT_EQ(ciphertext_of(blob),
            "74838bc0b185cc6c884a34051251b6cc95f469b4aad19b4fc4d83026506c76d5");
  EXPECT_EQ(tag_of(blob), "8eacc0c0c4dcddcce9444b0b1e83010b");
}

TEST_F(GoldenBlobTest, TheSyntheticIvIsAMacOfContextAndPlaintext) {
  const std::string blob = cipher.wrap(canonical_context(context), plaintext);
  const SecretBytes iv_key = hkdf_sha256(material.chars(), "", "smkms/v1/iv", 32);
  const std::string mac = hmac_sha256(iv_key.chars(), aad(1, context) + plaintext);
  EXPECT_EQ(parse_blob(blob)->iv, mac.substr(0, 12));
  EXPECT_EQ(cipher.wrap(canonical_context(context), plaintext), blob);
  EXPECT_EQ(cipher.unwrap(*parse_blob(blob), canonical_context(context))->chars(), plaintext);
}

TEST_F(GoldenBlobTest, AnotherMessageOrContextHasAnotherIv) {
  const auto iv_of = [&](const EncryptionContext& with, std::string_view message) {
    return std::string(parse_blob(cipher.wrap(canonical_context(with), message))->iv);
  };
  EXPECT_NE(iv_of(context, plaintext), iv_of(context, plaintext + "x"));
  EXPECT_NE(iv_of(context, plaintext), iv_of({}, plaintext));
}

TEST_F(GoldenBlobTest, TheLargestPlaintextFitsIntoABlob) {
  const std::string large(kPlaintextBytesMax, 'x');
  const std::string one = cipher.wrap(canonical_context(context), large);
  const std::string two = cipher.wrap_salted(salt, iv, canonical_context(context), large);
  EXPECT_EQ(one.size(), 4199U);
  EXPECT_EQ(two.size(), 4215U);
  EXPECT_LE(two.size(), kBlobBytesMax);
  EXPECT_EQ(cipher.unwrap(*parse_blob(two), canonical_context(context))->chars(), large);
}

TEST_F(GoldenBlobTest, ABlobIsTakenApartExactly) {
  for (const std::string& blob :
       {cipher.wrap_with_iv(iv, canonical_context(context), plaintext),
        cipher.wrap_salted(salt, iv, canonical_context(context), plaintext)}) {
    const auto parsed = parse_blob(blob);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->key_id, kKeyId);
    EXPECT_EQ(parsed->material_id, material_id);
    EXPECT_EQ(parsed->iv, iv);
    EXPECT_EQ(parsed->salt, parsed->suite == WrapSuite::Salted ? salt : "");
    const Error invalid{"InvalidCiphertextException", ""};
    EXPECT_EQ(parse_blob(blob + '\0').error(), invalid);
    for (std::size_t size = 0; size < blob.size(); ++size) {
      EXPECT_EQ(parse_blob(std::string_view(blob).substr(0, size)).error(), invalid) << size;
    }
  }
}

TEST_F(GoldenBlobTest, UnknownVersionsSuitesAndKeyNamesAreRefused) {
  const std::string good = cipher.wrap(canonical_context(context), plaintext);
  for (const auto& [at, value] : {
           std::pair<std::size_t, char>{0,  0  },
           {0,  2  },
           {1,  0  },
           {1,  3  },
           {2,  35 },
           {2,  37 },
           {3,  'M'},
           {10, 'G'}
  }) {
    std::string bad = good;
    bad[at] = value;
    EXPECT_FALSE(parse_blob(bad).has_value()) << at;
  }
}

TEST(EnvelopeTest, PairsCannotBeShiftedInTheCanonicalForm) {
  EXPECT_NE(canonical_context({
                {"ab", "c"}
  }),
            canonical_context({{"a", "bc"}}));
  EXPECT_NE(canonical_context({
                {"a", ""},
                {"b", ""}
  }),
            canonical_context({{"a", "b"}}));
}

TEST(EnvelopeTest, TheCanonicalFormSortsByBytes) {
  EXPECT_EQ(canonical_context({
                {"\xc3\xa9", "2"},
                {"z",        "1"}
  }),
            (std::string("\0\2\0\1z\0\1", 7) + "1" + std::string("\0\2\xc3\xa9\0\1", 6) + "2"));
}

TEST(EnvelopeTest, WhatDoesNotFitTheCanonicalFormIsSeen) {
  EXPECT_TRUE(fits_canonical_form({
      {std::string(65535, 'k'), std::string(65535, 'v')}
  }));
  EXPECT_FALSE(fits_canonical_form({
      {std::string(65536, 'k'), ""}
  }));
  EXPECT_FALSE(fits_canonical_form({
      {"", std::string(65536, 'v')}
  }));
}

TEST(EnvelopeTest, AMaterialIdNamesKeyAndMaterial) {
  const SecretBytes one = SecretBytes::copy_of(std::string(32, '1'));
  const SecretBytes two = SecretBytes::copy_of(std::string(32, '2'));
  EXPECT_EQ(material_id_of(one, "a"), hmac_sha256(one.chars(), "smkms/v1/kmida"));
  EXPECT_NE(material_id_of(one, "a"), material_id_of(two, "a"));
  EXPECT_NE(material_id_of(one, "a"), material_id_of(one, "b"));
}

class ValueTest : public testing::Test {
 protected:
  const SecretBytes key = SecretBytes::copy_of(std::string(32, 'k'));
  const std::string iv = std::string(12, 'i');
  const std::string arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-a1b2c3";

  [[nodiscard]] std::string seal(std::string_view value) const {
    return seal_value(key, arn, "v1", kValueString, std::as_bytes(std::span(iv)), value);
  }
};

TEST_F(ValueTest, HasTheBytesOfTheTable) {
  const std::string record = seal("hunter2");
  std::string aad = "SMSEC1";
  aad += '\0';
  aad += static_cast<char>(arn.size());
  aad += arn + std::string("\0\2v1\1", 5);
  EXPECT_EQ(record, "\1" + aead_seal(key, std::as_bytes(std::span(iv)), aad, "hunter2"));
  EXPECT_EQ(record.size(), 1 + 12 + 7 + 16U);
}

TEST_F(ValueTest, OpensAsWhatItWasSealed) {
  EXPECT_EQ(open_value(key, arn, "v1", kValueString, seal("hunter2"))->chars(), "hunter2");
  EXPECT_EQ(open_value(key, arn, "v1", kValueString, seal(""))->chars(), "");
}

TEST_F(ValueTest, IsBoundToSecretVersionAndKind) {
  const std::string record = seal("hunter2");
  const Error invalid{"InvalidCiphertextException", ""};
  EXPECT_EQ(open_value(key, arn + "x", "v1", kValueString, record).error(), invalid);
  EXPECT_EQ(open_value(key, arn, "v2", kValueString, record).error(), invalid);
  EXPECT_EQ(open_value(key, arn, "v1", kValueBinary, record).error(), invalid);
  EXPECT_EQ(open_value(SecretBytes(32), arn, "v1", kValueString, record).error(), invalid);
  EXPECT_EQ(open_value(key, arn, "v1", kValueString, "\2" + record.substr(1)).error(), invalid);
  EXPECT_EQ(open_value(key, arn, "v1", kValueString, "").error(), invalid);
  EXPECT_EQ(open_value(key, arn, "v1", kValueString, record.substr(0, 28)).error(), invalid);
}

TEST_F(ValueTest, AKeptCipherGivesTheSameBytes) {
  Aead cipher(key);
  const std::string record =
      seal_value(cipher, arn, "v1", kValueString, std::as_bytes(std::span(iv)), "hunter2");
  EXPECT_EQ(record, seal("hunter2"));
  EXPECT_EQ(open_value(cipher, arn, "v1", kValueString, record)->chars(), "hunter2");
}

}  // namespace
}  // namespace faultline::kms
