#include "regions/replication/protocol.h"

#include <algorithm>
#include <utility>

#include "engine/simulation.h"
#include "regions/replication/aws_protocol.h"

namespace faultline::regions {

engine::ActorId ReplicationHost::actor_of(std::string_view region) {
  return context().simulation().find(region).value_or(engine::kNoActor);
}

ProtocolRegistry::ProtocolRegistry() {
  add("aws", [](ReplicationHost& host) -> std::unique_ptr<ReplicationProtocol> {
    return std::make_unique<AwsProtocol>(host);
  });
}

void ProtocolRegistry::add(std::string name, ProtocolFactory factory) {
  std::erase_if(protocols_, [&](const auto& entry) { return entry.first == name; });
  protocols_.emplace_back(std::move(name), std::move(factory));
}

const ProtocolFactory* ProtocolRegistry::find(std::string_view name) const {
  const auto found = std::find_if(protocols_.begin(), protocols_.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == protocols_.end() ? nullptr : &found->second;
}

std::vector<std::string> ProtocolRegistry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, factory] : protocols_) names.push_back(name);
  return names;
}

}  // namespace faultline::regions
