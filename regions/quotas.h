// RequestQuotas: how many requests a second one account may make of one region, by operation or by
// group of operations that share a quota. Off unless a scenario's `service` says request_quotas.
//
// Each quota is a token bucket in virtual time: full at first, refilled evenly, and never fuller
// than one second's worth, so that a second's requests may come at once. A refused request costs
// nothing.
//
// Operations that AWS gives no figure for are not limited.
// Source  AWS Secrets Manager User Guide, "AWS Secrets Manager quotas"; AWS KMS Developer Guide,
//         "Request quotas" (the smallest of the regional figures where they differ) and
//         "Throttling AWS KMS requests".
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "engine/time.h"

namespace faultline::regions {

class RequestQuotas {
 public:
  enum class Service { SecretsManager, Kms };

  // Takes one request of `operation` ("PutSecretValue") at `now` from its quota. False: the quota
  // is spent, and the caller is to be told ThrottlingException. `now` never goes back.
  [[nodiscard]] bool admit(Service service, std::string_view operation, engine::Instant now);

  // What it says then. A text that begins "Rate exceeded" is Secrets Manager's; KMS has its own.
  [[nodiscard]] static std::string_view refusal(Service service);
  // Requests a second; 0: not limited.
  [[nodiscard]] static std::int64_t per_second(Service service, std::string_view operation);

 private:
  struct Bucket {
    // In billionths of a request.
    std::int64_t level = 0;
    engine::Instant filled;
  };
  // By the name of the quota; a bucket is made by the first request.
  std::map<std::string_view, Bucket> buckets_;
};

}  // namespace faultline::regions
