// Account: what the regions of one AWS account share: its id, which regions it has enabled, and who
// its principals are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::regions {

// How the account stands with a region.
// Source  AWS Account Management Reference, "GetRegionOptStatus".
enum class RegionOptStatus { Disabled, Enabling, Enabled, Disabling, EnabledByDefault };
// As the Account API says it: "ENABLED_BY_DEFAULT".
[[nodiscard]] std::string_view to_text(RegionOptStatus status);

// Source  AWS Account Management Reference, "Enable or disable AWS Regions in your account".
class Account {
 public:
  explicit Account(std::string id);

  [[nodiscard]] const std::string& id() const { return id_; }

  // Regions that were never named are not enabled. At once, as an operator does it who need not ask
  // AWS: also a region that is enabled by default.
  void set_enabled(std::string_view region, bool enabled);
  void set_opt_status(std::string_view region, RegionOptStatus status);
  // Without regard to faults. Of a region that was never named: as every account is born with it.
  [[nodiscard]] RegionOptStatus opt_status(std::string_view region) const;
  // Of the regions that were named, by name.
  [[nodiscard]] std::map<std::string, RegionOptStatus> opt_statuses() const;
  // Disabled by its own status or by any fault that is on.
  [[nodiscard]] bool is_enabled(std::string_view region) const;
  // A fault on top of the status; faults may overlap.
  void add_disable_fault(std::string_view region);
  void lift_disable_fault(std::string_view region);

  // A principal's name for scenarios, and its ARN; default "arn:aws:iam::ACCOUNT:user/NAME".
  void add_principal(std::string name, std::string arn = {});
  // By name, or by an ARN that is already known.
  [[nodiscard]] std::optional<std::string> principal_arn(std::string_view name_or_arn) const;
  [[nodiscard]] std::vector<std::string> principal_names() const;

 private:
  struct Status {
    RegionOptStatus opt = RegionOptStatus::Disabled;
    int disable_faults = 0;
  };
  std::string id_;
  std::map<std::string, Status, std::less<>> regions_;
  std::map<std::string, std::string, std::less<>> principals_;
};

}  // namespace faultline::regions
