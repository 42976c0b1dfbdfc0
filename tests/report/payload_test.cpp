#include "tools/report/payload.h"

#include <gtest/gtest.h>

#include <set>

#include "regions/build_id.h"
#include "regions/failure_reasons.h"
#include "regions/invariants/canary.h"
#include "tests/report/library.h"
#include "tools/report/causality.h"
#include "tools/report/exports.h"
#include "tools/report/reasons_json.h"
#include "tools/report/redaction.h"
#include "tools/report/replication_lag.h"
#include "tools/report/report_file.h"

namespace faultline {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::uint64_t id_of(const value& number) { return number.to_number<std::uint64_t>(); }

object payload_of(const tools::RunRecord& run) {
  return parsed(tools::report_payload(run, {.command = "faultline run x"}));
}

class Ids {
 public:
  explicit Ids(const object& payload) {
    std::uint64_t id = 0;
    for (const value& more : payload.at("events").at("id").as_array()) {
      ids_.insert(id += id_of(more));
    }
  }
  void expect(const value& id) const { EXPECT_TRUE(ids_.contains(id_of(id))) << id; }
  void expect_or_none(const value& id) const {
    if (id_of(id) != 0) expect(id);
  }
  void expect_all(const value& ids) const {
    for (const value& id : ids.as_array()) expect(id);
  }

 private:
  std::set<std::uint64_t> ids_;
};

TEST(PayloadTest, ColumnsHaveOneValueForEachEvent) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    const object payload = payload_of(run);
    const object& events = payload.at("events").as_object();
    EXPECT_EQ(events.size(), 13U);
    for (const auto& [name, column] : events) {
      EXPECT_EQ(column.as_array().size(), run.events.size()) << name;
    }
    std::int64_t at_ns = 0;
    const auto strings = payload.at("strings").as_array();
    EXPECT_EQ(strings.at(0), "");
    for (std::size_t i = 0; i < run.events.size(); ++i) {
      at_ns += events.at("at").at(i).as_int64();
      ASSERT_EQ(at_ns, run.events[i].at_ns());
      for (const char* name : {"kind", "subject", "verb", "outcome", "text", "words"}) {
        ASSERT_LT(id_of(events.at(name).at(i)), strings.size()) << name;
      }
      ASSERT_EQ(strings.at(id_of(events.at("text").at(i))), value(run.events[i].text()));
    }
  }
}

TEST(PayloadTest, EveryEventThatIsNamedExists) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    const object payload = payload_of(run);
    const Ids ids(payload);
    for (const value& message : payload.at("messages").as_array()) {
      ids.expect(message.at("sent"));
      ids.expect_all(message.at("got"));
      ids.expect_or_none(message.at("lost"));
    }
    for (const value& fault : payload.at("faults").as_array()) {
      ids.expect(fault.at("begin"));
      ids.expect_or_none(fault.at("end"));
      EXPECT_NE(fault.at("words"), 0);
    }
    for (const char* list : {"state", "story", "violations"}) {
      for (const value& item : payload.at(list).as_array()) ids.expect(item.at("event"));
    }
    for (const value& violation : payload.at("violations").as_array()) {
      ids.expect_all(violation.at("witness"));
    }
    ids.expect_all(payload.at("cone"));
  }
}

TEST(PayloadTest, CausesAreEarlierAndLowerAndTheConeHasThemAll) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    const object payload = payload_of(run);
    const object& events = payload.at("events").as_object();
    std::set<std::uint64_t> places;
    std::set<std::uint64_t> cone;
    for (const value& id : payload.at("cone").as_array()) cone.insert(id_of(id));
    EXPECT_EQ(cone.empty(), run.report.violations().empty());
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < run.events.size(); ++i) {
      id += id_of(events.at("id").at(i));
      const std::uint64_t back = id_of(events.at("cause").at(i));
      ASSERT_EQ(id, run.events[i].id());
      places.insert(id);
      if (back == 0) continue;
      ASSERT_LT(back, id);
      const std::uint64_t cause = id - back;
      ASSERT_EQ(cause, run.events[i].cause());
      ASSERT_TRUE(places.contains(cause));
      if (cone.contains(id)) {
        EXPECT_TRUE(cone.contains(cause)) << id << " without " << cause;
      }
    }
    for (const value& message : payload.at("messages").as_array()) {
      for (const value& got : message.at("got").as_array()) {
        if (cone.contains(id_of(got))) {
          EXPECT_TRUE(cone.contains(id_of(message.at("sent"))));
        }
      }
    }
    if (run.report.violations_size() > 0) {
      EXPECT_TRUE(cone.contains(run.report.violations(0).event()));
      EXPECT_LT(cone.size(), run.events.size());
    }
  }
}

