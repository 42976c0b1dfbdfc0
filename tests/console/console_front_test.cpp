// The console's addresses: who gets what, and that who may not ask changes nothing.
#include "tools/console/console_front.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/simulation.h"
#include "tests/console/console_session.h"
#include "tests/serve/captured_reply.h"
#include "tests/serve/raw_client.h"
#include "tools/console/guard.h"

namespace faultline::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHost = "127.0.0.1:4566";
constexpr const char* kCreateDb = R"({"Name":"db","SecretString":"hunter2",)"
                                  R"("ClientRequestToken":"11111111-2222-3333-4444-555555555555"})";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class ConsoleFrontTest : public ConsoleSession {
 protected:
  ConsoleOptions options(unsigned port = 4566) {
    return {.token = "secret",
            .hosts = hosts_of("127.0.0.1", port),
            .port = static_cast<std::uint16_t>(port),
            .shared = {},
            .check = {},
            .make_key = [this] { return "key" + std::to_string(++keys_); }};
  }

  // Every answer is checked for the headers that every answer has.
  HttpResponse send(std::string_view method, const std::string& path, std::string_view body,
                    const std::vector<HttpField>& fields) {
    const auto reply = std::make_shared<CapturedReply>();
    const std::string target = std::string(ConsoleFront::kPrefix) + path;
    const HttpRequest request{.method = method, .target = target, .fields = fields, .body = body};
    EXPECT_TRUE(ConsoleFront::is_for_it(request));
    console_.handle(request, HttpReply(reply));
    streamed_ = reply->streamed;
    if (!reply->response) {
      ADD_FAILURE() << "no answer at " << path;
      return {};
    }
    for (const char* header :
         {"Content-Security-Policy: default-src 'none'; ", "frame-ancestors 'none'",
          "X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n",
          "Cross-Origin-Opener-Policy: same-origin\r\n",
          "Cross-Origin-Resource-Policy: same-origin\r\n", "Cache-Control: no-store\r\n"}) {
      EXPECT_TRUE(contains(reply->response->header_lines, header)) << path << " " << header;
    }
    EXPECT_FALSE(contains(reply->response->header_lines, "Access-Control")) << path;
    return *reply->response;
  }
  HttpResponse get(const std::string& path) {
    return send("GET", path,
                {
    },
                {{"Host", kHost}, {"Authorization", "Bearer secret"}});
  }
  HttpResponse post(const std::string& path, std::string_view body) {
    return send("POST", path, body,
                {
                    {"Host",          kHost                  },
                    {"Origin",        "http://127.0.0.1:4566"},
                    {"Authorization", "Bearer secret"        }
    });
  }
  HttpResponse aws(std::string_view region, std::string_view target, std::string_view body) {
    return send("POST", "aws", body,
                {
                    {"Host",               kHost                       },
                    {"Authorization",      "Bearer secret"             },
                    {"Content-Type",       "application/x-amz-json-1.1"},
                    {"X-Amz-Target",       target                      },
                    {"X-Faultline-Region", region                      }
    });
  }
  static boost::json::object object(const HttpResponse& response) {
    return boost::json::parse(response.body).as_object();
  }
  std::uint64_t events() { return session_->world().simulation().trace().count(); }

  int keys_ = 0;
  std::unique_ptr<Session> session_ = open();
  AwsFront aws_{*session_, {}};
  ConsoleFront console_{*session_, aws_, options()};
  std::shared_ptr<CapturedStream> streamed_;
};

TEST_F(ConsoleFrontTest, GivesThePageToWhoHasNoKey) {
  if (!ConsoleFront::has_page()) GTEST_SKIP() << "built without pages";
  const std::vector<HttpField> fields = {
      {"Host", kHost}
  };
  const HttpResponse page = send("GET", "", {}, fields);
  EXPECT_EQ(page.status, 200U);
  EXPECT_TRUE(page.content_type.starts_with("text/html"));
  EXPECT_TRUE(
      contains(page.header_lines, "script-src 'self'; style-src 'self'; connect-src 'self'"));
  EXPECT_FALSE(contains(page.body, "secret\""));
  EXPECT_TRUE(send("GET", "main.js", {}, fields).content_type.starts_with("text/javascript"));
  EXPECT_TRUE(send("GET", "style.css", {}, fields).content_type.starts_with("text/css"));
}

