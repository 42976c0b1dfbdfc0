// How a failure of KMS looks through Secrets Manager.
#include "regions/error.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

constexpr const char* kKey = "arn:aws:kms:us-west-2:123456789012:key/k";

std::string shown(std::string_view code, const std::string& message, KmsUse use) {
  const Error error = from_kms({std::string(code), message}, use);
  return error.code + ": " + error.message;
}

TEST(KmsErrorTest, SaysNothingOfWhoWasDenied) {
  for (const KmsUse use : {KmsUse::Write, KmsUse::Read, KmsUse::SetKey}) {
    EXPECT_EQ(shown("AccessDeniedException",
                    "User: arn:aws:iam::123456789012:user/alice is not authorized", use),
              "AccessDeniedException: Access to KMS is not allowed");
  }
}

TEST(KmsErrorTest, QuotesKmsForAKeyThatCannotBeUsed) {
  EXPECT_EQ(shown("DisabledException", std::string(kKey) + " is disabled.", KmsUse::Read),
            "DecryptionFailure: Secrets Manager can't decrypt the secret value: "
            "arn:aws:kms:us-west-2:123456789012:key/k is disabled. (Service: AWSKMS; Status Code: "
            "400; Error Code: DisabledException; Request ID: "
            "00000000-0000-0000-0000-000000000000; Proxy: null)");
  EXPECT_EQ(
      shown("KMSInvalidStateException", std::string(kKey) + " is pending deletion.", KmsUse::Write),
      "EncryptionFailure: Secrets Manager can't encrypt the secret value: "
      "arn:aws:kms:us-west-2:123456789012:key/k is pending deletion. (Service: AWSKMS; Status "
      "Code: 400; Error Code: KMSInvalidStateException; Request ID: "
      "00000000-0000-0000-0000-000000000000; Proxy: null)");
}

TEST(KmsErrorTest, TellsAKeyThatIsGoneFromOneThatIsForbidden) {
  EXPECT_EQ(from_kms({"AccessDeniedException",
                      "The ciphertext refers to a customer master key that does not exist, does "
                      "not exist in this region, or you are not allowed to access."},
                     KmsUse::Read)
                .code,
            "DecryptionFailure");
  EXPECT_EQ(from_kms({"NotFoundException", "Key 'k' does not exist"}, KmsUse::Write).code,
            "EncryptionFailure");
}

TEST(KmsErrorTest, RefusesAKeyThatCannotBeFoundWhileItIsSet) {
  for (const char* code : {"NotFoundException", "InvalidArnException", "ValidationException"}) {
    EXPECT_EQ(shown(code, "whatever", KmsUse::SetKey),
              "InvalidParameterException: The operation failed because of an invalid KMS key: "
              "Invalid keyId");
  }
  EXPECT_EQ(from_kms({"DisabledException", "k is disabled."}, KmsUse::SetKey).code,
            "EncryptionFailure");
}

TEST(KmsErrorTest, SaysWhatMayPass) {
  EXPECT_EQ(shown("ThrottlingException", "", KmsUse::Read), "ThrottlingException: Rate exceeded");
  EXPECT_EQ(from_kms({"KMSInternalException", ""}, KmsUse::Read).code, "InternalServiceError");
}

TEST(KmsErrorTest, CallsAnEnvelopeThatDoesNotOpenADecryptionFailure) {
  const Error error = from_kms({"InvalidCiphertextException", ""}, KmsUse::Read);
  EXPECT_EQ(error.code, "DecryptionFailure");
  EXPECT_EQ(error.message,
            "Secrets Manager can't decrypt the secret value: (Service: AWSKMS; Status Code: 400; "
            "Error Code: InvalidCiphertextException; Request ID: "
            "00000000-0000-0000-0000-000000000000; Proxy: null)");
}

}  // namespace
}  // namespace faultline::regions
