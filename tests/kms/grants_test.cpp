// Grants, as the KMS Developer Guide describes them: "Grants in AWS KMS", "Creating grants",
// "Managing grants".
#include "kms/grants.h"

#include <gtest/gtest.h>

#include "proto/deterministic_bytes.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

constexpr std::int64_t kMinute = std::int64_t{60} * 1'000'000'000;

// Only alice is named in the key's policy; bob and carol have what grants give them.
class GrantsTest : public KmsTest {
 protected:
  GrantsTest() {
    v1::Policy policy;
    auto& statement = *policy.add_statements();
    statement.set_effect(v1::Policy::Statement::Allow);
    statement.add_principals(alice.principal_arn);
    statement.add_actions("kms:*");
    key = west.create_key({.policy = &policy})->key_id;
    blob = encrypt(key);
  }

  CreateGrant to_bob(std::vector<std::string> operations) {
    return {.grantee_principal = bob.principal_arn, .operations = std::move(operations)};
  }
  GrantReceipt grant(const CreateGrant& request) {
    const auto receipt = west.create_grant(alice, key, request);
    EXPECT_EQ(outcome(receipt), "ok");
    return receipt ? *receipt : GrantReceipt{};
  }
  std::string as(const Caller& caller, const CallOptions& options = {}) {
    return outcome(west.decrypt(caller, blob, context, {}, options));
  }
  std::string denied(const Caller& caller, const std::string& action = "kms:Decrypt") {
    return "AccessDeniedException: User: " + caller.principal_arn +
           " is not authorized to perform: " + action + " on resource: " + arn_of(key) +
           " because no resource-based policy allows the " + action + " action";
  }
  static CallOptions with(const std::string& token) { return {.grant_tokens = {token}}; }

  const Caller carol{.principal_arn = "arn:aws:iam::111122223333:user/carol"};
  std::string key, blob;
};

TEST_F(GrantsTest, AGrantAllowsItsOperationsToItsGranteeAndNothingElse) {
  EXPECT_EQ(as(bob), denied(bob));
  grant(to_bob({"Decrypt", "DescribeKey"}));
  EXPECT_EQ(as(bob), "ok");
  EXPECT_EQ(as(carol), denied(carol));
  EXPECT_EQ(outcome(west.encrypt(bob, key, context, "x")), denied(bob, "kms:Encrypt"));
  EXPECT_EQ(*west.authorize(bob, key, "kms:Decrypt"), Basis::Grant);
  EXPECT_EQ(*west.authorize(alice, key, "kms:Decrypt"), Basis::KeyPolicy);
  EXPECT_EQ(outcome(west.authorize(bob, key, "kms:PutKeyPolicy")), denied(bob, "kms:PutKeyPolicy"));
}

TEST_F(GrantsTest, AnExplicitDenyWinsOverAGrant) {
  grant(to_bob({"Decrypt"}));
  v1::Policy policy = *west.get_key_policy(key);
  auto& statement = *policy.add_statements();
  statement.set_effect(v1::Policy::Statement::Deny);
  statement.add_principals(bob.principal_arn);
  statement.add_actions("kms:Decrypt");
  EXPECT_EQ(outcome(west.put_key_policy(key, policy)), "ok");
  EXPECT_EQ(west.decrypt(bob, blob, context).error().message,
            "User: " + bob.principal_arn +
                " is not authorized to perform: kms:Decrypt on resource: " + arn_of(key) +
                " with an explicit deny in a resource-based policy");
}

TEST_F(GrantsTest, AFaultDeniesAndRevokesInSpiteOfAGrant) {
  grant(to_bob({"Decrypt"}));
  west.deny(1, key, bob.principal_arn, {});
  EXPECT_EQ(west.decrypt(bob, blob, context).error().code, "AccessDeniedException");
  west.lift(1);
  west.deny(1, key, carol.principal_arn, {});
  EXPECT_TRUE(as(carol).ends_with("with an explicit deny in a resource-based policy"));
  west.lift(1);
  west.revoke(2, key);
  EXPECT_EQ(west.decrypt(bob, blob, context).error().code, "AccessDeniedException");
  west.lift(2);
  EXPECT_EQ(as(bob), "ok");
}

