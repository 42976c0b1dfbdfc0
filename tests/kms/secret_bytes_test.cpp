#include "kms/secret_bytes.h"

#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace faultline::kms {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);
static_assert(std::is_nothrow_move_assignable_v<SecretBytes>);

TEST(SecretBytesTest, HoldsACopyOfWhatItIsGiven) {
  std::string original = "hunter2";
  const SecretBytes secret = SecretBytes::copy_of(original);
  original = "changed";
  EXPECT_EQ(secret.chars(), "hunter2");
  EXPECT_EQ(secret.size(), 7U);
  EXPECT_EQ(std::to_integer<char>(secret.view()[0]), 'h');
}

TEST(SecretBytesTest, StartsAsZeros) {
  const SecretBytes secret(5);
  EXPECT_EQ(secret.chars(), std::string_view("\0\0\0\0\0", 5));
}

TEST(SecretBytesTest, MovesAndLeavesTheSourceEmpty) {
  SecretBytes source = SecretBytes::copy_of("hunter2");
  SecretBytes target = SecretBytes::copy_of("something longer");
  target = std::move(source);
  EXPECT_EQ(target.chars(), "hunter2");
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): this is the contract
  const SecretBytes third = std::move(target);
  EXPECT_EQ(third.chars(), "hunter2");
}

TEST(SecretBytesTest, EmptyIsAValueLikeAnyOther) {
  const SecretBytes empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.chars(), "");
  EXPECT_EQ(empty, SecretBytes::copy_of(""));
  EXPECT_EQ(empty, SecretBytes(0));
}

TEST(SecretBytesTest, ComparesByContent) {
  EXPECT_EQ(SecretBytes::copy_of("hunter2"), SecretBytes::copy_of("hunter2"));
  EXPECT_FALSE(SecretBytes::copy_of("hunter2") == SecretBytes::copy_of("hunter3"));
  EXPECT_FALSE(SecretBytes::copy_of("hunter2") == SecretBytes::copy_of("hunter22"));
}

}  // namespace
}  // namespace faultline::kms
