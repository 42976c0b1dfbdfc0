#include "tools/serve/http_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace faultline::tools {
namespace {

using State = HttpParser::State;

constexpr std::string_view kRequest =
    "POST /a?b=c HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: kms.T\r\nContent-Length: "
    "4\r\n\r\nbody";

// All of the text in pieces of `step` bytes, what was not taken put again; how much was taken.
std::size_t feed(HttpParser& parser, std::string_view text, std::size_t step) {
  std::size_t begin = 0;
  for (std::size_t end = 0; end < text.size();) {
    end = std::min(end + step, text.size());
    begin += parser.put(text.substr(begin, end - begin));
    if (parser.state() == State::Done || parser.state() == State::Failed) break;
  }
  return begin;
}

TEST(HttpParserTest, ReadsARequestInPiecesOfAnySize) {
  for (std::size_t step = 1; step <= kRequest.size(); ++step) {
    HttpParser parser({});
    ASSERT_EQ(feed(parser, kRequest, step), kRequest.size()) << step;
    ASSERT_EQ(parser.state(), State::Done) << step;
    const HttpRequest request = parser.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path(), "/a");
    EXPECT_EQ(request.query(), "b=c");
    EXPECT_EQ(request.field("x-amz-TARGET"), "kms.T");
    EXPECT_FALSE(request.has_field("Expect"));
    EXPECT_EQ(request.body, "body");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(HttpParserTest, TakesNothingOfTheNextRequest) {
  const std::string two = std::string(kRequest) + std::string(kRequest);
  HttpParser parser({});
  EXPECT_EQ(parser.put(two), kRequest.size());
  EXPECT_EQ(parser.put(two), 0U);
  parser.reset();
  EXPECT_EQ(parser.put(kRequest), kRequest.size());
  EXPECT_EQ(parser.request().fields.size(), 3U);
}

TEST(HttpParserTest, JoinsChunksAndBelievesNoTrailer) {
  HttpParser parser({});
  const std::string_view text =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Amz-Target: forged\r\n\r\n";
  EXPECT_EQ(feed(parser, text, 1), text.size());
  ASSERT_EQ(parser.state(), State::Done);
  EXPECT_EQ(parser.request().body, "abcde");
  EXPECT_FALSE(parser.request().has_field("X-Amz-Target"));
}

TEST(HttpParserTest, ReadsAnEmptyChunkedBodyInPiecesOfAnySize) {
  const std::string_view text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    HttpParser parser({});
    EXPECT_EQ(feed(parser, text, step), text.size()) << step;
    EXPECT_EQ(parser.state(), State::Done) << step;
    EXPECT_EQ(parser.request().body, "");
  }
}

unsigned refused(std::string_view text, HttpLimits limits = {}) {
  HttpParser parser(limits);
  feed(parser, text, 1000);
  EXPECT_EQ(parser.state(), State::Failed) << text.substr(0, 200);
  return parser.error_status();
}

TEST(HttpParserTest, RefusesWhatIsTooLarge) {
  const HttpLimits limits{.max_header_bytes = 200, .max_body_bytes = 10};
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", limits), 413U);
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "6\r\nabcdef\r\n6\r\nabcdef\r\n",
                    limits),
            413U);
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nA: " + std::string(300, 'a') + "\r\n\r\n", limits), 431U);
  EXPECT_EQ(refused("POST /" + std::string(300, 'a'), limits), 431U);
}

TEST(HttpParserTest, RefusesWhatTwoReadersCouldTakeForTwoThings) {
  for (const std::string_view text :
       {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\nHost: a\n\n", "POST / HTTP/1.1\r\nHost : a\r\n\r\n",
        "POST / HTTP/1.1\r\n: a\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "\x16\x03\x01\x02\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n"}) {
    EXPECT_EQ(refused(text), 400U) << text;
  }
}

TEST(HttpParserTest, TellsWhoWantsToBeAskedFirstAndWhoStays) {
  HttpParser parser({});
  parser.put("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(parser.state(), State::Body);
  EXPECT_TRUE(parser.expects_continue());
  parser.put("x");
  EXPECT_EQ(parser.state(), State::Done);
  parser.reset();
  EXPECT_FALSE(parser.expects_continue());
  parser.put("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_TRUE(parser.is_http_1_0());
  parser.reset();
  parser.put("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(parser.keep_alive());
}

}  // namespace
}  // namespace faultline::tools
