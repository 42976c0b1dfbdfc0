#include "tools/server_option.h"

#include "tools/exit_code.h"
#include "tools/serve/control_client.h"
#include "tools/terminal.h"

namespace faultline::tools {

void ServerOption::add_to(CLI::App& command) {
  command.add_option("--server", server,
                     "The server's address. Default: FAULTLINE_SERVER, or http://127.0.0.1:4566");
  command.add_option("--token", token,
                     "The server's token. Default: FAULTLINE_TOKEN, or what a server of yours on "
                     "this machine keeps in a file");
}

int ask_and(const ServerOption& server, const v1::ControlRequest& request,
            const std::function<void(const v1::ControlResponse&)>& answered) {
  const auto address = find_server(server.server, server.token);
  if (!address) {
    complain(address.error());
    return kUsage;
  }
  const auto response = ask(*address, request);
  if (!response) {
    complain(response.error());
    return kViolated;
  }
  answered(*response);
  return kHolds;
}

}  // namespace faultline::tools
