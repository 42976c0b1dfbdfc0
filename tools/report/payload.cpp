#include "tools/report/payload.h"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <map>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "regions/invariants/property.h"
#include "regions/narrator.h"
#include "tools/report/aws_passages.h"
#include "tools/report/causality.h"
#include "tools/report/exports.h"
#include "tools/report/fault_bands.h"
#include "tools/report/redaction.h"
#include "tools/report/state_changes.h"
#include "tools/report/story.h"

namespace faultline::tools {
namespace {

constexpr std::string_view kDefaultEpoch = "2026-01-01T00:00:00Z";
// What JavaScript's numbers hold exactly.
constexpr std::uint64_t kMostNumber = std::uint64_t{1} << 53;

class Payload {
 public:
  Payload(const RunRecord& record, const PayloadOptions& options)
      : record_(record),
        options_(options),
        redaction_(record.scenario),
        causes_(record),
        faults_(fault_bands(record)) {
    while (first_ < record.events.size() && record.events[first_].id() < options.first_event) {
      ++first_;
    }
    string("");
  }

  std::string write(std::string_view label) {
    begin_object();
    if (!label.empty()) member("label", json_quoted(label));
    head();
    // Before the strings, so that these are whole.
    const std::string body = rest();
    member("strings",
           list(strings_in_order_, [](const std::string* text) { return json_quoted(*text); }));
    out_ += body;
    out_ += "}";
    return std::move(out_);
  }

 private:
  void begin_object() { out_ = "{\"format\":1"; }
  void member(std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out_), ",\n\"{}\":{}", name, value);
  }
  // A text as an index into the strings.
  std::size_t string(const std::string& text) {
    const auto [found, is_new] = strings_.emplace(text, strings_.size());
    if (is_new) strings_in_order_.push_back(&found->first);
    return found->second;
  }
  [[nodiscard]] int lane(const std::string& region) const {
    return region.empty() ? -1 : lane_of(record_.scenario, region);
  }
  template <class Items, class Write>
  static std::string list(const Items& items, const Write& write) {
    std::string out = "[";
    for (const auto& item : items) {
      if (out.size() > 1) out += ',';
      append(write(item), out);
    }
    out += ']';
    return out;
  }
  // A long run has a million of these.
  static void append(const std::string& text, std::string& out) { out += text; }
  template <std::integral Number>
  static void append(Number number, std::string& out) {
    const fmt::format_int digits(number);
    out.append(digits.data(), digits.size());
  }
  template <class Items>
  static std::string numbers(const Items& items) {
    return list(items, [](const auto& item) { return item; });
  }
  // One value an event.
  template <class Write>
  std::string column(const Write& write) {
    return list(std::span(record_.events).subspan(first_), write);
  }
  // Only what is there: a page has no use for what came before the first event.
  [[nodiscard]] bool is_shown(std::uint64_t id) const { return id >= options_.first_event; }
  [[nodiscard]] std::uint64_t known(std::uint64_t id) const {
    return is_shown(id) && causes_.place_of(id) < causes_.size() ? id : 0;
  }

  void head() {
    const v1::Scenario& scenario = record_.scenario;
    const v1::RunReport& report = record_.report;
    const std::string& title = scenario.title().empty() ? record_.file : scenario.title();
    member("title", json_quoted(redaction_.text(title)));
    member("description", json_quoted(redaction_.text(scenario.description())));
    member("file", json_quoted(record_.file));
    member("seed", fmt::format("\"{}\"", report.seed()));
    member("hash", json_quoted(report.hash()));
    member("build", json_quoted(report.build()));
    member("verdict", json_quoted(v1::Verdict_Name(report.verdict())));
    member("command", json_quoted(options_.command));
    member("epoch", json_quoted(scenario.epoch().empty() ? kDefaultEpoch : scenario.epoch()));
    member("ended_ns", std::to_string(report.ended_at_ns()));
    member("calls", std::to_string(report.calls()));
    member("messages_sent", std::to_string(report.messages_sent()));
    member("regions", list(scenario.region(), [](const v1::RegionSpec& region) {
             return json_quoted(region.name());
           }));
  }

