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

// A running hash: after add(b), value = XXH3_128(previous value as 16 bytes, most significant first
// ‖ b). Starts at all zeros. Two chains are equal if and only if (up to collisions) the same pieces
// were added in the same order.
class HashChain {
 public:
  void add(std::string_view bytes);
  // As add(framed.substr(kRoom)), without a copy: the first kRoom bytes of `framed` are the
  // caller's gift to the chain, which writes its previous value there. For the trace, which adds a
  // hundred bytes for every event.
  void add_in_place(std::string& framed) { add_in_place(framed.data(), framed.size()); }
  void add_in_place(char* framed, std::size_t size_with_room);
  [[nodiscard]] Hash128 value() const { return value_; }

  static constexpr std::size_t kRoom = 16;

 private:
  Hash128 value_;
};

}  // namespace faultline::engine
