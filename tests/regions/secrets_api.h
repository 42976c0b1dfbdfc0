// A world of two regions whose front doors are spoken to in the words of a scenario:
//
//     SecretsApi api;
//     api.ok("create_secret { name: 'db' secret_string: 'hunter2' }");
//     api.error("get_secret_value { secret_id: 'no' }");     // "ResourceNotFoundException: …"
//
// Unless told otherwise calls go to us-west-2 as "admin". A ClientRequestToken is made up where it
// is absent; tokens and version ids may be short: "v1" stands for v1 and as many dots as make 32
// characters.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/secrets_manager.pb.h"
#include "regions/error.h"
#include "regions/world.h"

namespace faultline::regions {

inline constexpr std::string_view kWest = "us-west-2";
inline constexpr std::string_view kEast = "us-east-1";

class SecretsApi {
 public:
  explicit SecretsApi(std::vector<std::string> regions = {std::string(kWest), std::string(kEast)});

  // The answer as it is, to a request that is sent as it is.
  Result<v1::ApiResponse> call(v1::ApiRequest request, std::string_view region = kWest,
                               std::string_view principal = "admin");
  // What must succeed; a failure fails the test.
  v1::ApiResponse ok(std::string_view request, std::string_view region = kWest,
                     std::string_view principal = "admin");
  // "Code: message", or "OK".
  std::string error(std::string_view request, std::string_view region = kWest,
                    std::string_view principal = "admin");

  // "v1: AWSCURRENT; v2: AWSPENDING blue", as DescribeSecret shows them.
  std::string labels(std::string_view secret_id = "db", std::string_view region = kWest);
  // The value as text, or "<code>".
  std::string value(std::string_view secret_id = "db", std::string_view region = kWest,
                    std::string_view more = "");
  v1::DescribeSecretResponse describe(std::string_view secret_id = "db",
                                      std::string_view region = kWest);
  std::string arn(std::string_view secret_id = "db", std::string_view region = kWest);

  // A key of us-west-2 unless told otherwise; its ARN.
  std::string make_key(std::string_view alias, std::string_view region = kWest);
  // A fault in text format, from now on; answers its id.
  std::uint64_t fault(std::string_view text);
  // KMS calls since the last time, "GenerateDataKey Decrypt".
  std::string kms_calls();

  World& world() { return world_; }
  [[nodiscard]] double now_seconds(std::string_view region = kWest);

 private:
  class KmsCalls;
  std::shared_ptr<KmsCalls> kms_calls_;  // shared: its type is not complete here
  World world_;
};

// "v1" → "v1..............................": what a short version id stands for.
[[nodiscard]] std::string full_token(std::string_view token);
[[nodiscard]] std::string short_token(std::string_view token);
// The request in text format, tokens made long.
[[nodiscard]] v1::ApiRequest parse_request(std::string_view text);

}  // namespace faultline::regions
