// faultline fault: breaks and mends a running server.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/time.h"
#include "regions/fault_text.h"
#include "tools/commands.h"
#include "tools/exit_code.h"
#include "tools/serve/fault_words.h"
#include "tools/server_option.h"
#include "tools/terminal.h"

namespace faultline::tools {
namespace {

struct Request {
  ServerOption server;
  std::vector<std::string> words;
  std::string name;
  bool all = false;
  bool json = false;
};

void print_fault(const v1::FaultInForce& fault) {
  std::string until;
  if (fault.left_ns() > 0) {
    until = ", ends in " +
            engine::format_duration(engine::Duration::millis(fault.left_ns() / 1'000'000));
  }
  fmt::print("{:<12} {}{}\n", fault.fault().name(), fault.text(), until);
}

int add(const Request& request) {
  const auto fault = fault_of(request.words);
  if (!fault) {
    complain(fault.error());
    return kUsage;
  }
  v1::ControlRequest control;
  *control.mutable_apply_fault()->mutable_fault() = *fault;
  return ask_and(request.server, control, [](const v1::ControlResponse& response) {
    for (const auto& added : response.faults()) print_fault(added);
  });
}

int list(const Request& request) {
  v1::ControlRequest control;
  control.mutable_list_faults();
  return ask_and(request.server, control, [&](const v1::ControlResponse& response) {
    if (request.json) {
      std::string text;
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = true;
      google::protobuf::util::MessageToJsonString(response, &text, options);
      return fmt::print("{}\n", text);
    }
    if (response.faults().empty()) fmt::print("nothing is broken\n");
    for (const auto& fault : response.faults()) print_fault(fault);
  });
}

int clear(const Request& request) {
  if (request.name.empty() == !request.all) {
    complain("which fault? Give its name, or --all");
    return kUsage;
  }
  v1::ControlRequest control;
  control.mutable_clear_faults()->set_name(request.name);
  return ask_and(request.server, control, [](const v1::ControlResponse& response) {
    if (response.faults().empty()) fmt::print("nothing was broken\n");
    for (const auto& fault : response.faults()) {
      fmt::print("mended: {} ({})\n", fault.fault().name(), fault.text());
    }
  });
}

int kinds() {
  for (const std::string& kind : fault_kinds()) fmt::print("{:<22} {}\n", kind, fault_usage(kind));
  return kHolds;
}

}  // namespace

void add_fault(CLI::App& app, int& exit_code) {
  auto request = std::make_shared<Request>();
  CLI::App* fault = app.add_subcommand("fault", "Break and mend a running server");
  fault->require_subcommand(1);

  CLI::App* adds = fault->add_subcommand(
      "add", "Break something: KIND [--FIELD VALUE]… [--for TIME] [--name NAME]");
  adds->footer(
      "  faultline fault add key-denied --region us-east-1 --key alias/replica --for 30s\n"
      "  faultline fault add cut --from us-west-2 --to us-east-1 --name outage\n"
      "KIND: a kind of `faultline fault kinds`, or an id of `faultline explain`, such as KMS-02.");
  request->server.add_to(*adds);
  adds->allow_extras();
  adds->callback([=, &exit_code] {
    request->words = adds->remaining();
    exit_code = add(*request);
  });

  CLI::App* lists = fault->add_subcommand("list", "What is broken");
  request->server.add_to(*lists);
  lists->add_flag("--json", request->json, "As JSON");
  lists->callback([=, &exit_code] { exit_code = list(*request); });

  CLI::App* clears = fault->add_subcommand("clear", "Mend a fault, or all");
  request->server.add_to(*clears);
  clears->add_option("NAME", request->name, "The fault's name");
  clears->add_flag("--all", request->all, "Everything");
  clears->callback([=, &exit_code] { exit_code = clear(*request); });

  CLI::App* all = fault->add_subcommand("kinds", "The kinds of faults, and what each takes");
  all->callback([&exit_code] { exit_code = kinds(); });
}

}  // namespace faultline::tools
