// What each operation answers in each state: the table of the KMS Developer Guide, "Key states of
// AWS KMS keys", tried on keys that got into their states as keys do.
#include "kms/key_states.h"

#include <array>
#include <functional>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

constexpr std::array kStates{
    v1::Enabled,     v1::Disabled, v1::PendingDeletion, v1::PendingReplicaDeletion,
    v1::Unavailable, v1::Creating, v1::Updating};

// One line an operation, one word a state, in the order above. D: disabled; PD, PR: pending
// (replica) deletion; UN: unavailable; CR: creating; UP: updating; NPD: not pending deletion;
// UO: UnsupportedOperationException.
constexpr const char* kTable = R"(
Encrypt               ok  D   PD  PR  UN  CR  ok
Decrypt               ok  D   PD  PR  UN  CR  ok
ReEncrypt             ok  D   PD  PR  UN  CR  ok
GenerateDataKey       ok  D   PD  PR  UN  CR  ok
GenerateDataKeyWithoutPlaintext
                      ok  D   PD  PR  UN  CR  ok
CreateGrant           ok  D   PD  PR  ok  CR  ok
DescribeKey           ok  ok  ok  ok  ok  ok  ok
GetKeyPolicy          ok  ok  ok  ok  ok  ok  ok
PutKeyPolicy          ok  ok  ok  ok  ok  ok  ok
ListAliases           ok  ok  ok  ok  ok  ok  ok
ListGrants            ok  ok  ok  ok  ok  ok  ok
ListKeyPolicies       ok  ok  ok  ok  ok  ok  ok
ListKeyRotations      ok  ok  ok  ok  ok  ok  ok
ListResourceTags      ok  ok  ok  ok  ok  ok  ok
CreateAlias           ok  ok  PD  PR  ok  ok  ok
UpdateAlias           ok  ok  PD  PR  ok  ok  ok
TagResource           ok  ok  PD  PR  ok  ok  ok
UntagResource         ok  ok  PD  PR  ok  ok  ok
UpdateKeyDescription  ok  ok  PD  PR  ok  ok  ok
EnableKey             ok  ok  PD  PR  ok  CR  UP
DisableKey            ok  ok  PD  PR  ok  CR  UP
EnableKeyRotation     ok  D   PD  PR  UO  CR  ok
DisableKeyRotation    ok  D   PD  PR  UO  CR  ok
GetKeyRotationStatus  ok  ok  ok  ok  UO  ok  ok
RotateKeyOnDemand     ok  D   PD  PR  UO  CR  UP
ScheduleKeyDeletion   ok  ok  PD  PR  ok  ok  UP
CancelKeyDeletion     NPD NPD ok  ok  NPD NPD NPD
ReplicateKey          ok  D   PD  PR  UN  CR  UP
UpdatePrimaryRegion   ok  D   PD  PR  UN  CR  ok
)";

// A fresh pair of regions, and a multi-Region key of the west in one state.
class KeyInState : public KmsTest {
 public:
  explicit KeyInState(v1::KeyState wanted) {
    other_key = make_key("alias/other");
    if (wanted == v1::Creating) {
      create_as_replica();
    } else {
      create_as_primary(wanted);
    }
    EXPECT_EQ(west.describe_key(key)->state, wanted);
  }
  void TestBody() override {}

  std::string try_operation(const std::string& name) {
    std::map<std::string, std::function<std::string()>> operations;
    const auto on = [&](const char* operation, auto call) {
      operations[operation] = [call] { return outcome(call()); };
    };
    on("Encrypt", [&] { return west.encrypt(alice, key, context, "x"); });
    on("Decrypt", [&] { return west.decrypt(alice, blob, context); });
    on("ReEncrypt", [&] { return west.re_encrypt(alice, blob, context, other_key, context); });
    on("GenerateDataKey", [&] { return west.generate_data_key(alice, key, context); });
    on("GenerateDataKeyWithoutPlaintext",
       [&] { return west.generate_data_key_without_plaintext(alice, key, context); });
    on("CreateGrant", [&] {
      return west.create_grant(alice, key,
                               {.grantee_principal = bob.principal_arn, .operations = {"Decrypt"}});
    });
    on("DescribeKey", [&] { return west.describe_key(key); });
    on("GetKeyPolicy", [&] { return west.get_key_policy(key); });
    on("PutKeyPolicy", [&] { return west.put_key_policy(key, *west.get_key_policy(key)); });
    on("ListAliases", [&] { return west.list_aliases(key); });
    on("ListGrants", [&] { return west.list_grants(key); });
    on("ListKeyPolicies", [&] { return west.list_key_policies(key); });
    on("ListKeyRotations", [&] { return west.list_key_rotations(key); });
    on("ListResourceTags", [&] { return west.list_resource_tags(key); });
    on("CreateAlias", [&] { return west.create_alias("alias/new", key); });
    on("UpdateAlias", [&] { return west.update_alias("alias/other", key); });
    on("TagResource", [&] {
      return west.tag_resource(key, {
                                        {"a", "b"}
      });
    });
    on("UntagResource", [&] { return west.untag_resource(key, {"a"}); });
    on("UpdateKeyDescription", [&] { return west.update_key_description(key, "new"); });
    on("EnableKey", [&] { return west.enable_key(key); });
    on("DisableKey", [&] { return west.disable_key(key); });
    on("EnableKeyRotation", [&] { return west.enable_key_rotation(key); });
    on("DisableKeyRotation", [&] { return west.disable_key_rotation(key); });
    on("GetKeyRotationStatus", [&] { return west.get_key_rotation_status(key); });
    on("RotateKeyOnDemand", [&] { return west.rotate_key_on_demand(key); });
    on("ScheduleKeyDeletion", [&] { return west.schedule_key_deletion(key); });
    on("CancelKeyDeletion", [&] { return west.cancel_key_deletion(key); });
    on("ReplicateKey", [&] { return west.begin_replication(key, "eu-west-2"); });
    on("UpdatePrimaryRegion", [&] { return west.begin_update_primary(key, "us-east-1"); });
    return operations.at(name)();
  }

