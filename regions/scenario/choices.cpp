#include "regions/scenario/choices.h"

#include <google/protobuf/descriptor.h>

#include "proto/secrets_manager.pb.h"

namespace faultline::regions {

// What the built-in replication sends (proto/replication.proto).
const std::vector<std::string>& wire_messages() {
  static const std::vector<std::string> kMessages = {"Replicate",        "ReplicateAck",
                                                     "ReplicateNack",    "RemoveReplica",
                                                     "RemoveReplicaAck", "ReplicaDetached"};
  return kMessages;
}

// "CreateSecret", …
const std::vector<std::string>& api_operations() {
  static const std::vector<std::string> kOperations = [] {
    constexpr std::size_t kRequest = 7;
    std::vector<std::string> names;
    const auto* all = v1::ApiRequest::descriptor()->FindOneofByName("operation");
    for (int i = 0; i < all->field_count(); ++i) {
      const std::string& name = all->field(i)->message_type()->name();
      names.push_back(name.substr(0, name.size() - kRequest));
    }
    return names;
  }();
  return kOperations;
}

}  // namespace faultline::regions
