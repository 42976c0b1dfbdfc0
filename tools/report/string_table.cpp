#include "tools/report/string_table.h"

#include "engine/hash.h"
#include "tools/report/exports.h"

namespace faultline::tools {

StringTable::StringTable() : texts_(1), slots_(1024) {}

std::size_t StringTable::slot_of(std::uint64_t hash, std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::size_t index = slots_[slot];
    if (texts_[index].hash == hash && this->text(index) == text) break;
  }
  return slot;
}

std::size_t StringTable::index_of(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint64_t hash = engine::hash64(text);
  const std::size_t slot = slot_of(hash, text);
  if (slots_[slot] != 0) return slots_[slot];
  const std::size_t index = texts_.size();
  texts_.push_back({bytes_.size(), text.size(), hash});
  bytes_ += text;
  slots_[slot] = static_cast<std::uint32_t>(index);
  if (texts_.size() * 2 > slots_.size()) grow();
  return index;
}

void StringTable::grow() {
  slots_.assign(slots_.size() * 4, 0);
  for (std::size_t index = 1; index < texts_.size(); ++index) {
    slots_[slot_of(texts_[index].hash, text(index))] = static_cast<std::uint32_t>(index);
  }
}

void StringTable::append_json(std::string& out) const {
  for (std::size_t index = 0; index < texts_.size(); ++index) {
    out += index == 0 ? '[' : ',';
    append_json_quoted(text(index), out);
  }
  out += ']';
}

}  // namespace faultline::tools
