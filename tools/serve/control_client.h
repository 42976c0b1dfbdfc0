// The client of a running server's control surface, for `faultline fault` and `faultline time`.
//
// Where     --server, or FAULTLINE_SERVER, or http://127.0.0.1:4566.
// Token     --token, or FAULTLINE_TOKEN, or the file that a server of this user on this machine
//           keeps while it runs: token_path(port).
#pragma once

#include <string>
#include <string_view>

#include "proto/control.pb.h"
#include "proto/result.h"

namespace faultline::tools {

inline constexpr std::string_view kControlPath = "/_faultline/v1";
inline constexpr std::string_view kControlContentType = "application/x-protobuf";

struct ServerAddress {
  std::string host;
  std::string port;
  std::string token;
};

// Where a server on this port keeps its token: in XDG_RUNTIME_DIR, or in a directory of the user's
// own below /tmp.
[[nodiscard]] std::string token_path(std::string_view port);

// Errors: a sentence.
[[nodiscard]] Expected<ServerAddress, std::string> find_server(std::string server,
                                                               std::string token);

// Asks once, and waits for the answer at most half a minute. Errors: a sentence; what the server
// says is wrong is an error too.
[[nodiscard]] Expected<v1::ControlResponse, std::string> ask(const ServerAddress& server,
                                                             const v1::ControlRequest& request);

}  // namespace faultline::tools
