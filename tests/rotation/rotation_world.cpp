#include "tests/rotation/rotation_world.h"

#include <map>
#include <utility>

#include <gtest/gtest.h>

#include "engine/simulation.h"
#include "proto/trace.pb.h"

namespace faultline::regions {
namespace {

WorldOptions options(std::vector<RotationFunction> functions, std::uint64_t seed) {
  WorldOptions options;
  options.regions = {std::string(kWest), std::string(kEast)};
  options.seed = seed;
  options.rotation_functions = std::move(functions);
  return options;
}

}  // namespace

std::string function_arn(std::string_view name) {
  return "arn:aws:lambda:us-west-2:123456789012:function:" + std::string(name);
}

RotationWorld::RotationWorld(std::vector<RotationFunction> functions, std::string value,
                             std::uint64_t seed)
    : world_(options(std::move(functions), seed)), monitor_(world_) {
  world_.simulation().set_after_event([this] { monitor_.after_event(); });
  world_.simulation().trace().add_sink(this);
  v1::ApiRequest request = parse_request(
      "create_secret { name: 'db' client_request_token: 'v1' "
      "add_replica_regions { region: 'us-east-1' } }");
  request.mutable_create_secret()->set_secret_string(value);
  const auto made = world_.call_and_wait(kWest, "admin", request);
  EXPECT_TRUE(made.has_value());
  settle();
}

RotationWorld::~RotationWorld() {
  for (const PropertyViolation& violation : monitor_.violations()) {
    ADD_FAILURE() << violation.found << " at " << engine::format_instant(violation.at);
  }
  world_.simulation().set_after_event({});
  world_.simulation().trace().remove_sink(this);
}

Result<v1::ApiResponse> RotationWorld::call(std::string_view request, std::string_view region) {
  return world_.call_and_wait(region, "admin", parse_request(request));
}

v1::ApiResponse RotationWorld::ok(std::string_view request, std::string_view region) {
  const auto answer = call(request, region);
  if (answer.has_value()) return *answer;
  ADD_FAILURE() << request << ": " << answer.error().code << ": " << answer.error().message;
  return {};
}

std::string RotationWorld::error(std::string_view request, std::string_view region) {
  const auto answer = call(request, region);
  return answer.has_value() ? "OK" : answer.error().code + ": " + answer.error().message;
}

std::string RotationWorld::rotate(std::string_view function, std::string_view token,
                                  std::string_view more) {
  return error("rotate_secret { secret_id: 'db' client_request_token: '" + std::string(token) +
               "' rotation_lambda_arn: '" + function_arn(function) + "' " + std::string(more) +
               " }");
}

std::string RotationWorld::value(std::string_view stage, std::string_view region) {
  const auto answer = call(
      "get_secret_value { secret_id: 'db' version_stage: '" + std::string(stage) + "' }", region);
  return answer.has_value() ? answer->get_secret_value().secret_string()
                            : "<" + answer.error().code + ">";
}

v1::DescribeSecretResponse RotationWorld::describe(std::string_view region) {
  return ok("describe_secret { secret_id: 'db' }", region).describe_secret();
}

std::string RotationWorld::labels(std::string_view region) {
  std::map<std::string, std::string> sorted;
  const v1::DescribeSecretResponse secret = describe(region);
  for (const auto& [version, stages] : secret.version_ids_to_stages()) {
    std::string& text = sorted[short_token(version)];
    for (const auto& stage : stages.values()) text += " " + stage.string_value();
  }
  std::string text;
  for (const auto& [version, stages] : sorted) {
    text += (text.empty() ? "" : "; ") + version + ":" + stages;
  }
  return text;
}

std::string RotationWorld::events() { return std::exchange(events_, {}); }

void RotationWorld::settle() {
  world_.run_until_idle();
  EXPECT_EQ(world_.convergence_gap("db"), "");
}

void RotationWorld::on_event(const v1::TraceEvent& event) {
  if (event.kind() != v1::ROTATION) return;
  events_ += (events_.empty() ? "" : " ") + event.verb();
  if (event.outcome() != "OK" && event.verb() != "RotationFailed") {
    events_ += "(" + event.outcome() + ")";
  }
}

}  // namespace faultline::regions
