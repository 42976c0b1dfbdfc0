// Rotation, as the KMS Developer Guide describes it: "Rotate AWS KMS keys".
#include <gtest/gtest.h>

#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

constexpr std::int64_t kMinute = std::int64_t{60} * 1'000'000'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

class RotationTest : public KmsTest {
 protected:
  std::string material_of(const std::string& blob) { return key_material_id_of(blob); }
  std::string material() { return west.describe_key(key)->current_key_material_id; }
  std::int64_t now() const { return environment.now_unix_ns(); }
  std::size_t rotations() { return west.list_key_rotations(key)->size(); }
  RotationStatus status() { return *west.get_key_rotation_status(key); }

  const std::string key = make_key();
};

TEST_F(RotationTest, RotatesWhenThePeriodIsOver) {
  EXPECT_FALSE(status().enabled);
  EXPECT_EQ(status().key_arn, arn_of(key));
  EXPECT_EQ(outcome(west.enable_key_rotation(key, 100)), "ok");
  const std::int64_t start = now();
  EXPECT_TRUE(status().enabled);
  EXPECT_EQ(status().period_days, 100);
  EXPECT_EQ(status().next_unix_ns, start + 100 * kDay);
  const std::string old_blob = encrypt(key);
  environment.advance_ns(100 * kDay - 1);
  EXPECT_EQ(rotations(), 0U);
  environment.advance_ns(1);
  EXPECT_EQ(rotations(), 1U);
  EXPECT_EQ(status().next_unix_ns, start + 200 * kDay);
  const std::string new_blob = encrypt(key);
  EXPECT_NE(material_of(old_blob), material_of(new_blob));
  EXPECT_EQ(material_of(new_blob), material());
  EXPECT_EQ(decrypt(old_blob), "ok");
  const Rotation rotation = west.list_key_rotations(key)->front();
  EXPECT_EQ(rotation.type, "AUTOMATIC");
  EXPECT_EQ(rotation.state, "CURRENT");
  EXPECT_EQ(rotation.key_material_id, material());
  EXPECT_EQ(rotation.unix_ns, start + 100 * kDay);
}

// Nobody called meanwhile: the same as if somebody had.
TEST_F(RotationTest, WhatWasMissedIsDoneWithItsDates) {
  (void)west.enable_key_rotation(key, 90);
  const std::int64_t start = now();
  environment.advance_days(280);
  const auto all = *west.list_key_rotations(key);
  ASSERT_EQ(all.size(), 3U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].unix_ns, start + static_cast<std::int64_t>(i + 1) * 90 * kDay);
  }
  EXPECT_EQ(all[0].state, "NON_CURRENT");
  EXPECT_EQ(status().next_unix_ns, start + 360 * kDay);
}

TEST_F(RotationTest, ThePeriodHasBounds) {
  const auto value = [&](int days) { return west.enable_key_rotation(key, days); };
  EXPECT_EQ(outcome(value(89)),
            "ValidationException: 1 validation error detected: Value '89' at "
            "'rotationPeriodInDays' failed to satisfy constraint: Member must have value greater "
            "than or equal to 90");
  EXPECT_EQ(value(2561).error().code, "ValidationException");
  EXPECT_EQ(outcome(value(90)), "ok");
  EXPECT_EQ(outcome(value(2560)), "ok");
  EXPECT_EQ(status().next_unix_ns, now() + 2560 * kDay);
  environment.advance_days(1);
  EXPECT_EQ(outcome(value(2560)), "ok");
  EXPECT_EQ(status().next_unix_ns, now() + 2559 * kDay) << "again the same changes nothing";
  EXPECT_EQ(outcome(west.disable_key_rotation(key)), "ok");
  EXPECT_EQ(outcome(west.disable_key_rotation(key)), "ok");
  EXPECT_FALSE(status().enabled);
  EXPECT_EQ(status().next_unix_ns, 0);
  EXPECT_EQ(status().period_days, 0);
}

TEST_F(RotationTest, ADisabledKeyIsFrozenAndMakesUpForItWhenEnabled) {
  (void)west.enable_key_rotation(key, 90);
  const auto next = status().next_unix_ns;
  (void)west.disable_key(key);
  environment.advance_days(400);
  EXPECT_EQ(rotations(), 0U);
  EXPECT_TRUE(status().enabled);
  EXPECT_EQ(status().next_unix_ns, next);
  (void)west.enable_key(key);
  EXPECT_EQ(rotations(), 1U) << "once, however long it was";
  EXPECT_EQ(status().next_unix_ns, now() + 90 * kDay);
}

