// Published vectors, all of them: data/README.md says where they come from.
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "kms/primitives.h"

namespace faultline::kms {
namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  if (hex == "-") return bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// The fields of each line that is not a comment.
std::vector<std::vector<std::string>> read_cases(const std::string& file) {
  std::ifstream in(std::string(FAULTLINE_KMS_TEST_DATA) + "/" + file);
  EXPECT_TRUE(in.is_open()) << file;
  std::vector<std::vector<std::string>> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::vector<std::string>& each = cases.emplace_back();
    for (std::string field; fields >> field;) each.push_back(field);
  }
  return cases;
}

TEST(VectorsTest, AesGcmDoesWhatWycheproofSays) {
  int valid = 0;
  int invalid = 0;
  for (const auto& fields : read_cases("aes_256_gcm.txt")) {
    ASSERT_EQ(fields.size(), 8U);
    SCOPED_TRACE("tcId " + fields[0]);
    const SecretBytes key = SecretBytes::copy_of(from_hex(fields[2]));
    const std::string iv = from_hex(fields[3]);
    const std::string aad = from_hex(fields[4]);
    const std::string message = from_hex(fields[5]);
    const std::string sealed = iv + from_hex(fields[6]) + from_hex(fields[7]);
    const auto opened = aead_open(key, aad, sealed);
    if (fields[1] == "valid") {
      ++valid;
      ASSERT_TRUE(opened.has_value());
      EXPECT_EQ(opened->chars(), message);
      EXPECT_EQ(aead_seal(key, std::as_bytes(std::span(iv)), aad, message), sealed);
    } else {
      ++invalid;
      EXPECT_EQ(opened.error(), (Error{"InvalidCiphertextException", ""}));
    }
  }
  EXPECT_EQ(valid, 39);
  EXPECT_EQ(invalid, 27);
}

// One Aead that is keyed anew for each case must do the same: nothing of the last key may stay.
TEST(VectorsTest, AesGcmDoesSoWithOneReusedObject) {
  Aead aead{SecretBytes(kKeyBytes)};
  int cases = 0;
  for (const auto& fields : read_cases("aes_256_gcm.txt")) {
    SCOPED_TRACE("tcId " + fields[0]);
    aead.set_key(SecretBytes::copy_of(from_hex(fields[2])));
    const std::string iv = from_hex(fields[3]);
    const auto opened =
        aead.open(from_hex(fields[4]), iv + from_hex(fields[6]) + from_hex(fields[7]));
    EXPECT_EQ(opened.has_value(), fields[1] == "valid");
    if (opened) {
      EXPECT_EQ(opened->chars(), from_hex(fields[5]));
    }
    ++cases;
  }
  EXPECT_EQ(cases, 66);
}

TEST(VectorsTest, HkdfDoesWhatWycheproofSays) {
  int valid = 0;
  int invalid = 0;
  for (const auto& fields : read_cases("hkdf_sha256.txt")) {
    ASSERT_EQ(fields.size(), 7U);
    SCOPED_TRACE("tcId " + fields[0]);
    const std::string ikm = from_hex(fields[2]);
    const std::string salt = from_hex(fields[3]);
    const std::string info = from_hex(fields[4]);
    const std::size_t size = std::stoul(fields[5]);
    if (fields[1] == "valid") {
      ++valid;
      EXPECT_EQ(hkdf_sha256(ikm, salt, info, size).chars(), from_hex(fields[6]));
    } else {
      ++invalid;
      EXPECT_DEATH((void)hkdf_sha256(ikm, salt, info, size), "at most 8160 bytes");
    }
  }
  EXPECT_EQ(valid, 83);
  EXPECT_EQ(invalid, 3);
}

}  // namespace
}  // namespace faultline::kms
