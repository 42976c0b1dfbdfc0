#include "regions/api/list_filters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/hash.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

constexpr std::string_view kSeparators = "/-_+=.@";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(at);
    const std::string_view part = text.substr(0, end);
    if (!part.empty()) parts.push_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The one separator that a text has; nothing when it has none, or several kinds.
std::optional<char> only_separator(std::string_view text) {
  std::optional<char> found;
  for (const char c : text) {
    if (kSeparators.find(c) == std::string_view::npos) continue;
    if (found && *found != c) return std::nullopt;
    found = c;
  }
  return found;
}

// A word is one character that is no small letter with the small letters after it, or what lies
// between two such.
void split_at_capitals(std::string_view text, std::vector<std::string>& words) {
  std::string rest;
  const auto flush = [&words, &rest] {
    if (!rest.empty()) words.push_back(rest);
    rest.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const bool begins_a_word = !is_lower(text[i]) && i + 1 < text.size() && is_lower(text[i + 1]);
    if (!begins_a_word) {
      rest += text[i++];
      continue;
    }
    flush();
    do {
      rest += text[i++];
    } while (i < text.size() && is_lower(text[i]));
    flush();
  }
  flush();
}

bool words_match(std::string_view value, std::string_view text) {
  // Capitals split both, so words are made before case is lost.
  const std::vector<std::string> wanted = words_of(value);
  if (wanted.empty()) return false;
  std::vector<std::string> there = words_of(text);
  for (std::string& word : there) word = lower(word);
  return std::ranges::all_of(wanted, [&there](const std::string& word) {
    return std::ranges::any_of(there, [prefix = lower(word)](const std::string& candidate) {
      return candidate.starts_with(prefix);
    });
  });
}

bool positively_matches(std::string_view key, std::string_view value, const Listed& listed) {
  const v1::StoredSecret& secret = listed.secret;
  if (key == "name") return secret.name().starts_with(value);
  if (key == "description") return words_match(value, secret.description());
  if (key == "primary-region") {
    return !listed.primary_region.empty() && listed.primary_region.starts_with(value);
  }
  if (key == "tag-key") {
    return std::ranges::any_of(secret.tags(),
                               [value](const v1::Tag& t) { return t.key().starts_with(value); });
  }
  if (key == "tag-value") {
    return std::ranges::any_of(secret.tags(),
                               [value](const v1::Tag& t) { return t.value().starts_with(value); });
  }
  if (key == "all") {
    return words_match(value, secret.name()) || words_match(value, secret.description()) ||
           std::ranges::any_of(secret.tags(), [value](const v1::Tag& t) {
             return words_match(value, t.key()) || words_match(value, t.value());
           });
  }
  // owning-service, in either case.
  return !secret.owning_service().empty() &&
         lower(secret.owning_service()).starts_with(lower(value));
}

bool is_filter_value_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" :_@/+=.-!").find(c) != std::string_view::npos;
}

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  digits.fill('0');
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr;
  std::copy_backward(text.data(), end, digits.data() + digits.size());
  return {digits.data(), digits.size()};
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// 16 digits of the check, 16 of the key, then the name.
std::string check_of(std::string_view question, std::string_view body) {
  std::string text(question);
  text += '\0';
  text += body;
  return hex(engine::hash64(text));
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view piece : split(text, ' ')) {
    const std::optional<char> separator = only_separator(piece);
    const bool mixed = !separator && piece.find_first_of(kSeparators) != std::string_view::npos;
    if (mixed) {
      words.emplace_back(piece);
    } else if (separator) {
      for (const std::string_view part : split(piece, *separator)) split_at_capitals(part, words);
    } else {
      split_at_capitals(piece, words);
    }
  }
  return words;
}

bool matches(const v1::Filter& filter, const Listed& listed) {
  return std::ranges::any_of(filter.values(), [&](const std::string& value) {
    const bool negated = value.starts_with('!');
    const std::string_view rest = std::string_view(value).substr(negated ? 1 : 0);
    return positively_matches(filter.key(), rest, listed) != negated;
  });
}

bool matches_all(const google::protobuf::RepeatedPtrField<v1::Filter>& filters,
                 const Listed& listed) {
  return std::ranges::all_of(
      filters, [&listed](const v1::Filter& filter) { return matches(filter, listed); });
}

Result<void> check_filters(const google::protobuf::RepeatedPtrField<v1::Filter>& filters) {
  Validation members;
  if (filters.size() > 10) {
    members.fail("filters", "[" + std::to_string(filters.size()) + " filters]",
                 "Member must have length less than or equal to 10");
  }
  int number = 0;
  for (const v1::Filter& filter : filters) {
    const std::string member = "filters." + std::to_string(++number) + ".member.";
    members.required(member + "key", filter.has_key());
    if (filter.has_key()) {
      members.one_of(member + "key", filter.key(),
                     {"description", "name", "tag-key", "tag-value", "primary-region",
                      "owning-service", "all"});
    }
    members.list(member + "values", filter.values(), {1, 10}, {0, 512});
    for (const std::string& value : filter.values()) {
      if (std::ranges::all_of(value, is_filter_value_character)) continue;
      members.fail(member + "values", value,
                   "Member must satisfy regular expression pattern: "
                   R"(^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$)");
    }
  }
  return members.result();
}

Place place_of(const v1::StoredSecret& secret, std::string_view sort_by) {
  if (sort_by == "name") return {.key = 0, .name = secret.name()};
  if (sort_by == "last-changed-date") {
    return {.key = secret.last_changed_unix_ns(), .name = secret.name()};
  }
  if (sort_by == "last-accessed-date") {
    return {.key = secret.last_accessed_day(), .name = secret.name()};
  }
  return {.key = secret.created_unix_ns(), .name = secret.name()};
}

std::string make_token(std::string_view question, const Place& last) {
  const std::string body = hex(static_cast<std::uint64_t>(last.key)) + last.name;
  return check_of(question, body) + body;
}

Result<Place> read_token(std::string_view question, std::string_view token) {
  const auto invalid = [] {
    return tl::make_unexpected(
        Error{"InvalidNextTokenException", "The NextToken value is invalid."});
  };
  if (token.size() < 32) return invalid();
  const std::string_view body = token.substr(16);
  if (token.substr(0, 16) != check_of(question, body)) return invalid();
  const std::optional<std::uint64_t> key = from_hex(body.substr(0, 16));
  if (!key) return invalid();
  return Place{.key = static_cast<std::int64_t>(*key), .name = std::string(body.substr(16))};
}

}  // namespace faultline::regions::api
