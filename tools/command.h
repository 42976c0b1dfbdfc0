// The `faultline` command as a function, so that a project with a replication protocol of its own
// has the same command over it:
//
//     int main(int argc, char** argv) {
//       auto protocols = std::make_shared<faultline::regions::ProtocolRegistry>();
//       protocols->add("mine", […]);
//       return faultline::tools::run_command(argc, argv, protocols);
//     }
//
// and then `./mine sweep scenario.textproto`, where the scenario says service { protocol: "mine" }.
#pragma once

#include <memory>

#include "regions/replication/protocol.h"

namespace faultline::tools {

// Returns the exit code (exit_code.h). Installs handlers for SIGABRT, SIGINT and SIGTERM.
// `protocols`: default, the built-in ones.
int run_command(int argc, char** argv,
                std::shared_ptr<const regions::ProtocolRegistry> protocols = {});

}  // namespace faultline::tools
