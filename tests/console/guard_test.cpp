// Which requests to the console are answered at all.
#include "tools/console/guard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace faultline::tools {
namespace {

using Fields = std::vector<HttpField>;

class GuardTest : public testing::Test {
 protected:
  unsigned origin(const Fields& fields) const {
    return guard_.origin({.method = "POST", .target = "/", .fields = fields, .body = {}}).status;
  }
  unsigned token(const Fields& fields) const {
    return guard_.token({.method = "POST", .target = "/", .fields = fields, .body = {}}).status;
  }

  const Guard guard_{"0123abcd", hosts_of("127.0.0.1", 4566)};
};

TEST_F(GuardTest, AnswersUnderItsOwnNamesOnly) {
  for (const char* host : {"127.0.0.1:4566", "localhost:4566", "LocalHost:4566", "[::1]:4566"}) {
    EXPECT_EQ(origin({
                  {"Host", host}
    }),
              0U)
        << host;
  }
  // A name that was made to lead here, another port, none, and what looks alike.
  for (const char* host :
       {"evil.example:4566", "evil.example", "127.0.0.1:4567", "127.0.0.1", "localhost", "",
        "127.0.0.1:4566.evil.example", "127.0.0.1:4566 ", "127.0.0.1.:4566", "[::1]",
        "0.0.0.0:4566", "127.0.0.2:4566", "user@127.0.0.1:4566", "2130706433:4566"}) {
    EXPECT_EQ(origin({
                  {"Host", host}
    }),
              403U)
        << host;
  }
  EXPECT_EQ(origin({}), 403U) << "HTTP/1.0 without a Host";
  EXPECT_EQ(origin({
                {"Host", "127.0.0.1:4566"},
                {"Host", "evil.example"  }
  }),
            403U);
  EXPECT_EQ(origin({
                {"Host", "127.0.0.1:4566"},
                {"host", "127.0.0.1:4566"}
  }),
            403U);
}

TEST_F(GuardTest, AnswersNoPageFromElsewhere) {
  const auto from = [&](const char* text) {
    return origin({
        {"Host",   "127.0.0.1:4566"},
        {"Origin", text            }
    });
  };
  EXPECT_EQ(from("http://127.0.0.1:4566"), 0U);
  for (const char* text :
       {"null", "", "http://evil.example", "http://localhost:4566", "https://127.0.0.1:4566",
        "http://127.0.0.1:4566.evil.example", "http://127.0.0.1", "http://127.0.0.1:8080",
        "file://", "http://127.0.0.1:4566/", "127.0.0.1:4566"}) {
    EXPECT_EQ(from(text), 403U) << text;
  }
  EXPECT_EQ(origin({
                {"Host",   "127.0.0.1:4566"       },
                {"Origin", "http://127.0.0.1:4566"},
                {"Origin", "http://evil.example"  }
  }),
            403U);
}

TEST_F(GuardTest, BelievesWhatTheBrowserSaysOfWhoAsks) {
  const auto site = [&](const char* text) {
    return origin({
        {"Host",           "localhost:4566"},
        {"Sec-Fetch-Site", text            }
    });
  };
  EXPECT_EQ(site("same-origin"), 0U);
  EXPECT_EQ(site("none"), 0U) << "the address was typed";
  for (const char* text : {"cross-site", "same-site", "", "Same-Origin, none", "elsewhere"}) {
    EXPECT_EQ(site(text), 403U) << text;
  }
  EXPECT_EQ(origin({
                {"Host",           "localhost:4566"},
                {"Sec-Fetch-Site", "same-origin"   },
                {"Sec-Fetch-Site", "cross-site"    }
  }),
            403U);
}

TEST_F(GuardTest, WantsTheWholeTokenAndNothingElse) {
  EXPECT_EQ(token({
                {"Authorization", "Bearer 0123abcd"}
  }),
            0U);
  EXPECT_EQ(token({
                {"authorization", "Bearer 0123abcd"}
  }),
            0U);
  EXPECT_EQ(token({}), 401U);
  for (const char* text :
       {"", "Bearer", "Bearer ", "Bearer 0123abc", "Bearer 0123abcde", "Bearer 0123abcD",
        "0123abcd", "Basic 0123abcd", "bearer 0123abcd", "Bearer 0123abcd ", "Bearer  0123abcd"}) {
    EXPECT_EQ(token({
                  {"Authorization", text}
    }),
              401U)
        << text;
  }
  EXPECT_EQ(token({
                {"Cookie", "token=0123abcd"}
  }),
            401U);
  EXPECT_EQ(token({
                {"Authorization", "Bearer 0123abcd"},
                {"Authorization", "Bearer x"       }
  }),
            401U);
}

TEST(GuardHostsTest, AreTheLoopbackAndWhereItListens) {
  EXPECT_EQ(hosts_of("127.0.0.1", 4566),
            (std::vector<std::string>{"127.0.0.1:4566", "localhost:4566", "[::1]:4566"}));
  EXPECT_EQ(hosts_of("::1", 1),
            (std::vector<std::string>{"127.0.0.1:1", "localhost:1", "[::1]:1"}));
  EXPECT_EQ(hosts_of("10.0.0.7", 1).back(), "10.0.0.7:1");
  EXPECT_EQ(hosts_of("fe80::7", 1).back(), "[fe80::7]:1");
  EXPECT_EQ(hosts_of("127.0.0.1", 80),
            (std::vector<std::string>{"127.0.0.1:80", "127.0.0.1", "localhost:80", "localhost",
                                      "[::1]:80", "[::1]"}));
}

}  // namespace
}  // namespace faultline::tools
