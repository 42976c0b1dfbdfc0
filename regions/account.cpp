#include "regions/account.h"

#include <utility>

#include "proto/check.h"
#include "regions/region_list.h"

namespace faultline::regions {

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

Account::Account(std::string id) : id_(std::move(id)) {}

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
  if (arn.empty()) arn = "arn:aws:iam::" + id_ + ":user/" + name;
  principals_.insert_or_assign(std::move(name), std::move(arn));
}

std::optional<std::string> Account::principal_arn(std::string_view name_or_arn) const {
  const auto found = principals_.find(name_or_arn);
  if (found != principals_.end()) return found->second;
  for (const auto& [name, arn] : principals_) {
    if (arn == name_or_arn) return arn;
  }
  return std::nullopt;
}

std::vector<std::string> Account::principal_names() const {
  std::vector<std::string> names;
  names.reserve(principals_.size());
  for (const auto& [name, arn] : principals_) names.push_back(name);
  return names;
}

}  // namespace faultline::regions
