// A trace is whole or it is refused, with the place of the damage.
#include "regions/trace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "regions/build_id.h"
#include "regions/replay.h"
#include "tests/scenarios/scenario_run.h"

namespace faultline::regions {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kScenario = R"(
  title: "A small run"
  region { name: "us-west-2" } region { name: "us-east-1" }
  step { region: "us-west-2" create_secret { name: "db" secret_string: "one" add_replica_regions { region: "us-east-1" } } }
  expect { within: "1s" replica { secret_id: "db" region: "us-east-1" status: InSync } })";

std::string record(const LoadedScenario& loaded, RunOptions options = {}) {
  std::ostringstream out;
  v1::TraceHeader header;
  header.set_format(kTraceFormat);
  header.set_build(std::string(build_id()));
  header.set_scenario(loaded.scenario.SerializeAsString());
  header.set_scenario_name(loaded.file);
  header.set_seed(seed_of(loaded.scenario, options));
  if (options.until) header.set_until_ns(options.until->ns());
  TraceWriter writer(out, header);
  options.sinks.push_back(&writer);
  const v1::RunReport report = ScenarioRun(loaded, options).finish();
  EXPECT_TRUE(writer.finish(footer_of(report)));
  return out.str();
}

const std::string& recorded() {
  static const std::string kBytes = record(load_or_fail(kScenario));
  return kBytes;
}

std::string error_of(std::string_view bytes) {
  const auto read = read_trace(bytes);
  return read ? "" : read.error();
}

// The same run written anew, after `edit`, with chains and checksums that fit: a lie that only a
// replay finds.
std::string rewritten(const RecordedRun& run,
                      const std::function<void(std::vector<v1::TraceEvent>&)>& edit) {
  std::vector<v1::TraceEvent> events = run.events;
  edit(events);
  std::ostringstream out;
  TraceWriter writer(out, run.header);
  v1::TraceFooter footer = run.footer;
  engine::Hash128 chain;
  bool first = true;
  for (v1::TraceEvent& event : events) {
    // The chain before the first event is not known, so that it keeps its own.
    if (!first || event.id() == 1) {
      chain = engine::chain_after(chain, event);
      event.set_chain(chain.to_bytes());
    } else {
      std::string hex;
      for (const char c : event.chain()) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        hex += kDigits[static_cast<unsigned char>(c) >> 4];
        hex += kDigits[static_cast<unsigned char>(c) & 15];
      }
      chain = *engine::Hash128::from_hex(hex);
    }
    first = false;
    writer.on_event(event);
  }
  footer.set_hash(chain.to_hex());
  footer.set_events(events.empty() ? 0 : events.back().id());
  EXPECT_TRUE(writer.finish(footer));
  return out.str();
}

TEST(TraceFileTest, WhatWasWrittenIsRead) {
  const auto run = read_trace(recorded());
  ASSERT_TRUE(run) << run.error();
  EXPECT_EQ(run->header.seed(), 1U);
  EXPECT_EQ(run->header.scenario_name(), "test.textproto");
  EXPECT_EQ(run->footer.verdict(), "HOLDS");
  ASSERT_FALSE(run->events.empty());
  EXPECT_EQ(run->footer.events(), run->events.back().id());
}

TEST(TraceFileTest, EveryTruncationIsNoticed) {
  const std::string& whole = recorded();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_THAT(error_of(std::string_view(whole).substr(0, size)),
                AnyOf(StartsWith("truncated"), StartsWith("not a trace: it is empty")))
        << "after " << size << " bytes of " << whole.size();
  }
}

TEST(TraceFileTest, EveryFlippedByteIsNoticed) {
  std::string damaged = recorded();
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    for (const int flip : {0x01, 0x80}) {
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      ASSERT_THAT(error_of(damaged), AnyOf(StartsWith("damaged"), StartsWith("not a trace")))
          << "at byte " << i;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
    }
  }
}

