// What keys are used for, and in which order Decrypt finds fault.
#include <gtest/gtest.h>

#include "kms/kms.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

using KmsCryptographyTest = KmsTest;

constexpr const char* kInvalid = "InvalidCiphertextException";

TEST_F(KmsCryptographyTest, ADataKeyComesInTheClearAndWrapped) {
  const std::string key = make_key("alias/replica");
  const auto data_key = west.generate_data_key(alice, "alias/replica", context);
  ASSERT_TRUE(data_key.has_value());
  EXPECT_EQ(data_key->plaintext.size(), 32U);
  EXPECT_EQ(data_key->blob.size(), 135U);
  EXPECT_EQ(data_key->key_arn, arn_of(key));
  const auto opened = west.decrypt(alice, data_key->blob, context);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->plaintext, data_key->plaintext);
  EXPECT_EQ(opened->key_arn, arn_of(key));
}

TEST_F(KmsCryptographyTest, EveryDataKeyIsFresh) {
  const std::string key = make_key();
  const auto first = west.generate_data_key(alice, key, context);
  const auto second = west.generate_data_key(alice, key, context);
  EXPECT_FALSE(first->plaintext == second->plaintext);
  EXPECT_NE(first->blob, second->blob);
}

TEST_F(KmsCryptographyTest, ADataKeysLuckHangsOnTheSecretVersion) {
  const std::string key = make_key();
  (void)west.generate_data_key(alice, key, context);
  EXPECT_TRUE(environment.draws().contains("data-key/arn:secret/v1"));
  (void)west.generate_data_key(alice, key,
                               {
                                   {"a", "b"}
  });
  EXPECT_TRUE(environment.draws().contains("data-key/" + canonical_context({
                                                             {"a", "b"}
  })));
}

TEST_F(KmsCryptographyTest, DataKeysHaveOneTo1024Bytes) {
  const std::string key = make_key();
  EXPECT_EQ(west.generate_data_key(alice, key, context, 16)->plaintext.size(), 16U);
  EXPECT_EQ(west.generate_data_key(alice, key, context, 1024)->plaintext.size(), 1024U);
  EXPECT_EQ(outcome(west.generate_data_key(alice, key, context, 0)),
            "ValidationException: 1 validation error detected: Value '0' at 'numberOfBytes' failed "
            "to satisfy constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(west.generate_data_key(alice, key, context, 1025).error().code, "ValidationException");
}

TEST_F(KmsCryptographyTest, PlaintextsHaveOneTo4096Bytes) {
  const std::string key = make_key();
  EXPECT_EQ(decrypt(encrypt(key, std::string(4096, 'x'))), "ok");
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, std::string(4097, 'x'))),
            "ValidationException: 1 validation error detected: Value at 'plaintext' failed to "
            "satisfy constraint: Member must have length less than or equal to 4096");
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "")),
            "ValidationException: 1 validation error detected: Value at 'plaintext' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1");
}

TEST_F(KmsCryptographyTest, OneSeedMakesOneBlob) {
  TestEnvironment same;
  Kms twin(kAccount, "us-west-2", same);
  const std::string key = make_key("alias/replica");
  EXPECT_EQ(make_key_in(twin, "alias/replica"), key);
  EXPECT_EQ(twin.encrypt(alice, key, context, "hunter2")->blob, encrypt(key));
  EXPECT_EQ(twin.generate_data_key(alice, key, context)->blob,
            west.generate_data_key(alice, key, context)->blob);
}

// The same bytes from every compiler and build: whoever changes them changes every recorded run.
TEST_F(KmsCryptographyTest, OneSeedMakesTheseBytes) {
  const std::string key = make_key("alias/replica");
  EXPECT_EQ(key, "23c65a8d-2655-4724-b718-6f0f52615eb4");
  EXPECT_EQ(to_hex(sha256(encrypt(key))),
            "de86b6736745bb457bb722185e46518b59c02e426589b1b7e7a0b823379f8b93");
  EXPECT_EQ(to_hex(sha256(west.generate_data_key(alice, key, context)->blob)),
            "841373672013c2709563b07ddc8815e30f3c8898e32fcea30049d806789675af");
}

