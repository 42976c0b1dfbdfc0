// Policies of keys, tags, descriptions, and what calls may say beside their parameters.
#include <gtest/gtest.h>

#include "kms/policy.h"
#include "kms/policy_decision.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

v1::Policy only(const std::string& principal, const std::string& action = "kms:*") {
  v1::Policy policy;
  auto& statement = *policy.add_statements();
  statement.set_effect(v1::Policy::Statement::Allow);
  statement.add_principals(principal);
  statement.add_actions(action);
  return policy;
}

class KmsPoliciesTest : public KmsTest {
 protected:
  const std::string key = make_key("alias/replica");
  const std::string lockout =
      "MalformedPolicyDocumentException: The new key policy will not allow you to update the key "
      "policy in the future.";
};

TEST_F(KmsPoliciesTest, ADocumentComesBackToTheLetterAndDecides) {
  const std::string text =
      R"({ "Version": "2012-10-17", "Statement": {"Effect": "Allow",
           "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"},
           "Action": "kms:*", "Resource": "*"} })";
  v1::Policy policy;
  policy.set_document(text);
  EXPECT_EQ(outcome(west.put_key_policy(key, policy)), "ok");
  EXPECT_EQ(*west.get_key_policy_document(key), text);
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x")), "ok");
  EXPECT_EQ(west.encrypt(bob, key, context, "x").error().code, "AccessDeniedException");
  policy.set_document("{");
  EXPECT_EQ(west.put_key_policy(key, policy).error().code, "MalformedPolicyDocumentException");
  EXPECT_EQ(*west.get_key_policy_document(key), text);
}

TEST_F(KmsPoliciesTest, TheDefaultPolicyReadsAsInAws) {
  EXPECT_EQ(*west.get_key_policy_document(key),
            R"({"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User )"
            R"(Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},)"
            R"("Action":"kms:*","Resource":"*"}]})");
}

TEST_F(KmsPoliciesTest, APolicyHasOneName) {
  EXPECT_EQ(*west.list_key_policies(key), std::vector<std::string>{"default"});
  EXPECT_EQ(outcome(west.get_key_policy(key, "other")), "NotFoundException: No such policy exists");
  EXPECT_EQ(outcome(west.put_key_policy(key, only("*"), {.name = "other"})),
            "UnsupportedOperationException: Only default policy is supported");
}

TEST_F(KmsPoliciesTest, NobodyLocksHimselfOutUnlessHeSaysSo) {
  const v1::Policy of_bob = only(bob.principal_arn);
  EXPECT_EQ(outcome(west.put_key_policy(key, of_bob, {.keeper = &alice})), lockout);
  EXPECT_EQ(outcome(west.create_key({.policy = &of_bob, .keeper = &alice})), lockout);
  EXPECT_EQ(outcome(west.put_key_policy(key, only(alice.principal_arn, "kms:Encrypt"),
                                        {.keeper = &alice})),
            lockout);
  EXPECT_EQ(outcome(west.put_key_policy(key, of_bob, {.keeper = &bob})), "ok");
  EXPECT_EQ(outcome(west.put_key_policy(key, of_bob)), "ok") << "bypassed";
  EXPECT_EQ(outcome(west.create_key({.keeper = &alice})), "ok") << "the default policy is safe";
}

TEST_F(KmsPoliciesTest, TheGroundOfAPermissionIsTold) {
  EXPECT_EQ(*west.authorize(alice, key, "kms:Decrypt"), Basis::Account);
  (void)west.put_key_policy(key, only(alice.principal_arn));
  EXPECT_EQ(*west.authorize(alice, key, "kms:Decrypt"), Basis::KeyPolicy);
}

TEST_F(KmsPoliciesTest, WhatIsLeftToTheAccountNeedsTheCallersPolicies) {
  std::vector<v1::Policy> identity(1);
  auto& statement = *identity[0].add_statements();
  statement.set_effect(v1::Policy::Statement::Allow);
  statement.add_actions("kms:Decrypt");
  statement.add_resources("*");
  const CallerPolicies policies{.identity = &identity};
  Caller reader = alice;
  reader.policies = &policies;
  const std::string blob = encrypt(key);
  EXPECT_EQ(outcome(west.decrypt(reader, blob, context)), "ok");
  EXPECT_EQ(west.encrypt(reader, key, context, "x").error().code, "AccessDeniedException");
  (void)west.create_grant({}, key,
                          {.grantee_principal = alice.principal_arn, .operations = {"Encrypt"}});
  EXPECT_EQ(outcome(west.encrypt(reader, key, context, "x")), "ok") << "a grant needs none";
  EXPECT_EQ(*west.authorize(reader, key, "kms:Encrypt"), Basis::Grant);
}

