// Answers that are told bit by bit, over a real socket: to clients that listen, go, or fall behind.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>

#include "tests/serve/raw_client.h"
#include "tools/serve/http_server.h"

namespace faultline::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kGet = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A server that begins a stream for /stream, and says the path back for anything else.
class HttpStreamTest : public testing::Test {
 protected:
  void serve(HttpOptions options = {}) {
    server_.emplace(std::move(options), [this](const HttpRequest& request, const HttpReply& reply) {
      if (request.target != "/stream") {
        return reply.send({.content_type = "text/plain", .body = std::string(request.target)});
      }
      stream_ = reply.stream({.content_type = "text/event-stream", .body = first_});
      began_ = true;
    });
  }
  void TearDown() override { server_.reset(); }

  // The outcome of a deed that is done in the server's thread.
  template <class Deed>
  auto in_server(const Deed& deed) {
    std::promise<decltype(deed())> promise;
    server_->server().post([&] { promise.set_value(deed()); });
    return promise.get_future().get();
  }
  bool write(const std::string& bytes) {
    return in_server([&] { return stream_->write(bytes); });
  }
  bool is_open() {
    return in_server([&] { return stream_->is_open(); });
  }
  bool end() {
    return in_server([&] {
      stream_->end();
      return true;
    });
  }
  void await_beginning() const {
    for (int i = 0; i < 10'000 && !began_; ++i) std::this_thread::sleep_for(1ms);
    ASSERT_TRUE(began_);
  }
  bool closes_within(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (is_open()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  // Until it has this in what it received, or nothing comes.
  static bool hears(RawClient& client, std::string_view part) {
    for (int i = 0; i < 200 && !contains(client.rest(), part); ++i) client.listen(50ms);
    return contains(client.rest(), part);
  }

  std::string first_;
  std::atomic<bool> began_ = false;
  std::optional<ServerInThread> server_;
  std::optional<HttpStream> stream_;  // the server's thread alone
};

TEST_F(HttpStreamTest, TellsABodyInChunksAndKeepsTheConnection) {
  first_ = "hello\n";
  serve({.unix_seconds = [] { return std::int64_t{784'887'151}; }});
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(hears(client, "hello\n"));
  EXPECT_TRUE(write("a longer piece\n"));
  ASSERT_TRUE(hears(client, "a longer piece\n"));
  EXPECT_TRUE(write(""));
  EXPECT_TRUE(is_open());
  end();
  EXPECT_FALSE(is_open());
  EXPECT_FALSE(write("too late"));
  ASSERT_TRUE(hears(client, "0\r\n\r\n"));
  EXPECT_EQ(client.rest(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            "Transfer-Encoding: chunked\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n\r\n"
            "6\r\nhello\n\r\nf\r\na longer piece\n\r\n0\r\n\r\n");
  ASSERT_TRUE(client.send("GET /next HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(hears(client, "/next"));
}

TEST_F(HttpStreamTest, AnswersWhatWasAskedMeanwhileWhenItHasEnded) {
  serve();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(std::string(kGet) + "GET /one HTTP/1.1\r\n\r\n"));
  await_beginning();
  ASSERT_TRUE(client.send("GET /two HTTP/1.1\r\n\r\nGET /th"));
  ASSERT_TRUE(write("piece"));
  ASSERT_TRUE(hears(client, "piece"));
  EXPECT_FALSE(contains(client.rest(), "/one"));
  end();
  ASSERT_TRUE(hears(client, "/two"));
  EXPECT_TRUE(contains(client.rest(), "/one"));
  ASSERT_TRUE(client.send("ree HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(hears(client, "/three"));
}

TEST_F(HttpStreamTest, OldHandlesDoNotReachTheNextStreamOfTheConnection) {
  serve();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  const HttpStream old = in_server([&] { return *stream_; });
  end();
  began_ = false;
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  EXPECT_FALSE(in_server([&] {
    old.end();
    return old.write("from the old one") || old.is_open();
  }));
  EXPECT_TRUE(write("from the new one"));
  EXPECT_TRUE(hears(client, "from the new one"));
  EXPECT_FALSE(contains(client.rest(), "from the old one"));
}

TEST_F(HttpStreamTest, NoticesAClientThatGoesThoughNothingIsWritten) {
  serve();
  {
    RawClient client(server_->port());
    ASSERT_TRUE(client.send(kGet));
    await_beginning();
    EXPECT_TRUE(is_open());
  }
  EXPECT_TRUE(closes_within(10s));
  EXPECT_FALSE(write("to nobody"));
}

TEST_F(HttpStreamTest, NoTimeOutEndsASilentStream) {
  serve({.request_timeout = 50ms, .idle_timeout = 50ms});
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  std::this_thread::sleep_for(300ms);
  ASSERT_TRUE(write("still here"));
  EXPECT_TRUE(hears(client, "still here"));
}

TEST_F(HttpStreamTest, LetsGoOfAClientThatFallsTooFarBehind) {
  serve({.max_stream_backlog_bytes = 1'000'000});
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  const std::string piece(100'000, 'p');
  int written = 0;
  while (written < 1'000 && write(piece)) ++written;
  EXPECT_GE(written, 10);  // the backlog at least
  EXPECT_LT(written, 1'000);
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpStreamTest, LetsGoOfAClientThatTakesNothingForTooLong) {
  serve({.request_timeout = 100ms});
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  for (int i = 0; i < 70 && in_server([&] { return stream_->waiting(); }) < 4'000'000; ++i) {
    ASSERT_TRUE(write(std::string(500'000, 'p')));
  }
  EXPECT_TRUE(closes_within(10s));
}

TEST_F(HttpStreamTest, KeepsNobodyElseWaiting) {
  serve();
  RawClient listener(server_->port());
  ASSERT_TRUE(listener.send(kGet));
  await_beginning();
  ASSERT_TRUE(write(std::string(7'000'000, 'p')));  // which it does not take
  for (int i = 0; i < 20; ++i) {
    RawClient other(server_->port());
    ASSERT_TRUE(other.send("GET /other HTTP/1.1\r\n\r\n"));
    ASSERT_TRUE(contains(other.response(), "/other"));
  }
  EXPECT_TRUE(is_open());
}

TEST_F(HttpStreamTest, EndsWithItsLastHandle) {
  serve();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  in_server([&] {
    stream_.reset();
    return true;
  });
  EXPECT_TRUE(client.ends());
  EXPECT_FALSE(contains(client.rest(), "0\r\n\r\n")) << "the answer is not whole";
}

TEST_F(HttpStreamTest, StopsAtOnceAndWhole) {
  serve({.shutdown_grace = 1h});
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(kGet));
  await_beginning();
  ASSERT_TRUE(write("last words"));
  server_->stop();
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(contains(client.rest(), "last words\r\n0\r\n\r\n"));
  EXPECT_FALSE(stream_->write("longer than the server ran"));
  server_.reset();
  EXPECT_FALSE(stream_->is_open());
}

TEST_F(HttpStreamTest, ToHttp10ItIsABodyThatEndsWithTheConnection) {
  serve();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  await_beginning();
  ASSERT_TRUE(write("one "));
  ASSERT_TRUE(write("two"));
  end();
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(client.rest().ends_with("\r\n\r\none two")) << client.rest();
  EXPECT_FALSE(contains(client.rest(), "chunked"));
  EXPECT_TRUE(contains(client.rest(), "Connection: close"));
}

TEST_F(HttpStreamTest, ToHeadItIsAHeadAlone) {
  serve();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send("HEAD /stream HTTP/1.1\r\n\r\n"));
  await_beginning();
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(contains(client.response(), "text/event-stream"));
  ASSERT_TRUE(client.send("GET /next HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(contains(client.response(), "/next"));
}

}  // namespace
}  // namespace faultline::tools
