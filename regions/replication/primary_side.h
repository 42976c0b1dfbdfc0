// PrimarySide: carries out what the ReplicaLinks of one region ask for: opens values, sends
// snapshots, keeps time, commits statuses; and sees to it that replicas of removed links go away.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/time.h"
#include "proto/replication.pb.h"
#include "proto/storage.pb.h"
#include "regions/defects.h"
#include "regions/replication/channel.h"
#include "regions/replication/protocol.h"
#include "regions/replication/replica_link.h"
#include "regions/replication/timer_keys.h"

namespace faultline::regions {

class PrimarySide {
 public:
  // Both outlive this.
  PrimarySide(ReplicationHost& host, Channel& channel) : host_(host), channel_(channel) {}

  enum class Since { Change, Restart };
  // Reads what the store says is owed to the replicas of this secret, and goes on from there.
  void resume(const std::string& secret_name, Since since);

  void on_ack(std::string_view from, const v1::ReplicateAck& ack);
  void on_nack(std::string_view from, const v1::ReplicateNack& nack);
  void on_detached(std::string_view from, const v1::ReplicaDetached& detached);
  void on_removal_ack(std::string_view from, const v1::RemoveReplicaAck& ack);
  void on_timer(TimerPurpose purpose, std::uint64_t id);

 private:
  // (secret, replica region): at most one attached link each.
  using Place = std::pair<std::string, std::string>;
  struct Link {
    std::uint64_t id;
    std::string secret_name;
    // As committed last.
    v1::StoredLink record;
    ReplicaLink machine;
    engine::TimerId preparing = 0;
    engine::TimerId retry = 0;
    // Serialised, once it is prepared.
    std::string snapshot{};
    // What the last one said of overwriting.
    bool sent_with_force = false;
    // With D20: when the retry timer may fire, by the wall clock.
    std::int64_t deadline_unix_ns = 0;
  };
  struct Removal {
    std::string secret_name;
    v1::StoredLink record;
    std::uint32_t attempts = 0;
    engine::TimerId timer = 0;
  };

  void resume_link(const std::string& secret_name, v1::StoredLink record, Since since);
  void resume_removal(const std::string& secret_name, v1::StoredLink record);
  Link* find(std::string_view from, const v1::LinkId& link);
  void run(Link& link, std::string_view event, const ReplicaLink::Outcome& outcome);
  void carry_out(Link& link, ReplicaLink::Effect effect);
  void prepare(Link& link);
  void finish_preparing(Link& link);
  // False: the machine or the host has been told why not.
  bool seal_values(Link& link, const v1::StoredSecret& secret, v1::Replicate& snapshot);
  void send(Link& link);
  void set_retry_timer(Link& link);
  void stop_timers(Link& link);
  void commit_status(Link& link, v1::StoredLink::Status status, const std::string& message);
  void erase(Link& link);
  void drop(Link& link);
  void ask_for_removal(std::uint64_t id, Removal& removal);
  void forget_removal(std::uint64_t id, const Removal& removal);
  // What a failure at a key is to be called.
  [[nodiscard]] std::string told(const std::string& message) const;
  [[nodiscard]] bool has(Defect defect) const;

  ReplicationHost& host_;
  Channel& channel_;
  std::map<Place, Link> links_;
  std::map<std::uint64_t, Place> link_by_id_;
  std::map<std::uint64_t, Removal> removals_;
  std::uint64_t last_id_ = 0;
};

// The values of one version that `snapshot` must carry: labelled, with a value, and not yet held by
// the replica.
[[nodiscard]] bool must_travel(const v1::VersionInfo& version, std::uint64_t acked_sequence);

}  // namespace faultline::regions