TEST_F(KmsPoliciesTest, ConditionsSeeTheCall) {
  const auto allows = [&](const std::string& condition_key, const std::string& value) {
    v1::Policy policy = only(alice.principal_arn);
    auto& condition = *policy.mutable_statements(0)->add_conditions();
    condition.set_operator_("StringEquals");
    condition.set_key(condition_key);
    condition.add_values(value);
    (void)west.put_key_policy(key, policy);
    return west.encrypt(alice, "alias/replica", context, "x").has_value();
  };
  EXPECT_TRUE(allows("kms:EncryptionContext:SecretARN", "arn:secret"));
  EXPECT_FALSE(allows("kms:EncryptionContext:SecretARN", "arn:other"));
  EXPECT_TRUE(allows("kms:RequestAlias", "alias/replica"));
  EXPECT_FALSE(allows("kms:RequestAlias", "alias/other"));
  EXPECT_TRUE(allows("kms:CallerAccount", kAccount));
  EXPECT_FALSE(allows("kms:ViaService", "secretsmanager.us-west-2.amazonaws.com"));
  EXPECT_TRUE(allows("kms:KeyUsage", "ENCRYPT_DECRYPT"));
  EXPECT_TRUE(allows("kms:ResourceAliases", "alias/replica"));
  EXPECT_FALSE(allows("aws:ResourceTag/team", "red"));
  (void)west.tag_resource(key, {
                                   {"team", "red"}
  });
  EXPECT_TRUE(allows("aws:ResourceTag/team", "red"));
}

// ---- tags and descriptions ----------------------------------------------------------------------

TEST_F(KmsPoliciesTest, TagsAreAddedChangedAndRemoved) {
  EXPECT_EQ(outcome(west.tag_resource(key,
                                      {
                                          {"a", "1"},
                                          {"b", "2"}
  })),
            "ok");
  EXPECT_EQ(outcome(west.tag_resource(key,
                                      {
                                          {"a", "3"},
                                          {"c", "" }
  })),
            "ok");
  EXPECT_EQ(*west.list_resource_tags(key), (std::vector<Tag>{
                                               {"a", "3"},
                                               {"b", "2"},
                                               {"c", "" }
  }));
  EXPECT_EQ(outcome(west.untag_resource(key, {"b", "none"})), "ok");
  EXPECT_EQ(*west.list_resource_tags(key), (std::vector<Tag>{
                                               {"a", "3"},
                                               {"c", "" }
  }));
  EXPECT_EQ(*west.list_resource_tags(west.create_key({
                                                         .tags = {{"x", "y"}}
  })
                                         ->key_id),
            (std::vector<Tag>{{"x", "y"}}));
}

TEST_F(KmsPoliciesTest, TagsHaveTheirLimits) {
  EXPECT_EQ(outcome(west.tag_resource(key,
                                      {
                                          {"a", "1"},
                                          {"a", "2"}
  })),
            "TagException: Duplicate tag keys");
  EXPECT_EQ(outcome(west.tag_resource(key,
                                      {
                                          {"AWS:x", "1"}
  })),
            "TagException: Tags beginning with aws: are reserved");
  EXPECT_EQ(outcome(west.create_key({.tags = {{"aws:", "1"}}})),
            "TagException: Tags beginning with aws: are reserved");
  EXPECT_EQ(outcome(west.tag_resource(key,
                                      {
                                          {"aws", "1"}
  })),
            "ok");
  std::vector<Tag> many;
  for (int i = 0; i < 50; ++i) many.push_back({std::to_string(i), ""});
  EXPECT_EQ(outcome(west.tag_resource(key, many)), "TagException: Too many tags") << "51 in all";
  EXPECT_EQ(west.list_resource_tags(key)->size(), 1U);
  (void)west.untag_resource(key, {"aws"});
  EXPECT_EQ(outcome(west.tag_resource(key, many)), "ok");
  EXPECT_EQ(outcome(west.tag_resource(key,
                                      {
                                          {"a", "" },
                                          {"",  "x"}
  })),
            "ValidationException: 1 validation error detected: Value '' at "
            "'tags.2.member.tagKey' failed to satisfy constraint: Member must have length greater "
            "than or equal to 1");
  EXPECT_EQ(west.tag_resource(key,
                              {
                                  {"a", std::string(257, 'x')}
  })
                .error()
                .code,
            "ValidationException");
}

