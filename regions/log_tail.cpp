#include "regions/log_tail.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace faultline::regions {
namespace {

constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;

constexpr std::array<uint32_t, 256> make_crc32c_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0x82f63b78U : 0U);
    table[byte] = rest;
  }
  return table;
}

constexpr auto kCrc32cTable = make_crc32c_table();

uint8_t byte_at(std::string_view bytes, std::size_t offset) {
  return static_cast<uint8_t>(bytes[offset]);
}

uint32_t stored_crc(std::string_view record) {
  const uint32_t masked = byte_at(record, 0) | uint32_t{byte_at(record, 1)} << 8 |
                          uint32_t{byte_at(record, 2)} << 16 | uint32_t{byte_at(record, 3)} << 24;
  const uint32_t rotated = masked - 0xa282ead8U;
  return rotated >> 17 | rotated << 15;
}

// Whether the checksum fits the type and some beginning of the payload.
bool is_whole_with_wrong_length(std::string_view record) {
  const uint32_t expected = stored_crc(record);
  uint32_t crc = 0xffffffffU;
  for (std::size_t offset = kHeaderBytes - 1; offset < record.size(); ++offset) {
    crc = kCrc32cTable[(crc ^ byte_at(record, offset)) & 0xff] ^ (crc >> 8);
    if (~crc == expected) return true;
  }
  return false;
}

enum Type : uint8_t { Zero = 0, Full = 1, First = 2, Middle = 3, Last = 4 };

bool is_whole(std::string_view record, std::size_t length) {
  uint32_t crc = 0xffffffffU;
  for (const char byte : record.substr(kHeaderBytes - 1, length + 1)) {
    crc = kCrc32cTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff] ^ (crc >> 8);
  }
  return ~crc == stored_crc(record);
}

// Whether a whole record begins somewhere behind the first byte.
bool holds_a_later_record(std::string_view rest) {
  for (std::size_t offset = 1; offset + kHeaderBytes < rest.size(); ++offset) {
    const std::string_view record = rest.substr(offset);
    const uint8_t type = byte_at(record, 6);
    const std::size_t length = byte_at(record, 4) | std::size_t{byte_at(record, 5)} << 8;
    if (type < Full || type > Last || length > record.size() - kHeaderBytes) continue;
    if (length > 0 && is_whole(record, length)) return true;
  }
  return false;
}

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | byte_at(bytes, i - 1);
  return value;
}

// Follows the sequence numbers of batches.
class Sequence {
 public:
  // False: a batch that begins like this does not follow the last one.
  bool follow(std::string_view payload) {
    constexpr std::size_t kSequenceBytes = 8, kCountBytes = 4;
    if (payload.size() < kSequenceBytes + kCountBytes) {
      knows_ = false;  // a block ends within the numbers
      return true;
    }
    const uint64_t sequence = little_endian(payload.substr(0, kSequenceBytes));
    if (knows_ && expected_ != sequence) return false;
    knows_ = true;
    expected_ = sequence + little_endian(payload.substr(kSequenceBytes, kCountBytes));
    return true;
  }

 private:
  bool knows_ = false;
  uint64_t expected_ = 0;
};

}  // namespace

LogTail inspect_log_tail(std::string_view log, LogHolds holds) {
  Sequence sequence;
  bool more_parts_expected = false;
  std::size_t offset = 0;
  while (offset < log.size()) {
    const std::size_t block_rest = kBlockBytes - offset % kBlockBytes;
    if (block_rest < kHeaderBytes) {
      offset += block_rest;
      continue;
    }
    const std::string_view rest = log.substr(offset, block_rest);
    if (rest.size() < kHeaderBytes) return LogTail::Torn;
    const std::size_t length = byte_at(rest, 4) | std::size_t{byte_at(rest, 5)} << 8;
    const uint8_t type = byte_at(rest, 6);
    if (type < Full || type > Last || length > block_rest - kHeaderBytes) return LogTail::Damaged;
    const bool begins = type == Full || type == First;
    if (holds == LogHolds::Batches && begins &&
        !sequence.follow(rest.substr(kHeaderBytes, length))) {
      return LogTail::Damaged;
    }
    if (length > rest.size() - kHeaderBytes) {
      const bool damaged = is_whole_with_wrong_length(rest) || holds_a_later_record(rest);
      return damaged ? LogTail::Damaged : LogTail::Torn;
    }
    more_parts_expected = type == First || type == Middle;
    offset += kHeaderBytes + length;
  }
  return more_parts_expected ? LogTail::Torn : LogTail::Clean;
}

}  // namespace faultline::regions
