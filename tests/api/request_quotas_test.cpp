#include "regions/quotas.h"

#include <gtest/gtest.h>

#include <string>

#include "regions/world.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::Instant;
using Service = RequestQuotas::Service;

// ---- the buckets --------------------------------------------------------------------------------

class RequestQuotasTest : public testing::Test {
 protected:
  // How many of so many requests at once are let in.
  int admitted(std::string_view operation, int asked, Service service = Service::SecretsManager) {
    int in = 0;
    for (int i = 0; i < asked; ++i) in += quotas_.admit(service, operation, now_) ? 1 : 0;
    return in;
  }

  RequestQuotas quotas_;
  Instant now_ = Instant() + Duration::hours(1);
};

TEST_F(RequestQuotasTest, LetASecondsWorthInAtOnceAndNoMore) {
  EXPECT_EQ(admitted("ListSecrets", 150), 100);
  EXPECT_EQ(admitted("ListSecretVersionIds", 150), 50);
}

TEST_F(RequestQuotasTest, FillEvenly) {
  EXPECT_EQ(admitted("CreateSecret", 60), 50);
  now_ += Duration::millis(19);
  EXPECT_EQ(admitted("CreateSecret", 5), 0);
  now_ += Duration::millis(1);  // 20 ms: one of 50 a second
  EXPECT_EQ(admitted("CreateSecret", 5), 1);
  now_ += Duration::millis(500);
  EXPECT_EQ(admitted("CreateSecret", 60), 25);
}

TEST_F(RequestQuotasTest, HoldASecondsWorthHoweverLongTheyWait) {
  EXPECT_EQ(admitted("CreateSecret", 60), 50);
  now_ += Duration::days(30'000);
  EXPECT_EQ(admitted("CreateSecret", 60), 50);
}

TEST_F(RequestQuotasTest, AreSharedByOperationsThatWriteValues) {
  EXPECT_EQ(admitted("PutSecretValue", 20), 20);
  EXPECT_EQ(admitted("UpdateSecret", 20), 20);
  EXPECT_EQ(admitted("ReplicateSecretToRegions", 20), 10);
  EXPECT_EQ(admitted("UpdateSecretVersionStage", 1), 0);
  EXPECT_EQ(admitted("TagResource", 60), 50);
  EXPECT_EQ(admitted("UntagResource", 1), 0);
  EXPECT_EQ(admitted("DeleteSecret", 60), 50);
}

TEST_F(RequestQuotasTest, TellReadsOfValuesFromDescriptions) {
  EXPECT_EQ(admitted("GetSecretValue", 10'001), 10'000);
  EXPECT_EQ(admitted("DescribeSecret", 40'001), 40'000);
}

TEST_F(RequestQuotasTest, OfKmsAreOthers) {
  EXPECT_EQ(admitted("TagResource", 60, Service::Kms), 10);
  EXPECT_EQ(admitted("TagResource", 60, Service::SecretsManager), 50);
  EXPECT_EQ(admitted("Decrypt", 5'000, Service::Kms), 5'000);
  EXPECT_EQ(admitted("GenerateDataKey", 5'000, Service::Kms), 500);
  EXPECT_EQ(admitted("Encrypt", 1, Service::Kms), 0);
  EXPECT_EQ(admitted("CreateKey", 6, Service::Kms), 5);
}

TEST_F(RequestQuotasTest, DoNotLimitWhatAwsGivesNoFigureFor) {
  EXPECT_EQ(RequestQuotas::per_second(Service::Kms, "UpdateKeyDescription"), 0);
  EXPECT_EQ(admitted("UpdateKeyDescription", 1'000, Service::Kms), 1'000);
}

// ---- the world ----------------------------------------------------------------------------------

int refused_of(World& world, std::string_view region, const std::string& request, int asked) {
  int refused = 0;
  for (int i = 0; i < asked; ++i) {
    world.call(region, "admin", parse_request(request), [&](const Result<v1::ApiResponse>& answer) {
      if (answer.has_value()) return;
      ++refused;
      EXPECT_EQ(answer.error().code, "ThrottlingException");
      EXPECT_EQ(answer.error().message, "Rate exceeded");
    });
  }
  world.run_until_idle();
  return refused;
}

TEST(QuotasOfAWorldTest, AreOffUnlessAskedFor) {
  World world({.regions = {"us-west-2"}, .seed = 1});
  EXPECT_EQ(refused_of(world, "us-west-2", "list_secrets {}", 200), 0);
}

TEST(QuotasOfAWorldTest, AreOfEachRegion) {
  ServiceConfig service;
  service.request_quotas = true;
  World world({
      .regions = {"us-west-2", "us-east-1"},
        .seed = 1, .service = service
  });
  EXPECT_EQ(refused_of(world, "us-west-2", "list_secrets {}", 130), 30);
  EXPECT_EQ(refused_of(world, "us-east-1", "list_secrets {}", 110), 10);
  world.run_for(Duration::seconds(1));
  EXPECT_EQ(refused_of(world, "us-west-2", "list_secrets {}", 100), 0);
}

TEST(QuotasOfAWorldTest, CountWhatSecretsManagerAsksOfKms) {
  ServiceConfig service;
  service.request_quotas = true;
  World world({.regions = {"us-west-2"}, .seed = 1, .service = service});
  ASSERT_TRUE(world.client("us-west-2").create_secret("db", "hunter2").has_value());
  world.run_for(Duration::seconds(1));
  // Under GetSecretValue's own 10 000 a second, above the 5 500 of KMS.
  const int refused = refused_of(world, "us-west-2", "get_secret_value { secret_id: 'db' }", 6'000);
  EXPECT_GE(refused, 450);
  EXPECT_LE(refused, 500);
}

}  // namespace
}  // namespace faultline::regions
