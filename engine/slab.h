// Slab<T>: many small objects with stable addresses and 32-bit names, without an allocation each.
//
// Slots come in chunks that never move. A freed slot is the next one given out, so that a run at
// steady state allocates nothing. Slots stay constructed: whoever releases one leaves in it what
// the next user may find.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace faultline::engine {

template <class T>
class Slab {
 public:
  // A free slot; its content is what release() left.
  uint32_t acquire() {
    if (free_.empty()) grow();
    const uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void release(uint32_t index) { free_.push_back(index); }

  T& operator[](uint32_t index) { return chunks_[index >> kChunkBits][index & kChunkMask]; }
  const T& operator[](uint32_t index) const {
    return chunks_[index >> kChunkBits][index & kChunkMask];
  }

  // Slots that exist, free or not: every index below this is valid.
  [[nodiscard]] uint32_t capacity() const {
    return static_cast<uint32_t>(chunks_.size()) << kChunkBits;
  }
  [[nodiscard]] uint32_t in_use() const { return capacity() - static_cast<uint32_t>(free_.size()); }

 private:
  static constexpr uint32_t kChunkBits = 8;
  static constexpr uint32_t kChunkMask = (1U << kChunkBits) - 1;

  void grow() {
    const uint32_t first = capacity();
    chunks_.push_back(std::make_unique<T[]>(size_t{1} << kChunkBits));
    // Handed out lowest first.
    for (uint32_t i = 1U << kChunkBits; i > 0; --i) free_.push_back(first + i - 1);
  }

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<uint32_t> free_;
};

}  // namespace faultline::engine
