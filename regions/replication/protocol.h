// ReplicationProtocol: how a secret's changes reach its replicas. The built-in one is "aws"; a user
// registers another under a name of its own and names it in a scenario (`service { protocol: "mine"
// }`).
//
// The API's side of the contract: an operation that changes a secret with links commits, in the
// same batch, every attached link with status InProgress and the new target_sequence; then it calls
// secret_changed(). An operation that removes a region commits the link as REMOVING. That committed
// intent is the outbox: whatever else a crash destroys, recover() finds it again.
//
// The protocol's side: bring the replica to the target sequence or say why not, by committing the
// link as InSync or Failed with a message (1 to 4,096 characters); erase a REMOVING link once the
// replica is gone; apply what other regions send; refuse what must not be applied. It holds no
// coroutine frames and no closures: its state is plain values driven by messages and timers.
//
// Determinism: a protocol sees the world through its ReplicationHost only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/actor.h"
#include "engine/keyed_random.h"
#include "engine/time.h"
#include "kms/secret_bytes.h"
#include "proto/storage.pb.h"

namespace faultline::regions {

class KmsGateway;
class SecretStore;
struct ServiceConfig;

// What a protocol may see and do, in one region. Outlives the protocol.
class ReplicationHost {
 public:
  virtual ~ReplicationHost() = default;

  [[nodiscard]] virtual const std::string& region() const = 0;
  // The account's answer for this region, now.
  [[nodiscard]] virtual bool region_enabled() const = 0;
  [[nodiscard]] virtual const ServiceConfig& config() const = 0;
  [[nodiscard]] virtual engine::ActorContext& context() = 0;
  [[nodiscard]] virtual SecretStore& store() = 0;
  [[nodiscard]] virtual KmsGateway& kms() = 0;

  // How the trace names another region; kNoActor if this world has none of that name.
  [[nodiscard]] engine::ActorId actor_of(std::string_view region);

  // Whether this world has such a region at all, enabled or not.
  [[nodiscard]] virtual bool has_region(std::string_view region) const = 0;
  // To the protocol of another region; lost if there is no such region, or if the network says so.
  // `type` names the message in the trace and must live as long as the program; `body` is never
  // plaintext.
  virtual void send(std::string_view region, std::string_view type, std::string body) = 0;
  // Calls on_timer(key) of this life of the region. A background timer does not keep a run going.
  virtual engine::TimerId set_timer(engine::Duration after, std::uint64_t key,
                                    engine::TimerClass timer_class) = 0;
  virtual void cancel_timer(engine::TimerId timer) = 0;
  // The key under which values travel between this region and another: equal at both ends, another
  // one for each direction.
  [[nodiscard]] virtual const kms::SecretBytes& channel_key(std::string_view from,
                                                            std::string_view to) = 0;
  // How long what was just committed takes to become durable; replies and acks leave no earlier.
  [[nodiscard]] virtual engine::Duration sync_time() = 0;
  // The store failed: the region opens it again, and this protocol ends with the life of the store.
  // Return at once after this.
  virtual void store_failed(std::string_view message) = 0;
};

class ReplicationProtocol {
 public:
  virtual ~ReplicationProtocol() = default;

  // Once, before anything else: the region (re)started; resume what the store says is owed.
  virtual void recover() = 0;
  // An operation has committed a change of this secret or of its links.
  virtual void secret_changed(const std::string& secret_name) = 0;
  // `type` and `body` as the other side gave them. A body that does not parse is dropped.
  virtual void on_message(std::string_view from_region, std::string_view type,
                          std::string_view body) = 0;
  virtual void on_timer(std::uint64_t key) = 0;
};

using ProtocolFactory = std::function<std::unique_ptr<ReplicationProtocol>(ReplicationHost&)>;

// Protocols by name. A value that a World is given; there is no global registry, so that two worlds
// cannot disturb each other.
class ProtocolRegistry {
 public:
  // With "aws".
  ProtocolRegistry();
  // Replaces one of the same name.
  void add(std::string name, ProtocolFactory factory);
  [[nodiscard]] const ProtocolFactory* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::vector<std::pair<std::string, ProtocolFactory>> protocols_;
};

}  // namespace faultline::regions
