// Guard: which requests to the console are answered at all. The browser that shows the console also
// shows pages of others, and those can make it send requests to this address.
//
// Host            must be one that this server is printed under. A page whose own name is made to
//                 lead here (DNS rebinding) is of our origin as far as its browser knows; its Host
//                 tells.
// Origin          if there is one, that of this Host: neither another's nor "null".
// Sec-Fetch-Site  if there is one, "same-origin", or "none" (the address was typed or opened).
// Token           "Authorization: Bearer TOKEN", compared in constant time. It is in no cookie, so
//                 no page of others can make a browser send it.
//
// Pure: nothing but the request counts. Source: Fetch Metadata (W3C), RFC 9110, RFC 6750.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/http_message.h"

namespace faultline::tools {

// 0: go on. Otherwise what to answer, and one sentence that says why.
struct Verdict {
  unsigned status = 0;
  std::string_view why{};
};

class Guard {
 public:
  // `hosts`: "127.0.0.1:4566". REQUIRES: a token.
  Guard(std::string token, std::vector<std::string> hosts);

  // Whether it comes from where it may come from: 0 or 403.
  [[nodiscard]] Verdict origin(const HttpRequest& request) const;
  // Whether it has the token: 0 or 401.
  [[nodiscard]] Verdict token(const HttpRequest& request) const;

 private:
  const std::string credentials_;
  const std::vector<std::string> hosts_;
};

// What a browser may call a server that listens at `host` (an address or a name) and `port`: by
// that, and by the names of the loopback.
[[nodiscard]] std::vector<std::string> hosts_of(std::string_view host, unsigned port);

}  // namespace faultline::tools
