// HttpParser: bytes into requests, as they come.
//
//     HttpParser parser({.max_body_bytes = 1024});
//     unread.remove_prefix(parser.put(unread));
//     if (parser.state() == HttpParser::State::Done) handle(parser.request());
//
// Refuses    what is ambiguous, since two readers could take it for different requests: two
//            lengths, a length and chunks, bare line feeds.
// Memory     reset() overwrites what was read.
// Source     RFC 9112; Boost.Beast does the parsing.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "tools/serve/http_message.h"

namespace faultline::tools {

struct HttpLimits {
  std::size_t max_header_bytes = 16 * 1024;
  // A secret of 65,536 bytes may take six times as many in JSON (\u0001), and a key policy is longer.
  std::size_t max_body_bytes = 1024 * 1024;
};

class HttpParser {
 public:
  enum class State { Header, Body, Done, Failed };

  explicit HttpParser(HttpLimits limits);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // How many of the bytes it has taken; those that follow must be put again, with more behind them.
  // Takes nothing once it is Done or Failed.
  std::size_t put(std::string_view bytes);

  [[nodiscard]] State state() const;
  // Of a parser that Failed: 400, 413 or 431.
  [[nodiscard]] unsigned error_status() const;
  // From the end of the header on.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http_1_0() const;
  [[nodiscard]] bool expects_continue() const;
  // Of a parser that is Done; the views end with reset().
  [[nodiscard]] HttpRequest request() const;

  // For the next request.
  void reset();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::tools