  std::string expected(const std::string& word) {
    const std::string state = "KMSInvalidStateException: " + arn_of(key) + " is ";
    if (word == "D") return disabled(key);
    if (word == "PD") return pending_deletion(key);
    if (word == "PR") return state + "pending replica deletion.";
    if (word == "UN") return state + "unavailable.";
    if (word == "CR") return state + "creating.";
    if (word == "UP") return state + "updating.";
    if (word == "NPD") return state + "not pending deletion.";
    if (word == "UO") return "UnsupportedOperationException";
    return word;
  }

 private:
  void create_as_replica() {
    key = east.create_key({.multi_region = true})->key_id;
    blob = east.encrypt(alice, key, context, "hunter2")->blob;
    const auto shared = east.begin_replication(key, "us-west-2");
    ASSERT_EQ(outcome(west.create_replica({.shared = &*shared})), "ok");
  }

  void create_as_primary(v1::KeyState wanted) {
    key = west.create_key({.multi_region = true})->key_id;
    blob = encrypt(key);
    if (wanted != v1::PendingDeletion) {
      ASSERT_EQ(outcome(west.begin_replication(key, "us-east-1")), "ok");
    }
    if (wanted == v1::Disabled) (void)west.disable_key(key);
    if (wanted == v1::PendingDeletion || wanted == v1::PendingReplicaDeletion) {
      (void)west.schedule_key_deletion(key);
    }
    if (wanted == v1::Unavailable) west.force_state(1, key, v1::Unavailable);
    if (wanted == v1::Updating) (void)west.begin_update_primary(key, "us-east-1");
  }

  std::string key, other_key, blob;
};

TEST(KeyStatesTest, EveryOperationAnswersInEveryStateAsTheGuideSays) {
  std::istringstream table(kTable);
  std::string operation;
  int operations = 0;
  while (table >> operation) {
    ++operations;
    for (const v1::KeyState state : kStates) {
      std::string word;
      ASSERT_TRUE(table >> word);
      KeyInState key(state);
      EXPECT_EQ(key.try_operation(operation), key.expected(word))
          << operation << " on a key that is " << v1::KeyState_Name(state);
    }
  }
  EXPECT_EQ(operations, 29);
}

// Those that the table above does not name: ReEncrypt is two of them, and three do not hang on the
// state of the key that they are asked about.
TEST(KeyStatesTest, EveryOperationHasItsAction) {
  EXPECT_EQ(all_operations().size(), 32U);
  for (const Operation operation : all_operations()) {
    EXPECT_EQ(action_of(operation).substr(0, 4), "kms:");
    EXPECT_TRUE(check_key_state(operation, v1::Enabled, "arn").has_value() ||
                operation == Operation::CancelKeyDeletion);
  }
}

class KeyLifeTest : public KmsTest {};

TEST_F(KeyLifeTest, AnAliasLeavesAKeyThatWaitsForItsDeletion) {
  const std::string old_key = make_key("alias/a");
  const std::string new_key = make_key();
  (void)west.schedule_key_deletion(old_key);
  EXPECT_EQ(outcome(west.update_alias("alias/a", new_key)), "ok") << "the new target counts";
  EXPECT_EQ(outcome(west.delete_alias("alias/a")), "ok");
}

TEST_F(KeyLifeTest, WhatIsDoneToAnUnavailableKeyShowsLater) {
  const std::string key = make_key();
  west.force_state(1, key, v1::Unavailable);
  EXPECT_EQ(outcome(west.disable_key(key)), "ok");
  EXPECT_EQ(state(key), v1::Unavailable);
  west.lift(1);
  EXPECT_EQ(state(key), v1::Disabled);
}

TEST_F(KeyLifeTest, CancelingLeavesAKeyDisabledAndWithoutADate) {
  const std::string key = make_key();
  EXPECT_NE(west.schedule_key_deletion(key)->deletion_unix_ns, 0);
  const auto cancelled = west.cancel_key_deletion(key);
  EXPECT_EQ(cancelled->state, v1::Disabled);
  EXPECT_EQ(cancelled->deletion_unix_ns, 0);
  environment.advance_days(60);
  EXPECT_EQ(state(key), v1::Disabled);
}

TEST_F(KeyLifeTest, WhatIsDueIsKnownBeforehand) {
  EXPECT_EQ(west.next_due_unix_ns(), INT64_MAX);
  (void)west.resolve(kManagedAlias);
  EXPECT_EQ(west.next_due_unix_ns(), INT64_MAX) << "its rotation was asked for by nobody";
  const std::string key = make_key();
  const auto deletion = west.schedule_key_deletion(key, 7)->deletion_unix_ns;
  EXPECT_EQ(west.next_due_unix_ns(), deletion);
  const std::string other = make_key();
  (void)west.enable_key_rotation(other, 90);
  EXPECT_EQ(west.next_due_unix_ns(), deletion);
  (void)west.cancel_key_deletion(key);
  EXPECT_EQ(west.next_due_unix_ns(), west.get_key_rotation_status(other)->next_unix_ns);
  environment.advance_days(90);
  const auto before = west.changes();
  west.settle();
  EXPECT_NE(west.changes(), before);
  EXPECT_EQ(west.list_key_rotations(other)->size(), 1U);
}

}  // namespace
}  // namespace faultline::kms
