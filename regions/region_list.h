// The regions of AWS's own partition, as an account finds them.
//
// Source  AWS General Reference, "AWS service endpoints"; AWS Account Management Reference,
//         "Enable or disable AWS Regions in your account": 17 regions are enabled in every account
//         and cannot be disabled, 17 are opted into.
#pragma once

#include <span>
#include <string_view>

namespace faultline::regions {

struct RegionInfo {
  std::string_view name;       // "eu-central-1"
  std::string_view long_name;  // "Europe (Frankfurt)"
  bool opt_in = false;
};

// All of them, by name.
[[nodiscard]] std::span<const RegionInfo> aws_regions();
// nullptr: AWS has no region of that name.
[[nodiscard]] const RegionInfo* find_aws_region(std::string_view name);
// One that is enabled in every account.
[[nodiscard]] bool is_default_region(std::string_view name);

}  // namespace faultline::regions
