#include "regions/account.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

TEST(AccountTest, HasNotEnabledARegionThatWasNeverNamed) {
  Account account("123456789012");
  EXPECT_FALSE(account.is_enabled("us-west-2"));
  account.set_enabled("us-west-2", true);
  EXPECT_TRUE(account.is_enabled("us-west-2"));
}

TEST(AccountTest, EnablesARegionAgainWhenTheLastFaultIsLifted) {
  Account account("123456789012");
  account.set_enabled("us-west-2", true);
  account.add_disable_fault("us-west-2");
  account.add_disable_fault("us-west-2");
  account.lift_disable_fault("us-west-2");
  EXPECT_FALSE(account.is_enabled("us-west-2"));
  account.lift_disable_fault("us-west-2");
  EXPECT_TRUE(account.is_enabled("us-west-2"));
}

TEST(AccountTest, KeepsTheStatusUnderAFault) {
  Account account("123456789012");
  account.add_disable_fault("us-west-2");
  account.set_enabled("us-west-2", true);
  EXPECT_FALSE(account.is_enabled("us-west-2"));
  account.set_enabled("us-west-2", false);
  account.lift_disable_fault("us-west-2");
  EXPECT_FALSE(account.is_enabled("us-west-2"));
}

TEST(AccountTest, KnowsPrincipalsByNameAndByArn) {
  Account account("123456789012");
  account.add_principal("alice");
  account.add_principal("deployer", "arn:aws:iam::123456789012:role/deployer");
  EXPECT_EQ(account.principal_arn("alice"), "arn:aws:iam::123456789012:user/alice");
  EXPECT_EQ(account.principal_arn("deployer"), "arn:aws:iam::123456789012:role/deployer");
  EXPECT_EQ(account.principal_arn("arn:aws:iam::123456789012:user/alice"),
            "arn:aws:iam::123456789012:user/alice");
  EXPECT_EQ(account.principal_arn("bob"), std::nullopt);
  EXPECT_EQ(account.principal_names(), (std::vector<std::string>{"alice", "deployer"}));
}

}  // namespace
}  // namespace faultline::regions
