// What the trace says of a call's answer: never a secret value, in any form.
#pragma once

#include <cstdint>
#include <string>

#include "proto/secrets_manager.pb.h"
#include "regions/error.h"

namespace faultline::regions {

struct CallSummary {
  // For people: the error's message; the version's id; the replicas' statuses.
  std::string text;
  // Of the answer without its value.
  std::uint64_t digest = 0;
};
[[nodiscard]] CallSummary summarize(const Result<v1::ApiResponse>& result);

}  // namespace faultline::regions
