#include "tools/report/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

#include "regions/invariants/property.h"
#include "tools/report/sentences.h"

namespace faultline::tools {
namespace {

std::string lower_first(std::string_view text) {
  std::string out(text);
  // "AWSCURRENT …", "InSync is …" keep their capitals: only a word that goes on in small letters.
  if (out.size() > 1 && std::isupper(static_cast<unsigned char>(out[0])) != 0 &&
      !out.starts_with("In") && !out.starts_with("AWS")) {
    out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
  }
  return out;
}

// Parts of others may have brought theirs.
std::string with_one_full_stop(std::string text) {
  for (std::size_t at = text.find(".."); at != std::string::npos; at = text.find("..", at)) {
    text.erase(at, 1);
  }
  return text.ends_with('.') ? text : text + '.';
}

Sentence violation_sentence(const v1::Violation& violation) {
  Sentence sentence{.event = violation.event(), .text = {}, .because = {}, .tone = {}};
  sentence.tone = SentenceTone::Bad;
  if (const auto* property = regions::find_property(violation.property()); property != nullptr) {
    sentence.text = fmt::format("So {}. That breaks {} {}: {}", violation.found(), property->id,
                                property->title, lower_first(property->sentence));
    sentence.text = for_people(std::move(sentence.text));
    return sentence;
  }
  sentence.text =
      fmt::format("Expected was: {}. But {}.", violation.expectation(), violation.found());
  if (!violation.because().empty()) {
    sentence.text += fmt::format(" It matters because {}.", violation.because());
  }
  return sentence;
}

Sentence end_sentence(const RunRecord& record) {
  Sentence sentence{
      .event = record.events.back().id(), .text = {}, .because = {}, .tone = SentenceTone::Good};
  const v1::RunReport& report = record.report;
  if (report.verdict() != v1::HOLDS) {
    sentence.tone = SentenceTone::Doubt;
    sentence.text = fmt::format("The run ends before everything can be judged{}{}.",
                                report.left_open_size() > 0 ? ": " : "",
                                report.left_open_size() > 0 ? report.left_open(0) : "");
    return sentence;
  }
  std::uint64_t checked = 0;
  for (const v1::PropertyTally& tally : report.properties()) checked += tally.held() > 0 ? 1 : 0;
  sentence.text = "So everything that was expected held";
  if (report.expectations_total() > 0) {
    sentence.text += fmt::format(": {} of {} expectations", report.expectations_met(),
                                 report.expectations_total());
  }
  if (checked > 0) {
    sentence.text += fmt::format("{}{} properties that were put to the test",
                                 report.expectations_total() > 0 ? ", and " : ": ", checked);
  }
  sentence.text += '.';
  return sentence;
}

// What a broken run's story is made of: what led to the violation, and the faults in force.
std::vector<Candidate> of_failure(std::vector<Candidate> candidates, const RunRecord& record,
                                  const Causality& causes) {
  const std::vector<std::uint64_t> shown = first_violation(record);
  const std::vector<bool> past = causes.past(shown);
  const std::uint64_t seen_at = *std::ranges::max_element(shown);
  for (Candidate& candidate : candidates) {
    // Of events that are told as one, the first that has a part in it stands for them.
    const auto part =
        std::ranges::find_if(candidate.more, [&](std::size_t at) { return past[at]; });
    if (!past[candidate.place] && part != candidate.more.end()) candidate.place = *part;
  }
  std::ranges::sort(candidates, {}, &Candidate::place);
  std::erase_if(candidates, [&](const Candidate& candidate) {
    const std::uint64_t id = record.events[candidate.place].id();
    if (id >= seen_at) return true;
    if (past[candidate.place]) return false;
    const bool in_force =
        candidate.fault != nullptr && (candidate.fault->end == 0 || candidate.fault->end > seen_at);
    return !in_force;
  });
  return candidates;
}

// Takes out what matters least, of that the earliest.
void shorten(std::vector<Candidate>& candidates, std::size_t most) {
  if (candidates.size() <= most) return;
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t at) { return candidates[at].weight; });
  order.erase(order.begin(), order.end() - static_cast<std::ptrdiff_t>(most));
  std::ranges::sort(order);
  std::vector<Candidate> kept;
  for (const std::size_t at : order) kept.push_back(std::move(candidates[at]));
  candidates = std::move(kept);
}

