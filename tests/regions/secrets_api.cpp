#include "tests/regions/secrets_api.h"

#include <map>
#include <utility>

#include <gtest/gtest.h>

#include <google/protobuf/text_format.h>

#include "engine/trace.h"
#include "proto/check.h"
#include "proto/fault.pb.h"
#include "proto/trace.pb.h"

namespace faultline::regions {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool holds_a_token(const FieldDescriptor& field) {
  return field.name() == "client_request_token" || field.name().ends_with("version_id");
}

// Short tokens become long. One that is absent is made from the number of the call.
void lengthen_tokens(Message& request) {
  const auto& reflection = *request.GetReflection();
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = request.GetDescriptor()->field(i);
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (!holds_a_token(*field) || !reflection.HasField(request, field)) continue;
    reflection.SetString(&request, field, full_token(reflection.GetString(request, field)));
  }
}

void make_up_token(Message& request, std::uint64_t number) {
  const FieldDescriptor* const field =
      request.GetDescriptor()->FindFieldByName("client_request_token");
  if (field == nullptr || request.GetReflection()->HasField(request, field)) return;
  request.GetReflection()->SetString(&request, field,
                                     full_token("made-up-" + std::to_string(number)));
}

Message* operation_of(v1::ApiRequest& request) {
  const FieldDescriptor* const field =
      v1::ApiRequest::descriptor()->FindFieldByNumber(static_cast<int>(request.operation_case()));
  FL_CHECK(field != nullptr) << "a request without an operation";
  return request.GetReflection()->MutableMessage(&request, field);
}

}  // namespace

class SecretsApi::KmsCalls : public engine::TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override {
    if (event.kind() != v1::KMS_CALL) return;
    text_ += (text_.empty() ? "" : " ") + event.verb();
  }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

std::string full_token(std::string_view token) {
  std::string full(token);
  if (full.size() < 32) full.resize(32, '.');
  return full;
}

std::string short_token(std::string_view token) {
  return std::string(token.substr(0, token.find_last_not_of('.') + 1));
}

v1::ApiRequest parse_request(std::string_view text) {
  v1::ApiRequest request;
  FL_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text), &request)) << text;
  lengthen_tokens(*operation_of(request));
  return request;
}

SecretsApi::SecretsApi(std::vector<std::string> regions)
    : kms_calls_(std::make_shared<KmsCalls>()), world_({.regions = std::move(regions), .seed = 7}) {
  world_.simulation().trace().add_sink(kms_calls_.get());
}

Result<v1::ApiResponse> SecretsApi::call(v1::ApiRequest request, std::string_view region,
                                         std::string_view principal) {
  return world_.call_and_wait(region, principal, std::move(request));
}

v1::ApiResponse SecretsApi::ok(std::string_view request, std::string_view region,
                               std::string_view principal) {
  v1::ApiRequest parsed = parse_request(request);
  make_up_token(*operation_of(parsed), world_.calls_made());
  auto answer = call(std::move(parsed), region, principal);
  if (!answer) {
    ADD_FAILURE() << request << "\n" << answer.error().code << ": " << answer.error().message;
    return {};
  }
  return *std::move(answer);
}

std::string SecretsApi::error(std::string_view request, std::string_view region,
                              std::string_view principal) {
  v1::ApiRequest parsed = parse_request(request);
  make_up_token(*operation_of(parsed), world_.calls_made());
  const auto answer = call(std::move(parsed), region, principal);
  return answer ? "OK" : answer.error().code + ": " + answer.error().message;
}

v1::DescribeSecretResponse SecretsApi::describe(std::string_view secret_id,
                                                std::string_view region) {
  return ok("describe_secret { secret_id: '" + std::string(secret_id) + "' }", region)
      .describe_secret();
}

std::string SecretsApi::arn(std::string_view secret_id, std::string_view region) {
  return describe(secret_id, region).arn();
}

std::string SecretsApi::labels(std::string_view secret_id, std::string_view region) {
  const v1::DescribeSecretResponse described = describe(secret_id, region);
  std::map<std::string, std::string> versions;
  for (const auto& [version, stages] : described.version_ids_to_stages()) {
    std::string& text = versions[short_token(version)];
    for (const auto& stage : stages.values()) text += " " + stage.string_value();
  }
  std::string text;
  for (const auto& [version, stages] : versions) {
    text += (text.empty() ? "" : "; ") + version + ":" + stages;
  }
  return text;
}

std::string SecretsApi::value(std::string_view secret_id, std::string_view region,
                              std::string_view more) {
  const auto answer = call(parse_request("get_secret_value { secret_id: '" +
                                         std::string(secret_id) + "' " + std::string(more) + " }"),
                           region);
  if (!answer) return "<" + answer.error().code + ">";
  const v1::GetSecretValueResponse& got = answer->get_secret_value();
  return got.has_secret_binary() ? got.secret_binary() : got.secret_string();
}

std::string SecretsApi::make_key(std::string_view alias, std::string_view region) {
  kms::CreateKey request;
  request.alias = std::string(alias);
  const auto key = world_.kms(region).create_key(request);
  FL_CHECK(key.has_value()) << alias;
  return key->arn;
}

std::uint64_t SecretsApi::fault(std::string_view text) {
  v1::Fault fault;
  FL_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text), &fault)) << text;
  return world_.apply(fault);
}

std::string SecretsApi::kms_calls() { return kms_calls_->take(); }

double SecretsApi::now_seconds(std::string_view region) {
  const auto id = world_.simulation().find(region);
  return static_cast<double>(world_.simulation().context(*id).wall_unix_ns() / 1'000'000) / 1'000.0;
}

}  // namespace faultline::regions