TEST(PayloadTest, NoSecretValueIsInAnyForm) {
  for (const auto& run : library()) {
    SCOPED_TRACE(run.file);
    const tools::Redaction redaction(run.scenario);
    ASSERT_FALSE(redaction.values().empty());
    regions::CanaryNet net;
    for (const std::string& secret : redaction.values()) net.add_value(secret);
    EXPECT_EQ(net.find("x" + redaction.values().front()).empty(),
              redaction.values().front().size() < tools::Redaction::kShortest);
    std::string mermaid;
    if (const auto text = tools::mermaid_text(run)) mermaid = *text;
    for (const std::string& text : {tools::report_payload(run, {}), tools::perfetto_json(run),
                                    tools::shiviz_log(run), tools::json_lines(run), mermaid}) {
      EXPECT_EQ(net.find(text), "");
      for (const std::string& secret : redaction.values()) {
        EXPECT_EQ(text.find('"' + secret + '"'), std::string::npos);
        EXPECT_EQ(text.find("\\\"" + secret + "\\\""), std::string::npos);
      }
    }
  }
}

TEST(PayloadTest, EqualRunsGiveEqualBytes) {
  for (const auto& run : library()) {
    const auto again = regions::load_scenario_file(run.file);
    ASSERT_TRUE(again);
    EXPECT_EQ(tools::report_payload(run, {}),
              tools::report_payload(tools::record_run(*again, {}), {}))
        << run.file;
  }
}

TEST(PayloadTest, WhatIsBrokenHasItsPropertyInPlainWords) {
  const object payload = payload_of(library_run("D05_promoted_still_follows"));
  const object& violation = payload.at("violations").at(0).as_object();
  EXPECT_EQ(violation.at("property"), "S12");
  EXPECT_EQ(violation.at("title"), "PromotedFenced");
  EXPECT_NE(violation.at("aws").as_string().find("Promote a replica secret"), std::string::npos);
  int broken = 0;
  for (const value& property : payload.at("properties").as_array()) {
    if (!property.at("broken").as_bool()) continue;
    ++broken;
    EXPECT_EQ(property.at("id"), "S12");
  }
  EXPECT_EQ(broken, 1);
  EXPECT_EQ(payload.at("verdict"), "BROKEN");
}

TEST(PayloadTest, ChipsTellWhatBecameOfRegionsAndReplicas) {
  const auto& run = library_run("08_promote_while_cut_off");
  const object payload = payload_of(run);
  const auto text = [&](const value& index) {
    return std::string(payload.at("strings").at(id_of(index)).as_string());
  };
  std::vector<std::string> told;
  for (const value& change : payload.at("state").as_array()) {
    if (text(change.at("what")) == "sequence") continue;
    told.push_back(std::to_string(change.at("lane").as_int64()) + " " + text(change.at("what")) +
                   " " + text(change.at("of")) + ": " + text(change.at("value")));
  }
  const std::vector<std::string> expected = {
      "0 role production/DBWest: Standalone",
      "0 status us-east-1: InProgress",
      "0 role production/DBWest: Primary",
      "1 role production/DBWest: Replica",
      "0 status us-east-1: InSync",
      "0 status us-east-1: InProgress",
      "1 role production/DBWest: Standalone",
      "0 status us-east-1: Failed: Replication failed: Secret replication failed due to a network "
      "error.",
      "0 status us-east-1: ",
      "0 role production/DBWest: Standalone"};
  EXPECT_EQ(told, expected);
}

TEST(PayloadTest, TheTwinOfADefectIsTheSameSeedWithTheSoundProtocol) {
  const auto& run = library_run("D05_promoted_still_follows");
  const auto twin = tools::sound_twin(run, {}, {});
  ASSERT_TRUE(twin);
  EXPECT_EQ(twin->report.seed(), run.report.seed());
  EXPECT_EQ(twin->report.verdict(), v1::HOLDS);
  const object payload = parsed(tools::report_payload(
      run, {.command = "c", .twin = &*twin, .twin_label = "sound protocol", .twin_command = ""}));
  EXPECT_EQ(payload.at("twin").at("label"), "sound protocol");
  EXPECT_EQ(payload.at("twin").at("verdict"), "HOLDS");
  EXPECT_TRUE(payload.at("twin").at("twin").is_null());
  EXPECT_FALSE(tools::sound_twin(library_run("01_hello_replica"), {}, {}));
}

