#include "regions/scenario/spelling.h"

#include <algorithm>

namespace faultline::regions {
namespace {

std::string bare(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '-') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: the current one and the two above it, which a swap looks back
  // to.
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string closest(std::string_view name, const std::vector<std::string>& known) {
  // A longer text would make the table large, and nobody's typo is that long.
  if (name.size() > 200) return "";
  const std::string wanted = bare(name);
  const std::size_t far = std::max<std::size_t>(1, std::min<std::size_t>(4, wanted.size() / 3)) + 1;
  const std::string* best = nullptr;
  std::size_t best_distance = far;
  for (const std::string& word : known) {
    const std::string candidate = bare(word);
    std::size_t distance = edit_distance(wanted, candidate);
    if (wanted.size() >= 3 && candidate.starts_with(wanted)) distance = std::min(distance, far - 1);
    if (distance < best_distance) {
      best = &word;
      best_distance = distance;
    }
  }
  return best == nullptr ? "" : *best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::string word = closest(name, known);
  return word.empty() ? "" : "; did you mean \"" + word + "\"?";
}

}  // namespace faultline::regions
