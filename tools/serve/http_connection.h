// HttpConnection: one client's connection: reads a request, hands it on, writes the answer, again.
// Private to the server; holds Asio, so only .cpp files of the server include it.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/serve/http_parser.h"
#include "tools/serve/http_server.h"

namespace faultline::tools {

class HttpConnection;

// What connections share, of their server. close_for_good() cuts the tie.
struct HttpConnectionHome {
  const HttpOptions& options;
  const HttpServer::Handler& handler;
  // "Date: …\r\n".
  std::function<const std::string&()> date_line;
  std::function<void(HttpConnection&)> ended;
};

class HttpConnection final : public HttpReply::Sink,
                             public HttpStream::Sink,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  //            Idle ⇄ Reading → Handling → Writing → Idle …;  Writing → Draining → Closed
  //                             Handling → Streaming → Idle …
  enum class State {
    Idle,      // between requests
    Reading,   // something of a request is there
    Handling,  // the reply is owed
    Writing,
    Streaming,  // the body is told bit by bit; meanwhile it is read, to notice a client that goes
    Draining,   // a refusal was sent: the rest is thrown away, so that the client gets to see it
    Closed
  };

  HttpConnection(boost::asio::ip::tcp::socket socket, HttpConnectionHome& home);
  ~HttpConnection() override;

  void start();
  // What is late is refused or closed.
  void check_time(Time now);
  // The answer in the making is the last one, and a stream ends now; closes at once when there is
  // neither.
  void finish();
  void close_for_good();

  void answer(HttpResponse response) override;
  void drop() override;
  std::shared_ptr<HttpStream::Sink> stream(HttpResponse head) override;

  bool write(std::string_view bytes) override;
  void end() override;
  [[nodiscard]] bool is_open() const override;
  [[nodiscard]] std::size_t waiting() const override;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Time deadline() const { return deadline_; }

 private:
  void read();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void process();
  void handle();
  void refuse(unsigned status);
  void respond(HttpResponse response);
  void begin_head(const HttpResponse& response);
  void end_head();
  void send_waiting();
  void on_sent(const boost::system::error_code& error);
  void go_on();
  void on_written(const boost::system::error_code& error);
  void send_continue();
  void drain();
  void set_deadline(std::chrono::milliseconds in);

  // Gone once it is closed: a reply that is owed may keep this object longer than its server lives.
  std::optional<boost::asio::ip::tcp::socket> socket_;
  HttpConnectionHome* home_;  // null once it is closed
  State state_ = State::Idle;
  Time deadline_{};
  HttpParser parser_;
  std::string buffer_;  // what was read, from begin_ to end_ not yet parsed
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool continue_sent_ = false;
  bool last_ = false;  // the connection ends after this answer
  bool head_ = false;  // an answer to HEAD has no body
  bool http_1_0_ = false;
  bool drains_ = false;  // there may be more to read than was read
  std::size_t drained_ = 0;
  bool reads_ = false;  // a read is on its way
  std::string head_bytes_;
  std::string body_bytes_;
  // Of a stream: what comes after body_bytes_, which are on their way.
  std::string waiting_bytes_;
  bool sends_ = false;
  bool ends_ = false;
};

}  // namespace faultline::tools
