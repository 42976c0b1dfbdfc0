// What goes over HTTP, without the wire: requests, responses, the reply that is owed, and one
// that is told bit by bit.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace faultline::tools {

struct HttpField {
  std::string_view name;  // as it was sent; case does not matter
  std::string_view value;
};

// A whole request. The views end when the handler returns.
struct HttpRequest {
  std::string_view method;
  // Path and query, as sent.
  std::string_view target;
  std::span<const HttpField> fields;
  std::string_view body;

  // The first of that name; empty when there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  [[nodiscard]] bool has_field(std::string_view name) const;
  // The target up to the first '?', and what follows it.
  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
};

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

// The server adds Date, Content-Length and Connection.
struct HttpResponse {
  unsigned status = 200;
  std::string content_type{};  // empty: no such header
  // Whole lines, each with its CRLF: "x-amzn-RequestId: …\r\n".
  std::string header_lines{};
  std::string body{};
};

// An answer whose body is told bit by bit, for as long as the client listens; copies are the same
// stream. When the last copy goes without end(), the connection is closed: the client sees that the
// answer is not whole. May outlive the server; then nobody listens.
class HttpStream {
 public:
  // Where the bytes go.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual bool write(std::string_view bytes) = 0;
    virtual void end() = 0;
    virtual void drop() = 0;
    [[nodiscard]] virtual bool is_open() const = 0;
    [[nodiscard]] virtual std::size_t waiting() const = 0;
  };

  explicit HttpStream(std::shared_ptr<Sink> sink);

  // Never waits. False: nobody listens any more, and the bytes are gone. A client that takes them
  // more slowly than they come is let go of at HttpOptions::max_stream_backlog_bytes.
  bool write(std::string_view bytes) const;
  // The body is whole. A second time does nothing.
  void end() const;
  // Until it is ended, the client goes, or the server stops.
  [[nodiscard]] bool is_open() const;
  // Bytes that were written and have not left yet: who can write something newer, waits for 0.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The one answer to a request, to be given once; copies are the same reply. When the last copy goes
// without an answer, or close() is said, the connection is closed instead: what a client sees of a
// server that died. May outlive the server; then it does nothing.
class HttpReply {
 public:
  // Where the answer goes.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void answer(HttpResponse response) = 0;
    virtual void drop() = 0;
    // Null: nobody listens.
    virtual std::shared_ptr<HttpStream::Sink> stream(HttpResponse head) = 0;
  };

  explicit HttpReply(std::shared_ptr<Sink> sink);

  // The second time is a mistake of the caller (FL_CHECK), close() and stream() included.
  void send(HttpResponse response) const;
  // Status and header now, the body when it comes; the head's own is its beginning.
  [[nodiscard]] HttpStream stream(HttpResponse head) const;
  void close() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Overwrites the characters, and empties the text; its memory may be used again.
void wipe(std::string& text);

}  // namespace faultline::tools
