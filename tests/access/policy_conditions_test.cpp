// Condition operators, one line a case.
// Source  IAM User Guide, "IAM JSON policy elements: Condition operators".
#include "kms/policy_conditions.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace faultline::kms {
namespace {

using Values = std::vector<std::string>;

struct Case {
  std::string op;
  Values wanted;
  std::optional<Values> has;  // of the request; absent: the key is not there
  bool holds;
};

const std::optional<Values> kAbsent = std::nullopt;

bool holds(const Case& each) {
  v1::Policy::Condition condition;
  condition.set_operator_(each.op);
  condition.set_key("aws:Thing");
  for (const std::string& value : each.wanted) condition.add_values(value);
  PolicyContext context;
  if (each.has) context.add_list("AWS:thing", *each.has);
  return condition_holds(condition, {.principal_arn = "arn:aws:iam::111122223333:user/alice",
                                     .action = "kms:Decrypt",
                                     .account = "111122223333",
                                     .context = &context});
}

void expect_all(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    std::string text = each.op;
    for (const std::string& value : each.wanted) text += " " + value;
    text += each.has ? " of" : " of nothing";
    for (const std::string& value : each.has.value_or(Values())) text += " " + value;
    EXPECT_EQ(holds(each), each.holds) << text;
  }
}

TEST(PolicyConditionsTest, Strings) {
  expect_all({
      {"StringEquals",              {"a"},      Values{"a"},     true },
      {"StringEquals",              {"a"},      Values{"A"},     false},
      {"StringEquals",              {"b", "a"}, Values{"a"},     true },
      {"StringEquals",              {"a*"},     Values{"ab"},    false},
      {"StringNotEquals",           {"a"},      Values{"b"},     true },
      {"StringNotEquals",           {"a", "b"}, Values{"b"},     false},
      {"StringEqualsIgnoreCase",    {"a"},      Values{"A"},     true },
      {"StringNotEqualsIgnoreCase", {"a"},      Values{"A"},     false},
      {"StringLike",                {"us-*"},   Values{"us-e"},  true },
      {"StringLike",                {"us-?"},   Values{"us-ea"}, false},
      {"StringLike",                {"a:*"},    Values{"a:b:c"}, true },
      {"StringNotLike",             {"us-*"},   Values{"eu-e"},  true },
      {"StringNotLike",             {"us-*"},   Values{"us-e"},  false},
  });
}

TEST(PolicyConditionsTest, ANumberIsComparedAsANumber) {
  expect_all({
      {"NumericEquals",            {"7"},                    Values{"07.0"},                 true },
      {"NumericEquals",            {"-0"},                   Values{"0"},                    true },
      {"NumericNotEquals",         {"7"},                    Values{"8"},                    true },
      {"NumericLessThan",          {"10"},                   Values{"9"},                    true },
      {"NumericLessThan",          {"10"},                   Values{"10"},                   false},
      {"NumericLessThanEquals",    {"10"},                   Values{"10"},                   true },
      {"NumericGreaterThan",       {"-2"},                   Values{"-1.5"},                 true },
      {"NumericGreaterThan",       {"1.25"},                 Values{"1.3"},                  true },
      {"NumericGreaterThanEquals", {"7"},                    Values{"6.999"},                false},
      {"NumericLessThan",          {"99999999999999999999"}, Values{"99999999999999999998"}, true },
      {"NumericEquals",            {"seven"},                Values{"7"},                    false},
  });
}

TEST(PolicyConditionsTest, ADateIsAnIsoTimeOrSeconds) {
  expect_all({
      {"DateEquals",            {"2026-01-01"},             Values{"2026-01-01T00:00:00Z"}, true },
      {"DateEquals",            {"1767225600"},             Values{"2026-01-01T00:00:00Z"}, true },
      {"DateEquals",            {"2026-01-01T01:00+01:00"}, Values{"2026-01-01T00:00:00Z"}, true },
      {"DateLessThan",          {"2026-01-02"},             Values{"2026-01-01T23:59:59Z"}, true },
      {"DateLessThan",          {"2026-01-01"},             Values{"2026-01-01T00:00:00Z"}, false},
      {"DateGreaterThan",       {"2024-02-29"},             Values{"2024-03-01T00:00:00Z"}, true },
      {"DateGreaterThanEquals", {"2026-01-01T00:00:00.5Z"}, Values{"2026-01-01T00:00:00Z"}, true },
      {"DateNotEquals",         {"2026-01-01"},             Values{"2026-01-02"},           true },
      {"DateLessThan",          {"tomorrow"},               Values{"2026-01-01"},           false},
      {"DateLessThan",          {"2026-13-01"},             Values{"2026-01-01"},           false},
  });
}

TEST(PolicyConditionsTest, BooleansAddressesAndBytes) {
  expect_all({
      {"Bool",         {"true"},           Values{"true"},        true },
      {"Bool",         {"TRUE"},           Values{"true"},        true },
      {"Bool",         {"false"},          Values{"true"},        false},
      {"BinaryEquals", {"QmluYXJ5"},       Values{"QmluYXJ5"},    true },
      {"IpAddress",    {"203.0.113.0/24"}, Values{"203.0.113.9"}, true },
      {"IpAddress",    {"203.0.113.0/24"}, Values{"203.0.114.9"}, false},
      {"IpAddress",    {"0.0.0.0/0"},      Values{"8.8.8.8"},     true },
      {"IpAddress",    {"203.0.113.9"},    Values{"203.0.113.9"}, true },
      {"IpAddress",    {"203.0.113.0/33"}, Values{"203.0.113.9"}, false},
      {"NotIpAddress", {"203.0.113.0/24"}, Values{"203.0.113.9"}, false},
      {"NotIpAddress", {"203.0.113.0/24"}, Values{"8.8.8.8"},     true },
  });
}

