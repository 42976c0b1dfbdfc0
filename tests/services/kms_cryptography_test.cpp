#include <gmock/gmock.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using testing::HasSubstr;

class KmsCryptographyTest : public testing::Test {
 protected:
  std::string sealed(std::string_view more = "") {
    return calls
        .kms_ok("encrypt { key_id: '" + id + "' plaintext: 'hunter2' " + std::string(more) + " }")
        .encrypt()
        .ciphertext_blob();
  }
  std::string decrypt(const std::string& blob, std::string_view more = "") {
    v1::KmsRequest request;
    request.mutable_decrypt()->set_ciphertext_blob(blob);
    std::string text = request.ShortDebugString();
    text.insert(text.rfind('}'), std::string(more) + " ");
    const auto answer = calls.kms(text);
    return answer ? answer->decrypt().plaintext() : error_text(answer);
  }

  OtherCalls calls;
  const std::string id = calls.create_key();
};

TEST_F(KmsCryptographyTest, OpensWhatItSealed) {
  const auto answer =
      calls.kms_ok("encrypt { key_id: '" + id + "' plaintext: 'hunter2' }").encrypt();
  EXPECT_EQ(answer.key_id(), calls.arn(id));
  EXPECT_EQ(answer.encryption_algorithm(), "SYMMETRIC_DEFAULT");
  v1::KmsRequest request;
  request.mutable_decrypt()->set_ciphertext_blob(answer.ciphertext_blob());
  const auto opened = calls.kms_ok(request.ShortDebugString()).decrypt();
  EXPECT_EQ(opened.plaintext(), "hunter2");
  EXPECT_EQ(opened.key_id(), calls.arn(id));
  EXPECT_EQ(opened.key_material_id(), calls.describe(id).current_key_material_id());
}

TEST_F(KmsCryptographyTest, AnotherContextOrATailIsAnInvalidCiphertextWithoutText) {
  const std::string blob = sealed("encryption_context { key: 'a' value: 'b' }");
  EXPECT_EQ(decrypt(blob, "encryption_context { key: 'a' value: 'b' }"), "hunter2");
  EXPECT_EQ(decrypt(blob), "InvalidCiphertextException");
  EXPECT_EQ(decrypt(blob, "encryption_context { key: 'A' value: 'b' }"),
            "InvalidCiphertextException");
  EXPECT_EQ(decrypt(sealed() + "x"), "InvalidCiphertextException");
}

TEST_F(KmsCryptographyTest, ABlobOfAnUnknownKeyIsForbidden) {
  const std::string blob = sealed();
  v1::KmsRequest request;
  request.mutable_decrypt()->set_ciphertext_blob(blob);
  EXPECT_EQ(calls.kms_error(request.ShortDebugString(), kEast),
            "AccessDeniedException: The ciphertext refers to a customer master key that does not "
            "exist, does not exist in this region, or you are not allowed to access.");
}

TEST_F(KmsCryptographyTest, AnotherKeyNamedIsTheIncorrectOne) {
  const std::string other = calls.create_key();
  EXPECT_EQ(decrypt(sealed(), "key_id: '" + other + "'"),
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can "
            "perform this operation.");
}

TEST_F(KmsCryptographyTest, DataKeysHaveTheSizeAskedFor) {
  const auto key = calls.kms_ok("generate_data_key { key_id: '" + id + "' key_spec: 'AES_256' }")
                       .generate_data_key();
  EXPECT_EQ(key.plaintext().size(), 32U);
  EXPECT_EQ(decrypt(key.ciphertext_blob()), key.plaintext());
  EXPECT_EQ(key.key_material_id().size(), 64U);
  EXPECT_EQ(calls.kms_ok("generate_data_key { key_id: '" + id + "' number_of_bytes: 5 }")
                .generate_data_key()
                .plaintext()
                .size(),
            5U);
  const auto wrapped = calls
                           .kms_ok("generate_data_key_without_plaintext { key_id: '" + id +
                                   "' key_spec: 'AES_128' }")
                           .generate_data_key_without_plaintext();
  EXPECT_EQ(decrypt(wrapped.ciphertext_blob()).size(), 16U);
  for (const char* both : {"", "key_spec: 'AES_256' number_of_bytes: 5"}) {
    EXPECT_EQ(calls.kms_error("generate_data_key { key_id: '" + id + "' " + both + " }"),
              "ValidationException: Please specify either number of bytes or key spec.");
  }
}

TEST_F(KmsCryptographyTest, RandomBytesAreRandom) {
  const auto one = calls.kms_ok("generate_random { number_of_bytes: 16 }").generate_random();
  const auto two = calls.kms_ok("generate_random { number_of_bytes: 16 }").generate_random();
  EXPECT_EQ(one.plaintext().size(), 16U);
  EXPECT_NE(one.plaintext(), two.plaintext());
  EXPECT_EQ(calls.kms_error("generate_random { }"),
            "ValidationException: NumberOfBytes is required.");
}

TEST_F(KmsCryptographyTest, ReEncryptsUnderAnotherKey) {
  const std::string other = calls.create_key();
  v1::KmsRequest request;
  request.mutable_re_encrypt()->set_ciphertext_blob(sealed());
  request.mutable_re_encrypt()->set_destination_key_id(other);
  const auto answer = calls.kms_ok(request.ShortDebugString()).re_encrypt();
  EXPECT_EQ(answer.key_id(), calls.arn(other));
  EXPECT_EQ(answer.source_key_id(), calls.arn(id));
  EXPECT_EQ(answer.source_key_material_id(), calls.describe(id).current_key_material_id());
  EXPECT_EQ(answer.destination_key_material_id(), calls.describe(other).current_key_material_id());
  EXPECT_EQ(decrypt(answer.ciphertext_blob()), "hunter2");
}

TEST_F(KmsCryptographyTest, ADryRunDoesNothing) {
  EXPECT_EQ(calls.kms_error("encrypt { key_id: '" + id + "' plaintext: 'x' dry_run: true }"),
            "DryRunOperationException: The request would have succeeded, but the DryRun option is "
            "set.");
  calls.kms_ok("disable_key { key_id: '" + id + "' }");
  EXPECT_EQ(calls.kms_error("encrypt { key_id: '" + id + "' plaintext: 'x' dry_run: true }"),
            "DisabledException: " + calls.arn(id) + " is disabled.");
}

// What a trace holds must not tell a value: two keys that differ leave digests that may differ only
// by what is public.
TEST_F(KmsCryptographyTest, LeavesNoPlaintextInTheTrace) {
  const auto key = calls.kms_ok("generate_data_key { key_id: '" + id + "' key_spec: 'AES_256' }")
                       .generate_data_key();
  decrypt(sealed());
  for (const v1::TraceEvent& event : calls.events()) {
    const std::string bytes = event.SerializeAsString();
    EXPECT_THAT(bytes, testing::Not(HasSubstr("hunter2")));
    EXPECT_THAT(bytes, testing::Not(HasSubstr(key.plaintext())));
  }
}

}  // namespace
}  // namespace faultline::regions
