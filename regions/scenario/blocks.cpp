#include "regions/scenario/blocks.h"

namespace faultline::regions {
namespace {

constexpr int kTab = 8;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The offset after a string that opens at `at`; a line break ends it, too.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at++];
  while (at < text.size() && text[at] != quote && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
  return at + 1;
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

}  // namespace

std::vector<Block> find_blocks(std::string_view text) {
  std::vector<Block> blocks;
  int depth = 0;
  char before = ' ';  // the last character that was neither blank nor comment
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++i;
      continue;
    }
    std::size_t next = i + 1;
    if (c == '"' || c == '\'') {
      next = end_of_string(text, i);
    } else if (is_word(c)) {
      next = end_of_word(text, i);
      const bool is_value = before == ':' || before == '-';
      if (depth == 0 && !is_value && !(c >= '0' && c <= '9')) {
        if (!blocks.empty()) blocks.back().end = i;
        blocks.push_back({std::string(text.substr(i, next - i)), i, text.size()});
      }
    } else if (c == '{' || c == '<' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == '>' || c == ']') && depth > 0) {
      --depth;
    }
    before = c;
    i = next;
  }
  return blocks;
}

std::size_t offset_of(std::string_view text, Place place) {
  std::size_t at = 0;
  for (int line = 1; line < place.line && at < text.size(); ++line) {
    const std::size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  for (int column = 1; column < place.column && at < text.size() && text[at] != '\n'; ++at) {
    column += text[at] == '\t' ? kTab - (column - 1) % kTab : 1;
  }
  return at;
}

Place place_of(std::string_view text, std::size_t offset) {
  Place place{1, 1};
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      place = {place.line + 1, 1};
    } else {
      place.column += c == '\t' ? kTab - (place.column - 1) % kTab : 1;
    }
  }
  return place;
}

std::size_t last_before(std::string_view text, std::size_t offset, std::string_view word) {
  for (std::size_t at = offset; !word.empty() && at > 0;) {
    at = text.substr(0, at).rfind(word);
    if (at == std::string_view::npos) break;
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(text[at - 1]);
    if (begins && (end == text.size() || !is_word(text[end]))) return at;
    at = end - 1;
  }
  return offset;
}

Block* block_at(std::vector<Block>& blocks, std::size_t offset) {
  Block* found = nullptr;
  for (Block& block : blocks) {
    if (block.begin <= offset) found = &block;
  }
  return found;
}

void blank(std::string& text, const Block& block) {
  for (std::size_t i = block.begin; i < block.end && i < text.size(); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

}  // namespace faultline::regions
