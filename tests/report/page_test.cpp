#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/report/library.h"
#include "tools/report/html.h"
#include "tools/serve/base64.h"

namespace faultline {
namespace {

// By another way than the writer's.
std::string gunzipped(const std::string& bytes) {
  constexpr int kGzip = 15 + 16;
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, kGzip), Z_OK);
  std::string copy = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  std::string out;
  std::string piece(65'536, '\0');
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
  }
  EXPECT_EQ(status, Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

std::string payload_in(const std::string& page) {
  const std::string mark = "id=\"run\">";
  const std::size_t begin = page.find(mark);
  EXPECT_NE(begin, std::string::npos);
  const std::size_t end = page.find("</script>", begin);
  std::string text = page.substr(begin + mark.size(), end - begin - mark.size());
  std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
  const auto bytes = tools::from_base64(text);
  EXPECT_TRUE(bytes);
  return gunzipped(bytes.value_or(""));
}

// A build without Node.js says so; everything else is tested without pages.
class PageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (tools::has_report_page()) return;
    const auto page = tools::report_page(library_run("01_hello_replica"), {});
    ASSERT_FALSE(page);
    EXPECT_NE(page.error().find("without Node.js"), std::string::npos);
    GTEST_SKIP() << "this build has no pages";
  }
};

TEST_F(PageTest, HoldsThePayloadAndNothingOfTheNetwork) {
  const auto& run = library_run("08_promote_while_cut_off");
  const auto page = tools::report_page(run, {.command = "faultline run x"});
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(payload_in(*page), tools::report_payload(run, {.command = "faultline run x"}));
  EXPECT_NE(page->find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page->find(run.report.hash()), std::string::npos);
  for (const char* name : {"title", "hash", "style", "script", "payload"}) {
    EXPECT_EQ(page->find(std::string("{{") + name + "}}"), std::string::npos) << name;
  }
  // Nothing is fetched: what is linked is in the page.
  for (const std::string from : {"href=\"", "src=\""}) {
    for (std::size_t at = page->find(from); at != std::string::npos;
         at = page->find(from, at + 1)) {
      const std::string target = page->substr(at + from.size(), 5);
      EXPECT_TRUE(target == "data:" || target.starts_with('#')) << page->substr(at, 60);
    }
  }
}

TEST_F(PageTest, IsTheSameTwice) {
  const auto once = tools::report_page(run_of(R"(region { name: "us-west-2" }
    step { at: "1s" region: "us-west-2" create_secret { name: "s" secret_string: "first-one" } })"),
                                       {});
  const auto twice = tools::report_page(run_of(R"(region { name: "us-west-2" }
    step { at: "1s" region: "us-west-2" create_secret { name: "s" secret_string: "first-one" } })"),
                                        {});
  ASSERT_TRUE(once && twice);
  EXPECT_EQ(*once, *twice);
}

TEST_F(PageTest, MarkupInATitleIsText) {
  const auto run = run_of(R"(title: "</title><script>alert(1)</script>{{payload}}"
    description: "<img src=x onerror=alert(2)>"
    region { name: "us-west-2" }
    step { at: "1s" region: "us-west-2" create_secret { name: "s" secret_string: "first-one" } })",
                          "<b>.textproto");
  const auto page = tools::report_page(run, {});
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(page->find("<script>alert"), std::string::npos);
  EXPECT_EQ(page->find("<img"), std::string::npos);
  EXPECT_NE(page->find("&lt;/title&gt;&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_EQ(std::string(parsed(payload_in(*page)).at("title").as_string()), run.scenario.title());
}

TEST_F(PageTest, OfTenThousandEventsIsSmall) {
  const auto run = run_of(R"(
    region { name: "us-west-2" } region { name: "us-east-1" } region { name: "eu-west-1" }
    workload { secrets: 5 calls: 1000 duration: "5m" } chaos { faults: 20 } )");
  ASSERT_GE(run.events.size(), 10'000U);
  const auto page = tools::report_page(run, {.command = "faultline run x"});
  ASSERT_TRUE(page) << page.error();
  const std::size_t bytes = page->size() * 10'000 / run.events.size();
  RecordProperty("bytes_of_10_000_events", static_cast<int>(bytes));
  EXPECT_LE(bytes, 600'000U) << run.events.size() << " events, " << page->size() << " bytes";
}

TEST_F(PageTest, ARunWithoutEventsIsRefused) {
  tools::RunRecord nothing = library_run("01_hello_replica");
  nothing.events.clear();
  const auto page = tools::report_page(nothing, {});
  ASSERT_FALSE(page);
  EXPECT_NE(page.error().find("nothing happens"), std::string::npos);
}

TEST(GzipTest, SaysNothingOfTimeOrSystem) {
  const std::string bytes = tools::gzipped(std::string(1'000'000, 'x') + "end");
  // The 4 says that it was made in a hurry.
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x1f\x8b\x08\0\0\0\0\0\4\xff", 10));
  EXPECT_LT(bytes.size(), 10'000U);
  EXPECT_EQ(gunzipped(bytes), std::string(1'000'000, 'x') + "end");
}

TEST(EscapeTest, WhatMeansSomethingToHtmlIsText) {
  EXPECT_EQ(tools::html_escaped("<a b='c'>\"&"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;");
}

}  // namespace
}  // namespace faultline