TEST_F(GrantsTest, AConstraintBindsTheContext) {
  CreateGrant exact = to_bob({"Decrypt"});
  exact.constraints.equals = context;
  grant(exact);
  EXPECT_EQ(as(bob), "ok");
  CreateGrant loose{.grantee_principal = carol.principal_arn, .operations = {"Encrypt"}};
  loose.constraints.subset = {
      {"SecretARN", "arn:secret"}
  };
  grant(loose);
  EXPECT_EQ(outcome(west.encrypt(carol, key, context, "x")), "ok");
  EXPECT_EQ(outcome(west.encrypt(carol, key, loose.constraints.subset, "x")), "ok");
  EXPECT_EQ(outcome(west.encrypt(carol, key, {}, "x")), denied(carol, "kms:Encrypt"));
  EXPECT_EQ(outcome(west.encrypt(carol, key,
                                 {
                                     {"SecretARN", "arn:other"}
  },
                                 "x")),
            denied(carol, "kms:Encrypt"));
  EncryptionContext more = context;
  more["more"] = "x";
  const std::string other = west.encrypt(alice, key, more, "x")->blob;
  EXPECT_EQ(outcome(west.decrypt(bob, other, more)), denied(bob)) << "equals means equal";
}

TEST_F(GrantsTest, ANameMakesCreatingIdempotentWithAFreshTokenEachTime) {
  CreateGrant named = to_bob({"Decrypt"});
  named.name = "mine";
  const GrantReceipt first = grant(named);
  const GrantReceipt second = grant(named);
  EXPECT_EQ(first.grant_id, second.grant_id);
  EXPECT_NE(first.grant_token, second.grant_token);
  EXPECT_EQ(west.list_grants(key)->size(), 1U);
  named.operations = {"Encrypt"};
  EXPECT_NE(grant(named).grant_id, first.grant_id) << "other parameters";
  EXPECT_NE(grant(to_bob({"Decrypt"})).grant_id, grant(to_bob({"Decrypt"})).grant_id)
      << "without a name each call is a new grant";
  EXPECT_EQ(outcome(west.retire_grant({}, {.grant_token = first.grant_token})), "ok");
  EXPECT_EQ(outcome(west.retire_grant({}, {.grant_token = second.grant_token})),
            "InvalidGrantTokenException");
}

TEST_F(GrantsTest, ATokenWorksBeforeTheGrantHasPropagated) {
  west.set_grant_propagation(5 * kMinute);
  const GrantReceipt receipt = grant(to_bob({"Decrypt"}));
  EXPECT_EQ(as(bob), denied(bob));
  EXPECT_EQ(as(bob, with(receipt.grant_token)), "ok");
  EXPECT_EQ(as(carol, with(receipt.grant_token)), denied(carol)) << "a token is no grant";
  environment.advance_ns(5 * kMinute - 1);
  EXPECT_EQ(as(bob), denied(bob));
  environment.advance_ns(1);
  EXPECT_EQ(as(bob), "ok");
}

TEST_F(GrantsTest, ARevokedGrantWorksOnForAWhile) {
  west.set_grant_propagation(5 * kMinute);
  const GrantReceipt receipt = grant(to_bob({"Decrypt"}));
  environment.advance_ns(5 * kMinute);
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, receipt.grant_id)), "ok");
  EXPECT_TRUE(west.list_grants(key)->empty());
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, receipt.grant_id)), "InvalidGrantIdException");
  EXPECT_EQ(as(bob), "ok");
  EXPECT_EQ(west.snapshot().keys(0).grants_size(), 1);
  environment.advance_ns(5 * kMinute);
  EXPECT_EQ(as(bob), denied(bob));
  EXPECT_EQ(west.snapshot().keys(0).grants_size(), 0);
  EXPECT_EQ(as(bob, with(receipt.grant_token)), denied(bob));
}

TEST_F(GrantsTest, WithoutPropagationTheEndIsAtOnce) {
  const GrantReceipt receipt = grant(to_bob({"Decrypt"}));
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, receipt.grant_id)), "ok");
  EXPECT_EQ(as(bob), denied(bob));
  EXPECT_EQ(west.snapshot().keys(0).grants_size(), 0);
}