TEST_F(KmsPoliciesTest, ADescriptionCanBeChanged) {
  EXPECT_EQ(outcome(west.update_key_description(key, "new")), "ok");
  EXPECT_EQ(west.describe_key(key)->description, "new");
  EXPECT_EQ(west.update_key_description(key, std::string(8193, 'x')).error().code,
            "ValidationException");
  const std::string managed = west.describe_key(kManagedAlias)->key_id;
  EXPECT_EQ(west.update_key_description(managed, "x").error().code, "AccessDeniedException");
  EXPECT_EQ(west.tag_resource(managed,
                              {
                                  {"a", "b"}
  })
                .error()
                .code,
            "AccessDeniedException");
}

// ---- options of calls ---------------------------------------------------------------------------

class KmsOptionsTest : public KmsPoliciesTest {
 protected:
  const std::string dry =
      "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";
  const CallOptions dry_run{.dry_run = true};
};

TEST_F(KmsOptionsTest, ADryRunDrawsNothingAndTellsTheTruth) {
  const std::string blob = encrypt(key);
  const auto draws = environment.draws();
  EXPECT_EQ(outcome(west.generate_data_key(alice, key, context, 32, dry_run)), dry);
  EXPECT_EQ(outcome(west.generate_data_key_without_plaintext(alice, key, context, 32, dry_run)),
            dry);
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x", dry_run)), dry);
  EXPECT_EQ(outcome(west.decrypt(alice, blob, context, {}, dry_run)), dry);
  EXPECT_EQ(outcome(west.re_encrypt(alice, blob, context, key, context, {}, dry_run)), dry);
  EXPECT_EQ(environment.draws(), draws);
  EXPECT_EQ(outcome(west.decrypt(alice, blob, {}, {}, dry_run)), "InvalidCiphertextException");
  (void)west.disable_key(key);
  EXPECT_EQ(outcome(west.encrypt(alice, key, context, "x", dry_run)), disabled(key));
  (void)west.put_key_policy(key, only(bob.principal_arn));
  EXPECT_EQ(west.encrypt(alice, key, context, "x", dry_run).error().code, "AccessDeniedException");
}

TEST_F(KmsOptionsTest, ADryRunMayIgnoreTheCiphertext) {
  const CallOptions ignoring{.dry_run = true, .ignore_ciphertext = true};
  EXPECT_EQ(outcome(west.decrypt(alice, "", context, key, ignoring)), dry);
  EXPECT_EQ(outcome(west.re_encrypt(alice, "", context, key, context, key, ignoring)), dry);
  EXPECT_EQ(west.decrypt(alice, "", context, {}, ignoring).error().code, "ValidationException");
  EXPECT_EQ(west.decrypt(alice, "", context, key, {.ignore_ciphertext = true}).error().code,
            "ValidationException")
      << "only then";
}

TEST_F(KmsOptionsTest, ADataKeyComesWithoutItsPlaintext) {
  const auto wrapped = west.generate_data_key_without_plaintext(alice, key, context, 16);
  ASSERT_EQ(outcome(wrapped), "ok");
  EXPECT_EQ(wrapped->key_arn, arn_of(key));
  EXPECT_EQ(west.decrypt(alice, wrapped->blob, context)->plaintext.size(), 16U);
  EXPECT_EQ(key_material_id_of(wrapped->blob), west.describe_key(key)->current_key_material_id);
  EXPECT_EQ(key_material_id_of("nonsense"), "");
  (void)west.put_key_policy(key, only(alice.principal_arn, "kms:GenerateDataKey"));
  EXPECT_EQ(west.generate_data_key_without_plaintext(alice, key, context).error().code,
            "AccessDeniedException");
}

TEST_F(KmsOptionsTest, RandomBytesHaveTheirBounds) {
  EXPECT_EQ(west.generate_random(1024)->size(), 1024U);
  EXPECT_NE(west.generate_random(16)->chars(), west.generate_random(16)->chars());
  EXPECT_EQ(outcome(west.generate_random(0)),
            "ValidationException: 1 validation error detected: Value '0' at 'numberOfBytes' failed "
            "to satisfy constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(west.generate_random(1025).error().code, "ValidationException");
}

TEST_F(KmsOptionsTest, ABlobNamesItsKey) {
  EXPECT_EQ(*west.key_of_blob(encrypt(key)), arn_of(key));
  EXPECT_EQ(outcome(east.key_of_blob(encrypt(key))), kKeyNotHere);
  EXPECT_EQ(outcome(west.key_of_blob("nonsense")), "InvalidCiphertextException");
}

TEST_F(KmsOptionsTest, ReEncryptingTellsBothKeys) {
  const std::string other = make_key();
  const std::string blob = encrypt(key);
  const auto moved = west.re_encrypt(alice, blob, context, other, {});
  ASSERT_EQ(outcome(moved), "ok");
  EXPECT_EQ(moved->key_arn, arn_of(other));
  EXPECT_EQ(moved->source_key_arn, arn_of(key));
}

}  // namespace
}  // namespace faultline::kms