TEST_F(ConsoleFrontTest, ExecutesNothingForWhoMayNotAsk) {
  struct Asker {
    unsigned status;
    std::vector<HttpField> fields;
  };
  const HttpField host{"Host", kHost};
  const HttpField key{"Authorization", "Bearer secret"};
  const HttpField type{"Content-Type", "application/x-amz-json-1.1"};
  const HttpField target{"X-Amz-Target", "secretsmanager.CreateSecret"};
  const HttpField region{"X-Faultline-Region", "us-west-2"};
  const std::vector<Asker> askers = {
      {401, {host, type, target, region}                                        },
      {401, {host, {"Authorization", "Bearer wrong"}, type, target, region}     },
      {403, {{"Host", "evil.example:4566"}, key, type, target, region}          },
      {403, {host, key, {"Origin", "http://evil.example"}, type, target, region}},
      {403, {host, key, {"Origin", "null"}, type, target, region}               },
      {403, {host, key, {"Sec-Fetch-Site", "cross-site"}, type, target, region} },
      {403, {key, type, target, region}                                         }
  };
  const std::vector<std::pair<std::string, std::string>> deeds = {
      {"aws",     kCreateDb                                              },
      {"control", R"({"crash_region":{"region":"us-west-2"}})"           },
      {"fault",   R"({"words":["key-denied","--region","us-east-1"]})"   },
      {"account", R"({"operation":"DisableRegion","region":"us-east-1"})"},
      {"report",  "{}"                                                   }
  };
  const std::uint64_t before = events();
  const std::string hash = session_->world().state_hash();
  for (const Asker& asker : askers) {
    for (const auto& [path, body] : deeds) {
      const HttpResponse answer = send("POST", path, body, asker.fields);
      EXPECT_EQ(answer.status, asker.status) << path;
      EXPECT_TRUE(answer.content_type.starts_with("text/plain"));
      EXPECT_TRUE(answer.body.ends_with(".\n")) << answer.body;
    }
    for (const char* path : {"events", "palette"}) {
      EXPECT_EQ(send("GET", path, {}, asker.fields).status, asker.status) << path;
      EXPECT_EQ(streamed_, nullptr);
    }
  }
  EXPECT_EQ(events(), before);
  EXPECT_EQ(session_->world().state_hash(), hash);
}

TEST_F(ConsoleFrontTest, RefusesWhatItDoesNotKnow) {
  const std::uint64_t before = events();
  EXPECT_EQ(get("nothing").status, 404U);
  EXPECT_EQ(get("main.js/").status, 404U);
  EXPECT_EQ(get("../v1").status, 404U);
  const HttpResponse wrong = get("control");
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_TRUE(contains(wrong.header_lines, "Allow: POST\r\n"));
  EXPECT_EQ(post("", "").status, 405U);
  EXPECT_EQ(post("events", "").status, 405U);
  for (const char* path : {"fault", "control", "account"}) {
    for (const char* body : {"", "{", "[]", "null", R"({"what": 7})", R"({"words":[1]})",
                             R"({"operation":"CloseAccount","region":"x"})", "\xff\xfe"}) {
      if (std::string_view(path) == "control" && std::string_view(body) == "null") continue;
      const HttpResponse answer = post(path, body);
      EXPECT_EQ(answer.status, 400U) << path << " " << body;
      EXPECT_NE(object(answer)["error"].as_string(), "");
    }
  }
  EXPECT_EQ(events(), before);
}

TEST_F(ConsoleFrontTest, AppliesAFaultByItsWords) {
  const HttpResponse good = post("fault", R"({"words":["key-denied","--region","us-east-1",)"
                                          R"("--key","alias/aws/secretsmanager","--for","30s"]})");
  EXPECT_EQ(good.status, 200U);
  EXPECT_EQ(object(good).count("error"), 0U) << good.body;
  EXPECT_EQ(object(good)["fault_id"].as_string(), "1") << good.body;
  const HttpResponse bad = post("fault", R"({"words":["key-denyed"]})");
  EXPECT_EQ(bad.status, 200U);
  EXPECT_TRUE(contains(std::string(object(bad)["error"].as_string()), "key-denied")) << bad.body;
}