TEST_F(GrantsTest, WhoMayRetire) {
  CreateGrant request = to_bob({"Decrypt"});
  request.retiring_principal = carol.principal_arn;
  const Caller root{};
  const auto retire = [&](const Caller& who, const std::string& id) {
    return outcome(west.retire_grant(who, {.key = arn_of(key), .grant_id = id}));
  };
  EXPECT_EQ(retire(carol, grant(request).grant_id), "ok");
  EXPECT_EQ(retire(root, grant(request).grant_id), "ok") << "the account that issued it";
  const std::string id = grant(request).grant_id;
  EXPECT_EQ(retire(bob, id), denied(bob, "kms:RetireGrant"));
  EXPECT_EQ(retire(alice, id), denied(alice, "kms:RetireGrant")) << "no policy helps";
  const std::string own = grant(to_bob({"Decrypt", "RetireGrant"})).grant_id;
  EXPECT_EQ(retire(bob, own), "ok");
  EXPECT_EQ(retire(bob, own), "InvalidGrantIdException");
  const std::string neither =
      "ValidationException: Grant token OR (grant ID, key ID) must be specified";
  EXPECT_EQ(outcome(west.retire_grant(root, {})), neither);
  EXPECT_EQ(outcome(west.retire_grant(root, {.key = key})), neither);
  EXPECT_EQ(outcome(west.retire_grant(root, {.grant_token = "x", .key = key, .grant_id = id})),
            neither);
}

TEST_F(GrantsTest, RevokingNeedsThePolicy) {
  const std::string id = grant(to_bob({"Decrypt"})).grant_id;
  EXPECT_EQ(outcome(west.revoke_grant(bob, key, id)), denied(bob, "kms:RevokeGrant"));
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, std::string(64, '0'))),
            "InvalidGrantIdException");
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, id)), "ok");
}

TEST_F(GrantsTest, AChildSaysNoMoreThanItsParent) {
  CreateGrant parent = to_bob({"Decrypt", "Encrypt", "CreateGrant"});
  parent.constraints.subset = {
      {"SecretARN", "arn:secret"}
  };
  grant(parent);
  const auto child = [&](std::vector<std::string> operations, EncryptionContext equals,
                         EncryptionContext subset) {
    return outcome(west.create_grant(
        bob, key,
        {
            .grantee_principal = carol.principal_arn,
            .operations = std::move(operations),
            .constraints = {.equals = std::move(equals), .subset = std::move(subset)}
    }));
  };
  const std::string no = denied(bob, "kms:CreateGrant");
  EXPECT_EQ(child({"Decrypt"}, {}, {}), no) << "without the constraint";
  EXPECT_EQ(child(
                {
                    "Decrypt"
  },
                {}, {{"SecretARN", "arn:other"}}),
            no);
  EXPECT_EQ(child({"GenerateDataKey"}, {}, parent.constraints.subset), no);
  EXPECT_EQ(child({"Decrypt"}, {}, parent.constraints.subset), "ok");
  EXPECT_EQ(child({"Decrypt"}, context, {}), "ok") << "stricter";
  EXPECT_EQ(as(carol), "ok");
}

TEST_F(GrantsTest, ASessionOfTheGranteeRoleIsTheGrantee) {
  grant({.grantee_principal = "arn:aws:iam::111122223333:role/path/reader",
         .operations = {"Decrypt"}});
  EXPECT_EQ(as({.principal_arn = "arn:aws:sts::111122223333:assumed-role/reader/s1"}), "ok");
}

