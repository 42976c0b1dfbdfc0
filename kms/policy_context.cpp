#include "kms/policy_context.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace faultline::kms {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_key(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

void PolicyContext::add(std::string key, std::string value) {
  entries_.push_back({std::move(key), {std::move(value)}});
}

void PolicyContext::add_list(std::string key, std::vector<std::string> values) {
  entries_.push_back({std::move(key), std::move(values)});
}

const std::vector<std::string>* PolicyContext::find(std::string_view key) const {
  if (fill_) {
    const Fill fill = std::exchange(fill_, {});
    PolicyContext filled;
    fill(filled);
    std::move(filled.entries_.begin(), filled.entries_.end(), std::back_inserter(entries_));
  }
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [key](const Entry& entry) { return same_key(entry.key, key); });
  if (found != entries_.end()) return &found->values;
  return outer_ == nullptr ? nullptr : outer_->find(key);
}

}  // namespace faultline::kms
