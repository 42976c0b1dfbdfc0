#include "tools/report/exports.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <utility>

#include "regions/narrator.h"
#include "tools/report/replication_lag.h"

namespace faultline::tools {
namespace {

// Microseconds, as the format wants them, with all that is known.
std::string micros(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1'000, ns % 1'000); }

bool is_call_start(const v1::TraceEvent& event) {
  return event.kind() == v1::CALL_STARTED || event.kind() == v1::SERVICE_CALL_STARTED;
}
bool is_call_end(const v1::TraceEvent& event) {
  return event.kind() == v1::CALL_ENDED || event.kind() == v1::SERVICE_CALL_ENDED;
}

// Its call is an arrow; a note would say it twice.
bool is_step_of_a_call(const v1::TraceEvent& event) {
  return event.kind() == v1::STEP && !event.actor().empty();
}

// What an event is called: its kind and what it is about.
std::string name_of(const v1::TraceEvent& event) {
  std::string name = v1::EventKind_Name(event.kind());
  if (!event.verb().empty()) name += " " + event.verb();
  if (!event.subject().empty()) name += " " + event.subject();
  return name;
}

class Perfetto {
 public:
  explicit Perfetto(const RunRecord& record) : record_(record) {}

  std::string write() {
    out_ = "{\"displayTimeUnit\":\"ms\",\"otherData\":{";
    out_ += fmt::format("\"hash\":{},\"seed\":\"{}\"}},\"traceEvents\":[",
                        json_quoted(record_.report.hash()), record_.report.seed());
    name_process(0, "world");
    for (int i = 0; i < record_.scenario.region_size(); ++i) {
      name_process(i + 1, record_.scenario.region(i).name());
    }
    for (const v1::TraceEvent& event : record_.events) write_event(event);
    for (const LaggingLink& link : replication_lag(record_)) {
      for (const LagChange& change : link.changes) counter(link, change);
    }
    for (const auto& [id, start] : open_) end_call(*start, id);
    out_ += "\n]}\n";
    return out_;
  }

 private:
  void name_process(int pid, const std::string& name) {
    add(fmt::format(
        "\"ph\":\"M\",\"pid\":{},\"tid\":0,\"name\":\"process_name\",\"args\":{{\"name\""
        ":{}}}",
        pid, json_quoted(name)));
  }
  void add(const std::string& fields) {
    out_ += (first_ ? "\n{" : ",\n{") + fields + "}";
    first_ = false;
  }
  [[nodiscard]] std::string at(const v1::TraceEvent& event) const {
    return fmt::format("\"pid\":{},\"tid\":0,\"ts\":{}",
                       lane_of(record_.scenario, event.actor()) + 1, micros(event.at_ns()));
  }
  // A slice without extent, to which a flow can be bound.
  void slice(const v1::TraceEvent& event) {
    add(fmt::format(
        "\"ph\":\"X\",\"dur\":1,{},\"name\":{},\"cat\":\"message\",\"args\":{{\"event\":{}}}",
        at(event), json_quoted(event.verb()), event.id()));
  }

  void write_event(const v1::TraceEvent& event) {
    if (event.kind() == v1::MESSAGE_SENT) {
      slice(event);
      return add(fmt::format("\"ph\":\"s\",{},\"id\":{},\"name\":{},\"cat\":\"message\"", at(event),
                             event.number(), json_quoted(event.verb())));
    }
    if (event.kind() == v1::MESSAGE_DELIVERED) {
      slice(event);
      return add(
          fmt::format("\"ph\":\"f\",\"bp\":\"e\",{},\"id\":{},\"name\":{},\"cat\":\"message\"",
                      at(event), event.number(), json_quoted(event.verb())));
    }
    if (is_call_start(event) || is_call_end(event)) {
      const bool begins = is_call_start(event);
      const bool other =
          event.kind() == v1::SERVICE_CALL_STARTED || event.kind() == v1::SERVICE_CALL_ENDED;
      const std::string id = fmt::format("{}{}", other ? 'k' : 'c', event.number());
      if (begins) {
        open_[id] = &event;
      } else {
        open_.erase(id);
      }
      add(fmt::format(
          "\"ph\":\"{}\",{},\"id\":\"{}\",\"name\":{},\"cat\":\"call\",\"args\":{{\"{}\":{}}}",
          begins ? "b" : "e", at(event), id, json_quoted(event.verb()),
          begins ? "about" : "outcome", json_quoted(begins ? event.subject() : event.outcome())));
      return;
    }
    add(fmt::format(
        "\"ph\":\"i\",\"s\":\"p\",{},\"name\":{},\"cat\":{},\"args\":{{\"event\":{},\"text\":"
        "{}}}",
        at(event), json_quoted(name_of(event)), json_quoted(v1::EventKind_Name(event.kind())),
        event.id(), json_quoted(event.text().empty() ? event.outcome() : event.text())));
  }

