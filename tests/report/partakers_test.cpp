#include "tools/report/partakers.h"

#include <gtest/gtest.h>

#include "regions/scenario_loader.h"
#include "tools/report/report_file.h"

namespace faultline {
namespace {

// A secret and a replica in a world of so many other regions.
tools::RunRecord run_among(int others) {
  std::string text = "region { name: \"us-west-2\" }\nregion { name: \"eu-west-1\" }\n";
  for (const char* name : {"us-east-1", "us-east-2", "eu-west-2", "eu-west-3", "sa-east-1"}) {
    if (others-- > 0) text += "region { name: \"" + std::string(name) + "\" }\n";
  }
  text += R"(step {
    region: "us-west-2"
    create_secret { name: "db" secret_string: "x" add_replica_regions { region: "eu-west-1" } }
  })";
  const auto loaded = regions::load_scenario("world.textproto", text);
  EXPECT_TRUE(loaded.has_value());
  return tools::record_run(*loaded, {});
}

TEST(PartakersTest, OfManyRegionsThoseThatDoSomethingAreShown) {
  const tools::RunRecord run = run_among(5);
  const auto reduced = tools::without_idle_regions(run, nullptr);
  ASSERT_TRUE(reduced.has_value());
  ASSERT_EQ(reduced->record.scenario.region_size(), 2);
  EXPECT_EQ(reduced->record.scenario.region(0).name(), "us-west-2");
  EXPECT_EQ(reduced->record.scenario.region(1).name(), "eu-west-1");
  for (const v1::TraceEvent& event : reduced->record.events) {
    EXPECT_TRUE(event.actor().empty() || event.actor() == "us-west-2" ||
                event.actor() == "eu-west-1")
        << event.actor();
  }
  EXPECT_EQ(reduced->record.report.hash(), run.report.hash());
}

TEST(PartakersTest, OfFewRegionsAllAre) {
  EXPECT_FALSE(tools::without_idle_regions(run_among(2), nullptr).has_value());
}

// A region that only the other run uses has its lane in both.
TEST(PartakersTest, TwoRunsHaveTheSameLanes) {
  const tools::RunRecord run = run_among(5);
  tools::RunRecord twin = run;
  v1::TraceEvent& call = twin.events.emplace_back();
  call.set_id(twin.events.size());
  call.set_kind(v1::CALL_STARTED);
  call.set_actor("sa-east-1");
  const auto reduced = tools::without_idle_regions(run, &twin);
  ASSERT_TRUE(reduced.has_value() && reduced->twin.has_value());
  EXPECT_EQ(reduced->record.scenario.region_size(), 3);
  EXPECT_EQ(reduced->twin->scenario.region_size(), 3);
}

TEST(PartakersTest, PicturesNameNoIdleRegion) {
  const tools::RunRecord run = run_among(5);
  for (const auto format : {tools::ReportFormat::Mermaid, tools::ReportFormat::Perfetto}) {
    const auto text = tools::report_text(run, format, {});
    ASSERT_TRUE(text.has_value());
    EXPECT_NE(text->find("eu-west-1"), std::string::npos);
    EXPECT_EQ(text->find("sa-east-1"), std::string::npos);
  }
}

}  // namespace
}  // namespace faultline
