// Properties of the policy language, over policies that are drawn.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kms/policy.h"
#include "kms/policy_decision.h"
#include "kms/policy_document.h"

namespace faultline::kms {
namespace {

using Statement = v1::Policy::Statement;

constexpr std::string_view kAccount = "111122223333";

rc::Gen<std::string> principals() {
  return rc::gen::element<std::string>(
      "*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/alice",
      "arn:aws:iam::111122223333:role/reader", "arn:aws:iam::444455556666:user/bob");
}
rc::Gen<std::string> callers() {
  return rc::gen::element<std::string>(
      "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:root",
      "arn:aws:sts::111122223333:assumed-role/reader/me", "arn:aws:iam::444455556666:user/bob");
}
rc::Gen<std::string> actions() {
  return rc::gen::element<std::string>("*", "kms:*", "kms:Decrypt", "KMS:decrypt", "kms:?ecrypt",
                                       "kms:Encrypt", "secretsmanager:Get*");
}
rc::Gen<std::string> resources() {
  return rc::gen::element<std::string>("*", "arn:aws:kms:us-west-2:111122223333:key/k",
                                       "arn:aws:kms:*:*:key/*", "arn:aws:kms:us-east-1:*");
}

template <class Add>
void some(rc::Gen<std::string> gen, int most, Add add) {
  const int count = *rc::gen::inRange(1, most + 1);
  for (int i = 0; i < count; ++i) add(*gen);
}

Statement draw_statement() {
  Statement statement;
  statement.set_effect(*rc::gen::arbitrary<bool>() ? Statement::Allow : Statement::Deny);
  if (*rc::gen::arbitrary<bool>()) statement.set_sid(*rc::gen::string<std::string>());
  if (*rc::gen::weightedElement<bool>({
          {4, true },
          {1, false}
  })) {
    some(principals(), 2, [&](const std::string& each) { statement.add_principals(each); });
  } else {
    some(principals(), 2, [&](const std::string& each) { statement.add_not_principals(each); });
  }
  if (*rc::gen::weightedElement<bool>({
          {4, true },
          {1, false}
  })) {
    some(actions(), 2, [&](const std::string& each) { statement.add_actions(each); });
  } else {
    some(actions(), 2, [&](const std::string& each) { statement.add_not_actions(each); });
  }
  if (*rc::gen::weightedElement<bool>({
          {4, true },
          {1, false}
  })) {
    some(resources(), 2, [&](const std::string& each) { statement.add_resources(each); });
  } else {
    some(resources(), 2, [&](const std::string& each) { statement.add_not_resources(each); });
  }
  if (*rc::gen::arbitrary<bool>()) {
    auto& condition = *statement.add_conditions();
    condition.set_operator_(*rc::gen::element<std::string>(
        "StringEquals", "StringNotEquals", "StringLikeIfExists", "ForAllValues:StringEquals"));
    condition.set_key("aws:RequestedRegion");
    some(rc::gen::element<std::string>("us-west-2", "us-east-1", "us-*"), 2,
         [&](const std::string& each) { condition.add_values(each); });
  }
  return statement;
}

v1::Policy draw_policy() {
  v1::Policy policy;
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i) *policy.add_statements() = draw_statement();
  return policy;
}

struct Asked {
  std::string principal = *callers();
  std::string action =
      *rc::gen::element<std::string>("kms:Decrypt", "kms:Encrypt", "secretsmanager:GetSecretValue");
  std::string resource = *rc::gen::element<std::string>("arn:aws:kms:us-west-2:111122223333:key/k",
                                                        "arn:aws:kms:us-east-1:111122223333:key/k");
  PolicyContext context{[region = *rc::gen::element<std::string>("us-west-2", "us-east-1")](
                            PolicyContext& to) { to.add("aws:RequestedRegion", region); }};

  [[nodiscard]] AccessRequest request() const {
    return {.principal_arn = principal,
            .action = action,
            .account = kAccount,
            .resource = resource,
            .context = &context};
  }
};

RC_GTEST_PROP(PolicyProperty, AnExplicitDenyAlwaysWins, ()) {
  const Asked asked;
  v1::Policy policy = draw_policy();
  Statement deny;
  deny.set_effect(Statement::Deny);
  deny.add_principals(*rc::gen::element<std::string>("*", asked.principal));
  deny.add_actions(*rc::gen::element<std::string>("*", asked.action));
  const int at = *rc::gen::inRange(0, policy.statements_size() + 1);
  *policy.add_statements() = deny;
  for (int i = policy.statements_size() - 1; i > at; --i) {
    policy.mutable_statements()->SwapElements(i, i - 1);
  }
  RC_ASSERT(decide(policy, asked.request()) == Decision::ExplicitDeny);
  for (const bool granted : {false, true}) {
    const Ruling ruling = rule_on_key(policy, nullptr, asked.request(), granted);
    RC_ASSERT(!ruling.allowed);
    RC_ASSERT(ruling.is_explicit);
  }
}

// Wherever it stands: in the policy of the key, of the caller, or of his organisation.
RC_GTEST_PROP(PolicyProperty, AddingADenyNeverAllowsMore, ()) {
  const Asked asked;
  std::vector<v1::Policy> identity = {draw_policy()};
  std::vector<v1::Policy> organisation = {draw_policy()};
  v1::Policy boundary = draw_policy();
  v1::Policy resource = draw_policy();
  const auto allowed = [&] {
    const CallerPolicies own{&identity, &boundary, &organisation};
    return std::pair(rule_on_key(resource, &own, asked.request()).allowed,
                     rule_on_resource(&resource, &own, asked.request()).allowed);
  };
  const auto before = allowed();
  Statement deny = draw_statement();
  deny.set_effect(Statement::Deny);
  v1::Policy* const where = *rc::gen::element<v1::Policy*>(&identity.front(), &organisation.front(),
                                                           &boundary, &resource);
  *where->add_statements() = deny;
  const auto after = allowed();
  RC_ASSERT(before.first || !after.first);
  RC_ASSERT(before.second || !after.second);
}

RC_GTEST_PROP(PolicyProperty, WrittenAndReadAgainItIsTheSame, ()) {
  v1::Policy policy = draw_policy();
  if (*rc::gen::arbitrary<bool>()) policy.set_id(*rc::gen::string<std::string>());
  // JSON texts are Unicode: bytes that are not are for the reader to refuse.
  const auto is_ascii = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
  };
  RC_PRE(is_ascii(policy.id()));
  for (const auto& statement : policy.statements()) RC_PRE(is_ascii(statement.sid()));
  const std::string json = policy_document(policy);
  auto read = read_policy_document(json, PolicyUse::Key, 1 << 20);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->document() == json);
  read->clear_document();
  RC_ASSERT(read->SerializeAsString() == policy.SerializeAsString());
}

RC_GTEST_PROP(PolicyProperty, GarbageIsRefusedAndNothingElse, (const std::string& bytes)) {
  RC_ASSERT(!read_policy_document(bytes, PolicyUse::Secret, 1 << 20).has_value());
}

// One byte of a good document changed: read or refused, never anything worse.
RC_GTEST_PROP(PolicyProperty, ADamagedDocumentDoesNoHarm, ()) {
  std::string json = policy_document(draw_policy());
  const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
  json[at] = *rc::gen::arbitrary<char>();
  const auto read = read_policy_document(json, PolicyUse::Key, 1 << 20);
  if (read) RC_ASSERT(read->document() == json);
}

}  // namespace
}  // namespace faultline::kms
