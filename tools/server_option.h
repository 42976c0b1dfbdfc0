// What the commands that talk to a running server have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "proto/control.pb.h"

namespace faultline::tools {

struct ServerOption {
  std::string server;
  std::string token;

  // --server and --token.
  void add_to(CLI::App& command);
};

// Asks the server; the answer goes to `answered`, an error to standard error. Returns the exit code.
int ask_and(const ServerOption& server, const v1::ControlRequest& request,
            const std::function<void(const v1::ControlResponse&)>& answered);

}  // namespace faultline::tools
