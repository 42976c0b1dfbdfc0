// Blocks: where the top-level fields of a text-format file begin and end, so that a mistake in one
// of them does not hide the mistakes in the others: protobuf's parser stops at the first thing that
// it cannot read, and goes on once that block has been blanked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "regions/scenario/spot.h"

namespace faultline::regions {

struct Block {
  std::string name;       // of the field: "step"
  std::size_t begin = 0;  // offsets into the text; up to the next block
  std::size_t end = 0;
  bool unreadable = false;
};

// In the order of the text. Never fails: text that is no text format gives blocks that make little
// sense.
[[nodiscard]] std::vector<Block> find_blocks(std::string_view text);

// The offset of a place as protobuf counts it: columns are bytes, a tab reaches to the next
// multiple of 8.
[[nodiscard]] std::size_t offset_of(std::string_view text, Place place);

// The place of an offset.
[[nodiscard]] Place place_of(std::string_view text, std::size_t offset);

// Where a word stands last before an offset; the offset itself if it does not.
[[nodiscard]] std::size_t last_before(std::string_view text, std::size_t offset,
                                      std::string_view word);

// The block around an offset; nullptr before the first one.
[[nodiscard]] Block* block_at(std::vector<Block>& blocks, std::size_t offset);

// Replaces all but line breaks by blanks: every other place stays where it was.
void blank(std::string& text, const Block& block);

}  // namespace faultline::regions
