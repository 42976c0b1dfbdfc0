#include "regions/account.h"

#include <cstddef>
#include <utility>

#include "engine/keyed_random.h"
#include "proto/check.h"
#include "regions/region_list.h"

namespace faultline::regions {
namespace {

// IAM User Guide, "IAM identifiers": what access keys look like.
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kAccessKeyIdDrawn = 16;
constexpr std::size_t kSecretKeyLength = 40;

std::string drawn(const engine::KeyedRandom& random, const std::string& stream,
                  std::string_view alphabet, std::size_t length) {
  const engine::RandomStream luck = random.stream(stream);
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += alphabet[luck.below(i, alphabet.size())];
  return text;
}

}  // namespace

std::string_view to_text(RegionOptStatus status) {
  switch (status) {
    case RegionOptStatus::Disabled:
      return "DISABLED";
    case RegionOptStatus::Enabling:
      return "ENABLING";
    case RegionOptStatus::Enabled:
      return "ENABLED";
    case RegionOptStatus::Disabling:
      return "DISABLING";
    case RegionOptStatus::EnabledByDefault:
      return "ENABLED_BY_DEFAULT";
  }
  return "";
}

Account::Account(std::string id, std::uint64_t seed) : id_(std::move(id)), seed_(seed) {}

void Account::set_enabled(std::string_view region, bool enabled) {
  const auto yes =
      is_default_region(region) ? RegionOptStatus::EnabledByDefault : RegionOptStatus::Enabled;
  set_opt_status(region, enabled ? yes : RegionOptStatus::Disabled);
}

bool Account::is_enabled(std::string_view region) const {
  const auto found = regions_.find(region);
  if (found == regions_.end() || found->second.disable_faults > 0) return false;
  const RegionOptStatus opt = found->second.opt;
  return opt == RegionOptStatus::Enabled || opt == RegionOptStatus::EnabledByDefault;
}

void Account::set_opt_status(std::string_view region, RegionOptStatus status) {
  regions_[std::string(region)].opt = status;
}

RegionOptStatus Account::opt_status(std::string_view region) const {
  const auto found = regions_.find(region);
  if (found != regions_.end()) return found->second.opt;
  return is_default_region(region) ? RegionOptStatus::EnabledByDefault : RegionOptStatus::Disabled;
}

std::map<std::string, RegionOptStatus> Account::opt_statuses() const {
  std::map<std::string, RegionOptStatus> statuses;
  for (const auto& [name, status] : regions_) statuses.emplace(name, status.opt);
  return statuses;
}

void Account::add_disable_fault(std::string_view region) {
  ++regions_[std::string(region)].disable_faults;
}

void Account::lift_disable_fault(std::string_view region) {
  const auto found = regions_.find(region);
  FL_CHECK(found != regions_.end() && found->second.disable_faults > 0)
      << "no fault disables " << region;
  --found->second.disable_faults;
}

void Account::add_principal(std::string name, std::string arn) {
  Principal principal;
  principal.name = std::move(name);
  principal.arn = std::move(arn);
  add_principal(std::move(principal));
}

void Account::add_principal(Principal principal) {
  if (principal.arn.empty()) principal.arn = "arn:aws:iam::" + id_ + ":user/" + principal.name;
  const engine::KeyedRandom random(seed_);
  if (principal.access_key_id.empty()) {
    principal.access_key_id =
        "AKIA" + drawn(random, "access-key/" + principal.name, kBase32, kAccessKeyIdDrawn);
  }
  if (principal.secret_access_key.empty()) {
    principal.secret_access_key =
        drawn(random, "secret-key/" + principal.name, kBase64, kSecretKeyLength);
  }
  if (const auto old = principals_.find(principal.name); old != principals_.end()) {
    names_by_arn_.erase(old->second.arn);
    names_by_access_key_.erase(old->second.access_key_id);
  }
  names_by_arn_.insert_or_assign(principal.arn, principal.name);
  names_by_access_key_.insert_or_assign(principal.access_key_id, principal.name);
  std::string name = principal.name;
  principals_.insert_or_assign(std::move(name), std::move(principal));
}

const Principal* Account::find_principal(std::string_view name_or_arn) const {
  auto found = principals_.find(name_or_arn);
  if (found == principals_.end()) {
    const auto name = names_by_arn_.find(name_or_arn);
    if (name != names_by_arn_.end()) found = principals_.find(name->second);
  }
  return found == principals_.end() ? nullptr : &found->second;
}

const Principal* Account::find_by_access_key(std::string_view access_key_id) const {
  const auto name = names_by_access_key_.find(access_key_id);
  return name == names_by_access_key_.end() ? nullptr : &principals_.at(name->second);
}

void Account::set_service_control_policies(std::vector<v1::Policy> policies) {
  service_control_policies_ = std::move(policies);
}

std::optional<std::string> Account::principal_arn(std::string_view name_or_arn) const {
  const Principal* const found = find_principal(name_or_arn);
  return found == nullptr ? std::nullopt : std::optional(found->arn);
}

std::vector<std::string> Account::principal_names() const {
  std::vector<std::string> names;
  names.reserve(principals_.size());
  for (const auto& [name, principal] : principals_) names.push_back(name);
  return names;
}

}  // namespace faultline::regions
