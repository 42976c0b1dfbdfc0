#include "tools/serve/aws_operations.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>

#include "proto/account_api.pb.h"
#include "proto/check.h"
#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"

namespace faultline::tools {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using Operations = std::map<std::string, AwsOperation, std::less<>>;

constexpr std::string_view kRequest = "Request";

// "KmsCreateKeyRequest" is the request of CreateKey.
std::string name_of(const FieldDescriptor& field, std::string_view prefix) {
  std::string_view name = field.message_type()->name();
  FL_CHECK(name.starts_with(prefix) && name.ends_with(kRequest))
      << "a request is named like no operation: " << name;
  name.remove_prefix(prefix.size());
  name.remove_suffix(kRequest.size());
  return std::string(name);
}

void add(Operations& all, AwsService service, const Descriptor& any, std::string_view prefix,
         const std::function<std::string(const std::string&)>& key) {
  for (int i = 0; i < any.field_count(); ++i) {
    const FieldDescriptor& field = *any.field(i);
    AwsOperation operation{.service = service, .name = name_of(field, prefix), .request = &field};
    std::string known_as = key(operation.name);
    all.emplace(std::move(known_as), std::move(operation));
  }
}

Operations make_targets() {
  Operations all;
  add(all, AwsService::SecretsManager, *v1::ApiRequest::descriptor(), "",
      [](const std::string& name) { return "secretsmanager." + name; });
  add(all, AwsService::Kms, *v1::KmsRequest::descriptor(), "Kms",
      [](const std::string& name) { return "TrentService." + name; });
  return all;
}

Operations make_paths() {
  Operations all;
  add(all, AwsService::Account, *v1::AccountRequest::descriptor(), "Account", [](std::string name) {
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
    return "/" + name;
  });
  return all;
}

const AwsOperation* find(const Operations& operations, std::string_view key) {
  const auto at = operations.find(key);
  return at == operations.end() ? nullptr : &at->second;
}

}  // namespace

std::string_view signing_name(AwsService service) {
  switch (service) {
    case AwsService::SecretsManager:
      return "secretsmanager";
    case AwsService::Kms:
      return "kms";
    case AwsService::Account:
      return "account";
  }
  return {};
}

const AwsOperation* operation_of_target(std::string_view x_amz_target) {
  static const Operations targets = make_targets();
  return find(targets, x_amz_target);
}

const AwsOperation* operation_of_path(std::string_view path) {
  static const Operations paths = make_paths();
  return find(paths, path);
}

Message& request_of(Message& any, const AwsOperation& operation) {
  return *any.GetReflection()->MutableMessage(&any, operation.request);
}

const Message* response_of(const Message& any) {
  const FieldDescriptor* const field =
      any.GetReflection()->GetOneofFieldDescriptor(any, any.GetDescriptor()->oneof_decl(0));
  return field == nullptr ? nullptr : &any.GetReflection()->GetMessage(any, field);
}

}  // namespace faultline::tools
