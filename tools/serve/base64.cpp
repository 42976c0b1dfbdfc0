#include "tools/serve/base64.h"

#include <array>
#include <cstdint>

namespace faultline::tools {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 64;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNone;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint32_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  std::size_t end = out.size();
  out.resize(end + (bytes.size() + 2) / 3 * 4, '=');
  const auto put = [&](std::uint32_t six) { out[end++] = kAlphabet[six & 63]; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t three =
        byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    put(three >> 18);
    put(three >> 12);
    put(three >> 6);
    put(three);
  }
  if (i == bytes.size()) return;
  const bool two = i + 2 == bytes.size();
  const std::uint32_t rest = byte_at(bytes, i) << 16 | (two ? byte_at(bytes, i + 1) << 8 : 0);
  put(rest >> 18);
  put(rest >> 12);
  if (two) put(rest >> 6);
}

Expected<std::string, std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return tl::make_unexpected(
        "Base64 encoded length is expected a multiple of 4 bytes but found: " +
        std::to_string(text.size()));
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::string_view digits = text.substr(0, text.size() - padding);

  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : digits) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNone) {
      // The character itself stays out: it may be no text, and it is part of a secret.
      return tl::make_unexpected(std::string("Invalid Base64 character"));
    }
    bits = (bits << 6 | value) & 0xFFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  if ((bits & ((1U << count) - 1)) != 0) {
    return tl::make_unexpected(std::string("Invalid last non-pad Base64 character detected"));
  }
  return bytes;
}

}  // namespace faultline::tools