TEST_F(GrantsTest, ListsByKeyGranteeAndRetiringPrincipal) {
  CreateGrant request = to_bob({"Decrypt"});
  request.retiring_principal = carol.principal_arn;
  request.name = "n";
  request.constraints.equals = context;
  const std::string id = grant(request).grant_id;
  grant({.grantee_principal = carol.principal_arn, .operations = {"Encrypt"}});
  EXPECT_EQ(west.list_grants(key)->size(), 2U);
  ASSERT_EQ(west.list_grants(key, {.grantee_principal = bob.principal_arn})->size(), 1U);
  const GrantEntry entry = west.list_grants(key, {.grant_id = id})->front();
  EXPECT_EQ(entry.key_arn, arn_of(key));
  EXPECT_EQ(entry.name, "n");
  EXPECT_EQ(entry.issuing_account, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(entry.operations, std::vector<std::string>{"Decrypt"});
  EXPECT_EQ(entry.constraints, request.constraints);
  EXPECT_EQ(outcome(west.list_grants(key, {.grant_id = "none"})), "InvalidGrantIdException");
  ASSERT_EQ(west.list_retirable_grants(carol.principal_arn)->size(), 1U);
  EXPECT_EQ(west.list_retirable_grants(carol.principal_arn)->front().grant_id, id);
  EXPECT_TRUE(west.list_retirable_grants(bob.principal_arn)->empty());
}

TEST_F(GrantsTest, WhatHasNotTheShapeOfAGrantIsRefused) {
  const auto refused = [&](const CreateGrant& request) {
    return west.create_grant(alice, key, request).error().code;
  };
  EXPECT_EQ(refused(to_bob({})), "ValidationException");
  EXPECT_EQ(refused(to_bob({"Sign"})), "ValidationException") << "not of a symmetric key";
  EXPECT_EQ(refused(to_bob({"decrypt"})), "ValidationException");
  EXPECT_EQ(refused({.operations = {"Decrypt"}}), "ValidationException");
  CreateGrant many = to_bob({"Decrypt"});
  for (int i = 0; i < 9; ++i) many.constraints.equals[std::to_string(i)] = "";
  EXPECT_EQ(refused(many), "ValidationException");
  many.constraints.equals.erase("0");
  EXPECT_EQ(outcome(west.create_grant(alice, key, many)), "ok") << "eight pairs";
  many.constraints.equals["1"] = std::string(385, 'x');
  EXPECT_EQ(refused(many), "ValidationException");
  EXPECT_EQ(as(bob, {.grant_tokens = {"nonsense"}}), "InvalidGrantTokenException");
  EXPECT_EQ(west.decrypt(bob, blob, context, {}, {.grant_tokens = std::vector<std::string>(11)})
                .error()
                .code,
            "ValidationException");
}

TEST_F(GrantsTest, ADryRunTellsWhatWouldBeAndDoesNothing) {
  const std::string dry =
      "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";
  const auto before = west.changes();
  EXPECT_EQ(outcome(west.create_grant(alice, key, to_bob({"Decrypt"}), {.dry_run = true})), dry);
  EXPECT_EQ(outcome(west.create_grant(bob, key, to_bob({"Decrypt"}), {.dry_run = true})),
            denied(bob, "kms:CreateGrant"));
  EXPECT_EQ(west.changes(), before);
  const std::string id = grant(to_bob({"Decrypt"})).grant_id;
  EXPECT_EQ(outcome(west.revoke_grant(alice, key, id, {.dry_run = true})), dry);
  EXPECT_EQ(outcome(west.retire_grant({}, {.key = key, .grant_id = id}, {.dry_run = true})), dry);
  EXPECT_EQ(west.list_grants(key)->size(), 1U);
}

TEST_F(GrantsTest, GrantsAreRemembered) {
  west.set_grant_propagation(5 * kMinute);
  CreateGrant request = to_bob({"Decrypt"});
  request.constraints.equals = context;
  request.constraints.source_arn = "arn:source";
  const GrantReceipt receipt = grant(request);
  grant({.grantee_principal = carol.principal_arn, .operations = {"Decrypt"}});
  Kms restored(kAccount, "us-west-2", environment);
  restored.set_grant_propagation(5 * kMinute);
  ASSERT_EQ(outcome(restored.restore(west.snapshot())), "ok");
  EXPECT_EQ(deterministic_bytes(restored.snapshot()), deterministic_bytes(west.snapshot()));
  environment.advance_ns(5 * kMinute);
  EXPECT_EQ(outcome(restored.decrypt(carol, blob, context)), "ok");
  EXPECT_EQ(outcome(restored.decrypt(bob, blob, context)), denied(bob)) << "from another source";
  EXPECT_EQ(outcome(restored.retire_grant({}, {.grant_token = receipt.grant_token})), "ok");
}

TEST_F(GrantsTest, AKeyHasAtMostFiftyThousand) {
  CreateGrant request = to_bob({"Decrypt"});
  for (int i = 0; i < 50'000; ++i) ASSERT_TRUE(west.create_grant(alice, key, request).has_value());
  EXPECT_EQ(west.create_grant(alice, key, request).error().code, "LimitExceededException");
  EXPECT_EQ(as(bob), "ok");
}

}  // namespace
}  // namespace faultline::kms
