#include <gmock/gmock.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

using engine::Duration;

TEST(KmsFaultsTest, KmsAnswersWhileTheRegionsProcessIsDown) {
  OtherCalls calls;
  calls.world().crash(kWest);
  EXPECT_EQ(calls.kms_error("list_keys { }"), "OK");
}

TEST(KmsFaultsTest, ClientsThatCannotReachTheRegionDoNotReachItsKms) {
  OtherCalls calls;
  const std::uint64_t fault = calls.fault("clients_cut { region: 'us-west-2' }");
  EXPECT_EQ(calls.kms_error("list_keys { }"), "ConnectionClosed: The region could not be reached.");
  EXPECT_EQ(calls.kms_error("list_keys { }", kEast), "OK");
  calls.world().heal(fault);
  EXPECT_EQ(calls.kms_error("list_keys { }"), "OK");
}

TEST(KmsFaultsTest, AnAnswerThatTheCutOvertakesIsLostAndTheDeedDone) {
  OtherCalls calls(ServiceConfig{.kms_latency = Duration::seconds(1)});
  std::string answer;
  v1::KmsRequest request;
  request.mutable_create_key();
  calls.world().call_kms(kWest, "admin", request,
                         [&](const auto& result) { answer = error_text(result); });
  calls.fault("clients_cut { region: 'us-west-2' }");
  calls.world().run_until_idle();
  EXPECT_EQ(answer, "ConnectionClosed: The region could not be reached.");
  EXPECT_EQ(calls.world().kms(kWest).list_keys()->size(), 1U);
}

TEST(KmsFaultsTest, ADisabledRegionKnowsNoCredentials) {
  OtherCalls calls;
  calls.world().disable_region(kWest);
  EXPECT_EQ(calls.kms_error("list_keys { }"),
            "UnrecognizedClientException: The security token included in the request is invalid.");
}

TEST(KmsFaultsTest, WhatFailsSecretsManagersCallsFailsClientsToo) {
  OtherCalls calls;
  std::uint64_t fault = calls.fault("kms_unavailable { region: 'us-west-2' }");
  EXPECT_EQ(calls.kms_error("list_keys { }"), "KMSInternalException: KMS is not available.");
  calls.world().heal(fault);
  fault = calls.fault("kms_throttled { region: 'us-west-2' }");
  EXPECT_EQ(calls.kms_error("list_keys { }"),
            "ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the "
            "frequency of your calls.");
  calls.world().heal(fault);
  const engine::Instant before = calls.world().now();
  fault = calls.fault("kms_slow { region: 'us-west-2' delay: '3s' }");
  EXPECT_EQ(calls.kms_error("list_keys { }"), "OK");
  EXPECT_GE(calls.world().now() - before, Duration::seconds(3));
}

TEST(KmsFaultsTest, ATimeOutMayHaveTakenEffect) {
  OtherCalls calls;
  calls.fault("kms_timeout { region: 'us-west-2' delay: '1s' }");
  EXPECT_EQ(
      calls.kms_error("create_key { }"),
      "DependencyTimeoutException: The system timed out while trying to fulfill the request.");
  EXPECT_EQ(calls.world().kms(kWest).list_keys()->size(), 1U);
}

TEST(KmsFaultsTest, RequestQuotasThrottle) {
  OtherCalls calls(ServiceConfig{.kms_latency = Duration::zero(), .request_quotas = true});
  int throttled = 0;
  for (int i = 0; i < 10; ++i) {
    throttled += calls.kms_error("create_key { }").starts_with("ThrottlingException") ? 1 : 0;
  }
  EXPECT_EQ(throttled, 5);  // five a second
}

TEST(KmsFaultsTest, AWorldWhoseKmsNobodyCallsTellsNothing) {
  OtherCalls calls;
  calls.world().run_for(Duration::days(400));
  for (const v1::EventKind kind :
       {v1::SERVICE_CALL_STARTED, v1::KEY_CHANGED, v1::REGION_OPT_STATUS}) {
    EXPECT_TRUE(calls.told(kind).empty());
  }
}

}  // namespace
}  // namespace faultline::regions