// A star of an ARN stays within its part; one of a string does not.
TEST(PolicyConditionsTest, ArnsAreComparedPartByPart) {
  const std::string arn = "arn:aws:iam::111122223333:role/app/reader";
  expect_all({
      {"ArnEquals",    {arn},                                Values{arn}, true },
      {"ArnLike",      {"arn:aws:iam::111122223333:role/*"}, Values{arn}, true },
      {"ArnLike",      {"arn:aws:*:role/app/reader"},        Values{arn}, false},
      {"StringLike",   {"arn:aws:*:role/app/reader"},        Values{arn}, true },
      {"ArnEquals",    {"arn:aws:iam::*:role/app/reader"},   Values{arn}, true },
      {"ArnNotLike",   {"arn:aws:iam::999999999999:*"},      Values{arn}, true },
      {"ArnNotEquals", {arn},                                Values{arn}, false},
      {"ArnLike",      {"*"},                                Values{arn}, true },
      {"ArnLike",      {"arn:aws:iam"},                      Values{arn}, false},
  });
}

TEST(PolicyConditionsTest, AKeyThatIsNotThere) {
  expect_all({
      {"StringEquals",                {"a"},     kAbsent,     false},
      {"StringLike",                  {"*"},     kAbsent,     false},
      {"StringNotEquals",             {"a"},     kAbsent,     true },
      {"Bool",                        {"false"}, kAbsent,     false},
      {"NumericLessThan",             {"1"},     kAbsent,     false},
      {"StringEqualsIfExists",        {"a"},     kAbsent,     true },
      {"StringEqualsIfExists",        {"a"},     Values{"b"}, false},
      {"BoolIfExists",                {"true"},  kAbsent,     true },
      {"Null",                        {"true"},  kAbsent,     true },
      {"Null",                        {"false"}, kAbsent,     false},
      {"Null",                        {"true"},  Values{"a"}, false},
      {"Null",                        {"false"}, Values{"a"}, true },
      {"ForAllValues:StringEquals",   {"a"},     kAbsent,     true },
      {"ForAnyValue:StringEquals",    {"a"},     kAbsent,     false},
      {"ForAnyValue:StringNotEquals", {"a"},     kAbsent,     false},
  });
}

TEST(PolicyConditionsTest, SeveralValues) {
  expect_all({
      {"ForAllValues:StringLike",      {"us-*", "ca-*"}, Values{"us-east-1", "ca-west-1"}, true },
      {"ForAllValues:StringLike",      {"us-*"},         Values{"us-east-1", "eu-west-1"}, false},
      {"ForAnyValue:StringEquals",     {"b"},            Values{"a", "b"},                 true },
      {"ForAnyValue:StringEquals",     {"c"},            Values{"a", "b"},                 false},
      {"ForAllValues:StringNotEquals", {"c"},            Values{"a", "b"},                 true },
      {"ForAllValues:StringNotEquals", {"b"},            Values{"a", "b"},                 false},
      {"ForAnyValue:StringNotEquals",  {"b"},            Values{"a", "b"},                 true },
  });
}

TEST(PolicyConditionsTest, WhatIsNoOperatorNeverHolds) {
  EXPECT_TRUE(is_condition_operator("ForAllValues:StringLikeIfExists"));
  EXPECT_TRUE(is_condition_operator("Null"));
  for (const char* name : {"StringEqual", "stringequals", "NullIfExists", "",
                           "ForAllValues:", "ForSomeValues:StringEquals", "IfExists"}) {
    EXPECT_FALSE(is_condition_operator(name)) << name;
    EXPECT_FALSE(holds({name, {"a"}, Values{"a"}, false})) << name;
  }
  for (const std::string& name : condition_operators()) EXPECT_TRUE(is_condition_operator(name));
}

// What a request says of itself needs no context.
TEST(PolicyConditionsTest, WhoCallsIsKnown) {
  const auto ask = [](const char* key, const char* value, AccessRequest request) {
    v1::Policy::Condition condition;
    condition.set_operator_("StringEquals");
    condition.set_key(key);
    condition.add_values(value);
    return condition_holds(condition, request);
  };
  const AccessRequest user{.principal_arn = "arn:aws:iam::111122223333:user/alice",
                           .action = "kms:Decrypt",
                           .account = "111122223333",
                           .via_service = "secretsmanager.us-west-2.amazonaws.com"};
  EXPECT_TRUE(ask("aws:principalarn", "arn:aws:iam::111122223333:user/alice", user));
  EXPECT_TRUE(ask("aws:PrincipalAccount", "111122223333", user));
  EXPECT_TRUE(ask("kms:CallerAccount", "111122223333", user));
  EXPECT_TRUE(ask("kms:ViaService", "secretsmanager.us-west-2.amazonaws.com", user));
  AccessRequest session = user;
  session.principal_arn = "arn:aws:sts::111122223333:assumed-role/reader/me";
  session.via_service = {};
  EXPECT_TRUE(ask("aws:PrincipalArn", "arn:aws:iam::111122223333:role/reader", session));
  EXPECT_FALSE(ask("kms:ViaService", "", session));
}

}  // namespace
}  // namespace faultline::kms
