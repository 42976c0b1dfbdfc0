#include "regions/explore/client_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "kms/identifiers.h"

namespace faultline::regions::explore {
namespace {

template <class Request>
void add_replica(Request& request, const std::string& region, const std::string& key) {
  v1::ReplicaRegionType& replica = *request.add_add_replica_regions();
  replica.set_region(region);
  if (!key.empty()) replica.set_kms_key_id(key);
}

void add_once(std::vector<std::string>& list, const std::string& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

}  // namespace

std::string Luck::uuid() {
  std::array<std::byte, 16> bytes{};
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(below(256));
  return kms::format_uuid(bytes);
}

ClientStory::ClientStory(const v1::Scenario& base, const Style& style, Luck& luck)
    : base_(base), style_(style), luck_(luck) {
  for (const v1::RegionSpec& region : base.region()) regions_.push_back(region.name());
  for (const v1::Step& step : base.step()) {
    if (!step.has_create_secret()) continue;
    Secret& secret = secrets_.emplace_back();
    secret.name = step.create_secret().name();
    secret.primary = step.region();
    for (const auto& replica : step.create_secret().add_replica_regions()) {
      if (std::ranges::find(regions_, replica.region()) != regions_.end()) {
        secret.replicas.push_back(replica.region());
      }
    }
  }
  made_by_base_ = secrets_.size();
  if (!secrets_.empty()) return;
  std::vector<std::string> homes = style.primary_regions;
  for (const v1::RegionSpec& region : base.region()) {
    const bool enabled = !region.has_enabled() || region.enabled();
    if (style.primary_regions.empty() && enabled) homes.push_back(region.name());
  }
  if (homes.empty()) homes = regions_;
  for (std::uint32_t i = 1; i <= std::max<std::uint32_t>(1, style.secrets); ++i) {
    Secret& secret = secrets_.emplace_back();
    secret.name = fmt::format("secret-{}", i);
    // The first region of a scenario is its home, mostly.
    secret.primary = luck_.percent(70) ? homes.front() : luck_.pick(homes);
  }
}

// ---- who and where ------------------------------------------------------------------------------

ClientStory::Secret& ClientStory::some_secret() { return secrets_[luck_.below(secrets_.size())]; }

std::string ClientStory::some_region(const Secret& secret) {
  if (!secret.promoted.empty() && luck_.percent(30)) return luck_.pick(secret.promoted);
  return luck_.percent(95) ? secret.primary : luck_.pick(regions_);
}

std::string ClientStory::other_region(const Secret& secret) {
  std::vector<std::string> others;
  for (const std::string& region : regions_) {
    if (region != secret.primary) others.push_back(region);
  }
  return others.empty() ? secret.primary : luck_.pick(others);
}

std::string ClientStory::some_replica(const Secret& secret) {
  return secret.replicas.empty() ? other_region(secret) : luck_.pick(secret.replicas);
}

std::string ClientStory::some_key(const std::string& region) {
  std::vector<std::string> keys = {""};
  for (const v1::KeySpec& key : base_.key()) {
    if (key.region() == region) keys.push_back(key.alias());
  }
  return luck_.pick(keys);
}

ClientStory::Pair ClientStory::pair() {
  const Secret& secret = some_secret();
  return {secret.primary, some_replica(secret)};
}

v1::Step& ClientStory::call(std::vector<v1::Step>& steps, const std::string& region) {
  v1::Step& step = steps.emplace_back();
  step.set_region(region);
  step.mutable_want()->set_anything(true);
  // Some clients ask again; a scenario is easier to follow when most do not.
  if (luck_.one_in(5)) step.set_retries(3);
  return step;
}

std::string ClientStory::new_value(Secret& secret) {
  return fmt::format("{} value {} {:08x}", secret.name, ++secret.values, luck_.below(1ULL << 32U));
}

std::string ClientStory::new_version(Secret& secret) {
  return secret.versions.emplace_back(luck_.uuid());
}

// ---- the operations -----------------------------------------------------------------------------

void ClientStory::create(Secret& secret, std::vector<v1::Step>& steps) {
  v1::Step& step = call(steps, secret.primary);
  v1::CreateSecretRequest& create = *step.mutable_create_secret();
  create.set_name(secret.name);
  create.set_secret_string(new_value(secret));
  create.set_client_request_token(new_version(secret));
  const std::string own = some_key(secret.primary);
  if (!own.empty()) create.set_kms_key_id(own);
  if (luck_.percent(40)) create.set_description("made by the workload");
  secret.replicas.clear();
  for (const std::string& region : regions_) {
    if (region == secret.primary || luck_.one_in(6)) continue;
    add_replica(create, region, some_key(region));
    secret.replicas.push_back(region);
  }
  secret.deleted = false;
}

void ClientStory::begin(std::vector<v1::Step>& steps) {
  if (made_by_base_ > 0) return;
  for (Secret& secret : secrets_) create(secret, steps);
}

void ClientStory::put(Secret& secret, std::vector<v1::Step>& steps) {
  v1::Step& step = call(steps, some_region(secret));
  v1::PutSecretValueRequest& put = *step.mutable_put_secret_value();
  put.set_secret_id(secret.name);
  put.set_secret_string(new_value(secret));
  put.set_client_request_token(new_version(secret));
  if (luck_.one_in(5)) put.add_version_stages(luck_.one_in(2) ? "AWSPENDING" : "BLUE");
  if (put.version_stages_size() > 0 && luck_.one_in(3)) put.add_version_stages("AWSCURRENT");
  secret.writes.push_back(step);
}

void ClientStory::update(Secret& secret, std::vector<v1::Step>& steps) {
  v1::Step& step = call(steps, some_region(secret));
  v1::UpdateSecretRequest& update = *step.mutable_update_secret();
  update.set_secret_id(secret.name);
  if (luck_.percent(60)) {
    update.set_description(fmt::format("description {}", luck_.below(1000)));
    return;
  }
  update.set_secret_string(new_value(secret));
  update.set_client_request_token(new_version(secret));
  secret.writes.push_back(step);
}

void ClientStory::move_label(Secret& secret, std::vector<v1::Step>& steps) {
  if (secret.versions.empty()) return put(secret, steps);
  v1::UpdateSecretVersionStageRequest& move =
      *call(steps, some_region(secret)).mutable_update_secret_version_stage();
  const std::size_t recent = std::min<std::size_t>(secret.versions.size(), 3);
  const auto version = [&] {
    return secret.versions[secret.versions.size() - 1 - luck_.below(recent)];
  };
  move.set_secret_id(secret.name);
  move.set_version_stage(luck_.percent(60) ? "AWSCURRENT"
                         : luck_.one_in(2) ? "BLUE"
                                           : "AWSPENDING");
  if (luck_.percent(85)) move.set_move_to_version_id(version());
  if (move.move_to_version_id().empty() || luck_.percent(70)) {
    move.set_remove_from_version_id(secret.versions.back());
  }
}

void ClientStory::promote(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string region = some_replica(secret);
  call(steps, region).mutable_stop_replication_to_replica()->set_secret_id(secret.name);
  std::erase(secret.replicas, region);
  add_once(secret.promoted, region);
}

void ClientStory::remove_region(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string region = some_replica(secret);
  auto& request = *call(steps, secret.primary).mutable_remove_regions_from_replication();
  request.set_secret_id(secret.name);
  request.add_remove_replica_regions(region);
  std::erase(secret.replicas, region);
  // Back at once: where ghosts of the first replica meet the second one.
  if (luck_.one_in(3)) add_region(secret, steps);
}

void ClientStory::add_region(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string from = some_region(secret);
  std::string region = other_region(secret);
  if (region == from) region = secret.primary;
  auto& request = *call(steps, from).mutable_replicate_secret_to_regions();
  request.set_secret_id(secret.name);
  add_replica(request, region, some_key(region));
  request.set_force_overwrite_replica_secret(luck_.one_in(3));
  if (from == secret.primary) add_once(secret.replicas, region);
}

void ClientStory::ask_again(Secret& secret, std::vector<v1::Step>& steps) {
  auto& request = *call(steps, secret.primary).mutable_replicate_secret_to_regions();
  request.set_secret_id(secret.name);
  request.add_add_replica_regions()->set_region(some_replica(secret));
  request.set_force_overwrite_replica_secret(luck_.one_in(4));
}

void ClientStory::remove(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string region = some_region(secret);
  if (region == secret.primary && !secret.replicas.empty() && luck_.percent(80)) {
    auto& request = *call(steps, region).mutable_remove_regions_from_replication();
    request.set_secret_id(secret.name);
    for (const std::string& replica : secret.replicas) request.add_remove_replica_regions(replica);
    secret.replicas.clear();
  }
  auto& request = *call(steps, region).mutable_delete_secret();
  request.set_secret_id(secret.name);
  const bool for_good = luck_.one_in(2);
  if (for_good) {
    request.set_force_delete_without_recovery(true);
  } else {
    request.set_recovery_window_in_days(7);
  }
  if (region != secret.primary) {
    std::erase(secret.promoted, region);
    return;
  }
  secret.deleted = true;
  // Made anew under the same name: what was meant for the old one must not reach the new one.
  if (for_good && luck_.percent(70)) create(secret, steps);
}

void ClientStory::restore(Secret& secret, std::vector<v1::Step>& steps) {
  call(steps, some_region(secret)).mutable_restore_secret()->set_secret_id(secret.name);
  secret.deleted = false;
}

void ClientStory::change_key(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string region = luck_.percent(75) ? some_region(secret) : some_replica(secret);
  auto& update = *call(steps, region).mutable_update_secret();
  update.set_secret_id(secret.name);
  const std::string key = some_key(region);
  update.set_kms_key_id(key.empty() ? "alias/aws/secretsmanager" : key);
}

void ClientStory::tag(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string region = some_region(secret);
  if (luck_.one_in(4)) {
    auto& untag = *call(steps, region).mutable_untag_resource();
    untag.set_secret_id(secret.name);
    untag.add_tag_keys("team");
    return;
  }
  auto& request = *call(steps, region).mutable_tag_resource();
  request.set_secret_id(secret.name);
  v1::Tag& tag = *request.add_tags();
  tag.set_key("team");
  tag.set_value(fmt::format("{}", luck_.below(100)));
}

void ClientStory::send_again(Secret& secret, std::vector<v1::Step>& steps) {
  if (secret.writes.empty()) return put(secret, steps);
  const std::size_t recent = std::min<std::size_t>(secret.writes.size(), 3);
  v1::Step again = secret.writes[secret.writes.size() - 1 - luck_.below(recent)];
  again.clear_at();
  // The same token with other data must be refused.
  if (again.has_put_secret_value() && luck_.one_in(5)) {
    again.mutable_put_secret_value()->set_secret_string(new_value(secret));
  }
  steps.push_back(again);
}

// A secret of the same name where a replica is, or could be.
void ClientStory::clash(Secret& secret, std::vector<v1::Step>& steps) {
  auto& create = *call(steps, other_region(secret)).mutable_create_secret();
  create.set_name(secret.name);
  create.set_secret_string(new_value(secret));
  create.set_client_request_token(luck_.uuid());
}

// What a replica must refuse.
void ClientStory::misplace(Secret& secret, std::vector<v1::Step>& steps) {
  v1::Step& step = call(steps, some_replica(secret));
  switch (luck_.below(7)) {
    case 0:
      step.mutable_delete_secret()->set_secret_id(secret.name);
      step.mutable_delete_secret()->set_recovery_window_in_days(7);
      return;
    case 1: {
      auto& tag = *step.mutable_tag_resource();
      tag.set_secret_id(secret.name);
      tag.add_tags()->set_key("misplaced");
      return;
    }
    case 2:
      step.mutable_update_secret()->set_secret_id(secret.name);
      step.mutable_update_secret()->set_description("misplaced");
      return;
    case 3: {
      if (secret.versions.empty()) break;
      auto& move = *step.mutable_update_secret_version_stage();
      move.set_secret_id(secret.name);
      move.set_version_stage("BLUE");
      move.set_move_to_version_id(luck_.pick(secret.versions));
      return;
    }
    case 4: {
      auto& replicate = *step.mutable_replicate_secret_to_regions();
      replicate.set_secret_id(secret.name);
      replicate.add_add_replica_regions()->set_region(other_region(secret));
      return;
    }
    case 5:
      step.mutable_restore_secret()->set_secret_id(secret.name);
      return;
    default:
      break;
  }
  auto& put = *step.mutable_put_secret_value();
  put.set_secret_id(secret.name);
  put.set_secret_string(new_value(secret));
  put.set_client_request_token(luck_.uuid());
}

void ClientStory::read(Secret& secret, std::vector<v1::Step>& steps) {
  auto& get = *call(steps, luck_.pick(regions_)).mutable_get_secret_value();
  get.set_secret_id(secret.name);
  if (luck_.one_in(4)) get.set_version_stage(luck_.one_in(2) ? "AWSPREVIOUS" : "BLUE");
  if (luck_.one_in(6) && !secret.versions.empty()) {
    get.clear_version_stage();
    get.set_version_id(luck_.pick(secret.versions));
  }
}

void ClientStory::look(Secret& secret, std::vector<v1::Step>& steps) {
  v1::Step& step = call(steps, luck_.pick(regions_));
  if (luck_.percent(70)) {
    step.mutable_describe_secret()->set_secret_id(secret.name);
  } else if (luck_.one_in(2)) {
    step.mutable_list_secret_version_ids()->set_secret_id(secret.name);
    step.mutable_list_secret_version_ids()->set_include_deprecated(true);
  } else {
    step.mutable_list_secrets();
  }
}

// Of one, of several, or of what a filter chooses.
void ClientStory::read_batch(Secret& secret, std::vector<v1::Step>& steps) {
  auto& batch = *call(steps, luck_.pick(regions_)).mutable_batch_get_secret_value();
  if (luck_.one_in(3)) {
    v1::Filter& filter = *batch.add_filters();
    filter.set_key("name");
    filter.add_values(secret.name.substr(0, secret.name.size() - 1));
    if (luck_.one_in(2)) batch.set_max_results(1);
    return;
  }
  batch.add_secret_id_list(secret.name);
  Secret& other = some_secret();
  if (other.name != secret.name) batch.add_secret_id_list(other.name);
}

void ClientStory::make_password(Secret& /*secret*/, std::vector<v1::Step>& steps) {
  auto& request = *call(steps, luck_.pick(regions_)).mutable_get_random_password();
  request.set_password_length(static_cast<std::int64_t>(luck_.between(8, 64)));
  if (luck_.one_in(2)) request.set_exclude_punctuation(true);
}

void ClientStory::put_policy(Secret& secret, std::vector<v1::Step>& steps) {
  const std::string region = some_region(secret);
  if (luck_.one_in(4)) {
    call(steps, region).mutable_delete_resource_policy()->set_secret_id(secret.name);
    return;
  }
  auto& put = *call(steps, region).mutable_put_resource_policy();
  put.set_secret_id(secret.name);
  put.set_resource_policy(fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Sid":"P{}","Effect":"Allow","Principal":"*",)"
      R"("Action":"secretsmanager:DescribeSecret","Resource":"*"}}]}})",
      luck_.below(100)));
}

const std::vector<OperationKind>& operation_kinds() {
  static const std::vector<OperationKind> kinds = {
      {"put_secret_value", 22},
      {"get_secret_value", 9 },
      {"update_secret",    6 },
      {"move_label",       8 },
      {"promote",          5 },
      {"remove_region",    6 },
      {"add_region",       8 },
      {"retry",            5 },
      {"delete",           4 },
      {"restore",          2 },
      {"change_key",       5 },
      {"tag",              4 },
      {"token_retry",      5 },
      {"clash",            3 },
      {"misplaced",        5 },
      {"describe",         3 },
 // Drawn only when a mix names them.
      {"batch_get",        0 },
      {"random_password",  0 },
      {"put_policy",       0 },
  };
  return kinds;
}

void ClientStory::next(std::vector<v1::Step>& steps) {
  using Method = void (ClientStory::*)(Secret&, std::vector<v1::Step>&);
  static constexpr std::array<Method, 19> kMethods = {
      &ClientStory::put,        &ClientStory::read,       &ClientStory::update,
      &ClientStory::move_label, &ClientStory::promote,    &ClientStory::remove_region,
      &ClientStory::add_region, &ClientStory::ask_again,  &ClientStory::remove,
      &ClientStory::restore,    &ClientStory::change_key, &ClientStory::tag,
      &ClientStory::send_again, &ClientStory::clash,      &ClientStory::misplace,
      &ClientStory::look,       &ClientStory::read_batch, &ClientStory::make_password,
      &ClientStory::put_policy,
  };
  static const std::vector<std::uint32_t> default_mix = [] {
    std::vector<std::uint32_t> mix;
    for (const OperationKind& kind : operation_kinds()) mix.push_back(kind.weight);
    return mix;
  }();
  Secret& secret = some_secret();
  if (secret.deleted && luck_.one_in(2)) return create(secret, steps);
  const auto& mix = style_.mix.empty() ? default_mix : style_.mix;
  (this->*kMethods[luck_.weighted(mix)])(secret, steps);
}

}  // namespace faultline::regions::explore
