// What goes over HTTP, without the wire: requests, responses, and the reply that is owed.
#pragma once

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
  };

  explicit HttpReply(std::shared_ptr<Sink> sink);

  // The second time is a mistake of the caller (FL_CHECK), close() included.
  void send(HttpResponse response) const;
  void close() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Overwrites the characters, and empties the text; its memory may be used again.
void wipe(std::string& text);

}  // namespace faultline::tools