TEST_F(RotationTest, AKeyThatWaitsForItsDeletionReportsFalseAndRemembers) {
  (void)west.enable_key_rotation(key, 90);
  (void)west.schedule_key_deletion(key, 30);
  EXPECT_FALSE(status().enabled);
  EXPECT_EQ(status().period_days, 0);
  (void)west.cancel_key_deletion(key);
  EXPECT_TRUE(status().enabled);
  EXPECT_EQ(status().period_days, 90);
}

TEST_F(RotationTest, TheManagedKeyRotatesYearlyAndNobodyChangesThat) {
  const std::string managed = west.describe_key(kManagedAlias)->key_id;
  const auto before = west.describe_key(managed)->current_key_material_id;
  EXPECT_TRUE(west.get_key_rotation_status(managed)->enabled);
  EXPECT_EQ(west.get_key_rotation_status(managed)->period_days, 365);
  EXPECT_EQ(west.enable_key_rotation(managed).error().code, "AccessDeniedException");
  EXPECT_EQ(west.disable_key_rotation(managed).error().code, "AccessDeniedException");
  environment.advance_days(364);
  EXPECT_EQ(west.describe_key(managed)->current_key_material_id, before);
  environment.advance_days(1);
  EXPECT_NE(west.describe_key(managed)->current_key_material_id, before);
  EXPECT_EQ(west.get_key_rotation_status(managed)->next_unix_ns, now() + 365 * kDay);
  environment.advance_days(730);
  EXPECT_EQ(west.list_key_rotations(managed)->size(), 3U);
}

TEST_F(RotationTest, OnDemandDoesNotShiftTheScheduleAndKeepsClearOfIt) {
  (void)west.enable_key_rotation(key, 90);
  const auto next = status().next_unix_ns;
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
  EXPECT_EQ(status().next_unix_ns, next);
  EXPECT_EQ(west.list_key_rotations(key)->front().type, "ON_DEMAND");
  EXPECT_EQ(status().on_demand_started_unix_ns, 0) << "it is done at once";
  environment.advance_ns(90 * kDay - 20 * kMinute);
  EXPECT_EQ(west.rotate_key_on_demand(key).error().code, "ConflictException");
  (void)west.disable_key_rotation(key);
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
  (void)west.enable_key_rotation(key, 90);
  environment.advance_ns(90 * kDay - 20 * kMinute - 1);
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
}

TEST_F(RotationTest, OnlyRotationsOnDemandAreCounted) {
  (void)west.enable_key_rotation(key, 90);
  environment.advance_days(90 * 30);
  EXPECT_EQ(rotations(), 30U);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(outcome(west.rotate_key_on_demand(key)), "ok");
  EXPECT_EQ(outcome(west.rotate_key_on_demand(key)),
            "LimitExceededException: The on-demand rotations limit has been reached for the given "
            "keyId. No more on-demand rotations can be performed for this key: " +
                arn_of(key));
  environment.advance_days(90);
  EXPECT_EQ(rotations(), 56U);
}

TEST_F(RotationTest, ListsAllMaterialIfAsked) {
  (void)west.rotate_key_on_demand(key);
  const auto all = *west.list_key_rotations(key, true);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].state, "NON_CURRENT");
  EXPECT_EQ(all[0].type, "");
  EXPECT_EQ(all[0].unix_ns, 0);
  EXPECT_EQ(all[1].state, "CURRENT");
  EXPECT_EQ(west.list_key_rotations(key)->size(), 1U);
}

TEST_F(RotationTest, TheSettingIsRemembered) {
  (void)west.enable_key_rotation(key, 90);
  for (int i = 0; i < 25; ++i) (void)west.rotate_key_on_demand(key);
  Kms restored(kAccount, "us-west-2", environment);
  ASSERT_EQ(outcome(restored.restore(west.snapshot())), "ok");
  EXPECT_EQ(restored.rotate_key_on_demand(key).error().code, "LimitExceededException");
  EXPECT_EQ(restored.next_due_unix_ns(), west.next_due_unix_ns());
  environment.advance_days(90);
  EXPECT_EQ(restored.list_key_rotations(key)->size(), 26U);
}

}  // namespace
}  // namespace faultline::kms
