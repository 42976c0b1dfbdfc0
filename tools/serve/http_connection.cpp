#include "tools/serve/http_connection.h"

#include <string.h>  // explicit_bzero

#include <boost/asio/write.hpp>
#include <charconv>
#include <utility>

namespace faultline::tools {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kFirstBufferBytes = 4 * 1024;
// The largest header, and what may come behind it.
constexpr std::size_t kSpareBufferBytes = 16 * 1024;
// How much of a request that was refused is read so that the client gets to see the refusal.
constexpr std::size_t kDrainBytes = 4 * 1024 * 1024;
constexpr std::chrono::milliseconds kDrainTime{2'000};

std::string_view reason(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

std::string& append_hex(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return out.append(digits.data(), end);
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// Source  AWS "Common Errors"; the texts are ours.
HttpResponse refusal(unsigned status) {
  std::string_view type = "MalformedHttpRequestException";
  std::string_view text = "The request could not be read as HTTP.";
  if (status == 408) {
    type = "RequestTimeoutException";
    text = "The request was not complete in time.";
  } else if (status == 413) {
    type = "RequestEntityTooLargeException";
    text = "The request body is too large.";
  } else if (status == 431) {
    text = "The request header is too large.";
  }
  HttpResponse response{.status = status, .content_type = "application/x-amz-json-1.1"};
  response.body.append(R"({"__type":")").append(type);
  response.body.append(R"(","Message":")").append(text).append(R"("})");
  return response;
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, HttpConnectionHome& home)
    : socket_(std::move(socket)),
      home_(&home),
      parser_({.max_header_bytes = home.options.max_header_bytes,
               .max_body_bytes = home.options.max_body_bytes}) {}

HttpConnection::~HttpConnection() {
  wipe(buffer_);
  wipe(body_bytes_);
  wipe(waiting_bytes_);
}

void HttpConnection::set_deadline(std::chrono::milliseconds in) {
  deadline_ = std::chrono::steady_clock::now() + in;
}

void HttpConnection::start() {
  set_deadline(home_->options.idle_timeout);
  buffer_.resize(kFirstBufferBytes);
  read();
}

void HttpConnection::read() {
  // A stream has begun it.
  if (reads_) return;
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      buffer_.replace(0, end_ - begin_, buffer_, begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else if (buffer_.size() < home_->options.max_header_bytes + kSpareBufferBytes) {
      std::string larger(buffer_.size() * 2, '\0');
      larger.replace(0, end_, buffer_, 0, end_);
      buffer_.swap(larger);
      wipe(larger);
    } else if (state_ == State::Streaming) {
      // It says what nobody has asked for: that can wait.
      return;
    } else {
      return refuse(431);
    }
  }
  reads_ = true;
  socket_->async_read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
                           [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                             self->on_read(error, bytes);
                           });
}

void HttpConnection::on_read(const error_code& error, std::size_t bytes) {
  reads_ = false;
  if (state_ == State::Draining || state_ == State::Closed) return;
  const bool listens =
      state_ == State::Idle || state_ == State::Reading || state_ == State::Streaming;
  if (error) {
    // The client has gone, perhaps in the middle of a request: nothing to tell it. What is being
    // answered finds that out for itself.
    if (listens) close_for_good();
    return;
  }
  end_ += bytes;
  if (state_ == State::Streaming) return read();
  if (listens) process();
}

void HttpConnection::process() {
  if (begin_ < end_) {
    if (state_ == State::Idle) {
      state_ = State::Reading;
      set_deadline(home_->options.request_timeout);
    }
    const std::size_t taken = parser_.put({buffer_.data() + begin_, end_ - begin_});
    // It is in the parser now, which wipes it in its time.
    explicit_bzero(buffer_.data() + begin_, taken);
    begin_ += taken;
    if (parser_.state() == HttpParser::State::Done) return handle();
    if (parser_.state() == HttpParser::State::Failed) return refuse(parser_.error_status());
    if (parser_.state() == HttpParser::State::Body && parser_.expects_continue() &&
        !continue_sent_) {
      return send_continue();
    }
  }
  read();
}

void HttpConnection::send_continue() {
  continue_sent_ = true;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(*socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->state_ != State::Reading) return;
                      if (error) return self->close_for_good();
                      self->read();
                    });
}

void HttpConnection::handle() {
  state_ = State::Handling;
  const HttpRequest request = parser_.request();
  head_ = request.method == "HEAD";
  http_1_0_ = parser_.is_http_1_0();
  if (!parser_.keep_alive()) last_ = true;
  const auto self = shared_from_this();
  home_->handler(request, HttpReply(self));
  // The answer may be on its way already, but nothing else has happened to this connection: what
  // follows happens in the server's loop.
  parser_.reset();
  continue_sent_ = false;
}

void HttpConnection::answer(HttpResponse response) {
  if (state_ == State::Handling) respond(std::move(response));
}

void HttpConnection::drop() {
  if (state_ == State::Handling || is_open()) close_for_good();
}

void HttpConnection::refuse(unsigned status) {
  last_ = drains_ = true;
  head_ = false;
  respond(refusal(status));
}

// ---- answers ------------------------------------------------------------------------------------

