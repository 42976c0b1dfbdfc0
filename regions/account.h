// Account: what the regions of one AWS account share: its id, which regions it has enabled, and who
// its principals are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/policy.pb.h"

namespace faultline::regions {

// How the account stands with a region.
// Source  AWS Account Management Reference, "GetRegionOptStatus".
enum class RegionOptStatus { Disabled, Enabling, Enabled, Disabling, EnabledByDefault };
// As the Account API says it: "ENABLED_BY_DEFAULT".
[[nodiscard]] std::string_view to_text(RegionOptStatus status);

// Who may call. Policies are given as statements (kms/policy_document.h parses documents).
struct Principal {
  std::string name{};
  std::string arn{};
  // None at all: it may do everything that nobody denies.
  std::vector<v1::Policy> policies{};
  std::optional<v1::Policy> permissions_boundary{};
  // "AKIA" and 16 of A-Z 2-7; 40 characters.
  std::string access_key_id{};
  std::string secret_access_key{};
};

// Source  AWS Account Management Reference, "Enable or disable AWS Regions in your account".
class Account {
 public:
  // `seed`: of the access keys that nobody gave.
  explicit Account(std::string id, std::uint64_t seed = 1);

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

  // A principal's name for scenarios, and its ARN; default "arn:aws:iam::ACCOUNT:user/NAME". It
  // takes the place of another of that name.
  void add_principal(std::string name, std::string arn = {});
  // What is empty gets its default; the access key's is made from the seed and the name.
  void add_principal(Principal principal);
  // By name, or by ARN. nullptr: there is none. It stays where it is until it is replaced.
  [[nodiscard]] const Principal* find_principal(std::string_view name_or_arn) const;
  [[nodiscard]] const Principal* find_by_access_key(std::string_view access_key_id) const;
  // What the organisation allows the account at most; none: everything.
  void set_service_control_policies(std::vector<v1::Policy> policies);
  [[nodiscard]] const std::vector<v1::Policy>& service_control_policies() const {
    return service_control_policies_;
  }
  // By name, or by an ARN that is already known.
  [[nodiscard]] std::optional<std::string> principal_arn(std::string_view name_or_arn) const;
  [[nodiscard]] std::vector<std::string> principal_names() const;

 private:
  struct Status {
    RegionOptStatus opt = RegionOptStatus::Disabled;
    int disable_faults = 0;
  };
  std::string id_;
  std::uint64_t seed_;
  std::map<std::string, Status, std::less<>> regions_;
  std::map<std::string, Principal, std::less<>> principals_;  // by name
  std::map<std::string, std::string, std::less<>> names_by_arn_;
  std::map<std::string, std::string, std::less<>> names_by_access_key_;
  std::vector<v1::Policy> service_control_policies_;
};

}  // namespace faultline::regions
