#include "regions/scenario_text.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include "proto/check.h"
#include "regions/fault_text.h"

namespace faultline::regions {
namespace {

using google::protobuf::FieldDescriptor;

const FieldDescriptor& verb_field(const v1::Step& step) {
  static const auto* const oneof = v1::Step::descriptor()->FindOneofByName("verb");
  const auto* field = step.GetReflection()->GetOneofFieldDescriptor(step, oneof);
  FL_CHECK(field != nullptr) << "a step without a verb";
  return *field;
}

// "production/DBWest", or what an ARN says of it.
std::string short_id(const std::string& id) {
  const std::size_t mark = id.find(":secret:");
  return mark == std::string::npos ? id : id.substr(mark + 8);
}

std::string joined(const auto& list) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ", ") + std::string(item);
  return out;
}

template <class Request>
std::string replicas_text(const Request& request) {
  std::string out;
  for (const auto& replica : request.add_replica_regions()) {
    out += (out.empty() ? " " : ", ") + replica.region();
    if (!replica.kms_key_id().empty()) out += " under " + replica.kms_key_id();
  }
  if (out.empty()) return out;
  out = (request.add_replica_regions_size() > 1 ? "replicas" : "replica") + out;
  if (request.force_overwrite_replica_secret()) out += ", overwriting";
  return out;
}

// "of db, app/key"; "name db or !tmp, at most 5"
std::string batch_text(const v1::BatchGetSecretValueRequest& batch) {
  std::string out;
  for (const std::string& id : batch.secret_id_list()) {
    out += (out.empty() ? "of " : ", ") + short_id(id);
  }
  for (const v1::Filter& filter : batch.filters()) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", filter.key(),
                       fmt::join(filter.values(), " or "));
  }
  if (batch.has_max_results()) out += fmt::format(", at most {}", batch.max_results());
  return out;
}

// "by rotator, every 30 days", "by rotator, cron(0 0 ? * MON *), only tested"
std::string rotation_text(const v1::RotateSecretRequest& rotate) {
  const std::string& arn = rotate.rotation_lambda_arn();
  std::string out = arn.empty() ? "" : "by " + arn.substr(arn.rfind(':') + 1);
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  const v1::RotationRulesType& rules = rotate.rotation_rules();
  if (rules.has_automatically_after_days()) {
    add(fmt::format("every {} days", rules.automatically_after_days()));
  }
  if (rules.has_schedule_expression()) add(rules.schedule_expression());
  if (rotate.has_rotate_immediately() && !rotate.rotate_immediately()) add("only tested");
  return out;
}

// What a call does beyond its operation and its secret; "" for nothing worth saying.
std::string call_details(const v1::Step& step) {
  switch (step.verb_case()) {
    case v1::Step::kCreateSecret:
      return replicas_text(step.create_secret());
    case v1::Step::kReplicateSecretToRegions:
      return replicas_text(step.replicate_secret_to_regions());
    case v1::Step::kRemoveRegionsFromReplication:
      return "without " + joined(step.remove_regions_from_replication().remove_replica_regions());
    case v1::Step::kPutSecretValue: {
      const auto& stages = step.put_secret_value().version_stages();
      return stages.empty() ? "" : "as " + joined(stages);
    }
    case v1::Step::kGetSecretValue: {
      const auto& get = step.get_secret_value();
      return !get.version_stage().empty() ? get.version_stage() : get.version_id();
    }
    case v1::Step::kBatchGetSecretValue:
      return batch_text(step.batch_get_secret_value());
    case v1::Step::kGetRandomPassword: {
      const auto& password = step.get_random_password();
      if (!password.has_password_length()) return "";
      return fmt::format("{} characters", password.password_length());
    }
    case v1::Step::kUpdateSecretVersionStage:
      return step.update_secret_version_stage().version_stage();
    case v1::Step::kRotateSecret:
      return rotation_text(step.rotate_secret());
    case v1::Step::kDeleteSecret: {
      const auto& deletion = step.delete_secret();
      if (deletion.force_delete_without_recovery()) return "without recovery";
      if (!deletion.has_recovery_window_in_days()) return "";
      return fmt::format("recovery window {} days", deletion.recovery_window_in_days());
    }
    default:
      return "";
  }
}

// The message of the operation that a call is about; nullptr: a kms or account block names none.
const google::protobuf::Message* operation_message(const v1::Step& step) {
  const auto& call = step.GetReflection()->GetMessage(step, &verb_field(step));
  if (calls_secrets_manager(step)) return &call;
  const auto* field = call.GetReflection()->GetOneofFieldDescriptor(
      call, call.GetDescriptor()->FindOneofByName("operation"));
  return field == nullptr ? nullptr : &call.GetReflection()->GetMessage(call, field);
}

