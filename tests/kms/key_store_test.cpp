// What a KMS remembers, and what it refuses to remember.
#include "kms/key_store.h"

#include <functional>

#include <gtest/gtest.h>

#include "proto/deterministic_bytes.h"
#include "tests/kms/kms_fixture.h"

namespace faultline::kms {
namespace {

class KeyStoreTest : public KmsTest {
 protected:
  // Two keys, one rotated and waiting for its deletion; two aliases and the managed key.
  void fill() {
    rotated = make_key("alias/rotated");
    old_blob = encrypt(rotated);
    (void)west.rotate_key_on_demand(rotated);
    disabled_key = make_key("alias/disabled");
    (void)west.disable_key(disabled_key);
    (void)west.resolve(kManagedAlias);
    waiting = make_key();
    (void)west.schedule_key_deletion(waiting, 7);
  }
  std::string rotated, disabled_key, waiting, old_blob;
};

TEST_F(KeyStoreTest, ARestoredKmsIsTheSame) {
  fill();
  Kms restored(kAccount, "us-west-2", environment);
  ASSERT_TRUE(restored.restore(west.snapshot()).has_value());
  EXPECT_EQ(deterministic_bytes(restored.snapshot()), deterministic_bytes(west.snapshot()));
  EXPECT_EQ(restored.decrypt(alice, old_blob, context)->plaintext.chars(), "hunter2");
  EXPECT_EQ(restored.encrypt(alice, rotated, context, "x")->blob, encrypt(rotated, "x"));
  EXPECT_EQ(outcome(restored.encrypt(alice, disabled_key, context, "x")), disabled(disabled_key));
  EXPECT_EQ(restored.list_aliases()->size(), 3U);
  environment.advance_days(7);
  EXPECT_EQ(outcome(restored.describe_key(waiting)), no_such_key(waiting));
  EXPECT_EQ(outcome(restored.describe_key(rotated)), "ok");
}

TEST_F(KeyStoreTest, RestoringReplacesWhatWasThere) {
  const std::string old_key = make_key("alias/old");
  const v1::KmsSnapshot empty;
  ASSERT_TRUE(west.restore(empty).has_value());
  EXPECT_TRUE(west.list_keys()->empty());
  EXPECT_EQ(outcome(west.describe_key(old_key)), no_such_key(old_key));
}

TEST_F(KeyStoreTest, KeysThatWereMadeAreCountedAfterTheyAreGone) {
  const std::string key = make_key();
  (void)west.schedule_key_deletion(key, 7);
  environment.advance_days(7);
  (void)west.list_keys();
  EXPECT_EQ(west.snapshot().keys_made(), 1U);
  EXPECT_EQ(west.snapshot().keys_size(), 0);
}

TEST_F(KeyStoreTest, ADamagedSnapshotIsRefusedAndNothingChanges) {
  fill();
  const std::string before = deterministic_bytes(west.snapshot());
  using Damage = std::function<void(v1::KmsSnapshot&)>;
  const std::vector<std::pair<const char*, Damage>> damages{
      {"no id",                    [](auto& s) { s.mutable_keys(0)->set_key_id("x"); }            },
      {"another region",
       [](auto& s) { s.mutable_keys(0)->mutable_arn()->replace(12, 9, "us-east-1"); }             },
      {"no state",                 [](auto& s) { s.mutable_keys(0)->clear_state(); }              },
      {"deleted",                  [](auto& s) { s.mutable_keys(0)->set_state(v1::Deleted); }     },
      {"a date too many",
       [](auto& s) {
         for (auto& key : *s.mutable_keys()) key.set_deletion_unix_ns(5);
       }                                                                                          },
      {"no date",
       [](auto& s) {
         for (auto& key : *s.mutable_keys()) key.clear_deletion_unix_ns();
       }                                                                                          },
      {"no material",              [](auto& s) { s.mutable_keys(0)->clear_backing_keys(); }       },
      {"short material",
       [](auto& s) { s.mutable_keys(0)->mutable_backing_keys(0)->mutable_material()->pop_back(); }},
      {"short material id",
       [](auto& s) {
         s.mutable_keys(0)->mutable_backing_keys(0)->mutable_material_id()->pop_back();
       }                                                                                          },
      {"a key twice",              [](auto& s) { *s.add_keys() = s.keys(0); }                     },
      {"an alias twice",           [](auto& s) { *s.add_aliases() = s.aliases(0); }               },
      {"an alias to nothing",      [](auto& s) { s.mutable_aliases(0)->set_key_id("x"); }         },
      {"more keys than were made", [](auto& s) { s.set_keys_made(1); }                            }
  };
  for (const auto& [name, damage] : damages) {
    v1::KmsSnapshot snapshot = west.snapshot();
    damage(snapshot);
    const auto restored = west.restore(snapshot);
    ASSERT_FALSE(restored.has_value()) << name;
    EXPECT_EQ(restored.error().code, "KMSInternalException") << name;
    EXPECT_EQ(deterministic_bytes(west.snapshot()), before) << name;
  }
}

using KeyStoreDeathTest = KeyStoreTest;

// An environment that is a function of the purpose would make one data key twice.
TEST_F(KeyStoreDeathTest, LuckThatRepeatsIsNoticedWhenKeysAreMade) {
  class Constant : public Environment {
   public:
    [[nodiscard]] std::int64_t now_unix_ns() const override { return 0; }
    void fill_random(std::string_view, std::span<std::byte> out) override {
      std::fill(out.begin(), out.end(), std::byte{7});
    }
  };
  Constant constant;
  Kms kms(kAccount, "us-west-2", constant);
  (void)make_key_in(kms);
  EXPECT_DEATH((void)make_key_in(kms), "gave the same luck twice: key-id/2");
}

}  // namespace
}  // namespace faultline::kms
