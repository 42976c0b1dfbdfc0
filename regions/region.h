// Region: one AWS Region as an actor. It owns its store; the network is its only way to other
// regions.
//
// Lifetime   built by the World, destroyed by a crash with every operation in flight, built again
//            on the same disk.
// Invariants (1) a reply leaves only after its batch is synced, and after the time that a sync
//                takes.
//            (2) plaintext never reaches disk or wire.
//            (3) if the disk fails, the region says InternalServiceError and opens its store again
//                a little later, until it succeeds.
// Messages   every message between regions is the replication protocol's, and carries a code of
//            the channel's key over its type and body: one that was damaged on its way is dropped
//            ("damaged" in the trace) and never heard by the protocol.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/actor.h"
#include "engine/disk.h"
#include "engine/task.h"
#include "kms/kms.h"
#include "kms/primitives.h"
#include "proto/secrets_manager.pb.h"
#include "regions/account.h"
#include "regions/error.h"
#include "regions/kms_gateway.h"
#include "regions/replication/protocol.h"
#include "regions/secret_store.h"
#include "regions/services.h"

namespace faultline::regions {

class Observer;
class RotationFunctions;
class Rotator;

// What outlives a region's process: the World owns it.
struct RegionSurroundings {
  std::string name;
  Account& account;
  kms::Kms& kms;
  const KmsTroubles& kms_troubles;
  const ServiceConfig& config;
  const ProtocolFactory& protocol;
  const std::vector<std::string>& world_regions;
  // From which the keys of the channels between regions are derived.
  const kms::SecretBytes& channel_root;
  // An empty database, so that the first start need not make one.
  const engine::DiskImage& empty_database;
  // Null while nobody listens.
  Observer* const& observer;
  // Faults that make the next process of the region one of a binary that is too old for the store.
  const std::uint32_t& old_binaries;
  RotationFunctions& rotation_functions;
};

// Every message between regions ends with so many bytes that prove where it comes from and that
// nothing of it was changed on the way (HMAC-SHA-256, cut short).
inline constexpr std::size_t kFrameCodeBytes = 16;

class Region final : public engine::Actor, private ReplicationHost {
 public:
  using Reply = std::function<void(Result<v1::ApiResponse>)>;

  // Both outlive the region.
  Region(engine::ActorContext& ctx, RegionSurroundings& surroundings);
  ~Region() override;

  // The front door. The reply comes later in virtual time, exactly once, unless the region dies
  // first: then never.
  // Errors   UnrecognizedClientException while the region is not enabled; InternalServiceError
  //          while the store is closed.
  void call(Caller caller, v1::ApiRequest request, Reply reply);

  // A rotation function has ended (rotation/functions.h); nothing: well.
  void rotation_answered(std::uint64_t invocation, const std::optional<Error>& error);

  [[nodiscard]] SecretStore& secret_store() { return store_; }

  void on_start() override;
  void on_message(const engine::Message& message) override;
  void on_timer(std::uint64_t key) override;

 private:
  // ReplicationHost
  const std::string& region() const override;
  bool region_enabled() const override;
  const ServiceConfig& config() const override;
  engine::ActorContext& context() override;
  SecretStore& store() override;
  KmsGateway& kms() override;
  bool has_region(std::string_view region) const override;
  void send(std::string_view region, std::string_view type, std::string body) override;
  engine::TimerId set_timer(engine::Duration after, std::uint64_t key,
                            engine::TimerClass timer_class) override;
  void cancel_timer(engine::TimerId timer) override;
  const kms::SecretBytes& channel_key(std::string_view from, std::string_view to) override;
  engine::Duration sync_time() override;
  void store_failed(std::string_view message) override;

  void open();
  void close();
  [[nodiscard]] std::string frame_code(std::string_view from, std::string_view to,
                                       std::string_view type, std::string_view body);
  void arm_purges();
  void purge_what_is_due();
  engine::Task<void> serve(Caller caller, v1::ApiRequest request, Reply reply);

  engine::ActorContext& ctx_;
  RegionSurroundings& surroundings_;
  KmsGateway kms_;
  std::map<std::string, kms::SecretBytes, std::less<>> channel_keys_;
  std::map<std::string, kms::Hmac, std::less<>> frame_keys_;
  SecretStore store_;
  // Absent while the store is closed; rebuilt with it.
  std::unique_ptr<ReplicationProtocol> protocol_;
  std::unique_ptr<Rotator> rotator_;
  RegionServices services_;
  // How often the store was closed in a row, and when last.
  int closings_ = 0;
  engine::Instant last_closing_;
  // Numbers the protocols of this process, so that a timer of an earlier one is known.
  std::uint64_t protocol_life_ = 0;
  engine::TimerId purge_timer_ = 0;
};

}  // namespace faultline::regions
