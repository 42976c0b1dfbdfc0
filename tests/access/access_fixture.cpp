#include "tests/access/access_fixture.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "proto/check.h"

namespace faultline::regions {

std::string document(std::string statements) {
  std::replace(statements.begin(), statements.end(), '\'', '"');
  return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
}

v1::Policy policy(const std::string& statements, kms::PolicyUse use) {
  auto read = kms::read_policy_document(document(statements), use, 32 * 1024);
  FL_CHECK(read.has_value()) << read.error().detail << " in " << statements;
  return *std::move(read);
}

void AccessWorld::add(const std::string& name, const std::vector<std::string>& policies,
                      const std::string& boundary, const std::string& arn) {
  Principal principal{.name = name, .arn = arn};
  for (const std::string& each : policies) principal.policies.push_back(policy(each));
  if (!boundary.empty()) principal.permissions_boundary = policy(boundary);
  api.world().account().add_principal(std::move(principal));
}

void AccessWorld::organisation(const std::vector<std::string>& policies) {
  std::vector<v1::Policy> read;
  for (const std::string& each : policies) read.push_back(policy(each));
  api.world().account().set_service_control_policies(std::move(read));
}

std::string AccessWorld::put_policy(const std::string& statements, std::string_view secret_id,
                                    std::string_view principal) {
  v1::ApiRequest request;
  request.mutable_put_resource_policy()->set_secret_id(std::string(secret_id));
  request.mutable_put_resource_policy()->set_resource_policy(document(statements));
  const auto answer = api.call(request, kWest, principal);
  return answer ? "OK" : answer.error().code + ": " + answer.error().message;
}

std::string AccessWorld::get(std::string_view principal, std::string_view secret_id,
                             std::string_view region) {
  return api.error("get_secret_value { secret_id: '" + std::string(secret_id) + "' }", region,
                   principal);
}

std::string denial(std::string_view name, std::string_view action, std::string_view resource,
                   std::string_view rest) {
  std::string text = "AccessDeniedException: User: arn:aws:iam::123456789012:user/";
  text.append(name).append(" is not authorized to perform: ").append(action);
  text.append(" on resource: ").append(resource).append(" ").append(rest);
  return text;
}

}  // namespace faultline::regions
