// How a LevelDB log ends, which decides whether one may write on behind its end.
//
// A log, and a MANIFEST is one too, is a row of 32,768-byte blocks of records:
//
//     offset  size  field
//     0       4     CRC-32C of type and payload, rotated right by 15 bits, plus 0xa282ead8 (LE)
//     4       2     length of the payload (LE)
//     6       1     type: 1 full, 2 first, 3 middle, 4 last part of what was written
//     7       n     payload
//
// No record crosses a block; the last bytes of a block, too few for a header, are zero.
//
// A crash may leave the beginning of a record at the end. LevelDB ignores it, as it should; but
// with reuse_logs it then writes on right behind it, and at the next opening takes the new record
// for the rest of the torn one. It also takes a complete record for torn if its length has grown
// beyond the end of the file by bit rot, and so drops what was acknowledged: such a record gives
// itself away, because its checksum fits a shorter payload. A header that a stray write has hit may
// claim anything; what gives it away is a whole record behind it, which no torn end has.
//
// A log of batches says more: each batch begins with its sequence number (8 bytes, LE) and the number
// of its entries (4 bytes, LE), and the next one's sequence is the sum. A gap is damage, too.
// Source   doc/log_format.md and
// db/log_reader.cc of LevelDB 1.23.
#pragma once

#include <string_view>

namespace faultline::regions {

enum class LogTail {
  // Ends behind a whole record.
  Clean,
  // Ends within a record, or behind a part to which the last one is missing.
  Torn,
  // Holds a header that nobody wrote. LevelDB notices the cases that are not named here.
  Damaged,
};

// A MANIFEST holds no batches.
enum class LogHolds { Batches, Anything };

[[nodiscard]] LogTail inspect_log_tail(std::string_view log, LogHolds holds = LogHolds::Anything);

}  // namespace faultline::regions
