#include "tools/console/console_front.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <boost/json.hpp>
#include <deque>
#include <utility>

#include "engine/simulation.h"
#include "kms/primitives.h"
#include "regions/build_id.h"
#include "tools/console/guard.h"
#include "tools/console/live_run.h"
#include "tools/console/palette.h"
#include "tools/console/session_report.h"
#include "tools/console/world_view.h"
#include "tools/report/reasons_json.h"
#include "tools/serve/fault_words.h"
#include "tools/web/assets.h"

namespace faultline::tools {
namespace {

namespace json = boost::json;

constexpr std::string_view kAdmin = "admin";
constexpr std::string_view kReportPrefix = "report/";
// Reports that nobody has fetched; an older one is thrown away.
constexpr std::size_t kMostReports = 4;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kPlain = "text/plain; charset=utf-8";

// The page's own policy, but for what it shows of others: nothing.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// As in the report's shell. In a sandbox it cannot reach the console that it comes from.
constexpr std::string_view kReportPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads";

HttpResponse guarded(HttpResponse response, std::string_view policy = kPolicy) {
  response.header_lines += fmt::format(
      "Content-Security-Policy: {}\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Cache-Control: no-store\r\n",
      policy);
  return response;
}

void send(const HttpReply& reply, unsigned status, std::string_view type, std::string body,
          std::string header_lines = {}) {
  reply.send(guarded({.status = status,
                      .content_type = std::string(type),
                      .header_lines = std::move(header_lines),
                      .body = std::move(body)}));
}

void send_sentence(const HttpReply& reply, unsigned status, std::string_view text,
                   std::string header_lines = {}) {
  send(reply, status, kPlain, std::string(text) + "\n", std::move(header_lines));
}

void send_json(const HttpReply& reply, const json::object& object, unsigned status = 200) {
  send(reply, status, kJson, json::serialize(object));
}

void send_error(const HttpReply& reply, std::string_view sentence, unsigned status = 200) {
  send_json(reply,
            {
                {"error", sentence}
  },
            status);
}

// An answer that AWS's front gives, with the headers of the console.
class GuardedSink final : public HttpReply::Sink {
 public:
  explicit GuardedSink(HttpReply reply) : reply_(std::move(reply)) {}
  void answer(HttpResponse response) override { reply_.send(guarded(std::move(response))); }
  void drop() override { reply_.close(); }
  std::shared_ptr<HttpStream::Sink> stream(HttpResponse /*head*/) override {
    reply_.close();
    return nullptr;
  }

