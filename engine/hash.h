// Hashes of bytes: XXH3, the same on every machine and compiler. For fingerprints and keyed luck,
// never for security.
//
//     HashChain chain;
//     chain.add("first");
//     chain.add("second");              // "firstsecond" in one piece would give another value
//     chain.value().to_hex();           // 32 hex digits
//
// Source  github.com/Cyan4973/xxHash, XXH3 64 and 128 bits, seed 0, the format frozen since 0.8.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline::engine {

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const Hash128&) const = default;

  // 32 lower-case hex digits, most significant first.
  [[nodiscard]] std::string to_hex() const;
  // 16 bytes, most significant first.
  [[nodiscard]] std::string to_bytes() const;
  // Nothing unless `text` is 32 hex digits of either case.
  [[nodiscard]] static std::optional<Hash128> from_hex(std::string_view text);
};

// XXH3_64bits.
[[nodiscard]] uint64_t hash64(std::string_view bytes);
// XXH3_128bits.
[[nodiscard]] Hash128 hash128(std::string_view bytes);

// A running hash. Two chains are equal if and only if (up to collisions) the same pieces were added
// in the same order. Starts at all zeros; add(b) makes it XXH3_128(value ‖ b), the value as 16
// bytes, most significant first.
class HashChain {
 public:
  HashChain() = default;
  // Goes on from a known value.
  explicit HashChain(Hash128 value) : value_(value) {}

  void add(std::string_view bytes);
  // As add(the bytes after the first kRoom), without a copy: the chain writes its previous value
  // into the room. For the trace, which adds a hundred bytes for every event.
  void add_in_place(char* room_and_bytes, std::size_t size);
  [[nodiscard]] Hash128 value() const { return value_; }

  static constexpr std::size_t kRoom = 16;

 private:
  Hash128 value_;
};

}  // namespace faultline::engine
