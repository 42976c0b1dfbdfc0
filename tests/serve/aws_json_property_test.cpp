// Any message of any operation comes back as it was; any bytes at all are read or refused.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "proto/account_api.pb.h"
#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"
#include "tests/serve/random_message.h"
#include "tools/serve/aws_json.h"

namespace faultline::tools {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::util::MessageDifferencer;

// Requests and responses of all operations.
const std::vector<const Descriptor*>& shapes() {
  static const std::vector<const Descriptor*> all = [] {
    std::vector<const Descriptor*> found;
    for (const Descriptor* any :
         {v1::ApiRequest::descriptor(), v1::ApiResponse::descriptor(), v1::KmsRequest::descriptor(),
          v1::KmsResponse::descriptor(), v1::AccountRequest::descriptor(),
          v1::AccountResponse::descriptor()}) {
      for (int i = 0; i < any->field_count(); ++i) found.push_back(any->field(i)->message_type());
    }
    return found;
  }();
  return all;
}

std::unique_ptr<Message> make(const Descriptor* shape) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(shape)->New());
}

RC_GTEST_PROP(AwsJsonProperty, EveryMessageComesBackAsItWas, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  for (const Descriptor* shape : shapes()) {
    const auto message = make(shape);
    RandomMessage(seed).fill(*message);
    std::string json;
    append_aws_json(*message, json);
    const auto again = make(shape);
    const auto read = read_aws_json(json, *again);
    RC_ASSERT(read.has_value());
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    if (!differencer.Compare(*message, *again)) RC_FAIL(shape->name() + ": " + difference);
    std::string same;
    append_aws_json(*again, same);
    RC_ASSERT(same == json);
  }
}

RC_GTEST_PROP(AwsJsonProperty, WhatWasBentIsReadOrRefused, ()) {
  RandomMessage luck(*rc::gen::arbitrary<std::uint64_t>());
  for (const Descriptor* shape : shapes()) {
    const auto message = make(shape);
    luck.fill(*message);
    std::string json;
    append_aws_json(*message, json);
    for (std::uint64_t n = 1 + luck.below(4); n > 0; --n) {
      const auto at = static_cast<std::size_t>(luck.below(json.size()));
      switch (luck.below(3)) {
        case 0:
          json[at] = static_cast<char>(luck.below(256));
          break;
        case 1:
          json.erase(at, 1 + luck.below(4));
          break;
        default:
          json.insert(at, json.substr(at / 2, luck.below(20)));
      }
      if (json.empty()) break;
    }
    const auto again = make(shape);
    const auto read = read_aws_json(json, *again);
    // What is read can be written; a number beyond time may come back as another one.
    std::string out;
    if (read) append_aws_json(*again, out);
    RC_ASSERT(!read || is_json(out));
    // Shape and syntax are told apart as is_json does.
    if (!read) {
      RC_ASSERT(is_json(json) == (read.error().kind == JsonProblem::Kind::Shape));
    }
  }
}

}  // namespace
}  // namespace faultline::tools
