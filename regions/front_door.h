// FrontDoor: what faults do to calls on their way between clients and regions: they are refused,
// doubled, or their answers are changed. What holds is computed from the faults in force.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/fault.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/error.h"

namespace faultline::regions {

class FrontDoor {
 public:
  // False: it is no fault of calls.
  bool apply(const v1::Fault& fault, std::uint64_t fault_id);
  void heal(std::uint64_t fault_id);

  // What a call is answered before it has any effect; nothing: it goes in. `operation` as AWS names
  // it: "PutSecretValue". Of several faults the oldest speaks.
  [[nodiscard]] std::optional<Error> refusal(std::string_view region,
                                             std::string_view operation) const;
  // Clients cannot reach the region, whatever service they ask.
  [[nodiscard]] bool cuts_off(std::string_view region) const;
  // The request arrives twice.
  [[nodiscard]] bool doubles(std::string_view region, std::string_view operation) const;
  // What the client hears instead of the region's answer.
  [[nodiscard]] Result<v1::ApiResponse> answer(std::string_view region, std::string_view operation,
                                               Result<v1::ApiResponse> result) const;

 private:
  struct Entry {
    std::uint64_t fault_id = 0;
    v1::Fault fault;
  };
  std::vector<Entry> entries_;  // oldest first
};

}  // namespace faultline::regions
