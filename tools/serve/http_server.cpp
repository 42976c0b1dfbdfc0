#include "tools/serve/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <ctime>
#include <set>
#include <utility>

#include "tools/serve/http_connection.h"

namespace faultline::tools {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", whatever the locale.
std::string date_line(std::int64_t unix_seconds) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  const auto two = [](int number) {
    return std::string{static_cast<char>('0' + number / 10 % 10),
                       static_cast<char>('0' + number % 10)};
  };
  return std::string("Date: ") + kDays.at(static_cast<std::size_t>(parts.tm_wday)) + ", " +
         two(parts.tm_mday) + " " + kMonths.at(static_cast<std::size_t>(parts.tm_mon)) + " " +
         std::to_string(parts.tm_year + 1900) + " " + two(parts.tm_hour) + ":" + two(parts.tm_min) +
         ":" + two(parts.tm_sec) + " GMT\r\n";
}

std::int64_t system_unix_seconds() { return static_cast<std::int64_t>(std::time(nullptr)); }

// The system has no more sockets for us: others may give some back.
constexpr milliseconds kAcceptPause{100};

}  // namespace

struct HttpServer::Impl {
  Impl(HttpOptions given, Handler handle) : options(std::move(given)), handler(std::move(handle)) {
    if (!options.unix_seconds) options.unix_seconds = system_unix_seconds;
    const milliseconds shortest = std::min(options.request_timeout, options.idle_timeout) / 4;
    sweep_pause = std::clamp(shortest, milliseconds(5), milliseconds(1'000));
  }

  const std::string& date() {
    const std::int64_t now = options.unix_seconds();
    if (date_text.empty() || now != date_seconds) {
      date_text = date_line(now);
      date_seconds = now;
    }
    return date_text;
  }

  Expected<std::uint16_t, std::string> listen(const std::string& host, std::uint16_t port) {
    error_code error;
    tcp::resolver resolver(io);
    const auto places = resolver.resolve(
        host, std::to_string(port), tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error) return fail(host, port, error);
    tcp::acceptor fresh(io);
    const tcp::endpoint place = places.begin()->endpoint();
    fresh.open(place.protocol(), error);
    // A server that was just stopped leaves connections behind that are closing.
    if (!error) fresh.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) fresh.bind(place, error);
    if (!error) fresh.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(host, port, error);
    const std::uint16_t bound = fresh.local_endpoint(error).port();
    if (error) return fail(host, port, error);
    acceptor.emplace(std::move(fresh));
    accept();
    return bound;
  }

  static tl::unexpected<std::string> fail(const std::string& host, std::uint16_t port,
                                          const error_code& error) {
    return tl::make_unexpected("cannot listen at " + host + ":" + std::to_string(port) + ": " +
                               error.message());
  }

  void accept() {
    acceptor->async_accept([this](const error_code& error, tcp::socket socket) {
      if (!acceptor) return;
      if (!error) {
        adopt(std::move(socket));
        return accept();
      }
      if (error == asio::error::operation_aborted) return;
      accept_timer.expires_after(kAcceptPause);
      accept_timer.async_wait([this](const error_code& stopped) {
        if (!stopped && acceptor) accept();
      });
    });
  }

  void adopt(tcp::socket socket) {
    if (connections.size() >= options.max_connections && !make_room()) return;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto connection = std::make_shared<HttpConnection>(std::move(socket), home);
    connections.insert(connection);
    connection->start();
    if (!sweeping) sweep();
  }

  bool make_room() {
    const std::shared_ptr<HttpConnection>* oldest = nullptr;
    for (const auto& connection : connections) {
      if (connection->state() != HttpConnection::State::Idle) continue;
      if (oldest == nullptr || connection->deadline() < (*oldest)->deadline()) {
        oldest = &connection;
      }
    }
    if (oldest == nullptr) return false;
    const std::shared_ptr<HttpConnection> leaving = *oldest;
    leaving->close_for_good();
    return true;
  }

  // One timer for the deadlines of all connections: moving a timer for each request would cost more
  // than the request.
  void sweep() {
    sweeping = !connections.empty();
    if (!sweeping) return;
    sweep_timer.expires_after(sweep_pause);
    sweep_timer.async_wait([this](const error_code& error) {
      if (error) return;
      const auto now = steady_clock::now();
      for_each([now](HttpConnection& connection) { connection.check_time(now); });
      sweep();
    });
  }

  // Connections may end while it goes on.
  template <class Deed>
  void for_each(const Deed& deed) {
    const std::vector<std::shared_ptr<HttpConnection>> all(connections.begin(), connections.end());
    for (const auto& connection : all) {
      if (connection->state() != HttpConnection::State::Closed) deed(*connection);
    }
  }

  void ended(HttpConnection& connection) {
    connections.erase(connection.shared_from_this());
    if (stopping && connections.empty()) io.stop();
  }

  void close_all() {
    for_each([](HttpConnection& connection) { connection.close_for_good(); });
  }

  void stop() {
    if (stopping) return;
    stopping = true;
    acceptor.reset();
    for_each([](HttpConnection& connection) { connection.finish(); });
    if (connections.empty()) return io.stop();
    grace_timer.expires_after(options.shutdown_grace);
    grace_timer.async_wait([this](const error_code& error) {
      if (!error) io.stop();
    });
  }

  void wait_for_signal() {
    signals.async_wait([this](const error_code& error, int) {
      if (error) return;
      if (stopping) return io.stop();
      stop();
      wait_for_signal();
    });
  }

  void arm(WakeupTime when) {
    armed = when;
    wakeup_timer.expires_at(when);
    wakeup_timer.async_wait([this](const error_code& error) {
      if (error) return;
      armed.reset();
      if (!wakeup_at) return;
      if (steady_clock::now() < *wakeup_at) return arm(*wakeup_at);
      wakeup_at.reset();
      if (wakeup) wakeup();
    });
  }

  HttpOptions options;
  Handler handler;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  std::optional<tcp::acceptor> acceptor;
  asio::steady_timer accept_timer{io};
  asio::steady_timer sweep_timer{io};
  asio::steady_timer grace_timer{io};
  asio::steady_timer wakeup_timer{io};
  asio::signal_set signals{io};
  milliseconds sweep_pause{};
  bool sweeping = false;
  bool stopping = false;
  std::string date_text;
  std::int64_t date_seconds = 0;
  std::function<void()> wakeup;
  std::optional<WakeupTime> wakeup_at;
  std::optional<WakeupTime> armed;
  std::set<std::shared_ptr<HttpConnection>> connections;
  HttpConnectionHome home{.options = options,
                          .handler = handler,
                          .date_line = [this]() -> const std::string& { return date(); },
                          .ended = [this](HttpConnection& gone) { ended(gone); }};
};

HttpServer::HttpServer(HttpOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}

// Replies that are still owed keep their connections, but closed ones.
HttpServer::~HttpServer() { impl_->close_all(); }

Expected<std::uint16_t, std::string> HttpServer::listen(const std::string& host,
                                                        std::uint16_t port) {
  return impl_->listen(host, port);
}

void HttpServer::run() {
  impl_->io.run();
  impl_->close_all();
}

void HttpServer::stop() {
  asio::post(impl_->io, [impl = impl_.get()] { impl->stop(); });
}

void HttpServer::stop_on_signals() {
  error_code ignored;
  impl_->signals.add(SIGTERM, ignored);
  impl_->signals.add(SIGINT, ignored);
  impl_->wait_for_signal();
}

void HttpServer::post(std::function<void()> task) { asio::post(impl_->io, std::move(task)); }

void HttpServer::on_wakeup(std::function<void()> wakeup) { impl_->wakeup = std::move(wakeup); }

void HttpServer::set_wakeup(std::optional<WakeupTime> when) {
  impl_->wakeup_at = when;
  // An alarm that is set too early looks at wakeup_at and goes on: cheaper than moving it.
  if (when && (!impl_->armed || *when < *impl_->armed)) impl_->arm(*when);
}

std::size_t HttpServer::connections() const { return impl_->connections.size(); }

}  // namespace faultline::tools