TEST_F(KmsCryptographyTest, TheSaltedSuiteNeverMakesABlobTwice) {
  Kms server(kAccount, "us-west-2", environment, WrapSuite::Salted);
  const std::string key = make_key_in(server, "alias/replica");
  const auto first = server.encrypt(alice, key, context, "hunter2");
  const auto second = server.encrypt(alice, key, context, "hunter2");
  EXPECT_NE(first->blob, second->blob);
  EXPECT_EQ(first->blob.size(), 119U + 7);
  EXPECT_EQ(server.decrypt(alice, first->blob, context)->plaintext.chars(), "hunter2");
  EXPECT_EQ(server.decrypt(alice, second->blob, context)->plaintext.chars(), "hunter2");
}

TEST_F(KmsCryptographyTest, BlobsOfBothSuitesOpenWhereTheirKeyIs) {
  const std::string key = make_key();
  const std::string blob = encrypt(key);
  Kms server(kAccount, "us-west-2", environment, WrapSuite::Salted);
  ASSERT_TRUE(server.restore(west.snapshot()).has_value());
  EXPECT_EQ(server.decrypt(alice, blob, context)->plaintext.chars(), "hunter2");
  const auto salted = server.encrypt(alice, key, context, "hunter3");
  EXPECT_EQ(west.decrypt(alice, salted->blob, context)->plaintext.chars(), "hunter3");
}

TEST_F(KmsCryptographyTest, TheContextMustBeTheSame) {
  const std::string blob = encrypt(make_key());
  EXPECT_EQ(outcome(west.decrypt(alice, blob, {})), kInvalid);
  EXPECT_EQ(outcome(west.decrypt(alice, blob,
                                 {
                                     {"SecretARN", "arn:secret"}
  })),
            kInvalid);
  EncryptionContext other = context;
  other["SecretVersionId"] = "V1";
  EXPECT_EQ(outcome(west.decrypt(alice, blob, other)), kInvalid) << "case matters";
  other = context;
  other["more"] = "";
  EXPECT_EQ(outcome(west.decrypt(alice, blob, other)), kInvalid);
}

TEST_F(KmsCryptographyTest, AContextThatCannotBeWrittenIsRefused) {
  const std::string key = make_key();
  const EncryptionContext huge{
      {"k", std::string(65536, 'v')}
  };
  EXPECT_EQ(west.encrypt(alice, key, huge, "x").error().code, "ValidationException");
  EXPECT_EQ(west.generate_data_key(alice, key, huge).error().code, "ValidationException");
  EXPECT_EQ(west.decrypt(alice, encrypt(key), huge).error().code, "ValidationException");
}

TEST_F(KmsCryptographyTest, TrailingBytesAndChangedBytesAreInvalid) {
  const std::string blob = encrypt(make_key());
  EXPECT_EQ(decrypt(blob + "x"), kInvalid);
  EXPECT_EQ(decrypt(blob.substr(0, blob.size() - 1)), kInvalid);
  std::string changed = blob;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_EQ(decrypt(changed), kInvalid);
  EXPECT_EQ(decrypt("not a blob"), kInvalid);
}

TEST_F(KmsCryptographyTest, BlobsHaveOneTo6144Bytes) {
  EXPECT_EQ(decrypt(""),
            "ValidationException: 1 validation error detected: Value at 'ciphertextBlob' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1");
  EXPECT_EQ(decrypt(std::string(6144, 'x')), kInvalid);
  EXPECT_EQ(decrypt(std::string(6145, 'x')),
            "ValidationException: 1 validation error detected: Value at 'ciphertextBlob' failed to "
            "satisfy constraint: Member must have length less than or equal to 6144");
}

TEST_F(KmsCryptographyTest, ABlobOpensInItsRegionOnly) {
  const std::string blob = encrypt(make_key("alias/replica"));
  make_key_in(east, "alias/replica");
  EXPECT_EQ(outcome(east.decrypt(alice, blob, context)), kKeyNotHere);
}

