// The services that the front speaks for, and their operations by the names that requests use.
// Everything is read off the messages ApiRequest, KmsRequest and AccountRequest: an operation that
// is added to one of them is served.
#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace faultline::tools {

enum class AwsService { SecretsManager, Kms, Account };

// What the credential scope must say: "secretsmanager", "kms", "account".
[[nodiscard]] std::string_view signing_name(AwsService service);

struct AwsOperation {
  AwsService service = AwsService::SecretsManager;
  std::string name;  // "GetSecretValue"
  // The member of ApiRequest, KmsRequest or AccountRequest.
  const google::protobuf::FieldDescriptor* request = nullptr;
};

// "secretsmanager.GetSecretValue", "TrentService.Decrypt"; nullptr: there is none. Case matters.
[[nodiscard]] const AwsOperation* operation_of_target(std::string_view x_amz_target);
// "/enableRegion"; nullptr: there is none.
[[nodiscard]] const AwsOperation* operation_of_path(std::string_view path);

// The message inside an ApiRequest, KmsRequest or AccountRequest for an operation, made and empty.
[[nodiscard]] google::protobuf::Message& request_of(google::protobuf::Message& any,
                                                    const AwsOperation& operation);
// The message that is set inside an ApiResponse, KmsResponse or AccountResponse; nullptr: none is.
[[nodiscard]] const google::protobuf::Message* response_of(const google::protobuf::Message& any);

}  // namespace faultline::tools