void HttpConnection::begin_head(const HttpResponse& response) {
  std::string& head = head_bytes_;
  head.assign("HTTP/1.1 ");
  append_number(head, response.status);
  head.append(" ").append(reason(response.status)).append("\r\n");
  head.append(response.header_lines);
  if (!response.content_type.empty()) {
    head.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
}

void HttpConnection::end_head() {
  std::string& head = head_bytes_;
  head.append(home_->date_line());
  if (last_) {
    head.append("Connection: close\r\n");
  } else if (http_1_0_) {
    head.append("Connection: keep-alive\r\n");
  }
  head.append("\r\n");
}

void HttpConnection::respond(HttpResponse response) {
  state_ = State::Writing;
  set_deadline(home_->options.request_timeout);
  begin_head(response);
  head_bytes_.append("Content-Length: ");
  append_number(head_bytes_, response.body.size());
  head_bytes_.append("\r\n");
  end_head();
  body_bytes_ = std::move(response.body);
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(head_bytes_), asio::buffer(body_bytes_.data(), head_ ? 0 : body_bytes_.size())};
  asio::async_write(*socket_, buffers,
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->on_written(error);
                    });
}

void HttpConnection::on_written(const error_code& error) {
  wipe(body_bytes_);
  if (state_ != State::Writing) return;
  if (error) return close_for_good();
  if (last_) {
    if (!drains_) return close_for_good();
    state_ = State::Draining;
    set_deadline(kDrainTime);
    error_code ignored;
    socket_->shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    return drain();
  }
  go_on();
}

void HttpConnection::go_on() {
  state_ = State::Idle;
  set_deadline(home_->options.idle_timeout);
  process();
}

// ---- streams ------------------------------------------------------------------------------------

std::shared_ptr<HttpStream::Sink> HttpConnection::stream(HttpResponse head) {
  if (state_ != State::Handling) return nullptr;
  if (head_) {
    // All that HEAD asks for.
    respond(std::move(head));
    return nullptr;
  }
  state_ = State::Streaming;
  ends_ = false;
  // It knows no chunks: the body ends with the connection.
  if (http_1_0_) last_ = true;
  begin_head(head);
  if (!http_1_0_) head_bytes_.append("Transfer-Encoding: chunked\r\n");
  end_head();
  waiting_bytes_.swap(head_bytes_);
  const auto self = shared_from_this();
  if (!write(head.body)) return nullptr;
  send_waiting();
  read();
  return self;
}

bool HttpConnection::write(std::string_view bytes) {
  if (!is_open()) return false;
  // An empty chunk would be the last one.
  if (bytes.empty()) return true;
  if (waiting() + bytes.size() > home_->options.max_stream_backlog_bytes) {
    close_for_good();
    return false;
  }
  if (!http_1_0_) append_hex(waiting_bytes_, bytes.size()).append("\r\n");
  waiting_bytes_.append(bytes);
  if (!http_1_0_) waiting_bytes_.append("\r\n");
  send_waiting();
  return true;
}

void HttpConnection::end() {
  if (!is_open()) return;
  ends_ = true;
  if (!http_1_0_) waiting_bytes_.append("0\r\n\r\n");
  send_waiting();
}

bool HttpConnection::is_open() const { return state_ == State::Streaming && !ends_; }

std::size_t HttpConnection::waiting() const { return body_bytes_.size() + waiting_bytes_.size(); }

void HttpConnection::send_waiting() {
  if (sends_) return;
  sends_ = true;
  set_deadline(home_->options.request_timeout);
  body_bytes_.swap(waiting_bytes_);
  asio::async_write(
      *socket_, asio::buffer(body_bytes_),
      [self = shared_from_this()](const error_code& error, std::size_t) { self->on_sent(error); });
}

void HttpConnection::on_sent(const error_code& error) {
  wipe(body_bytes_);
  sends_ = false;
  if (state_ != State::Streaming) return;
  if (error) return close_for_good();
  if (!waiting_bytes_.empty()) return send_waiting();
  if (!ends_) return;
  if (last_) return close_for_good();
  go_on();
}

void HttpConnection::drain() {
  socket_->async_read_some(asio::buffer(buffer_),
                           [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                             if (self->state_ != State::Draining) return;
                             self->drained_ += bytes;
                             if (error || self->drained_ > kDrainBytes) {
                               return self->close_for_good();
                             }
                             self->drain();
                           });
}

void HttpConnection::check_time(Time now) {
  if (now < deadline_) return;
  switch (state_) {
    case State::Idle:
    case State::Writing:
    case State::Draining:
      return close_for_good();
    case State::Reading: {
      error_code ignored;
      socket_->cancel(ignored);  // the read; what it still brings meets another state
      return refuse(408);
    }
    case State::Streaming:
      // It may be silent for as long as it likes, but what is sent must be taken.
      if (sends_) close_for_good();
      return;
    case State::Handling:
    case State::Closed:
      return;
  }
}

void HttpConnection::finish() {
  last_ = true;
  if (state_ == State::Idle) close_for_good();
  if (state_ == State::Streaming) end();
}

void HttpConnection::close_for_good() {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  socket_.reset();
  HttpConnectionHome* const home = std::exchange(home_, nullptr);
  home->ended(*this);
}

}  // namespace faultline::tools
