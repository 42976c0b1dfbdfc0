// Key policies and tags.
#include <algorithm>
#include <utility>

#include "kms/key_states.h"
#include "kms/key_store.h"
#include "kms/kms.h"
#include "kms/policy.h"
#include "kms/policy_decision.h"
#include "kms/policy_document.h"
#include "kms/validation.h"

namespace faultline::kms {
namespace {

// AWS KMS API Reference, "GetKeyPolicy": the only name there is.
Result<void> check_name(std::string_view name) {
  if (name == kPolicyName) return {};
  return fail(code::kNotFound, "No such policy exists");
}

}  // namespace

// AWS KMS API Reference, "PutKeyPolicy": BypassPolicyLockoutSafetyCheck.
Result<v1::Policy> Kms::policy_of(const v1::Policy* given, const Caller* keeper,
                                  std::string_view key_arn) const {
  v1::Policy policy = default_key_policy(place_.root_arn());
  if (given != nullptr) {
    FL_TRY_VOID(check_policy(*given));
    FL_TRY(policy, with_statements(*given, PolicyUse::Key));
    FL_TRY_VOID(check_policy(policy));
  }
  if (keeper == nullptr) return policy;
  const std::string root = place_.root_arn();
  const Ruling ruling =
      rule_on_key(policy, keeper->policies,
                  {.principal_arn = keeper->principal_arn.empty() ? root : keeper->principal_arn,
                   .action = action_of(Operation::PutKeyPolicy),
                   .account = place_.account,
                   .via_service = keeper->via_service,
                   .resource = key_arn,
                   .context = keeper->context});
  if (ruling.allowed) return policy;
  return fail(code::kMalformedPolicy,
              "The new key policy will not allow you to update the key policy in the future.");
}

Result<void> Kms::put_key_policy(std::string_view key_id, const v1::Policy& policy,
                                 const PutKeyPolicy& options) {
  FL_TRY_VOID(begin_call());
  if (options.name != kPolicyName) {
    return fail(code::kUnsupported, "Only default policy is supported");
  }
  FL_TRY_VOID(check_policy(policy));
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::PutKeyPolicy));
  FL_TRY(key->policy, policy_of(&policy, options.keeper, key->arn));
  store_->touch(*key);
  return {};
}

Result<v1::Policy> Kms::get_key_policy(std::string_view key_id, std::string_view name) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_id, AcceptAliases::No));
  FL_TRY_VOID(check_name(name));
  return key->policy;
}

Result<std::string> Kms::get_key_policy_document(std::string_view key_id, std::string_view name) {
  FL_TRY(const v1::Policy policy, get_key_policy(key_id, name));
  return policy_document(policy);
}

Result<std::vector<std::string>> Kms::list_key_policies(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(lookup(key_id, AcceptAliases::No));
  return std::vector<std::string>{std::string(kPolicyName)};
}

Result<void> Kms::tag_resource(std::string_view key_id, const std::vector<Tag>& tags) {
  FL_TRY_VOID(begin_call());
  FL_TRY_VOID(check_tags(tags, {}));
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::TagResource));
  FL_TRY_VOID(check_tags(tags, key->tags));
  key->tags = merge_tags(std::move(key->tags), tags);
  store_->touch(*key);
  return {};
}

Result<void> Kms::untag_resource(std::string_view key_id,
                                 const std::vector<std::string>& tag_keys) {
  FL_TRY_VOID(begin_call());
  FL_TRY(Key * key, lookup_to_change(key_id, Operation::UntagResource));
  std::erase_if(key->tags, [&](const Tag& tag) {
    return std::find(tag_keys.begin(), tag_keys.end(), tag.key) != tag_keys.end();
  });
  store_->touch(*key);
  return {};
}

Result<std::vector<Tag>> Kms::list_resource_tags(std::string_view key_id) {
  FL_TRY_VOID(begin_call());
  FL_TRY(const Key* key, lookup(key_id, AcceptAliases::No));
  return key->tags;
}

}  // namespace faultline::kms