// "CreateSecretRequest", "KmsCreateKeyRequest" without what is not AWS's.
std::string operation_in(const std::string& message_name, std::string_view prefix) {
  constexpr std::size_t kRequest = 7;
  return message_name.substr(prefix.size(), message_name.size() - prefix.size() - kRequest);
}

// A string field of the operation, if it has one of that name.
std::string string_field(const google::protobuf::Message& call, const char* name) {
  const auto* field = call.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : call.GetReflection()->GetString(call, field);
}

// "{alias/replica}" stands for a key (step_performer.h).
std::string key_text(const std::string& key) {
  if (!key.starts_with('{') || !key.ends_with('}')) return key;
  const std::string inner = key.substr(1, key.size() - 2);
  constexpr std::string_view kCreated = "created ";
  return inner.starts_with(kCreated) ? "key #" + inner.substr(kCreated.size()) : inner;
}

// "kms:CreateAlias alias/db of alias/replica", "account:EnableRegion me-south-1"
std::string other_call_text(const v1::Step& step) {
  std::string out = operation_of(step);
  if (const auto* call = operation_message(step)) {
    for (const char* field : {"key_id", "alias_name", "region_name", "destination_key_id"}) {
      const std::string named = key_text(string_field(*call, field));
      if (!named.empty()) out += " " + named;
    }
    for (const char* field : {"replica_region", "primary_region"}) {
      const std::string region = string_field(*call, field);
      if (!region.empty()) out += " to " + region;
    }
    const std::string target = key_text(string_field(*call, "target_key_id"));
    if (!target.empty()) out += " of " + target;
  }
  return step.principal().empty() ? out : out + ", as " + step.principal();
}

std::string call_text(const v1::Step& step) {
  if (!calls_secrets_manager(step)) return other_call_text(step);
  std::string out = operation_of(step);
  const auto& call = step.GetReflection()->GetMessage(step, &verb_field(step));
  for (const char* field : {"name", "secret_id"}) {
    const auto* descriptor = call.GetDescriptor()->FindFieldByName(field);
    if (descriptor == nullptr) continue;
    out += " " + short_id(call.GetReflection()->GetString(call, descriptor));
  }
  const std::string details = call_details(step);
  if (!details.empty()) out += ", " + details;
  return step.principal().empty() ? out : out + ", as " + step.principal();
}

std::string replica_claim(const v1::ReplicaIs& replica) {
  std::string out =
      fmt::format("replica {} of {}", replica.region(), short_id(replica.secret_id()));
  if (!replica.primary().empty()) out += " in " + replica.primary();
  if (replica.absent()) return out + " is not listed";
  out += replica.status() == v1::ReplicaIs::ANY
             ? " is listed"
             : " is " + v1::ReplicaIs::Status_Name(replica.status());
  return replica.message().empty() ? out : fmt::format("{} (\"{}\")", out, replica.message());
}

std::string value_claim(const v1::ValueIs& value) {
  std::string out = fmt::format("{} in {}", short_id(value.secret_id()), value.region());
  if (!value.version_stage().empty()) out += " (" + value.version_stage() + ")";
  if (!value.error().empty()) return out + " answers " + value.error();
  if (value.one_of_size() == 0) return fmt::format("{} is \"{}\"", out, value.secret_string());
  std::string list;
  for (const auto& one : value.one_of())
    list += fmt::format("{}\"{}\"", list.empty() ? "" : " or ", one);
  return out + " is " + list;
}

std::string secret_claim(const v1::SecretIs& secret) {
  const std::string out = fmt::format("{} in {}", short_id(secret.secret_id()), secret.region());
  if (secret.absent()) return out + " does not exist";
  switch (secret.role()) {
    case v1::SecretIs::Primary:
      return out + " is a primary";
    case v1::SecretIs::Replica:
      return out + " is a replica";
    case v1::SecretIs::Standalone:
      return out + " is a standalone secret";
    default:
      return out + " exists";
  }
}

}  // namespace

// Calls have the numbers below 50 in scenario.proto, faults and deeds of operators the others.
bool is_call(const v1::Step& step) {
  constexpr int kFirstDeed = v1::Step::kFaultFieldNumber;
  return step.verb_case() != v1::Step::VERB_NOT_SET && step.verb_case() < kFirstDeed;
}

bool calls_secrets_manager(const v1::Step& step) {
  return is_call(step) && !step.has_kms() && !step.has_account();
}

std::string verb_name(const v1::Step& step) { return verb_field(step).name(); }