// The sentences nearest before an event on all ways of influence; none that another one of them
// came of, for that is told there.
class Reasons {
 public:
  Reasons(const Causality& causes, const std::vector<Candidate>& told)
      : causes_(causes), is_told_(causes.size()) {
    for (const Candidate& candidate : told) is_told_[candidate.place] = true;
  }

  // Ascending; the latest kMost of them. Influences are earlier, so that one way back is enough.
  [[nodiscard]] std::vector<std::size_t> of(std::size_t place) const {
    constexpr std::size_t kMost = 4;
    std::vector<std::size_t> nearest;
    // Reached without passing a sentence; and what a sentence that was found came of.
    std::vector<bool> is_reached(place), is_implied(place);
    std::size_t left = 0;  // of those reached
    std::priority_queue<std::size_t> open;
    const auto go_on_from = [&](std::size_t from, bool implies) {
      for (const std::size_t at : causes_.influences(from)) {
        if (!is_reached[at] && !is_implied[at]) open.push(at);
        if (implies) {
          is_implied[at] = true;
        } else if (!is_reached[at]) {
          is_reached[at] = true;
          ++left;
        }
      }
    };
    go_on_from(place, false);
    while (left > 0 && nearest.size() < kMost) {
      const std::size_t at = open.top();
      open.pop();
      if (is_reached[at]) --left;
      if (!is_implied[at] && is_told_[at]) {
        nearest.push_back(at);
        is_implied[at] = true;
      }
      go_on_from(at, is_implied[at]);
    }
    std::ranges::reverse(nearest);
    return nearest;
  }

 private:
  const Causality& causes_;
  std::vector<bool> is_told_;
};

}  // namespace

std::string_view name_of(SentenceTone tone) {
  switch (tone) {
    case SentenceTone::Good:
      return "good";
    case SentenceTone::Bad:
      return "bad";
    case SentenceTone::Fault:
      return "fault";
    case SentenceTone::Doubt:
      return "doubt";
    case SentenceTone::Plain:
      break;
  }
  return "plain";
}

std::vector<std::uint64_t> first_violation(const RunRecord& record) {
  if (record.report.violations_size() == 0) return {};
  const v1::Violation& violation = record.report.violations(0);
  std::vector<std::uint64_t> shown(violation.witness().begin(), violation.witness().end());
  shown.push_back(violation.event());
  return shown;
}

std::vector<Sentence> story_of(const RunRecord& record, const Causality& causes,
                               const std::vector<FaultBand>& faults) {
  if (record.events.empty()) return {};
  // What goes on is told as it comes, whatever it breaks.
  const bool broken = !record.goes_on && record.report.violations_size() > 0;
  std::vector<Candidate> told = candidates_of(record, faults);
  if (broken) {
    told = of_failure(std::move(told), record, causes);
  } else {
    std::erase_if(told, [](const Candidate& candidate) { return candidate.is_machinery; });
  }
  shorten(told, (broken ? kMostSentencesOfFailure : kMostSentences) - 1);

  const Reasons reasons(causes, told);
  const auto ids_of = [&record](const std::vector<std::size_t>& places) {
    std::vector<std::uint64_t> ids;
    for (const std::size_t place : places) ids.push_back(record.events[place].id());
    return ids;
  };
  std::vector<Sentence> story;
  for (Candidate& candidate : told) {
    story.push_back({.event = record.events[candidate.place].id(),
                     .text = for_people(std::move(candidate.text)),
                     .because = ids_of(reasons.of(candidate.place)),
                     .tone = candidate.tone});
  }
  if (record.goes_on) {
    for (const v1::Violation& violation : record.report.violations()) {
      const std::size_t place = causes.place_of(violation.event());
      if (place >= causes.size()) continue;
      Sentence sentence = violation_sentence(violation);
      sentence.because = ids_of(reasons.of(place));
      sentence.text = with_one_full_stop(std::move(sentence.text));
      story.push_back(std::move(sentence));
    }
    std::ranges::stable_sort(story, {}, &Sentence::event);
    return story;
  }
  Sentence last = broken ? violation_sentence(record.report.violations(0)) : end_sentence(record);
  if (const std::size_t place = causes.place_of(last.event); broken && place < causes.size()) {
    last.because = ids_of(reasons.of(place));
  }
  last.text = with_one_full_stop(std::move(last.text));
  story.push_back(std::move(last));
  return story;
}

}  // namespace faultline::tools
