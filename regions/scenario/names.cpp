#include "regions/scenario/names.h"

#include <algorithm>

namespace faultline::regions {
namespace {

void add_once(std::vector<std::string>& list, const std::string& name) {
  if (!holds(list, name)) list.push_back(name);
}

void note_written(Names& names, const std::string& secret, bool written, const std::string& value,
                  const std::string& token) {
  if (written) add_once(names.values[secret], value);
  if (!token.empty()) add_once(names.tokens, token);
}

template <class Request>
void note_replicas(Names& names, const std::string& secret, const Request& request) {
  for (const auto& replica : request.add_replica_regions()) {
    names.replica_regions[secret].insert(replica.region());
  }
}

void note_creations(Names& names, const v1::Step& step) {
  if (step.verb_case() == v1::Step::kCreateSecret) {
    add_once(names.secrets, step.create_secret().name());
  }
  if (step.kms().has_create_key()) ++names.keys_created;
  if (step.kms().has_create_alias()) {
    add_once(names.keys[step.region()], step.kms().create_alias().alias_name());
  }
}

// After every secret is known, so that a SecretId given as an ARN finds its name.
void note_step(Names& names, const v1::Step& step) {
  const auto named = [&](const std::string& id) { return secret_named(id, names.secrets); };
  switch (step.verb_case()) {
    case v1::Step::kCreateSecret: {
      const auto& call = step.create_secret();
      note_written(names, call.name(), call.has_secret_string(), call.secret_string(),
                   call.client_request_token());
      note_replicas(names, call.name(), call);
      break;
    }
    case v1::Step::kPutSecretValue: {
      const auto& call = step.put_secret_value();
      note_written(names, named(call.secret_id()), call.has_secret_string(), call.secret_string(),
                   call.client_request_token());
      for (const auto& label : call.version_stages()) add_once(names.labels, label);
      break;
    }
    case v1::Step::kUpdateSecret: {
      const auto& call = step.update_secret();
      note_written(names, named(call.secret_id()), call.has_secret_string(), call.secret_string(),
                   call.client_request_token());
      break;
    }
    case v1::Step::kUpdateSecretVersionStage:
      add_once(names.labels, step.update_secret_version_stage().version_stage());
      break;
    case v1::Step::kReplicateSecretToRegions:
      note_replicas(names, named(step.replicate_secret_to_regions().secret_id()),
                    step.replicate_secret_to_regions());
      break;
    case v1::Step::kFault:
      if (!step.fault().name().empty()) names.faults.push_back(step.fault().name());
      break;
    default:
      break;
  }
}

}  // namespace

bool holds(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string secret_named(std::string_view secret_id, const std::vector<std::string>& known) {
  constexpr std::string_view kMark = ":secret:";
  const std::size_t mark = secret_id.find(kMark);
  if (!secret_id.starts_with("arn:") || mark == std::string_view::npos)
    return std::string(secret_id);
  const std::string_view resource = secret_id.substr(mark + kMark.size());
  constexpr std::size_t kSuffix = 7;  // a hyphen and six characters
  const bool complete = resource.size() > kSuffix && resource[resource.size() - kSuffix] == '-';
  if (complete && !holds(known, resource)) {
    return std::string(resource.substr(0, resource.size() - kSuffix));
  }
  return std::string(resource);
}

Names names_of(const v1::Scenario& scenario) {
  Names names;
  for (const auto& region : scenario.region()) names.regions.push_back(region.name());
  for (const auto& key : scenario.key()) names.keys[key.region()].push_back(key.alias());
  names.principals.emplace_back("admin");
  for (const auto& principal : scenario.principal()) {
    add_once(names.principals, principal.name());
    if (!principal.arn().empty()) names.principal_arns.push_back(principal.arn());
  }
  names.labels = {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"};
  for (const auto& step : scenario.step()) note_creations(names, step);
  // A workload makes its own where no step makes one (explore/client_story.h).
  if (scenario.has_workload() && names.secrets.empty()) {
    constexpr std::uint32_t kDefault = 2;
    const std::uint32_t count = scenario.workload().secrets();
    for (std::uint32_t i = 1; i <= (count > 0 ? count : kDefault); ++i) {
      names.secrets.push_back("secret-" + std::to_string(i));
    }
  }
  for (const auto& step : scenario.step()) note_step(names, step);
  if (scenario.has_workload()) {
    // Its clients replicate wherever they like.
    for (const std::string& secret : names.secrets) {
      names.replica_regions[secret].insert(names.regions.begin(), names.regions.end());
    }
    add_once(names.labels, "BLUE");
  }
  return names;
}

}  // namespace faultline::regions