TEST_F(ConsoleFrontTest, ControlsTheSessionInJson) {
  const auto status = object(post("control", R"({"get_status":{}})"))["status"].as_object();
  EXPECT_EQ(status.at("clock").as_string(), "manual");
  EXPECT_EQ(status.at("account").as_string(), "123456789012");
  EXPECT_EQ(object(post("control", R"({"advance_clock":{"by_ns":"5000"}})")).count("error"), 0U);
  EXPECT_NE(object(post("control", R"({"advance_clock":{"by_ns":"-1"}})"))["error"].as_string(),
            "");
  const auto saved = object(post("control", R"({"save_session":{}})"))["saved"].as_object();
  EXPECT_TRUE(contains(saved.at("scenario").as_string(), "us-west-2"));
  const std::string hash(saved.at("trace_hash").as_string());
  EXPECT_EQ(saved.at("file").as_string(), "session-" + hash.substr(0, 8) + ".textproto");
}

TEST_F(ConsoleFrontTest, CallsAwsAsTheAdministrator) {
  const HttpResponse made = aws("us-west-2", "secretsmanager.CreateSecret", kCreateDb);
  EXPECT_EQ(made.status, 200U) << made.body;
  EXPECT_EQ(read(*session_, "us-west-2", "db"), "OK");
  const HttpResponse unknown =
      aws("us-west-2", "secretsmanager.GetSecretValue", R"({"SecretId":"nope"})");
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_EQ(object(unknown)["__type"].as_string(), "ResourceNotFoundException");
  EXPECT_EQ(object(aws("", "secretsmanager.ListSecrets", "{}"))["__type"].as_string(),
            "ValidationException");
  EXPECT_EQ(aws("us-west-2", "TrentService.ListAliases", "{}").status, 200U);
}

TEST_F(ConsoleFrontTest, EnablesRegionsAsTheAccountsOwner) {
  const HttpResponse refused =
      post("account", R"({"operation":"DisableRegion","region":"us-east-1"})");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(object(refused)["__type"].as_string(), "ValidationException") << refused.body;
  EXPECT_NE(object(refused)["Message"].as_string(), "");

  const auto all = open({});
  AwsFront aws(*all, {});
  ConsoleFront console(*all, aws, options());
  const std::vector<HttpField> fields = {
      {"Host",          kHost          },
      {"Authorization", "Bearer secret"}
  };
  const auto reply = std::make_shared<CapturedReply>();
  console.handle({.method = "POST",
                  .target = "/_faultline/console/account",
                  .fields = fields,
                  .body = R"({"operation":"EnableRegion","region":"af-south-1"})"},
                 HttpReply(reply));
  ASSERT_TRUE(reply->response);
  EXPECT_EQ(reply->response->body, "{}");
  EXPECT_EQ(all->world().account().opt_status("af-south-1"), regions::RegionOptStatus::Enabling);
}

TEST_F(ConsoleFrontTest, TellsTheWorldAtOnceAfterWhatItWasAskedToDo) {
  EXPECT_EQ(get("events").status, 200U);
  ASSERT_NE(streamed_, nullptr);
  const auto stream = streamed_;
  EXPECT_TRUE(stream->text.starts_with("event: hello\ndata: {")) << stream->text.substr(0, 100);
  EXPECT_TRUE(contains(stream->text, R"("can_rewind":true)"));
  EXPECT_TRUE(contains(stream->text, "\n\nevent: world\ndata: {"));
  EXPECT_TRUE(contains(stream->text, "\n\nevent: run\ndata: {"));
  EXPECT_FALSE(contains(stream->text, "Bearer"));
  stream->text.clear();
  aws("us-west-2", "secretsmanager.CreateSecret", kCreateDb);
  EXPECT_TRUE(stream->text.starts_with("event: world\ndata: {"));
  EXPECT_TRUE(contains(stream->text, R"("Name":"db")"));
  EXPECT_FALSE(contains(stream->text, "hunter2"));
  stream->text.clear();
  // Something that leaves no event.
  post("control", R"({"set_clock":{"text":"x60"}})");
  EXPECT_TRUE(contains(stream->text, R"("clock":"x60")"));
  post("control", R"({"set_clock":{"text":"manual"}})");
  stream->text.clear();
  // The world of a rewound session is another one.
  EXPECT_EQ(object(post("control", R"({"rewind":{"event":"0"}})")).count("error"), 0U);
  EXPECT_TRUE(contains(stream->text, "event: world\ndata: {"));
  EXPECT_TRUE(contains(stream->text, "event: run\ndata: {"));
  EXPECT_FALSE(contains(stream->text, R"("Name":"db")"));
}

