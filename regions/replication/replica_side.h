// ReplicaSide: carries out what the ReplicaCopies of one region ask for: judges offers, seals
// values under this region's own keys, commits, acknowledges what is durable; and removes replicas.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/replication.pb.h"
#include "proto/storage.pb.h"
#include "regions/defects.h"
#include "regions/kv_store.h"
#include "regions/replication/channel.h"
#include "regions/replication/judgement.h"
#include "regions/replication/protocol.h"
#include "regions/replication/replica_copy.h"
#include "regions/replication/timer_keys.h"

namespace faultline::regions {

class Transaction;

class ReplicaSide {
 public:
  // Both outlive this.
  ReplicaSide(ReplicationHost& host, Channel& channel) : host_(host), channel_(channel) {}

  // Tells the old primaries of promotions, of which they may not have heard.
  void recover();
  void on_replicate(std::string_view from, v1::Replicate offer);
  void on_remove(std::string_view from, const v1::RemoveReplica& request);
  // An operation has changed the secret of this name here: it may have been promoted.
  void secret_changed(const std::string& secret_name);
  void on_detached_ack(std::string_view from, const v1::ReplicaDetachedAck& ack);
  void on_timer(TimerPurpose purpose, std::uint64_t id);

 private:
  struct Copy {
    std::uint64_t id;
    ReplicaCopy machine;
    // The offer that is being worked on.
    v1::Replicate offer;
    std::string from;
    engine::TimerId timer = 0;
  };
  struct Reply {
    std::string to;
    std::string body;
  };
  struct Detachment {
    std::string to;
    v1::LinkId link;
    std::uint32_t attempts = 0;
    engine::TimerId timer = 0;
  };
  struct Held {
    // nullptr: none of this name.
    std::shared_ptr<const v1::StoredSecret> secret;
    bool has_replicas = false;
    std::optional<v1::StoredTombstone> tombstone;
  };

  StoreResult<Held> held(const v1::LinkId& link);
  // Whether the offer goes on from what is held: it is the replica of that very link. A link that was
  // made anew brings everything anew, sealed by the key that was asked for then.
  [[nodiscard]] bool goes_on(const Held& held, const v1::LinkId& link) const;
  [[nodiscard]] Judgement judge_offer(const v1::Replicate& offer, const Held& held);
  Copy& copy_of(const std::string& secret_name, const Held& held);
  // Drops the copy if it rests.
  void run(const std::string& secret_name, Copy& copy, std::string_view event,
           const ReplicaCopy::Outcome& outcome);
  void ask_for_keys(const std::string& secret_name, Copy& copy, const Held& held);
  void apply(const std::string& secret_name, Copy& copy);
  void cancel(const std::string& secret_name);
  // What the secret becomes; the values go into the transaction. A Refuse says why not.
  Judgement seal_values(const Copy& copy, const v1::StoredSecret& secret, const Held& held,
                        Transaction& transaction);
  [[nodiscard]] v1::StoredSecret merged(const Copy& copy, const Held& held) const;
  void tell_of_promotion(const v1::StoredSecret& promoted);
  void send_detached(std::uint64_t id, Detachment& detachment);
  // With D11.
  void leave_shell(v1::StoredSecret secret);
  [[nodiscard]] bool has(Defect defect) const;
  void acknowledge(std::string_view to, const v1::LinkId& link, std::uint64_t sequence,
                   std::int64_t last_accessed_day);
  void refuse(std::string_view to, const v1::Replicate& offer, const Judgement& judgement);

  ReplicationHost& host_;
  Channel& channel_;
  std::map<std::string, Copy> copies_;
  std::map<std::uint64_t, std::string> copy_by_id_;
  std::map<std::uint64_t, Reply> replies_;
  // Promotions that the old primary has been told of in this life, by its ARN; the generation.
  std::map<std::string, std::uint64_t> told_;
  // Those of them that it has not confirmed.
  std::map<std::uint64_t, Detachment> detachments_;
  std::uint64_t last_id_ = 0;
};

}  // namespace faultline::regions
