#include "tools/report/payload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <iterator>
#include <map>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "regions/failure_reasons.h"
#include "regions/invariants/property.h"
#include "regions/narrator.h"
#include "regions/pictures.h"
#include "tools/report/aws_passages.h"
#include "tools/report/causality.h"
#include "tools/report/exports.h"
#include "tools/report/fault_bands.h"
#include "tools/report/reasons_json.h"
#include "tools/report/replication_lag.h"
#include "tools/report/state_changes.h"
#include "tools/report/story.h"
#include "tools/report/string_table.h"

namespace faultline::tools {
namespace {

constexpr std::string_view kDefaultEpoch = "2026-01-01T00:00:00Z";
// What JavaScript's numbers hold exactly.
constexpr std::uint64_t kMostNumber = std::uint64_t{1} << 53;

template <std::integral Number>
void append_number(Number number, std::string& out) {
  // Most numbers of a report are small.
  if (number >= 0 && number <= 9) {
    out += static_cast<char>('0' + number);
    return;
  }
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

// Of the parts that are few.
template <class Items, class Write>
std::string joined(const Items& items, const Write& write) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += write(item);
  }
  return out + ']';
}

class Payload {
 public:
  // What is written is added to `out`.
  Payload(const RunRecord& record, const PayloadOptions& options, std::string& out)
      : record_(record),
        options_(options),
        causes_(record),
        faults_(fault_bands(record)),
        out_(out) {
    for (const v1::RegionSpec& region : record.scenario.region()) lanes_.push_back(region.name());
    while (first_ < record.events.size() && !is_shown(record.events[first_].id())) ++first_;
  }

  void write(std::string_view label) {
    out_ += "{\"format\":1";
    if (!label.empty()) quoted("label", label);
    head();
    rest();
    if (options_.twin == nullptr) {
      member("twin");
      out_ += "null";
    } else {
      member("twin");
      const PayloadOptions twin{.command = options_.twin_command,
                                .twin = nullptr,
                                .twin_label = {},
                                .twin_command = {},
                                .first_event = 0};
      Payload(*options_.twin, twin, out_).write(options_.twin_label);
    }
    if (record_.goes_on) {
      member("first_event");
      append_number(options_.first_event, out_);
      member("live");
      out_ += "true";
    }
    // Last, so that these are whole.
    member("strings");
    strings_.append_json(out_);
    out_ += '}';
  }

 private:
  void member(std::string_view name) {
    out_ += ",\n\"";
    out_ += name;
    out_ += "\":";
  }
  void quoted(std::string_view name, std::string_view text) {
    member(name);
    append_json_quoted(text, out_);
  }
  // Of an object, with what comes before the value: `{"event":`.
  template <std::integral Number>
  void field(std::string_view before, Number number) {
    out_ += before;
    append_number(number, out_);
  }
  // A text as an index into the strings.
  std::size_t string(std::string_view text) { return strings_.index_of(text); }
  [[nodiscard]] int lane(std::string_view region) const {
    for (std::size_t i = 0; i < lanes_.size() && !region.empty(); ++i) {
      if (lanes_[i] == region) return static_cast<int>(i);
    }
    return -1;
  }
  template <class Items, class Write>
  void list(const Items& items, const Write& write) {
    out_ += '[';
    bool is_first = true;
    for (const auto& item : items) {
      if (!is_first) out_ += ',';
      is_first = false;
      write(item);
    }
    out_ += ']';
  }
  template <class Items>
  void numbers(const Items& items) {
    list(items, [this](const auto& item) { append_number(item, out_); });
  }
  // Only what is there: a page has no use for what came before the first event.
  [[nodiscard]] bool is_shown(std::uint64_t id) const { return id >= options_.first_event; }
  [[nodiscard]] std::uint64_t known(std::uint64_t id) const {
    return is_shown(id) && causes_.place_of(id) < causes_.size() ? id : 0;
  }

  // ---- what of it all is shown ------------------------------------------------------------------

