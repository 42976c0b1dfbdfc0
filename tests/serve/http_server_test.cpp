// A real server on a real socket, and clients that are slow, wrong, rude or many.
#include "tools/serve/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "tests/serve/raw_client.h"

namespace faultline::tools {
namespace {

using namespace std::chrono_literals;

// Says back what it was sent.
void echo(const HttpRequest& request, const HttpReply& reply) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::string(request.method) + " " + std::string(request.target) + " " +
                  std::string(request.body);
  reply.send(std::move(response));
}

std::string post(std::string_view body, std::string_view more_fields = {}) {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(more_fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string body_of(const std::string& response) {
  const std::size_t at = response.find("\r\n\r\n");
  return at == std::string::npos ? "" : response.substr(at + 4);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(HttpServerTest, KeepsAConnectionForManyRequests) {
  ServerInThread server({.unix_seconds = [] { return std::int64_t{784'887'151}; }}, echo);
  RawClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    const std::string body = "n" + std::to_string(i);
    ASSERT_TRUE(client.send(post(body)));
    const std::string response = client.response();
    ASSERT_EQ(response, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                            std::to_string(8 + body.size()) +
                            "\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n\r\nPOST /x " + body);
  }
}

TEST(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  ServerInThread server({}, echo);
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 200; ++i) all += post("n" + std::to_string(i));
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(body_of(client.response()), "POST /x n" + std::to_string(i));
  }
}

TEST(HttpServerTest, AnswersLaterAndInAnyOrderBetweenConnections) {
  std::vector<HttpReply> owed;  // the server's thread alone
  std::atomic<int> received = 0;
  ServerInThread server({}, [&](const HttpRequest&, HttpReply reply) {
    owed.push_back(std::move(reply));
    ++received;
  });
  RawClient first(server.port());
  ASSERT_TRUE(first.send(post("1")));
  while (received < 1) std::this_thread::sleep_for(1ms);
  RawClient second(server.port());
  ASSERT_TRUE(second.send(post("2")));
  while (received < 2) std::this_thread::sleep_for(1ms);
  server.server().post([&] {
    owed[1].send({.body = "two"});
    owed[0].send({.body = "one"});
    owed.clear();
  });
  EXPECT_EQ(body_of(second.response()), "two");
  EXPECT_EQ(body_of(first.response()), "one");
}

TEST(HttpServerTest, ClosesTheConnectionOfAReplyThatIsDroppedOrClosed) {
  ServerInThread server({}, [](const HttpRequest& request, const HttpReply& reply) {
    if (request.body == "close") reply.close();
  });
  for (const std::string_view how : {"close", "drop"}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post(how)));
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(client.rest(), "");
  }
}

TEST(HttpServerTest, SaysContinueToWhoAsks) {
  ServerInThread server({}, echo);
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_EQ(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("abc"));
  EXPECT_EQ(body_of(client.response()), "POST / abc");
}

