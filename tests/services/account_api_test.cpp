#include <gmock/gmock.h>

#include <set>

#include "regions/region_list.h"
#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using testing::ElementsAre;
using testing::HasSubstr;

std::string enable(std::string_view region) {
  return "enable_region { region_name: '" + std::string(region) + "' }";
}
std::string disable(std::string_view region) {
  return "disable_region { region_name: '" + std::string(region) + "' }";
}

TEST(AccountApiTest, AwsHas34RegionsHalfOfThemOptedInto) {
  const auto regions = aws_regions();
  EXPECT_EQ(regions.size(), 34U);
  EXPECT_EQ(std::ranges::count_if(regions, &RegionInfo::opt_in), 17);
  EXPECT_TRUE(std::ranges::is_sorted(regions, {}, &RegionInfo::name));
  ASSERT_NE(find_aws_region("me-south-1"), nullptr);
  EXPECT_TRUE(find_aws_region("me-south-1")->opt_in);
  EXPECT_EQ(find_aws_region("us-east-1")->long_name, "US East (N. Virginia)");
  EXPECT_EQ(find_aws_region("mars-north-1"), nullptr);
}

TEST(AccountApiTest, AnOptedInRegionComesAndGoes) {
  OtherCalls calls(ServiceConfig{.region_opt_time = Duration::minutes(2)});
  calls.world().disable_region(kBahrain);
  EXPECT_EQ(calls.opt_status(kBahrain), "DISABLED");
  EXPECT_EQ(calls.account_error(enable(kBahrain)), "OK");
  EXPECT_EQ(calls.opt_status(kBahrain), "ENABLING");
  EXPECT_FALSE(calls.world().account().is_enabled(kBahrain));
  EXPECT_THAT(calls.kms_error("list_keys { }", kBahrain), HasSubstr("UnrecognizedClientException"));
  calls.run_for(Duration::minutes(2));
  EXPECT_EQ(calls.opt_status(kBahrain), "ENABLED");
  EXPECT_EQ(calls.kms_error("list_keys { }", kBahrain), "OK");
  EXPECT_EQ(calls.account_error(disable(kBahrain)), "OK");
  EXPECT_EQ(calls.opt_status(kBahrain), "DISABLING");
  EXPECT_FALSE(calls.world().account().is_enabled(kBahrain));
  calls.run_for(Duration::minutes(2));
  EXPECT_EQ(calls.opt_status(kBahrain), "DISABLED");
  EXPECT_THAT(calls.told(v1::REGION_OPT_STATUS),
              ElementsAre("me-south-1 ENABLING", "me-south-1 ENABLED", "me-south-1 DISABLING",
                          "me-south-1 DISABLED"));
}

TEST(AccountApiTest, ItsDataSurvives) {
  OtherCalls calls;
  Client bahrain = calls.world().client(kBahrain);
  ASSERT_TRUE(bahrain.create_secret("db", "hunter2").has_value());
  ASSERT_EQ(calls.account_error(disable(kBahrain)), "OK");
  calls.run_for(Duration::minutes(2));
  EXPECT_EQ(bahrain.value("db"), "<UnrecognizedClientException>");
  ASSERT_EQ(calls.account_error(enable(kBahrain)), "OK");
  calls.run_for(Duration::minutes(2));
  EXPECT_EQ(bahrain.value("db"), "hunter2");
}

// What is asked for in each status, and what comes of it.
TEST(AccountApiTest, AnswersByStatus) {
  struct Row {
    RegionOptStatus status;
    std::string on_enable;
    std::string on_disable;
  };
  const std::vector<Row> table = {
      {RegionOptStatus::Disabled,         "OK",                "OK"                 },
      {RegionOptStatus::Enabling,         "OK",                "ConflictException"  },
      {RegionOptStatus::Enabled,          "OK",                "OK"                 },
      {RegionOptStatus::Disabling,        "ConflictException", "OK"                 },
      {RegionOptStatus::EnabledByDefault, "OK",                "ValidationException"},
  };
  for (const Row& row : table) {
    const auto code = [&](const std::string& request) {
      OtherCalls calls;
      calls.world().account().set_opt_status(kBahrain, row.status);
      const std::string error = calls.account_error(request);
      return error.substr(0, error.find(':'));
    };
    EXPECT_EQ(code(enable(kBahrain)), row.on_enable) << to_text(row.status);
    EXPECT_EQ(code(disable(kBahrain)), row.on_disable) << to_text(row.status);
  }
}