 private:
  const HttpReply reply_;
};

std::optional<json::object> object_of(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

// Of what another library says of a body: its first line, in characters that are text wherever it
// quotes bytes that are none.
std::string first_line(std::string_view text) {
  std::string line(text.substr(0, text.find('\n')));
  for (char& c : line) {
    if (c < ' ' || c > '~') c = '?';
  }
  return line;
}

// nullopt: there is none, or it is something else.
std::optional<std::string> text_of(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

}  // namespace

struct ConsoleFront::Impl {
  Impl(Session& served, AwsFront& front, ConsoleOptions given)
      : session(served),
        aws(front),
        options(std::move(given)),
        guard(options.token, options.hosts),
        run({.scenario = served.scenario(), .seed = served.seed()}),
        hub(topics(), options.events) {
    session.on_new_world([this](regions::World& world) {
      run.clear();
      view.clear();
      world.simulation().trace().add_sink(&run);
      ++changes;
    });
  }
  ~Impl() {
    session.world().simulation().trace().remove_sink(&run);
    session.on_new_world([](regions::World& /*world*/) {});
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // ---- what is told without being asked ---------------------------------------------------------

  std::vector<EventHub::Topic> topics() {
    return {
        {.name = "hello",
         .revision = [] { return std::uint64_t{0}; },
         .json = [this] { return hello(); }           },
        {.name = "world",
         .revision = [this] { return world_revision(); },
         .json = [this] { return view.json(session); }},
        {.name = "run",
         .revision = [this] { return run.revision(); },
         .json = [this] { return run.json(); }        }
    };
  }

  std::string hello() {
    const std::string_view build = regions::build_id();
    json::object hello;
    hello["version"] = build.substr(0, build.find('+'));
    hello["build"] = build;
    hello["port"] = options.port;
    hello["seed"] = std::to_string(session.seed());
    hello["account"] = session.world().account().id();
    hello["scenario"] = session.scenario().title();
    hello["reasons"] = json::parse(failure_reasons_json());
    hello["can_rewind"] = session.remembers();
    hello["why_not"] = session.remembers() ? std::string() : session.why_it_forgets();
    return json::serialize(hello);
  }

  // Whatever happens in a world leaves an event; what the console itself does is counted.
  std::uint64_t world_revision() {
    const std::uint64_t events = session.world().simulation().trace().count();
    if (events != events_seen) ++changes;
    events_seen = events;
    return changes;
  }

  // ---- requests ---------------------------------------------------------------------------------

  struct Route {
    std::string_view path;
    std::string_view method;
    bool wants_token;
    void (Impl::*answer)(const HttpRequest&, const HttpReply&);
  };
  static const std::vector<Route>& routes() {
    static const std::vector<Route> all = {
        {"",            "GET",  false, &Impl::page       },
        {"main.js",     "GET",  false, &Impl::script     },
        {"style.css",   "GET",  false, &Impl::style      },
        {kReportPrefix, "GET",  false, &Impl::kept_report},
        {"events",      "GET",  true,  &Impl::events     },
        {"palette",     "GET",  true,  &Impl::palette    },
        {"fault",       "POST", true,  &Impl::fault      },
        {"control",     "POST", true,  &Impl::control    },
        {"aws",         "POST", true,  &Impl::call       },
        {"account",     "POST", true,  &Impl::account    },
        {"report",      "POST", true,  &Impl::make_report}
    };
    return all;
  }

  void handle(const HttpRequest& request, const HttpReply& reply) {
    if (const Verdict verdict = guard.origin(request); verdict.status != 0) {
      return send_sentence(reply, verdict.status, verdict.why);
    }
    std::string_view path = request.path().substr(kPrefix.size());
    if (path.starts_with(kReportPrefix)) path = kReportPrefix;
    const Route* route = nullptr;
    for (const Route& known : routes()) {
      if (known.path == path) route = &known;
    }
    if (route == nullptr) return send_sentence(reply, 404, "There is nothing here.");
    if (request.method != route->method) {
      return send_sentence(reply, 405, fmt::format("This wants {}.", route->method),
                           fmt::format("Allow: {}\r\n", route->method));
    }
    if (route->wants_token) {
      if (const Verdict verdict = guard.token(request); verdict.status != 0) {
        return send_sentence(reply, verdict.status, verdict.why, "WWW-Authenticate: Bearer\r\n");
      }
    }
    (this->*route->answer)(request, reply);
    if (request.method != "POST") return;
    // Time may have gone on without an event, and the clock may be another.
    ++changes;
    hub.tell_now();
  }

  void page(const HttpRequest& /*request*/, const HttpReply& reply) {
    send(reply, 200, kHtml, web_asset("console/shell.html"));
  }
  void script(const HttpRequest& /*request*/, const HttpReply& reply) {
    send(reply, 200, "text/javascript; charset=utf-8", web_asset("console/main.js"));
  }
  void style(const HttpRequest& /*request*/, const HttpReply& reply) {
    send(reply, 200, "text/css; charset=utf-8", web_asset("console/style.css"));
  }

  void events(const HttpRequest& /*request*/, const HttpReply& reply) {
    session.catch_up();
    hub.add(reply.stream(guarded({.content_type = std::string(EventHub::kContentType)})));
  }

  void palette(const HttpRequest& /*request*/, const HttpReply& reply) {
    send(reply, 200, kJson, palette_json());
  }

  // ---- deeds ------------------------------------------------------------------------------------

  void fault(const HttpRequest& request, const HttpReply& reply) {
    const auto body = object_of(request.body);
    const json::value* const list = body ? body->if_contains("words") : nullptr;
    bool is_list = list != nullptr && list->is_array();
    std::vector<std::string> words;
    if (is_list) {
      for (const json::value& word : list->as_array()) {
        is_list = is_list && word.is_string();
        if (word.is_string()) words.emplace_back(word.as_string());
      }
    }
    if (!is_list)
      return send_error(reply, R"(The body must be {"words": ["key-denied", …]}.)", 400);
    const auto wanted = fault_of(words);
    if (!wanted) return send_error(reply, wanted.error());
    v1::ControlRequest control;
    *control.mutable_apply_fault()->mutable_fault() = *wanted;
    send_control(reply, session.control(control));
  }

  void control(const HttpRequest& request, const HttpReply& reply) {
    v1::ControlRequest control;
    const auto read =
        google::protobuf::util::JsonStringToMessage(std::string(request.body), &control);
    if (!read.ok()) {
      return send_error(reply,
                        fmt::format("The body is no v1::ControlRequest as JSON: {}",
                                    first_line(std::string(read.message()))),
                        400);
    }
    send_control(reply, session.control(control));
  }

  static void send_control(const HttpReply& reply, const v1::ControlResponse& response) {
    google::protobuf::util::JsonPrintOptions printing;
    printing.preserve_proto_field_names = true;
    std::string text;
    const auto printed = google::protobuf::util::MessageToJsonString(response, &text, printing);
    if (!printed.ok()) return send_error(reply, std::string(printed.message()));
    if (!response.has_saved()) return send(reply, 200, kJson, std::move(text));
    auto object = object_of(text).value_or(json::object());
    object["saved"].as_object()["file"] = session_file_name(response.saved());
    send_json(reply, object);
  }

  void call(const HttpRequest& request, const HttpReply& reply) {
    const std::string_view region = request.field("X-Faultline-Region");
    if (region.empty()) {
      return send_json(reply,
                       {
                           {"__type",  "ValidationException"                                },
                           {"Message", "X-Faultline-Region must say which region is called."}
      },
                       400);
    }
    aws.handle_as(region, kAdmin, request, HttpReply(std::make_shared<GuardedSink>(reply)));
  }

  void account(const HttpRequest& request, const HttpReply& reply) {
    const auto body = object_of(request.body);
    const auto operation = body ? text_of(*body, "operation") : std::nullopt;
    const auto region = body ? text_of(*body, "region") : std::nullopt;
    v1::AccountRequest wanted;
    if (region && operation == "EnableRegion") {
      wanted.mutable_enable_region()->set_region_name(*region);
    } else if (region && operation == "DisableRegion") {
      wanted.mutable_disable_region()->set_region_name(*region);
    } else {
      return send_error(
          reply,
          R"(The body must be {"operation": "EnableRegion" or "DisableRegion", "region": …}.)",
          400);
    }
    session.call_account(kAdmin, std::move(wanted), [reply](const auto& result) {
      if (result) return send_json(reply, {});
      if (result.error().code == "ConnectionClosed") return reply.close();
      send_json(reply,
                {
                    {"__type",  result.error().code   },
                    {"Message", result.error().message}
      },
                400);
    });
  }

  // ---- reports ----------------------------------------------------------------------------------

  void make_report(const HttpRequest& /*request*/, const HttpReply& reply) {
    v1::ControlRequest save;
    save.mutable_save_session();
    const v1::ControlResponse response = session.control(save);
    if (!response.error().empty()) return send_error(reply, response.error());
    auto made = session_report(response.saved(), options.shared, options.check);
    if (!made) return send_error(reply, made.error());
    if (reports.size() == kMostReports) reports.pop_front();
    reports.push_back({options.make_key(), std::move(*made)});
    send_json(reply,
              {
                  {"url", fmt::format("{}{}{}", kPrefix, kReportPrefix, reports.back().key)}
    });
  }

  void kept_report(const HttpRequest& request, const HttpReply& reply) {
    const std::string_view key = request.path().substr(kPrefix.size() + kReportPrefix.size());
    for (auto report = reports.begin(); report != reports.end(); ++report) {
      if (!kms::equal_constant_time(report->key, key)) continue;
      HttpResponse response{.content_type = std::string(kHtml), .body = std::move(report->page)};
      reports.erase(report);
      return reply.send(guarded(std::move(response), kReportPolicy));
    }
    send_sentence(
        reply, 404,
        "This report has been fetched already, or there has never been one: ask the console "
        "for another.");
  }

  struct KeptReport {
    std::string key;
    std::string page;
  };

  Session& session;
  AwsFront& aws;
  const ConsoleOptions options;
  const Guard guard;
  LiveRun run;
  WorldView view;
  EventHub hub;
  std::deque<KeptReport> reports;  // the oldest first
  std::uint64_t changes = 0;
  std::uint64_t events_seen = 0;
};

ConsoleFront::ConsoleFront(Session& session, AwsFront& aws, ConsoleOptions options)
    : impl_(std::make_unique<Impl>(session, aws, std::move(options))) {}
ConsoleFront::~ConsoleFront() = default;

bool ConsoleFront::has_page() { return !web_asset("console/shell.html").empty(); }

bool ConsoleFront::is_for_it(const HttpRequest& request) {
  return request.path().starts_with(kPrefix);
}

void ConsoleFront::handle(const HttpRequest& request, const HttpReply& reply) {
  impl_->handle(request, reply);
}

void ConsoleFront::look() { impl_->hub.look(); }

std::optional<EventHub::Time> ConsoleFront::next_due() const { return impl_->hub.next_due(); }

}  // namespace faultline::tools
