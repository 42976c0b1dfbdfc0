// Each export is read back by a reader that knows nothing of its writer.
#include "tools/report/exports.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/report/library.h"

namespace faultline {
namespace {

using boost::json::object;
using boost::json::value;

TEST(PerfettoTest, FlowsAndCallsAreInPairs) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    const object trace = parsed(tools::perfetto_json(run));
    std::set<std::int64_t> begun;
    std::map<std::string, int> open;
    std::set<std::int64_t> processes;
    std::size_t flows = 0;
    for (const value& entry : trace.at("traceEvents").as_array()) {
      const std::string phase(entry.at("ph").as_string());
      if (phase == "M") {
        processes.insert(entry.at("pid").as_int64());
        continue;
      }
      EXPECT_TRUE(processes.contains(entry.at("pid").as_int64())) << "every process has a name";
      if (phase == "s") begun.insert(entry.at("id").as_int64());
      if (phase == "f") {
        ++flows;
        EXPECT_TRUE(begun.contains(entry.at("id").as_int64())) << entry;
      }
      if (phase == "b") ++open[std::string(entry.at("id").as_string())];
      if (phase == "e") --open[std::string(entry.at("id").as_string())];
      if (phase == "C") {
        EXPECT_GE(entry.at("args").at("changes").as_int64(), 0);
      }
    }
    for (const auto& [id, count] : open) EXPECT_EQ(count, 0) << id;
    EXPECT_EQ(processes.size(), static_cast<std::size_t>(run.scenario.region_size()) + 1);
    if (run.report.messages_sent() > 0) {
      EXPECT_GT(flows, 0U);
    }
  }
}

TEST(ShiVizTest, ItsParserReadsEveryEventAndClocksGoOn) {
  // ShiViz's default expression.
  const std::regex expression(R"((\S*) (\{.*\}))");
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    std::istringstream log(tools::shiviz_log(run));
    std::string head;
    std::string event;
    std::size_t events = 0;
    std::map<std::string, std::map<std::string, std::int64_t>> clocks;
    while (std::getline(log, head)) {
      ASSERT_TRUE(std::getline(log, event));
      std::smatch match;
      ASSERT_TRUE(std::regex_match(head, match, expression)) << head;
      const std::string host = match[1];
      EXPECT_FALSE(event.empty());
      auto& clock = clocks[host];
      const std::int64_t own = clock[host];
      const object now = parsed(match[2]);
      EXPECT_EQ(now.at(host).as_int64(), own + 1) << "a host counts its own events, one by one";
      for (const auto& [other, count] : now) {
        EXPECT_GE(count.as_int64(), clock[other]);
        EXPECT_LE(count.as_int64(), std::string(other) == host ? own + 1 : clocks[other][other])
            << "nobody knows more of a host than it has done";
        clock[other] = count.as_int64();
      }
      ++events;
    }
    EXPECT_EQ(events, run.events.size());
  }
}

TEST(JsonLinesTest, EachIsTheEventAgain) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    std::istringstream lines(tools::json_lines(run));
    std::string line;
    std::size_t count = 0;
    while (std::getline(lines, line)) {
      v1::TraceEvent event;
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(line, &event).ok()) << line;
      ASSERT_LT(count, run.events.size());
      EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(event, run.events[count]));
      ++count;
    }
    EXPECT_EQ(count, run.events.size());
  }
}

TEST(MermaidTest, AShortRunIsADiagramWhoseEndsAreParticipants) {
  const auto& run = library_run("D05_promoted_still_follows");
  const auto text = tools::mermaid_text(run);
  ASSERT_TRUE(text) << text.error();
  std::istringstream lines(*text);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, "sequenceDiagram");
  std::set<std::string> ends;
  const std::regex participant(R"(  (participant|actor) (client|R[0-9]+)( as [a-z0-9-]+)?)");
  const std::regex arrow(R"(  (client|R[0-9]+)(-->>|--x|->>)(client|R[0-9]+): ([^:;#]+))");
  const std::regex note(R"(  Note over (R[0-9]+): ([^:;#]+))");
  std::size_t drawn = 0;
  while (std::getline(lines, line)) {
    std::smatch match;
    if (std::regex_match(line, match, participant)) {
      ends.insert(match[2]);
    } else if (std::regex_match(line, match, arrow)) {
      EXPECT_TRUE(ends.contains(match[1]) && ends.contains(match[3])) << line;
      ++drawn;
    } else {
      ASSERT_TRUE(std::regex_match(line, match, note)) << line;
      EXPECT_TRUE(ends.contains(match[1])) << line;
      ++drawn;
    }
  }
  EXPECT_GT(drawn, 10U);
  EXPECT_LE(drawn, tools::kMermaidMost);
}

TEST(MermaidTest, ALongRunIsRefused) {
  const auto text = tools::mermaid_text(library_run("three_regions"));
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().find("shrink it first"), std::string::npos);
}

TEST(JsonTest, TextsAreQuoted) {
  EXPECT_EQ(tools::json_quoted("a\"b\\c\n\x01é"), "\"a\\\"b\\\\c\\u000a\\u0001é\"");
}

}  // namespace
}  // namespace faultline