TEST(HttpServerTest, ReadsChunksAndLargeBodies) {
  ServerInThread server({}, echo);
  RawClient client(server.port());
  ASSERT_TRUE(
      client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
  EXPECT_EQ(body_of(client.response()), "POST / hello");
  const std::string large(256 * 1024, 'l');
  ASSERT_TRUE(client.send(post(large)));
  EXPECT_EQ(body_of(client.response()), "POST /x " + large);
}

TEST(HttpServerTest, AnswersHeadWithoutABody) {
  ServerInThread server({}, echo);
  RawClient client(server.port());
  ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n"));
  ASSERT_TRUE(client.send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.ends());
  EXPECT_FALSE(contains(client.rest(), "HEAD /"));
  EXPECT_TRUE(contains(client.rest(), "GET /next"));
  EXPECT_TRUE(contains(client.rest(), "GET /last"));
}

TEST(HttpServerTest, EndsTheConnectionWhenTheClientSaysSo) {
  ServerInThread server({}, echo);
  for (const std::string_view request :
       {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(request));
    EXPECT_TRUE(client.ends());
    EXPECT_TRUE(contains(client.rest(), "Connection: close"));
  }
}

TEST(HttpServerTest, RefusesWhatIsTooLargeInWordsThatTheClientGetsToSee) {
  ServerInThread server({.max_body_bytes = 1000}, echo);
  RawClient large(server.port());
  large.send(post(std::string(2'000'000, 'x')));
  const std::string refusal = large.response();
  EXPECT_TRUE(contains(refusal, "HTTP/1.1 413 Content Too Large\r\n")) << refusal;
  EXPECT_TRUE(contains(refusal, R"({"__type":"RequestEntityTooLargeException",)")) << refusal;
  EXPECT_TRUE(large.ends());

  RawClient header(server.port());
  header.send("POST / HTTP/1.1\r\nA: " + std::string(100'000, 'a'));
  EXPECT_TRUE(contains(header.response(), "HTTP/1.1 431 "));
  EXPECT_TRUE(header.ends());
}

TEST(HttpServerTest, GoesOnAfterGarbageAndHalfRequests) {
  ServerInThread server({}, echo);
  for (const std::string_view garbage :
       {"\r\n\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET\r\n\r\n",
        "hello there\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: nine\r\n\r\n",
        "POST / HTTP/9.9\r\n\r\n", "\0\0\0\0\0"}) {
    RawClient client(server.port());
    client.send(garbage);
    client.finish_sending();
    EXPECT_TRUE(client.ends());
    EXPECT_FALSE(contains(client.rest(), "HTTP/1.1 200"));
  }
  const std::string whole = post("body");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    RawClient client(server.port());
    client.send(std::string_view(whole).substr(0, size));
    client.finish_sending();
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(client.rest(), "");
  }
  RawClient client(server.port());
  ASSERT_TRUE(client.send(whole));
  EXPECT_EQ(body_of(client.response()), "POST /x body");
}

TEST(HttpServerTest, WaitsForSlowClientsOnlySoLong) {
  ServerInThread server({.request_timeout = 100ms, .idle_timeout = 200ms}, echo);
  RawClient half(server.port());
  ASSERT_TRUE(half.send("POST / HTTP/1.1\r\nHos"));
  EXPECT_TRUE(contains(half.response(), "HTTP/1.1 408 "));
  EXPECT_TRUE(half.ends());

  RawClient drip(server.port());  // a byte now and then does not buy time
  bool taken = drip.send("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 100 && taken; ++i) {
    taken = drip.send("x");
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(drip.ends());
  EXPECT_TRUE(contains(drip.rest(), "RequestTimeoutException"));

  RawClient idle(server.port());
  EXPECT_TRUE(idle.ends());
  EXPECT_EQ(idle.rest(), "");

  RawClient good(server.port());
  ASSERT_TRUE(good.send(post("still here")));
  EXPECT_EQ(body_of(good.response()), "POST /x still here");
}

TEST(HttpServerTest, LetsGoOfClientsThatDoNotTakeTheirAnswers) {
  ServerInThread server({.request_timeout = 100ms}, [](const HttpRequest&, const HttpReply& reply) {
    reply.send({.body = std::string(64'000'000, 'a')});
  });
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("x")));
  std::this_thread::sleep_for(500ms);
  EXPECT_TRUE(client.ends());
  EXPECT_LT(client.rest().size(), 64'000'000U);
}

TEST(HttpServerTest, AReplyMayTakeLongerThanARequest) {
  std::optional<HttpReply> owed;
  ServerInThread server({.request_timeout = 50ms, .idle_timeout = 50ms},
                        [&](const HttpRequest&, HttpReply reply) { owed = std::move(reply); });
  RawClient client(server.port());
  ASSERT_TRUE(client.send(post("x")));
  std::this_thread::sleep_for(300ms);
  server.server().post([&] {
    owed->send({.body = "at last"});
    owed.reset();
  });
  EXPECT_EQ(body_of(client.response()), "at last");
}

TEST(HttpServerTest, MakesRoomByClosingWhoIsIdleLongest) {
  ServerInThread server({.max_connections = 2}, echo);
  RawClient oldest(server.port());
  ASSERT_TRUE(oldest.send(post("1")));
  ASSERT_EQ(body_of(oldest.response()), "POST /x 1");
  RawClient older(server.port());
  ASSERT_TRUE(older.send(post("2")));
  ASSERT_EQ(body_of(older.response()), "POST /x 2");
  RawClient newcomer(server.port());
  ASSERT_TRUE(newcomer.send(post("3")));
  EXPECT_EQ(body_of(newcomer.response()), "POST /x 3");
  EXPECT_TRUE(oldest.ends());
  ASSERT_TRUE(older.send(post("4")));
  EXPECT_EQ(body_of(older.response()), "POST /x 4");
}

TEST(HttpServerTest, FinishesWhatIsInFlightWhenItStops) {
  std::optional<HttpReply> owed;
  std::atomic<bool> received = false;
  ServerInThread server({}, [&](const HttpRequest&, HttpReply reply) {
    owed = std::move(reply);
    received = true;
  });
  RawClient idle(server.port());
  RawClient busy(server.port());
  ASSERT_TRUE(busy.send(post("x")));
  while (!received) std::this_thread::sleep_for(1ms);
  server.server().stop();
  EXPECT_TRUE(idle.ends());
  EXPECT_FALSE(RawClient(server.port()).connected());
  server.server().post([&] {
    owed->send({.body = "done"});
    owed.reset();
  });
  EXPECT_TRUE(busy.ends());
  EXPECT_TRUE(contains(busy.rest(), "Connection: close"));
  EXPECT_EQ(body_of(busy.rest()), "done");
  server.stop();
}

TEST(HttpServerTest, StopsWithoutWaitingForeverForAnAnswer) {
  std::optional<HttpReply> owed;
  std::atomic<bool> received = false;
  {
    ServerInThread server({.shutdown_grace = 50ms}, [&](const HttpRequest&, HttpReply reply) {
      owed = std::move(reply);
      received = true;
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post("x")));
    while (!received) std::this_thread::sleep_for(1ms);
    server.stop();
    EXPECT_TRUE(client.ends());
  }
  owed->send({.body = "to nobody"});  // longer than the server lived
}

TEST(HttpServerTest, WakesUpOnceWhenItWasTold) {
  std::atomic<int> woken = 0;
  ServerInThread server({}, echo);
  server.server().post([&] {
    server.server().on_wakeup([&] { ++woken; });
    const auto now = std::chrono::steady_clock::now();
    server.server().set_wakeup(now + 1h);
    server.server().set_wakeup(now + 20ms);
    server.server().set_wakeup(now + 40ms);
  });
  for (int i = 0; i < 1000 && woken == 0; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(woken, 1);
  server.server().post([&] {
    server.server().set_wakeup(std::chrono::steady_clock::now() + 10ms);
    server.server().set_wakeup(std::nullopt);
  });
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(woken, 1);
}

TEST(HttpServerTest, SaysWhyItCannotListen) {
  ServerInThread server({}, echo);
  HttpServer second({}, echo);
  const auto taken = second.listen("127.0.0.1", server.port());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(), "cannot listen at 127.0.0.1:" + std::to_string(server.port()) +
                               ": Address already in use");
  EXPECT_FALSE(second.listen("no.such.host.invalid", 0));
}

}  // namespace
}  // namespace faultline::tools