  std::string rest() {
    std::string head = std::move(out_);
    out_.clear();
    member("events", events());
    member("messages", list(messages(), [&](const TracedMessage& message) {
             return fmt::format(
                 "{{\"type\":{},\"from\":{},\"to\":{},\"sent\":{},\"got\":{},\"lost\":{},\"why\":"
                 "{}}}",
                 string(message.type), message.from, message.to, message.sent, numbers(message.got),
                 message.lost, string(message.why));
           }));
    member("faults", list(faults(), [&](const FaultBand& band) {
             return fmt::format(
                 "{{\"name\":{},\"kind\":{},\"words\":{},\"lanes\":{},\"link\":{},\"begin\":{},"
                 "\"end\":{}}}",
                 string(band.name), string(band.kind), string(band.words), numbers(band.lanes),
                 band.is_link, band.begin, band.end);
           }));
    member("state", list(states(), [&](const StateChange& change) {
             return fmt::format("{{\"event\":{},\"lane\":{},\"what\":{},\"of\":{},\"value\":{}}}",
                                change.event, change.lane, string(change.what), string(change.of),
                                string(change.value));
           }));
    member("crypto", crypto());
    member("story", list(story(), [](const Sentence& sentence) {
             return fmt::format("{{\"event\":{},\"text\":{},\"because\":{},\"tone\":\"{}\"}}",
                                sentence.event, json_quoted(sentence.text),
                                numbers(sentence.because), name_of(sentence.tone));
           }));
    member("violations", list(record_.report.violations(), [](const v1::Violation& violation) {
             return violation_object(violation);
           }));
    member("properties", properties());
    member("cone", cone());
    if (options_.twin == nullptr) {
      member("twin", "null");
    } else {
      const PayloadOptions twin{.command = options_.twin_command,
                                .twin = nullptr,
                                .twin_label = {},
                                .twin_command = {},
                                .first_event = 0};
      member("twin", Payload(*options_.twin, twin).write(options_.twin_label));
    }
    if (record_.goes_on) {
      member("first_event", std::to_string(options_.first_event));
      member("live", "true");
    }
    std::string body = std::move(out_);
    out_ = std::move(head);
    return body;
  }

  // ---- what of it all is shown ------------------------------------------------------------------

  [[nodiscard]] std::vector<TracedMessage> messages() const {
    std::vector<TracedMessage> messages = messages_of(record_);
    std::erase_if(messages, [&](const TracedMessage& message) {
      return !is_shown(
          std::max({message.sent, message.lost, message.got.empty() ? 0 : message.got.back()}));
    });
    return messages;
  }

  // What began earlier is in force from the beginning.
  [[nodiscard]] std::vector<FaultBand> faults() const {
    std::vector<FaultBand> bands = faults_;
    std::erase_if(bands,
                  [&](const FaultBand& band) { return band.end != 0 && !is_shown(band.end); });
    for (FaultBand& band : bands) band.begin = std::max(band.begin, options_.first_event);
    return bands;
  }

  // What had become of everything is so from the beginning.
  [[nodiscard]] std::vector<StateChange> states() const {
    std::vector<StateChange> changes = state_changes(record_, faults_);
    const auto shown = std::ranges::find_if(
        changes, [&](const StateChange& change) { return is_shown(change.event); });
    std::map<std::tuple<int, std::string, std::string>, StateChange> before;
    for (const StateChange& change : std::ranges::subrange(changes.begin(), shown)) {
      before[{change.lane, change.what, change.of}] = change;
    }
    std::vector<StateChange> states;
    for (auto& [what, change] : before) {
      if (change.value.empty()) continue;
      change.event = options_.first_event;
      states.push_back(std::move(change));
    }
    std::ranges::move(shown, changes.end(), std::back_inserter(states));
    return states;
  }

  [[nodiscard]] std::vector<Sentence> story() const {
    std::vector<Sentence> story = story_of(record_, causes_, faults_);
    std::erase_if(story, [&](const Sentence& sentence) { return !is_shown(sentence.event); });
    for (Sentence& sentence : story) {
      std::erase_if(sentence.because, [&](std::uint64_t id) { return !is_shown(id); });
    }
    return story;
  }