// One blob is wrong in every way at once, and the ways are mended one by one: what is answered says
// which check comes first.
TEST_F(KmsCryptographyTest, DecryptFindsFaultInAFixedOrder) {
  const std::string key = make_key();
  const std::string other = make_key();
  std::string blob = encrypt(key);
  blob.back() = static_cast<char>(blob.back() ^ 1);  // not genuine
  (void)west.disable_key(key);
  (void)west.put_key_policy(key, v1::Policy());  // nobody may

  std::string unknown_key = blob;
  unknown_key.replace(3, 36, "1234abcd-12ab-34cd-56ef-1234567890ab");
  EXPECT_EQ(decrypt(unknown_key + "x", other), kInvalid) << "1: the shape";
  EXPECT_EQ(decrypt(unknown_key, other), kKeyNotHere) << "2: the key is here";
  EXPECT_EQ(decrypt(blob, other),
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can "
            "perform this operation.")
      << "3: the key that was named";
  EXPECT_EQ(decrypt(blob, "alias/none"), no_such_alias("alias/none"));
  EXPECT_EQ(decrypt(blob, key),
            "AccessDeniedException: User: arn:aws:iam::111122223333:user/alice is not authorized "
            "to perform: kms:Decrypt on resource: " +
                arn_of(key) + " because no resource-based policy allows the kms:Decrypt action")
      << "4: the caller may";
  (void)west.put_key_policy(key, *west.get_key_policy(other));
  EXPECT_EQ(decrypt(blob, key), disabled(key)) << "5: the state";
  (void)west.enable_key(key);
  EXPECT_EQ(decrypt(blob, key), kInvalid) << "6: the seal";
  blob.back() = static_cast<char>(blob.back() ^ 1);
  EXPECT_EQ(decrypt(blob, key), "ok");
}

TEST_F(KmsCryptographyTest, NothingIsOpenedByTrial) {
  const std::string key = make_key();
  std::string blob = encrypt(key);
  blob[3 + 36] = static_cast<char>(blob[3 + 36] ^ 1);  // another material id
  EXPECT_EQ(decrypt(blob), kInvalid);
}

TEST_F(KmsCryptographyTest, ReEncryptMovesABlobToAnotherKeyAndContext) {
  const std::string from = make_key("alias/from");
  const std::string to = make_key("alias/to");
  const EncryptionContext elsewhere{
      {"SecretARN", "arn:replica"}
  };
  const auto moved = west.re_encrypt(alice, encrypt(from), context, "alias/to", elsewhere);
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->key_arn, arn_of(to));
  EXPECT_EQ(parse_blob(moved->blob)->key_id, to);
  EXPECT_EQ(west.decrypt(alice, moved->blob, elsewhere)->plaintext.chars(), "hunter2");
  EXPECT_EQ(outcome(west.decrypt(alice, moved->blob, context)), kInvalid);
  EXPECT_EQ(outcome(west.re_encrypt(alice, encrypt(from), context, to, {}, to)),
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can "
            "perform this operation.");
}

TEST_F(KmsCryptographyTest, ReEncryptNeedsBothPermissions) {
  const std::string from = make_key();
  const std::string to = make_key();
  const std::string blob = encrypt(from);
  west.deny(1, from, "", {"kms:ReEncryptFrom"});
  EXPECT_EQ(outcome(west.re_encrypt(alice, blob, context, to, {})),
            "AccessDeniedException: User: arn:aws:iam::111122223333:user/alice is not authorized "
            "to perform: kms:ReEncryptFrom on resource: " +
                arn_of(from) + " with an explicit deny in a resource-based policy");
  west.lift(1);
  west.deny(2, to, "", {"kms:ReEncryptTo"});
  EXPECT_EQ(west.re_encrypt(alice, blob, context, to, {}).error().code, "AccessDeniedException");
  EXPECT_EQ(decrypt(blob), "ok");
  west.lift(2);
  EXPECT_EQ(outcome(west.re_encrypt(alice, blob, context, to, {})), "ok");
}

}  // namespace
}  // namespace faultline::kms