TEST(TraceFileTest, TheFirstDamagedEventIsNamed) {
  const auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  const v1::TraceEvent& victim = run->events[run->events.size() / 2];
  std::string damaged = recorded();
  damaged[damaged.find(victim.chain())] ^= 0x10;
  EXPECT_EQ(error_of(damaged), "damaged at event " + std::to_string(victim.id()));
}

TEST(TraceFileTest, WhatComesAfterTheEndIsNoticed) {
  EXPECT_EQ(error_of(recorded() + "x"), "1 bytes too long");
}

TEST(TraceFileTest, OtherFilesAreNoTraces) {
  EXPECT_THAT(error_of("title: \"a scenario\""), StartsWith("not a trace"));
  EXPECT_THAT(error_of(std::string(100, '\0')), StartsWith("not a trace"));
}

TEST(TraceFileTest, AnEventOutOfItsPlaceIsNoticed) {
  const auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  std::ostringstream out;
  TraceWriter writer(out, run->header);
  writer.on_event(run->events[0]);
  writer.on_event(run->events[2]);
  EXPECT_TRUE(writer.finish(run->footer));
  EXPECT_THAT(error_of(out.str()), HasSubstr("does not follow"));
}

TEST(ReplayTest, ARecordedRunIsIdentical) {
  const auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  const auto result = replay("x.trace", *run);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->difference);
  EXPECT_FALSE(result->other_build);
  EXPECT_EQ(result->report.hash(), run->footer.hash());
}

TEST(ReplayTest, UntilAndSeedAreRecorded) {
  const LoadedScenario loaded = load_or_fail(kScenario);
  const auto run = read_trace(record(loaded, {.seed = 99, .until = engine::Duration::millis(40)}));
  ASSERT_TRUE(run);
  const auto result = replay("x.trace", *run);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->difference);
  EXPECT_EQ(result->report.seed(), 99U);
  EXPECT_EQ(result->report.ended_at_ns(), 40'000'000);
}

TEST(ReplayTest, AnEditedTraceNamesTheFirstEventThatDiffers) {
  const auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  std::uint64_t edited = 0;
  const std::string lie = rewritten(*run, [&](std::vector<v1::TraceEvent>& events) {
    v1::TraceEvent& event = events[events.size() / 2];
    edited = event.id();
    event.set_text("something else");
  });
  const auto read = read_trace(lie);
  ASSERT_TRUE(read) << read.error();
  const auto result = replay("x.trace", *read);
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->difference);
  EXPECT_EQ(result->difference->event, edited);
  EXPECT_THAT(result->difference->recorded, HasSubstr("text=\"something else\""));
  EXPECT_THAT(result->difference->now, Not(HasSubstr("something else")));
}

TEST(ReplayTest, AMissingEndIsADifference) {
  const auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  const auto shorter = read_trace(rewritten(*run, [](auto& events) { events.pop_back(); }));
  ASSERT_TRUE(shorter) << shorter.error();
  const auto result = replay("x.trace", *shorter);
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->difference);
  EXPECT_EQ(result->difference->recorded, "");
}

TEST(ReplayTest, AnotherBuildIsNamed) {
  auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  run->header.set_build("0.0.1+0000000000000000");
  const auto result = replay("x.trace", *run);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->other_build);
  EXPECT_FALSE(result->difference);
}

TEST(ReplayTest, AMadeUpScenarioIsRefused) {
  auto run = read_trace(recorded());
  ASSERT_TRUE(run);
  v1::Scenario scenario;
  scenario.add_step()->mutable_crash()->set_region("nowhere-1");
  run->header.set_scenario(scenario.SerializeAsString());
  EXPECT_THAT(replay("x.trace", *run).error().message, HasSubstr("not valid"));
  run->header.set_scenario("\xff\xff\xff");
  EXPECT_THAT(replay("x.trace", *run).error().message, HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace faultline::regions
