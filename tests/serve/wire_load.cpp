// How many GetSecretValue a second the wire carries: to a server that runs already, or, without a
// port, to one with a backend that always says the same.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/serve/raw_client.h"
#include "tests/serve/scripted_backend.h"
#include "tools/serve/sigv4.h"

namespace faultline::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kBody = R"({"SecretId":"production/DBWest"})";

// As the CLI sends it.
std::string make_request() {
  const std::string date = amz_date(std::chrono::duration_cast<std::chrono::seconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
  const std::string size = std::to_string(kBody.size());
  std::vector<HttpField> fields = {
      {"Host",            "127.0.0.1:4566"                               },
      {"Accept-Encoding", "identity"                                     },
      {"User-Agent",      "aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source"},
      {"X-Amz-Target",    "secretsmanager.GetSecretValue"                },
      {"Content-Type",    "application/x-amz-json-1.1"                   },
      {"X-Amz-Date",      date                                           },
      {"Content-Length",  size                                           }
  };
  SigningKeys keys;
  const auto key = ScriptedBackend().find_access_key("AKIDEXAMPLE");
  const std::string authorization =
      authorization_header({.method = "POST", .target = "/", .fields = fields, .body = kBody}, *key,
                           "AKIAIOSFODNN7EXAMPLE", "us-east-1", "secretsmanager", keys);
  fields.push_back({"Authorization", authorization});
  std::string text = "POST / HTTP/1.1\r\n";
  for (const HttpField& field : fields) {
    text.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return text.append("\r\n").append(kBody);
}

struct Load {
  std::vector<std::int64_t> micros;  // of each request
  int failed = 0;
};

// One thread for all connections: one request at a time on each.
Load drive(std::uint16_t port, std::size_t connections, std::chrono::seconds time) {
  const std::string request = make_request();
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<pollfd> polls;
  std::vector<Clock::time_point> sent(connections);
  Load load;
  for (std::size_t i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    polls.push_back({.fd = clients[i]->descriptor(), .events = POLLIN, .revents = 0});
    sent[i] = Clock::now();
    clients[i]->send(request);
  }
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
    if (::poll(polls.data(), polls.size(), 1000) <= 0) break;
    for (std::size_t i = 0; i < connections; ++i) {
      if (polls[i].revents == 0) continue;
      const std::string response = clients[i]->response();
      const auto now = Clock::now();
      load.micros.push_back(
          std::chrono::duration_cast<std::chrono::microseconds>(now - sent[i]).count());
      if (!response.starts_with("HTTP/1.1 200 ")) ++load.failed;
      sent[i] = Clock::now();
      if (!clients[i]->send(request)) ++load.failed;
    }
  }
  return load;
}

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int main_of(int argc, char** argv) {
  const auto number = [&](int index, std::size_t otherwise) {
    return index < argc ? static_cast<std::size_t>(std::strtoul(argv[index], nullptr, 10))
                        : otherwise;
  };
  auto port = static_cast<std::uint16_t>(number(1, 0));
  const std::size_t connections = number(2, 16);
  const std::chrono::seconds time(number(3, 3));
  const bool verify = argc > 4 && std::strcmp(argv[4], "verify") == 0;

  ScriptedBackend backend;
  v1::ApiResponse answer;
  auto& value = *answer.mutable_get_secret_value();
  value.set_arn("arn:aws:secretsmanager:us-east-1:123456789012:secret:production/DBWest-a1b2c3");
  value.set_name("production/DBWest");
  value.set_version_id("EXAMPLE1-90ab-cdef-fedc-ba987SECRET1");
  value.set_secret_string(R"({"username":"admin","password":"hunter2"})");
  value.add_version_stages("AWSCURRENT");
  value.set_created_date(1'523'477'145.713);
  backend.secrets_answer = answer;
  backend.unix_seconds = std::chrono::duration_cast<std::chrono::seconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  AwsFront front(backend, {.auth = verify ? FrontOptions::Auth::Verify : FrontOptions::Auth::Off});
  std::optional<ServerInThread> server;
  if (port == 0) {
    server.emplace(HttpOptions{}, [&front](const HttpRequest& request, HttpReply reply) {
      front.handle(request, std::move(reply));
    });
    port = server->port();
  }

  const double all_before = cpu_seconds(RUSAGE_SELF);
  const double mine_before = cpu_seconds(RUSAGE_THREAD);
  Load load = drive(port, connections, time);
  const double mine = cpu_seconds(RUSAGE_THREAD) - mine_before;
  const double servers = cpu_seconds(RUSAGE_SELF) - all_before - mine;
  if (load.micros.empty()) {
    std::fprintf(stderr, "nothing was answered at port %u\n", port);
    return 1;
  }
  std::sort(load.micros.begin(), load.micros.end());
  const double count = static_cast<double>(load.micros.size());
  std::printf("%.0f requests/s, %zu connections, median %lld us, p99 %lld us, failed %d\n",
              count / static_cast<double>(time.count()), connections,
              static_cast<long long>(load.micros[load.micros.size() / 2]),
              static_cast<long long>(load.micros[load.micros.size() * 99 / 100]), load.failed);
  if (server) {
    std::printf("CPU a request: server %.1f us, client %.1f us\n", servers / count * 1e6,
                mine / count * 1e6);
  }
  return load.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace faultline::tools

int main(int argc, char** argv) { return faultline::tools::main_of(argc, argv); }
