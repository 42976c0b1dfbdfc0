#include <utility>

#include "regions/inspector.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

// One of the answers that ApiResponse may hold, or the error.
template <class Response>
Result<Response> only(Result<v1::ApiResponse> answer,
                      const Response& (v1::ApiResponse::*get)() const) {
  if (!answer) return tl::make_unexpected(std::move(answer).error());
  return ((*answer).*get)();
}

}  // namespace

Result<v1::ApiResponse> Client::call(v1::ApiRequest request) {
  return world_.call_and_wait(region_, "admin", std::move(request));
}

Result<v1::CreateSecretResponse> Client::create_secret(std::string name, std::string value,
                                                       std::vector<std::string> replicas) {
  v1::ApiRequest request;
  v1::CreateSecretRequest& create = *request.mutable_create_secret();
  create.set_client_request_token(world_.make_token("create/" + region_ + "/" + name));
  create.set_name(std::move(name));
  create.set_secret_string(std::move(value));
  for (std::string& region : replicas)
    create.add_add_replica_regions()->set_region(std::move(region));
  return only(call(std::move(request)), &v1::ApiResponse::create_secret);
}

Result<v1::PutSecretValueResponse> Client::put(std::string secret, std::string value) {
  v1::ApiRequest request;
  v1::PutSecretValueRequest& put = *request.mutable_put_secret_value();
  put.set_client_request_token(world_.make_token("put/" + region_ + "/" + secret));
  put.set_secret_id(std::move(secret));
  put.set_secret_string(std::move(value));
  return only(call(std::move(request)), &v1::ApiResponse::put_secret_value);
}

std::string Client::value(std::string secret) {
  v1::ApiRequest request;
  request.mutable_get_secret_value()->set_secret_id(std::move(secret));
  const auto answer = call(std::move(request));
  return answer ? answer->get_secret_value().secret_string() : "<" + answer.error().code + ">";
}

Result<v1::DescribeSecretResponse> Client::describe(std::string secret) {
  v1::ApiRequest request;
  request.mutable_describe_secret()->set_secret_id(std::move(secret));
  return only(call(std::move(request)), &v1::ApiResponse::describe_secret);
}

std::string Client::replica_status(std::string secret, std::string replica_region) {
  const auto described = describe(std::move(secret));
  if (!described) return "<" + described.error().code + ">";
  for (const v1::ReplicationStatusType& status : described->replication_status()) {
    if (status.region() != replica_region) continue;
    return status.status() == "Failed" ? "Failed: " + status.status_message() : status.status();
  }
  return {};
}

}  // namespace faultline::regions