  // A call that the run left without an answer ends with the run.
  void end_call(const v1::TraceEvent& start, const std::string& id) {
    add(fmt::format(
        "\"ph\":\"e\",\"pid\":{},\"tid\":0,\"ts\":{},\"id\":\"{}\",\"name\":{},\"cat\":\"call\","
        "\"args\":{{\"outcome\":\"not answered\"}}",
        lane_of(record_.scenario, start.actor()) + 1, micros(record_.events.back().at_ns()), id,
        json_quoted(start.verb())));
  }

  // How many changes of a secret a replica is behind its primary.
  void counter(const LaggingLink& link, const LagChange& change) {
    add(fmt::format("\"ph\":\"C\",\"pid\":{},\"ts\":{},\"name\":{},\"args\":{{\"changes\":{}}}",
                    link.replica + 1, micros(change.at_ns), json_quoted("lag " + link.secret),
                    change.behind));
  }

  const RunRecord& record_;
  std::string out_;
  bool first_ = true;
  std::map<std::string, const v1::TraceEvent*> open_;  // calls, by id
};

}  // namespace

void append_json_quoted(std::string_view text, std::string& out) {
  out += '"';
  std::size_t plain = 0;  // what is not yet written begins here
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out += text.substr(plain, at - plain);
    plain = at + 1;
    if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += '\\';
      out += text[at];
    }
  }
  out += text.substr(plain);
  out += '"';
}

std::string json_quoted(std::string_view text) {
  std::string out;
  append_json_quoted(text, out);
  return out;
}

std::string perfetto_json(const RunRecord& record) { return Perfetto(record).write(); }

std::string shiviz_log(const RunRecord& record) {
  using Clock = std::map<std::string, std::uint64_t>;
  std::map<std::string, Clock> clocks;  // by host
  std::map<std::uint64_t, Clock> sent;  // by message
  std::string out;
  for (const v1::TraceEvent& event : record.events) {
    const std::string host = event.actor().empty() ? "world" : event.actor();
    Clock& clock = clocks[host];
    ++clock[host];
    if (event.kind() == v1::MESSAGE_SENT) sent[event.number()] = clock;
    if (event.kind() == v1::MESSAGE_DELIVERED) {
      for (const auto& [other, count] : sent[event.number()]) {
        clock[other] = std::max(clock[other], count);
      }
    }
    std::string written;
    for (const auto& [other, count] : clock) {
      written += fmt::format("{}{}:{}", written.empty() ? "" : ",", json_quoted(other), count);
    }
    std::string text = regions::event_text(event);
    for (char& c : text) c = c == '\n' ? ' ' : c;
    out += fmt::format("{} {{{}}}\n{}\n", host, written, text);
  }
  return out;
}

Expected<std::string, std::string> mermaid_text(const RunRecord& record) {
  std::string out = "sequenceDiagram\n";
  const auto plain = [](std::string text) {
    // What has a meaning to Mermaid.
    for (char& c : text) c = c == '\n' || c == ';' || c == '#' || c == ':' ? ' ' : c;
    return text;
  };
  // Names of regions have hyphens, as arrows have: they are labels.
  const auto end = [&record](const std::string& region) {
    return fmt::format("R{}", std::max(0, lane_of(record.scenario, region)));
  };
  out += "  actor client\n";
  for (const auto& region : record.scenario.region()) {
    out += fmt::format("  participant {} as {}\n", end(region.name()), region.name());
  }
  std::size_t lines = 0;
  regions::Narrator narrator;
  for (const v1::TraceEvent& event : record.events) {
    const auto told = narrator.tell(event);
    std::string line;
    if (event.kind() == v1::MESSAGE_SENT) {
      line =
          fmt::format("{}-->>{}: {}", end(event.actor()), end(event.peer()), plain(event.verb()));
    } else if (event.kind() == v1::MESSAGE_DROPPED) {
      line = fmt::format("{}--x{}: {} is lost ({})", end(event.peer()), end(event.actor()),
                         plain(event.verb()), plain(event.outcome()));
    } else if (is_call_start(event)) {
      line = fmt::format("client->>{}: {} {}", end(event.actor()), plain(event.verb()),
                         plain(event.subject()));
    } else if (is_call_end(event)) {
      line = fmt::format("{}->>client: {}", end(event.actor()), plain(event.outcome()));
    } else if (told && !told->text.empty() && !is_step_of_a_call(event)) {
      line = fmt::format("Note over {}: {}", end(event.actor()), plain(told->text));
    }
    if (line.empty()) continue;
    out += "  " + line + "\n";
    if (++lines > kMermaidMost) {
      return tl::make_unexpected(fmt::format(
          "the run is too long for a sequence diagram, which shows at most {} arrows and notes; "
          "shrink it first, or take --format html",
          kMermaidMost));
    }
  }
  return out;
}

std::string json_lines(const RunRecord& record) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  for (const v1::TraceEvent& event : record.events) {
    google::protobuf::util::MessageToJsonString(event, &out, options);
    out += '\n';
  }
  return out;
}

}  // namespace faultline::tools
