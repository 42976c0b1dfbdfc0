// A stranger's use of Faultline: a world, a replication protocol of its own, and the built-in one,
// against the installed headers only.
#include <cstdio>
#include <memory>
#include <string>

#include "engine/time.h"
#include "kms/envelope.h"
#include "proto/trace.pb.h"
#include "regions/faultline.h"

namespace {

using namespace faultline;

// Does nothing: replicas stay InProgress for ever.
class LazyProtocol final : public regions::ReplicationProtocol {
 public:
  void recover() override {}
  void secret_changed(const std::string&) override {}
  void on_message(std::string_view, std::string_view, std::string_view) override {}
  void on_timer(std::uint64_t) override {}
};

std::string status_under(const std::string& protocol) {
  auto protocols = std::make_shared<regions::ProtocolRegistry>();
  protocols->add("lazy",
                 [](regions::ReplicationHost&) -> std::unique_ptr<regions::ReplicationProtocol> {
                   return std::make_unique<LazyProtocol>();
                 });
  regions::WorldOptions options;
  options.regions = {"us-west-2", "us-east-1"};
  options.service.protocol = protocol;
  options.protocols = protocols;
  regions::World world(options);
  regions::Client west = world.client("us-west-2");
  if (!west.create_secret("production/DBWest", "hunter2", {"us-east-1"})) return "no secret";
  world.run_for(engine::Duration::seconds(5));
  return west.replica_status("production/DBWest", "us-east-1");
}

}  // namespace

int main() {
  const std::string context = kms::canonical_context({
      {"SecretARN", "arn:aws:example"}
  });
  std::printf("kms: a canonical context of %zu bytes\n", context.size());
  const std::string built_in = status_under("aws");
  const std::string own = status_under("lazy");
  std::printf("built-in protocol: %s\nown protocol: %s\nbuild: %s\n", built_in.c_str(), own.c_str(),
              std::string(regions::build_id()).c_str());
  return built_in == "InSync" && own == "InProgress" ? 0 : 1;
}
