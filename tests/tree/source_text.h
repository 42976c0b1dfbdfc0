// C++ source as the rules read it: without comments, with or without literals, line by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faultline::tree {

struct SourceFile {
  std::string path;  // from the root, with '/': "engine/disk.cpp"
  std::string text;

  // The folder at the root, "engine"; empty for a file that lies at the root.
  [[nodiscard]] std::string layer() const;
  // ".h", ".cpp", …
  [[nodiscard]] std::string extension() const;
};

enum class Literals { Keep, Blank };

// The text with comments, and with Literals::Blank also the insides of string and character
// literals, turned into spaces. Line breaks stay, so that line numbers do. Knows raw strings and
// digit separators; does not know line continuations inside literals.
std::string without_comments(std::string_view text, Literals literals);

std::vector<std::string_view> lines_of(std::string_view text);

struct Include {
  int line = 0;
  bool quoted = false;  // "…" rather than <…>
  std::string path;
};

std::vector<Include> includes_of(const SourceFile& file);

// A possibly qualified name in code ("std::chrono::system_clock", "rand") and what stands right
// after it.
struct Name {
  int line = 0;
  std::vector<std::string_view> parts;  // "std", "chrono", "system_clock"
  std::string_view rest;                // of the line, without leading spaces
};

// Every name in `code`, which must outlive the result. Keywords and numbers' suffixes are not told
// apart: rules look for words.
std::vector<Name> names_of(std::string_view code);

}  // namespace faultline::tree
