// A TCP client that says exactly what it is told to, and a server in a thread for it to talk to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "tools/serve/http_server.h"

namespace faultline::tools {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  // Whether all of it was taken; a server that closes the connection takes no more.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  [[nodiscard]] int descriptor() const { return socket_; }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }

  // One response, header and body; as much as came if the connection ends or nothing comes.
  std::string response(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    while (true) {
      const std::size_t end = received_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t size = end + 4 + content_length(received_.substr(0, end));
        if (received_.size() >= size) {
          std::string whole = received_.substr(0, size);
          received_.erase(0, size);
          return whole;
        }
      }
      if (!receive(patience)) return std::exchange(received_, {});
    }
  }
  // Whether the server ends the connection, whatever else it says before.
  bool ends(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    while (receive(patience)) {
    }
    return ended_;
  }
  // Takes what comes next into rest(); false: nothing did, or the connection has ended.
  bool listen(std::chrono::milliseconds patience) { return receive(patience); }
  [[nodiscard]] const std::string& rest() const { return received_; }

 private:
  static std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }
  bool receive(std::chrono::milliseconds patience) {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(patience.count())) <= 0) return false;
    char chunk[65536];
    const ssize_t size = ::recv(socket_, chunk, sizeof chunk, 0);
    if (size <= 0) {
      ended_ = true;
      return false;
    }
    received_.append(chunk, static_cast<std::size_t>(size));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

// Serves in a thread of its own from start() until it is destroyed.
class ServerInThread {
 public:
  ServerInThread(HttpOptions options, HttpServer::Handler handler)
      : server_(std::move(options), std::move(handler)) {
    const auto bound = server_.listen("127.0.0.1", 0);
    if (bound) port_ = *bound;
    thread_ = std::thread([this] { server_.run(); });
  }
  ~ServerInThread() { stop(); }
  ServerInThread(const ServerInThread&) = delete;
  ServerInThread& operator=(const ServerInThread&) = delete;

  void stop() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] HttpServer& server() { return server_; }

 private:
  HttpServer server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace faultline::tools
