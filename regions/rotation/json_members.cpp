#include "regions/rotation/json_members.h"

#include <cstddef>

namespace faultline::regions {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Walks over the outermost object without a stack: what is nested is skipped by counting brackets.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  std::optional<Span> find(std::string_view name) {
    std::optional<Span> found;
    if (!take('{')) return std::nullopt;
    if (take('}')) return std::nullopt;
    do {
      skip_space();
      const auto key = string();
      if (!key || !take(':')) return std::nullopt;
      skip_space();
      const bool is_text = at_ < text_.size() && text_[at_] == '"';
      const auto value = is_text ? string() : other();
      if (!value) return std::nullopt;
      if (is_text && text_.substr(key->begin, key->end - key->begin) == name) found = value;
    } while (take(','));
    if (!take('}')) return std::nullopt;
    skip_space();
    return at_ == text_.size() ? found : std::nullopt;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // What is between the quotes.
  std::optional<Span> string() {
    if (at_ >= text_.size() || text_[at_] != '"') return std::nullopt;
    Span span{++at_, 0};
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    if (at_ >= text_.size()) return std::nullopt;
    span.end = at_++;
    return span;
  }
  // A number, a word, an object or an array.
  std::optional<Span> other() {
    const std::size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!string()) return std::nullopt;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) break;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    }
    if (depth != 0 || at_ == begin) return std::nullopt;
    return Span{begin, at_};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string> json_text_member(std::string_view object, std::string_view name) {
  const auto span = Walk(object).find(name);
  if (!span) return std::nullopt;
  return std::string(object.substr(span->begin, span->end - span->begin));
}

std::optional<std::string> with_json_text_member(std::string_view object, std::string_view name,
                                                 std::string_view value) {
  const auto span = Walk(object).find(name);
  if (!span) return std::nullopt;
  std::string replaced(object.substr(0, span->begin));
  replaced += value;
  replaced += object.substr(span->end);
  return replaced;
}

}  // namespace faultline::regions