TEST(RunRecordTest, ATraceIsTheSameRunAgain) {
  const auto& run = library_run("D05_promoted_still_follows");
  regions::RecordedRun recorded;
  recorded.header.set_scenario(run.scenario.SerializeAsString());
  recorded.header.set_scenario_name(run.file);
  recorded.header.set_seed(run.report.seed());
  recorded.header.set_build(std::string(regions::build_id()));
  recorded.footer = regions::footer_of(run.report);
  recorded.events.assign(run.events.begin(), run.events.end());
  const regions::SharedParts shared{.protocols = std::make_shared<regions::ProtocolRegistry>()};
  const auto same = tools::record_of("x.trace", recorded, shared);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->report.properties_size(), run.report.properties_size());
  EXPECT_EQ(same->report.hash(), run.report.hash());

  recorded.header.set_build("0.0.0+0000000000000000");
  const auto other = tools::record_of("x.trace", recorded, shared);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->report.verdict(), v1::BROKEN);
  EXPECT_EQ(other->report.violations(0).property(), "S12");
  EXPECT_EQ(other->report.violations(0).event(), run.report.violations(0).event());
  EXPECT_EQ(other->report.properties_size(), 0) << "a trace does not tell how often it was checked";
}

TEST(PayloadTest, TellsTheReasonsThatTheRunMetAsExplainDoes) {
  for (const auto& run : library()) {
    if (!run.file.ends_with("03_locked_out_by_kms.textproto")) continue;
    const object payload = payload_of(run);
    const auto& reasons = payload.at("reasons").as_array();
    ASSERT_EQ(reasons.size(), 1U);
    const auto* reason = regions::find_failure_reason("REASON-KMS");
    EXPECT_EQ(reasons[0], boost::json::parse(tools::failure_reason_json(*reason)));
    EXPECT_EQ(reasons[0].at("remedy"), value(reason->remedy));
    EXPECT_NE(reasons[0].at("aws"), "");
    EXPECT_NE(reasons[0].at("picture"), "");
    return;
  }
  FAIL() << "there is no lesson 03";
}

TEST(PayloadTest, EveryReasonIsToldWithAPassageOfAws) {
  const value all = boost::json::parse(tools::failure_reasons_json());
  EXPECT_EQ(all.as_array().size(), regions::failure_reasons().size());
  for (const value& reason : all.as_array()) {
    for (const char* name : {"what", "why", "remedy", "aws", "picture"}) {
      EXPECT_NE(reason.at(name), "") << reason.at("id") << ' ' << name;
    }
  }
}

TEST(LagTest, IsWhatThePrimaryHasAndTheReplicaHasNot) {
  tools::RunRecord record;
  record.scenario.add_region()->set_name("a");
  record.scenario.add_region()->set_name("b");
  const auto add = [&](v1::EventKind kind, const char* actor, const char* peer,
                       std::uint64_t number, const char* verb, const char* outcome) {
    v1::TraceEvent& event = record.events.emplace_back();
    event.set_id(record.events.size());
    event.set_kind(kind);
    event.set_actor(actor);
    event.set_peer(peer);
    event.set_subject("s");
    event.set_number(number);
    event.set_verb(verb);
    event.set_outcome(outcome);
  };
  add(v1::STORE_COMMITTED, "a", "", 1, "CreateSecret", "");
  add(v1::REPLICATION_STATUS, "a", "b", 1, "", "InProgress");
  add(v1::REPLICA_APPLIED, "b", "a", 1, "applied", "");
  add(v1::STORE_COMMITTED, "a", "", 2, "PutSecretValue", "");
  add(v1::STORE_COMMITTED, "a", "", 3, "PutSecretValue", "");
  add(v1::PROMOTED, "b", "", 0, "", "");
  add(v1::STORE_COMMITTED, "b", "", 4, "PutSecretValue", "");
  add(v1::STORE_COMMITTED, "a", "", 4, "PutSecretValue", "");
  const auto links = tools::replication_lag(record);
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0].primary, 0);
  EXPECT_EQ(links[0].replica, 1);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  for (const auto& change : links[0].changes) told.emplace_back(change.event, change.behind);
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected = {
      {2, 1},
      {3, 0},
      {4, 1},
      {5, 2},
      {6, 0}
  };
  EXPECT_EQ(told, expected);
}

}  // namespace
}  // namespace faultline
