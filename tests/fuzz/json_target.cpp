#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

#include "proto/account_api.pb.h"
#include "proto/check.h"
#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"
#include "tests/fuzz/targets.h"
#include "tools/serve/aws_json.h"

namespace faultline::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

const std::vector<const Descriptor*>& shapes() {
  static const std::vector<const Descriptor*> all = [] {
    std::vector<const Descriptor*> found;
    for (const Descriptor* any :
         {v1::ApiRequest::descriptor(), v1::KmsRequest::descriptor(),
          v1::AccountRequest::descriptor(), v1::ApiResponse::descriptor(),
          v1::KmsResponse::descriptor(), v1::AccountResponse::descriptor()}) {
      for (int i = 0; i < any->field_count(); ++i) found.push_back(any->field(i)->message_type());
    }
    return found;
  }();
  return all;
}

std::unique_ptr<Message> make(const Descriptor* shape) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(shape)->New());
}

}  // namespace

void json(std::string_view bytes) {
  if (bytes.empty()) return;
  const Descriptor* const shape = shapes()[static_cast<unsigned char>(bytes[0]) % shapes().size()];
  bytes.remove_prefix(1);
  const auto message = make(shape);
  const auto read = tools::read_aws_json(bytes, *message);
  const bool is_json = tools::is_json(bytes);
  if (!read) {
    FL_CHECK(is_json == (read.error().kind == tools::JsonProblem::Kind::Shape))
        << "syntax is taken for shape, or the other way round";
    return;
  }
  FL_CHECK(is_json) << "what is no JSON was read";

  // What was read is written, and is the same when it is read and written again.
  std::string once;
  tools::append_aws_json(*message, once);
  const auto again = make(shape);
  FL_CHECK(tools::read_aws_json(once, *again).has_value()) << once;
  std::string twice;
  tools::append_aws_json(*again, twice);
  FL_CHECK(once == twice) << once << " became " << twice;
}

}  // namespace faultline::fuzz
