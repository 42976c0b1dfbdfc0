// Names: what a scenario declares and makes, so that what it refers to can be checked before it
// runs.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/scenario.pb.h"

namespace faultline::regions {

struct Names {
  // Declared, in the order of the file.
  std::vector<std::string> regions;
  // Aliases, by region; after those that are declared, those that steps create.
  std::map<std::string, std::vector<std::string>> keys;
  std::vector<std::string> principals;  // names, "admin" first
  std::vector<std::string> principal_arns;
  std::vector<std::string> faults;  // names, in the order of the steps

  // Made by some step, whether or not it succeeds.
  std::vector<std::string> secrets;
  std::map<std::string, std::vector<std::string>> values;        // by secret name
  std::map<std::string, std::set<std::string>> replica_regions;  // by secret name
  std::vector<std::string> labels;                               // staging labels, AWS's own first
  std::vector<std::string> tokens;
  std::size_t keys_created = 0;  // by calls of KMS

  // Top-level fields ("region", "step", …) of which some could not be read: then a name that is not
  // here may be there.
  std::set<std::string> unreadable;

  [[nodiscard]] bool has_all(std::string_view top_level_field) const {
    return !unreadable.contains(std::string(top_level_field));
  }
};

[[nodiscard]] Names names_of(const v1::Scenario& scenario);

// The name of the secret that a SecretId means: the id itself, or what its ARN says, with or
// without the six random characters. `known` decides where both readings are possible.
[[nodiscard]] std::string secret_named(std::string_view secret_id,
                                       const std::vector<std::string>& known);

// Whether the list holds the name.
[[nodiscard]] bool holds(const std::vector<std::string>& list, std::string_view name);

}  // namespace faultline::regions
