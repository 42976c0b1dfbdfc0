#include "tests/tree/source_text.h"

#include <cctype>
#include <cstddef>

namespace faultline::tree {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Where the word that ends before `end` begins; digit separators count as part of a word.
std::size_t word_start(std::string_view text, std::size_t end) {
  while (end > 0 && (is_word(text[end - 1]) || text[end - 1] == '\'')) --end;
  return end;
}

bool is_digit_separator(std::string_view text, std::size_t quote) {
  const std::size_t start = word_start(text, quote);
  return start < quote && is_digit(text[start]);
}

bool opens_raw_string(std::string_view text, std::size_t quote) {
  const std::string_view prefix =
      text.substr(word_start(text, quote), quote - word_start(text, quote));
  return prefix == "R" || prefix == "u8R" || prefix == "LR" || prefix == "uR" || prefix == "UR";
}

// The position after the literal whose opening quote stands at `open`.
std::size_t literal_end(std::string_view text, std::size_t open) {
  if (text[open] == '"' && opens_raw_string(text, open)) {
    const std::size_t parenthesis = text.find('(', open);
    if (parenthesis == std::string_view::npos) return text.size();
    const std::string closing =
        ")" + std::string(text.substr(open + 1, parenthesis - open - 1)) + "\"";
    const std::size_t end = text.find(closing, parenthesis);
    return end == std::string_view::npos ? text.size() : end + closing.size();
  }
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == text[open] || text[at] == '\n') {
      return at + 1;
    }
  }
  return text.size();
}

std::size_t comment_end(std::string_view text, std::size_t open) {
  const bool block = text[open + 1] == '*';
  const std::size_t end = text.find(block ? "*/" : "\n", open + 2);
  if (end == std::string_view::npos) return text.size();
  return block ? end + 2 : end;
}

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t at = from; at < to && at < text.size(); ++at) {
    if (text[at] != '\n') text[at] = ' ';
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

}  // namespace

std::string SourceFile::layer() const {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string SourceFile::extension() const {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos || path.find('/', dot) != std::string::npos ? ""
                                                                              : path.substr(dot);
}

std::string without_comments(std::string_view text, Literals literals) {
  std::string out(text);
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '/' && at + 1 < text.size() && (text[at + 1] == '/' || text[at + 1] == '*')) {
      const std::size_t end = comment_end(text, at);
      blank(out, at, end);
      at = end;
    } else if (c == '"' || (c == '\'' && !is_digit_separator(text, at))) {
      const std::size_t end = literal_end(text, at);
      if (literals == Literals::Blank) blank(out, at + 1, end - 1);
      at = end;
    } else {
      ++at;
    }
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> includes;
  const std::string code = without_comments(file.text, Literals::Keep);
  int line = 0;
  for (std::string_view rest : lines_of(code)) {
    ++line;
    rest = trimmed(rest);
    if (!rest.starts_with('#')) continue;
    rest = trimmed(rest.substr(1));
    if (!rest.starts_with("include")) continue;
    rest = trimmed(rest.substr(7));
    if (!rest.starts_with('"') && !rest.starts_with('<')) continue;
    const bool quoted = rest.front() == '"';
    const std::size_t end = rest.find(quoted ? '"' : '>', 1);
    if (end == std::string_view::npos) continue;
    includes.push_back(
        {.line = line, .quoted = quoted, .path = std::string(rest.substr(1, end - 1))});
  }
  return includes;
}

std::vector<Name> names_of(std::string_view code) {
  std::vector<Name> names;
  int line = 0;
  for (const std::string_view text : lines_of(code)) {
    ++line;
    std::size_t at = 0;
    while (at < text.size()) {
      if (!is_word(text[at])) {
        ++at;
        continue;
      }
      Name name{.line = line, .parts = {}, .rest = {}};
      while (at < text.size() && is_word(text[at])) {
        const std::size_t start = at;
        while (at < text.size() && is_word(text[at])) ++at;
        name.parts.push_back(text.substr(start, at - start));
        if (text.substr(at, 2) == "::" && at + 2 < text.size() && is_word(text[at + 2])) at += 2;
      }
      name.rest = trimmed(text.substr(at));
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace faultline::tree
