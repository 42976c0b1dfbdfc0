// HttpServer: HTTP/1.1 over TCP for one thread: requests in, replies out, now or later.
//
//     HttpServer server({.max_body_bytes = 1024}, [](const HttpRequest& request, HttpReply reply) {
//       reply.send({.status = 200, .content_type = "text/plain", .body = "hello\n"});
//     });
//     const auto port = server.listen("127.0.0.1", 0);
//     server.run();                                     // until somebody calls stop()
//
// Order      requests of one connection are handled one after the other, pipelined or not.
// Limits     what breaks one is answered (408, 413, 431, 400) in the words of AWS's JSON services,
//            and its connection is closed; the server goes on.
// Streams    an answer may be told bit by bit (chunks, to HTTP/1.1) for hours: no time-out ends it,
//            but a client that goes away or does not take what is written does.
// Memory     bodies may hold secrets: what a request was read into is overwritten once it is
//            handled, and so is the body of a response once it is sent.
// Threads    everything belongs to the thread that calls run(), but post() and stop(), which any
//            thread may call.
// Errors     listen() says in one sentence what the system says. Nothing throws.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proto/result.h"
#include "tools/serve/http_message.h"

namespace faultline::tools {

struct HttpOptions {
  std::size_t max_header_bytes = 16 * 1024;
  // A secret of 65,536 bytes may take six times as many in JSON (\u0001), and a key policy is longer.
  std::size_t max_body_bytes = 1024 * 1024;
  // Beyond them the connection that has been idle longest makes room; if none is idle, the newcomer
  // is closed.
  std::size_t max_connections = 1024;
  // From the first byte of a request to its last; and for a client to take its answer, or what has
  // been written to its stream.
  std::chrono::milliseconds request_timeout{30'000};
  // Of a stream, on top of what the system takes: a client that falls so far behind is let go of.
  std::size_t max_stream_backlog_bytes = 8 * 1024 * 1024;
  // Between requests.
  std::chrono::milliseconds idle_timeout{75'000};
  // What is in flight when stop() is called may take so long.
  std::chrono::milliseconds shutdown_grace{5'000};
  // For the Date header, in seconds since 1970. Default: the system's clock.
  std::function<std::int64_t()> unix_seconds{};
};

class HttpServer {
 public:
  using Handler = std::function<void(const HttpRequest&, HttpReply)>;
  using WakeupTime = std::chrono::steady_clock::time_point;

  HttpServer(HttpOptions options, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Starts to accept; port 0: any that is free. The port that it listens at. `host` is a numeric
  // address or a name.
  [[nodiscard]] Expected<std::uint16_t, std::string> listen(const std::string& host,
                                                            std::uint16_t port);

  // Serves until stop() and everything in flight is done.
  void run();
  // Stops to accept, closes idle connections, ends streams, lets requests in flight finish, then
  // run() returns.
  void stop();
  // SIGTERM and SIGINT do what stop() does; a second one does not wait for anything.
  void stop_on_signals();

  // Called in run()'s thread, soon.
  void post(std::function<void()> task);
  // One alarm clock: on_wakeup's function is called once, at `when` or soon after. A later call
  // moves it, and nullopt turns it off. Cheap enough for every request.
  void on_wakeup(std::function<void()> wakeup);
  void set_wakeup(std::optional<WakeupTime> when);

  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::tools