std::string operation_of(const v1::Step& step) {
  if (calls_secrets_manager(step)) return operation_in(verb_field(step).message_type()->name(), "");
  const std::string service = step.has_kms() ? "kms:" : "account:";
  const auto* call = operation_message(step);
  if (call == nullptr) return service;
  return service + operation_in(call->GetDescriptor()->name(), step.has_kms() ? "Kms" : "Account");
}

v1::ApiRequest api_request_of(const v1::Step& step) {
  const FieldDescriptor& verb = verb_field(step);
  const auto* field = v1::ApiRequest::descriptor()->FindFieldByName(verb.name());
  FL_CHECK(field != nullptr) << verb.name() << " is no operation";
  v1::ApiRequest request;
  request.GetReflection()
      ->MutableMessage(&request, field)
      ->CopyFrom(step.GetReflection()->GetMessage(step, &verb));
  return request;
}

std::string step_text(const v1::Step& step) {
  if (is_call(step)) return call_text(step);
  switch (step.verb_case()) {
    case v1::Step::kFault:
      return fault_text(step.fault());
    case v1::Step::kHeal:
      return step.heal().fault().empty() ? "every fault is healed"
                                         : step.heal().fault() + " is healed";
    case v1::Step::kEnableRegion:
      return "the account enables " + step.enable_region().region();
    case v1::Step::kDisableRegion:
      return "the account disables " + step.disable_region().region();
    case v1::Step::kCrash:
      return crash_text(step.crash());
    case v1::Step::kRestart:
      return step.restart().region() + " starts again";
    case v1::Step::kEnableKey:
      return fmt::format("EnableKey {} in {}", step.enable_key().key(), step.enable_key().region());
    case v1::Step::kDisableKey:
      return fmt::format("DisableKey {} in {}", step.disable_key().key(),
                         step.disable_key().region());
    case v1::Step::kRotateKey:
      return fmt::format("RotateKeyOnDemand {} in {}", step.rotate_key().key(),
                         step.rotate_key().region());
    case v1::Step::kPutKeyPolicy:
      return fmt::format("PutKeyPolicy {} in {}", step.put_key_policy().key(),
                         step.put_key_policy().region());
    default:
      return "";
  }
}

std::string want_text(const v1::Want& want) {
  if (want.anything()) return "any result";
  if (!want.error().empty()) {
    return want.message().empty() ? want.error()
                                  : fmt::format("{} (\"{}\")", want.error(), want.message());
  }
  std::string out = "OK";
  if (!want.secret_string().empty()) out += fmt::format(" with \"{}\"", want.secret_string());
  if (want.version_stages_size() > 0) out += " with " + joined(want.version_stages());
  return out;
}

namespace {

// Of what Expect and Condition have in common.
template <class What>
std::string common_claim(const What& what) {
  if (what.has_replica()) return replica_claim(what.replica());
  if (what.has_value()) return value_claim(what.value());
  if (what.has_secret()) return secret_claim(what.secret());
  if (what.has_converged()) return short_id(what.converged().secret_id()) + " has converged";
  return "nothing";
}

}  // namespace

std::string claim_text(const v1::Expect& expect) {
  if (!expect.has_leads_to()) return common_claim(expect);
  const v1::LeadsTo& leads_to = expect.leads_to();
  return fmt::format("whenever {}, then within {} {}", common_claim(leads_to.when()),
                     leads_to.within(), common_claim(leads_to.then()));
}

std::string expect_text(const v1::Expect& expect) {
  const std::string claim = claim_text(expect);
  const std::string since = expect.after().empty() ? "" : " from " + expect.after() + " on";
  switch (expect.when_case()) {
    case v1::Expect::kAt:
      return fmt::format("at {}, {}", expect.at(), claim);
    case v1::Expect::kWithin:
      return expect.after().empty()
                 ? fmt::format("within {}, {}", expect.within(), claim)
                 : fmt::format("within {} after {}, {}", expect.within(), expect.after(), claim);
    case v1::Expect::kAlways:
      return fmt::format("always{}, {}", since, claim);
    case v1::Expect::kSometimes:
      return fmt::format("at some time, {}", claim);
    case v1::Expect::kNever:
      return fmt::format("never{}, {}", since, claim);
    case v1::Expect::kEventuallyAfterHeal:
      return fmt::format("after everything is mended, {}", claim);
    case v1::Expect::WHEN_NOT_SET:
      if (expect.has_leads_to()) return claim;
      [[fallthrough]];
    default:
      return fmt::format("at the end, {}", claim);
  }
}

}  // namespace faultline::regions
