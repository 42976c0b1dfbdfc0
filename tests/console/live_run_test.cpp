// The recent run as the console draws it.
#include "tools/console/live_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <set>

#include "engine/simulation.h"
#include "regions/property_noter.h"
#include "tests/console/console_session.h"

namespace faultline::tools {
namespace {

using engine::Duration;
namespace json = boost::json;

class LiveRunTest : public ConsoleSession {
 protected:
  static std::unique_ptr<LiveRun> listen(Session& session, std::size_t most_events = 1'000) {
    auto run = std::make_unique<LiveRun>(LiveRunOptions{
        .scenario = session.scenario(), .seed = session.seed(), .most_events = most_events});
    session.on_new_world([live = run.get()](regions::World& world) {
      live->clear();
      world.simulation().trace().add_sink(live);
    });
    return run;
  }
  // Texts of a list of objects' member that is an index into the strings.
  static std::string of(const json::value& run, const json::value& index) {
    return text(run.at("strings").at(static_cast<std::size_t>(index.as_int64())));
  }
  static std::vector<std::string> lanes(const json::value& run) {
    std::vector<std::string> lanes;
    for (const auto& lane : run.at("regions").as_array()) lanes.push_back(text(lane));
    return lanes;
  }
  static std::vector<std::string> story(const json::value& run) {
    std::vector<std::string> story;
    for (const auto& sentence : run.at("story").as_array())
      story.push_back(text(sentence.at("text")));
    return story;
  }
  static std::vector<std::int64_t> ids(const json::value& run) {
    std::vector<std::int64_t> ids;
    std::int64_t id = 0;
    for (const auto& step : run.at("events").at("id").as_array())
      ids.push_back(id += step.as_int64());
    return ids;
  }
  // "lane what of" → value, when everything has happened.
  static std::map<std::string, std::string> states(const json::value& run) {
    std::map<std::string, std::string> states;
    for (const auto& change : run.at("state").as_array()) {
      const auto lane = static_cast<std::size_t>(change.at("lane").as_int64());
      const std::string key =
          lanes(run)[lane] + ' ' + of(run, change.at("what")) + ' ' + of(run, change.at("of"));
      states[key] = of(run, change.at("value"));
      if (states[key].empty()) states.erase(key);
    }
    return states;
  }
};

TEST_F(LiveRunTest, TellsWhatHappenedAndWhy) {
  const auto session = open();
  const auto run = listen(*session);
  ASSERT_EQ(fault(*session, {"key-denied", "--region", "eu-west-1", "--for", "10m"}), "");
  ASSERT_EQ(create(*session, "db", "hunter2", {"us-east-1", "eu-west-1"}), "OK");
  advance(*session, Duration::seconds(20));
  const json::value now = parsed(run->json());
  EXPECT_TRUE(now.at("live").as_bool());
  EXPECT_EQ(now.at("first_event").as_int64(), ids(now).front());
  EXPECT_EQ(text(now.at("hash")), session->world().simulation().trace().hash().to_hex());
  EXPECT_EQ(lanes(now), kThreeRegions);
  EXPECT_EQ(now.at("faults").at(0).at("end").as_int64(), 0) << "in force";
  EXPECT_EQ(of(now, now.at("faults").at(0).at("name")), "fault-1");
  EXPECT_EQ(of(now, now.at("faults").at(0).at("words")),
            "KMS in eu-west-1 denies everyone the use of every key");
  const std::vector<std::string> told = story(now);
  const auto says = [&](const std::string& words) {
    return std::ranges::any_of(
        told, [&](const std::string& text) { return text.find(words) != std::string::npos; });
  };
  EXPECT_TRUE(says("KMS in eu-west-1 denies everyone the use of every key."));
  EXPECT_TRUE(says("CreateSecret db"));
  EXPECT_TRUE(says("us-west-2 lists the replica of db in us-east-1 as InSync"));
  EXPECT_TRUE(says("us-west-2 lists the replica of db in eu-west-1 as Failed"));
  EXPECT_FALSE(says("The run ends")) << "it goes on";
  EXPECT_FALSE(says("everything that was expected held"));
  // The failed replica comes of the fault.
  for (const auto& sentence : now.at("story").as_array()) {
    if (text(sentence.at("text")).find("as Failed") == std::string::npos) continue;
    EXPECT_FALSE(sentence.at("because").as_array().empty());
  }
}

TEST_F(LiveRunTest, WhatBreaksAPropertyIsToldAndSoIsWhatFollows) {
  const auto session = open();
  const auto run = listen(*session);
  ASSERT_EQ(create(*session, "db", "hunter2", {"us-east-1"}), "OK");
  regions::note_violation(session->world(), "S22 Replicas are read-only", "db was written to");
  advance(*session, Duration::seconds(20));
  const json::value now = parsed(run->json());
  ASSERT_EQ(now.at("violations").as_array().size(), 1U);
  const auto& violation = now.at("violations").at(0);
  EXPECT_EQ(text(violation.at("property")), "S22");
  EXPECT_NE(text(violation.at("sentence")), "");
  const auto& told = now.at("story").as_array();
  const auto seen = std::ranges::find_if(told, [&](const json::value& sentence) {
    return sentence.at("event") == violation.at("event");
  });
  ASSERT_NE(seen, told.end());
  EXPECT_NE(text(seen->at("text")).find("db was written to"), std::string::npos);
  EXPECT_NE(seen, told.begin()) << "what came before it";
  EXPECT_NE(seen + 1, told.end()) << "life goes on";
}

TEST_F(LiveRunTest, ACallThatHangsIsNotAnsweredYet) {
  const auto session = open();
  const auto run = listen(*session);
  ASSERT_EQ(create(*session, "db", "hunter2"), "OK");
  ASSERT_EQ(fault(*session, {"pause", "--region", "us-west-2", "--for", "2h"}), "");
  EXPECT_EQ(put(*session, "db", "hunter3", 'u'), "no answer");
  EXPECT_EQ(session->calls_in_flight(), 1U);
  bool is_told = false;
  for (const std::string& text : story(parsed(run->json()))) {
    is_told = is_told || text.find("is not answered yet.") != std::string::npos;
  }
  EXPECT_TRUE(is_told);
  EXPECT_EQ(states(parsed(run->json())).at("us-west-2 up "), "paused");
}

// A window of few events must say of the present what a window of all of them says.
TEST_F(LiveRunTest, WhatCameBeforeTheWindowIsInItsFirstEvent) {
  const auto session = open();
  LiveRun whole({.scenario = session->scenario(), .seed = 7, .most_events = 100'000});
  LiveRun window({.scenario = session->scenario(), .seed = 7, .most_events = 12});
  session->on_new_world([&](regions::World& world) {
    world.simulation().trace().add_sink(&whole);
    world.simulation().trace().add_sink(&window);
  });
  const auto compare = [&](const char* when) {
    const json::value all = parsed(whole.json());
    const json::value some = parsed(window.json());
    EXPECT_LE(ids(some).size(), 12U) << when;
    if (ids(all).size() < 12) return;
    EXPECT_EQ(ids(some).front(), some.at("first_event").as_int64()) << when;
    EXPECT_EQ(ids(some).back(), ids(all).back()) << when;
    EXPECT_EQ(states(some), states(all)) << when;
    const auto in_force = [](const json::value& run) {
      std::set<std::string> words;
      for (const auto& band : run.at("faults").as_array()) {
        if (band.at("end").as_int64() == 0) words.insert(of(run, band.at("words")));
      }
      return words;
    };
    EXPECT_EQ(in_force(some), in_force(all)) << when;
    // Every event that is named is there, but for a message's sending.
    const std::vector<std::int64_t> shown = ids(some);
    const auto is_there = [&](const json::value& id) {
      return id.as_int64() == 0 || std::ranges::binary_search(shown, id.as_int64());
    };
    for (const auto& change : some.at("state").as_array())
      EXPECT_TRUE(is_there(change.at("event")));
    for (const auto& band : some.at("faults").as_array()) {
      EXPECT_TRUE(is_there(band.at("begin")) && is_there(band.at("end")));
    }
    for (const auto& sentence : some.at("story").as_array()) {
      EXPECT_TRUE(is_there(sentence.at("event")));
      for (const auto& id : sentence.at("because").as_array()) EXPECT_TRUE(is_there(id));
    }
  };
  ASSERT_EQ(create(*session, "db", "hunter2", {"us-east-1", "eu-west-1"}), "OK");
  compare("created");
  advance(*session, Duration::seconds(5));
  compare("replicated");
  ASSERT_EQ(fault(*session, {"cut", "--from", "us-west-2", "--to", "us-east-1"}), "");
  ASSERT_EQ(fault(*session, {"disk", "--region", "eu-west-1", "--lying-sync", "--for", "1m"}), "");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(put(*session, "db", "hunter2", static_cast<char>('a' + i)), "OK");
    advance(*session, Duration::seconds(3));
    compare("put");
  }
  v1::ApiRequest promote;
  promote.mutable_stop_replication_to_replica()->set_secret_id("db");
  ASSERT_EQ(call(*session, "us-east-1", promote), "OK");
  v1::ControlRequest crash;
  crash.mutable_crash_region()->set_region("eu-west-1");
  ASSERT_EQ(session->control(crash).error(), "");
  compare("promoted, crashed");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(put(*session, "db", "hunter2", static_cast<char>('k' + i)), "OK");
    advance(*session, Duration::seconds(9));
    compare("going on");
  }
  v1::ControlRequest clear;
  clear.mutable_clear_faults();
  ASSERT_EQ(session->control(clear).error(), "");
  advance(*session, Duration::minutes(2));
  compare("healed");
}

TEST_F(LiveRunTest, OnlyRegionsThatTakePartHaveALane) {
  const auto session = open({});
  const auto run = listen(*session);
  advance(*session, Duration::seconds(1));
  EXPECT_TRUE(lanes(parsed(run->json())).empty());
  EXPECT_TRUE(ids(parsed(run->json())).empty()) << "regions that start are nothing to see";
  ASSERT_EQ(create(*session, "db", "hunter2", {"eu-west-1"}), "OK");
  advance(*session, Duration::seconds(5));
  using Lanes = std::vector<std::string>;
  EXPECT_EQ(lanes(parsed(run->json())), (Lanes{"eu-west-1", "us-west-2"})) << "the world's order";
  ASSERT_EQ(fault(*session, {"cut", "--from", "us-east-1", "--to", "eu-west-1"}), "");
  EXPECT_EQ(lanes(parsed(run->json())), (Lanes{"eu-west-1", "us-east-1", "us-west-2"}));
}

TEST_F(LiveRunTest, ARewindBeginsAnew) {
  const auto session = open();
  const auto run = listen(*session);
  ASSERT_EQ(create(*session, "db", "hunter2", {"us-east-1"}), "OK");
  const auto then = session->world().simulation().trace().count();
  const std::string as_it_was = run->json();
  const std::uint64_t revision = run->revision();
  ASSERT_EQ(put(*session, "db", "hunter3", 'u'), "OK");
  EXPECT_GT(run->revision(), revision);
  const std::uint64_t later = run->revision();
  v1::ControlRequest rewind;
  rewind.mutable_rewind()->set_event(then);
  ASSERT_EQ(session->control(rewind).error(), "");
  EXPECT_GT(run->revision(), later);
  EXPECT_EQ(run->json(), as_it_was);
}

TEST_F(LiveRunTest, ALongSessionTakesNoMoreThanAShortOne) {
  const auto session = open();
  const auto run = listen(*session);
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(create(*session, "secret-" + std::to_string(i), "value", {"us-east-1", "eu-west-1"}),
              "OK");
    advance(*session, Duration::seconds(2));
    ASSERT_EQ(put(*session, "secret-" + std::to_string(i), "value2", 'u'), "OK");
    advance(*session, Duration::seconds(2));
  }
  const std::string some = run->json();
  EXPECT_EQ(ids(parsed(some)).size(), 1'000U);
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kTimes = 10;
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(run->json().size(), some.size());
  const auto took = std::chrono::steady_clock::now() - begin;
  std::cout << "1000 events of " << session->world().simulation().trace().count() << ": "
            << std::chrono::duration_cast<std::chrono::microseconds>(took).count() / kTimes
            << " us, " << some.size() << " bytes\n";
}

}  // namespace
}  // namespace faultline::tools