  std::string events() {
    using Event = v1::TraceEvent;
    std::string out = "{";
    const auto add = [&out](std::string_view name, const std::string& values) {
      fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", out.size() > 1 ? ",\n" : "", name,
                     values);
    };
    std::int64_t before_ns = 0;
    regions::Narrator narrator(regions::Detail::Machinery);
    // It says once what is one: of a step and its call.
    for (const Event& event : std::span(record_.events).first(first_)) (void)narrator.tell(event);
    add("id", column([](const Event& event) { return event.id(); }));
    add("at", column([&](const Event& event) {
          const std::int64_t since = event.at_ns() - before_ns;
          before_ns = event.at_ns();
          return since;
        }));
    add("kind",
        column([&](const Event& event) { return string(v1::EventKind_Name(event.kind())); }));
    add("actor", column([&](const Event& event) { return lane(event.actor()); }));
    add("peer", column([&](const Event& event) { return lane(event.peer()); }));
    add("cause", column([&](const Event& event) { return known(event.cause()); }));
    add("number", column([](const Event& event) {
          return event.number() > kMostNumber ? fmt::format("\"{}\"", event.number())
                                              : std::to_string(event.number());
        }));
    add("subject", column([&](const Event& event) { return string(event.subject()); }));
    add("verb", column([&](const Event& event) { return string(event.verb()); }));
    add("outcome", column([&](const Event& event) { return string(event.outcome()); }));
    add("text", column([&](const Event& event) { return string(event.text()); }));
    add("words", column([&](const Event& event) {
          const auto line = narrator.tell(event);
          return line ? string(line->text) : 0;
        }));
    std::vector<std::uint32_t> ranks = causes_.ranks();
    ranks.erase(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(first_));
    add("rank", numbers(ranks));
    return out + "}";
  }

  std::string crypto() {
    std::vector<const v1::TraceEvent*> calls;
    for (const v1::TraceEvent& event : std::span(record_.events).subspan(first_)) {
      if (event.kind() == v1::KMS_CALL) calls.push_back(&event);
    }
    return list(calls, [&](const v1::TraceEvent* call) {
      return fmt::format(
          "{{\"event\":{},\"lane\":{},\"operation\":{},\"key\":{},\"context\":{},\"outcome\":{}}}",
          call->id(), lane(call->actor()), string(call->verb()), string(call->subject()),
          string(call->text()), string(call->outcome()));
    });
  }

  static std::string violation_object(const v1::Violation& violation) {
    const auto* property = regions::find_property(violation.property());
    const AwsPassage* passage = find_aws_passage(violation.property());
    return fmt::format(
        "{{\"property\":{},\"title\":{},\"sentence\":{},\"why\":{},\"aws\":{},\"found\":{},"
        "\"event\":{},\"witness\":{},\"where\":{}}}",
        json_quoted(violation.property()),
        json_quoted(property == nullptr ? std::string_view("Expectation") : property->title),
        json_quoted(property == nullptr ? std::string_view(violation.expectation())
                                        : property->sentence),
        json_quoted(property == nullptr ? std::string_view(violation.because()) : property->why),
        json_quoted(passage == nullptr ? std::string()
                                       : fmt::format("{}: {}", passage->page, passage->says)),
        json_quoted(violation.found()), violation.event(), numbers(violation.witness()),
        json_quoted(violation.where()));
  }

  std::string properties() const {
    std::map<std::string, bool> broken;
    for (const v1::Violation& violation : record_.report.violations()) {
      broken[violation.property()] = true;
    }
    std::vector<std::string> rows;
    for (const v1::PropertyTally& tally : record_.report.properties()) {
      const auto* property = regions::find_property(tally.id());
      if (property == nullptr) continue;
      rows.push_back(fmt::format(
          "{{\"id\":{},\"title\":{},\"sentence\":{},\"kind\":\"{}\",\"checks\":{},\"broken\":{}}}",
          json_quoted(tally.id()), json_quoted(property->title), json_quoted(property->sentence),
          tally.id().starts_with('L') ? "eventually" : "always", tally.held(),
          broken.contains(tally.id())));
    }
    return list(rows, [](const std::string& row) { return row; });
  }

  std::string cone() const {
    std::vector<std::uint64_t> ids;
    const std::vector<bool> past = causes_.past(first_violation(record_));
    for (std::size_t place = 0; place < past.size(); ++place) {
      if (past[place]) ids.push_back(record_.events[place].id());
    }
    return numbers(ids);
  }

  const RunRecord& record_;
  const PayloadOptions& options_;
  const Redaction redaction_;
  const Causality causes_;
  const std::vector<FaultBand> faults_;
  std::size_t first_ = 0;  // of the events that are shown
  std::map<std::string, std::size_t> strings_;
  std::vector<const std::string*> strings_in_order_;
  std::string out_;
};

}  // namespace

std::string report_payload(const RunRecord& record, const PayloadOptions& options) {
  return Payload(record, options).write("") + "\n";
}

}  // namespace faultline::tools
