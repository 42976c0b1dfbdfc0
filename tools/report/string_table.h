// Texts of a report, each once, by the order in which they were first met: 0 is "".
//
//     StringTable strings;
//     strings.index_of("eu-west-1");   // 1
//     strings.append_json(out);        // ["","eu-west-1"]
//
// Cost     a long run asks a hundred thousand times: a known text costs a hash and a comparison,
//          and no allocation. Stable: indexes depend on the order of the questions alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::tools {

class StringTable {
 public:
  StringTable();

  [[nodiscard]] std::size_t index_of(std::string_view text);
  void append_json(std::string& out) const;

 private:
  struct Text {
    std::size_t begin = 0, size = 0;
    std::uint64_t hash = 0;
  };
  [[nodiscard]] std::string_view text(std::size_t index) const {
    return std::string_view(bytes_).substr(texts_[index].begin, texts_[index].size);
  }
  void grow();
  // Where a hash would lie: its text's slot, or the empty one after those that came before it.
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash, std::string_view text) const;

  std::string bytes_;
  std::vector<Text> texts_;
  std::vector<std::uint32_t> slots_;  // indexes; 0: empty, for "" is never looked up
};

}  // namespace faultline::tools