TEST(AccountApiTest, RefusesWhatMakesNoSense) {
  OtherCalls calls;
  EXPECT_THAT(calls.account_error(disable(kEast)), HasSubstr("ValidationException"));
  EXPECT_EQ(calls.opt_status(kEast), "ENABLED_BY_DEFAULT");
  EXPECT_EQ(calls.opt_status("us-west-1"), "ENABLED_BY_DEFAULT");
  EXPECT_EQ(calls.opt_status("af-south-1"), "DISABLED");
  EXPECT_THAT(calls.account_error(enable("mars-north-1")), HasSubstr("ValidationException"));
  EXPECT_THAT(calls.account_error("enable_region { }"),
              HasSubstr("Value null at 'regionName' failed to satisfy constraint"));
  EXPECT_THAT(calls.account_error("enable_region { region_name: 'af-south-1' account_id: '1' }"),
              HasSubstr("ValidationException"));
  EXPECT_THAT(
      calls.account_error("enable_region { region_name: 'af-south-1' account_id: '111122223333' }"),
      HasSubstr("AccessDeniedException"));
}

TEST(AccountApiTest, SixAreUnderWayAtMost) {
  OtherCalls calls;
  int begun = 0;
  std::string refused;
  for (const RegionInfo& region : aws_regions()) {
    if (!region.opt_in || region.name == kBahrain) continue;
    const std::string error = calls.account_error(enable(region.name));
    if (error != "OK") {
      refused = error;
      break;
    }
    ++begun;
  }
  EXPECT_EQ(begun, 6);
  EXPECT_THAT(refused, HasSubstr("TooManyRequestsException"));
  calls.run_for(Duration::minutes(2));
  EXPECT_EQ(calls.account_error(disable(kBahrain)), "OK");
}

TEST(AccountApiTest, AnOperatorOvertakesWhatIsUnderWay) {
  OtherCalls calls;
  ASSERT_EQ(calls.account_error(disable(kBahrain)), "OK");
  calls.world().enable_region(kBahrain);
  EXPECT_EQ(calls.opt_status(kBahrain), "ENABLED");
  calls.run_for(Duration::minutes(2));
  EXPECT_EQ(calls.opt_status(kBahrain), "ENABLED");
}

TEST(AccountApiTest, ListsRegionsInPagesOfAnySize) {
  for (const int size : {1, 7, 33, 34, 50}) {
    OtherCalls calls;
    std::set<std::string> seen;
    std::string token;
    int listed = 0;
    do {
      const auto answer =
          calls.account("list_regions { max_results: " + std::to_string(size) +
                        (token.empty() ? "" : " next_token: '" + token + "'") + " }");
      ASSERT_EQ(error_text(answer), "OK");
      for (const auto& region : answer->list_regions().regions()) {
        seen.insert(region.region_name());
        ++listed;
      }
      token = answer->list_regions().next_token();
    } while (!token.empty());
    EXPECT_EQ(seen.size(), 34U);
    EXPECT_EQ(listed, 34);
  }
}

TEST(AccountApiTest, ListsRegionsByStatus) {
  OtherCalls calls;
  const auto answer = calls.account("list_regions { region_opt_status_contains: 'ENABLED' }");
  ASSERT_EQ(answer->list_regions().regions_size(), 1);
  EXPECT_EQ(answer->list_regions().regions(0).region_name(), kBahrain);
  EXPECT_THAT(calls.account_error("list_regions { region_opt_status_contains: 'MAYBE' }"),
              HasSubstr("regionOptStatusContains.1.member"));
  EXPECT_THAT(calls.account_error("list_regions { max_results: 51 }"),
              HasSubstr("ValidationException"));
  EXPECT_THAT(calls.account_error("list_regions { next_token: 'made up by a client' }"),
              HasSubstr("ValidationException"));
}

}  // namespace
}  // namespace faultline::regions
