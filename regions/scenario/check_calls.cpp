// Calls of the API: what they refer to, and what AWS takes.
// Source  AWS Secrets Manager API Reference: the constraints on the pages of the operations.
#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "regions/arn.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_text.h"

namespace faultline::regions {
namespace {

constexpr std::size_t kMostValueBytes = 65'536;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// The fields without which the call is malformed; the first names the secret.
std::vector<std::string> required_fields(v1::Step::VerbCase verb) {
  switch (verb) {
    case v1::Step::kCreateSecret:
      return {"name"};
    case v1::Step::kUpdateSecretVersionStage:
      return {"secret_id", "version_stage"};
    case v1::Step::kPutResourcePolicy:
      return {"secret_id", "resource_policy"};
    case v1::Step::kValidateResourcePolicy:
      return {"resource_policy"};
    case v1::Step::kListSecrets:
    case v1::Step::kBatchGetSecretValue:
    case v1::Step::kGetRandomPassword:
      return {};
    default:
      return {"secret_id"};
  }
}

// It may be meant to break AWS's rules.
bool wants_an_error(const v1::Step& step) {
  return !step.want().error().empty() || step.want().anything();
}

}  // namespace

void ScenarioChecker::check_call(const v1::Step& step, const Spot& spot) {
  declared_region(spot, "region");
  const Spot call = spot.child(verb_name(step));
  const bool lenient = wants_an_error(step);
  for (const auto& field : required_fields(step.verb_case())) {
    if (!lenient && field != "secret_id") required(call, field, field);
  }
  // A secret that nobody creates can only be wanted to be missing.
  const bool wants_none = step.want().error() == "ResourceNotFoundException" ||
                          step.want().error() == "ValidationException";
  const bool names_none =
      step.verb_case() == v1::Step::kValidateResourcePolicy && count_of(call, "secret_id") == 0;
  if (has_field(call, "secret_id") && !wants_none && !names_none) known_secret(call, "secret_id");
  if (has_field(call, "add_replica_regions")) check_replica_regions(step, call);
  if (has_field(call, "remove_replica_regions")) check_removed_regions(call);
  if (lenient) return;

  std::vector<const google::protobuf::FieldDescriptor*> fields;
  call.message().GetReflection()->ListFields(call.message(), &fields);
  for (const auto* field : fields) check_call_field(step, call, field->name());

  const bool both = has_field(call, "secret_string") && count_of(call, "secret_string") > 0 &&
                    count_of(call, "secret_binary") > 0;
  if (both) complain(call, "secret_binary", "a secret is a string or binary: not both");
  if (step.verb_case() == v1::Step::kPutSecretValue &&
      !step.put_secret_value().has_secret_string() &&
      !step.put_secret_value().has_secret_binary()) {
    complaints_.add(call.place(), "put_secret_value needs a secret_string or a secret_binary");
  }
  if (step.has_batch_get_secret_value()) check_batch(step.batch_get_secret_value(), call);
}

void ScenarioChecker::check_call_field(const v1::Step& step, const Spot& call,
                                       const std::string& field) {
  if (field == "name") return check_name(call);
  if (field == "secret_string" || field == "secret_binary") return check_value(call, field);
  if (field == "client_request_token") {
    return size_between(call, field, 32, 64, "a ClientRequestToken");
  }
  if (field == "resource_policy") {
    size_between(call, field, 1, 20'480, "a resource policy");
    if (step.has_put_resource_policy()) check_document(call, field, kms::PolicyUse::Secret);
    return;
  }
  if (field == "type") return size_between(call, field, 0, 256, "a type");
  if (field == "password_length") {
    const std::int64_t length = step.get_random_password().password_length();
    if (length < 1 || length > 4'096) complain(call, field, "a password has 1 to 4096 characters");
    return;
  }
  if (field == "description") return size_between(call, field, 0, 2'048, "a description");
  if (field == "tags") return check_tags(call);
  if (field == "tag_keys") return size_between(call, field, 1, 128, "a tag's key");
  if (field == "kms_key_id") {
    if (!text_of(call, field).empty()) known_key(call, field, step.region(), KeyUse::Any);
    return;
  }
  if (field == "version_id" || field == "remove_from_version_id" || field == "move_to_version_id") {
    return check_version_id(call, field);
  }
  if (field == "rotation_rules") return check_rotation_rules(call);
  if (field == "rotation_lambda_arn") return check_rotation_lambda(step, call);
  if (field == "version_stage" || field == "version_stages") {
    const bool reads = step.verb_case() == v1::Step::kGetSecretValue;
    for (int i = 0; i < count_of(call, field); ++i) {
      check_label(call, field, i, text_of(call, field, i), reads);
    }
    return;
  }
  if (field == "recovery_window_in_days" || field == "force_delete_without_recovery") {
    return check_deletion(call);
  }
  if (field == "max_results" || field == "filters" || field == "sort_by" || field == "sort_order") {
    return check_listing(call);
  }
}

void ScenarioChecker::check_name(const Spot& call) {
  size_between(call, "name", 1, 512, "a secret's name");
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+=.@-";
  const std::string name = text_of(call, "name");
  if (name.find_first_not_of(kCharacters) != std::string::npos) {
    complain(call, "name", quoted(name) + " is not a secret's name: letters, digits and /_+=.@-");
  }
}

void ScenarioChecker::check_value(const Spot& call, const std::string& field) {
  size_between(call, field, 1, kMostValueBytes, "a secret value");
}

void ScenarioChecker::check_replica_regions(const v1::Step& step, const Spot& call) {
  const bool lenient = wants_an_error(step);
  const int count = count_of(call, "add_replica_regions");
  if (count == 0 && !lenient && step.verb_case() == v1::Step::kReplicateSecretToRegions) {
    complaints_.add(
        call.place(),
        "replicate_secret_to_regions names no regions: add_replica_regions { region: … }");
  }
  std::vector<std::string> seen;
  for (int i = 0; i < count; ++i) {
    const Spot replica = call.child("add_replica_regions", i);
    if (!required(replica, "region", "the replica's region")) continue;
    const std::string region = text_of(replica, "region");
    const bool declared = holds(names_.regions, region);
    if (!declared && names_.has_all("region")) {
      // A region that nobody declared is refused by the replication, which may be the point; a near
      // miss is a typo.
      const auto near = std::ranges::find_if(names_.regions, [&](const std::string& known) {
        return edit_distance(region, known) <= 2;
      });
      if (!looks_like_a_region(region) && !lenient) {
        complain(replica, "region",
                 quoted(region) + " does not look like a region, such as \"us-east-1\"");
      } else if (near != names_.regions.end()) {
        complain(replica, "region",
                 "region " + quoted(region) + " is not declared; did you mean " + quoted(*near) +
                     "? (a region that the account has not enabled: region { name: " +
                     quoted(region) + " enabled: false })");
      }
    }
    if (lenient) continue;
    if (region == step.region()) {
      complain(replica, "region", "a secret cannot be replicated to its own region");
    }
    if (holds(seen, region))
      complain(replica, "region", "region " + quoted(region) + " is named twice");
    seen.push_back(region);
    if (declared && !text_of(replica, "kms_key_id").empty()) {
      // A key of another region is one of the ways in which replication fails.
      bool elsewhere = false;
      for (const auto& [other, aliases] : names_.keys) {
        elsewhere = elsewhere || holds(aliases, text_of(replica, "kms_key_id"));
      }
      if (!elsewhere) known_key(replica, "kms_key_id", region, KeyUse::Any);
    }
  }
}

void ScenarioChecker::check_removed_regions(const Spot& call) {
  if (count_of(call, "remove_replica_regions") == 0) {
    complaints_.add(call.place(), "remove_regions_from_replication names no regions");
  }
  std::vector<std::string> known = names_.regions;
  for (const auto& [secret, regions] : names_.replica_regions) {
    known.insert(known.end(), regions.begin(), regions.end());
  }
  for (int i = 0; i < count_of(call, "remove_replica_regions"); ++i) {
    const std::string region = text_of(call, "remove_replica_regions", i);
    if (holds(known, region) || !names_.has_all("region") || !names_.has_all("step")) continue;
    complain(call, "remove_replica_regions",
             "no step replicates anything to " + quoted(region) + did_you_mean(region, known), i);
  }
}

// Secrets that nobody creates may be meant: what cannot be read stands in the answer's errors. A near
// miss is a typo.
void ScenarioChecker::check_batch(const v1::BatchGetSecretValueRequest& batch, const Spot& call) {
  const int ids = batch.secret_id_list_size();
  if (ids > 0 && batch.filters_size() > 0) {
    complain(call, "filters", "a batch has a secret_id_list or filters: not both");
  } else if (ids == 0 && batch.filters_size() == 0) {
    complaints_.add(call.place(), "batch_get_secret_value needs a secret_id_list or filters");
  }
  if (ids > 20) complain(call, "secret_id_list", "a batch has at most 20 secrets");
  if (ids > 0 && batch.has_max_results()) {
    complain(call, "max_results", "max_results belongs to filters");
  }
  for (int i = 0; i < ids && names_.has_all("step"); ++i) {
    const std::string name = secret_named(batch.secret_id_list(i), names_.secrets);
    if (holds(names_.secrets, name)) continue;
    const auto near = std::ranges::find_if(names_.secrets, [&name](const std::string& known) {
      return edit_distance(name, known) <= 2;
    });
    if (near == names_.secrets.end()) continue;
    complain(call, "secret_id_list",
             "no step creates a secret named " + quoted(name) + "; did you mean " + quoted(*near) +
                 "?",
             i);
  }
}

void ScenarioChecker::check_tags(const Spot& call) {
  for (int i = 0; i < count_of(call, "tags"); ++i) {
    const Spot tag = call.child("tags", i);
    if (!required(tag, "key", "the tag's key")) continue;
    size_between(tag, "key", 1, 128, "a tag's key");
    size_between(tag, "value", 0, 256, "a tag's value");
  }
}

void ScenarioChecker::check_listing(const Spot& call) {
  const auto& message = call.message();
  const auto* results = message.GetDescriptor()->FindFieldByName("max_results");
  if (count_of(call, "max_results") > 0) {
    const int value = message.GetReflection()->GetInt32(message, results);
    const int most =
        message.GetDescriptor() == v1::BatchGetSecretValueRequest::descriptor() ? 20 : 100;
    if (value < 1 || value > most) {
      complain(call, "max_results", "max_results is from 1 to " + std::to_string(most));
    }
  }
  if (!has_field(call, "filters")) return;
  if (has_field(call, "sort_order") && count_of(call, "sort_order") > 0)
    one_of(call, "sort_order", -1, "sort order", {"asc", "desc"});
  if (has_field(call, "sort_by") && count_of(call, "sort_by") > 0) {
    one_of(call, "sort_by", -1, "sort key",
           {"created-date", "last-accessed-date", "last-changed-date", "name"});
  }
  for (int i = 0; i < count_of(call, "filters"); ++i) {
    one_of(
        call.child("filters", i), "key", -1, "filter",
        {"description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"});
  }
}

void ScenarioChecker::check_deletion(const Spot& call) {
  const auto& request = static_cast<const v1::DeleteSecretRequest&>(call.message());
  const bool has_window = request.has_recovery_window_in_days();
  if (has_window &&
      (request.recovery_window_in_days() < 7 || request.recovery_window_in_days() > 30)) {
    complain(call, "recovery_window_in_days", "a recovery window has 7 to 30 days");
  }
  if (has_window && request.force_delete_without_recovery()) {
    complain(call, "force_delete_without_recovery",
             "force_delete_without_recovery leaves no recovery window: not both");
  }
}

void ScenarioChecker::check_version_id(const Spot& call, const std::string& field) {
  size_between(call, field, 32, 64, "a version id");
  const std::string id = text_of(call, field);
  // It may be one that the run made up; a near miss of one that the file gives is a typo.
  if (holds(names_.tokens, id)) return;
  for (const auto& token : names_.tokens) {
    if (edit_distance(id, token) <= 2) {
      complain(call, field,
               "no step gives the token " + quoted(id) + "; did you mean " + quoted(token) + "?");
    }
  }
}

void ScenarioChecker::check_label(const Spot& spot, const std::string& field, int index,
                                  const std::string& label, bool must_be_made) {
  if (label.empty() || label.size() > 256) {
    complain(spot, field, "a staging label has 1 to 256 bytes", index);
    return;
  }
  static const std::vector<std::string> kOwn = {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"};
  if (holds(kOwn, label)) return;
  for (const auto& own : kOwn) {
    if (edit_distance(label, own) <= 2) {
      complain(spot, field,
               "staging label " + quoted(label) + "; did you mean " + quoted(own) + "?", index);
      return;
    }
  }
  if (must_be_made && !holds(names_.labels, label) && names_.has_all("step")) {
    complain(
        spot, field,
        "no step attaches the staging label " + quoted(label) + did_you_mean(label, names_.labels),
        index);
  }
}

}  // namespace faultline::regions
