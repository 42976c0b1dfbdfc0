// ConsoleFront: the console over HTTP, at /_faultline/console/ of the address that serves AWS.
//
//   GET  …/             the page, and …/main.js, …/style.css
//   GET  …/events       server-sent events: hello, world, run (event_stream.h)              token
//   GET  …/palette      every kind of fault, as a form (palette.h)                          token
//   POST …/fault        {"words": ["key-denied", …]} -> v1::ControlResponse                 token
//   POST …/control      v1::ControlRequest -> v1::ControlResponse, as protobuf's JSON       token
//   POST …/aws          X-Amz-Target, X-Faultline-Region: a call as "admin"                 token
//   POST …/account      {"operation": "EnableRegion", "region": …} -> {}                    token
//   POST …/report       {} -> {"url": …}, where the report of the session lies, once        token
//   GET  …/report/KEY   that report: the key cannot be guessed
//
// Who asks   guard.h. What is refused is answered in one sentence, and nothing is executed.
// Headers    every answer has the strictest policy that the page can live with; nothing is cached.
//            The report's page holds its script, so it stands in a sandbox, an origin of its own.
// Errors     401, 403, 404, 405: a sentence. JSON that cannot be read: 400 {"error": …}. What the
//            session refuses: 200 {"error": …}. AWS's errors are AWS's.
// Threads    one, the server's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regions/scenario/check.h"
#include "regions/scenario_world.h"
#include "tools/console/event_stream.h"
#include "tools/serve/aws_front.h"
#include "tools/serve/http_message.h"
#include "tools/serve/session.h"

namespace faultline::tools {

struct ConsoleOptions {
  std::string token{};
  // As hosts_of() makes them (guard.h).
  std::vector<std::string> hosts{};
  std::uint16_t port = 0;
  // What reports are run with: not the session's own, for they must not touch its disks.
  regions::SharedParts shared{};
  regions::CheckOptions check{};
  // Each time another text of letters and digits that nobody can guess.
  std::function<std::string()> make_key{};
  EventHub::Options events{};
};

class ConsoleFront {
 public:
  static constexpr std::string_view kPrefix = "/_faultline/console/";

  // Session and AWS's front outlive this.
  ConsoleFront(Session& session, AwsFront& aws, ConsoleOptions options);
  ~ConsoleFront();
  ConsoleFront(const ConsoleFront&) = delete;
  ConsoleFront& operator=(const ConsoleFront&) = delete;

  // Whether this build has the page. If not: what to say.
  [[nodiscard]] static bool has_page();
  static constexpr std::string_view kNoPage =
      "this build has no console: it was built without Node.js, which bundles its page; install "
      "nodejs and npm and build again";

  // Whether the request is for the console.
  [[nodiscard]] static bool is_for_it(const HttpRequest& request);
  // REQUIRES: is_for_it(request).
  void handle(const HttpRequest& request, const HttpReply& reply);

  // To be called when something may have happened in the session, and when next_due() has come.
  void look();
  [[nodiscard]] std::optional<EventHub::Time> next_due() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::tools