TEST_F(ConsoleFrontTest, NoticesWhatOthersDoToTheSession) {
  get("events");
  const auto stream = streamed_;
  stream->text.clear();
  EXPECT_EQ(create(*session_, "db", "hunter2"), "OK");
  ASSERT_TRUE(console_.next_due());
  EXPECT_LE(*console_.next_due() - std::chrono::steady_clock::now(), 10s);
  while (std::chrono::steady_clock::now() < *console_.next_due()) std::this_thread::sleep_for(1ms);
  console_.look();
  EXPECT_TRUE(contains(stream->text, R"("Name":"db")"));
}

TEST_F(ConsoleFrontTest, GivesAReportOnce) {
  if (!ConsoleFront::has_page()) GTEST_SKIP() << "built without pages";
  aws("us-west-2", "secretsmanager.CreateSecret", kCreateDb);
  const HttpResponse made = post("report", "{}");
  ASSERT_EQ(made.status, 200U);
  EXPECT_EQ(object(made)["url"].as_string(), "/_faultline/console/report/key1") << made.body;
  const std::vector<HttpField> no_token = {
      {"Host", kHost}
  };
  EXPECT_EQ(send("GET", "report/key2", {}, no_token).status, 404U);
  EXPECT_EQ(send("GET", "report/", {}, no_token).status, 404U);
  EXPECT_EQ(send("GET", "report/key1",
                 {
  },
                 {{"Host", "evil.example"}})
                .status,
            403U);
  EXPECT_EQ(send("HEAD", "report/key1", {}, no_token).status, 405U);
  const HttpResponse page = send("GET", "report/key1", {}, no_token);
  EXPECT_EQ(page.status, 200U);
  EXPECT_TRUE(contains(page.body, "<!doctype html>"));
  EXPECT_TRUE(contains(page.header_lines, "sandbox allow-scripts"));
  EXPECT_FALSE(contains(page.body, "hunter2"));
  EXPECT_EQ(send("GET", "report/key1", {}, no_token).status, 404U);
}

TEST(ConsoleOverASocketTest, TellsWhoListensAndStops) {
  struct Opener : ConsoleSession {
    void TestBody() override {}
    using ConsoleSession::open;
  };
  const auto session = Opener::open();
  AwsFront aws(*session, {});
  std::unique_ptr<ConsoleFront> console;
  ServerInThread server({.shutdown_grace = 1h}, [&](const HttpRequest& request, HttpReply reply) {
    console->handle(request, std::move(reply));
  });
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  console = std::make_unique<ConsoleFront>(
      *session, aws,
      ConsoleOptions{.token = "secret", .hosts = hosts_of("127.0.0.1", server.port())});
  const auto head = [&](const std::string& line, std::size_t size) {
    return line + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer secret\r\n" +
           "Content-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  RawClient listener(server.port());
  ASSERT_TRUE(listener.send(head("GET /_faultline/console/events", 0)));
  const auto hears = [&](std::string_view part) {
    for (int i = 0; i < 200 && !contains(listener.rest(), part); ++i) listener.listen(50ms);
    return contains(listener.rest(), part);
  };
  ASSERT_TRUE(hears("event: run\ndata: "));
  EXPECT_TRUE(contains(listener.rest(), "Content-Type: text/event-stream"));
  EXPECT_TRUE(contains(listener.rest(), "Transfer-Encoding: chunked"));
  RawClient other(server.port());
  const std::string body = R"({"fault_that_is_none":{}})";
  ASSERT_TRUE(other.send(head("POST /_faultline/console/control", body.size()) + body));
  EXPECT_TRUE(contains(other.response(), "HTTP/1.1 400 "));
  const std::string deed = R"({"crash_region":{"region":"eu-west-1"}})";
  ASSERT_TRUE(other.send(head("POST /_faultline/console/control", deed.size()) + deed));
  EXPECT_TRUE(contains(other.response(), "HTTP/1.1 200 "));
  EXPECT_TRUE(hears(R"("up":false)"));
  server.stop();
  EXPECT_TRUE(listener.ends());
  EXPECT_TRUE(listener.rest().ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace faultline::tools
