// ControlFront: the control surface over HTTP: binary protobuf at a path of its own, for whoever has the
// token that this process made when it started.
//
//   POST /_faultline/v1      v1::ControlRequest -> v1::ControlResponse; Authorization: Bearer TOKEN
//   GET  /_faultline/health  "ok", without a token: for those who wait until the server answers
//
// A browser cannot be made to call it by a page from elsewhere: it has no CORS answer, and the token is
// in no cookie.
#pragma once

#include <string>
#include <string_view>

#include "tools/serve/http_server.h"
#include "tools/serve/session.h"

namespace faultline::tools {

class ControlFront {
 public:
  // The session outlives this.
  ControlFront(Session& session, std::string token) : session_(session), token_(std::move(token)) {}

  // Whether the request is for the control surface.
  [[nodiscard]] static bool is_for_it(const HttpRequest& request);
  // REQUIRES: is_for_it(request).
  void handle(const HttpRequest& request, const HttpReply& reply);

 private:
  Session& session_;
  const std::string token_;
};

}  // namespace faultline::tools
