#include "regions/invariants/canary.h"

#include <cstring>
#include <utility>

namespace faultline::regions {
namespace {

constexpr std::size_t kShortest = 6;
constexpr std::size_t kStart = 4;

std::string hex_of(std::string_view bytes, std::string_view digits) {
  std::string text;
  for (const char byte : bytes) {
    const auto number = static_cast<unsigned char>(byte);
    text += digits[number >> 4U];
    text += digits[number & 15U];
  }
  return text;
}

// The part of a base64 text that depends on these bytes only, when `before` other ones stand before
// them.
std::string base64_of(std::string_view bytes, std::size_t before) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string padded(before, '\0');
  padded += bytes;
  std::string text;
  for (std::size_t at = 0; at + 3 <= padded.size(); at += 3) {
    const std::uint32_t three =
        static_cast<std::uint32_t>(static_cast<unsigned char>(padded[at])) << 16U |
        static_cast<std::uint32_t>(static_cast<unsigned char>(padded[at + 1])) << 8U |
        static_cast<unsigned char>(padded[at + 2]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) text += kDigits[three >> shift & 63U];
  }
  const std::size_t foreign = before == 0 ? 0 : before + 1;
  return text.size() > foreign ? text.substr(foreign) : std::string();
}

std::string utf16_of(std::string_view bytes, bool big) {
  std::string text;
  for (const char byte : bytes) {
    if (big) text += '\0';
    text += byte;
    if (!big) text += '\0';
  }
  return text;
}

std::string json_of(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    if (byte == '\n') {
      text += "\\n";
      continue;
    }
    if (byte == '"' || byte == '\\') text += '\\';
    text += byte;
  }
  return text;
}

}  // namespace

CanaryNet::CanaryNet() {
  // What the service itself says in every second record.
  for (const std::string_view text :
       {"arn:aws:secretsmanager:", ":secret:", "arn:aws:kms:", "arn:aws:iam::",
        "alias/aws/secretsmanager", "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING",
        "Replication succeeded",
        "Replication failed: Secret replication failed due to a network error.",
        "Replication failed: The region was removed from replication.",
        "Replication failed: The replica was promoted to a standalone secret.", "SecretARN",
        "SecretVersionId", "version", "password", "secret", "replica"}) {
    add_public(text);
  }
}

std::uint32_t CanaryNet::slot(std::string_view bytes) {
  std::uint32_t start = 0;
  std::memcpy(&start, bytes.data(), kStart);
  return start * 2654435761U >> 16U;
}

void CanaryNet::add_pattern(std::string bytes, std::string_view form, std::uint64_t value) {
  if (bytes.size() < kShortest) return;
  const std::uint32_t place = slot(bytes);
  bitmap_[place >> 6U] |= std::uint64_t{1} << (place & 63U);
  by_start_[place].push_back({std::move(bytes), form, value});
}

void CanaryNet::add_value(std::string_view value) {
  if (value.size() < kShortest || values_.contains(std::string(value))) return;
  const std::uint64_t id = values_.size() + 1;
  values_.emplace(std::string(value), id);
  if (public_.find(value) != std::string::npos) {
    muted_[id] = true;
    return;
  }
  // A long value is known by its beginning.
  const std::string_view start = value.substr(0, 64);
  add_pattern(std::string(start), "plain text", id);
  add_pattern(hex_of(start, "0123456789abcdef"), "hex", id);
  add_pattern(hex_of(start, "0123456789ABCDEF"), "hex", id);
  for (const std::size_t before : {0U, 1U, 2U}) add_pattern(base64_of(start, before), "base64", id);
  add_pattern(utf16_of(start, false), "UTF-16", id);
  add_pattern(utf16_of(start, true), "UTF-16", id);
  if (std::string escaped = json_of(start); escaped != start)
    add_pattern(std::move(escaped), "JSON", id);
}

void CanaryNet::add_public(std::string_view text) {
  if (text.size() < kShortest || !said_.insert(std::string(text)).second) return;
  public_ += text;
  public_ += '\n';
  for (const auto& [value, id] : values_) {
    if (text.find(value) != std::string_view::npos) muted_[id] = true;
  }
}

std::string_view CanaryNet::find(std::string_view bytes) const {
  if (by_start_.empty() || bytes.size() < kShortest) return {};
  const std::size_t last = bytes.size() - kStart;
  for (std::size_t at = 0; at <= last; ++at) {
    const std::uint32_t place = slot(bytes.substr(at, kStart));
    if ((bitmap_[place >> 6U] >> (place & 63U) & 1U) == 0) continue;
    const auto patterns = by_start_.find(place);
    if (patterns == by_start_.end()) continue;
    for (const Pattern& pattern : patterns->second) {
      if (bytes.substr(at, pattern.bytes.size()) == pattern.bytes &&
          !muted_.contains(pattern.value))
        return pattern.form;
    }
  }
  return {};
}

}  // namespace faultline::regions
