#include "kms/primitives.h"

#include <gtest/gtest.h>

#include "kms/identifiers.h"

namespace faultline::kms {
namespace {

const std::string kIv(kIvBytes, 'i');

std::span<const std::byte> iv() { return std::as_bytes(std::span(kIv)); }
SecretBytes key(char c) { return SecretBytes::copy_of(std::string(kKeyBytes, c)); }

// FIPS 180-2, appendix B.1; RFC 4231, test case 2.
TEST(PrimitivesTest, DigestsAreTheStandardOnes) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(PrimitivesTest, AKeyedHmacIsTheSameEachTimeAndInParts) {
  Hmac hmac(SecretBytes::copy_of("Jefe"));
  const std::string expected = hmac_sha256("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(hmac.digest("what do ya want for nothing?"), expected);
  EXPECT_EQ(hmac.digest("what do ya want ", "for nothing?"), expected);
  EXPECT_EQ(hmac.digest("", "what do ya want for nothing?"), expected);
}

TEST(PrimitivesTest, EmptyInputsAreInputs) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hmac_sha256("", "").size(), kSha256Bytes);
  EXPECT_EQ(hkdf_sha256("ikm", "", "", 0).size(), 0U);
  const std::string sealed = aead_seal(key('k'), iv(), "", "");
  EXPECT_EQ(sealed.size(), kIvBytes + kTagBytes);
  EXPECT_EQ(aead_open(key('k'), "", sealed)->chars(), "");
}

TEST(PrimitivesTest, ASealNeedsItsKeyAndItsContext) {
  const std::string sealed = aead_seal(key('k'), iv(), "west to east", "hunter2");
  EXPECT_EQ(aead_open(key('k'), "west to east", sealed)->chars(), "hunter2");
  const Error invalid{"InvalidCiphertextException", ""};
  EXPECT_EQ(aead_open(key('x'), "west to east", sealed).error(), invalid);
  EXPECT_EQ(aead_open(key('k'), "east to west", sealed).error(), invalid);
  EXPECT_EQ(aead_open(key('k'), "west to east", sealed + "x").error(), invalid);
  EXPECT_EQ(aead_open(key('k'), "west to east", sealed.substr(1)).error(), invalid);
  EXPECT_EQ(aead_open(key('k'), "west to east", "").error(), invalid);
}

// The object that has failed must go on working: a false tag leaves no state behind.
TEST(PrimitivesTest, AnAeadGoesOnAfterAFalseTag) {
  Aead aead(key('k'));
  const std::string sealed = aead.seal(iv(), "aad", "hunter2");
  std::string tampered = sealed;
  tampered.back() = static_cast<char>(tampered.back() ^ 1);
  EXPECT_FALSE(aead.open("aad", tampered).has_value());
  EXPECT_EQ(aead.open("aad", sealed)->chars(), "hunter2");
}

TEST(PrimitivesTest, AnAeadTakesAnotherKey) {
  Aead aead(key('a'));
  const std::string under_a = aead.seal(iv(), "", "hunter2");
  aead.set_key(key('b'));
  const std::string under_b = aead.seal(iv(), "", "hunter2");
  EXPECT_NE(under_a, under_b);
  EXPECT_FALSE(aead.open("", under_a).has_value());
  EXPECT_EQ(aead.open("", under_b)->chars(), "hunter2");
  aead.set_key(key('a'));
  EXPECT_EQ(aead.open("", under_a)->chars(), "hunter2");
}

TEST(PrimitivesTest, ConstantTimeEqualityIsEquality) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

TEST(PrimitivesDeathTest, ImpossibleLengthsEndTheRun) {
  EXPECT_DEATH(Aead(SecretBytes(16)), "32 bytes, not 16");
  Aead aead(key('k'));
  EXPECT_DEATH((void)aead.seal(iv().first(8), "", ""), "12 bytes, not 8");
}

TEST(PrimitivesTest, PreparingForThreadsMayBeRepeated) {
  prepare_for_threads();
  prepare_for_threads();
}

}  // namespace
}  // namespace faultline::kms
