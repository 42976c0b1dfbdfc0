#include "tools/report/sweep_page.h"

#include <gtest/gtest.h>

namespace faultline {
namespace {

v1::SweepSummary summary() {
  v1::SweepSummary summary;
  summary.set_verdict("BROKEN");
  summary.set_runs(12);
  summary.add_files("scenarios/<chaos>.textproto");
  for (const char* arm : {"edge", "crash"}) summary.add_arms()->set_arm(arm);
  auto& tested = *summary.add_properties();
  tested.set_id("S12");
  tested.set_held(9);
  tested.set_violated(2);
  summary.add_properties()->set_id("S30");
  auto& failure = *summary.add_failures();
  failure.set_target("S12");
  failure.set_fingerprint("0a1b2c3d");
  failure.set_address("1/crash/7");
  failure.set_file("scenarios/<chaos>.textproto");
  failure.set_found("it came back <script>");
  failure.set_scenario("title: \"x\"");
  summary.add_sometimes_unmet("never so");
  auto& fault = *summary.mutable_coverage()->add_faults();
  fault.set_id("NET-06");
  fault.set_name("late");
  return summary;
}

TEST(SweepPageTest, LinksFailuresAndNamesWhatIsNotCovered) {
  const std::string page = tools::sweep_page(summary(), {"S12-0a1b2c3d.textproto"});
  EXPECT_NE(page.find("href=\"failures/S12-0a1b2c3d.html\""), std::string::npos);
  EXPECT_NE(page.find("href=\"failures/S12-0a1b2c3d.textproto\""), std::string::npos);
  EXPECT_NE(page.find("never put to the test:</strong> S30"), std::string::npos);
  EXPECT_NE(page.find("never so"), std::string::npos);
  EXPECT_NE(page.find("NET-06 late"), std::string::npos);
  // Of two strategies the second has found it.
  EXPECT_NE(page.find("<td></td><td class=\"n bad\">✗ 1</td>"), std::string::npos);
}

TEST(SweepPageTest, LinksNoReportThatIsNotThere) {
  EXPECT_EQ(tools::sweep_page(summary(), {}).find(".html"), std::string::npos);
}

TEST(SweepPageTest, TextsStayTextsAndNothingIsFetched) {
  const std::string page = tools::sweep_page(summary(), {});
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<chaos>"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

}  // namespace
}  // namespace faultline
