#include "tools/serve/control_client.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace faultline::tools {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{30};

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

using Response = http::response<http::string_body>;

// Runs the whole exchange with one deadline.
Expected<Response, beast::error_code> exchange(const ServerAddress& server,
                                               http::request<http::string_body>& request) {
  boost::asio::io_context io;
  tcp::resolver resolver(io);
  beast::error_code error;
  const auto addresses = resolver.resolve(server.host, server.port, error);
  if (error) return tl::make_unexpected(error);
  beast::tcp_stream stream(io);
  stream.expires_after(kPatience);
  beast::flat_buffer buffer;
  Response response;
  const auto failed = [&](const beast::error_code& what) { return error = what, bool(what); };
  stream.async_connect(addresses, [&](beast::error_code what, const tcp::endpoint&) {
    if (failed(what)) return;
    http::async_write(stream, request, [&](beast::error_code written, std::size_t) {
      if (failed(written)) return;
      http::async_read(stream, buffer, response,
                       [&](beast::error_code read, std::size_t) { failed(read); });
    });
  });
  io.run();
  if (error) return tl::make_unexpected(error);
  return response;
}

}  // namespace

std::string token_path(std::string_view port) {
  std::string directory = environment("XDG_RUNTIME_DIR");
  directory =
      directory.empty() ? fmt::format("/tmp/faultline-{}", getuid()) : directory + "/faultline";
  return fmt::format("{}/{}.token", directory, port);
}

Expected<ServerAddress, std::string> find_server(std::string server, std::string token) {
  if (server.empty()) server = environment("FAULTLINE_SERVER");
  if (server.empty()) server = "http://127.0.0.1:4566";
  if (token.empty()) token = environment("FAULTLINE_TOKEN");
  std::string rest = server;
  if (rest.starts_with("http://")) rest.erase(0, 7);
  while (rest.ends_with('/')) rest.pop_back();
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size() ||
      rest.find_first_not_of("0123456789", colon + 1) != std::string::npos) {
    return tl::make_unexpected(fmt::format(
        "\"{}\" is no address of a server: http://HOST:PORT, such as http://127.0.0.1:4566",
        server));
  }
  ServerAddress address{rest.substr(0, colon), rest.substr(colon + 1), std::move(token)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.token.empty()) {
    std::ifstream file(token_path(address.port));
    std::getline(file, address.token);
  }
  return address;
}

Expected<v1::ControlResponse, std::string> ask(const ServerAddress& server,
                                               const v1::ControlRequest& request) {
  const std::string where = server.host + ":" + server.port;
  http::request<http::string_body> sent(
      http::verb::post, beast::string_view(kControlPath.data(), kControlPath.size()), 11,
      request.SerializeAsString());
  sent.set(http::field::host, where);
  sent.set(http::field::content_type,
           beast::string_view(kControlContentType.data(), kControlContentType.size()));
  sent.set(http::field::authorization, "Bearer " + server.token);
  sent.prepare_payload();
  const auto got = exchange(server, sent);
  if (!got) {
    return tl::make_unexpected(
        fmt::format("no faultline server answers at {}: {}", where, got.error().message()));
  }
  if (got->result() == http::status::unauthorized) {
    return tl::make_unexpected(
        fmt::format("the server at {} wants its token, which it prints when it starts: --token or "
                    "FAULTLINE_TOKEN",
                    where));
  }
  v1::ControlResponse response;
  if (got->result() != http::status::ok || !response.ParseFromString(got->body())) {
    return tl::make_unexpected(
        fmt::format("what answers at {} is no faultline server of this version (HTTP {})", where,
                    got->result_int()));
  }
  if (!response.error().empty()) return tl::make_unexpected(response.error());
  return response;
}

}  // namespace faultline::tools
