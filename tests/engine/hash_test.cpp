#include "engine/hash.h"

#include <gtest/gtest.h>

namespace faultline::engine {
namespace {

TEST(HashTest, IsTheXxh3ThatEverybodyHas) {
  // Published with the algorithm: the hashes of nothing, seed 0.
  EXPECT_EQ(hash64(""), 0x2D06800538D394C2U);
  EXPECT_EQ(hash128("").to_hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(HashTest, SeesEveryByteAndTheLength) {
  EXPECT_NE(hash64("ab"), hash64("ba"));
  EXPECT_NE(hash64(std::string_view("\0", 1)), hash64(""));
  EXPECT_NE(hash64(std::string(500, 'x')), hash64(std::string(501, 'x')));
}

TEST(Hash128Test, SurvivesHex) {
  const Hash128 hash{.high = 0x0123456789abcdef, .low = 0xfedcba9876543210};
  EXPECT_EQ(hash.to_hex(), "0123456789abcdeffedcba9876543210");
  EXPECT_EQ(Hash128::from_hex(hash.to_hex()), hash);
  EXPECT_EQ(Hash128::from_hex("0123456789ABCDEFFEDCBA9876543210"), hash);
  EXPECT_EQ(hash.to_bytes(),
            std::string("\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10"));
  EXPECT_FALSE(Hash128::from_hex("0123").has_value());
  EXPECT_FALSE(Hash128::from_hex("g123456789abcdeffedcba9876543210").has_value());
}

TEST(HashChainTest, DependsOnPiecesAndOrder) {
  const auto chain_of = [](std::initializer_list<std::string_view> pieces) {
    HashChain chain;
    for (const auto piece : pieces) chain.add(piece);
    return chain.value();
  };
  EXPECT_EQ(chain_of({}), Hash128());
  EXPECT_EQ(chain_of({"a", "b"}), chain_of({"a", "b"}));
  EXPECT_NE(chain_of({"a", "b"}), chain_of({"b", "a"}));
  EXPECT_NE(chain_of({"a", "b"}), chain_of({"ab"}));
  EXPECT_NE(chain_of({"a", ""}), chain_of({"a"}));
}

TEST(HashChainTest, IsTheHashOfItsValueAndTheNextPiece) {
  HashChain chain;
  chain.add("first");
  EXPECT_EQ(chain.value(), hash128(std::string(16, '\0') + "first"));
  const Hash128 before = chain.value();
  chain.add("second");
  EXPECT_EQ(chain.value(), hash128(before.to_bytes() + "second"));

  std::string in_place = std::string(HashChain::kRoom, '?') + "second";
  HashChain resumed(before);
  resumed.add_in_place(in_place.data(), in_place.size());
  EXPECT_EQ(resumed.value(), chain.value());
}

}  // namespace
}  // namespace faultline::engine
