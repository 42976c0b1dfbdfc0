#include "engine/trace_sinks.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace faultline::engine {
namespace {

void append(std::string& line, std::string_view label, const std::string& value) {
  if (value.empty()) return;
  line += " ";
  line += label;
  line += value;
}

std::string hex(uint64_t value) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(value));
  return digits.data();
}

// The chain covers every other field, but a trace that was tampered with may not.
bool same(const v1::TraceEvent& a, const v1::TraceEvent& b) {
  return a.chain() == b.chain() && a.id() == b.id() && a.at_ns() == b.at_ns() &&
         a.kind() == b.kind() && a.actor() == b.actor() && a.peer() == b.peer() &&
         a.cause() == b.cause() && a.number() == b.number() && a.digest() == b.digest() &&
         a.subject() == b.subject() && a.verb() == b.verb() && a.outcome() == b.outcome() &&
         a.text() == b.text();
}

std::optional<v1::TraceEvent> at(const std::vector<v1::TraceEvent>& events, std::size_t index) {
  if (index >= events.size()) return std::nullopt;
  return events[index];
}

}  // namespace

std::vector<v1::TraceEvent> MemorySink::of_kind(v1::EventKind kind) const {
  std::vector<v1::TraceEvent> out;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(out),
               [kind](const v1::TraceEvent& event) { return event.kind() == kind; });
  return out;
}

std::string to_line(const v1::TraceEvent& event) {
  std::string line = "#" + std::to_string(event.id()) + " " +
                     format_instant(Instant::from_ns(event.at_ns())) + " " +
                     v1::EventKind_Name(event.kind());
  append(line, "", event.actor());
  const bool incoming =
      event.kind() == v1::MESSAGE_DELIVERED || event.kind() == v1::MESSAGE_DROPPED;
  append(line, incoming ? "<- " : "-> ", event.peer());
  append(line, "", event.verb());
  append(line, "", event.subject());
  append(line, "outcome=", event.outcome());
  if (event.number() != 0) append(line, "number=", std::to_string(event.number()));
  if (event.digest() != 0) append(line, "digest=", hex(event.digest()));
  append(line, "text=", event.text());
  if (event.cause() != 0) append(line, "cause=#", std::to_string(event.cause()));
  return line;
}

std::string TraceDifference::to_string() const {
  const auto side = [](const std::optional<v1::TraceEvent>& event) {
    return event ? to_line(*event) : std::string("(the trace has ended)");
  };
  return "expected " + side(expected) + "\nbut saw  " + side(actual);
}

std::optional<TraceDifference> first_difference(const std::vector<v1::TraceEvent>& expected,
                                                const std::vector<v1::TraceEvent>& actual) {
  const auto [first, second] =
      std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end(), same);
  const auto index = static_cast<std::size_t>(first - expected.begin());
  if (first == expected.end() && second == actual.end()) return std::nullopt;
  return TraceDifference{
      .index = index, .expected = at(expected, index), .actual = at(actual, index)};
}

}  // namespace faultline::engine