  [[nodiscard]] std::vector<TracedMessage> messages() const {
    std::vector<TracedMessage> messages = messages_of(record_);
    std::erase_if(messages, [&](const TracedMessage& message) {
      const std::uint64_t last_got = message.got.empty() ? 0 : message.got.back();
      return !is_shown(std::max({message.sent, message.lost, last_got}));
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
    if (shown == changes.begin()) return changes;
    std::map<std::tuple<int, std::string, std::string>, StateChange> before;
    for (const StateChange& change : std::span(changes.begin(), shown)) {
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

  void head() {
    const v1::Scenario& scenario = record_.scenario;
    const v1::RunReport& report = record_.report;
    quoted("title", record_.title.empty() ? record_.file : record_.title);
    quoted("description", record_.description);
    quoted("file", record_.file);
    quoted("seed", std::to_string(report.seed()));
    quoted("hash", report.hash());
    quoted("build", report.build());
    quoted("verdict", v1::Verdict_Name(report.verdict()));
    quoted("command", options_.command);
    quoted("epoch", scenario.epoch().empty() ? kDefaultEpoch : scenario.epoch());
    member("ended_ns");
    append_number(report.ended_at_ns(), out_);
    member("calls");
    append_number(report.calls(), out_);
    member("messages_sent");
    append_number(report.messages_sent(), out_);
    member("regions");
    list(lanes_, [this](std::string_view region) { append_json_quoted(region, out_); });
  }

  void rest() {
    member("events");
    events();
    member("messages");
    list(messages(), [this](const TracedMessage& message) {
      field("{\"type\":", string(message.type));
      field(",\"from\":", message.from);
      field(",\"to\":", message.to);
      field(",\"sent\":", message.sent);
      out_ += ",\"got\":";
      numbers(message.got);
      field(",\"lost\":", message.lost);
      field(",\"why\":", string(message.why));
      out_ += '}';
    });
    member("faults");
    list(faults(), [this](const FaultBand& band) {
      field("{\"name\":", string(band.name));
      field(",\"kind\":", string(band.kind));
      field(",\"words\":", string(band.words));
      out_ += ",\"lanes\":";
      numbers(band.lanes);
      out_ += band.is_link ? ",\"link\":true" : ",\"link\":false";
      field(",\"begin\":", band.begin);
      field(",\"end\":", band.end);
      out_ += '}';
    });
    member("state");
    list(states(), [this](const StateChange& change) {
      field("{\"event\":", change.event);
      field(",\"lane\":", change.lane);
      field(",\"what\":", string(change.what));
      field(",\"of\":", string(change.of));
      field(",\"value\":", string(change.value));
      out_ += '}';
    });
    member("story");
    list(story(), [this](const Sentence& sentence) {
      field("{\"event\":", sentence.event);
      out_ += ",\"text\":";
      append_json_quoted(sentence.text, out_);
      out_ += ",\"because\":";
      numbers(sentence.because);
      out_ += ",\"tone\":";
      append_json_quoted(name_of(sentence.tone), out_);
      out_ += '}';
    });
    member("violations");
    list(record_.report.violations(),
         [this](const v1::Violation& violation) { out_ += violation_object(violation); });
    member("properties");
    out_ += properties();
    member("cone");
    cone();
    member("reasons");
    out_ += reasons();
    // A page that goes on has no plot of it all.
    if (!record_.goes_on) lag();
  }

  // All columns in one pass over the events.
  void events() {
    constexpr std::array<std::string_view, 13> kNames = {
        "id",      "at",   "kind",    "actor", "peer",  "cause", "number",
        "subject", "verb", "outcome", "text",  "words", "digest"};
    std::array<std::string, kNames.size()> columns;
    for (std::string& column : columns) column.reserve(record_.events.size() * 5);
    std::array<std::size_t, v1::EventKind_ARRAYSIZE> kinds{};
    std::int64_t before_ns = 0;
    std::uint64_t before_id = 0;
    regions::Narrator narrator(regions::Detail::Machinery);
    // It says once what is one: of a step and its call.
    for (std::size_t place = 0; place < first_; ++place) {
      static_cast<void>(narrator.tell(record_.events[place]));
    }
    for (std::size_t place = first_; place < record_.events.size(); ++place) {
      const v1::TraceEvent& event = record_.events[place];
      std::size_t at = 0;
      const auto add = [&](auto number) {
        std::string& column = columns[at++];
        column += ',';
        append_number(number, column);
      };
      add(event.id() - before_id);
      add(event.at_ns() - before_ns);
      std::size_t& kind = kinds[static_cast<std::size_t>(event.kind())];
      if (kind == 0) kind = string(v1::EventKind_Name(event.kind()));
      add(kind);
      add(lane(event.actor()));
      add(lane(event.peer()));
      add(known(event.cause()) == 0 ? 0 : event.id() - event.cause());
      add(event.number());
      if (event.number() > kMostNumber) quote_last(columns[at - 1]);
      add(string(event.subject()));
      add(string(event.verb()));
      add(string(event.outcome()));
      add(string(event.text()));
      const auto line = narrator.tell(event);
      add(line ? string(line->text) : 0);
      add(event.digest() >> 32);
      before_ns = event.at_ns();
      before_id = event.id();
    }
    for (std::size_t at = 0; at < columns.size(); ++at) {
      out_ += at == 0 ? "{\"" : ",\n\"";
      out_ += kNames[at];
      out_ += "\":[";
      if (!columns[at].empty()) out_.append(columns[at], 1);
      out_ += ']';
    }
    out_ += '}';
  }
  // The number at the end, as a text.
  static void quote_last(std::string& column) {
    column.insert(column.find_last_of(',') + 1, 1, '"');
    column += '"';
  }

  // Of those reasons that AWS documents: which this run tells of.
  [[nodiscard]] std::string reasons() const {
    std::vector<const regions::FailureReason*> found;
    for (const v1::TraceEvent& event : record_.events) {
      if (event.kind() != v1::REPLICATION_STATUS && event.kind() != v1::REPLICA_APPLIED) continue;
      if (event.text().empty()) continue;
      const auto* reason = regions::reason_of_message(event.text());
      if (reason != nullptr && std::ranges::find(found, reason) == found.end()) {
        found.push_back(reason);
      }
    }
    return joined(found, [](const auto* reason) { return failure_reason_json(*reason); });
  }

  void lag() {
    member("lag");
    list(replication_lag(record_), [this](const LaggingLink& link) {
      field("{\"secret\":", string(link.secret));
      field(",\"primary\":", link.primary);
      field(",\"replica\":", link.replica);
      out_ += ",\"event\":";
      std::uint64_t before = 0;
      list(link.changes, [&](const LagChange& change) {
        append_number(change.event - std::exchange(before, change.event), out_);
      });
      out_ += ",\"behind\":";
      list(link.changes, [this](const LagChange& change) { append_number(change.behind, out_); });
      out_ += '}';
    });
  }

  static std::string violation_object(const v1::Violation& violation) {
    const auto* property = regions::find_property(violation.property());
    return fmt::format(
        "{{\"property\":{},\"title\":{},\"sentence\":{},\"why\":{},\"aws\":{},\"found\":{},"
        "\"event\":{},\"witness\":{},\"where\":{},\"picture\":{}}}",
        json_quoted(violation.property()),
        json_quoted(property == nullptr ? std::string_view("Expectation") : property->title),
        json_quoted(property == nullptr ? std::string_view(violation.expectation())
                                        : property->sentence),
        json_quoted(property == nullptr ? std::string_view(violation.because()) : property->why),
        json_quoted(aws_passage_text(violation.property())), json_quoted(violation.found()),
        violation.event(),
        joined(violation.witness(), [](std::uint64_t id) { return std::to_string(id); }),
        json_quoted(violation.where()), json_quoted(regions::picture_of(violation.property())));
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
    return joined(rows, [](const std::string& row) -> const std::string& { return row; });
  }

  void cone() {
    std::vector<std::uint64_t> ids;
    const std::vector<bool> past = causes_.past(first_violation(record_));
    for (std::size_t place = 0; place < past.size(); ++place) {
      if (past[place]) ids.push_back(record_.events[place].id());
    }
    numbers(ids);
  }

  const RunRecord& record_;
  const PayloadOptions& options_;
  const Causality causes_;
  const std::vector<FaultBand> faults_;
  std::size_t first_ = 0;  // of the events that are shown
  std::vector<std::string_view> lanes_;
  StringTable strings_;
  std::string& out_;
};

}  // namespace

std::string report_payload(const RunRecord& record, const PayloadOptions& options) {
  // Of a long run an event takes some seventy bytes, its texts among them.
  constexpr std::size_t kHead = 16'384, kAnEvent = 80;
  std::string out;
  out.reserve(kHead + kAnEvent * record.events.size());
  Payload(record, options, out).write("");
  out += '\n';
  return out;
}

}  // namespace faultline::tools
