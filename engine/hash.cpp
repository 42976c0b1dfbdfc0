#include "engine/hash.h"

// The algorithm's own header makes it a part of this file: no calls through the dynamic linker for
// a hundred bytes.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace faultline::engine {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void store_big_endian(uint64_t value, char* out) {
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  std::memcpy(out, &value, sizeof(value));
}

void store(const Hash128& hash, char* out) {
  store_big_endian(hash.high, out);
  store_big_endian(hash.low, out + 8);
}

Hash128 from_xxh(const XXH128_hash_t& hash) { return {.high = hash.high64, .low = hash.low64}; }

}  // namespace

std::string Hash128::to_bytes() const {
  std::string out(16, '\0');
  store(*this, out.data());
  return out;
}

std::string Hash128::to_hex() const {
  std::string out;
  out.reserve(32);
  for (const char c : to_bytes()) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
  return out;
}

std::optional<Hash128> Hash128::from_hex(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  std::array<uint64_t, 2> words{};
  for (std::size_t i = 0; i < 32; ++i) {
    const char c = text[i];
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto digit = kHexDigits.find(lower);
    if (digit == std::string_view::npos) return std::nullopt;
    words[i / 16] = words[i / 16] << 4 | digit;
  }
  return Hash128{.high = words[0], .low = words[1]};
}

uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Hash128 hash128(std::string_view bytes) {
  return from_xxh(XXH3_128bits(bytes.data(), bytes.size()));
}

void HashChain::add(std::string_view bytes) {
  std::string room_and_bytes(kRoom, '\0');
  room_and_bytes += bytes;
  add_in_place(room_and_bytes.data(), room_and_bytes.size());
}

void HashChain::add_in_place(char* room_and_bytes, std::size_t size) {
  store(value_, room_and_bytes);
  value_ = from_xxh(XXH3_128bits(room_and_bytes, size));
}

}  // namespace faultline::engine
